"""What a steward does to a group: pick values, choose survivors, decide. Every act is local, kept at once, and undone with z."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconcile_tui.errors import ReconcileError
from reconcile_tui.model import Ref
from reconcile_tui.tui.review import deciding
from reconcile_tui.tui.review.base import ReviewParts
from reconcile_tui.tui.words import OUTCOMES, record_name
from reconcile_tui.workspace.decisions import now


class GroupActs(ReviewParts):
    """The actions of the places `group` and `review`."""

    # -- carrying out

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

    # -- cursor

    def do_left(self) -> None:
        """Record to the left."""
        self.grid.step(-1)

    def do_right(self) -> None:
        """Record to the right."""
        self.grid.step(1)

    def do_next_difference(self) -> None:
        """Next field that differs."""
        self.grid.next_difference(1)

    def do_previous_difference(self) -> None:
        """Field that differs before this one."""
        self.grid.next_difference(-1)

    def do_same(self) -> None:
        """Show or fold what is the same everywhere."""
        self.grid.fold()

    # -- values

    def do_take(self, number: int = 0) -> None:
        """Take the selected field from a record by its number; without one, from the selected record."""
        number = number or self.grid.column
        field = self._field()
        assert self.view is not None  # noqa: S101
        if field is None:
            return
        if number > len(self.view.columns):
            self.app.tell(f"There is no record {number} in this group.", kind="why")
            return
        row, column = self.grid.field_row, self.view.columns[number - 1]
        if row is not None and row.cells[number - 1].mark == "unmapped":
            self.app.tell(f"{row.field.label} is not mapped in {record_name(column.record.ref)}.", kind="why")
            return
        label = row.field.label if row else field
        self._consenting(
            column.record.values.get(field),
            lambda weaker: self._act(
                f"{label}: taken from {number}",
                lambda group: deciding.take(self.workspace, group, field, column.record.ref, self._person, weaker=weaker),
            ),
        )

    def _consenting(self, value: str | None, act: Callable[[bool], object]) -> None:
        """Ask before an opt-out is dropped; every other value goes straight on."""
        row = self.grid.field_row
        consent = row is not None and row.field.kind == "consent"
        if row is None or not consent or row.field.restricts(value) or not any(row.field.restricts(cell.value) for cell in row.cells):
            act(False)
            return
        from reconcile_tui.tui.dialogs.choose import Choose, Option

        options = [
            Option("keep the opt-out", "nobody is written to who said no", "keep"),
            Option("drop it", "I know that this person agreed since", "drop"),
        ]
        self.app.ask(Choose("A record has opted out", options), lambda answer: act(True) if answer == "drop" else None)

    def do_take_all(self) -> None:
        """Take every field that differs from the selected record."""
        assert self.view is not None  # noqa: S101
        column, number = self.grid.record, self.grid.column
        if column is None:
            return
        fields = [r.field.name for r in self.view.rows if r.cells[number - 1].mark in ("differs", "alike")]
        if not fields:
            self.app.tell(f"Nothing of record {number} differs from RESULT.", kind="why")
            return

        def act(group: str) -> None:
            with self.workspace.transaction():
                for field in fields:
                    deciding.take(self.workspace, group, field, column.record.ref, self._person)

        self._act(f"{len(fields)} fields taken from {number}", act)

    def do_edit(self) -> None:
        """Type a value."""
        from reconcile_tui.tui.dialogs.ask import Ask

        row, field = self.grid.field_row, self._field()
        if row is None or field is None:
            return
        golden = row.results[min(self.grid.person, len(row.results) - 1)]

        def typed(value: str | None) -> None:
            if value is not None and value != (golden.value or ""):
                self._consenting(value, lambda weaker: self._write(f"{row.field.label}: typed", field, value, weaker))

        self.app.ask(Ask(f"{row.field.label} for RESULT", value=golden.value or "", hint="empty leaves the field empty"), typed)

    def do_blank(self) -> None:
        """Leave the field empty."""
        if (field := self._field()) is not None:
            self._consenting(None, lambda weaker: self._write("left empty", field, "", weaker))

    def _write(self, told: str, field: str, value: str, weaker: bool) -> None:
        self._act(told, lambda group: deciding.write(self.workspace, group, field, value or None, self._person, weaker=weaker))

    def do_rule(self) -> None:
        """Back to the rule."""
        if (field := self._field()) is not None:
            self._act("back to the rule", lambda group: deciding.by_rule(self.workspace, group, field, "default", self._person))

    def do_combine(self) -> None:
        """All distinct values."""
        if (field := self._field()) is not None:
            self._act("combined", lambda group: deciding.by_rule(self.workspace, group, field, "concatenate", self._person))

    # -- records

    def do_survivor(self) -> None:
        """The selected record stays."""
        column = self.grid.record
        if column is not None:
            self._act(f"record {self.grid.column} stays", lambda group: deciding.survivor(self.workspace, group, column.record.ref))

    def do_take_out(self) -> None:
        """Mark the selected record for a split; the second press takes the mark away."""
        column = self.grid.record
        if column is None:
            return
        self.grid.split ^= {column.record.key}
        self.grid.refresh_heads()
        marked = len(self.grid.split)
        self.app.tell(f"{marked} marked. X makes them a person of their own." if marked else "No record is marked.")

    def do_split(self) -> None:
        """The marked records become a person of their own; marked ones of another person come back."""
        assert self.view is not None  # noqa: S101
        chosen = [c for c in self.view.columns if c.record.key in self.grid.split]
        if not chosen:
            self.app.tell("Mark records with x first; X then makes them a person of their own.", kind="why")
            return
        refs = [c.record.ref for c in chosen]
        self.grid.split = set()
        if all(c.person > 0 for c in chosen):
            self._act("back with the first person", lambda group: deciding.join(self.workspace, group, refs))
        elif len(chosen) == len(self.view.columns):
            self.app.tell("All records are marked; leave at least one.", kind="why")
        else:
            self._act("split into a person of their own", lambda group: deciding.split(self.workspace, group, refs))

    # -- outcomes

    def do_accept(self) -> None:
        """As shown, and on to the next group."""
        from reconcile_tui.tui.review.questions import ask_lead

        assert self.view is not None  # noqa: S101
        resolution = self.view.resolution
        if resolution.blocked:
            self.app.tell(f"Blocked: {resolution.blocked}", kind="why")
            return
        outcome = (
            resolution.outcome if resolution.outcome in ("merge", "link", "split", "shared_mailbox", "exclude", "different") else "merge"
        )
        if resolution.decided and self.view.row.state == "decided":
            self.do_next()
            return
        outcome = "split" if outcome == "merge" and self.view.people > 1 else outcome
        leads = [c for c in self.view.columns if c.record.ref.table == "lead"]
        if leads and len(leads) < len(self.view.columns) and outcome in ("merge", "split"):
            ask_lead(self.app, lambda details: self._decide(outcome, details))
        else:
            self._decide(outcome)

    def do_link(self) -> None:
        """Keep both, link across."""
        self._decide("link")

    def do_different(self) -> None:
        """Different people."""
        self._decide("different")

    def do_unsure(self) -> None:
        """Ask for a second opinion."""
        self._decide("unsure")

    def do_skip(self) -> None:
        """Not now."""
        self._decide("skip")

    def do_mailbox(self) -> None:
        """Shared mailbox: owner and remedies."""
        from reconcile_tui.tui.review.questions import ask_mailbox

        if self.view is not None:
            ask_mailbox(self.app, self.view, lambda details: self._decide("shared_mailbox", details))

    def do_exclude(self) -> None:
        """Keep records out of the sync."""
        from reconcile_tui.tui.review.questions import ask_exclude

        if self.view is not None:
            ask_exclude(self.app, self.view, self.grid.record, lambda details: self._decide("exclude", details))

    def do_note(self) -> None:
        """Write a note."""
        from reconcile_tui.tui.dialogs.ask import Ask

        def typed(text: str | None) -> None:
            if text:
                self._act("note kept", lambda group: deciding.note(self.workspace, group, text))

        self.app.ask(Ask("A note on this group", hint="kept with your name and the time"), typed)

    # -- looking closer

    def do_history(self) -> None:
        """Every decision on this group."""
        from reconcile_tui.tui.review.stories import show_history

        if self.view is not None:
            show_history(self.app, self.view)

    def do_why(self) -> None:
        """The evidence."""
        from reconcile_tui.tui.review.stories import show_why

        if self.view is not None:
            show_why(self.app, self.view)

    def do_forecast(self) -> None:
        """What the sync would do here."""
        from reconcile_tui.tui.review.stories import show_forecast

        if self.view is not None:
            show_forecast(self.app, self.view)

    # -- going on

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
