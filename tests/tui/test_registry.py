"""The registry of actions is what footer, help, palette and documentation are made from."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path

from reconcile_tui.tui.acting import NEEDS
from reconcile_tui.tui.actions import ACTIONS, PLACES, SCREENS, as_markdown
from reconcile_tui.tui.chrome import FOOTER_KEYS, Footer
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, review

OWNERS = {
    "app": "reconcile_tui.tui.app.ReconcileApp",
    "list": "reconcile_tui.tui.board.Board",
    "page": "reconcile_tui.tui.board.Page",
    "queue": "reconcile_tui.tui.screens.review.Review",
    "group": "reconcile_tui.tui.screens.review.Review",
    "review": "reconcile_tui.tui.screens.review.Review",
    "walk": "reconcile_tui.tui.dialogs.walk.Walk",
    **{name: f"reconcile_tui.tui.screens.{name}.SCREEN" for name, _ in SCREENS if name != "review"},
}


def test_every_action_has_a_method_a_place_and_known_needs() -> None:
    for action in ACTIONS:
        module, _, name = OWNERS[action.place].rpartition(".")
        owner = getattr(importlib.import_module(module), name)
        stem = action.name.rstrip("0123456789").rstrip("_")
        assert hasattr(owner, f"do_{stem}") or action.name in dict(SCREENS), action.id
        assert action.place in PLACES
        assert set(action.needs) <= set(NEEDS)


def test_no_key_does_two_things_in_one_place() -> None:
    together = (
        ("app",),
        ("app", "review", "queue", "list"),
        ("app", "review", "group", "list"),
        ("app", "home", "page"),
        *((("app", n, "list")) for n, _ in SCREENS[2:]),
    )
    for places in together:
        keys = Counter(key for action in ACTIONS if action.place in places for key in action.keys.split(","))
        assert [key for key, count in keys.items() if count > 1] == [], places


def test_the_page_of_keys_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "keys.md"
    assert page.read_text(encoding="utf-8") == as_markdown(), "python -m reconcile_tui.tui.actions > docs/keys.md"


async def test_no_footer_shows_more_than_eight_keys_and_each_shows_help(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot)
        for name, _ in SCREENS:
            app.switch_mode(name)
            await pilot.pause(0.05)
            for width in (60, 80, 200):
                line = app.screen.query_one(Footer).draw(width)
                assert line.width <= width + 3
                assert line.plain.rstrip().endswith("? keys")
                assert sum("key" in roles for _, roles, _ in line.parts) <= FOOTER_KEYS


def test_opening_the_package_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys, reconcile_tui.tui.app, reconcile_tui.tui.screens.home, reconcile_tui.tui.screens.review, reconcile_tui.steps.decide;"
        "heavy = {'httpx', 'msal', 'numpy', 'pyarrow', 'polars', 'scipy', 'sqlite_utils', 'starlette'};"
        "print(heavy & set(sys.modules) or '')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
