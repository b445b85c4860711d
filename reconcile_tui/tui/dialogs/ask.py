"""A typed answer: a value, a filter, a note, or the number of records as a confirmation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input

from reconcile_tui.display import safe_text
from reconcile_tui.tui.board import Page, Stripe
from reconcile_tui.tui.dialogs.base import Answer, Dialog
from reconcile_tui.tui.line import Line, paragraphs, wrapped

Check = Callable[[str], str]
"""Says why an answer can't be used; empty when it can."""


class _Typing(Dialog[Answer]):
    """A dialog with one input: what is typed while it opens is not lost."""

    def why_not(self) -> Page:
        """Room for why an answer can't be used."""
        page = Page(id="why-not")
        page.can_focus = False
        return page

    def refuse(self, reason: str) -> None:
        """Say why, on as many lines as it takes."""
        page = self.query_one("#why-not", Page)
        page.show(wrapped(reason, max(20, page.size.width - 1), "warn"))  # it may name what was typed or pasted

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    async def on_key(self, event: events.Key) -> None:
        """Keys that came before the input had the focus."""
        field = self.query_one(Input)
        if event.key == "enter":
            event.stop()
            await field.action_submit()
        elif event.character and event.is_printable and not field.has_focus:
            event.stop()
            field.insert_text_at_cursor(event.character)


class Ask(_Typing[str]):
    """One line of text. Values put into the input are made safe; an unchanged one gives the raw value back."""

    def __init__(
        self, title: str, *, text: Sequence[Line] = (), value: str = "", hint: str = "", check: Check = lambda _: "", keys: str = ""
    ) -> None:
        """Take a title, lines to read, and the value to start from."""
        super().__init__(title, keys or "enter keeps it   esc leaves")
        self.text = text
        self.raw = value
        self.shown = safe_text(value)
        self.hint = hint
        self.check = check

    def body(self) -> ComposeResult:
        """Text, input, and room for why not."""
        if self.text:
            page = Page(self.text, id="text")
            page.can_focus = False
            yield page
        yield Input(self.shown, placeholder=self.hint, select_on_focus=False)
        yield self.why_not()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Give the answer, or say why it can't be used."""
        answer = self.raw if event.value == self.shown else event.value
        if reason := self.check(answer):
            self.refuse(reason)
            return
        self.answer(answer)


ROOM = 68
"""Cells a text in a dialog may take at 80 columns."""


def told(*texts: tuple[str, str] | str) -> list[Line]:
    """Sentences wrapped for a dialog; a tuple is a text and its role."""
    lines: list[Line] = []
    for text in texts:
        words, role = text if isinstance(text, tuple) else (text, "")
        lines += paragraphs(words, ROOM, role) if words else [Line()]
    return lines


class TypedCount(_Typing[int]):
    """Confirms by typing a number; it starts on Cancel, and the key that opened it does not confirm."""

    def __init__(self, title: str, text: Sequence[Line], number: int, noun: str) -> None:
        """`number` of `noun` has to be typed."""
        super().__init__(title, "enter with an empty field cancels   esc cancels")
        self.text = text
        self.number = number
        self.noun = noun

    def body(self) -> ComposeResult:
        """What will happen, then the field."""
        page = Page(self.text, id="text")
        page.can_focus = False
        yield page
        yield Stripe()
        yield Stripe(Line(f"Type {self.number} and press enter to go on. Anything else cancels.", "strong"))
        yield Input(placeholder=f"number of {self.noun}: empty cancels")
        yield self.why_not()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Only the right number goes on."""
        typed = event.value.strip().replace(",", "").replace(" ", "")
        if not typed:
            self.answer(None)
        elif typed == str(self.number):
            self.answer(self.number)
        else:
            self.refuse(f"That is not {self.number}. Nothing was done.")
