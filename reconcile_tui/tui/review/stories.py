"""Longer texts about a group: the evidence in bits, what the sync would do step by step, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reconcile_tui.model import Ref
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.dialogs.notice import Reader
from reconcile_tui.tui.line import Line, paragraphs, wrapped
from reconcile_tui.tui.review.view import GroupView
from reconcile_tui.tui.words import clock, plural, record_name, said

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp

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
        total = Line("  ").label("together", 16, "strong").label(f"{explanation['score_bits']:+.1f}", 7, "strong", right=True)
        lines.append(total.add(f" bits = probability {explanation['probability']:.4f}"))
        if explanation.get("note"):
            lines += [Line("  ").value(explanation["note"], "dim")]
    return lines


def _bits(field: dict[str, Any], widest: float, width: int) -> Line:
    bits = float(field["bits"])
    room = 14
    cells = min(room, round(abs(bits) / widest * room))
    line = Line("  ").label(str(field["field"]).replace("_", " "), 16).label(f"{bits:+.1f}", 7, right=True).add(" ")
    if bits < 0:
        line.add(" " * (room - cells)).add(glyphs.FULL * cells, "differs").add(glyphs.BAR, "rule").add(" " * room)
    else:
        line.add(" " * room).add(glyphs.BAR, "rule").add(glyphs.FULL * cells, "taken").add(" " * (room - cells))
    line.add(" ").label(str(field.get("level", "")), 18, "dim")
    left, right = field.get("left"), field.get("right")
    if left is not None or right is not None:
        each = max(8, (width - line.width - 3) // 2)
        line.cell(left if left is not None else glyphs.EMPTY, each).add(" ~ ", "dim").cell(
            right if right is not None else glyphs.EMPTY, each
        )
    return line


def _number(view: GroupView, ref: Ref) -> str:
    return next((str(n) for n, column in enumerate(view.columns, 1) if column.record.ref == ref), "")


def show_forecast(app: ReconcileApp, view: GroupView) -> None:
    """Every cell the sync would overwrite, then the story step by step, told beside the screens."""
    reader = Reader(f"What the sync would do: {view.row.title}", lambda width: forecast_lines(app, view, WAITING, width))
    app.ask(reader)
    if app.guided and app.holds_writable():
        app.workspace.settings.set("tui.guide.looked", True)
    if not view.ledger:
        reader.replace(lambda width: forecast_lines(app, view, [], width))
        return

    def answered(answer: dict[str, Any]) -> None:
        story = [line for text in str(answer.get("result", answer.get("error"))).splitlines() for line in _told(text)]
        reader.replace(lambda width: forecast_lines(app, view, story, width))

    app.question("witness", {"group": view.row.id}, answered)


def _told(text: str) -> list[Line]:
    return wrapped(text.strip(), 100, indent=len(text) - len(text.lstrip()))


def forecast_lines(app: ReconcileApp, view: GroupView, story: Sequence[Line], width: int) -> list[Line]:
    """The ledger of the group: now -> what it may become, and how sure."""
    cells = [cell for group in view.ledger for cell in group.cells]
    if not cells:
        return [Line("The sync would overwrite nothing in this group.", "good")]
    refs = app.workspace.records.refs({cell.record_key for cell in cells} | {k for cell in cells for k in cell.overwritten_by})
    profile = (app.workspace.forecasts.totals("now") or {}).get("profile", "")
    lines = [
        Line(f"If the sync were launched today (profile {profile}), {plural(len(cells), 'cell')} would be overwritten.", "warn"),
        Line(),
    ]
    for cell in cells:
        sure = "in every order of saves" if cell.certainty == "certain" else "depending on who is saved last"
        lines.append(
            Line().label(cell.field.replace("_", " "), 16, "strong").add(f"of {record_name(refs[cell.record_key])}, {sure}", "dim")
        )
        line = (
            Line("  ")
            .value(cell.value_now if cell.value_now is not None else glyphs.EMPTY, "differs", longest=60)
            .add(f" {glyphs.ARROW} ", "dim")
        )
        for number, value in enumerate(cell.after):
            line.add(" or " if number else "", "dim").value(value if value is not None else glyphs.EMPTY, longest=60)
        lines.append(line)
    return [*lines, Line(), Line("How it comes to that", "title") if story else Line(), *story]


def show_history(app: ReconcileApp, view: GroupView) -> None:
    """Every decision on the group, newest first, with what is no longer in force."""

    def draw(width: int) -> list[Line]:
        undone = app.workspace.decisions.undone()
        lines = []
        for decision in app.workspace.decisions.log(view.row.id):
            line = Line(clock(decision.at), "dim").add("  ").cell(decision.author, 14).add(" ")
            line.value(said(decision), *(("dim",) if decision.seq in undone else ()))
            lines.append(line.add("   taken back", "warn") if decision.seq in undone else line)
            if decision.note and decision.kind != "note":
                lines.append(Line().to(18).value(decision.note, "dim"))
        return lines or [Line("Nothing was decided on this group yet.", "dim")]

    app.ask(Reader(f"History: {view.row.title}", draw))
