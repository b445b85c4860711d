"""Values that attack the terminal: nothing of them is interpreted, nothing reaches the terminal raw, nothing crashes."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import reconcile_tui.tui
from reconcile_tui.tui.difference import pieces
from reconcile_tui.tui.line import Line, fit, wrapped
from tests.tui.conftest import Open
from tests.tui.filled import fill
from tests.tui.seeing import LARGE, SMALL, review, text_of, typed, until
from tests.tui.terminal import Terminal

ATTACKS = {
    "9001": "[@click=app.quit]x[/] [bold]Bob [/]",
    "9002": "a\x1b]52;c;aGFja2Vk\x07b\x1b[2J\x1b]0;owned\x07",
    "9003": "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "9004": "\u202egnp.exe\u2066x\u2069 \u200f\ufeff",
    "9005": "\x9b31mC1\x85\x90q\x9c NUL\x00 tab\t line\nbreak\r",
    "9006": "👩‍👩‍👧‍👦 🏳️‍🌈 " + "é" * 5,
    "9007": "漢" * 400_000 + "字",
    "9008": "x" * 1_000_000,
}
ACTIVE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
SCREENS = ("f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which every attack stands in a name, a title, a company and a note, alone and beside an equal record."""
    extra = [
        {
            "hs_object_id": number, "email": f"attack{number}@hostile.test", "firstname": value, "lastname": value[::-1][:50],
            "jobtitle": value, "company": value, "lifecyclestage": "customer", "createdate": "2026-01-01T00:00:00Z",
            "lastmodifieddate": "2026-01-01T00:00:00Z",
        }
        for number, value in ATTACKS.items()
    ]  # fmt: skip
    folder = fill(tmp_path_factory.mktemp("hostile") / "sample", extra=extra)
    from reconcile_tui.model import Ref
    from reconcile_tui.steps import decide
    from reconcile_tui.workspace import Workspace
    from reconcile_tui.workspace.matches import NewGroup

    with Workspace.open(folder) as workspace:
        keys = {number: workspace.records.key_of(Ref("hubspot", "contacts", number)) for number in ATTACKS}
        groups = [
            NewGroup(
                f"h{number}", "contacts", "differs", 0.999, (keys[number], keys["9001"]) if number != "9001" else (keys[number],),  # type: ignore[arg-type]
                "H+H", value, ("first_name",), 1.0, "2026",
            )
            for number, value in ATTACKS.items()
        ]  # fmt: skip
        workspace.matches.add_groups(groups)
        workspace.matches.set_risk([(f"h{number}", 99, 9) for number in ATTACKS])
        for number, value in ATTACKS.items():
            decide.note(workspace, f"h{number}", value[:5000])
    return folder


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


def _press_until(terminal: Terminal, keys: tuple[str, ...], text: str, *, longest: float = 90.0) -> None:
    """Press keys, again while the program is still opening, until a text has been painted at any time since the start."""
    end = time.monotonic() + longest
    while text not in terminal.output.decode("utf-8", "replace"):
        assert time.monotonic() < end, f"{text!r} was never painted"
        for key in keys:
            terminal.press(key)
            terminal.read()


def test_what_a_real_terminal_gets_holds_no_sequence_of_a_value(hostile: Path) -> None:
    with Terminal(hostile) as terminal:
        terminal.wait_for("Review")
        _press_until(terminal, ("f2", "U", "enter"), "␛]52;c;aGFja2Vk␇")
        for key in ("e", "escape", "escape", "f9"):
            terminal.press(key)
            terminal.read()
        terminal.press("ctrl+q")
        assert terminal.end() == 0
        text = terminal.output.decode("utf-8", "replace")
    assert "\x1b]52" not in text
    assert "␛]52;c;aGFja2Vk␇" in text
    assert "\x1b]8;;http://evil" not in text
    assert "\x1b]0;owned" not in text
    assert "\u202e" not in text
    assert "\x9b31m" not in text


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
