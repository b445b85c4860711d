"""The command palette: every action by name, and groups, records, fields and findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from reconcile_tui.tui.things import Thing, things

if TYPE_CHECKING:
    from reconcile_tui.tui.screens.base import WorkScreen

LEAST = 2
"""Characters from which on groups, records, fields and findings are looked for."""


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
        self._looking = self._going = False

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
        if self._looking:  # enter came before what was typed has been looked for
            self._going = True
        elif board.hits:
            hit = board.hits[board.cursor]
            self.answer(None)
            self.app.call_later(hit.go)

    def _show(self, text: str) -> None:
        actions = [] if self.things_only else self._actions(text)
        self._looking = len(text.strip()) >= LEAST
        self._list(actions)
        if self._looking:
            self.app.read(lambda workspace: things(workspace, text), lambda found: self._found(actions, found), kind="palette")

    def _found(self, actions: list[Hit], found: Sequence[Thing]) -> None:
        if not self.is_current:
            return
        self._looking = False
        self._list([*actions, *(Hit(t.kind, t.text, t.note, partial(self._open, t)) for t in found)])
        if self._going:
            self._go()

    def _list(self, hits: list[Hit]) -> None:
        board = self.query_one(_Hits)
        board.hits = hits
        board.set_count(len(hits), cursor=0)

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

    def _open(self, thing: Thing) -> None:
        match thing.kind:
            case "group":
                self.app.open_group(thing.id)
            case "record" if thing.group:
                self.app.open_group(thing.group)
            case "record":
                self.app.open_on("records", "show_record", thing.id)
            case "finding":
                self.app.open_on("findings", "show_check", thing.id)
            case _:
                self.app.open_on("review", "filter_by", f"field:{thing.id}")
