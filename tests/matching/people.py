"""Small tables of people for the matching tests."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

FIRST = [
    "James",
    "Mary",
    "Robert",
    "Patricia",
    "John",
    "Jennifer",
    "Michael",
    "Linda",
    "William",
    "Susan",
    "Thomas",
    "Karen",
    "Jürgen",
    "Zoë",
]
SHORT = {"James": "Jim", "Robert": "Bob", "Michael": "Mike", "William": "Bill", "Susan": "Sue", "Thomas": "Tom"}
LAST = ["Smith", "Hale", "Garcia", "Szczepanowski", "Müller", "van den Berg", "O'Neil", "Jones", "Okafor", "Lindqvist", "Moreau", "Tanaka"]
TAIL = ["", "son", "field", "mann", "ez", "ford", "ling", "ton", "berg", "well", "wood", "by"]
COMPANY = ["Acme", "Globex", "Initech", "Umbrella", "Hooli", "Stark", "Wayne", "Wonka", "Tyrell", "Cyberdyne"]
CITY = ["London", "Leeds", "Berlin", "Paris", "Madrid", "Oslo", "Rome", "Vienna"]


@dataclass(frozen=True)
class Field:
    """As much of a mapped field as matching asks for."""

    name: str
    kind: str


FIELDS = tuple(Field(name, name) for name in ("first_name", "last_name", "email", "phone", "company", "city"))
Row = dict[str, Any]


def table(rows: Iterable[Mapping[str, Any]], fields: Iterable[Field] = FIELDS) -> pa.Table:
    """Rows as the table matching takes; keys are given by position where there are none."""
    given = list(rows)
    columns = {
        "key": pa.array([row.get("key", i + 1) for i, row in enumerate(given)], pa.int64()),
        "system": pa.array([row.get("system", "dynamics") for row in given], pa.string()),
        "table": pa.array([row.get("table", "contact") for row in given], pa.string()),
        "country": pa.array([row.get("country") for row in given], pa.string()),
    }
    return pa.table(columns | {f.name: pa.array([row.get(f.name) for row in given], pa.string()) for f in fields})


def crowd(people: int, seed: int, again: float = 0.35) -> tuple[list[Row], list[int]]:
    """Records of two systems and who they are: some people occur twice, with the usual differences."""
    rng = random.Random(seed)
    rows: list[Row] = []
    who: list[int] = []
    for person in range(people):
        row = _person(rng, person)
        rows.append(row)
        who.append(person)
        while rng.random() < again:
            rows.append(_once_more(rng, row))
            who.append(person)
    order = list(range(len(rows)))
    rng.shuffle(order)
    return [{**rows[i], "key": n + 1} for n, i in enumerate(order)], [who[i] for i in order]


def _person(rng: random.Random, number: int) -> Row:
    first, last, company = rng.choice(FIRST), rng.choice(LAST) + rng.choice(TAIL), rng.choice(COMPANY)
    return {
        "system": rng.choice(["dynamics", "hubspot"]),
        "first_name": first,
        "last_name": last,
        "email": f"{first[0]}.{last.replace(' ', '')}{number}@{company}.example".lower() if rng.random() < 0.9 else None,
        "phone": f"+44 20 7946 {number % 10000:04d}" if rng.random() < 0.7 else None,
        "company": f"{company} Ltd" if rng.random() < 0.9 else None,
        "city": rng.choice(CITY),
        "country": "GB",
    }


def _once_more(rng: random.Random, row: Row) -> Row:
    copy = {**row, "system": rng.choice(["dynamics", "hubspot"])}
    for change in rng.sample(["nickname", "typo", "email", "phone", "company", "case", "swap", "none"], 2):
        if change == "nickname":
            copy["first_name"] = SHORT.get(copy["first_name"], copy["first_name"])
        elif change == "typo" and len(copy["last_name"]) > 4:
            copy["last_name"] = copy["last_name"][:2] + copy["last_name"][3:]
        elif change == "email":
            copy["email"] = None
        elif change == "phone":
            copy["phone"] = None
        elif change == "company":
            copy["company"] = rng.choice(COMPANY)
        elif change == "case":
            copy["last_name"] = copy["last_name"].upper()
        elif change == "swap":
            copy["first_name"], copy["last_name"] = copy["last_name"], copy["first_name"]
    return copy


def groups_of(result: pa.Table) -> dict[str, set[int]]:
    """Group id -> keys."""
    found: dict[str, set[int]] = {}
    for group, key in zip(result["group"].to_pylist(), result["key"].to_pylist(), strict=True):
        found.setdefault(group, set()).add(key)
    return found


def persons_of(result: pa.Table) -> set[frozenset[int]]:
    """Proposed persons of two or more records."""
    found: dict[tuple[str, int], set[int]] = {}
    for group, person, key in zip(*(result[name].to_pylist() for name in ("group", "person", "key")), strict=True):
        found.setdefault((group, person), set()).add(key)
    return {frozenset(keys) for keys in found.values() if len(keys) > 1}


def pairs_of(result: pa.Table) -> dict[tuple[int, int], float]:
    """(left, right) -> bits."""
    return {(a, b): bits for a, b, bits in zip(*(result[name].to_pylist() for name in ("left", "right", "bits")), strict=True)}
