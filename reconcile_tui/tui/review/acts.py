"""Actions of the places `group` and `review`: cursor, notes, looking closer; values, records and outcomes have modules of their own."""

from __future__ import annotations

from reconcile_tui.tui.review import deciding
from reconcile_tui.tui.review.outcome_acts import OutcomeActs
from reconcile_tui.tui.review.record_acts import RecordActs
from reconcile_tui.tui.review.value_acts import ValueActs


class GroupActs(ValueActs, RecordActs, OutcomeActs):
    """Everything one does on the open group."""

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

    # -- looking closer

    def do_history(self) -> None:
        """Every decision on this group."""
        from reconcile_tui.tui.review.stories import show_history

        if self.view is not None:
            show_history(self.app, self.view)

    def do_changes(self) -> None:
        """Who changed the selected field."""
        from reconcile_tui.tui.review.changes import show_changes

        if self.view is not None and (row := self.grid.field_row) is not None:
            show_changes(self.app, self.view, row)
        else:
            self.app.tell("The cursor is on no field.", kind="why")

    def do_why(self) -> None:
        """The evidence."""
        from reconcile_tui.tui.review.stories import show_why

        if self.view is not None:
            show_why(self.app, self.view)

    def do_forecast(self) -> None:
        """What the sync would do here."""
        from reconcile_tui.tui.review.stories import show_forecast

        if self.view is not None:
            row, column = self.grid.field_row, self.grid.record
            show_forecast(self.app, self.view, row.field.name if row else "", column.record.key if column else -1)

    def do_note(self) -> None:
        """Write a note."""
        from reconcile_tui.tui.dialogs.ask import Ask

        def typed(text: str | None) -> None:
            if text:
                self._act("note kept", lambda group: deciding.note(self.workspace, group, text))

        self.app.ask(Ask("A note on this group", hint="kept with your name and the time"), typed)
