"""Records kept out of the sync: in the direction that was said, by the sync's own filter and not by a write, and seen by the forecast."""

from __future__ import annotations

import json

import pytest

from reconcile_tui.errors import DecisionRefused
from reconcile_tui.model import Ref
from reconcile_tui.steps import decide, simulate
from reconcile_tui.steps.projecting import projected
from tests.stewardship.world import World, contact, hub


@pytest.fixture
def twins(world: World) -> World:
    """The article's two contacts and the one HubSpot contact both would be copied to."""
    world.contact(1, firstname="Robert", lastname="Hale", emailaddress1="bob@acme.test", telephone1="+442079460101")
    world.contact(2, firstname="Rita", lastname="Hale", emailaddress1="bob@acme.test", telephone1="+442079460202")
    world.hub(501, email="bob@acme.test", firstname="Robert", lastname="Hale")
    world.start()
    world.group(contact(1), contact(2), hub(501))
    return world


def picked_up(world: World) -> dict[Ref, bool]:
    return {record.ref: record.eligible for record in projected(world.ws, decide.view(world.ws, "g0001"))}


@pytest.mark.parametrize(
    ("direction", "left"), [("both", set()), ("forward", {hub(501)}), ("backward", {contact(1), contact(2)})], ids=lambda v: str(v)[:8]
)
def test_a_direction_keeps_out_what_starts_from_there_and_nothing_else(twins: World, direction: str, left: set[Ref]) -> None:
    decide.exclude(twins.ws, "g0001", direction=direction)
    made = twins.plan()
    assert made.writes == ()
    assert {ref for ref, eligible in picked_up(twins).items() if eligible} == left
    assert {ref for ref, _ in made.excluded} == {contact(1), contact(2), hub(501)} - left
    assert {way for _, way in made.excluded} == {direction}
    document = json.loads(made.to_json())
    assert all(item["direction"] == direction for item in document["excluded"])


def test_a_direction_in_which_none_of_the_records_leaves_its_system_is_refused_with_the_reason(twins: World) -> None:
    with pytest.raises(DecisionRefused, match="None of these records leaves its system in the direction dynamics_to_hubspot"):
        decide.exclude(twins.ws, "g0001", [hub(501)], direction="forward")
    with pytest.raises(DecisionRefused, match="hubspot_to_dynamics"):
        decide.exclude(twins.ws, "g0001", [contact(1)], direction="backward")


def test_the_forecast_after_the_plan_knows_what_is_kept_out_and_in_which_direction(twins: World) -> None:
    now = simulate.simulate(twins.ws).totals
    assert now.cells_certain + now.cells_order_dependent > 0
    decide.exclude(twins.ws, "g0001", [contact(2)], direction="forward")
    one_way = simulate.simulate(twins.ws, after_plan=True)
    told = [one_way.tell(group) for group in one_way.groups]
    overwritten = {cell.record for group in told for cell in group.cells}
    assert contact(2) in overwritten  # HubSpot's record still comes back to whoever has its address
    assert hub(501) not in overwritten  # one record alone writes to it now
    decide.exclude(twins.ws, "g0001", direction="both")
    after = simulate.simulate(twins.ws, after_plan=True).totals
    assert (after.cells_certain, after.cells_order_dependent) == (0, 0)


def test_the_plan_says_that_nothing_is_written_and_what_has_to_happen(twins: World) -> None:
    decide.exclude(twins.ws, "g0001", [contact(2)])
    text = twins.plan().text()
    assert "nothing is written; its filter has to name them (`reconcile-tui policy` makes the list)" in text
    assert f"{contact(2)}: not picked up from dynamics" in text
