"""The queue: groups in order, each with what it is and what is at stake."""

from __future__ import annotations

from reconcile_tui.tui.actions import bindings
from reconcile_tui.tui.board import Board
from reconcile_tui.tui.glyphs import MORE
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.review.order import Order, compressed
from reconcile_tui.tui.words import CLASSES, state_sign
from reconcile_tui.workspace.matches import GroupRow

FIXED = 2 + 1 + 5 + 5 + 2
"""Cells that don't stretch: sign, source, number and gaps."""
SHORT = {"shared_mailbox": "mailbox", "lead_contact": "lead", "chain": "chain", "collision": "collision"}
"""Classes in a word, where the class says more than the fields."""


class Queue(Board):
    """A virtual list of groups. Actions of the place `queue` are carried out by the screen."""

    BINDINGS = bindings("queue")
    head_lines = 1

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="queue")
        self.order: Order | None = None
        self.marked: set[str] = set()
        self.labels: dict[str, str] = {}

    def show(self, order: Order, *, cursor: int) -> None:
        """Show another order."""
        self.order = order
        self.set_count(len(order), cursor=cursor)

    @property
    def row(self) -> GroupRow | None:
        """The line under the cursor."""
        return self.order.line(self.cursor) if self.order else None

    def _widths(self, width: int) -> tuple[int, int]:
        """Cells of the name and of what differs."""
        rest = width - FIXED
        name = max(12, min(32, round(rest * 0.58)))
        return name, max(0, rest - name)

    @property
    def by_score(self) -> bool:
        """Whether the number shown is the score: where the order is about it."""
        return self.order is not None and self.order.order in ("score", "uncertainty")

    def draw_head(self, y: int, width: int) -> Line:
        """Names of the columns."""
        name, rest = self._widths(width)
        line = Line("  ").label("who", name, "head").add(" ").label("from", 5, "head")
        return line.label("score" if self.by_score else "risk", 5, "head", right=True).add("  ").label("differs", rest, "head")

    def draw(self, index: int, width: int) -> Line:
        """One group."""
        row = self.order.line(index) if self.order else None
        if row is None:
            return Line(f"  {MORE}", "dim")
        name, rest = self._widths(width)
        sign, role = ("+", "key") if row.id in self.marked else state_sign(row.state, row.outcome)
        done = "dim" if row.state in ("decided", "skipped") else ""
        line = Line(sign, role).add(" ").cell(row.title, name, done or ("strong" if index == self.cursor else ""))
        line.add(" ").label(compressed(row.systems), 5, "dim")
        if self.by_score:
            line.label(f"{row.score:.2f}", 5, done, right=True)
        else:
            line.label(
                f"{row.cells_at_risk:,}" if row.cells_at_risk else "·", 5, done or ("warn" if row.cells_at_risk else "dim"), right=True
            )
        return line.add("  ").label(self._what(row), rest, done or ("" if row.klass in SHORT else "differs" if row.differs else "dim"))

    def _what(self, row: GroupRow) -> str:
        what = SHORT.get(row.klass) or self._fields(row) or CLASSES.get(row.klass, row.klass)
        return f"@{row.assignee} {what}" if row.assignee else what

    def _fields(self, row: GroupRow) -> str:
        return ", ".join(self.labels.get(name, name.replace("_", " ")) for name in row.differs)

    def copy_value(self) -> str:
        """The group's title."""
        return self.row.title if self.row else ""

    def copy_record(self) -> str:
        """The group's id and title."""
        return f"{self.row.id}\t{self.row.title}" if self.row else ""

    def action_act(self, action_id: str) -> None:
        """Cursor keys are the list's own; the rest is the screen's."""
        if action_id.startswith("list."):
            super().action_act(action_id)
        else:
            self.screen.action_act(action_id)  # type: ignore[attr-defined]
