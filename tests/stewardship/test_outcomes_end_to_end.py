"""Each outcome from the decision to the CRMs, over the sandbox's own APIs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconcile_tui.steps import decide
from reconcile_tui.steps.plan import projected
from reconcile_tui.stewardship.choices import Remedy
from reconcile_tui.stewardship.projection import projected as project_records
from tests.stewardship.world import World, contact, guid, hub, lead


def test_the_article_shared_address_goes_to_its_owner_and_nobody_is_overwritten(world: World) -> None:
    world.contact(1, firstname="Robert", lastname="Hale", emailaddress1="bob@acme.test", telephone1="+442079460101")
    world.contact(2, firstname="Rita", lastname="Hale", emailaddress1="bob@acme.test", telephone1="+442079460202")
    world.hub(501, email="bob@acme.test", firstname="Robert")
    world.start()
    group = world.group(contact(1), contact(2), hub(501), klass="shared_mailbox")
    decide.decide(world.ws, group, "shared_mailbox", owner=contact(1), remedies={contact(2): Remedy("secondary")})
    report = world.apply()
    assert report.exit_code == 0, report.text()
    robert, rita, person = world.record(contact(1)), world.record(contact(2)), world.record(hub(501))
    assert (robert["firstname"], robert["emailaddress1"], robert["new_hubspotcontactid"]) == ("Robert", "bob@acme.test", "501")
    assert "emailaddress1" not in rita
    assert (rita["firstname"], rita["emailaddress2"], rita["telephone1"]) == ("Rita", "bob@acme.test", "+442079460202")
    assert (person["firstname"], person["phone"], person["dynamics_contactid"]) == ("Robert", "+442079460101", guid(1))
    assert "new_hubspotcontactid" not in rita


def test_merging_keeps_one_record_in_each_system_with_the_golden_values_and_links_them(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", telephone1="+442079460101")
    world.contact(2, firstname="Ada", lastname="Byron", emailaddress1="ada@old.test", jobtitle="Countess")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron")
    world.hub(502, email="a.byron@ex.test", firstname="A.", lastname="Byron", jobtitle="Analyst", lifecyclestage="customer")
    world.start()
    group = world.group(contact(1), contact(2), hub(501), hub(502))
    decide.decide(world.ws, group, "merge")
    seen = decide.resolution(world.ws, group)
    report = world.apply()
    assert report.exit_code == 0, report.text()
    state = world.state()
    live_hub = [row for ref, row in state.items() if ref.system == "hubspot" and not row.get("_archived") and not row.get("_merged_into")]
    kept = next(ref for place, ref in seen.entities[0].survivors.items() if place[0] == "dynamics")
    lost = contact(2) if kept == contact(1) else contact(1)
    assert state[lost]["statecode"] == 1
    assert state[lost]["merged"]
    golden = {name: g.value for name, g in seen.entities[0].golden.items()}
    assert state[kept]["jobtitle"] == golden["job_title"]
    assert len(live_hub) == 1
    assert live_hub[0]["dynamics_contactid"] == kept.id
    assert live_hub[0]["jobtitle"] == golden["job_title"]
    assert live_hub[0]["lifecyclestage"] == "customer"
    assert state[kept]["new_hubspotcontactid"] == str(live_hub[0]["_id"])
    assert world.plan().writes == ()


@pytest.mark.parametrize("mode", ["new", "preserve"])
def test_the_link_follows_the_id_that_the_merge_returned(make_world: object, mode: str) -> None:
    from reconcile_tui.sandbox.options import Options

    world = make_world(options=Options(dataverse_key_delay=0.0, hubspot_merge_ids=mode))  # type: ignore[operator, arg-type]
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test")
    for number in (501, 502, 503):
        world.hub(number, email=f"ada{number}@ex.test", firstname="Ada", lastname="Byron")
    world.start()
    decide.decide(world.ws, world.group(contact(1), hub(501), hub(502), hub(503)), "merge")
    report = world.apply()
    assert report.exit_code == 0, report.text()
    link = world.record(contact(1))["new_hubspotcontactid"]
    assert (link in {"501", "502", "503"}) == (mode == "preserve")
    assert world.record(hub(link))["dynamics_contactid"] == guid(1)
    assert len(world.writes(merges=True)) == 2
    assert world.plan().writes == ()


def test_linking_only_writes_nothing_but_the_links(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", jobtitle="Countess")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="King")
    world.start()
    decide.decide(world.ws, world.group(contact(1), hub(501)), "link")
    before = world.state()
    assert world.apply().exit_code == 0
    after = world.state()
    assert after[contact(1)] == {**before[contact(1)], "new_hubspotcontactid": "501"}
    assert after[hub(501)] == {**before[hub(501)], "dynamics_contactid": guid(1)}


def test_splitting_treats_each_person_by_itself(world: World) -> None:
    world.contact(1, firstname="Jo", lastname="March", emailaddress1="jo@ex.test")
    world.contact(2, firstname="Jo", lastname="Marsh", emailaddress1="jom@ex.test")
    world.hub(501, email="jo@ex.test", firstname="Jo", lastname="March")
    world.hub(502, email="jom@ex.test", firstname="Jo", lastname="Marsh")
    world.start()
    group = world.group(contact(1), contact(2), hub(501), hub(502))
    decide.decide(world.ws, group, "split", people=[[contact(1), hub(501)], [contact(2), hub(502)]])
    assert world.apply().exit_code == 0
    assert world.record(contact(1))["new_hubspotcontactid"] == "501"
    assert world.record(contact(2))["new_hubspotcontactid"] == "502"
    assert world.writes(merges=True) == []
    same = {(a, b): s for a, b, s in world.ws.decisions.judgements()}
    assert sorted(same.values()) == [False, False, False, False, True, True]


@pytest.mark.parametrize("outcome", ["different", "unsure", "skip", "exclude"])
def test_outcomes_that_leave_the_records_alone_plan_no_write(world: World, outcome: str) -> None:
    world.contact(1, firstname="Ada", emailaddress1="ada@ex.test")
    world.hub(501, email="ada@ex.test", firstname="Bob")
    world.start()
    decide.decide(world.ws, world.group(contact(1), hub(501)), outcome)  # type: ignore[arg-type]
    made = world.plan()
    assert made.writes == ()
    assert len(made.excluded) == (2 if outcome == "exclude" else 0)


def test_a_lead_that_is_a_contact_is_kept_excluded_or_closed_but_never_merged_with_it(make_world: object) -> None:
    for remedy in ("keep", "exclude", "qualify"):
        world: World = make_world()  # type: ignore[operator]
        world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", jobtitle="Countess")
        world.lead(2, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test")
        world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron")
        world.start()
        group = world.group(contact(1), lead(2), hub(501), klass="lead_contact")
        decide.decide(world.ws, group, "merge", lead=remedy)
        report = world.apply()
        assert report.exit_code == 0, report.text()
        row = world.record(lead(2))
        assert world.writes(merges=True) == []
        assert row.get("statecode", 0) == (1 if remedy == "qualify" else 0)
        assert row.get("jobtitle") == ("Countess" if remedy == "keep" else None)
        assert row.get("new_hubspotcontactid") == ("501" if remedy == "keep" else None)
        assert world.record(hub(501)).get("dynamics_leadid") == (guid(2) if remedy == "keep" else None)


def test_an_inactive_survivor_is_activated_before_the_merge(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", statecode=1, statuscode=2)
    world.contact(2, firstname="Ada", lastname="Byron")
    world.start()
    group = world.group(contact(1), contact(2))
    assert decide.resolution(world.ws, group).entities[0].survivors["dynamics", "contact"] == contact(2)
    decide.set_survivor(world.ws, group, contact(1))
    decide.decide(world.ws, group, "merge")
    report = world.apply()
    assert report.exit_code == 0, report.text()
    assert world.record(contact(1)).get("statecode", 0) == 0
    assert world.record(contact(2))["merged"]


def test_two_contacts_that_swap_addresses_go_through_blank(world: World) -> None:
    world.hub(501, email="a@ex.test", firstname="Ann")
    world.hub(502, email="b@ex.test", firstname="Ben")
    world.start()
    one, two = world.group(hub(501)), world.group(hub(502))
    for group, address in ((one, "b@ex.test"), (two, "a@ex.test")):
        decide.set_value(world.ws, group, "email", address)
        decide.decide(world.ws, group, "merge")
    made = world.plan()
    assert [w.kind for w in made.writes].count("free") == 1
    report = world.apply(made)
    assert report.exit_code == 0, report.text()
    assert world.record(hub(501))["email"] == "b@ex.test"
    assert world.record(hub(502))["email"] == "a@ex.test"


def test_a_swap_inside_one_group_works_too(world: World) -> None:
    world.hub(501, email="a@ex.test", firstname="Ann")
    world.hub(502, email="b@ex.test", firstname="Ben")
    world.start()
    group = world.group(hub(501), hub(502))
    decide.set_value(world.ws, group, "email", "b@ex.test", person=hub(501))
    decide.set_value(world.ws, group, "email", "a@ex.test", person=hub(502))
    decide.decide(world.ws, group, "split", people=[[hub(501)], [hub(502)]])
    report = world.apply()
    assert report.exit_code == 0, report.text()
    assert (world.record(hub(501))["email"], world.record(hub(502))["email"]) == ("b@ex.test", "a@ex.test")


def test_a_golden_address_of_the_merged_away_record_is_written_after_the_merge(world: World) -> None:
    world.hub(501, email="keep@ex.test", firstname="Ann", lastname="Lee", jobtitle="CEO")
    world.hub(502, email="golden@ex.test", firstname="Ann")
    world.start()
    group = world.group(hub(501), hub(502))
    decide.set_survivor(world.ws, group, hub(501))
    decide.set_value(world.ws, group, "email", ref=hub(502))
    decide.decide(world.ws, group, "merge")
    report = world.apply()
    assert report.exit_code == 0, report.text()
    live = [row for ref, row in world.state().items() if ref.system == "hubspot" and row.get("email") == "golden@ex.test"]
    assert len(live) == 1


@pytest.mark.parametrize("holder", [{"email": "taken@ex.test"}, {"email": "x@ex.test", "hs_additional_emails": "taken@ex.test"}])
def test_an_address_that_somebody_else_keeps_blocks_the_group(world: World, holder: dict[str, str]) -> None:
    world.hub(501, email="a@ex.test", firstname="Ann")
    world.hub(502, firstname="Ben", **holder)
    world.start()
    group = world.group(hub(501))
    decide.set_value(world.ws, group, "email", "taken@ex.test")
    decide.decide(world.ws, group, "merge")
    made = world.plan()
    assert made.writes == ()
    assert made.blocked[0][0] == group
    assert "502" in made.blocked[0][1]


def test_the_projection_of_every_outcome_is_what_applying_it_leaves(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", telephone1="020 7946 0101")
    world.contact(2, firstname="Ada", lastname="Byron", jobtitle="Countess")
    world.hub(501, email="ada@ex.test", lastname="Byron", lifecyclestage="lead")
    world.hub(502, email="ab@ex.test", firstname="Ada", phone="+44 20 7946 0999", lifecyclestage="customer")
    world.start()
    group = world.group(contact(1), contact(2), hub(501), hub(502))
    decide.decide(world.ws, group, "merge")
    expected = {r.key: dict(r.values) for r in projected(world.ws, decide.view(world.ws, group))}
    report = world.apply()
    assert report.exit_code == 0, report.text()
    world.pull()
    found = {r.key: dict(r.values) for r in world.ws.records.load(list(expected))}
    assert found == expected


def test_the_projection_knows_that_a_hubspot_merge_fills_blanks_of_columns_nobody_mapped(world: World) -> None:
    world.hub(501, email="a@ex.test", firstname="Ann")
    world.hub(502, email="b@ex.test", firstname="Ann", website="https://ann.example")
    world.start()
    group = world.group(hub(501), hub(502))
    decide.set_survivor(world.ws, group, hub(501))
    decide.decide(world.ws, group, "merge")
    seen = decide.view(world.ws, group)
    records = [replace(r, native={**r.native, "website": None if r.ref == hub(501) else "https://ann.example"}) for r in seen.records]
    [left] = project_records(world.ws.project, records, world.plan().writes)
    assert left.native["website"] == "https://ann.example"
    assert world.apply().exit_code == 0
    [live] = [row for ref, row in world.state().items() if ref.system == "hubspot"]
    assert live["website"] == "https://ann.example"
