"""Longer texts about a group: the evidence in bits, what the sync would do step by step, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reconcile_tui.model import Ref
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.dialogs.notice import Reader
from reconcile_tui.tui.line import Line, paragraphs, wrapped
from reconcile_tui.tui.review.view import GroupView
from reconcile_tui.tui.words import clock, record_name, said

if TYPE_CHECKING:
    from reconcile_tui.project import RecordType
    from reconcile_tui.tui.app import ReconcileApp
    from reconcile_tui.workspace import Workspace
    from reconcile_tui.workspace.ledger import LedgerCell

WIDE = 90
"""Cells from which the bars have their full length."""
WAITING = [Line("One moment …", "dim")]


def show_why(app: ReconcileApp, view: GroupView) -> None:
    """Bits per field, as bars that add up to the score; computed beside the screens."""
    reader = Reader(f"Why these records: {view.row.title}", lambda width: WAITING)
    app.ask(reader)

    def answered(answer: dict[str, Any]) -> None:
        if "result" in answer:
            reader.replace(lambda width: why_lines(answer["result"], view, width))
        else:
            reader.replace(lambda width: paragraphs(str(answer["error"]), width))

    app.question("why", {"group": view.row.id}, answered)


def why_lines(explanations: Sequence[dict[str, Any]], view: GroupView, width: int) -> list[Line]:
    """One waterfall a pair."""
    lines: list[Line] = paragraphs("Each bit doubles the odds that two records are one person; minus bits halve them.", width, "dim")
    for explanation in explanations:
        left, right = (Ref.from_json(explanation[side]) for side in ("left", "right"))
        names = " ~ ".join(f"{_number(view, ref)} {record_name(ref)}" for ref in (left, right))
        lines += [Line(), Line(names, "title"), Line()]
        fields = explanation["fields"]
        widest = max((abs(f["bits"]) for f in fields), default=1.0) or 1.0
        for field in fields:
            lines.append(_bits(field, widest, width))
        total = Line("  ").label("together", 15, "strong").label(f"{explanation['score_bits']:+.1f}", 6, "strong", right=True)
        lines.append(total.add(f" bits = probability {explanation['probability']:.4f}"))
        if explanation.get("note"):
            lines += [Line("  ").value(explanation["note"], "dim")]
    return lines


def _bits(field: dict[str, Any], widest: float, width: int) -> Line:
    bits = float(field["bits"])
    room, level = (14, 24) if width >= WIDE else (7, 14)
    cells = min(room, round(abs(bits) / widest * room))
    line = Line("  ").label(str(field["field"]).replace("_", " "), 15).label(f"{round(bits, 1) + 0.0:+.1f}", 6, right=True).add(" ")
    if bits < 0:
        line.add(" " * (room - cells)).add(glyphs.FULL * cells, "differs").add(glyphs.BAR, "rule").add(" " * room)
    else:
        line.add(" " * room).add(glyphs.BAR, "rule").add(glyphs.FULL * cells, "taken").add(" " * (room - cells))
    line.add(" ").label(str(field.get("level", "")), level, "dim").add(" ")
    left, right = (glyphs.EMPTY if field.get(side) is None else str(field[side]) for side in ("left", "right"))
    if left == right:
        return line.cell(left if left != glyphs.EMPTY else "", max(0, width - line.width))
    each = max(4, (width - line.width - 3) // 2)
    return line.cell(left, min(each, Line().value(left).width)).add(" ~ ", "dim").cell(right, each)


def _number(view: GroupView, ref: Ref) -> str:
    return next((str(n) for n, column in enumerate(view.columns, 1) if column.record.ref == ref), "")


def show_forecast(app: ReconcileApp, view: GroupView, field: str = "", key: int = -1) -> None:
    """How the sync would lose a value of this group, as a walk: that of the selected cell first, if it is at stake."""
    from reconcile_tui.tui.dialogs.notice import Notice
    from reconcile_tui.tui.dialogs.walk import Walk

    if app.guided and app.holds_writable():
        app.workspace.settings.set("tui.guide.looked", True)
    at_stake = [group for group in view.ledger if group.cells]
    left_out = not_forecast(app.workspace, view.record_type)
    if not at_stake:
        sentences = ["The sync would overwrite nothing in this group.", *([left_out] if left_out else [])]
        app.ask(Notice(f"What the sync would do: {view.row.title}", sentences))
        return
    places = [(group, number) for group in at_stake for number in range(len(group.cells))]
    group, number = max(places, key=lambda place: _nearness(place[0].cells[place[1]], field, key))
    app.ask(Walk(f"What the sync would do: {view.row.title}", group.record_type, group.records, number=number, note=left_out))


def not_forecast(workspace: Workspace, record_type: RecordType) -> str:
    """Which fields no forecast tells of, for a column they are mapped to is not there; empty when there are none."""
    from reconcile_tui.steps.forecasting.records import missing_columns

    names = dict.fromkeys(field.label for field, _, _ in missing_columns(workspace, record_type))
    return f"! Not forecast, for a mapped column is not there (F3 names it): {', '.join(names)}" if names else ""


def _nearness(cell: LedgerCell, field: str, key: int) -> tuple[bool, bool]:
    """How near a value at stake is to the selected cell; of equally near ones the first is taken."""
    return cell.field == field, cell.field == field and cell.record_key == key


def show_history(app: ReconcileApp, view: GroupView) -> None:
    """Every decision on the group, newest first, with what is no longer in force."""

    def draw(width: int) -> list[Line]:
        undone = app.workspace.decisions.undone()
        lines = []
        for decision in app.workspace.decisions.log(view.row.id):
            gone = decision.seq in undone
            line = Line(clock(decision.at), "dim").add("  ").cell(decision.author, 14).add(" ")
            indent = line.width
            first, *rest = wrapped(said(decision), width - indent - (13 if gone else 0), *(("dim",) if gone else ()))
            lines += [line.join(first).add("   taken back" if gone else "", "warn"), *(Line().to(indent).join(more) for more in rest)]
            if decision.note and decision.kind != "note":
                lines += wrapped(decision.note, width, "dim", indent=indent)
        return lines or [Line("Nothing was decided on this group yet.", "dim")]

    app.ask(Reader(f"History: {view.row.title}", draw))
