"""Review: the queue on the left, the group on the right; on a narrow terminal one of them, the queue folded to a ribbon."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.timer import Timer

from reconcile_tui.model import Decision
from reconcile_tui.steps.demo import story_group
from reconcile_tui.tui.acting import NEEDS
from reconcile_tui.tui.board import Board, Page, Stripe
from reconcile_tui.tui.chrome import facts
from reconcile_tui.tui.guide import GuideLine, GuidePanel
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.review.acts import GroupActs
from reconcile_tui.tui.review.deciding import load
from reconcile_tui.tui.review.details import details, legend
from reconcile_tui.tui.review.grid import Grid
from reconcile_tui.tui.review.order import AT_ONCE, Order, next_order, parse_filter
from reconcile_tui.tui.review.queue import Queue
from reconcile_tui.tui.review.queue_acts import QueueActs
from reconcile_tui.tui.stake import Stake
from reconcile_tui.tui.words import ORDERS

PREVIEW = 0.02
"""Seconds of rest after which the group under the moving cursor is read."""


REST = 0.5
"""Seconds on a group after which the position is kept for the next time."""


class Review(GroupActs, QueueActs):
    """Queue and group."""

    place = "review"
    also = ("queue", "group")

    def __init__(self) -> None:
        """Begin with the filter, order and group of the last time."""
        super().__init__()
        self.order_name = "value"
        self._placed = 0  # where the cursor was put when the order was shown
        self._timer: Timer | None = None
        self._resting: Timer | None = None

    def body(self) -> ComposeResult:
        """Two panes."""
        with Container(id="review"):
            with Vertical(id="queue-pane"):
                yield Queue()
                yield GuideLine()
            with Vertical(id="group-pane"):
                yield Stripe(id="ribbon")
                yield Grid()
                page = Page(id="details")
                page.can_focus = False
                yield page
                yield Stripe(legend(), id="legend")
                yield GuidePanel()

    # -- what is where

    @property
    def narrow(self) -> bool:
        """Whether only one pane is seen."""
        return self.size.width < 110

    def holds_group(self) -> bool:
        """Whether a group is open."""
        return self.view is not None

    def holds_queued(self) -> bool:
        """Whether the queue has groups."""
        return self.queue.count > 0

    def holds_cell(self) -> bool:
        """Whether the cursor is on a record."""
        return self.grid.record is not None

    def holds_record(self) -> bool:
        """Whether the cursor is on a record."""
        return self.grid.record is not None

    # -- reading

    def on_mount(self) -> None:
        """Where one was the last time."""
        settings = self.workspace.settings
        self.filter_text = settings.get("tui.filter", "")
        self.order_name = settings.get("tui.order", "value")
        self._wanted = settings.get("tui.group")
        if self.app.guided and not self._wanted:
            self._wanted = story_group(self.workspace)
        self.queue.focus()
        if self.app.guided:
            self.call_after_refresh(self.open_current)

    def refresh_frame(self) -> None:
        """The frame, and the guided path."""
        super().refresh_frame()
        self.query_one(GuidePanel).follow()

    def renew(self) -> None:
        """Read the order again and stay on the group."""
        self.queue.empty = self._empty()
        self.queue.labels = {f.name: f.label for t in self.workspace.project.record_types.values() for f in t.fields}
        keep = self.view.row.id if self.view else self._wanted
        self.tally.read(self.workspace)
        order = Order(self.workspace, parse_filter(self.filter_text)[0], self.order_name)
        if self.workspace.matches.count() > AT_ONCE and self.workspace.path.exists():
            order.first_lines(max(64, self.size.height))
            self._take(order, keep)
            self.app.read(order.whole, self._take_whole, kind="order")
        else:
            order.read()
            self._take(order, keep)

    def _take_whole(self, order: Order) -> None:
        row = self.queue.row if self.queue.cursor != self._placed else self.view.row if self.view else None  # one may have moved on
        self._take(order, row.id if row else None)

    def _take(self, order: Order, keep: str | None) -> None:
        index = order.index_of(self.workspace.matches.rowid_of(keep)) if keep else None
        self.queue.show(order, cursor=index if index is not None else 0)
        self._placed = self.queue.cursor
        row = self.queue.row
        if keep and index is None and self.workspace.matches.row(keep) is not None:
            self.show_view(keep)  # the filter leaves it out, but it is what one works on
        else:
            self.show_view(row.id if row else None)
        self.refresh_frame()

    def show_view(self, group: str | None, *, keep: bool = False) -> None:
        """Open a group in the right pane."""
        self.view = load(self.workspace, group) if group else None
        self.grid.split = self.grid.split if keep else set()
        self.grid.show(self.view, keep=keep)
        self.show_details()
        self.show_ribbon()

    def stake_changed(self) -> None:
        """The totals, and what is still at risk in the group."""
        self.show_details()
        self.refresh_frame()

    def _still_at_risk(self) -> int | None:
        """Cells of the group that the sync would still overwrite after its decision; None where nothing is decided or forecast."""
        view, forecasts = self.view, self.workspace.forecasts
        if view is None or not view.resolution.decided or not view.cells_at_risk:
            return None
        if forecasts.totals("after") is None or forecasts.behind():
            return None
        return sum(len(group.cells) for group in forecasts.groups("after", review_group=view.row.id))

    def show_group(self, group: str) -> None:
        """Come from elsewhere to a group."""
        index = self.queue.order.index_of(self.workspace.matches.rowid_of(group)) if self.queue.order else None
        if index is not None:
            self.queue.move(index)
        self.show_view(group)
        self.open_current()

    def show_details(self) -> None:
        """The lines below the grid."""
        page = self.query_one("#details", Page)
        width, height = max(20, page.size.width - 1), max(3, page.size.height)
        lines = []
        if self.view is not None:
            lines = details(self.view, self.grid.field_row, self.grid.record, width, height, self._still_at_risk())
        page.show(lines)

    def _empty(self) -> str:
        if self.filter_text:
            return "No group passes this filter. backspace drops it."
        if not self.app.holds_pulled():
            return NEEDS["pulled"]
        return "There are no groups. ctrl+n matches: it finds who is the same person."

    def show_ribbon(self) -> None:
        """The queue folded to a line: before, here, after."""
        order, cursor = self.queue.order, self.queue.cursor
        if order is None or self.view is None:
            return
        before, after = order.line(cursor - 1), order.line(cursor + 1)
        line = Line("‹ ", "dim").cell(before.title if before else "", 16, "dim")
        line.add("  ").cell(self.view.row.title, 26, "title").add("  ").cell(after.title if after else "", 16, "dim").add(" ›", "dim")
        self.query_one("#ribbon", Stripe).show(line.add(f"  {cursor + 1:,} of {len(order):,}", "dim"))

    def status_line(self) -> Line:
        """The queue in numbers, and the group."""
        line = Line("Review", "title").add("  ").add(self.tally.told(), "dim")
        room = max(0, self.size.width - 2)
        filter_ = f"filter: {self.filter_text}" if self.filter_text else ""
        order = f"sorted by {ORDERS[self.order_name]}" if not self.narrow else ""
        shown = Line().value(facts(Stake.of(self.workspace).told(), order, filter_), "dim")
        if line.width + shown.width >= room and filter_:  # a filter is what one must not overlook
            shown = Line().cell(filter_, max(8, min(room - line.width - 2, Line().value(filter_).width)), "dim")
        return line.right(shown, room)

    # -- moving

    @on(Board.Moved, "#queue")
    def moved(self) -> None:
        """Read the group when the cursor rests."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PREVIEW, self._preview)

    def _preview(self) -> None:
        row = self.queue.row
        if row is not None and (self.view is None or self.view.row.id != row.id):
            self.show_view(row.id)

    @on(Board.Chosen, "#queue")
    def chosen(self) -> None:
        """A second click opens."""
        self.open_current()

    @on(Grid.Selected)
    def selected(self) -> None:
        """Another cell: its details."""
        self.show_details()

    def open_current(self) -> None:
        """Into the group."""
        row = self.queue.row
        if row is not None and (self.view is None or self.view.row.id != row.id):
            self.show_view(row.id)
        if self.view is not None:
            self.query_one("#review").add_class("grouping")
            self.grid.focus()
            self._remember()

    def _remember(self) -> None:
        """Keep the position when one rests on a group: a write per key would be felt."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST, self._keep_position)

    def _keep_position(self) -> None:
        if self.view is not None and self.app.holds_writable():
            self.workspace.settings.set("tui.group", self.view.row.id)

    def on_unmount(self) -> None:
        """Keep the position at the end."""
        self._keep_position()

    def back(self) -> bool:
        """From the group to the queue; True when there was a step to go back."""
        if self.grid.has_focus:
            self._keep_position()
            self.query_one("#review").remove_class("grouping")
            self.queue.focus()
            return True
        return False

    @on(Board.Resized, "#details")
    def resized(self) -> None:
        """The details fit another size."""
        self.show_details()

    def decided_elsewhere(self, decision: Decision) -> None:
        """After undo or redo: show the group it was about."""
        self.tally.read(self.workspace)
        if self.queue.order is not None:
            self.queue.order.forget_all()
            index = self.queue.order.index_of(self.workspace.matches.rowid_of(decision.group))
            if decision.kind == "add":  # groups came or went with it
                self._wanted, self.view = decision.group, None
                self.renew()
                return
            if index is not None:
                self.queue.order.forget(index)
                self.queue.move(index)
        self.queue.redraw()
        if self.workspace.matches.row(decision.group) is not None:
            same = self.view is not None and self.view.row.id == decision.group
            self.show_view(decision.group, keep=same)
        self.refresh_frame()

    # -- order and filter

    def filter_by(self, text: str) -> None:
        """Show only what passes."""
        _, problem = parse_filter(text)
        if problem:
            self.app.tell(problem, kind="why")
            return
        self.filter_text = text
        self._keep("tui.filter", text)
        self.view = None
        self._wanted = None
        self.renew()

    def sort_by(self, order: str) -> None:
        """Show in another order, from the top."""
        self.order_name = order
        self._keep("tui.order", order)
        self.view, self._wanted = None, None
        self.renew()
        self.app.tell(f"Sorted by {ORDERS[order]}")

    def do_order(self) -> None:
        """The next order."""
        self.sort_by(next_order(self.order_name))

    def _keep(self, name: str, value: str) -> None:
        if self.app.holds_writable():
            self.workspace.settings.set(name, value)


SCREEN = Review
