"""The command palette: every action by name, and groups, records, fields and findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input

from reconcile_tui.tui.actions import ACTIONS, SCREENS, shown_key
from reconcile_tui.tui.board import Board
from reconcile_tui.tui.dialogs.base import Dialog
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.words import CLASSES

if TYPE_CHECKING:
    from reconcile_tui.tui.screens.base import WorkScreen

MOST = 40
"""Hits of one kind that are shown."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something to go to or do."""

    kind: str
    text: str
    note: str
    go: Callable[[], None]


class _Hits(Board):
    def __init__(self) -> None:
        super().__init__(id="hits")
        self.hits: list[Hit] = []

    def draw(self, index: int, width: int) -> Line:
        hit = self.hits[index]
        return Line(f" {hit.kind:<9}", "dim").cell(hit.text, max(20, width - 32)).add(" ").cell(hit.note, 20, "key")


class Palette(Dialog[None]):
    """Type to narrow, enter to go."""

    tall = True

    def __init__(self, screen: WorkScreen, *, things_only: bool = False) -> None:
        """Offer what can be done on the screen under the dialog; with `things_only` groups and records alone."""
        super().__init__("Go to" if things_only else "Palette", "type to narrow   ↑ ↓ enter   esc leaves")
        self.under = screen
        self.things_only = things_only

    def body(self) -> ComposeResult:
        """Input and hits."""
        yield Input(placeholder="a name, an e-mail, an id, or what to do")
        yield _Hits()

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()
        self._show("")

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """Narrow."""
        self._show(event.value)

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Go."""
        self._go()

    @on(Board.Chosen)
    def chosen(self) -> None:
        """Go."""
        self._go()

    def on_key(self, event: events.Key) -> None:
        """Arrow keys move in the hits while the input keeps the focus."""
        step = {"down": 1, "up": -1, "pagedown": 10, "pageup": -10}.get(event.key)
        if step:
            hits = self.query_one(_Hits)
            hits.move(hits.cursor + step)
            event.stop()
            event.prevent_default()

    def _go(self) -> None:
        board = self.query_one(_Hits)
        if board.hits:
            hit = board.hits[board.cursor]
            self.answer(None)
            self.app.call_later(hit.go)

    def _show(self, text: str) -> None:
        board = self.query_one(_Hits)
        board.hits = [*([] if self.things_only else self._actions(text)), *self._things(text)]
        board.set_count(len(board.hits), cursor=0)

    def _actions(self, text: str) -> list[Hit]:
        active = {entry.binding.id for entry in self.under.active_bindings.values()}
        words = text.lower().split()
        found = []
        for action in ACTIONS:
            label = action.long
            if action.palette and action.id in active and all(word in f"{label} {action.id}".lower() for word in words):
                found.append(
                    Hit(
                        "screen" if action.name in dict(SCREENS) else "action",
                        label,
                        shown_key(action.keys.split(",")[0]),
                        partial(self.under.act, action.id),
                    )
                )
        return found

    def _things(self, text: str) -> list[Hit]:
        if len(text.strip()) < 2:
            return []
        return [*self._groups(text), *self._records(text), *self._fields(text)]

    def _groups(self, text: str) -> list[Hit]:
        from reconcile_tui.workspace.matches import Filter

        matches = self.app.workspace.matches
        rows = matches.page(Filter(text=text.strip()), limit=MOST)
        exact = matches.row(text.strip())
        rows = [exact, *rows] if exact else rows
        return [
            Hit(
                "group",
                f"{row.title} ({row.systems}, {CLASSES.get(row.klass, row.klass)})",
                row.state,
                partial(self.app.open_group, row.id),
            )
            for row in rows
        ]

    def _records(self, text: str) -> list[Hit]:
        from reconcile_tui.workspace.search import Search

        return [
            Hit(
                "record",
                f"{found.title} {found.detail}",
                f"{found.ref.system} {found.ref.table}",
                partial(self._open_record, found.key),
            )
            for found in Search(self.app.workspace).find(text.strip(), limit=MOST)
        ]

    def _open_record(self, key: int) -> None:
        group = self.app.workspace.matches.group_of(key)
        if group:
            self.app.open_group(group)
        else:
            self.app.switch_mode("records")

    def _fields(self, text: str) -> list[Hit]:
        types = self.app.workspace.project.record_types.values()
        return [
            Hit("field", f"{field.label}: groups in which it differs", record_type.name, partial(self._filter, field.name))
            for record_type in types
            for field in record_type.fields
            if text.lower() in field.label.lower()
        ]

    def _filter(self, field: str) -> None:
        self.app.switch_mode("review")
        self.app.call_later(lambda: self.app.work_screen.filter_by(f"field:{field}"))  # type: ignore[union-attr]
