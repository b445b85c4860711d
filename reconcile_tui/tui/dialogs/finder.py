"""A search with hits below it: type to narrow, enter to choose. What scans the workspace is looked for on the reader's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input

from reconcile_tui.tui.board import Board
from reconcile_tui.tui.dialogs.base import Dialog
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.things import Look, Thing, not_indexed

NOTE = 28
"""Cells of a hit's note, at most: a record's system, table and id."""
LEAST = 2
"""Characters from which on the workspace is searched."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something to choose, and what happens then."""

    kind: str
    text: str
    note: str
    go: Callable[[], object]


class Hits(Board):
    """What was found."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="hits")
        self.hits: list[Hit] = []

    def draw(self, index: int, width: int) -> Line:
        """One hit."""
        hit, note = self.hits[index], min(NOTE, max(cell_len(hit.note) for hit in self.hits))
        return Line(f" {hit.kind:<9}", "dim").cell(hit.text, max(20, width - 12 - note)).add(" ").cell(hit.note, note, "key")


class Finder(Dialog[None]):
    """Hits that are there at once, and things of the workspace as they are found; `then` gets the chosen thing."""

    tall = True

    def __init__(self, title: str, hint: str, look: Look, then: Callable[[Thing], object], first: Sequence[Thing] = ()) -> None:
        """`look` searches, `first` is offered before anything is typed."""
        super().__init__(title, "type to narrow   ↑ ↓ enter   esc leaves")
        self.hint, self.look, self.then, self.first = hint, look, then, first
        self._looking = self._going = False
        self._missed = 0  # records that a search may miss

    def body(self) -> ComposeResult:
        """Input and hits."""
        yield Input(placeholder=self.hint)
        yield Hits()

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()
        self.show("")

    def at_once(self, text: str) -> list[Hit]:
        """Hits that need no reading."""
        return [self._hit(thing) for thing in self.first if not text]

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """Narrow."""
        self.show(event.value)

    @on(Input.Submitted)
    @on(Board.Chosen)
    def chosen(self) -> None:
        """Go; what was typed but not looked for yet is waited for."""
        board = self.query_one(Hits)
        if self._looking:
            self._going = True
        elif board.hits:
            hit = board.hits[board.cursor]
            self.answer(None)
            self.app.call_later(hit.go)

    def on_key(self, event: events.Key) -> None:
        """Arrow keys move in the hits while the input keeps the focus."""
        step = {"down": 1, "up": -1, "pagedown": 10, "pageup": -10}.get(event.key)
        if step:
            hits = self.query_one(Hits)
            hits.move(hits.cursor + step)
            event.stop()
            event.prevent_default()

    def show(self, text: str) -> None:
        """What fits."""
        at_once = self.at_once(text)
        self._looking = len(text.strip()) >= LEAST
        self._list(at_once)
        if self._looking:
            self.app.read(
                lambda workspace: (self.look(workspace, text), not_indexed(workspace)), partial(self._found, at_once), kind="finder"
            )

    def _found(self, at_once: list[Hit], answer: tuple[Sequence[Thing], int]) -> None:
        if not self.is_current:
            return
        self._looking = False
        things, self._missed = answer
        self._list([*at_once, *map(self._hit, things)])
        if self._missed:
            self.app.index(self._missed, lambda: self.show(self.query_one(Input).value))
        if self._going:
            self.chosen()

    def _hit(self, thing: Thing) -> Hit:
        return Hit(thing.kind, thing.text, thing.note, partial(self.then, thing))

    def _list(self, hits: list[Hit]) -> None:
        board = self.query_one(Hits)
        board.hits = hits
        typed = len(self.query_one(Input).value.strip()) >= LEAST
        fits_not = "Nothing fits so far: the records are not all indexed yet." if self._missed else "Nothing fits."
        board.empty = "" if self._looking else fits_not if typed else f"Type {LEAST} characters or more."
        board.set_count(len(hits), cursor=0)
