"""Term frequency: agreeing on a rare value says more than agreeing on a common one (Winkler 2000; Xu, Li & Grannis 2022)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reconcile_tui.cores import spread
from reconcile_tui.matching.arrays import Bits, Codes, Doubles, Flags, Longs, grained
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import Comparison, Frequency
from reconcile_tui.matching.model import FieldModel, Model

_SLICE = 1 << 15
WORLD = 50.0
"""Records by which a country's own share of a value is pulled towards the share in the whole data; decides in small countries."""


def rounded_counts(counts: Codes | Longs | Doubles) -> Doubles:
    """log2 of how many others hold a value, in the middle of a step: a quarter doubling for small counts, a half from
    16, a whole from 128 on.

    So that one more record rarely changes the score of other pairs, and least where that would be many.
    """
    exact = np.log2(np.maximum(np.asarray(counts, dtype=np.float64) - 1.0, 0.5))
    steps = np.where(exact < 4, 4.0, np.where(exact < 7, 2.0, 1.0))
    return np.asarray((np.floor(exact * steps) + 0.5) / steps)


@dataclass(frozen=True)
class Rarity:
    """Term-frequency bits of agreeing on each record's value, before what a condition leaves of them.

    `at_home` is for pairs of one country, measured against that country's records: a Swedish first name is rare in the world and
    common in Sweden.
    """

    anywhere: Bits
    at_home: Bits | None


Rarities = list[dict[int, Rarity]]


def at_home(records: Records, left: Codes, right: Codes) -> Flags:
    """Whether both records of each pair are known to be of one country."""
    country = records.countries[left]
    return np.asarray((country == records.countries[right]) & (country >= 0))


def rare_bits(rarity: Rarity, left: Codes, home: Flags) -> Bits:
    """Term-frequency bits of pairs that agree on a value; `home` is what `at_home` says of them."""
    return rarity.anywhere[left] if rarity.at_home is None else np.where(home, rarity.at_home[left], rarity.anywhere[left])


def rarities(comparisons: Sequence[Comparison], model: Model) -> Rarities:
    """Term-frequency bits of all comparisons; they depend on the data and the model's bases only, so training computes them once."""

    def of(c: Comparison) -> dict[int, Rarity]:
        return {level: _rarity(c, level, q, model.field(c.name), model) for level, q in c.frequencies().items()}

    return list(spread(of, comparisons, len(comparisons[0].records) if comparisons else 0))


def _rarity(comparison: Comparison, level: int, frequency: Frequency, f: FieldModel, model: Model) -> Rarity:
    """Positive for values rarer than the mean `base` (Winkler 2000; Xu, Li & Grannis 2022), negative for common ones."""
    name, records = comparison.levels[level], comparison.records
    holders = f.frequency_holders.get(name, 0)
    by_value = _bits_of_counts(frequency.counts, f.frequency_base.get(name, 0.0), np.float64(holders))
    anywhere = np.append(by_value, np.float32(0))[frequency.codes]
    base = f.frequency_base_within.get(name, 0.0)
    if not model.countries or base <= 0:
        return Rarity(anywhere, None)
    sizes = np.array([model.countries.get(country, 0) for country in records.country_names] + [0], dtype=np.float64)
    local = np.maximum(sizes * holders / max(model.records, 1), 1.0) + WORLD
    world = np.append(frequency.counts, 0) * (WORLD / max(holders, 1))
    held, at_home = records.held_in_country(frequency.column), np.empty(len(records), dtype=np.float32)
    for start in range(0, len(records), _SLICE):  # in slices, which stay in the processor's cache and need no memory to speak of
        part = slice(start, start + _SLICE)
        at_home[part] = _bits_of_counts(held[part] + world[frequency.codes[part]], base, local[records.countries[part]])
    return Rarity(anywhere, at_home)


def _bits_of_counts(counts: Codes | Longs | Doubles, base: float, holders: np.float64 | Doubles) -> Bits:
    if base <= 0:
        return np.zeros(len(counts), dtype=np.float32)
    rarity = np.log2(base) - np.minimum(rounded_counts(counts) - np.log2(np.maximum(holders, 1.0)), 0.0)
    return grained(np.clip(rarity, -8.0, 12.0))
