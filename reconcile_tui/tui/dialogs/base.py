"""The frame of a question: a box in the middle; escape leaves without consequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from reconcile_tui.tui.board import INKS, Page, Stripe
from reconcile_tui.tui.line import Line

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A title, a body, a line of keys. Dismisses with None on escape."""

    app: ReconcileApp
    COMPONENT_CLASSES: ClassVar[set[str]] = INKS
    BINDINGS: ClassVar = [Binding("escape", "leave", show=False)]
    tall = False
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 (an instance variable of Textual)

    def __init__(self, title: str, keys: str = "esc leaves") -> None:
        """Name the dialog and its keys."""
        super().__init__()
        self.heading = title
        self.keys = keys

    def compose(self) -> ComposeResult:
        """Title, body, keys."""
        with Vertical(classes="box tall" if self.tall else "box"):
            yield Stripe(Line().value(self.heading, "title"))
            yield Stripe()
            yield from self.body()
            yield Stripe()
            yield Stripe(Line(self.keys, "dim"), classes="keys")

    def body(self) -> ComposeResult:
        """The dialog's own widgets."""
        yield from ()

    def reads_on(self) -> None:
        """Say how to read on where the text is longer than its room."""
        page = self.query_one("#text", Page)
        if page.count > page.size.height:
            self.query_one(".keys", Stripe).show(Line(f"{self.keys}   page down reads on", "dim"))

    def action_leave(self) -> None:
        """Leave without consequences."""
        self.answer(None)

    def answer(self, answer: Answer | None) -> None:
        """Close with an answer; only the first one counts."""
        if self.is_current:
            self.dismiss(answer)
