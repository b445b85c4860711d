"""Taking a run back: what can be restored is, what can't is said before, and nobody's later change is overwritten."""

from __future__ import annotations

from typing import Any

import pytest

from reconcile_tui.errors import UsageError
from reconcile_tui.model import Ref
from reconcile_tui.steps import decide, undo
from tests.stewardship.conftest import Maker
from tests.stewardship.crash import populate
from tests.stewardship.world import World, contact, hub

LASTING = ("merged", "masterid", "_masterid_value", "masterid__table", "address1_composite")
"""What Dynamics keeps itself: that a record was merged once, and a computed column."""


def visible(state: dict[Ref, dict[str, Any]]) -> dict[Ref, dict[str, Any]]:
    """The state without what nobody can write."""
    return {ref: {name: value for name, value in row.items() if name not in LASTING} for ref, row in state.items()}


def take_back(world: World, run: int) -> Any:
    preview = undo.preview(world.ws, run)
    return world.with_systems(lambda systems: undo.undo(world.ws, run, systems, confirm=preview.records))


def test_undo_restores_values_links_and_merged_dynamics_records(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", telephone1="+442079460101")
    world.contact(2, firstname="Ada", lastname="Byron", jobtitle="Countess")
    world.hub(501, email="ada@ex.test", firstname="Augusta", lastname="King")
    world.start()
    before = world.state()
    decide.decide(world.ws, world.group(contact(1), contact(2), hub(501)), "merge")
    done = world.apply()
    assert done.exit_code == 0
    report = take_back(world, done.run)
    assert report.exit_code == 0, report.text()
    assert visible(world.state()) == visible(before)


def test_undo_puts_swapped_addresses_back(world: World) -> None:
    world.hub(501, email="a@ex.test", firstname="Ann")
    world.hub(502, email="b@ex.test", firstname="Ben")
    world.start()
    before = world.state()
    for number, address in ((501, "b@ex.test"), (502, "a@ex.test")):
        group = world.group(hub(number))
        decide.set_value(world.ws, group, "email", address)
        decide.decide(world.ws, group, "merge")
    done = world.apply()
    assert done.exit_code == 0
    assert take_back(world, done.run).exit_code == 0
    assert world.state() == before


@pytest.mark.parametrize("slow", [1, 2, 3])
def test_exchanged_addresses_come_back_in_an_order_in_which_each_is_free(world: World, slow: int) -> None:
    """However long one of the requests takes: the others wait for it, in whichever group they are."""
    for n, address in enumerate(["a", "b", "c"]):
        world.hub(501 + n, email=f"{address}@ex.test", firstname="Ann")
    world.start()
    before = world.state()
    for n, address in enumerate(["b", "c", "a"]):
        group = world.group(hub(501 + n))
        decide.set_value(world.ws, group, "email", f"{address}@ex.test")
        decide.decide(world.ws, group, "merge")
    done = world.apply()
    assert done.exit_code == 0, done.text()
    world.sandbox.faults.add("slow", nth=slow, method="PATCH", seconds=30)
    report = take_back(world, done.run)
    assert report.exit_code == 0, report.text()
    assert world.state() == before


def test_what_cannot_be_taken_back_is_said_before_apply_and_before_undo(world: World) -> None:
    world.hub(501, email="a@ex.test", firstname="Ann")
    world.hub(502, email="b@ex.test", firstname="Ann")
    world.start()
    decide.decide(world.ws, world.group(hub(501), hub(502)), "merge")
    made = world.plan()
    assert made.undoable()["none"] == 1
    assert "can't be undone" in made.text()
    done = world.apply(made)
    told = undo.preview(world.ws, done.run)
    assert any("HubSpot can't take a merge apart" in reason for _, reason in told.cannot)
    assert "Can't be taken back" in told.text()


def test_undo_leaves_alone_what_somebody_changed_since(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", jobtitle="Analyst")
    world.start()
    group = world.group(contact(1))
    decide.set_value(world.ws, group, "job_title", "Countess")
    decide.decide(world.ws, group, "merge")
    done = world.apply()
    world.edit(contact(1), jobtitle="Programmer")
    report = take_back(world, done.run)
    assert report.count("changed_since_review") == 1
    assert world.record(contact(1))["jobtitle"] == "Programmer"


def test_undo_asks_for_the_right_number(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron")
    world.start()
    decide.decide(world.ws, world.group(contact(1), hub(501)), "merge")
    done = world.apply()
    with pytest.raises(UsageError, match="touches 2 records"):
        world.with_systems(lambda systems: undo.undo(world.ws, done.run, systems, confirm=1))
    assert world.record(contact(1))["new_hubspotcontactid"] == "501"


def test_a_whole_plan_without_hubspot_merges_is_undone_to_the_state_before(make_world: Maker) -> None:
    world = make_world()
    for n in range(5):
        world.contact(10 * n + 1, firstname=f"Ada{n}", lastname="Byron", emailaddress1=f"ada{n}@ex.test", jobtitle="A")
        world.contact(10 * n + 2, firstname=f"Ada{n}", lastname="Byron", statecode=n % 2, statuscode=n % 2 + 1, address1_city="London")
        world.hub(500 + n, email=f"ada{n}@ex.test", firstname=f"A{n}", lastname="Byron", phone="+442079460101")
    world.start()
    before = world.state()
    for n in range(5):
        decide.decide(world.ws, world.group(contact(10 * n + 1), contact(10 * n + 2), hub(500 + n)), "merge")
    done = world.apply()
    assert done.exit_code == 0, done.text()
    report = take_back(world, done.run)
    assert report.exit_code == 0, report.text()
    assert visible(world.state()) == visible(before)


def test_a_run_with_hubspot_merges_is_undone_as_far_as_it_goes_and_says_so(make_world: Maker) -> None:
    world = populate(make_world(), 3)
    done = world.apply()
    assert done.exit_code == 0
    report = take_back(world, done.run)
    assert report.exit_code == 0, report.text()
    links = [row.get("new_hubspotcontactid") for ref, row in world.state().items() if ref.system == "dynamics"]
    assert not any(links)
