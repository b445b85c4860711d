"""No merge, link, plan or forecast loses an opt-out unless a person says so, whichever way round the systems write it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconcile_tui.errors import DecisionRefused, ProjectError
from reconcile_tui.model import Column, Ref
from reconcile_tui.project import MappedField, parse
from reconcile_tui.readiness import consent
from reconcile_tui.steps import check, decide, plan
from reconcile_tui.workspace import Workspace

from .conftest import HUBSPOT, Box, contact, hubspot

PAIR = ["contact/c0", "contact/c3", "contacts/500"]


def opposite(box: Box) -> Box:
    """HubSpot says who may be written to, Dynamics who may not."""
    box.fields["opt_out"] = {
        **{"kind": "consent", "dynamics": "donotbulkemail", "hubspot": "marketing_consent", "transform": "invert"},
        **{"opted_out": ["false"], "direction": "dynamics_to_hubspot"},
    }
    box.columns["contacts"] = [*HUBSPOT, Column("marketing_consent", "boolean")]
    box.hubspot = [hubspot(n, marketing_consent="true") for n in range(3)]
    return box


def one_opted_out(box: Box) -> Box:
    box.contacts.append(contact(3, emailaddress1="other@analytical.example", donotbulkemail=True))
    box.groups.append(("g", "differs", PAIR))
    return box


def golden(ws: Workspace, group: str = "g") -> str | None:
    return decide.view(ws, group).resolve().entities[0].golden["opt_out"].value


def test_the_most_restrictive_answer_is_proposed_whichever_way_round_it_is_written(box: Box, tmp_path: Path) -> None:
    with one_opted_out(Box()).store(tmp_path / "same") as ws:
        assert golden(ws) == "true"
    with one_opted_out(opposite(Box())).store(tmp_path / "opposite") as ws:
        assert golden(ws) == "false"


@pytest.mark.parametrize(("turned", "weaker"), [(False, "false"), (True, "true"), (False, None), (True, None)])
def test_a_typed_answer_that_weakens_is_refused_until_it_is_said(turned: bool, weaker: str | None, tmp_path: Path) -> None:
    with one_opted_out(opposite(Box()) if turned else Box()).store(tmp_path) as ws:
        with pytest.raises(DecisionRefused, match="opted out"):
            decide.set_value(ws, "g", "opt_out", weaker)
        decide.set_value(ws, "g", "opt_out", weaker, allow_weaker_consent=True)
        assert golden(ws) == weaker


@pytest.mark.parametrize("turned", [False, True])
def test_a_rule_that_weakens_keeps_the_group_out_of_the_plan(turned: bool, tmp_path: Path) -> None:
    box = one_opted_out(opposite(Box()) if turned else Box())
    box.fields["opt_out"]["survivorship"] = "oldest"
    with box.store(tmp_path) as ws:
        resolved = decide.view(ws, "g").resolve()
        assert "opted out" in resolved.blocked
        decide.decide(ws, "g", "merge")
        made = plan.make(ws)
        assert made.writes == ()
        assert [group for group, why in made.blocked if "opted out" in why] == ["g"]


@pytest.mark.parametrize("turned", [False, True])
def test_the_checks_know_both_ways_of_writing_it(turned: bool, tmp_path: Path) -> None:
    box = one_opted_out(opposite(Box()) if turned else Box())
    box.change("hubspot", 1, **({"marketing_consent": "false"} if turned else {"hs_email_optout": "true"}))
    with box.store(tmp_path) as ws:
        found = {f.check: f for f in check.check(ws, only=["L1", "L2"]).findings}
    assert [row.records[0] for row in found["L1"].rows] == [Ref("dynamics", "contact", "c0")]
    assert [row.records[1] for row in found["L2"].rows] == [Ref("hubspot", "contacts", "501")]


def test_a_consent_that_travels_inverted_has_to_say_which_value_is_the_opt_out(box: Box) -> None:
    turned = opposite(box)
    del turned.fields["opt_out"]["opted_out"]
    with pytest.raises(ProjectError, match="opted_out"):
        parse(turned.toml())
    turned.fields["opt_out"]["opted_out"] = ["false"]
    turned.fields["city"]["opted_out"] = ["x"]
    with pytest.raises(ProjectError, match="consent only"):
        parse(turned.toml())


def field(box: Box) -> MappedField:
    return parse(box.toml()).record_types["contacts"].field("opt_out")


def test_the_guard_lets_nothing_weaken_an_opt_out_unless_it_was_said(box: Box) -> None:
    same, turned = field(Box()), field(opposite(box))
    assert consent.weakens(same, ["true", "false"], "false")
    assert consent.weakens(same, ["true", None], None)
    assert not consent.weakens(same, ["true", "false"], "true")
    assert not consent.weakens(same, ["false", None], "false")
    assert not consent.weakens(same, ["true"], "false", said_so=True)
    assert consent.weakens(turned, ["true", "false"], "true")
    assert not consent.weakens(turned, ["true", None], "true")


ADA = "ada.byron@analytical.example"


def written(ws: Workspace) -> dict[str, dict[str, object]]:
    return {w.id: dict(w.leaves) for w in plan.make(ws).writes if w.records() and w.kind != "link"}


def test_a_link_alone_still_carries_the_opt_out_to_the_other_record(box: Box, tmp_path: Path) -> None:
    box.change("hubspot", 0, hs_email_optout="true", jobtitle="Countess")
    box.groups.append(("g", "differs", ["contact/c0", "contacts/500"]))
    with box.store(tmp_path) as ws:
        decide.decide(ws, "g", "link")
        assert written(ws) == {"c0": {"donotbulkemail": True}}


def test_people_behind_one_address_each_keep_the_opt_out_it_has_until_a_person_says_whose_it_is(box: Box, tmp_path: Path) -> None:
    box.contacts.append(contact(3, firstname="Rita", lastname="Zed", emailaddress1=ADA))
    box.change("hubspot", 0, hs_email_optout="true")
    box.groups.append(("g", "shared_mailbox", PAIR))
    rita = Ref("dynamics", "contact", "c3")
    with box.store(tmp_path) as ws:
        decide.decide(ws, "g", "shared_mailbox", owner=Ref("dynamics", "contact", "c0"))
        assert {id_: leaves["donotbulkemail"] for id_, leaves in written(ws).items()} == {"c0": True, "c3": True}
        with pytest.raises(DecisionRefused, match="opted out"):
            decide.set_value(ws, "g", "opt_out", "false", person=rita)
        decide.set_value(ws, "g", "opt_out", "false", person=rita, allow_weaker_consent=True)
        assert "donotbulkemail" not in written(ws)["c3"]


def test_an_opt_out_of_one_person_behind_an_address_is_not_given_to_its_owner(box: Box, tmp_path: Path) -> None:
    box.contacts.append(contact(3, firstname="Rita", lastname="Zed", emailaddress1=ADA, donotbulkemail=True))
    box.groups.append(("g", "shared_mailbox", PAIR))
    with box.store(tmp_path) as ws:
        decide.decide(ws, "g", "shared_mailbox", owner=Ref("dynamics", "contact", "c0"))
        assert set(written(ws)) == {"c3"}


def test_somebody_taken_out_of_a_group_keeps_the_opt_out_of_the_address(box: Box, tmp_path: Path) -> None:
    box.contacts.append(contact(3, firstname="Rita", lastname="Zed", emailaddress1=ADA))
    box.change("hubspot", 0, hs_email_optout="true")
    box.groups.append(("g", "differs", PAIR))
    with box.store(tmp_path) as ws:
        decide.split(ws, "g", [Ref("dynamics", "contact", "c3")])
        decide.decide(ws, "g", "merge")
        assert written(ws)["c3"] == {"donotbulkemail": True}


def test_a_merge_that_could_not_write_the_opt_out_afterwards_is_kept_out_of_the_plan(box: Box, tmp_path: Path) -> None:
    box.columns["contacts"] = [replace(c, read_only=True) if c.name == "hs_email_optout" else c for c in HUBSPOT]
    box.hubspot.append(hubspot(3, email="ada.private@analytical.example", hs_email_optout="true"))
    box.groups.append(("g", "differs", ["contact/c0", "contacts/500", "contacts/503"]))
    with box.store(tmp_path) as ws:
        decide.set_survivor(ws, "g", Ref("hubspot", "contacts", "500"))
        decide.decide(ws, "g", "merge")
        made = plan.make(ws)
        assert made.writes == ()
        assert "hs_email_optout" in made.blocked[0][1]
        decide.set_survivor(ws, "g", Ref("hubspot", "contacts", "503"))
        assert plan.make(ws).blocked == ()
