"""The first picture: the frame alone, painted before anything of the workspace is imported."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.screen import Screen

from reconcile_tui.tui.board import INKS, Stripe
from reconcile_tui.tui.chrome import Nav, Status
from reconcile_tui.tui.line import Line


class Opening(Screen[None]):
    """Tabs, and that the workspace is being opened."""

    COMPONENT_CLASSES: ClassVar[set[str]] = INKS

    def compose(self) -> ComposeResult:
        """Two lines."""
        yield Nav()
        yield Status(Line(" Home", "title").add("  opening the workspace", "dim"))
        yield Stripe()


SCREEN = Opening
