"""How every screen looks: text goldens at both sizes, and pictures of the most used ones in every theme.

`UPDATE_GOLDENS=1 pytest tests/tui/test_looks.py` writes the texts anew, `--snapshot-update` the pictures.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from reconcile_tui.tui.dialogs.ask import TypedCount
from reconcile_tui.tui.line import Line
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, SMALL, at_rest, group_titled, review, text_of, until

GOLDENS = Path(__file__).parent / "goldens"
AS_TEXT = ("home", "forecast", "findings", "mapping", "records", "plan", "run", "history")


def assert_golden(name: str, text: str) -> None:
    """The text is as it was kept."""
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == path.read_text(encoding="utf-8"), f"{name} looks different; UPDATE_GOLDENS=1 accepts it"


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_every_screen_reads_as_kept(open_app: Open, size: tuple[int, int]) -> None:
    app = open_app()
    tag = f"{size[0]}x{size[1]}"
    async with app.run_test(size=size) as pilot:
        screen = await review(pilot)
        assert_golden(f"queue-{tag}", text_of(app))
        for title, name in (("Linnéa Hägglund", "group-address"), ("Robert Hale", "group-mailbox")):
            screen.show_group(group_titled(app, title))
            await until(pilot, lambda title=title: screen.view is not None and screen.view.row.title == title and screen.grid.has_focus)
            await at_rest(pilot)
            assert_golden(f"{name}-{tag}", text_of(app))
        for name, keys in (("help", "question_mark"), ("mailbox", "b"), ("palette", "ctrl+p"), ("group-forecast", "f")):
            await pilot.press(keys)
            await until(pilot, lambda: app.screen is not screen)
            await at_rest(pilot)
            if name != "group-forecast":
                assert_golden(f"{name}-{tag}", text_of(app))
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is screen)
        for name in AS_TEXT:
            app.switch_mode(name)
            await until(pilot, lambda name=name: app.current_mode == name and app.work_screen is app.screen)
            await at_rest(pilot)
            assert_golden(f"{name}-{tag}", text_of(app))


def test_a_line_that_is_too_long_says_so_and_blanks_at_its_end_are_no_loss() -> None:
    line = Line("first ", "key").add("second")
    assert line.cut(12) is line
    assert line.cut(9).plain == "first se…"
    assert line.cut(6).plain == "first…"
    assert Line("first").label("", 20).cut(8).plain.rstrip() == "first"
    assert Line("寿司寿司").cut(4).width <= 4


async def test_the_number_to_type_is_seen_however_long_the_text_above_it(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SMALL) as pilot:
        await review(pilot)
        app.ask(TypedCount("Take back run 1", [Line(f"line {number}") for number in range(60)], 294, "records"))
        await until(pilot, lambda: isinstance(app.screen, TypedCount))
        await at_rest(pilot)
        for text in ("Type 294 and press enter", "number of records: empty cancels", "esc cancels"):
            assert text in text_of(app)


Snap = Callable[..., bool]


def _review(title: str) -> Callable[[Pilot[Any]], Any]:
    async def before(pilot: Pilot[Any]) -> None:
        await review(pilot, group_titled(pilot.app, title))  # type: ignore[arg-type]
        await at_rest(pilot)

    return before


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
@pytest.mark.parametrize("title", ["Robert Hale", "Linnéa Hägglund", "Alasdair Jones"])
def test_picture_of_a_group(open_app: Open, snap_compare: Snap, size: tuple[int, int], title: str) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=_review(title))


@pytest.mark.parametrize("theme", ["light", "ansi"])
def test_picture_of_a_group_in_another_theme(open_app: Open, snap_compare: Snap, theme: str) -> None:
    assert snap_compare(open_app(theme=theme), terminal_size=LARGE, run_before=_review("Linnéa Hägglund"))


def test_picture_of_a_group_without_colour(open_app: Open, snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(open_app(), terminal_size=LARGE, run_before=_review("Linnéa Hägglund"))


def test_picture_of_a_group_in_ascii(open_app: Open, snap_compare: Snap) -> None:
    assert snap_compare(open_app(ascii=True), terminal_size=LARGE, run_before=_review("Linnéa Hägglund"))


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
@pytest.mark.parametrize("name", ["home", "forecast", "mapping", "records"])
def test_picture_of_a_screen(open_app: Open, snap_compare: Snap, size: tuple[int, int], name: str) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: pilot.app.is_open)  # type: ignore[attr-defined]
        pilot.app.switch_mode(name)
        await until(pilot, lambda: pilot.app.current_mode == name and pilot.app.work_screen is pilot.app.screen)  # type: ignore[attr-defined]
        await at_rest(pilot)

    assert snap_compare(open_app(), terminal_size=size, run_before=before)


@pytest.mark.parametrize(("name", "keys"), [("help", "question_mark"), ("mailbox", "b"), ("palette", "ctrl+p"), ("exclude", "E")])
def test_picture_of_a_dialog(open_app: Open, snap_compare: Snap, name: str, keys: str) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        screen = await review(pilot, group_titled(pilot.app, "Robert Hale"))  # type: ignore[arg-type]
        await pilot.press(keys)
        await until(pilot, lambda: pilot.app.screen is not screen)
        await at_rest(pilot)

    assert snap_compare(open_app(), terminal_size=LARGE, run_before=before)


async def test_in_ascii_no_sign_of_the_product_is_outside_ascii(open_app: Open) -> None:
    app = open_app(ascii=True)
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot, group_titled(app, "Harry Hill"))
        for line in text_of(app).splitlines():
            assert line[45:].isascii(), line
        for name in ("home", "plan", "run"):
            app.switch_mode(name)
            await until(pilot, lambda name=name: app.current_mode == name and app.work_screen is app.screen)
            await at_rest(pilot)
            assert text_of(app).isascii(), text_of(app)
