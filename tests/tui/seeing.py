"""Reading a screen as text, waiting for what one wants to see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from reconcile_tui.tui.app import ReconcileApp
from reconcile_tui.tui.screens.review import Review

SMALL, LARGE = (80, 24), (120, 36)


def text_of(app: ReconcileApp) -> str:
    """The screen as lines of text, without trailing blanks."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def until(pilot: Pilot[Any], holds: Callable[[], object], *, rounds: int = 400) -> None:
    """Let the app work until something holds; fails with the screen when it never does."""
    for _ in range(rounds):
        if holds():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError("never came about; the screen:\n" + text_of(pilot.app))  # type: ignore[arg-type]


async def at_rest(pilot: Pilot[Any]) -> None:
    """Wait until everything that was asked beside the screens is answered and painted."""

    def still() -> bool:
        app = pilot.app
        return bool(getattr(app, "is_open", True)) and app.screen.is_mounted and all(worker.is_finished for worker in app.workers)

    for _ in range(2):  # a screen counts as mounted just before it asks
        await pilot.pause()
        await until(pilot, still)
    await pilot.pause()


async def shows(pilot: Pilot[Any], text: str) -> None:
    """Wait until a text is on the screen."""
    await until(pilot, lambda: text in text_of(pilot.app))  # type: ignore[arg-type]


async def review(pilot: Pilot[Any], group: str | None = None) -> Review:
    """The review screen, with a group opened when one is named."""
    await pilot.press("f2")
    await until(pilot, lambda: isinstance(pilot.app.screen, Review) and pilot.app.screen.view is not None)
    screen = pilot.app.screen
    assert isinstance(screen, Review)
    if group:
        screen.show_group(group)
        await until(pilot, lambda: screen.view is not None and screen.view.row.id == group and screen.grid.has_focus)
    return screen


def group_titled(app: ReconcileApp, title: str) -> str:
    """The id of the group with this title."""
    row = next(row for row in app.workspace.matches.page(limit=1000) if row.title == title)
    return row.id


def message(app: ReconcileApp) -> str:
    """What the message line says."""
    return app.message.plain


async def typed(pilot: Pilot[Any], text: str, *, enter: bool = True) -> None:
    """Put a text into the input that has the focus, as pasting would, and press enter."""
    await until(pilot, lambda: isinstance(pilot.app.focused, Input))
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.value = text
    await pilot.pause()
    if enter:
        await pilot.press("enter")
