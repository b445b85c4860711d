"""The group: fields as rows, RESULT first, records as columns. Field names, RESULT and heads never scroll away."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message

from reconcile_tui.tui import glyphs
from reconcile_tui.tui.actions import bindings
from reconcile_tui.tui.board import Board
from reconcile_tui.tui.line import Line, Roles
from reconcile_tui.tui.review.cells import MARKS, differing
from reconcile_tui.tui.review.view import Cell, Column, FieldRow, GroupView
from reconcile_tui.tui.words import plural, short_id, system_name

NARROWEST = 14
"""Cells of a record's column, at least."""
WIDEST = 44
RESULT = 15
RISK = "▲"


class Grid(Board):
    """The records of one group side by side. `column` 0 is RESULT, 1.. are records."""

    BINDINGS = bindings("group")
    under = "row"
    head_lines = 4

    @dataclass
    class Selected(Message):
        """Another cell is selected."""

        grid: Grid

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="grid")
        self.view: GroupView | None = None
        self.column = 0
        self.first = 0  # the first record column that is shown
        self.unfolded = False
        self.split: set[int] = set()  # keys of records marked for a split
        self._rows: list[FieldRow] = []
        self._folded = 0

    # -- what is shown

    def show(self, view: GroupView | None, *, keep: bool = False) -> None:
        """Show a group; `keep` the selected field and record (after a pick)."""
        field = self.field_row.field.name if keep and self.field_row else ""
        if not keep:
            self.column, self.first, self.split = 0, 0, set()
        self.view = view
        self._arrange(field)

    def _arrange(self, field: str) -> None:
        rows = self.view.rows if self.view else ()
        self._folded = 0 if self.unfolded else sum(row.standing == "same" for row in rows)
        self._rows = [row for row in rows if self.unfolded or row.standing != "same"]
        if not self._rows and rows:
            self._rows, self._folded = list(rows), 0
        cursor = next((n for n, row in enumerate(self._rows) if row.field.name == field), 0)
        self.column = min(self.column, len(self.view.columns) if self.view else 0)
        self.set_count(len(self._rows) + (1 if self._folded else 0), cursor=cursor)

    def fold(self) -> None:
        """Show or fold the fields that are the same everywhere."""
        self.unfolded = not self.unfolded
        self._arrange(self.field_row.field.name if self.field_row else "")

    @property
    def field_row(self) -> FieldRow | None:
        """The selected field."""
        return self._rows[self.cursor] if 0 <= self.cursor < len(self._rows) else None

    @property
    def record(self) -> Column | None:
        """The selected record; None on RESULT."""
        return self.view.columns[self.column - 1] if self.view and 0 < self.column <= len(self.view.columns) else None

    @property
    def person(self) -> int:
        """The person whose RESULT is shown: the selected record's."""
        return max(0, self.record.person) if self.record else 0

    # -- moving

    def move(self, index: int) -> None:
        """Another field."""
        before = self.cursor
        super().move(index)
        if self.cursor != before:
            self.post_message(self.Selected(self))

    def step(self, by: int) -> None:
        """Another record."""
        count = len(self.view.columns) if self.view else 0
        column = max(0, min(count, self.column + by))
        if column == self.column:
            return
        person = self.person
        self.column = column
        shown = self._shown(self.scrollable_content_region.width)[3]
        if column and not self.first < column <= self.first + shown:
            self.first = max(0, min(column - 1, count - shown)) if column <= self.first else column - shown
            self.redraw()
        elif person != self.person:
            self.redraw()
        else:
            self.redraw_line(self.cursor)
            self.refresh_heads()
        self.post_message(self.Selected(self))

    def refresh_heads(self) -> None:
        """The heads anew."""
        from textual.geometry import Region

        self.refresh(Region(0, 0, self.size.width, self.head_lines))

    def next_difference(self, by: int) -> None:
        """The next or previous field that differs."""
        wanted = [n for n, row in enumerate(self._rows) if row.standing in ("undecided", "differs")]
        ahead = [n for n in wanted if (n > self.cursor if by > 0 else n < self.cursor)]
        if wanted:
            self.move((ahead or wanted)[0 if by > 0 else -1])

    # -- drawing

    def _shown(self, width: int) -> tuple[int, int, int, int]:
        """Cells of the field, RESULT and record columns, and how many records fit."""
        count = max(1, len(self.view.columns)) if self.view else 1
        label = max((len(row.field.label) for row in self._rows), default=8)
        field = max(12, min(20, label + 6))
        shown = max(1, min(count, (width - field - RESULT) // NARROWEST))
        each = (width - field) // (shown + 1)
        result = min(WIDEST, max(RESULT, each))
        return field, result, min(WIDEST, (width - field - result) // shown), shown

    def draw_head(self, y: int, width: int) -> Line:
        """Who is in the columns."""
        field, result, cells, shown = self._shown(width)
        if y == self.head_lines - 1:
            return Line(glyphs.RULE * width, "rule")
        if self.view is None:
            return Line()
        titles = (("   field", "RESULT", "title"), ("", self._result_note(), "dim"), ("", self._off_screen(shown), "warn"))
        line = Line().label(titles[y][0], field, "head").label(titles[y][1], result, titles[y][2])
        for number, column in list(enumerate(self.view.columns, 1))[self.first : self.first + shown]:
            self._head_cell(line, number, column, y, cells)
        return line

    def _off_screen(self, shown: int) -> str:
        count = len(self.view.columns) if self.view else 0
        before, after = self.first, count - self.first - shown
        return " ".join(part for part in (f"← {before}" if before else "", f"{after} more →" if after > 0 else "") if part)

    def _head_cell(self, line: Line, number: int, column: Column, y: int, cells: int) -> None:
        record = column.record
        if y == 0:
            star = f" {glyphs.SURVIVOR}" if column.survivor else ""
            person = chr(65 + column.person) if self.view and self.view.people > 1 and column.person >= 0 else ""
            role = "key" if number == self.column else "head"
            name = f"{number}{person} {system_name(record.ref.system)}{star}"
            line.label(name, cells - 1, role, "strong" if column.survivor else "").add(" ")
        elif y == 1:
            id_ = short_id(record.ref.id) if cells > 18 else short_id(record.ref.id)[:4] if len(record.ref.id) > 8 else record.ref.id
            line.cell(f"  {record.ref.table} {id_}", cells, "dim")
        else:
            state = "" if record.active else "inactive, "
            if record.key in self.split:
                line.label("  x marked", cells, "undecided")
                return
            line.label(f"  {state}{column.fate}", cells, "good" if column.survivor else "warn" if state else "dim")

    def _result_note(self) -> str:
        assert self.view is not None  # noqa: S101 (draw_head asks first)
        if self.view.people > 1:
            return f"person {chr(65 + self.person)} of {self.view.people}"
        return "as decided" if self.view.resolution.decided else "if accepted"

    def draw(self, index: int, width: int) -> Line:
        """One field, or the fold."""
        if index >= len(self._rows):
            return (
                Line(f"   {glyphs.MORE} {plural(self._folded, 'field')} more, the same in all records", "dim")
                .add("   t", "key")
                .add(" shows them", "dim")
            )
        row = self._rows[index]
        field, result, cells, shown = self._shown(width)
        line = self._label(row, field)
        self._result(line, row, result, index)
        for number, cell in list(enumerate(row.cells, 1))[self.first : self.first + shown]:
            self._cell(line, row, cell, number, cells, index)
        return line

    def _label(self, row: FieldRow, cells: int) -> Line:
        sign, role = {"undecided": ("!", "undecided"), "differs": (glyphs.DIFFERS, "differs")}.get(row.standing, (" ", ""))
        risk = RISK if row.at_risk else " "
        return (
            Line(f" {sign} ", role)
            .label(row.field.label, cells - 6, *(() if row.standing != "same" else ("dim",)))
            .add(f" {risk} ", "warn")
        )

    def _result(self, line: Line, row: FieldRow, cells: int, index: int) -> None:
        golden = row.results[min(self.person, len(row.results) - 1)]
        over = ("cell",) if index == self.cursor and self.column == 0 else ()
        if row.standing == "undecided":
            line.label("! pick one", cells - 1, "undecided", *over)
        elif golden.value is None:
            line.label(glyphs.EMPTY, cells - 1, "empty", *over)
        else:
            typed = golden.rule == "typed"
            if typed:
                line.add(f"{glyphs.TYPED} ", "typed", *over)
            line.cell(golden.value, cells - 1 - (2 if typed else 0), "typed" if typed else "result", *over)
        line.add(" ")

    def _cell(self, line: Line, row: FieldRow, cell: Cell, number: int, cells: int, index: int) -> None:
        over: Roles = ("cell",) if index == self.cursor and self.column == number else ()
        sign, role = MARKS[cell.mark]
        line.add(f"{sign} ", role, *over)
        room = cells - 3
        person = self.view.columns[number - 1].person if self.view else 0
        golden = row.results[min(max(0, person), len(row.results) - 1)]
        if cell.mark in ("differs", "alike") and golden.value and cell.value:
            differing(line, cell.value, golden.value, room, role, over)
        else:
            line.cell(cell.value if cell.value is not None else ("not mapped" if cell.mark == "unmapped" else ""), room, role, *over)
        line.add(" ")

    def on_click(self, event: events.Click) -> None:
        """A click selects the cell."""
        super().on_click(event)
        if self.view is None or (event.y < self.head_lines - 1 and event.x < 0):
            return
        field, result, cells, shown = self._shown(self.scrollable_content_region.width)
        place = 0 if event.x < field + result else 1 + self.first + (event.x - field - result) // max(1, cells)
        self.step(min(place, self.first + shown) - self.column)

    # -- copying

    def copy_value(self) -> str:
        """The selected cell's raw value."""
        row = self.field_row
        if row is None:
            return ""
        value = row.cells[self.column - 1].value if self.column else row.results[min(self.person, len(row.results) - 1)].value
        return value or ""

    def copy_record(self) -> str:
        """The selected record, or RESULT, as lines of name and value."""
        if self.view is None:
            return ""
        if self.record is None:
            pairs = [(row.field.name, row.results[min(self.person, len(row.results) - 1)].value) for row in self.view.rows]
        else:
            pairs = [(row.field.name, row.cells[self.column - 1].value) for row in self.view.rows]
        return "\n".join(f"{name}\t{value or ''}" for name, value in pairs)

    def action_act(self, action_id: str) -> None:
        """Cursor keys are the grid's own; the rest is the screen's."""
        if action_id.startswith("list."):
            super().action_act(action_id)
        else:
            self.screen.action_act(action_id)  # type: ignore[attr-defined]
