"""A session by random keys: nothing crashes, nothing is sent, and the queue and the plan say what the decisions in force say.

Some hundred keys run with every test; thousands, over several restarts, with `pytest -m campaign tests/tui/test_random_keys.py`.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from reconcile_tui.steps import decide, plan
from reconcile_tui.tui.actions import ACTIONS
from reconcile_tui.tui.app import ReconcileApp
from reconcile_tui.tui.dialogs.ask import TypedCount
from reconcile_tui.workspace import Workspace
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, SMALL, at_rest, review, text_of

WORK = {"app.quit", "app.pull", "app.match", "app.simulate", "plan.make", "findings.check", "forecast.run", "review.why", "app.stop"}
"""Not pressed: these start processes, which have tests of their own (and `quit` ends the session)."""
PLAIN = {key for action in ACTIONS if action.id not in WORK for key in action.keys.split(",")}
KEYS = [*sorted(PLAIN - {"w", "ctrl+q", "m", "r"}), "1", "2", "3", "q", "ä"]
OFTEN = ("f2", "enter", "down", "right", "escape", "space", "z")
WEIGHTS = [8 if key in OFTEN else 1 for key in KEYS]
SEED = 20261123
STATES = {"merge": "decided", "link": "decided", "different": "decided", "split": "decided", "shared_mailbox": "decided",
          "exclude": "decided", "unsure": "unsure", "skip": "skipped"}  # fmt: skip


async def press_at_random(app: ReconcileApp, pilot: Pilot[Any], chance: random.Random, count: int) -> None:
    """Keys of all places; where identical groups are to be accepted, the number is typed right every other time."""
    pressed: list[str] = []
    for number in range(count):
        key = chance.choices(KEYS, WEIGHTS)[0]
        pressed.append(key)
        app.simulate_key(key) if number % 5 else await pilot.press(key)
        dialog = app.screen
        if isinstance(dialog, TypedCount) and dialog.heading.startswith("Accept") and chance.random() < 0.5:
            await pilot.press(*str(dialog.number), "enter")
        assert app.return_code in (None, 0), pressed[-20:]
    await at_rest(pilot)
    assert text_of(app)


def assert_the_queue_shows_the_decisions(workspace: Workspace) -> None:
    """The state of every group follows from the decisions in force, and from nothing else."""
    outcome: dict[str, str] = {}
    joined: set[str] = set()  # groups that a record joined after they were decided ask for another look
    for decision in workspace.decisions.in_force():
        if decision.kind == "outcome":
            outcome[decision.group] = str(decision.payload["outcome"])
            joined.discard(decision.group)
        elif decision.kind == "add" and STATES.get(outcome.get(decision.group, "")) == "decided":
            joined.add(decision.group)
    for row in workspace.matches.page(limit=10_000):
        state = "changed" if row.id in joined else STATES[outcome[row.id]] if row.id in outcome else "open"
        assert (row.state, row.outcome) == (state, outcome.get(row.id, "")), row.title


def assert_the_plan_is_the_decisions(workspace: Workspace, fresh: Path) -> None:
    """The same decisions, told to a workspace that has seen no session, make the same plan, write by write."""
    with Workspace.open(fresh) as other:
        told = decide.import_decisions(other, decide.export_decisions(workspace))
        assert told.conflicts == ()
        assert _planned(other) == _planned(workspace)


def _planned(workspace: Workspace) -> list[object]:
    made = plan.make(workspace)
    writes = [{k: v for k, v in w.as_json(made.targets[w.system]).items() if k != "decision"} for w in made.writes]
    return [writes, sorted(made.blocked), sorted(map(str, made.excluded))]


def assert_nothing_was_sent(workspace: Workspace) -> None:
    """No run, no request, no sandbox that could have been written to."""
    assert workspace.runs.all() == []
    assert not (workspace.folder / "sandbox.db").exists()


@pytest.mark.parametrize(("size", "count", "seed"), [(LARGE, 220, SEED), (SMALL, 120, SEED + 1)])
async def test_random_keys_neither_crash_nor_send_anything(
    open_app: Open, filled: Path, tmp_path: Path, size: tuple[int, int], count: int, seed: int
) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await review(pilot)
        await press_at_random(app, pilot, random.Random(seed), count)
    assert app.workspace.decisions.log(), f"seed {seed} decided nothing"
    assert_the_queue_shows_the_decisions(app.workspace)
    assert_the_plan_is_the_decisions(app.workspace, Path(shutil.copytree(filled, tmp_path / "fresh" / "sample")))
    assert_nothing_was_sent(app.workspace)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(6))
async def test_thousands_of_random_keys_over_restarts(open_app: Open, filled: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(SEED + 100 + seed)
    for session in range(4):
        app = open_app()
        async with app.run_test(size=chance.choice((LARGE, SMALL))) as pilot:
            await review(pilot)
            await press_at_random(app, pilot, chance, 500)
        assert_the_queue_shows_the_decisions(app.workspace)
        fresh = Path(shutil.copytree(filled, tmp_path / f"fresh{session}" / "sample"))
        assert_the_plan_is_the_decisions(app.workspace, fresh)
        assert_nothing_was_sent(app.workspace)
        app.workspace.close()
