"""One of a few answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Size

from reconcile_tui.tui.board import Board, Page
from reconcile_tui.tui.dialogs.base import Dialog
from reconcile_tui.tui.line import Line, paragraphs


@dataclass(frozen=True, slots=True)
class Option:
    """One answer: what it is called, what follows from it, and what it gives."""

    label: str
    note: str
    value: str


class _Options(Board):
    def __init__(self, options: Sequence[Option]) -> None:
        super().__init__(id="options")
        self.options = options
        self.count = len(options)
        self.room = min(40, max((cell_len(o.label) for o in options), default=0) + 2)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self.count

    def note_room(self, width: int) -> int:
        """Cells for what follows from an answer."""
        return max(0, width - self.room - 3)

    def draw(self, index: int, width: int) -> Line:
        option = self.options[index]
        number = f"{index + 1}" if index < 9 else " "
        return Line(f" {number} ", "key").cell(option.label, self.room - 1).add(" ").cell(option.note, self.note_room(width), "dim")

    def on_mount(self) -> None:
        self.set_count(self.count)


class Choose(Dialog[str]):
    """Options by arrow keys and enter, or by their number. The first one is the safe one."""

    def __init__(self, title: str, options: Sequence[Option], text: Sequence[Line] = ()) -> None:
        """Take the answers, and lines to read above them."""
        super().__init__(title, "↑ ↓ and enter, or the number   esc leaves")
        self.options = options
        self.text = text

    def body(self) -> ComposeResult:
        """Text, then options."""
        if self.text:
            page = Page([*self.text, Line()], id="text")
            page.can_focus = False
            yield page
        yield _Options(self.options)
        yield Page(id="note")

    def on_mount(self) -> None:
        """Begin on the first answer."""
        self.query_one("#note", Page).can_focus = False
        self.query_one(_Options).focus()
        self.call_after_refresh(self.fit)

    @on(Board.Moved, "#options")
    @on(Board.Resized, "#options")
    def fit(self) -> None:
        """The note under the cursor in full where one of them is cut; how to read on where the text is."""
        options, note = self.query_one(_Options), self.query_one("#note", Page)
        room = options.scrollable_content_region.width
        cut = any(cell_len(option.note) > options.note_room(room) for option in self.options)
        note.display = cut
        if cut:
            most = max(len(paragraphs(option.note, room)) for option in self.options)
            lines = paragraphs(self.options[options.cursor].note, room)
            note.show([Line(), *lines, *([Line()] * (most - len(lines)))])
        if self.text:
            self.reads_on()

    @on(Board.Chosen)
    def chosen(self, event: Board.Chosen) -> None:
        """Give the answer."""
        self.answer(self.options[event.index].value)

    def on_key(self, event: events.Key) -> None:
        """Enter gives the answer under the cursor, a number that one; the key goes no further. A text that is cut is paged through."""
        character = event.character or ""
        if self.text and event.key in ("pagedown", "pageup") and (page := self.query_one("#text", Page)).max_scroll_y:
            event.stop()
            page.scroll_relative(y=page.size.height if event.key == "pagedown" else -page.size.height, animate=False)
        if event.key == "enter":
            event.stop()
            self.answer(self.options[self.query_one(_Options).cursor].value)
        elif character.isdigit() and 1 <= int(character) <= len(self.options):
            event.stop()
            self.answer(self.options[int(character) - 1].value)
