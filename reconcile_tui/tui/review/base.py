"""What the parts of the review screen know of each other."""

from __future__ import annotations

from reconcile_tui.tui.review.grid import Grid
from reconcile_tui.tui.review.queue import Queue
from reconcile_tui.tui.review.tally import Tally
from reconcile_tui.tui.review.view import GroupView
from reconcile_tui.tui.screens.base import WorkScreen


class ReviewParts(WorkScreen):
    """The queue, the group that is open, and how to show another one."""

    view: GroupView | None = None
    filter_text = ""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        super().__init__()
        self.tally = Tally()

    @property
    def queue(self) -> Queue:
        """The queue."""
        return self.query_one(Queue)

    @property
    def grid(self) -> Grid:
        """The group."""
        return self.query_one(Grid)

    def show_view(self, group: str | None, *, keep: bool = False) -> None:
        """Open a group; `keep` the cursor where it is."""
        raise NotImplementedError

    def show_group(self, group: str) -> None:
        """Come from elsewhere to a group."""
        raise NotImplementedError

    def open_current(self) -> None:
        """Into the group under the queue's cursor."""
        raise NotImplementedError

    def filter_by(self, text: str) -> None:
        """Show only what passes."""
        raise NotImplementedError
