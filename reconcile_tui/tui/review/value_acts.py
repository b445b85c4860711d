"""What a steward does to RESULT: take a value, type one, leave it empty, let a rule say."""

from __future__ import annotations

from collections.abc import Callable

from reconcile_tui.tui.review import deciding
from reconcile_tui.tui.review.carrying import Carrying
from reconcile_tui.tui.words import record_name


class ValueActs(Carrying):
    """Actions on the selected field."""

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
