"""Carrying out one act on the open group, and going on to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconcile_tui.errors import ReconcileError
from reconcile_tui.model import Ref
from reconcile_tui.tui.review import deciding
from reconcile_tui.tui.review.base import ReviewParts
from reconcile_tui.tui.words import OUTCOMES
from reconcile_tui.workspace.decisions import now


class Carrying(ReviewParts):
    """What every act on a group needs. Each is local, kept at once, and undone with z."""

    def _act(self, told: str, act: Callable[[str], None], *, keep: bool = True) -> bool:
        """One act on the open group; a refusal is said, and nothing has changed then."""
        assert self.view is not None  # noqa: S101 (every action here needs a group)
        group, before = self.view.row.id, self.view.row.state
        try:
            act(group)
        except ReconcileError as error:
            self.app.tell(str(error), kind="why")
            return False
        self.app.changed()
        if self.queue.order is not None:
            self.queue.order.forget(self.queue.cursor)
        self.queue.redraw_line(self.queue.cursor)
        after = self.workspace.matches.row(group)
        self.tally.moved(before, after.state if after else before, "" if keep else now())
        if keep:
            self.show_view(group, keep=True)
            self.refresh_frame()
        if told:
            self.app.tell(told)
        return True

    def _decide(self, outcome: str, details: dict[str, Any] | None = None) -> None:
        """Decide and go on to the next group."""
        assert self.view is not None  # noqa: S101
        title = self.view.row.title
        if self._act("", lambda group: deciding.outcome(self.workspace, group, outcome, details), keep=False):
            self.app.tell(f"{OUTCOMES.get(outcome, outcome)}: {title}   (z takes it back)")
            self.do_next()

    @property
    def _person(self) -> Ref | None:
        """A record of the person whose RESULT is worked on; None when there is only one."""
        if self.view is None or self.view.people < 2:
            return None
        return self.view.resolution.entities[self.grid.person].members[0]

    def _field(self) -> str | None:
        row = self.grid.field_row
        if row is None:
            self.app.tell("Move to a field first.", kind="why")
        return row.field.name if row else None

    def do_next(self) -> None:
        """Next undecided group."""
        order = self.queue.order
        index = order.next_undecided(self.queue.cursor) if order is not None else None
        if order is None or index is None:
            self.app.tell("Everything in this queue is decided. F7 makes the plan.")
            self.show_view(self.view.row.id if self.view else None, keep=True)
            self.refresh_frame()
            return
        self._go(index)

    def do_previous(self) -> None:
        """Undecided group before this one."""
        index = self.queue.order.previous_undecided(self.queue.cursor) if self.queue.order is not None else None
        if index is None:
            self.app.tell("No undecided group before this one.", kind="why")
        else:
            self._go(index)

    def _go(self, index: int) -> None:
        self.queue.move(index)
        row = self.queue.row
        self.show_view(row.id if row else None)
        self.refresh_frame()
        if self.grid.has_focus:
            self.open_current()
