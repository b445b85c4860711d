"""An open readiness blocker that concerns what a group would leave keeps it out of the plan; the cleaning itself is never blocked."""

from __future__ import annotations

import hashlib

import pytest

from reconcile_tui.steps import check, decide
from tests.stewardship.conftest import Maker
from tests.stewardship.world import World, contact, hub, lead

LONG = "x" * 120  # Dynamics holds 100 characters of a job title


@pytest.fixture
def linked(world: World) -> World:
    """A HubSpot contact whose job title the sync could never store in the Dynamics contact it is to be linked to."""
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", jobtitle="Countess")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron", jobtitle=LONG)
    world.contact(2, firstname="Bea", lastname="Byron", emailaddress1="bea@ex.test")
    world.hub(502, email="bea@ex.test", firstname="Bea", lastname="Byron")
    world.start()
    for number in (1, 2):
        decide.decide(world.ws, world.group(contact(number), hub(500 + number)), "link")
    return world


def test_a_value_the_sync_could_not_store_keeps_its_group_out_and_no_other_one(linked: World) -> None:
    made = linked.plan()
    [(group, reason)] = made.blocked
    assert group == "g0001"
    assert reason.startswith("F1: job title: the value of hubspot/contacts/501 has 120 characters, 100 fit in dynamics contact")
    assert "accept F1 by name" in reason
    assert {w.group for w in made.writes if w.group} == {"g0002"}


def test_accepting_the_finding_lets_the_group_in_until_there_are_more_of_them(linked: World) -> None:
    check.check(linked.ws)
    check.accept(linked.ws, "F1", "shortened after launch")
    assert linked.plan().blocked == ()
    linked.edit(hub(502), jobtitle=LONG)
    linked.pull()
    decide.decide(linked.ws, "g0002", "link")
    check.check(linked.ws)
    assert {group for group, _ in linked.plan().blocked} == {"g0001", "g0002"}


def test_a_decision_that_settles_the_finding_lets_the_group_in(linked: World) -> None:
    decide.set_value(linked.ws, "g0001", "job_title", "Countess")
    decide.decide(linked.ws, "g0001", "merge")
    assert linked.plan().blocked == ()
    assert linked.apply().exit_code == 0
    assert linked.record(hub(501))["jobtitle"] == "Countess"


def test_correcting_it_in_the_crm_lets_the_group_in(linked: World) -> None:
    linked.edit(hub(501), jobtitle="Countess")
    linked.pull()
    decide.decide(linked.ws, "g0001", "link")
    assert linked.plan().blocked == ()


def test_an_opt_out_that_linking_would_lose_travels_with_the_link(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", donotbulkemail="true")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron", hs_email_optout="false")
    world.start()
    decide.decide(world.ws, world.group(contact(1), hub(501)), "link")
    assert world.plan().blocked == ()
    assert world.apply().exit_code == 0
    assert world.record(hub(501))["hs_email_optout"] == "true"


def test_an_opt_out_that_a_merge_brings_to_an_address_reaches_whoever_was_parted_from_it(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test")
    world.lead(3, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test")
    world.hub(501, email="ada@ex.test", hs_email_optout="false")
    world.hub(502, email="old@ex.test", lastname="Byron", hs_email_optout="true")  # merged with 501, it will hold that one's address
    world.start()
    group = world.group(contact(1), lead(3), hub(501), hub(502))
    decide.take_out(world.ws, group, lead(3))
    decide.decide(world.ws, group, "merge")
    assert world.apply().exit_code == 0
    assert world.record(lead(3))["donotbulkemail"] in (1, True, "true")
    world.pull(full=True)
    assert world.plan().writes == ()


@pytest.mark.parametrize("listed", ["ADA@ex.test", hashlib.sha256(b"ada@ex.test").hexdigest()])
def test_somebody_who_must_not_be_stored_is_not_linked(linked: World, listed: str) -> None:
    decide.set_value(linked.ws, "g0001", "job_title", "Countess")
    assert linked.plan().blocked == ()
    (linked.folder / "suppressed.txt").write_text(f"# erased on request\n{listed}\n")
    [(group, reason)] = linked.plan().blocked
    assert (group, reason[:3]) == ("g0001", "L6:")


def test_a_survivor_the_sync_does_not_pick_up_keeps_the_group_out_until_accepted(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron")
    world.contact(2, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test")
    world.start()
    group = world.group(contact(1), contact(2))
    decide.set_survivor(world.ws, group, contact(1))
    decide.set_value(world.ws, group, "email", None)
    decide.decide(world.ws, group, "merge")
    assert world.plan().blocked[0][1].startswith("E4: ")
    check.check(world.ws)
    check.accept(world.ws, "E4", "the filter changes next week")
    assert world.plan().blocked == ()


def test_the_duplicates_a_plan_cleans_do_not_block_it(make_world: Maker) -> None:
    world = make_world()
    for number in (1, 2):
        world.contact(number, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", telephone1=f"+44207946010{number}")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron", phone="+442079460109")
    world.start()
    group = world.group(contact(1), contact(2), hub(501))
    found = check.check(world.ws)
    assert {"I1", "T1"} & {finding.check for finding in found.findings}
    assert not found.ready
    decide.decide(world.ws, group, "merge")
    assert world.plan().blocked == ()
    assert world.apply().exit_code == 0


def test_what_the_sync_would_create_by_itself_is_no_write_of_the_plan(world: World) -> None:
    world.hub(501, email="a@ex.test", firstname="Ann", jobtitle="Analyst")  # without the last name Dynamics requires
    world.start()
    group = world.group(hub(501))
    decide.set_value(world.ws, group, "job_title", "Chief analyst")
    decide.decide(world.ws, group, "merge")
    assert world.plan().blocked == ()


def test_findings_of_many_groups_read_together_stay_with_their_groups(make_world: Maker) -> None:
    world = make_world()
    for n in range(30):
        world.contact(n + 1, firstname=f"Ada{n}", lastname="Byron", emailaddress1=f"a{n}@ex.test")
        world.hub(501 + n, email=f"a{n}@ex.test", firstname=f"Ada{n}", lastname="Byron", jobtitle=LONG if n % 10 == 3 else "CEO")
    world.start()
    world.groups((f"g{n:04d}", "differs", [contact(n + 1), hub(501 + n)]) for n in range(30))
    for n in range(30):
        decide.decide(world.ws, f"g{n:04d}", "link")
    assert [group for group, _ in world.plan().blocked] == ["g0003", "g0013", "g0023"]
