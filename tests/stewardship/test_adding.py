"""A record that matching did not find is brought into a group by hand."""

from __future__ import annotations

import json

import pytest

from reconcile_tui.errors import DecisionRefused, UsageError
from reconcile_tui.steps import decide
from reconcile_tui.steps.match import match
from reconcile_tui.workspace import Workspace
from tests.stewardship.conftest import Maker
from tests.stewardship.world import World, contact, hub, lead


def _people(world: World) -> World:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", jobtitle="Analyst")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron")
    world.contact(7, firstname="Augusta", lastname="King", jobtitle="Countess")
    world.hub(502, email="augusta@ex.test", firstname="Augusta", lastname="King")
    world.contact(9, firstname="Zoe")
    world.start()
    world.group(contact(1), hub(501))
    world.group(contact(7), hub(502))
    return world


@pytest.fixture
def pair(world: World) -> World:
    """Ada in g0001, Augusta in g0002, Zoe alone."""
    return _people(world)


def everything(ws: Workspace) -> list[tuple[object, ...]]:
    """All groups as stored, with their records."""
    ids = [row.id for row in ws.matches.page(limit=100)]
    return sorted((json.dumps(ws.matches.stored(id_), sort_keys=True), ws.matches.members(id_)) for id_ in ids)


def test_a_record_that_stands_alone_joins_the_group_and_the_queue_shows_it(pair: World) -> None:
    decide.add(pair.ws, "g0001", contact(9))
    row = pair.ws.matches.row("g0001")
    assert row is not None
    assert (row.size, row.systems) == (3, "D+D+H")
    assert "first_name" in row.differs
    assert {str(r.ref) for r in decide.view(pair.ws, "g0001").records} == {str(contact(1)), str(contact(9)), str(hub(501))}


def test_a_group_comes_along_whole_and_undo_and_redo_move_it_back_and_forth(pair: World) -> None:
    before = everything(pair.ws)
    decide.add(pair.ws, "g0001", hub(502))
    joined = everything(pair.ws)
    assert [len(keys) for _, keys in joined] == [4]
    assert decide.undo(pair.ws) is not None
    assert everything(pair.ws) == before
    assert pair.ws.decisions.judgements() == []
    assert decide.redo(pair.ws) is not None
    assert everything(pair.ws) == joined


def test_an_added_record_stays_with_the_group_through_a_match_run_and_whatever_is_chosen_there(pair: World) -> None:
    decide.add(pair.ws, "g0001", contact(9))
    decide.set_value(pair.ws, "g0001", "job_title", "Countess")
    match(pair.ws, full=True)
    keys = [pair.ws.records.key_of(ref) for ref in (contact(1), contact(9))]
    groups = {pair.ws.matches.group_of(key) for key in keys if key is not None}
    assert len(groups) == 1
    assert None not in groups


def test_a_decided_group_asks_for_another_look_when_a_record_joins_it(pair: World) -> None:
    decide.decide(pair.ws, "g0001", "merge")
    decide.add(pair.ws, "g0001", contact(9))
    row = pair.ws.matches.row("g0001")
    assert row is not None
    assert row.state == "changed"
    decide.undo(pair.ws)
    row = pair.ws.matches.row("g0001")
    assert row is not None
    assert (row.state, row.outcome) == ("decided", "merge")


def test_what_can_not_be_meant_is_refused_with_the_reason_and_changes_nothing(pair: World) -> None:
    ws = pair.ws
    decide.decide(ws, "g0002", "different")
    before = everything(ws)
    for group, ref, reason in (
        ("g0001", contact(1), "already"),
        ("g0001", contact(7), "decided"),
        ("g0001", contact(99), "no record"),
        ("g0009", contact(9), "no group"),
    ):
        with pytest.raises((DecisionRefused, UsageError), match=reason):
            decide.add(ws, group, ref)
    assert everything(ws) == before


def test_records_that_were_said_to_be_different_people_do_not_meet_again(pair: World) -> None:
    decide.add(pair.ws, "g0001", contact(9))
    decide.decide(pair.ws, "g0001", "different")
    stored = pair.ws.matches.stored("g0001")
    assert stored is not None
    keys = [key for ref in (contact(1), hub(501)) if (key := pair.ws.records.key_of(ref)) is not None]
    pair.ws.matches.store(stored, keys)  # as a match run leaves it: Zoe stands alone
    with pytest.raises(DecisionRefused, match="different people"):
        decide.add(pair.ws, "g0001", contact(9))


def test_additions_move_to_another_workspace_with_the_other_decisions(pair: World, make_world: Maker) -> None:
    decide.add(pair.ws, "g0001", contact(9))
    decide.add(pair.ws, "g0001", hub(502))
    decide.decide(pair.ws, "g0001", "merge")
    lines = list(decide.export_decisions(pair.ws))
    other = _people(make_world())
    done = decide.import_decisions(other.ws, lines)
    assert (done.taken, done.conflicts) == (3, ())
    row = other.ws.matches.row("g0001")
    assert row is not None
    assert (row.size, row.state, row.outcome) == (5, "decided", "merge")


def test_a_lead_of_another_record_type_can_not_join(pair: World) -> None:
    with pytest.raises(UsageError, match="no record"):
        decide.add(pair.ws, "g0001", lead(5))
