"""The writes of a plan as a list, and one of them in full."""

from __future__ import annotations

from typing import Any

from reconcile_tui.display import safe_text
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.board import Board
from reconcile_tui.tui.chrome import separator
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.words import short_id, system_name

UNDO = {
    "full": (glyphs.DONE, "good", "can be undone"),
    "partial": ("±", "warn", "can be undone in part"),
    "none": (glyphs.FAILED, "bad", "can't be undone"),
}


NAME, NAME_NARROW = 34, 24
"""Cells of the record's column, on a wide terminal and on one of 80 cells."""
WIDE = 100


def _columns(width: int) -> tuple[int, int]:
    """Cells of the record and of the change."""
    name = NAME if width >= WIDE else NAME_NARROW
    return name, max(0, width - 6 - 10 - 10 - name - 6)


class Writes(Board):
    """The writes of a plan, then the groups that are blocked."""

    head_lines = 1

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="writes")
        self.writes: list[Any] = []
        self.blocked: list[tuple[str, str]] = []
        self.titles: dict[str, str] = {}

    @property
    def write(self) -> Any | None:
        """The write under the cursor."""
        return self.writes[self.cursor] if self.cursor < len(self.writes) else None

    @property
    def group(self) -> str:
        """The group of the line under the cursor."""
        if self.write is not None:
            return str(self.write.group)
        place = self.cursor - len(self.writes)
        return self.blocked[place][0] if 0 <= place < len(self.blocked) else ""

    def title(self, group: str) -> str:
        """A name to recognise a group by."""
        if group and group not in self.titles:
            row = self.app.workspace.matches.row(group)  # type: ignore[attr-defined]
            self.titles[group] = row.title if row else group
        return self.titles.get(group, "")

    def draw_head(self, y: int, width: int) -> Line:
        """Names of the columns."""
        name, change = _columns(width)
        line = Line().label("   #", 6, "head").label("system", 10, "head").label("write", 10, "head").label("record", name, "head")
        return line.label("change", change, "head").label(" undo", 6, "head")

    def draw(self, index: int, width: int) -> Line:
        """One write, or one blocked group."""
        name, room = _columns(width)
        if index >= len(self.writes):
            group, reason = self.blocked[index - len(self.writes)]
            return (
                Line("   ! ", "undecided")
                .label(" blocked", 21, "warn")
                .cell(self.title(group), name - 1)
                .add(" ")
                .cell(reason, max(0, width - 26 - name), "warn")
            )
        from reconcile_tui.stewardship.document import KINDS

        write = self.writes[index]
        sign, role, _ = UNDO[write.undo]
        line = Line().label(f"{write.seq:,}", 5, "dim", right=True).add(" ").label(system_name(write.system), 10)
        line.label(write.kind, 10, "differs" if write.kind == "merge" else "")
        if not write.records():
            line.cell(write.table, name - 1).add(" ")
        else:
            line.cell(f"{short_id(write.id)} {self.title(write.group)}", name - 1).add(" ")
        change = f"{short_id(write.lose)} is merged into it" if write.lose else ", ".join(write.leaves)
        if not write.records():
            change = f"{KINDS[write.kind]}: {write.id}"
        return line.cell(change, room, "dim").label(f"  {sign}", 6, role)

    def copy_value(self) -> str:
        """The write as JSON."""
        return self.copy_record()

    def copy_record(self) -> str:
        """The write as the plan file holds it."""
        import json

        plan = getattr(self.screen, "plan", None)
        if self.write is None or plan is None:
            return ""
        return json.dumps(self.write.as_json(plan.targets[self.write.system]), ensure_ascii=False, indent=2)


def write_lines(plan: Any, write: Any, width: int) -> list[Line]:
    """Request, values before and after with the reason of each, and what must be written first."""
    from reconcile_tui.stewardship.document import KINDS

    document = write.as_json(plan.targets[write.system])
    sign, _role, undo = UNDO[write.undo]
    lines = [separator(width, f"Write {write.seq}", f"{sign} {undo}")]
    lines.append(Line(f"{document['method']} ", "strong").cell(document["url"], width - 8))
    if not write.records():
        lines += wrapped(f"{KINDS[write.kind]}: {write.id} on {write.table}", width)
    lines += [_leaf(write, name, width) for name in sorted(write.leaves, key=lambda name: _stays(write, name))]
    if write.lose:
        lines.append(Line("  ").cell(write.lose, 40).add(" is merged into ", "warn").cell(write.id, 40))
    if write.depends_on:
        lines.append(Line(f"  after write {', '.join(map(str, write.depends_on))}", "dim"))
    return lines


def _stays(write: Any, name: str) -> bool:
    """Whether the value is written as it stands."""
    return _shown(write.expects.get(name)) == _shown(write.leaves[name])


def _leaf(write: Any, name: str, width: int) -> Line:
    """One value before and after, and why; what stays the same is quiet."""
    before, same = write.expects.get(name), _stays(write, name)
    role = "dim" if same else "differs" if before not in (None, "") else "empty"
    line = Line("  ").cell(name, 24, "dim").cell(_shown(before), (width - 40) // 2, role)
    line.add(f" {glyphs.SAME if same else glyphs.ARROW} ", "dim").cell(
        _shown(write.leaves[name]), (width - 40) // 2, "dim" if same else "result"
    )
    return line.cell(write.why.get(name, ""), 12, "dim")


def _shown(value: Any) -> str:
    if value is None or value == "":
        return f"{glyphs.EMPTY} empty"
    return safe_text(value)
