"""The decision log: refusals with reasons, undo and redo without end, what survives a re-pull, and moving decisions elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconcile_tui.errors import DecisionRefused, UsageError
from reconcile_tui.steps import decide
from reconcile_tui.workspace import Workspace
from tests.stewardship.conftest import Maker
from tests.stewardship.world import World, contact, guid, hub, lead


@pytest.fixture
def trio(world: World) -> World:
    """Two Dynamics contacts and a HubSpot contact in group g0001, a lone contact, one who opted out."""
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", jobtitle="Analyst")
    world.contact(2, firstname="Ada", lastname="King", donotbulkemail="true", emailaddress1="ada@ex.test")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron")
    world.contact(9, firstname="Zoe")
    world.start()
    world.group(contact(1), contact(2), hub(501))
    return world


def state(world: World, group: str = "g0001") -> tuple[str, str]:
    row = world.ws.matches.row(group)
    assert row is not None
    return row.state, row.outcome


def test_every_outcome_sets_the_groups_state_and_judgements(trio: World) -> None:
    for outcome, expected, same in (
        ("merge", "decided", 3), ("different", "decided", 0), ("unsure", "unsure", None), ("skip", "skipped", None),
        ("exclude", "decided", None),
    ):  # fmt: skip
        decide.decide(trio.ws, "g0001", outcome)  # type: ignore[arg-type]
        assert state(trio) == (expected, outcome)
        judged = trio.ws.decisions.judgements()
        assert len(judged) == (0 if same is None else 3)
        assert sum(s for _, _, s in judged) == (same or 0)


def test_undo_and_redo_walk_the_whole_log_across_a_restart(trio: World) -> None:
    decide.decide(trio.ws, "g0001", "merge")
    decide.set_value(trio.ws, "g0001", "job_title", "Countess")
    decide.take_out(trio.ws, "g0001", contact(2))
    decide.decide(trio.ws, "g0001", "different")
    trio.ws.close()
    trio.ws = Workspace.open(trio.folder)
    seen = []
    while decide.undo(trio.ws) is not None:
        seen.append((*state(trio), len(trio.ws.decisions.judgements())))
    assert seen == [("decided", "merge", 3), ("decided", "merge", 3), ("decided", "merge", 3), ("open", "", 0)]
    again = []
    while decide.redo(trio.ws) is not None:
        again.append((*state(trio), sum(same for _, _, same in trio.ws.decisions.judgements())))
    assert again == [("decided", "merge", 3), ("decided", "merge", 3), ("decided", "merge", 1), ("decided", "different", 0)]
    assert len(trio.ws.decisions.log()) == 4 + 4 + 4


def test_a_new_decision_ends_the_chance_to_redo(trio: World) -> None:
    decide.decide(trio.ws, "g0001", "merge")
    decide.undo(trio.ws)
    decide.decide(trio.ws, "g0001", "skip")
    assert decide.redo(trio.ws) is None
    assert state(trio) == ("skipped", "skip")


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (lambda ws: decide.set_survivor(ws, "g0001", contact(9)), "not a record of this group"),
        (lambda ws: decide.set_value(ws, "g0001", "first_name", ref=contact(9)), "not a record of this group"),
        (lambda ws: decide.set_value(ws, "g0001", "lifecycle", ref=contact(1)), "not mapped"),
        (lambda ws: decide.set_value(ws, "g0001", "opt_out", "false"), "opted out"),
        (lambda ws: decide.set_value(ws, "g0001", "opt_out", None), "opted out"),
        (lambda ws: decide.set_value(ws, "g0001", "opt_out", ref=contact(1)), "opted out"),
        (lambda ws: decide.split(ws, "g0001", [contact(1), contact(2), hub(501)]), "nobody is left"),
        (lambda ws: decide.decide(ws, "g0001", "split"), "at least two people"),
        (lambda ws: decide.decide(ws, "g0001", "split", people=[[contact(1)], [contact(1)]]), "can't be two people"),
        (lambda ws: decide.decide(ws, "g0001", "link"), "can't all be linked"),
        (lambda ws: decide.decide(ws, "g0001", "merge", lead="qualify"), "no lead"),
        (lambda ws: decide.decide(ws, "g0001", "merge", owner=contact(1)), "shared_mailbox"),
        (lambda ws: decide.decide(ws, "g0001", "shared_mailbox", owner=contact(1), remedies={contact(1): "blank"}), "owns the address"),
        (
            lambda ws: decide.decide(ws, "g0001", "shared_mailbox", owner=contact(1), remedies={contact(2): "alias:nonsense"}),
            "not an e-mail",
        ),
        (lambda ws: decide.decide(ws, "g0001", "shared_mailbox", owner=contact(1), remedies={contact(2): "alias:ada@ex.test"}), "already"),
    ],
)
def test_a_contradictory_decision_is_refused_with_the_reason_and_changes_nothing(trio: World, act: object, reason: str) -> None:
    with pytest.raises(DecisionRefused, match=reason):
        act(trio.ws)  # type: ignore[operator]
    assert trio.ws.decisions.log() == []
    assert state(trio) == ("open", "")


def test_unknown_groups_fields_outcomes_and_rules_are_usage_errors(trio: World) -> None:
    for act in (
        lambda: decide.decide(trio.ws, "nowhere", "merge"),
        lambda: decide.decide(trio.ws, "g0001", "perhaps"),  # type: ignore[arg-type]
        lambda: decide.set_value(trio.ws, "g0001", "colour", "red"),
        lambda: decide.set_value(trio.ws, "g0001", "first_name", rule="loudest"),
        lambda: decide.decide(trio.ws, "g0001", "shared_mailbox", owner=contact(1), remedies={contact(2): "burn"}),
    ):
        with pytest.raises(UsageError):
            act()
    assert trio.ws.decisions.log() == []


def test_an_opt_out_is_dropped_only_when_that_is_said(trio: World) -> None:
    assert decide.resolution(trio.ws, "g0001").entities[0].golden["opt_out"].value == "true"
    decide.set_value(trio.ws, "g0001", "opt_out", "false", allow_weaker_consent=True)
    decide.decide(trio.ws, "g0001", "merge")
    seen = decide.resolution(trio.ws, "g0001")
    assert seen.entities[0].golden["opt_out"].value == "false"
    assert not seen.blocked


def test_a_rule_that_would_drop_an_opt_out_blocks_the_group(trio: World) -> None:
    decide.set_value(trio.ws, "g0001", "opt_out", rule="oldest")
    assert decide.resolution(trio.ws, "g0001").entities[0].golden["opt_out"].value == "false"
    decide.decide(trio.ws, "g0001", "merge")
    assert "a record has opted out and the result has not" in trio.plan().blocked[0][1]


def test_what_another_group_says_of_two_records_stands(trio: World) -> None:
    other = trio.ws.decisions
    keys = {ref: trio.ws.records.key_of(ref) or 0 for ref in (contact(1), contact(2))}
    entry = other.append("g0000", "outcome", {"outcome": "different"})
    other.judge(entry.seq, [(keys[contact(1)], keys[contact(2)], False)], "g0000")
    with pytest.raises(DecisionRefused, match="different people"):
        decide.decide(trio.ws, "g0001", "merge")
    decide.decide(trio.ws, "g0001", "split", people=[[contact(1), hub(501)], [contact(2)]])


def test_a_value_knows_its_rule_source_and_person(trio: World) -> None:
    golden = decide.resolution(trio.ws, "g0001").entities[0].golden
    assert (golden["job_title"].value, golden["job_title"].source, golden["job_title"].rule) == ("Analyst", contact(1), "most_recent")
    decide.set_value(trio.ws, "g0001", "last_name", ref=contact(2))
    decide.set_value(trio.ws, "g0001", "job_title", "Countess")
    golden = decide.resolution(trio.ws, "g0001").entities[0].golden
    assert (golden["last_name"].value, golden["last_name"].source, golden["last_name"].rule) == ("King", contact(2), "chosen")
    assert (golden["job_title"].value, golden["job_title"].rule, golden["job_title"].by) == ("Countess", "typed", "steward")
    decide.set_value(trio.ws, "g0001", "job_title", None)
    assert decide.resolution(trio.ws, "g0001").entities[0].golden["job_title"].rule == "blanked"
    decide.set_value(trio.ws, "g0001", "job_title", rule="default")
    assert decide.resolution(trio.ws, "g0001").entities[0].golden["job_title"].value == "Analyst"
    decide.set_value(trio.ws, "g0001", "last_name", rule="concatenate")
    assert set((decide.resolution(trio.ws, "g0001").entities[0].golden["last_name"].value or "").split(";")) == {"Byron", "King"}


def test_a_re_pull_keeps_decisions_and_shows_what_changed_since(trio: World) -> None:
    decide.decide(trio.ws, "g0001", "merge")
    assert decide.refresh(trio.ws) == 0
    trio.edit(contact(1), jobtitle="Programmer")
    trio.pull()
    assert decide.refresh(trio.ws) == 1
    assert state(trio) == ("changed", "merge")
    assert [(c.field, c.decided_on, c.now) for c in decide.difference(trio.ws, "g0001")] == [("job_title", "Analyst", "Programmer")]
    assert len(trio.ws.decisions.judgements()) == 3
    decide.decide(trio.ws, "g0001", "merge")
    assert decide.refresh(trio.ws) == 0
    assert state(trio) == ("decided", "merge")


def test_bulk_decisions_take_what_is_shown_and_leave_the_rest_with_a_reason(world: World) -> None:
    for n in range(4):
        world.contact(n + 1, firstname=f"Ada{n}", lastname="Byron", emailaddress1=f"a{n}@ex.test")
        world.hub(501 + n, email=f"a{n}@ex.test", firstname=f"Ada{n}", lastname="Byron", jobtitle="x" * (200 if n == 3 else 5))
    world.start()
    for n in range(4):
        world.group(contact(n + 1), hub(501 + n), klass="identical")
    told = decide.auto(world.ws, "identical", dry_run=True)
    assert (told.count, len(told.left)) == (3, 1)
    assert "200 characters, 100 fit" in told.left[0][1]
    assert world.ws.decisions.log() == []
    with pytest.raises(UsageError, match="3 groups would be accepted"):
        decide.auto(world.ws, "identical", confirm=4)
    done = decide.auto(world.ws, "identical", confirm=3)
    assert done.count == 3
    assert set(done.sample) <= {"g0001", "g0002", "g0003"}
    assert len(world.ws.decisions.in_force()) == 3


def test_one_undo_takes_a_bulk_decision_back_as_a_whole_and_one_redo_puts_it_back(world: World) -> None:
    for n in range(4):
        world.contact(n + 1, firstname=f"Ada{n}", lastname="Byron", emailaddress1=f"a{n}@ex.test")
        world.hub(501 + n, email=f"a{n}@ex.test", firstname=f"Ada{n}", lastname="Byron")
    world.start()
    for n in range(4):
        world.group(contact(n + 1), hub(501 + n), klass="identical" if n else "differs")
    decide.decide(world.ws, "g0001", "merge")
    decide.auto(world.ws, "identical")
    made = world.plan()
    last = decide.undo(world.ws)
    assert last is not None
    assert last.payload["bulk"].startswith("identical ")
    assert [d.group for d in world.ws.decisions.in_force()] == ["g0001"]
    assert {state(world, group) for group in ("g0002", "g0003", "g0004")} == {("open", "")}
    assert len(world.ws.decisions.judgements()) == 1
    assert decide.redo(world.ws) is not None
    assert decide.redo(world.ws) is None
    assert world.plan().to_json() == made.to_json()
    assert [entry.kind for entry in world.ws.decisions.log()][:3] == ["redo"] * 3  # the log keeps every step


def test_decisions_travel_as_json_lines_and_conflicts_are_listed_not_overwritten(make_world: Maker) -> None:
    worlds = []
    for _ in range(2):
        world = make_world()
        for n in (1, 2, 3):
            world.contact(n, firstname="Ada", lastname=f"B{n}", emailaddress1=f"a{n}@ex.test")
            world.hub(500 + n, email=f"a{n}@ex.test", firstname="Ada")
        world.start()
        for n in (1, 2, 3):
            world.group(contact(n), hub(500 + n))
        worlds.append(world)
    here, there = worlds
    decide.set_value(here.ws, "g0001", "job_title", "Countess")
    decide.decide(here.ws, "g0001", "merge", note="the same")
    decide.decide(here.ws, "g0002", "different")
    decide.decide(there.ws, "g0002", "merge")
    lines = list(decide.export_decisions(here.ws))
    assert [json.loads(line)["kind"] for line in lines] == ["value", "outcome", "outcome"]
    done = decide.import_decisions(there.ws, lines)
    assert (done.taken, done.already, len(done.conflicts)) == (2, 0, 1)
    assert done.conflicts[0][0] == 3
    assert decide.resolution(there.ws, "g0001").entities[0].golden["job_title"].value == "Countess"
    assert there.ws.matches.row("g0002").outcome == "merge"  # type: ignore[union-attr]
    assert decide.import_decisions(there.ws, lines).already == 2
    with pytest.raises(UsageError, match="Line 1"):
        decide.import_decisions(there.ws, ["{}"])


def test_links_to_somebody_outside_the_group_block_it_until_relinking_is_decided(make_world: Maker) -> None:
    world = make_world(extra_columns=["new_hubspotcontactid"])
    world.contact(1, firstname="Ada", lastname="Byron", new_hubspotcontactid="502")
    world.hub(501, email="a@ex.test", firstname="Ada", lastname="Byron")
    world.hub(502, email="b@ex.test", firstname="Bea")
    world.start()
    group = world.group(contact(1), hub(501))
    decide.decide(world.ws, group, "merge")
    assert "502" in world.plan().blocked[0][1]
    decide.decide(world.ws, group, "merge", relink=True)
    report = world.apply()
    assert report.exit_code == 0, report.text()
    assert world.record(contact(1))["new_hubspotcontactid"] == "501"


def test_several_hubspot_contacts_linked_to_different_dynamics_records_of_one_person_become_one(make_world: Maker) -> None:
    world = make_world()
    for n in (1, 2):
        world.contact(n, firstname="Ada", lastname="Byron", emailaddress1=f"a{n}@ex.test", new_hubspotcontactid=str(500 + n))
        world.hub(500 + n, email=f"a{n}@ex.test", firstname="Ada", lastname="Byron", dynamics_contactid=guid(n))
    world.start()
    decide.decide(world.ws, world.group(contact(1), contact(2), hub(501), hub(502)), "merge")
    report = world.apply()
    assert report.exit_code == 0, report.text()
    live = [r for ref, r in world.state().items() if ref.system == "hubspot"]
    kept = next(ref for ref, r in world.state().items() if ref.system == "dynamics" and not r.get("merged"))
    assert [r["dynamics_contactid"] for r in live] == [kept.id]
    assert world.record(kept)["new_hubspotcontactid"] == str(live[0]["_id"])


def test_a_survivor_the_sync_would_not_pick_up_is_warned_about(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron")
    world.contact(2, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test")
    world.start()
    group = world.group(contact(1), contact(2))
    decide.set_survivor(world.ws, group, contact(1))
    assert any("does not pick up the survivor" in p.text for p in decide.resolution(world.ws, group).problems)


def test_notes_change_nothing(trio: World, tmp_path: Path) -> None:
    decide.note(trio.ws, "g0001", "asked sales")
    assert state(trio) == ("open", "")
    assert trio.ws.decisions.log()[0].note == "asked sales"
    assert lead(1) != contact(1)


def test_an_import_takes_in_nothing_that_deciding_here_would_refuse(make_world: Maker) -> None:
    here, there = make_world(), make_world()
    for world in (here, there):
        for n in (1, 2):
            world.contact(n, firstname="Ada", lastname="Byron", emailaddress1=f"a{n}@ex.test")
        world.hub(501, email="a1@ex.test", firstname="Ada")
        world.start()
        world.group(contact(1), contact(2), hub(501))
    decide.set_survivor(here.ws, "g0001", contact(1))
    decide.decide(here.ws, "g0001", "link")
    lines = list(decide.export_decisions(here.ws))
    done = decide.import_decisions(there.ws, lines[1:])  # without saying which of the two is linked
    assert done.taken == 0
    assert "can't all be linked to one record" in done.conflicts[0][1]
    assert there.ws.decisions.in_force() == []
    assert decide.import_decisions(there.ws, lines).taken == 2
