"""What merges do of their own accord never shows in the result: it is compared with the prediction, corrected or told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from reconcile_tui.sandbox.options import Options
from reconcile_tui.steps import apply, decide
from reconcile_tui.steps.projecting import projected
from reconcile_tui.stewardship.document import Plan
from reconcile_tui.stewardship.outcomes import RunReport
from tests.stewardship.conftest import Maker
from tests.stewardship.crash import canonical, populate
from tests.stewardship.world import World, contact, hub

MODES = [(ids, flow) for ids in ("new", "preserve") for flow in ("update_content", "fill_empty")]


def options(ids: str, flow: str) -> Options:
    return Options(dataverse_key_delay=0.0, hubspot_merge_ids=ids, dataverse_merge_flow=flow)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    world = populate(World(tmp_path_factory.mktemp("usual")), 4)
    assert world.apply().exit_code == 0
    found = canonical(world)
    world.close()
    return found


@pytest.mark.parametrize(("ids", "flow"), MODES)
def test_a_run_ends_in_the_same_state_however_the_systems_merge(
    make_world: Maker, expected: dict[str, dict[str, Any]], ids: str, flow: str
) -> None:
    world = populate(make_world(options=options(ids, flow)), 4)
    report = world.apply()
    assert report.exit_code == 0, report.text()
    assert canonical(world) == expected
    assert world.plan().writes == ()


def linked_twice(world: World) -> str:
    """Two contacts of one person, each linked to a HubSpot contact of its own, with further values nobody mapped."""
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", jobtitle="Analyst")
    world.contact(
        2, firstname="Ada", lastname="Byron", emailaddress2="ada@old.test", telephone1="+442079460101", new_hubspotcontactid="502"
    )
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron")
    world.hub(502, email="ada@old.test", firstname="A.", lastname="Byron", dynamics_contactid=contact(2).id)
    world.start()
    group = world.group(contact(1), contact(2), hub(501), hub(502))
    decide.set_survivor(world.ws, group, contact(1))
    decide.set_survivor(world.ws, group, hub(501))
    decide.decide(world.ws, group, "merge")
    return group


@pytest.mark.parametrize(("ids", "flow"), MODES)
def test_a_link_that_flows_in_from_the_lost_record_is_replaced_by_the_right_one(make_world: Maker, ids: str, flow: str) -> None:
    world = make_world(options=options(ids, flow))
    group = linked_twice(world)
    foreseen = {r.ref: dict(r.values) for r in projected(world.ws, decide.view(world.ws, group)) if r.ref.system == "dynamics"}
    report = world.apply()
    assert report.exit_code == 0, report.text()
    row = world.record(contact(1))
    [live] = [ref for ref, r in world.state().items() if ref.system == "hubspot"]
    assert row["new_hubspotcontactid"] == live.id
    assert world.record(live)["dynamics_contactid"] == contact(1).id
    found = world.ws.records.get(contact(1))
    assert found is not None
    assert dict(found.values) == foreseen[contact(1)]
    told = [item.beyond for item in report.items if item.beyond]
    assert told == (["The merge also filled emailaddress2 from the other record."] if flow == "fill_empty" else [])
    assert world.plan().writes == ()


def applied_with(world: World, made: Plan, system: str, merge: Callable[..., Any]) -> RunReport:
    """The plan applied over a system whose `merge(original, table, keep, lose, values)` does something of its own."""

    async def story(systems: Any) -> RunReport:
        original = systems[system].merge
        systems[system].merge = partial(merge, original)
        return await apply.apply(world.ws, made, systems, confirm=made.records)

    report: RunReport = world.with_systems(story)
    return report


def test_a_merge_that_overwrites_what_it_was_told_to_leave_is_corrected_and_told(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", jobtitle="Analyst")
    world.contact(2, firstname="Ada", lastname="Byron", jobtitle="Countess")
    world.start()
    group = world.group(contact(1), contact(2))
    decide.set_survivor(world.ws, group, contact(1))
    decide.set_value(world.ws, group, "job_title", "Analyst")
    decide.decide(world.ws, group, "merge")

    async def disobedient(original: Any, table: str, keep: str, lose: str, values: Any) -> Any:
        return await original(table, keep, lose, {**values, "jobtitle": "Countess"})

    report = applied_with(world, world.plan(), "dynamics", disobedient)
    assert report.exit_code == 0, report.text()
    assert "The merge took jobtitle from the other record; corrected." in report.text()
    assert world.record(contact(1))["jobtitle"] == "Analyst"


def test_a_hubspot_merge_that_keeps_other_values_than_predicted_is_put_right_and_told(world: World) -> None:
    world.hub(501, email="a@ex.test", firstname="Ada", jobtitle="Analyst")
    world.hub(502, email="b@ex.test", firstname="Ada", jobtitle="Countess")
    world.start()
    group = world.group(hub(501), hub(502))
    decide.set_survivor(world.ws, group, hub(501))
    decide.set_value(world.ws, group, "job_title", "Analyst")
    decide.decide(world.ws, group, "merge")

    async def other(original: Any, table: str, keep: str, lose: str, values: Any) -> Any:
        answer = await original(table, keep, lose, values)
        world.sandbox.edit(f"hubspot/contacts/{answer.id}", {"jobtitle": "Countess"})
        return answer

    report = applied_with(world, world.plan(), "hubspot", other)
    assert report.exit_code == 0, report.text()
    assert "The merge left another value than predicted in jobtitle" in report.text()
    [live] = [row for ref, row in world.state().items() if ref.system == "hubspot"]
    assert live["jobtitle"] == "Analyst"
