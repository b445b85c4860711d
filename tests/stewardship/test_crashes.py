"""`kill -9` at every journal step: going on ends where an undisturbed run ends, and nothing is merged or created twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from reconcile_tui.steps import apply, audit, decide, undo
from tests.stewardship.conftest import Maker
from tests.stewardship.crash import crashing, populate
from tests.stewardship.world import contact


def test_killed_at_every_journal_step_a_run_ends_where_the_undisturbed_one_does(make_world: Maker) -> None:
    with crashing(populate(make_world(), 1)) as harness:
        harness.restore()
        assert harness.apply() == {"killed": False, "exit": 0, "error": ""}
        assert harness.report()["as_planned"]
        expected = harness.final_state()
        step, kills = 0, 0
        while True:
            step += 1
            harness.restore()
            told = harness.apply(step=step, after=step % 2 == 0)
            if not told["killed"]:
                break
            kills += 1
            told = harness.apply()
            if "No run of this plan was interrupted" in told["error"]:  # killed after its very last entry
                assert harness.final_state() == expected
                continue
            assert told == {"killed": False, "exit": 0, "error": ""}, step
            report = harness.report()
            assert report["done"] + report["already"] == len(harness.plan.writes), (step, report)
            assert report["as_planned"], (step, report)
            assert harness.final_state() == expected, step
            assert harness.twice() == [], step
        assert kills >= 2 * len(harness.plan.writes)  # an intent and an outcome each, and the prior states


def test_killed_at_random_moments_again_and_again_a_run_still_ends_there(make_world: Maker) -> None:
    seed = 20261123
    rng = random.Random(seed)
    with crashing(populate(make_world(), 4)) as harness:
        expected, seconds = harness.undisturbed()
        for attempt in range(5):
            kills = harness.killed_on_the_way(rng, seconds, most=6)
            assert harness.final_state() == expected, (seed, attempt, kills)
            assert harness.twice() == [], (seed, attempt, kills)


def test_what_is_found_written_after_a_crash_counts_as_written_is_told_and_can_be_taken_back(make_world: Maker) -> None:
    world = make_world()
    world.contact(1, firstname="Ada", lastname="Byron", jobtitle="Analyst")
    world.contact(2, firstname="Ada", lastname="Byron")
    world.start()
    group = world.group(contact(1), contact(2))
    decide.set_survivor(world.ws, group, contact(1))
    decide.set_value(world.ws, group, "job_title", "Countess")
    decide.decide(world.ws, group, "merge")
    made = world.plan()

    async def power_cut(systems: Any) -> None:
        system = systems["dynamics"]
        for name in ("update", "merge"):
            setattr(system, name, _committed_and_gone(getattr(system, name)))
        await apply.apply(world.ws, made, systems, confirm=made.records, resume=bool(world.ws.runs.all()))

    for _ in made.writes:  # each of them once
        with pytest.raises(RuntimeError, match="power cut"):
            world.with_systems(power_cut)
    report = world.apply(made, resume=True)
    assert {item.outcome for item in report.items} == {"done"}, report.text()
    assert len(world.writes()) == len(made.writes)
    assert {row["seq"] for row in audit.audit(world.ws)} == {w.seq for w in made.writes}
    told = undo.preview(world.ws, report.run)
    back = world.with_systems(lambda systems: undo.undo(world.ws, report.run, systems, confirm=told.records))
    assert back.exit_code == 0, back.text()
    assert world.record(contact(1))["jobtitle"] == "Analyst"
    assert world.record(contact(2)).get("statecode", 0) == 0


def _committed_and_gone(write: Callable[..., Any]) -> Callable[..., Any]:
    async def carried_out(*arguments: Any, **named: Any) -> Any:
        await write(*arguments, **named)
        raise RuntimeError("power cut")

    return carried_out


@pytest.mark.campaign
def test_a_thousand_kills_of_a_plan_of_two_hundred_writes(make_world: Maker) -> None:
    from benchmarks.reliability.campaign import campaign

    result = campaign(make_world(), kills=1000, writes=200, seed=20261124)
    assert result["wrong_final_states"] == 0, result
    assert result["sent_twice"] == 0, result
