"""Values that attack the terminal: nothing of them is interpreted, nothing reaches the terminal raw, nothing crashes."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import reconcile_tui.tui
from reconcile_tui.tui.difference import pieces
from reconcile_tui.tui.line import Line, fit, wrapped
from tests.tui.attacks import ATTACKS, attack
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, SMALL, review, text_of, typed, until
from tests.tui.terminal import Terminal, plain

ACTIVE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
SCREENS = ("f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace full of attacks."""
    return attack(tmp_path_factory.mktemp("hostile") / "sample")


def assert_inert(text: str, where: str) -> None:
    """No character of a screen acts on a terminal."""
    for line in text.split("\n"):
        found = ACTIVE.search(line)
        assert found is None, f"{where}: {found.group()!r} in {line[:200]!r}"


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_no_screen_lets_a_hostile_value_through(open_app: Open, hostile: Path, size: tuple[int, int]) -> None:
    app = open_app(hostile)
    async with app.run_test(size=size) as pilot:
        screen = await review(pilot)
        for number in ATTACKS:
            screen.show_group(f"h{number}")
            await until(pilot, lambda number=number: screen.view is not None and screen.view.row.id == f"h{number}")
            await pilot.press("right")
            assert_inert(text_of(app), f"group {number}")
        for key in ("e", "H", "b", "x", "f"):
            await pilot.press(key)
            await pilot.pause(0.05)
            assert_inert(text_of(app), f"dialog {key}")
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is screen)
        for key in SCREENS:
            await pilot.press(key)
            await pilot.pause(0.05)
            assert_inert(text_of(app), key)
        await pilot.press("f6", "slash")
        await typed(pilot, "hostile.test")
        for _ in range(len(ATTACKS)):
            await pilot.press("down")
            assert_inert(text_of(app), "records")
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert_inert(text_of(app), "record as pulled")
        await pilot.press("escape", "ctrl+p")
        await typed(pilot, "hostile.test", enter=False)
        assert_inert(text_of(app), "palette")
    assert app.return_code in (0, None)


WALK = (
    ("review", ("f2", "U", "enter", "e", "escape", "H", "escape", "f", "escape", "b", "escape", "E", "escape", "t", "escape")),
    ("queue", ("j", "j", "A", "escape", "space", "B", "escape", "slash", "escape")),
    ("home, forecast and findings", ("f1", "f3", "j", "a", "f4", "enter", "j", "escape", "a", "escape")),
    ("mapping", ("f5", "enter", "escape", "w", "escape")),
    ("records", ("f6", "slash", "attack9002", "enter", "enter", "j", "escape", "a", "escape")),
    ("plan, run and history", ("f7", "j", "A", "escape", "f8", "j", "f9", "j")),
    ("palette and help", ("ctrl+p", "attack", "escape", "g", "hostile", "escape", "question_mark", "escape")),
)
"""Every screen, and every dialog in which a value can stand."""


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
def test_on_no_screen_a_real_terminal_gets_a_sequence_of_a_value(hostile: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    folder = Path(shutil.copytree(hostile, tmp_path / "sample"))
    with Terminal(folder, size=size) as terminal:
        terminal.wait_for("Review")
        terminal.read(quiet=0.5)
        for place, keys in WALK:
            for key in keys:
                terminal.press({"ctrl+p": "\x10", "slash": "/", "question_mark": "?"}.get(key, key))
                terminal.read(quiet=0.3 if key == "escape" else 0.12)  # an escape and the next key must not arrive as one
            assert terminal.process.poll() is None, f"{place}: the screens have ended"
        terminal.press("ctrl+q")
        assert terminal.end() == 0
        output = terminal.output
    sent = {command for command in re.findall(rb"\x1b\][^\x07\x1b]{0,60}", output) if not re.fullmatch(rb"\x1b\]22;[a-z-]+", command)}
    assert sent == set()  # besides the pointer's shape no command to the operating system: no title, no clipboard, no link
    assert b"aGFja2Vk" in output  # the attacks were there to be seen
    text = plain(output)
    found = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]", text)
    assert found is None, f"{found!r} in {text[max(0, found.start() - 60) : found.end() + 60]!r}" if found else ""


@given(st.text(alphabet=st.characters(), max_size=200), st.integers(1, 60))
def test_every_text_becomes_an_inert_cell_of_exactly_the_width_asked_for(text: str, width: int) -> None:
    line = Line().cell(text, width)
    assert_inert(line.plain, "cell")
    assert "\n" not in line.plain
    assert cell_len(line.plain) == width
    for part in wrapped(text, max(8, width)):
        assert_inert(part.plain, "wrapped")
        assert part.width <= max(8, width)


@given(st.text(max_size=40), st.integers(0, 30))
def test_fitting_never_makes_a_text_wider_than_the_cell(text: str, width: int) -> None:
    from reconcile_tui.display import safe_text

    assert cell_len(fit(safe_text(text), width)) == width


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_of_a_difference_add_up_to_the_text(text: str, other: str) -> None:
    found = pieces(text, other)
    assert "".join(part for part, _ in found) == text
    if text == other:
        assert not any(differs for _, differs in found)
    elif text:
        assert any(differs for _, differs in found) or len(text) < len(other)


BANNED = {"Static", "Label", "DataTable", "OptionList", "Markdown", "RichLog", "Tree"}


def test_no_widget_that_parses_markup_is_used_and_nothing_is_notified_as_markup() -> None:
    folder = Path(reconcile_tui.tui.__file__).parent
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "textual.widgets":
                assert not {alias.name for alias in node.names} & BANNED, path
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert name not in {"notify", "from_markup", "render_markup", "Segment"} or path.name == "line.py", f"{path}: {name}"
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                assert node.attr not in {"border_title", "border_subtitle", "tooltip"}, f"{path}: {node.attr} parses markup"
