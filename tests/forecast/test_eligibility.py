"""What another predicate would change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reconcile_tui.forecast.columns import of_records
from reconcile_tui.forecast.eligibility import what_if
from reconcile_tui.forecast.profiles import PRESETS
from reconcile_tui.forecast.values import FieldRule
from reconcile_tui.model import Ref
from tests.forecast.article import SHARED, people, record

FIELDS = [FieldRule("first_name")]


def columns(*, rita_eligible: bool = False):
    robert, rita = people()
    alone = record(Ref("dynamics", "contact", "C-3"), "Al", None, "al@x.test")
    everyone = [robert, replace(rita, eligible=rita_eligible), alone, record(SHARED, "Bob", None)]
    return of_records([replace(r, key=number) for number, r in enumerate(everyone)], FIELDS)


def test_a_record_that_enters_and_meets_another_one_collides() -> None:
    change = what_if(columns(), np.array([True, True, True, True]), PRESETS["good-faith-upsert"])
    assert (change.forward.before, change.forward.after) == (2, 3)
    assert change.forward.enters.tolist() == [1]
    assert change.forward.collides.tolist() == [1]
    assert change.forward.leaves.tolist() == change.backward.enters.tolist() == []


def test_a_record_that_leaves_leaks_when_filters_count_for_the_first_sync_only() -> None:
    eligible = np.array([True, False, False, True])
    strict = what_if(columns(rita_eligible=True), eligible, PRESETS["good-faith-upsert"])
    assert (strict.forward.leaves.tolist(), strict.forward.leaks.tolist()) == ([1, 2], [])
    leaky = what_if(columns(rita_eligible=True), eligible, PRESETS["hubspot-data-sync"])
    assert (leaky.forward.leaves.tolist(), leaky.forward.leaks.tolist()) == ([1, 2], [1])


def test_a_contact_that_enters_and_writes_to_several_records_collides() -> None:
    everyone = columns()
    before = replace(everyone, eligible=np.array([True, True, True, False]))
    change = what_if(before, np.array([True, True, True, True]), PRESETS["good-faith-upsert"])
    assert (change.backward.enters.tolist(), change.backward.collides.tolist()) == ([3], [3])
