"""Laws that hold for any data: symmetry, order, sums, judgements, re-matching."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile_tui.errors import Interrupted
from reconcile_tui.matching import Earlier, Matcher, parts, reading, rematch, run
from reconcile_tui.matching.tally import Tally
from reconcile_tui.project import MatchingSettings
from tests.matching.people import FIELDS, crowd, groups_of, pairs_of, persons_of, table

SETTINGS = MatchingSettings(keep=0.1)
ROWS, WHO = crowd(160, seed=5)
RESULT = run(table(ROWS), FIELDS, SETTINGS)
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(table(ROWS), FIELDS, SETTINGS, RESULT.model)


def judged(*triples: tuple[int, int, bool]) -> pa.Table:
    left, right, same = zip(*triples, strict=True)
    return pa.table({"left": pa.array(left, pa.int64()), "right": pa.array(right, pa.int64()), "same": pa.array(same, pa.bool_())})


@few
@given(st.tuples(st.integers(1, len(ROWS)), st.integers(1, len(ROWS))).filter(lambda pair: pair[0] != pair[1]))
def test_explanations_add_up_exactly_and_do_not_depend_on_the_order_of_the_two(matcher: Matcher, pair: tuple[int, int]) -> None:
    one, other = matcher.explain(*pair), matcher.explain(*pair[::-1])
    assert sum(row.bits for row in one.rows) == one.bits
    assert [row.bits for row in one.rows] == [row.bits for row in other.rows]
    assert [(row.left, row.right) for row in one.rows] == [(row.right, row.left) for row in other.rows]
    assert one.rows[0].field == "prior"
    assert one.probability == pytest.approx(1 / (1 + 2**-one.bits))


def test_every_stored_pair_has_the_score_its_explanation_gives(matcher: Matcher) -> None:
    for (left, right), bits in pairs_of(RESULT.pairs).items():
        assert matcher.explain(left, right).bits == bits


@few
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_records_makes_no_difference(rng: random.Random) -> None:
    shuffled = ROWS[:]
    rng.shuffle(shuffled)
    again = run(table(shuffled), FIELDS, SETTINGS, model=RESULT.model)
    assert pairs_of(again.pairs) == pairs_of(RESULT.pairs)
    assert groups_of(again.groups) == groups_of(RESULT.groups)


@few
@given(st.integers(1, len(ROWS)), st.integers(1, len(ROWS)), st.sampled_from([*(f.name for f in FIELDS), "country"]), st.booleans())
def test_a_record_of_which_one_field_has_changed_is_read_as_if_for_the_first_time(key: int, donor: int, field: str, empty: bool) -> None:
    whole = reading.read(table(ROWS), FIELDS)
    row = next(row for row in ROWS if row["key"] == key)
    other = next(row for row in ROWS if row["key"] == donor)
    edited = table([{**row, field: None if empty else other.get(field, "DE")}])
    before = parts.joined([(whole, np.array([key - 1]))])
    again, anew = reading.read(edited, FIELDS, whole, before), reading.read(edited, FIELDS, whole)
    assert {name: column.text(0) for name, column in again.columns.items()} == {name: c.text(0) for name, c in anew.columns.items()}
    assert again.country_names == anew.country_names


@few
@given(st.lists(st.tuples(st.integers(1, len(ROWS)), st.integers(1, len(ROWS)), st.booleans()), min_size=1, max_size=12))
def test_judgements_are_respected_unless_they_contradict_each_other(triples: list[tuple[int, int, bool]]) -> None:
    triples = [t for t in triples if t[0] != t[1]] or [(1, 2, True)]
    result = run(table(ROWS), FIELDS, SETTINGS, model=RESULT.model, judgements=judged(*triples))
    set_aside = {tuple(sorted(pair)) for pair in result.report["contradictory_judgements"]}
    of_key = {key: group for group, keys in groups_of(result.groups).items() for key in keys}
    person = {key: keys for keys in persons_of(result.groups) for key in keys}
    for left, right, same in triples:
        if same and tuple(sorted((left, right))) not in set_aside:
            assert right in person[left]
        elif not same:
            assert of_key.get(left, left) != of_key.get(right, right)


def test_contradictory_judgements_are_reported_and_difference_wins() -> None:
    result = run(table(ROWS), FIELDS, SETTINGS, model=RESULT.model, judgements=judged((1, 2, True), (2, 3, True), (1, 3, False)))
    assert result.report["contradictory_judgements"] == [[2, 3]]


def replaced(rows: list[dict], changes: dict[int, dict | None]) -> list[dict]:
    kept = [row for row in rows if row["key"] not in changes]
    return kept + [row for row in changes.values() if row is not None]


change = st.sampled_from(["first_name", "last_name", "email", "phone", "company", "city", "remove", "add"])
edits = st.lists(st.tuples(change, st.integers(1, len(ROWS)), st.integers(1, len(ROWS))), min_size=1, max_size=3)
PLACED = [{**row, "country": ("GB", "DE", None)[row["key"] % 3]} for row in ROWS]
PLACED_RESULT = run(table(PLACED), FIELDS, SETTINGS, tallied=True)


def changes_of(rows: list[dict], step: list[tuple[str, int, int]], number: int) -> dict[int, dict | None]:
    """New rows by key, None for those to be removed."""
    by_key = {row["key"]: row for row in rows}
    changes: dict[int, dict | None] = {}
    for what, key, other in step:
        row, donor = by_key.get(key), by_key.get(other, rows[0])
        if what == "add":
            changes[1000 + 10 * number + key % 7] = {**donor, "key": 1000 + 10 * number + key % 7}
        elif row is not None:
            changes[key] = None if what == "remove" else {**row, what: donor[what]}
    return changes


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(edits, min_size=1, max_size=3))
def test_re_matching_what_changed_equals_matching_everything(steps: list[list[tuple[str, int, int]]]) -> None:
    matcher = Matcher(table(PLACED), FIELDS, SETTINGS, PLACED_RESULT.model)
    rows, pairs, groups = PLACED, pairs_of(PLACED_RESULT.pairs), groups_of(matcher.result.groups)
    previous = matcher.result.groups
    for number, step in enumerate(steps):
        changes = changes_of(rows, step, number)
        if not changes:
            continue
        rows = replaced(rows, changes)
        new = [row for row in changes.values() if row is not None]
        gone = [key for key, row in changes.items() if row is None]
        found = matcher.update(table(new) if new else None, gone)
        pairs = {pair: bits for pair, bits in pairs.items() if not set(pair) & set(found.touched)} | pairs_of(found.pairs)
        groups = {group: keys for group, keys in groups.items() if group not in found.dissolved} | groups_of(found.groups)
        full = run(table(rows), FIELDS, SETTINGS, model=PLACED_RESULT.model, previous_groups=previous)
        assert pairs == pairs_of(full.pairs)
        assert groups == groups_of(full.groups)
        previous = full.groups


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(edits, st.tuples(st.integers(1, 40), st.integers(41, 80), st.booleans())), min_size=1, max_size=3))
def test_a_later_process_that_knows_only_a_tally_re_matches_with_the_same_result(steps: list) -> None:
    rows, model = PLACED, PLACED_RESULT.model
    full, tally, judgements = PLACED_RESULT, PLACED_RESULT.tally, None
    for number, (step, judgement) in enumerate(steps):
        changes = changes_of(rows, step, number)
        rows, previous = replaced(rows, changes), full
        rejudged = {judgement[0], judgement[1], *(judgements["left"].to_pylist() + judgements["right"].to_pylist() if judgements else [])}
        judgements = judged(judgement)
        earlier = Earlier(model, tally, previous.pairs, previous.groups)
        found = rematch(table(rows), FIELDS, SETTINGS, earlier, set(changes), judgements=judgements, rejudged=frozenset(rejudged))
        assert found is not None
        touched, dissolved = set(found.change.touched), set(found.change.dissolved)
        pairs = {pair: bits for pair, bits in pairs_of(previous.pairs).items() if not set(pair) & touched} | pairs_of(found.change.pairs)
        groups = {g: keys for g, keys in groups_of(previous.groups).items() if g not in dissolved} | groups_of(found.change.groups)
        full = run(table(rows), FIELDS, SETTINGS, model=model, judgements=judgements, previous_groups=previous.groups, tallied=True)
        assert pairs == pairs_of(full.pairs)
        assert groups == groups_of(full.groups)
        assert Tally.from_bytes(found.tally).rows.sort(pl.all()).equals(Tally.from_bytes(full.tally).rows.sort(pl.all()))
        tally = found.tally


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(st.lists(st.fixed_dictionaries({f.name: st.none() | st.text(max_size=30) for f in FIELDS}), min_size=0, max_size=14))
def test_any_unicode_is_matched_without_a_crash(rows: list[dict]) -> None:
    result = run(table([{**row, "system": "ab"[i % 2]} for i, row in enumerate(rows)]), FIELDS, SETTINGS)
    assert set(result.groups["key"].to_pylist()) <= set(range(1, len(rows) + 1))


def test_a_stop_is_obeyed_at_every_stage_and_says_what_is_kept() -> None:
    seen: list[str] = []
    run(table(ROWS), FIELDS, SETTINGS, progress=lambda stage, done, total: seen.append(stage))
    for limit in (1, len(seen) // 2, len(seen) - 1):
        calls = iter(range(len(seen)))
        with pytest.raises(Interrupted, match="unchanged"):
            run(table(ROWS), FIELDS, SETTINGS, stop=lambda calls=calls, limit=limit: next(calls) >= limit)
    assert list(dict.fromkeys(seen)) == ["standardise", "block", "train", "weigh", "cluster"]


def test_standardising_training_and_weighing_tell_how_far_they_are() -> None:
    told: dict[str, list[float]] = {}
    run(table(ROWS), FIELDS, SETTINGS, progress=lambda stage, done, total: told.setdefault(stage, []).append(done / total))
    assert all(shares == sorted(shares) and shares[0] == 0 for shares in told.values())
    assert all(shares[-1] == 1 for stage, shares in told.items() if stage != "block")
    assert all(len(set(told[stage])) > 3 for stage in ("standardise", "train"))
