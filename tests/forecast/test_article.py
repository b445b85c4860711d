"""The two scenarios of the article, cell by cell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconcile_tui.forecast.engine import Sync
from reconcile_tui.forecast.profiles import PRESETS
from reconcile_tui.forecast.simulate import simulate_group
from reconcile_tui.forecast.state import Event
from reconcile_tui.forecast.values import FieldRule
from tests.forecast.article import RITA, ROBERT, SHARED, people, record

NAIVE = PRESETS["good-faith-upsert"]
BOTH_WAYS = [FieldRule("first_name"), FieldRule("phone")]
ONE_WAY_EACH = [FieldRule("first_name", direction="forward"), FieldRule("phone", direction="backward")]
METHODS = ["closed", "search"]


@pytest.mark.parametrize("method", METHODS)
def test_two_contacts_with_one_address_overwrite_each_other_depending_on_who_is_saved_last(method) -> None:
    told = simulate_group(people(), BOTH_WAYS, NAIVE, method=method)
    cells = {(c.record, c.field): (c.now, c.after, c.certainty, c.overwritten_by) for c in told.cells}
    assert cells == {
        (ROBERT, "first_name"): ("Robert", ("Rita",), "order_dependent", (RITA,)),
        (ROBERT, "phone"): ("555-0101", ("555-0202",), "order_dependent", (RITA,)),
        (RITA, "first_name"): ("Rita", ("Robert",), "order_dependent", (ROBERT,)),
        (RITA, "phone"): ("555-0202", ("555-0101",), "order_dependent", (ROBERT,)),
    }
    assert not told.confluent
    assert told.exhaustive


def test_the_steps_of_the_article_lead_where_it_says() -> None:
    sync = Sync(people(), BOTH_WAYS, NAIVE)
    shared = 2
    state = sync.start()
    seen = []
    for who in (0, 1, shared):
        state = sync.moves(state, Event("save", who))[0].state
        seen.append(state.cells)
    robert, rita = ("Robert", "555-0101"), ("Rita", "555-0202")
    assert seen == [(robert, rita, robert), (robert, rita, rita), (rita, rita, rita)]


def test_an_empty_contact_that_already_exists_ends_the_same_way_when_blanks_are_ignored() -> None:
    told = simulate_group([*people(), record(SHARED, None, None)], BOTH_WAYS, replace(NAIVE, blank="ignored"))
    assert {(c.record, c.field): c.after for c in told.cells} == {
        (ROBERT, "first_name"): ("Rita",),
        (ROBERT, "phone"): ("555-0202",),
        (RITA, "first_name"): ("Robert",),
        (RITA, "phone"): ("555-0101",),
    }


def test_an_empty_contact_can_also_wipe_both_when_blanks_propagate() -> None:
    told = simulate_group([*people(), record(SHARED, None, None)], BOTH_WAYS, NAIVE)
    assert {c.after for c in told.cells if c.record == ROBERT and c.field == "phone"} == {("555-0202", None)}


@pytest.mark.parametrize("method", METHODS)
def test_names_one_way_and_phones_the_other_leave_one_phone_and_different_names(method) -> None:
    told = simulate_group([*people(), record(SHARED, "Bob", "555-0303")], ONE_WAY_EACH, NAIVE, method=method)
    cells = {(c.record, c.field): (c.after, c.certainty, c.overwritten_by) for c in told.cells}
    assert cells == {
        (ROBERT, "phone"): (("555-0303",), "certain", (SHARED,)),
        (RITA, "phone"): (("555-0303",), "certain", (SHARED,)),
        (SHARED, "first_name"): (("Rita", "Robert"), "certain", (ROBERT, RITA)),
    }
    assert not told.confluent


def test_the_witness_tells_how_a_phone_gets_lost_in_words_a_steward_can_follow() -> None:
    told = simulate_group([*people(), record(SHARED, None, None)], BOTH_WAYS, NAIVE)
    cell = next(c for c in told.cells if c.record == ROBERT and c.field == "phone")
    cell = replace(cell, after=("555-0202",))
    assert told.witness(cell).sentences() == (
        "1  C-2 is saved in Dynamics; the sync writes 501: phone (blank) becomes 555-0202 and 1 other field.",
        "2  The sync sees that 501 was changed in HubSpot; the sync writes C-1: phone 555-0101 becomes 555-0202 and 1 other field.",
        "3  C-1's phone 555-0101 is gone.",
    )


def test_the_guarded_sync_overwrites_nothing_and_holds_both_for_a_person() -> None:
    told = simulate_group(people(), BOTH_WAYS, PRESETS["guarded"])
    assert (told.cells, told.confluent) == ((), True)
    assert [(b.record, b.reason) for b in told.blocked] == [(ROBERT, "held"), (RITA, "held")]


def test_after_merging_the_two_nothing_is_at_risk_any_more() -> None:
    merged = [record(ROBERT, "Robert", "555-0101"), record(SHARED, "Robert", "555-0101")]
    told = simulate_group(merged, BOTH_WAYS, NAIVE)
    assert (told.cells, told.confluent, told.collision) == ((), True, False)
