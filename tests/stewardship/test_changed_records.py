"""Records that somebody changes between plan and apply: no edited value is ever overwritten."""

from __future__ import annotations

import random
from typing import Any

import pytest

from reconcile_tui.errors import AnswerLost
from reconcile_tui.model import Ref
from reconcile_tui.steps import apply, decide
from tests.stewardship.conftest import Maker
from tests.stewardship.crash import populate
from tests.stewardship.world import World, contact, hub

COLUMNS = {
    "dynamics": ["firstname", "lastname", "telephone1", "jobtitle", "address1_city", "emailaddress1"],
    "hubspot": ["firstname", "lastname", "phone", "jobtitle", "city"],
}


@pytest.mark.parametrize("seed", range(6))
def test_random_edits_between_plan_and_apply_survive_the_run(make_world: Maker, seed: int) -> None:
    world = populate(make_world(), 6)
    made = world.plan()
    rng = random.Random(seed)
    touched = list(made.touched)
    edits: dict[Ref, tuple[str, str]] = {}
    for number, ref in enumerate(rng.sample(touched, len(touched) // 3)):
        column = rng.choice(COLUMNS[ref.system])
        edits[ref] = (column, f"edited{number}@ex.test" if "email" in column else f"Edited {number}")
        world.edit(ref, **{column: edits[ref][1]})
    report = world.apply(made)
    state = world.state()
    values_now = {str(value) for row in state.values() for value in row.values()}
    for ref, (column, value) in edits.items():
        row = state.get(ref)
        if row is not None and not row.get("merged"):
            assert row.get(column) == value, (seed, ref, column)
        else:  # a record may only be merged away when the edited value lives on
            assert value in values_now, (seed, ref, column)
    assert report.count("changed_since_review") > 0
    assert report.verified is not None
    assert report.verified.as_planned, report.text()


def test_an_edit_to_another_column_does_not_stop_a_write(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="King")
    world.start()
    group = world.group(contact(1), hub(501))
    decide.set_value(world.ws, group, "last_name", "Byron")
    decide.decide(world.ws, group, "merge")
    made = world.plan()
    world.edit(contact(1), emailaddress2="new@ex.test")
    world.edit(hub(501), website="https://ada.example")
    assert world.apply(made).exit_code == 0
    assert world.record(contact(1))["emailaddress2"] == "new@ex.test"


def test_a_write_that_races_with_the_run_is_noticed_by_the_etag(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", jobtitle="Analyst")
    world.start()
    group = world.group(contact(1))
    decide.set_value(world.ws, group, "job_title", "Countess")
    decide.decide(world.ws, group, "merge")
    made = world.plan()
    world.sandbox.faults.add("change_record", method="PATCH", path="/contacts", values={"jobtitle": "Programmer"})
    report = world.apply(made)
    assert report.count("changed_since_review") == 1
    assert world.record(contact(1))["jobtitle"] == "Programmer"


def test_a_race_on_another_column_is_tried_again_with_the_new_etag(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", jobtitle="Analyst")
    world.start()
    group = world.group(contact(1))
    decide.set_value(world.ws, group, "job_title", "Countess")
    decide.decide(world.ws, group, "merge")
    made = world.plan()
    world.sandbox.faults.add("change_record", method="PATCH", path="/contacts", values={"firstname": "Augusta"})
    assert world.apply(made).exit_code == 0
    row = world.record(contact(1))
    assert (row["jobtitle"], row["firstname"]) == ("Countess", "Augusta")


@pytest.mark.parametrize("committed", [True, False])
def test_an_edit_made_while_an_answer_was_lost_is_not_overwritten_by_a_second_try(world: World, committed: bool) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", jobtitle="Analyst")
    world.start()
    group = world.group(contact(1))
    decide.set_value(world.ws, group, "job_title", "Countess")
    decide.decide(world.ws, group, "merge")
    made = world.plan()

    async def losing(systems: Any) -> Any:
        system = systems["dynamics"]
        update = system.update

        async def lost(*arguments: Any, **named: Any) -> Any:
            if committed:
                await update(*arguments, **named)
            system.update = update
            world.edit(contact(1), jobtitle="Programmer")
            raise AnswerLost("No answer.")

        system.update = lost
        return await apply.apply(world.ws, made, systems, confirm=made.records)

    report = world.with_systems(losing)
    assert report.count("changed_since_review") == 1
    assert world.record(contact(1))["jobtitle"] == "Programmer"


def test_what_had_changed_goes_back_to_review_with_the_difference(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", jobtitle="Analyst")
    world.start()
    group = world.group(contact(1))
    decide.set_value(world.ws, group, "job_title", "Countess")
    decide.decide(world.ws, group, "merge")
    made = world.plan()
    world.edit(contact(1), jobtitle="Programmer")
    report = world.apply(made)
    assert report.exit_code == 4
    row = world.ws.matches.row(group)
    assert row is not None
    assert row.state == "changed"
    [change] = decide.difference(world.ws, group)
    assert (change.field, change.decided_on, change.now) == ("job_title", "Analyst", "Programmer")
    assert world.plan().blocked[0][0] == group
    decide.decide(world.ws, group, "merge")
    assert world.apply().exit_code == 0
    assert world.record(contact(1))["jobtitle"] == "Countess"


def test_a_record_that_was_deleted_or_merged_elsewhere_is_left_alone(world: World) -> None:
    for number in (1, 2, 3):
        world.contact(number, firstname="Ada", lastname="Byron", jobtitle=f"T{number}", emailaddress1=f"a{number}@ex.test")
    world.start()
    group = world.group(contact(1), contact(2))
    decide.decide(world.ws, group, "merge")
    made = world.plan()

    async def elsewhere(systems: object) -> None:
        await systems["dynamics"].merge("contact", contact(3).id, contact(2).id, {})  # type: ignore[index]

    world.with_systems(elsewhere)
    report = world.apply(made)
    assert report.count("changed_since_review") >= 1
    assert len(world.writes(merges=True)) == 1
