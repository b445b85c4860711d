"""The lines below the grid: the selected field in full, why this group, what stands in the way, what the sync would do."""

from __future__ import annotations

from collections.abc import Sequence

from reconcile_tui.model import Record, Ref
from reconcile_tui.stewardship.entities import Golden
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.chrome import separator
from reconcile_tui.tui.glyphs import DOT
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.review.view import Column, FieldRow, GroupView
from reconcile_tui.tui.words import CLASSES, OUTCOMES, RULES, day, plural, record_name

LABEL = 12
EDITOR = 30
"""Characters shown of the name of who saved a record last."""
CHANGES = 3
"""Values changed since a decision that are named; `show` on the command line has them all."""


def details(view: GroupView, row: FieldRow | None, column: Column | None, width: int, height: int, after: int | None = None) -> list[Line]:
    """As many lines as fit, the most pressing first."""
    head = _field_lines(view, row, column, width) if row is not None else []
    tail = [*_problems(view, width), _why(view), *_forecast(view, after), *_excluded(view), *_notes(view, width)]
    if decided := _decided(view):
        tail.append(decided)
    room = height - len(tail)
    if len(head) > room and row is not None:
        head = _field_lines(view, row, column, width, selected_first=True)[: max(1, room)]
    return [*head, *tail]


def legend() -> Line:
    """The signs in one line."""
    line = Line()
    for sign, role, word in (
        (glyphs.TAKEN, "taken", "taken"),
        (glyphs.SAME, "same", "same as RESULT"),
        (glyphs.DIFFERS, "differs", "differs"),
        (glyphs.EMPTY, "empty", "empty"),
        (glyphs.SURVIVOR, "strong", "stays"),
        ("▲", "warn", "at risk"),
    ):
        line.add(f"{sign} ", role).add(f"{word}   ", "dim")
    return line


def _label(text: str, role: str = "dim") -> Line:
    return Line().label(text, LABEL, role)


def _field_lines(view: GroupView, row: FieldRow, column: Column | None, width: int, *, selected_first: bool = False) -> list[Line]:
    person = max(0, column.person) if column else 0
    golden = row.results[min(person, len(row.results) - 1)]
    lines = [separator(width, row.field.label, _origin(view, golden))]
    lines += _value("RESULT", golden.value, width, "result", glyphs.TYPED if golden.rule == "typed" else "")
    numbered = list(enumerate(zip(view.columns, row.cells, strict=True), 1))
    if selected_first:
        numbered.sort(key=lambda item: item[1][0] is not column)
    for number, (other, cell) in numbered:
        if cell.mark == "unmapped":
            continue
        role = "key" if other is column else "dim"
        lines += _value(
            f"{number}", cell.value, width, {"differs": "differs", "alike": "alike"}.get(cell.mark, "same"), "", _saved(other.record), role
        )
    return lines


def _saved(record: Record) -> list[Line]:
    """Which record a value is from, when it was last saved and by whom, from the fullest to the shortest form."""
    name = record_name(record.ref)
    if not record.modified_at:
        return [Line(name, "dim")]
    when = f"saved {day(record.modified_at)}"
    plain = Line(f"{name}, {when}", "dim")
    if not record.modified_by:
        return [plain]
    told = [Line(text, "dim").add(" by ", "dim").value(record.modified_by, "dim", longest=EDITOR) for text in (f"{name}, {when}", when)]
    return [*told, plain]


def _value(
    label: str, value: str | None, width: int, role: str, sign: str = "", notes: Sequence[Line] = (), label_role: str = "dim"
) -> list[Line]:
    room = width - LABEL
    shown = wrapped(value, room, role, limit=3) if value is not None else [Line(f"{glyphs.EMPTY} empty", "empty")]
    first = _label(label, label_role)
    if sign:
        first.add(f"{sign} ", "typed")
    first.join(shown[0])
    if note := next((note for note in notes if first.width + note.width + 2 <= width), None):
        first.right(note, width)
    return [first, *(Line().to(LABEL).join(line) for line in shown[1:])]


