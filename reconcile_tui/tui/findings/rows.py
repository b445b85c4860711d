"""The rows behind a finding, page by page from the workspace, and the way from one to its group or record."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult

from reconcile_tui.readiness.check import FindingRow
from reconcile_tui.readiness.finding import Finding
from reconcile_tui.tui.board import Board
from reconcile_tui.tui.chrome import facts
from reconcile_tui.tui.dialogs.base import Dialog
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.words import plural, record_name

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp
    from reconcile_tui.workspace import Workspace

CERTAINTIES = {"certain": "for sure", "order_dependent": "by order"}

PAGE = 100
"""Rows read at a time."""


class _Rows(Board):
    """Rows read when they are seen."""

    def __init__(self, workspace: Workspace, finding: Finding, kept: int) -> None:
        super().__init__(id="rows")
        self.count = kept
        self._page = lru_cache(maxsize=8)(lambda number: _read(workspace, finding.check, number))

    def on_mount(self) -> None:
        """Begin on the first row."""
        self.set_count(self.count)

    def row(self, index: int) -> FindingRow:
        """One row."""
        return self._page(index // PAGE)[index % PAGE]

    def draw(self, index: int, width: int) -> Line:
        """Its records and what is to be seen there."""
        return line_of(self.row(index), width)


class Rows(Dialog[FindingRow]):
    """All rows that were kept of a finding. Answers with the one to be opened."""

    tall = True

    def __init__(self, workspace: Workspace, finding: Finding, kept: int) -> None:
        """`kept` of the finding's rows can be looked at."""
        left = f", the first {kept:,} can be looked at" if finding.left_out and kept < finding.count else ""
        heading = f"{finding.check} {finding.title}: {plural(finding.count, 'row')}{left}"
        super().__init__(heading, "enter opens its group or record   esc leaves")
        self._board = _Rows(workspace, finding, kept)

    def body(self) -> ComposeResult:
        """The rows."""
        yield self._board

    def on_mount(self) -> None:
        """Walk at once."""
        self._board.focus()

    @on(Board.Chosen)
    def chosen(self, event: Board.Chosen) -> None:
        """A second click opens."""
        self.answer(self._board.row(event.index))

    def on_key(self, event: events.Key) -> None:
        """Enter opens."""
        if event.key == "enter" and self._board.count:
            event.stop()
            self.answer(self._board.row(self._board.cursor))


def _read(workspace: Workspace, check: str, number: int) -> list[FindingRow]:
    from reconcile_tui.steps.check import rows

    return rows(workspace, check, limit=PAGE, offset=number * PAGE)


def line_of(row: FindingRow, width: int) -> Line:
    """A row in a line."""
    line = Line("  ").cell(named(row), min(34, width // 2), "dim").add(" ")
    return line.cell(facts(*(_told(key, value) for key, value in row.detail.items() if value)), max(0, width - line.width))


def _told(key: str, value: object) -> str:
    """A detail of a row: what the product names by a code in its own words, a value as it is."""
    if key == "field":
        return str(value).replace("_", " ")
    return CERTAINTIES.get(str(value), str(value)) if key == "certainty" else f"{key.replace('_', ' ')}: {value}"


def named(row: FindingRow) -> str:
    """The records of a row."""
    if not row.records:
        return "the project file"
    more = len(row.records) - 1
    return f"{record_name(row.records[0])} +{more}" if more else record_name(row.records[0])


def open_row(app: ReconcileApp, row: FindingRow) -> None:
    """Go to the group of a row's records, or to the record when it stands alone, or to the map when no record is meant."""
    workspace = app.workspace
    keys = [key for ref in row.records if (key := workspace.records.key_of(ref)) is not None]
    group = next((group for key in keys if (group := workspace.matches.group_of(key))), None)
    if group:
        app.open_group(group)
    elif row.records:
        app.switch_mode("records")
        app.call_later(_search, app, row.records[0].id)
    else:
        app.switch_mode("mapping")


def _search(app: ReconcileApp, text: str) -> None:
    from textual.widgets import Input

    screen = app.work_screen
    if screen is not None and (field := screen.query(Input)):
        field.first().value = text
