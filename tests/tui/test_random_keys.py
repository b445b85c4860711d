"""A session by random keys: nothing crashes, nothing is sent, and the queue says what the decisions in force say."""

from __future__ import annotations

import random

import pytest

from reconcile_tui.tui.actions import ACTIONS
from reconcile_tui.workspace import Workspace
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, SMALL, review, text_of

WORK = {"app.quit", "app.pull", "app.match", "app.simulate", "plan.make", "findings.check", "forecast.run", "review.why", "app.stop"}
"""Not pressed: these start processes, which have tests of their own (and `quit` ends the session)."""
PLAIN = {key for action in ACTIONS if action.id not in WORK for key in action.keys.split(",")}
KEYS = [*sorted(PLAIN - {"w", "ctrl+q", "m", "r"}), "1", "2", "3", "q", "ä"]
SEED = 20261123
STATES = {"merge": "decided", "link": "decided", "different": "decided", "split": "decided", "shared_mailbox": "decided",
          "exclude": "decided",
          "unsure": "unsure", "skip": "skipped"}  # fmt: skip


def assert_decisions_are_what_the_queue_shows(workspace: Workspace) -> None:
    """The state of every group follows from the decisions in force, and from nothing else."""
    outcome: dict[str, str] = {}
    for decision in workspace.decisions.in_force():
        if decision.kind == "outcome":
            outcome[decision.group] = str(decision.payload["outcome"])
    for row in workspace.matches.page(limit=10_000):
        expected = (STATES[outcome[row.id]], outcome[row.id]) if row.id in outcome else ("open", "")
        assert (row.state, row.outcome) == expected, row.title


@pytest.mark.parametrize(("size", "count", "seed"), [(LARGE, 220, SEED), (SMALL, 120, SEED + 1)])
async def test_random_keys_neither_crash_nor_send_anything(open_app: Open, size: tuple[int, int], count: int, seed: int) -> None:
    app = open_app()
    chance = random.Random(seed)
    weights = [8 if key in ("enter", "down", "right", "escape", "space", "z") else 1 for key in KEYS]
    async with app.run_test(size=size) as pilot:
        await review(pilot)
        pressed: list[str] = []
        for number in range(count):
            key = chance.choices(KEYS, weights)[0]
            pressed.append(key)
            app.simulate_key(key) if number % 5 else await pilot.press(key)
            assert app.return_code in (None, 0), pressed[-20:]
        await pilot.pause()
        assert text_of(app)
    assert_decisions_are_what_the_queue_shows(app.workspace)
    assert app.workspace.decisions.log(), f"seed {seed} decided nothing"
    assert app.workspace.runs.all() == []
    assert not (app.workspace.folder / "sandbox.db").exists()
