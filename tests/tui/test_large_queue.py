"""A queue too long to be read before its first line is shown."""

from __future__ import annotations

import pytest

from reconcile_tui.tui.screens import review as screen_module
from reconcile_tui.tui.screens.review import Review
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, at_rest, review, until


@pytest.fixture(autouse=True)
def _everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_module, "AT_ONCE", 10)


async def test_the_group_of_the_last_time_is_open_and_under_the_cursor_however_far_down_it_stands(open_app: Open) -> None:
    app = open_app()
    far = app.workspace.matches.page(limit=300)[200]
    app.workspace.settings.set("tui.group", far.id)
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot)
        await at_rest(pilot)
        assert screen.view is not None
        assert screen.view.row.id == far.id
        assert screen.queue.cursor == 200
        assert screen.queue.row == far


async def test_the_first_lines_are_the_right_ones_before_the_rest_is_known(open_app: Open) -> None:
    app = open_app()
    wanted = app.workspace.matches.page(limit=300)
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot)
        for name in ("score", "size", "newest", "value"):
            screen.sort_by(name)
            first = [row.id for row in app.workspace.matches.page(order=name, limit=20)]
            assert [row.id for n in range(20) if screen.queue.order and (row := screen.queue.order.line(n))] == first
        await at_rest(pilot)
        assert screen.queue.count == len(wanted)


async def test_who_moves_on_while_the_order_is_read_is_not_thrown_back(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot)
        await at_rest(pilot)
        screen.renew()
        await pilot.press("down", "down", "enter")
        await at_rest(pilot)
        assert isinstance(screen, Review)
        await until(pilot, lambda: screen.queue.cursor == 2)
        assert screen.view is not None
        assert screen.queue.row is not None
        assert screen.view.row.id == screen.queue.row.id
