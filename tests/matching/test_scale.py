"""Hostile blocks stay within time and memory, and accuracy stays above its floors."""

from __future__ import annotations

import random
import resource
import time

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.matching.generator import FIELDS as NAMES
from benchmarks.matching.generator import generate
from reconcile_tui.matching import MatchResult, run
from reconcile_tui.project import MatchingSettings
from tests.matching.people import CITY, FIELDS, FIRST, LAST, TAIL, Field, crowd, table


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_fifty_thousand_records_with_one_address_are_cut_and_reported() -> None:
    rows, _ = crowd(200, seed=1)
    noise = random.Random(2)
    many = [
        {"key": 10_000 + i, "first_name": f"n{noise.randrange(40_000)}", "last_name": f"m{i}", "email": "info@acme.test"}
        for i in range(50_000)
    ]
    before, started = megabytes(), time.process_time()
    result = run(table([*rows, *many]), FIELDS, MatchingSettings())
    assert time.process_time() - started < 25
    assert megabytes() - before < 700
    assert any(cut["largest"] >= 50_000 for cut in result.report["cut"])
    assert max(np.unique(result.groups["group"].to_pylist(), return_counts=True)[1]) <= 2000
    assert any("50000 records" in note or "held by 5" in note for note in result.report["notes"])


def test_a_million_empty_names_cost_next_to_nothing() -> None:
    count = 1_000_000
    empty = pa.nulls(count, pa.string())
    columns = {"key": pa.array(np.arange(count)), "system": pa.array(["a"] * count), "table": pa.array(["t"] * count), "country": empty}
    columns |= {f.name: empty for f in FIELDS}
    columns["last_name"] = pa.array([""] * count)
    columns["city"] = pa.array(["Leeds"] * count)
    started = time.process_time()
    result = run(pa.table(columns), FIELDS, MatchingSettings())
    assert time.process_time() - started < 25
    assert len(result.pairs) == 0


@pytest.fixture(scope="module")
def contacts() -> pa.Table:
    return generate(8_000, seed=99)


def measured(table: pa.Table, result: MatchResult) -> tuple[float, float]:
    """F1 at .5 on all true pairs, and the expected calibration error."""
    person = table["person"].to_numpy()
    left, right = (np.searchsorted(table["key"].to_numpy(), result.pairs[side].to_numpy()) for side in ("left", "right"))
    chance, true = result.pairs["probability"].to_numpy(), person[left] == person[right]
    sizes = np.bincount(person)
    taken = chance >= 0.5
    f1 = 2 * true[taken].sum() / (taken.sum() + int((sizes * (sizes - 1) // 2).sum()))
    bins = np.minimum((chance * 10).astype(int), 9)
    error = sum(abs(chance[bins == b].mean() - true[bins == b].mean()) * (bins == b).mean() for b in range(10) if (bins == b).any())
    return float(f1), float(error)


def test_accuracy_and_calibration_on_generated_contacts_stay_above_their_floors(contacts: pa.Table) -> None:
    fields = [Field(name, name) for name in NAMES]
    result = run(contacts, fields, MatchingSettings(keep=0.02))
    f1, error = measured(contacts, result)
    assert f1 >= 0.90
    assert error <= 0.06
    assert result.model["trained"]


def with_birthdays(contacts: pa.Table) -> pa.Table:
    """Names and birthdays only; one name in ten is another one, one birthday in twelve is wrong or missing."""
    rng = random.Random(5)
    days = {person: f"{rng.randrange(1940, 2005)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}" for person in range(len(contacts))}
    rows = contacts.select(["key", "system", "table", "country", "person", "first_name", "last_name"]).to_pylist()
    for row in rows:
        day = days[row["person"]]
        row["born"] = rng.choices([day, days[rng.randrange(len(days))], None], (92, 5, 3))[0]
        for name in ("first_name", "last_name"):
            if rng.random() < 0.1:
                row[name] = rng.choice(rows)[name]
    return pa.Table.from_pylist(rows, schema=pa.schema([*contacts.schema.remove_metadata(), ("born", pa.string())]))


def test_who_has_changed_a_name_is_told_by_the_birthday(contacts: pa.Table) -> None:
    """Namesakes share a birthday by chance only; and how many people change a name is learnt from those found without it."""
    people = with_birthdays(contacts)
    result = run(
        people, [Field("first_name", "first_name"), Field("last_name", "last_name"), Field("born", "date")], MatchingSettings(keep=0.02)
    )
    f1, error = measured(people, result)
    assert f1 >= 0.86
    assert error <= 0.05
    changed = {c["name"]: next(one["m"] for one in c["levels"] if one["level"] == "different") for c in result.model["comparisons"]}
    assert 0.14 <= changed["first_name"] <= 0.25
    assert 0.14 <= changed["last_name"] <= 0.25


def small_firms(firms: int = 200) -> pa.Table:
    """Eight people a firm, three of them under its number; one in four has a second record."""
    rng = random.Random(8)
    first, last = [f"{a}{b}" for a in FIRST for b in ("", "a", "e", "ie", "us")], [a + b for a in LAST for b in TAIL]
    rows = []
    for firm in range(firms):
        switchboard, town = f"+44 20 {7_000_000 + firm * 37}", rng.choice(CITY)
        for number in range(8):
            person = firm * 8 + number
            own = {"first_name": rng.choice(first), "last_name": rng.choice(last), "company": f"Firm {firm * 7919 % 10_000}", "city": town}
            own |= {"phone": switchboard if number < 3 else f"+44 77 {rng.randrange(10**7, 10**8)}"}
            own |= {"email": f"{own['first_name']}.{own['last_name']}{person}@f{firm}.test".lower(), "country": "GB"}
            for again in range(1 + (rng.random() < 0.25)):
                rows.append({**own, "person": person, "system": "dynamics" if not again else "hubspot", "table": "contact"})
                rows[-1] |= {"email": None} if rng.random() < 0.3 else {}
    rng.shuffle(rows)
    return table(rows).append_column("person", pa.array([row["person"] for row in rows], pa.int64()))


def test_that_colleagues_share_the_number_of_a_small_firm_is_learnt_though_no_number_is_held_by_two_of_them() -> None:
    result = run(small_firms(), FIELDS, MatchingSettings())
    phone = next(comparison for comparison in result.model["comparisons"] if comparison["name"] == "phone")
    at_one_firm = next(given for given in phone["u_given"] if given["when"] == "company")
    chance = at_one_firm["u"]
    assert chance["exact, held by up to 5"] >= 0.01
    assert chance["exact"] >= 1e-5


def test_firms_whose_names_are_nearly_all_alike_tell_namesakes_apart() -> None:
    """`Firm 1` and `Firm 2` are alike; that they are never plainly different must not turn the weight of the field round."""
    people = small_firms(400)
    f1, error = measured(people, run(people, FIELDS, MatchingSettings(keep=0.02)))
    assert f1 >= 0.98
    assert error <= 0.05
