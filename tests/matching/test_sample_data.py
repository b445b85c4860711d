"""The planted cases of the sample data come out as their answer key says."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pytest

from reconcile_tui import project
from reconcile_tui.matching import MatchResult, run

FOLDER = Path(__file__).parents[2] / "sample_data"
FILES = {
    ("dynamics", "contact"): ("dynamics_contacts.csv", "contactid"),
    ("dynamics", "lead"): ("dynamics_leads.csv", "leadid"),
    ("hubspot", "contacts"): ("hubspot_contacts.csv", "hs_object_id"),
}
Ref = tuple[str, str, str]


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def matched() -> tuple[MatchResult, dict[int, Ref]]:
    settings = project.load(FOLDER)
    record_type = settings.record_types["contacts"]
    refs: dict[int, Ref] = {}
    values: list[dict[str, object]] = []
    for number, ((system, table), (name, id_)) in enumerate(FILES.items()):
        for i, raw in enumerate(rows(name), 1):
            key = (number << 40) | i
            refs[key] = (system, table, raw[id_])
            row: dict[str, object] = {"key": key, "system": system, "table": table}
            for field in record_type.fields:
                column = field.column(system, table)
                row[field.name] = field.common(raw.get(column) or None, first=system == settings.first) if column else None
            values.append(row)
    schema = pa.schema([("key", pa.int64()), *((name, pa.string()) for name in values[0] if name != "key")])
    return run(pa.Table.from_pylist(values, schema=schema), record_type.fields, settings.matching("contacts")), refs


def test_every_group_of_the_answer_key_is_found_whole_with_its_class_and_no_other(matched: tuple[MatchResult, dict[int, Ref]]) -> None:
    result, refs = matched
    expected: dict[str, set[Ref]] = defaultdict(set)
    classes = {}
    for row in rows("truth.csv"):
        if row["group"]:
            expected[row["group"]].add((row["system"], row["table"], row["id"]))
            classes[row["group"]] = row["class"]
    found: dict[str, set[Ref]] = defaultdict(set)
    found_class = {}
    for group, key, name in zip(*(result.groups[c].to_pylist() for c in ("group", "key", "class")), strict=True):
        found[group].add(refs[key])
        found_class[group] = name
    assert {(frozenset(members), found_class[group]) for group, members in found.items()} == {
        (frozenset(members), classes[group]) for group, members in expected.items()
    }


def test_different_people_are_never_proposed_as_one_person(matched: tuple[MatchResult, dict[int, Ref]]) -> None:
    result, refs = matched
    who = {(row["system"], row["table"], row["id"]): row["person"] for row in rows("truth.csv")}
    proposed = defaultdict(set)
    for group, person, key in zip(*(result.groups[c].to_pylist() for c in ("group", "person", "key")), strict=True):
        proposed[group, person].add(who[refs[key]])
    assert [people for people in proposed.values() if len(people) > 1] == []