def _origin(view: GroupView, golden: Golden) -> str:
    rule = RULES.get(golden.rule, golden.rule)
    source = _number(view, golden.source)
    said = f"{rule} by {golden.by}" if golden.by else f"rule: {rule}" if rule else ""
    return " · ".join(part for part in (f"from {source}" if source else "", said) if part)


def _number(view: GroupView, ref: Ref | None) -> str:
    return next((str(n) for n, column in enumerate(view.columns, 1) if column.record.ref == ref), "") if ref else ""


def _problems(view: GroupView, width: int) -> list[Line]:
    lines = []
    for problem in view.resolution.problems:
        word, role = ("Blocked", "undecided") if problem.blocks else ("Note", "warn")
        first, *rest = wrapped(problem.text, width - LABEL, limit=2)
        lines += [_label(f"! {word}", role).join(first), *(Line().to(LABEL).join(line) for line in rest)]
    return lines


def _why(view: GroupView) -> Line:
    row, line = view.row, _label("Why")
    if row.klass == "shared_mailbox":
        line.add("different people at one address")
    else:
        line.add(f"{row.score:.0%}".replace("%", " %"), "strong").add(f" one person {DOT} {CLASSES.get(row.klass, row.klass)}")
    return line.add("   w", "key").add(" shows the evidence", "dim")


def _forecast(view: GroupView, after: int | None) -> list[Line]:
    cells = [cell for group in view.ledger for cell in group.cells]
    line = _label("Sync today")
    if not cells:
        return [line.add("overwrites nothing here", "good")]
    certain = sum(cell.certainty == "certain" for cell in cells)
    number = plural(len(cells), "cell")
    if certain == len(cells):
        line.add(f"overwrites {number} in every order of saves", "warn")
    elif certain:
        line.add(f"overwrites {certain} of {number} for sure, the rest by order", "warn")
    else:
        line.add(f"overwrites {number}, depending on who is saved last", "warn")
    line.add("   f", "key").add(" how", "dim")
    if after is None:
        return [line]
    then = _label("Afterwards")
    if not after:
        return [line, then.add("nothing would be overwritten any more", "good")]
    return [line, then.add(f"{plural(after, 'cell')} would still be overwritten", "warn")]


def _excluded(view: GroupView) -> list[Line]:
    names = [_number(view, ref) for ref in view.resolution.excluded]
    return [_label("Excluded").add(f"record {', '.join(names)} stays out of the sync")] if names else []


def _notes(view: GroupView, width: int) -> list[Line]:
    """The newest note, and who has the group."""
    lines = []
    if view.row.assignee:
        lines.append(_label("Assigned").add("to ", "dim").value(view.row.assignee))
    if view.notes:
        note, more = view.notes[-1], len(view.notes) - 1
        tail = Line().add("  ").value(note.author, "dim").add(f" {DOT} {more} more" if more else "", "dim")
        tail.add("   H", "key").add(" tells all", "dim")
        room = max(10, width - LABEL - tail.width)
        lines.append(_label("Note").cell(note.note, min(Line().value(note.note).width, room)).join(tail))
    return lines


def _decided(view: GroupView) -> Line | None:
    resolution = view.resolution
    if view.row.state == "changed":
        line = _label("Changed", "differs").add("since it was decided: ")
        for number, change in enumerate(view.changes[:CHANGES]):
            line.add("; " if number else "").add(f"{_number(view, change.ref)} {change.field} ", "dim")
            line.value(change.decided_on or glyphs.EMPTY, longest=40).add(" → ").value(change.now or glyphs.EMPTY, longest=40)
        return line.add(f" and {len(view.changes) - CHANGES} more" if len(view.changes) > CHANGES else "").add(". Look again and decide.")
    if not resolution.decided:
        return None
    line = _label("Decided", "good").add(OUTCOMES.get(resolution.outcome, resolution.outcome), "strong")
    if resolution.by:
        line.add(" by ", "dim").value(resolution.by, "dim")
    line.add("   z", "key").add(" takes back", "dim")
    return line
