"""Values and blocking keys as 64-bit digests, so that records read later can be compared with those read before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from reconcile_tui.matching.blocking import PHONES, Key
from reconcile_tui.matching.columns import Column, Records

Digests = npt.NDArray[np.uint64]

_MIX = np.uint64(0x9E3779B97F4A7C15)
NOTHING = np.uint64(0)
_FEW = 2_000
"""Values of a vocabulary whose digests are kept with it."""


def of_values(column: Column) -> Digests:
    """The digest of each value of a vocabulary; never 0."""
    if column.digests is not None:
        return column.digests
    digests = of_texts(column.values)
    if len(digests) <= _FEW:
        column.digests = digests
    return digests


def of_texts(texts: pa.Array | list[str]) -> Digests:
    """The digest of each text; never 0."""
    return np.asarray(pl.Series(values=texts, dtype=pl.String).hash(seed=1).to_numpy() | np.uint64(1))


def of_records(column: Column) -> Digests:
    """The digest of each record's value, 0 where it has none."""
    return np.append(of_values(column), NOTHING)[column.codes]


def of_key(records: Records, key: Key) -> list[Digests]:
    """Each record's blocking key as a digest, once per column of a several-column field; 0 where a part is missing."""
    phones = records.of_kind("phone")
    several = [part for part in key if part in PHONES]
    variants = [part.removeprefix("phone") for part in several[:1]] or [""]
    names = [f"{phone}{variants[0]}" for phone in phones] if several else [""]
    found = [_mixed([_part(records, name if part in several else part) for part in key]) for name in names]
    for i, later in enumerate(found):
        for earlier in found[:i]:
            later[later == earlier] = NOTHING
    return found


def _part(records: Records, name: str) -> Digests:
    if name not in records.columns:
        return np.zeros(len(records), dtype=np.uint64)
    if not name.endswith(".either"):
        return of_records(records.column(name))
    last = name.removesuffix(".either")
    first = next(n.removesuffix(".shared") for n in records.columns if n.endswith(".shared") and n != f"{last}.shared")
    a, b = of_records(records.column(f"{first}.shared")), of_records(records.column(f"{last}.shared"))
    return np.where((a == NOTHING) | (b == NOTHING), NOTHING, (a + b) * _MIX ^ (a ^ b))


def _mixed(parts: Sequence[Digests]) -> Digests:
    mixed = parts[0].copy()
    missing = parts[0] == NOTHING
    for part in parts[1:]:
        mixed = (mixed * _MIX) ^ (part + (mixed >> np.uint64(29)))
        missing |= part == NOTHING
    mixed |= np.uint64(1)
    mixed[missing] = NOTHING
    return mixed
