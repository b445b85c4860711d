"""What the sync would overwrite, on the screens: a loss walked through in the grid, and totals that follow each decision."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from reconcile_tui.model import Ref
from reconcile_tui.steps import decide, demo, simulate
from reconcile_tui.tui.app import ReconcileApp
from reconcile_tui.tui.dialogs.notice import Notice
from reconcile_tui.tui.dialogs.walk import Walk
from reconcile_tui.tui.screens.forecast import Ledger
from reconcile_tui.workspace import Workspace
from reconcile_tui.workspace.matches import Filter
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, SMALL, review, shows, text_of, until


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, pulled, matched and forecast."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    demo.prepare(folder, fresh=True)
    with Workspace.open(folder) as workspace:
        demo.load(workspace)
    return folder


@pytest.fixture
def forecast(demo_folder: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(demo_folder, tmp_path / "copy"))


def article(app: ReconcileApp) -> str:
    key = app.workspace.records.key_of(Ref("dynamics", "contact", "c0000001-0000-4000-8000-000000000001"))
    return str(app.workspace.matches.group_of(int(key or 0)))


def lines_with(text: str) -> Callable[[str], list[str]]:
    return lambda shown: [line for line in shown.splitlines() if text in line]


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_the_articles_loss_is_walked_through_with_the_cells_changing(open_app: Open, forecast: Path, size: tuple[int, int]) -> None:
    app = open_app(forecast)
    async with app.run_test(size=size) as pilot:
        screen = await review(pilot, article(app))
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, Walk) and app.screen.walk is not None)
        walk = app.screen
        assert isinstance(walk, Walk)
        await pilot.pause()
        names = lines_with("first name  ")
        assert "Launch: the records as they are" in text_of(app)
        assert "Robert" in names(text_of(app))[-1]
        await pilot.press("right")
        await until(pilot, lambda: walk.step == 1)
        assert "▶ 1  Rita Hale" in text_of(app)
        await pilot.press("right", "right", "right")
        await until(pilot, lambda: walk.step == 2)
        await pilot.pause()
        assert "Robert" not in names(text_of(app))[-1], text_of(app)
        assert "→ Rita" in names(text_of(app))[-1]
        await pilot.press("left", "home")
        await until(pilot, lambda: walk.step == 0)
        first = walk.walk
        await pilot.press("down")
        await until(pilot, lambda: walk.walk is not first)
        assert walk.walk is not None
        assert walk.walk["number"] == walk.number
        assert walk.walk["cells"][walk.number] != walk.walk["cells"][walk.number - 1]
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)


async def test_the_forecast_screen_opens_the_walk_of_its_group(open_app: Open, forecast: Path) -> None:
    app = open_app(forecast)
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot)
        await pilot.press("f3")
        await until(
            pilot, lambda: app.current_mode == "forecast" and bool(app.screen.query(Ledger)) and app.screen.query_one(Ledger).groups
        )
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Walk) and app.screen.walk is not None)
        await pilot.press("end")
        await pilot.pause()
        assert "is gone." in text_of(app)


async def test_totals_follow_a_decision_and_its_undo_on_every_screen(open_app: Open, forecast: Path) -> None:
    app = open_app(forecast)
    kept = app.workspace.forecasts
    today = kept.totals("now")
    assert today is not None
    cells = today["cells_certain"] + today["cells_order_dependent"]
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot, article(app))
        decide.decide(app.workspace, app.workspace.matches.page(Filter(klass="differs"), "value", limit=1)[0].id, "merge")
        app.changed()
        await until(pilot, lambda: bool(app.workspace.decisions.log()) and not kept.behind())
        await pilot.press("z")
        await until(pilot, lambda: not kept.behind() and f"{cells:,} → {cells:,} at risk" in text_of(app))
        await pilot.press("Z")
        await until(pilot, lambda: len(app.workspace.decisions.log()) == 3 and not kept.behind())
        after = kept.totals("after")
        assert after is not None
        left = after["cells_certain"] + after["cells_order_dependent"]
        assert left < cells
        await until(pilot, lambda: f"{cells:,} → {left:,} at risk" in text_of(app))
        for key, told in (("f1", f"after cleaning {left:,}"), ("f3", f"{left:,} cells")):
            await pilot.press(key)
            await until(pilot, lambda told=told: told in text_of(app))
    assert simulate.simulate(app.workspace, after_plan=True).totals.cells == left


async def test_what_the_field_map_leaves_out_of_the_forecast_is_said_by_pull_and_in_the_group(open_app: Open, forecast: Path) -> None:
    path = forecast / "reconcile.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('dynamics = "telephone1"', 'dynamics = "telefone"'), encoding="utf-8")
    app = open_app(forecast)
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: app.is_open)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, Notice), rounds=2_000)
        await shows(pilot, "dynamics: contact has no column telefone; lead has no column")
        await pilot.press("escape", "ctrl+f")
        await until(pilot, lambda: (app.workspace.forecasts.totals("now") or {}).get("problems") and app.job is None, rounds=2_000)
        await review(pilot, article(app))
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, Walk) and app.screen.walk is not None)
        await shows(pilot, "! Not forecast, for a mapped column is not there (F3 names it): phone")
        await pilot.press("escape")
        identical = app.workspace.matches.page(Filter(klass="identical", at_risk=False), limit=1)[0].id
        await review(pilot, identical)
        await pilot.press("f")
        await shows(pilot, "The sync would overwrite nothing in this group.")
        await shows(pilot, "! Not forecast, for a mapped column is not there")
