"""What is set up before records are written: duplicate detection rules and keys go through the plan like every other write."""

from __future__ import annotations

from typing import Any

import pytest

from reconcile_tui.steps import decide, plan, undo
from reconcile_tui.stewardship.document import Plan
from reconcile_tui.stewardship.outcomes import RunReport
from reconcile_tui.stewardship.setting_up import SettingUp, duplicate_rule, ordered, rule_of
from reconcile_tui.systems.protocol import DuplicateRule
from tests.stewardship.conftest import Maker
from tests.stewardship.world import World, contact, hub

RULE = DuplicateRule("contact to lead by e-mail", "contact", "lead", (("emailaddress1", "emailaddress1"), ("lastname", "lastname")))


def rules(world: World) -> list[dict[str, Any]]:
    return world.sandbox.snapshot()["dynamics"]["duplicaterule"]


def conditions(world: World) -> list[dict[str, Any]]:
    return world.sandbox.snapshot()["dynamics"]["duplicaterulecondition"]


@pytest.fixture
def started(world: World) -> World:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test")
    world.contact(2, firstname="Eve", lastname="Moon", emailaddress1="eve@ex.test")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron")
    return world.start()


def with_rule(world: World) -> Plan:
    return plan.make(world.ws, setting_up=[duplicate_rule("dynamics", RULE, "keeps new duplicates out")])


def take_back(world: World, run: int) -> RunReport:
    told = undo.preview(world.ws, run)
    report: RunReport = world.with_systems(lambda systems: undo.undo(world.ws, run, systems, confirm=told.records))
    return report


def test_a_rule_is_shown_published_found_again_and_taken_back(started: World) -> None:
    made = with_rule(started)
    assert "create a duplicate detection rule: contact to lead by e-mail in dynamics; can be undone" in made.text()
    assert "emailaddress1 = emailaddress1; lastname = lastname" in made.text()
    assert (made.records, [w.kind for w in made.writes]) == (0, ["rule"])
    assert plan.Plan.from_json(made.to_json()).digest == made.digest
    report = started.apply(made)
    assert report.exit_code == 0, report.text()
    [row] = rules(started)
    assert (row["baseentityname"], row["matchingentityname"], row["statuscode"]) == ("contact", "lead", 2)
    assert {c["baseattributename"] for c in conditions(started)} == {"emailaddress1", "lastname"}
    assert take_back(started, report.run).exit_code == 0
    assert rules(started) == []
    again = started.apply(made)
    assert again.count("done") == 1
    assert len(rules(started)) == 1


def test_a_rule_that_exists_is_not_created_again_and_a_different_one_of_its_name_is_left_alone(started: World) -> None:
    assert started.apply(with_rule(started)).count("done") == 1
    other = DuplicateRule(RULE.name, RULE.table, RULE.matching, (("lastname", "lastname"),))
    report = started.apply(plan.make(started.ws, setting_up=[duplicate_rule("dynamics", other, "")]))
    assert report.count("refused") == 1
    assert "other conditions" in report.items[0].detail
    same = started.apply(plan.make(started.ws, setting_up=[duplicate_rule("dynamics", RULE, "once more")]))
    assert same.count("already") == 1
    assert len(rules(started)) == 1


def test_a_rule_somebody_has_changed_since_stays_when_the_run_is_taken_back(started: World) -> None:
    report = started.apply(with_rule(started))
    started.sandbox.edit(f"dynamics/duplicaterule/{rules(started)[0]['duplicateruleid']}", {"matchingentityname": "contact"})
    assert take_back(started, report.run).count("changed_since_review") == 1
    assert len(rules(started)) == 1


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", ["drop_after_commit", "drop_before"])
def test_a_lost_answer_on_the_way_never_makes_a_second_rule(make_world: Maker, kind: str, nth: int) -> None:
    world = make_world()
    world.contact(1, firstname="Ada")
    world.start()
    world.sandbox.faults.add(kind, nth=nth, method="POST", path="duplicate|Duplicate")
    report = world.apply(with_rule(world))
    for _ in range(3):
        if report.count("done", "already") == 1:
            break
        report = world.apply(with_rule(world), resume=True)
    assert report.count("done", "already") == 1, report.text()
    assert [row["statuscode"] for row in rules(world)] == [2]
    assert len(conditions(world)) == 2


