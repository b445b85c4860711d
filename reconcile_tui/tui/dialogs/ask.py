"""A typed answer: a value, a filter, a note, or the number of records as a confirmation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from reconcile_tui.display import safe_text
from reconcile_tui.tui.board import Page, Stripe
from reconcile_tui.tui.dialogs.base import Dialog
from reconcile_tui.tui.line import Line

Check = Callable[[str], str]
"""Says why an answer can't be used; empty when it can."""


class Ask(Dialog[str]):
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
        yield Stripe(id="why-not")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Give the answer, or say why it can't be used."""
        answer = self.raw if event.value == self.shown else event.value
        if reason := self.check(answer):
            self.query_one("#why-not", Stripe).show(Line(reason, "warn"))
            return
        self.dismiss(answer)


class TypedCount(Dialog[int]):
    """Confirms by typing a number; it starts on Cancel, and the key that opened it does not confirm."""

    def __init__(self, title: str, text: Sequence[Line], number: int, noun: str) -> None:
        """`number` of `noun` has to be typed."""
        super().__init__(title, "enter with an empty field cancels   esc cancels")
        self.text = text
        self.number = number
        self.noun = noun

    def body(self) -> ComposeResult:
        """What will happen, then the field."""
        page = Page([*self.text, Line(), Line(f"Type {self.number} and press enter to go on. Anything else cancels.", "strong")], id="text")
        page.can_focus = False
        yield page
        yield Input(placeholder=f"number of {self.noun}: empty cancels")
        yield Stripe(id="why-not")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Only the right number goes on."""
        typed = event.value.strip().replace(",", "").replace(" ", "")
        if not typed:
            self.dismiss(None)
        elif typed == str(self.number):
            self.dismiss(self.number)
        else:
            self.query_one("#why-not", Stripe).show(Line(f"That is not {self.number}. Nothing was sent.", "warn"))
