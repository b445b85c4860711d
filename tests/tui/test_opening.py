"""Opening a screen costs no more than the screen: nothing is read twice, hidden on purpose, or left in old colours."""

from __future__ import annotations

import pytest

from reconcile_tui.tui.actions import SCREENS
from reconcile_tui.tui.app import ReconcileApp
from reconcile_tui.tui.chrome import Nav
from reconcile_tui.tui.screens.history import History
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, SMALL, at_rest, until


def keyed(app: ReconcileApp) -> object:
    """The colour in which keys are painted on the present screen."""
    return app.screen.query_one(Nav).ink(("key",)).color


@pytest.mark.parametrize(("number", "name"), [(n, name) for n, (name, _) in enumerate(SCREENS, 1) if name != "home"])
async def test_a_screen_opens_without_the_stylesheet_being_read_again(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, number: int, name: str
) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await at_rest(pilot)
        read: list[str] = []
        monkeypatch.setattr(app.stylesheet, "reparse", lambda: read.append(name))
        await pilot.press(f"f{number}")
        await until(pilot, lambda: app.current_mode == name and app.screen.is_mounted)
        await at_rest(pilot)
        assert not read


async def test_a_theme_chosen_meanwhile_is_on_screens_opened_before_and_after(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f9")
        await at_rest(pilot)
        dark = keyed(app)
        await pilot.press("f1", "ctrl+t")
        await at_rest(pilot)
        light = keyed(app)
        assert light != dark
        for key in ("f9", "f7"):  # opened before, and for the first time
            await pilot.press(key)
            await at_rest(pilot)
            assert keyed(app) == light


@pytest.mark.parametrize(("size", "classes"), [(SMALL, {"-narrow", "-short"}), (LARGE, {"-wide", "-tall"})], ids=["80x24", "120x36"])
async def test_the_first_picture_is_laid_out_for_the_terminal_at_hand(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], classes: set[str]
) -> None:
    seen: list[frozenset[str]] = []
    renew = History.renew
    monkeypatch.setattr(History, "renew", lambda screen: (seen.append(screen.classes), renew(screen))[1])
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await at_rest(pilot)
        await pilot.press("f9")
        await at_rest(pilot)
    assert seen[0] == classes


async def test_nothing_is_kept_from_being_painted_while_screens_change(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await at_rest(pilot)
        app.switch_mode("history")
        assert app._batch_count == 0
        await at_rest(pilot)
