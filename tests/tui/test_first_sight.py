"""What a screen says before there is anything on it, what it can't show whole, and what can be read in every theme."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from reconcile_tui.tui import glyphs, themes
from reconcile_tui.tui.acting import NEEDS
from reconcile_tui.tui.dialogs.choose import Choose, Option
from reconcile_tui.tui.guide import GuideLine
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.review.order import parse_filter
from reconcile_tui.tui.screens.home import home_lines
from reconcile_tui.tui.standing import Stage, Standing
from reconcile_tui.workspace import Workspace
from tests.tui.conftest import Open
from tests.tui.filled import SAMPLE
from tests.tui.seeing import LARGE, SMALL, group_titled, review, shows, text_of, typed, until

BOTH = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])


@pytest.fixture
def nothing_pulled(tmp_path: Path) -> Path:
    """A workspace with a project file alone."""
    folder = tmp_path / "new"
    folder.mkdir()
    shutil.copyfile(SAMPLE / "reconcile.toml", folder / "reconcile.toml")
    Workspace.open(folder).close()
    return folder


@BOTH
async def test_a_list_with_nothing_in_it_says_why_and_what_to_do(open_app: Open, nothing_pulled: Path, size: tuple[int, int]) -> None:
    app = open_app(nothing_pulled)
    said = dict.fromkeys(("review", "forecast", "findings", "records"), "Nothing is pulled yet.")
    said |= {"plan": "No plan yet. m makes it", "run": "Nothing was applied yet.", "history": "Nothing was decided yet."}
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.is_open)
        for name, text in said.items():
            app.switch_mode(name)
            await until(pilot, lambda name=name: app.current_mode == name and app.work_screen is app.screen)
            await shows(pilot, text)


@BOTH
async def test_a_filter_that_no_group_passes_says_so_and_how_to_drop_it(open_app: Open, size: tuple[int, int]) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        screen = await review(pilot)
        screen.filter_by("nobody-is-called-so")
        await shows(pilot, "No group passes this filter.")
        await pilot.press("backspace")
        await until(pilot, lambda: screen.queue.count > 2)


async def test_on_a_small_terminal_the_queue_says_what_comes_next_and_gives_the_line_back_when_the_path_is_over(open_app: Open) -> None:
    app = open_app(guided=True)
    async with app.run_test(size=SMALL) as pilot:
        await shows(pilot, "1 of 5  Two people, one e-mail")
        await pilot.press("escape")
        await shows(pilot, "1 of 5  Two people, one e-mail   enter opens the group")
        queue = app.screen.query_one("#queue")
        guided = queue.size.height
        app.workspace.settings.set("tui.guide", "off")
        app.screen.refresh_frame()  # type: ignore[attr-defined]
        await until(pilot, lambda: queue.size.height == guided + 1)
        assert not app.screen.query_one(GuideLine).display


async def test_when_only_what_is_identical_is_left_of_the_path_the_queue_says_how_to_accept_it(open_app: Open) -> None:
    app = open_app(guided=True)
    async with app.run_test(size=SMALL) as pilot:
        await review(pilot, group_titled(app, "Harry Hill"))
        await pilot.press("d", "d", "d", "escape")
        await shows(pilot, "4 of 5  What is identical goes in one stroke   B accepts all of them")


async def test_records_are_found_by_name_before_the_records_were_ever_looked_at(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot, group_titled(app, "Harry Hill"))
        await pilot.press("plus")
        await typed(pilot, "rita", enter=False)
        await shows(pilot, "Rita Hale")
        await typed(pilot, "nobody-is-called-so", enter=False)
        await shows(pilot, "Nothing fits.")
        await typed(pilot, "r", enter=False)
        await shows(pilot, "Type 2 characters or more.")


async def test_what_follows_from_an_answer_is_read_in_full_under_the_answers(open_app: Open) -> None:
    app = open_app()
    long = "The first word of a sentence that is longer than the line it begins on, and that ends with the word elephant."
    async with app.run_test(size=SMALL) as pilot:
        await review(pilot)
        app.ask(Choose("Which?", [Option("one", "short", "1"), Option("two", long, "2")]))
        await until(pilot, lambda: isinstance(app.screen, Choose))
        assert "elephant" not in text_of(app)
        await pilot.press("down")
        await shows(pilot, "elephant")


async def test_a_text_above_answers_that_is_too_long_is_paged_through(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SMALL) as pilot:
        await review(pilot)
        app.ask(Choose("Which?", [Option("one", "", "1")], [Line(f"line {number}") for number in range(30)]))
        await shows(pilot, "page down reads on")
        assert "line 29" not in text_of(app)
        await pilot.press("pagedown", "pagedown", "pagedown")
        await shows(pilot, "line 29")


async def test_help_and_palette_know_how_to_stop_work(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot)
        await pilot.press("question_mark", "end")
        await shows(pilot, "ctrl+c")
        await pilot.press("escape", "ctrl+p")
        await typed(pilot, "stop the work", enter=False)
        await shows(pilot, "ctrl+c")


def _contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (part / 255 for part in Color.parse(colour).rgb)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


INKS = ("primary", "secondary", "warning", "error", "success", "accent", "foreground")
OWN_INKS = ("taken", "differs", "typed", "quiet")


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)
def test_every_ink_can_be_read_on_every_ground_it_stands_on(theme: Theme) -> None:
    own: Callable[[str], str] = theme.variables.__getitem__
    inks = {name: str(getattr(theme, name)) for name in INKS} | {name: own(name) for name in OWN_INKS}
    grounds = {name: str(getattr(theme, name)) for name in ("background", "surface", "panel")}
    for ground in (*grounds.values(), own("cursor-line"), own("here-line")):
        for name, ink in inks.items():
            assert _contrast(ink, ground) >= 4.5, (name, ground)
    for ground in (*grounds.values(), own("here-line")):  # on the cursor's line what is faint becomes quiet
        assert _contrast(own("faint"), ground) >= 4.5, ground
    assert _contrast(str(theme.foreground), own("cell-line")) >= 4.5


def test_the_chart_of_risk_shows_each_forecast_and_what_decisions_made_of_it_until_the_next_one() -> None:
    trend = (("2026-03-01T09:00", 592), ("2026-03-02T09:00", 560), ("2026-03-03T09:00", 530))
    cleaned = (("2026-03-02T09:01", 555), ("2026-03-02T10:00", 540), ("2026-03-03T09:01", 520))
    stage = Stage("Pulled", "done", ("something",), "app.pull", "pull")
    lines = [line.plain for line in home_lines(Standing((stage,), "app.pull", "pull", trend, cleaned, None), 100, 30, {})]
    assert "592 → 520 cells" in lines[-1]
    top = next(line for line in lines if "592" in line and "█" in line)
    assert top.count("█") + top.count("▁") >= 1
    assert lines[-2].split("0 ")[-1].split() == ["█████"] * 4


@pytest.mark.parametrize("text", ["class:mail", "state:done", "class:identical state:gone"])
def test_a_filter_names_what_it_does_not_know_and_what_it_knows(text: str) -> None:
    _, problem = parse_filter(text)
    assert "is not known here; use " in problem


async def test_on_a_small_terminal_the_filter_is_seen_before_anything_else(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SMALL) as pilot:
        screen = await review(pilot)
        screen.filter_by("class:identical system:hubspot score:0.1-1")
        await shows(pilot, "filter: class:identical")


async def test_a_record_marked_for_a_split_says_so_under_its_name(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SMALL) as pilot:
        await review(pilot, group_titled(app, "Robert Hale"))
        await pilot.press("right", "right", "x")
        await shows(pilot, "x marked")


@pytest.mark.parametrize("need", NEEDS.values())
def test_why_a_key_can_not_be_used_now_fits_the_narrowest_usual_terminal(need: str) -> None:
    assert len(need) <= 76


async def test_why_an_answer_can_not_be_used_is_read_to_its_end(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SMALL) as pilot:
        await review(pilot)
        await pilot.press("slash")
        await typed(pilot, "class:mail")
        await shows(pilot, "class:mail is not known here")
        await shows(pilot, "chain, collision")
        assert "esc leaves" in text_of(app)


def test_marks_of_a_value_are_told_apart_in_ascii_too() -> None:
    marks = (glyphs.TAKEN, glyphs.SAME, glyphs.DIFFERS, glyphs.ALIKE, glyphs.EMPTY, glyphs.TYPED, glyphs.UNMAPPED, glyphs.BLOCKED, " ")
    assert len({mark.translate(glyphs.ASCII) for mark in marks}) == len(marks)
