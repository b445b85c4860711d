"""Something to be read before going on: an error in three sentences, or a longer text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding

from reconcile_tui.tui.board import Page
from reconcile_tui.tui.dialogs.base import Dialog
from reconcile_tui.tui.line import Line, wrapped


class Notice(Dialog[None]):
    """Sentences, one paragraph each."""

    BINDINGS: ClassVar = [Binding("enter", "leave", show=False)]

    def __init__(self, title: str, sentences: Sequence[str]) -> None:
        """Take the sentences; they may contain values."""
        super().__init__(title, "enter or esc closes")
        self.sentences = sentences

    def body(self) -> ComposeResult:
        """The sentences, wrapped."""
        yield Page(id="text")

    def on_mount(self) -> None:
        """Wrap to the box."""
        lines: list[Line] = []
        for sentence in self.sentences:
            for part in sentence.splitlines() or [""]:
                lines += wrapped(part, 68)
            lines.append(Line())
        self.query_one(Page).show(lines[:-1])
        self.call_after_refresh(self.reads_on)


class Reader(Dialog[None]):
    """A long text with its own drawing for the width at hand."""

    tall = True

    def __init__(self, title: str, draw: Callable[[int], list[Line]]) -> None:
        """`draw` gives the lines for a width."""
        super().__init__(title, "↑ ↓ page up, page down scroll   esc closes")
        self.draw = draw

    def body(self) -> ComposeResult:
        """The text."""
        yield Page(id="text")

    def on_mount(self) -> None:
        """Draw when the width is known."""
        self.call_after_refresh(self.redraw)

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self.redraw)

    def redraw(self) -> None:
        """Draw for the present width."""
        page = self.query_one(Page)
        page.show(self.draw(max(20, page.size.width - 1)))

    def replace(self, draw: Callable[[int], list[Line]]) -> None:
        """Show another text."""
        self.draw = draw
        if self.is_mounted:
            self.redraw()