def test_hubspot_says_that_it_has_no_such_rules(started: World) -> None:
    report = started.apply(plan.make(started.ws, setting_up=[duplicate_rule("hubspot", RULE, "")]))
    assert report.count("refused") == 1
    assert "HubSpot has no duplicate detection rules" in report.text()


def test_the_order_in_which_things_are_asked_for_does_not_matter() -> None:
    wanted = [duplicate_rule("dynamics", RULE, ""), SettingUp("schema", "hubspot", "contacts", "dynamics_contactid")]
    writes = ordered(wanted)
    assert writes == ordered([*reversed(wanted), *wanted])
    assert [w.kind for w in writes] == ["schema", "rule"]
    assert rule_of("contact", RULE.name, writes[1].leaves) == RULE


def test_a_link_column_without_its_key_gets_one_before_links_are_written(make_world: Maker) -> None:
    world = make_world()
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", new_hubspotcontactid="")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron")
    world.start()
    known = world.ws.records.table("dynamics", "contact").columns["new_hubspotcontactid"]
    assert not known.unique
    decide.decide(world.ws, world.group(contact(1), hub(501)), "link")
    made = world.plan()
    assert ("dynamics", "new_hubspotcontactid") in {(w.system, w.id) for w in made.writes if w.kind == "key"}
    report = world.apply(made)
    assert report.exit_code == 0
    assert world.ws.records.table("dynamics", "contact").columns["new_hubspotcontactid"].unique
    assert world.plan().writes == ()
    assert take_back(world, report.run).exit_code == 0
    assert link_columns(world) == {"dynamics": "keyless", "hubspot": "missing"}, "a column that was there before the run stays"


def link_columns(world: World) -> dict[str, str]:
    async def look(systems: Any) -> dict[str, str]:
        places = (("dynamics", "contact", "new_hubspotcontactid"), ("hubspot", "contacts", "dynamics_contactid"))
        return {name: (await systems[name].link_state(table, column)).status for name, table, column in places}

    found: dict[str, str] = world.with_systems(look)
    return found


def linked(world: World) -> RunReport:
    decide.decide(world.ws, world.group(contact(1), hub(501)), "link")
    made = world.plan()
    assert {w.undo for w in made.writes} == {"full"}
    return world.apply(made)


def test_link_columns_a_run_has_made_go_with_its_undo_and_come_back_with_the_next_plan(started: World) -> None:
    run = linked(started).run
    assert link_columns(started) == {"dynamics": "ready", "hubspot": "ready"}
    told = undo.preview(started.ws, run)
    assert (told.cannot, told.only_in_part) == ((), ())
    assert "remove a link column: new_hubspotcontactid in dynamics" in told.plan.text()
    assert take_back(started, run).exit_code == 0
    assert link_columns(started) == {"dynamics": "missing", "hubspot": "missing"}
    assert started.apply(started.plan()).exit_code == 0
    assert link_columns(started) == {"dynamics": "ready", "hubspot": "ready"}


def test_a_link_column_in_which_somebody_else_has_written_stays(started: World) -> None:
    run = linked(started).run
    started.with_systems(lambda systems: systems["dynamics"].update("contact", contact(2).id, {"new_hubspotcontactid": "9"}))
    report = take_back(started, run)
    assert link_columns(started) == {"dynamics": "ready", "hubspot": "missing"}
    assert "Records still hold values in the column, so it stays." in report.text()
    assert started.record(contact(2))["new_hubspotcontactid"] == "9"


def test_a_link_that_could_not_be_taken_back_keeps_its_column(started: World) -> None:
    run = linked(started).run
    started.with_systems(lambda systems: systems["hubspot"].update("contacts", "501", {"dynamics_contactid": "somebody-else"}))
    report = take_back(started, run)
    assert report.count("changed_since_review") == 1
    assert report.count("not_done") == 3, "the link of the same group, and both columns"
    assert link_columns(started)["hubspot"] == "ready"
