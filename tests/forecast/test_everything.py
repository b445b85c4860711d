"""All groups at once say what each group says alone."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile_tui.errors import Interrupted
from reconcile_tui.forecast import stars
from reconcile_tui.forecast.columns import Columns, of_records
from reconcile_tui.forecast.everything import simulate_all
from reconcile_tui.forecast.group import total
from reconcile_tui.forecast.ledger import Ledger, difference
from reconcile_tui.forecast.profiles import PRESETS
from reconcile_tui.forecast.simulate import simulate_group
from reconcile_tui.forecast.values import FieldRule, SimRecord
from reconcile_tui.forecast.verdict import Totals
from reconcile_tui.model import Ref
from tests.forecast import groups
from tests.forecast.article import SHARED, people, record

NAIVE = PRESETS["good-faith-upsert"]
FIELDS = [FieldRule("first_name"), FieldRule("phone")]


def apart(record: SimRecord, number: int) -> SimRecord:
    """The record moved into a world of its own, with a key of its own."""
    return replace(
        record,
        ref=Ref(record.ref.system, record.ref.table, f"{record.ref.id}/{number}"),
        key=number * 100 + int(record.ref.id.removeprefix("C-")) % 50 + 50 * record.side,
        emails=tuple(f"{number}.{email.strip()}" for email in record.emails),
        links=tuple(Ref(link.system, link.table, f"{link.id}/{number}") for link in record.links),
    )


@settings(max_examples=200)
@given(st.data())
def test_the_ledger_of_many_groups_is_that_of_each_group_alone(data: st.DataObject) -> None:
    made = data.draw(groups.rules())
    rules, profile = [rule for rule, _ in made], data.draw(groups.profiles())
    worlds = [[apart(r, n) for r in data.draw(groups.records(made))] for n in range(data.draw(st.integers(1, 4)))]
    everyone = [r for world in worlds for r in world]
    data.draw(st.randoms(use_true_random=False)).shuffle(everyone)
    columns = of_records(everyone, rules)
    ledger = simulate_all(columns, rules, profile)
    alone = _alone(columns, everyone, rules, profile)
    assert ledger.totals == total(alone)
    told = {
        (c.key, c.field): (c.certainty, len(c.after), frozenset(c.overwritten_by), c.intended) for e in ledger.entries() for c in e.cells
    }
    keys = {r.ref: r.key for r in everyone}
    assert told == {
        (keys[c.record], c.field): (c.certainty, len(c.after), frozenset(keys[by] for by in c.overwritten_by), c.intended)
        for forecast in alone
        for c in forecast.cells
    }


def _alone(columns: Columns, everyone, rules, profile):
    group = stars.build(columns, profile).group
    return [simulate_group([everyone[row] for row in np.flatnonzero(group == g)], rules, profile) for g in range(int(group.max()) + 1)]


def article(number: int) -> list[SimRecord]:
    return [apart(r, number) for r in [*people(), record(SHARED, "Bob", "1")]]


def ledger_of(records: list[SimRecord], profile=NAIVE) -> Ledger:
    return simulate_all(of_records(records, FIELDS), FIELDS, profile)


def test_entries_name_records_by_key_and_come_with_most_cells_first() -> None:
    ledger = ledger_of([*article(1), *[apart(record(Ref("dynamics", "contact", "C-1"), "A", "1"), 2), apart(record(SHARED, "B", "1"), 2)]])
    entries = list(ledger.entries())
    assert [len(entry.cells) for entry in entries] == [6, 2]
    assert [entry.collision for entry in entries] == [True, False]
    cell = next(c for c in entries[0].cells if c.key == 101 and c.field == "phone")
    assert (cell.now, cell.after, cell.overwritten_by, cell.certainty) == ("555-0101", ("1", "555-0202"), (102, 151), "order_dependent")


def test_live_totals_follow_by_subtracting_a_group_and_adding_it_again() -> None:
    whole = ledger_of([*article(1), *article(2)]).totals
    before = simulate_group(article(2), FIELDS, NAIVE).totals
    cleaned = simulate_group([r for r in article(2) if r.ref.id.startswith("C-1")], FIELDS, NAIVE).totals
    expected = ledger_of([*article(1), *[r for r in article(2) if r.ref.id.startswith("C-1")]]).totals
    assert whole - before + cleaned == expected
    assert whole.cells == 12


def test_the_difference_of_two_ledgers_names_the_cells_that_are_gone_new_or_otherwise_certain() -> None:
    today = ledger_of(article(1))
    cleaned = ledger_of([r for r in article(1) if "C-2" not in r.ref.id])
    change = difference(today, cleaned)
    assert set(change.gone) == {(102, "first_name"), (102, "phone")}
    assert change.new == ()
    oldest = difference(ledger_of(article(1)), ledger_of(article(1), PRESETS["hubspot-salesforce-like"]))
    assert set(oldest.now_certain) == {(151, "first_name"), (151, "phone")}
    assert oldest.before == today.totals


def test_a_stop_request_interrupts_between_fields_and_progress_counts_up() -> None:
    seen: list[tuple[int, int]] = []
    with pytest.raises(Interrupted, match="kept"):
        simulate_all(of_records(article(1), FIELDS), FIELDS, NAIVE, progress=lambda *told: seen.append(told), stop=lambda: bool(seen))
    assert seen == [(1, 2)]


def test_groups_beyond_the_search_limit_are_marked_as_not_exhaustive() -> None:
    twins = [r for n in range(3) for r in [*article(n), apart(record(Ref("hubspot", "contacts", "502"), "Bea", "2"), n)]]
    all_searched = ledger_of(twins)
    some = simulate_all(of_records(twins, FIELDS), FIELDS, NAIVE, searched=1)
    assert (all_searched.totals.not_exhausted, some.totals.not_exhausted) == (0, 2)


def test_without_a_loader_uncovered_groups_are_rebuilt_from_the_columns() -> None:
    twins = [*article(1), apart(record(Ref("hubspot", "contacts", "502"), "Bea", "2"), 1)]
    columns = of_records(twins, FIELDS)
    assert simulate_all(replace(columns, load=None), FIELDS, NAIVE).totals == simulate_all(columns, FIELDS, NAIVE).totals


def test_nothing_to_forecast_is_no_error() -> None:
    assert ledger_of([]).totals == Totals()
    assert list(ledger_of([]).entries()) == []


def test_the_order_of_records_does_not_matter() -> None:
    records = [*article(1), *article(2)]
    random.Random(1).shuffle(records)
    assert ledger_of(records).totals == ledger_of([*article(1), *article(2)]).totals
