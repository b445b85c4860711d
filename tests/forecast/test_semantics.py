"""What the profiles' options mean, one behaviour at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconcile_tui.forecast.engine import Sync
from reconcile_tui.forecast.profiles import PRESETS, Profile
from reconcile_tui.forecast.search import outcomes
from reconcile_tui.forecast.simulate import simulate_group
from reconcile_tui.forecast.values import FieldRule, SimRecord, instant, match_key
from reconcile_tui.model import Ref

NAIVE = PRESETS["good-faith-upsert"]
FIELD = [FieldRule("name")]


def dynamics(number: int, name: str | None, *, table: str = "contact", email: str = "a@x.test", **more: object) -> SimRecord:
    return SimRecord(Ref("dynamics", table, f"C-{number}"), 0, {"name": name}, emails=(email,), **more)  # type: ignore[arg-type]


def hubspot(number: int, name: str | None, *emails: str, **more: object) -> SimRecord:
    return SimRecord(Ref("hubspot", "contacts", str(number)), 1, {"name": name}, emails=emails or ("a@x.test",), **more)  # type: ignore[arg-type]


def lost(records: list[SimRecord], profile: Profile, fields: list[FieldRule] = FIELD, **more: object) -> dict[str, tuple[object, str]]:
    """Id -> (values after, certainty), by the closed form and, to be sure, by search."""
    told = simulate_group(records, fields, profile, **more)  # type: ignore[arg-type]
    searched = simulate_group(records, fields, profile, method="search", **more)  # type: ignore[arg-type]
    assert told.cells == searched.cells
    return {cell.record.id: (cell.after, cell.certainty) for cell in told.cells}


def test_a_pair_that_differs_is_decided_by_who_is_saved_first() -> None:
    assert lost([dynamics(1, "A"), hubspot(501, "B")], NAIVE) == {
        "C-1": (("B",), "order_dependent"), "501": (("A",), "order_dependent"),
    }  # fmt: skip


@pytest.mark.parametrize(("winner", "expected"), [("dynamics", {"501": (("A",), "certain")}), ("hubspot", {"C-1": (("B",), "certain")})])
def test_the_initial_comparison_decides_for_its_winner_in_every_order(winner, expected) -> None:
    assert lost([dynamics(1, "A"), hubspot(501, "B")], replace(NAIVE, initial=winner)) == expected


def test_the_most_recently_changed_side_wins_the_initial_comparison() -> None:
    records = [dynamics(1, "A", modified_at="2026-01-01T10:00:00+01:00"), hubspot(501, "B", modified_at="2026-01-01T09:30:00Z")]
    assert lost(records, replace(NAIVE, initial="most_recent")) == {"C-1": (("B",), "certain")}


def test_a_blank_is_filled_and_never_counts_as_lost() -> None:
    assert lost([dynamics(1, None), hubspot(501, "B")], replace(NAIVE, blank="ignored")) == {}


def test_a_blank_wipes_when_blanks_propagate() -> None:
    assert lost([dynamics(1, None), hubspot(501, "B")], NAIVE) == {"501": ((None,), "order_dependent")}


def test_a_fields_own_blank_policy_comes_before_the_profiles() -> None:
    assert lost([dynamics(1, None), hubspot(501, "B")], NAIVE, [FieldRule("name", blank="ignore")]) == {}


def test_an_ineligible_record_sends_nothing_and_is_overwritten_all_the_same() -> None:
    assert lost([dynamics(1, "A", eligible=False), hubspot(501, "B")], NAIVE) == {"C-1": (("B",), "certain")}


def test_a_record_that_has_synced_once_keeps_syncing_when_filters_count_for_the_first_sync_only() -> None:
    records = [dynamics(1, "A", eligible=False, synced_once=True), hubspot(501, "B", eligible=False)]
    assert lost(records, NAIVE) == {}
    assert set(lost(records, replace(NAIVE, filters="initial_only"))) == {"C-1", "501"}


def test_under_first_seen_only_one_record_syncs_and_which_depends_on_the_order() -> None:
    records = [dynamics(1, "A"), dynamics(2, "B"), hubspot(501, "C")]
    profile = PRESETS["hubspot-data-sync"]
    assert lost(records, profile) == {"C-1": (("C",), "order_dependent"), "C-2": (("C",), "order_dependent")}


@pytest.mark.parametrize(("collision", "chosen"), [("oldest", "C-1"), ("newest", "C-2"), ("table_priority", "C-2")])
def test_the_rule_lets_one_record_through(collision, chosen) -> None:
    records = [
        dynamics(1, "A", table="lead", created_at="2020-01-01T00:00:00Z", modified_at="2020-01-01T00:00:00Z"),
        dynamics(2, "B", created_at="2021-01-01T00:00:00Z", modified_at="2021-01-01T00:00:00Z"),
        hubspot(501, "C"),
    ]
    assert set(lost(records, replace(NAIVE, collision=collision, fan_out="first"))) == {chosen, "501"}


def test_stored_ids_pair_without_looking_up_and_refuse_a_second_contact_with_a_taken_address() -> None:
    linked = dynamics(1, "A", links=(Ref("hubspot", "contacts", "501"),))
    told = simulate_group([linked, dynamics(2, "B"), hubspot(501, "A")], FIELD, PRESETS["stored-id"])
    assert told.cells == ()
    assert [(b.record.id, b.reason) for b in told.blocked] == [("C-2", "email_taken")]


def test_with_stored_ids_two_new_records_race_for_their_address() -> None:
    told = simulate_group([dynamics(1, "A"), dynamics(2, "B")], FIELD, PRESETS["stored-id"])
    assert {(b.record.id, b.reason, b.certainty) for b in told.blocked} == {
        ("C-1", "race", "order_dependent"), ("C-2", "race", "order_dependent"),
    }  # fmt: skip
    assert not told.confluent


def test_a_secondary_address_brings_two_records_to_one_contact() -> None:
    records = [dynamics(1, "A"), dynamics(2, "B", email="b@x.test"), hubspot(501, "A", "a@x.test", "B@x.test")]
    assert set(lost(records, NAIVE)) == {"C-1", "C-2", "501"}


def test_comparing_before_writing_fills_blanks_and_replaces_nothing() -> None:
    records = [dynamics(1, "A"), dynamics(2, None), hubspot(501, "B")]
    profile = replace(NAIVE, compare_before_write=True)
    assert lost(records, profile) == {}
    found = outcomes(Sync(records, FIELD, profile))
    assert [set(cells[0]) for cells in found.after] == [{"A"}, {"B"}, {"B"}]


def test_without_its_echo_a_write_reaches_others_only_if_the_contact_is_saved_then() -> None:
    records = [dynamics(1, "A"), dynamics(2, "B")]
    assert lost(records, replace(NAIVE, echo_suppression=True)) == {
        "C-1": (("B",), "order_dependent"), "C-2": (("A",), "order_dependent"),
    }  # fmt: skip


def test_the_blank_of_a_created_contact_comes_back_and_wipes_a_field_that_only_travels_back() -> None:
    field = [FieldRule("name", direction="backward")]
    assert lost([dynamics(1, "A")], NAIVE, field) == {"C-1": ((None,), "certain")}
    assert lost([dynamics(1, "A")], NAIVE, field, created_eligible=(True, False)) == {}
    assert lost([dynamics(1, "A")], replace(NAIVE, creates="none"), field) == {}


def test_a_create_only_field_never_overwrites_what_exists() -> None:
    assert lost([dynamics(1, "A"), hubspot(501, "B")], NAIVE, [FieldRule("name", create_only=True)]) == {}


def test_a_field_not_mapped_for_a_table_is_not_a_blank_one() -> None:
    lead = replace(dynamics(1, None, table="lead"), values={})
    assert lost([lead, hubspot(501, "B")], NAIVE) == {}


def test_what_the_map_asks_for_between_one_pair_is_marked_as_intended() -> None:
    told = simulate_group([dynamics(1, "A"), hubspot(501, "B")], [FieldRule("name", direction="forward")], NAIVE)
    assert [(c.record.id, c.certainty, c.intended) for c in told.cells] == [("501", "certain", True)]


def test_a_search_that_runs_out_of_budget_says_so_and_still_finds_no_fewer_losses() -> None:
    records = [*(dynamics(n, f"A{n}") for n in range(6)), hubspot(501, "B"), hubspot(502, "C")]
    fields = [FieldRule("name"), FieldRule("other")]
    records = [replace(r, values={**r.values, "other": f"{r.ref.id}"}) for r in records]
    told = simulate_group(records, fields, NAIVE, budget=50)
    assert told.method == "search by field"
    assert not told.exhaustive


def test_addresses_are_compared_without_case_and_outer_blanks() -> None:
    assert match_key(" Bob@ACME.test ") == match_key("bob@acme.test")
    assert match_key(None) == ""


def test_times_are_instants_whatever_their_zone() -> None:
    assert instant("2026-01-01T10:00:00+01:00") == instant("2026-01-01T09:00:00Z") == instant("2026-01-01T09:00:00")
    assert instant("yesterday") == instant(None)
