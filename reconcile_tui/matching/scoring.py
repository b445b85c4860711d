"""Weighing pairs: bits per field, their sum with the prior, early stop for pairs that can't reach the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from reconcile_tui.matching.arrays import Bits, Codes, Flags, Levels, grained
from reconcile_tui.matching.blocking import Pairs
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import MISSING, PENDING, Code, Comparison, Date
from reconcile_tui.matching.compare_names import FamilyName, GivenName
from reconcile_tui.matching.compare_people import Email, Identifier, Phone
from reconcile_tui.matching.model import FieldModel, Given, Model
from reconcile_tui.matching.rarity import Rarities, Rarity, at_home, rare_bits, rarities

AND = " & "
"""Joins the names of comparisons in a condition that holds where all of them agree."""
NOT = "!"
"""Before the name of a comparison: it is known on both sides and doesn't agree."""

WORTH_CLEARING = 0.9
"""Pairs that can't get there any more are put aside when no more than this share is left."""


@dataclass(frozen=True)
class Scored:
    """Pairs that reached the threshold, with their bits."""

    pairs: Pairs
    bits: Bits


class Scorer:
    """Comparisons and a model, ready to weigh pairs of positions."""

    def __init__(self, records: Records, comparisons: Sequence[Comparison], model: Model, known: Rarities | None = None) -> None:
        """Bind the model's fields to the comparisons by name. Raises KeyError when the model lacks one."""
        self.records, self.comparisons, self.model = records, list(comparisons), model
        self.fields = [model.field(c.name) for c in comparisons]
        self.tables = [_aligned(f, c) for f, c in zip(self.fields, comparisons, strict=True)]
        self.rarities = known if known is not None else rarities(comparisons, model)
        self.rarity_factors = [{level: f.rarity_factors(level) for level in r} for f, r in zip(self.fields, self.rarities, strict=True)]
        self.prior = model.prior_bits(self.scopes)
        self.places = {c.name: i for i, c in enumerate(comparisons)}

    @cached_property
    def scopes(self) -> list[str]:
        """Names of the scopes: within each system, then across."""
        return scope_names(self.records)

    def scope_of(self, left: Codes, right: Codes) -> Codes:
        """Which prior applies to each pair."""
        return scopes_of(self.records, left, right)

    def conditions(self, levels: Sequence[Levels]) -> dict[str, Flags]:
        """For every condition the model uses, whether it holds in each pair."""
        wanted = {given.when for f in self.fields for given in (*f.m_givens, *f.u_givens)}
        return {name: agreeing(self.comparisons, levels, name) for name in wanted}

    def field_bits(self, levels: Sequence[Levels], left: Codes, right: Codes) -> list[Bits]:
        """Final bits per comparison, frequency adjustment included."""
        conditions, home = self.conditions(levels), at_home(self.records, left, right)
        return [self._bits_of(i, levels[i], conditions, left, home) for i in range(len(self.comparisons))]

    def _bits_of(self, i: int, levels: Levels, conditions: dict[str, Flags], left: Codes, home: Flags) -> Bits:
        bits, u_row = self.plain_bits(i, levels, conditions)
        for level, rarity in self.rarities[i].items():
            where = np.flatnonzero(levels == level)
            if len(where):
                rare = rare_bits(rarity, left[where], home[where])
                bits[where] += grained(rare * self.rarity_factors[i][level][u_row[where]])
        return bits

    def plain_bits(self, i: int, levels: Levels, conditions: dict[str, Flags]) -> tuple[Bits, npt.NDArray[np.intp]]:
        """Bits of comparison `i` without frequency adjustment, and the row of u that applies."""
        m_bits, u_bits = self.tables[i]
        m_row = _first_holding(self.fields[i].m_givens, conditions, len(levels))
        u_row = _first_holding(self.fields[i].u_givens, conditions, len(levels))
        return m_bits[m_row, levels] - u_bits[u_row, levels], u_row

    def _hope(self, i: int, levels: Levels, left: Codes) -> Bits:
        """The most each pair's level can bring, whatever else agrees."""
        bits = self._ceiling[i][levels]
        for level, most in self._most[i].items():
            where = np.flatnonzero(levels == level)
            if len(where):
                bits[where] += most[left[where]]
        return bits

    @cached_property
    def _most(self) -> list[dict[int, Bits]]:
        """The most that each record's term frequency can bring, by comparison and level."""
        return [
            {level: self._most_of(rarity, *self._factors[i][level]) for level, rarity in r.items()} for i, r in enumerate(self.rarities)
        ]

    @staticmethod
    def _most_of(rarity: Rarity, least_factor: float, most_factor: float) -> Bits:
        most = rarity.anywhere if rarity.at_home is None else np.maximum(rarity.anywhere, rarity.at_home)
        return np.maximum(grained(most * least_factor), grained(most * most_factor))

    @cached_property
    def _factors(self) -> list[dict[int, tuple[float, float]]]:
        """The least and the most of each level's rarity that any condition leaves."""
        return [{level: (float(f.min()), float(f.max())) for level, f in factors.items()} for factors in self.rarity_factors]

    def levels(self, left: Codes, right: Codes) -> list[Levels]:
        """Final levels of every comparison."""
        return [c.all_levels(left, right) for c in self.comparisons]

    def bits(self, left: Codes, right: Codes) -> Bits:
        """Total bits of pairs, whatever they are."""
        levels = self.levels(left, right)
        total = self.prior[self.scope_of(left, right)].copy()
        for bits in self.field_bits(levels, left, right):
            total += bits
        return total

    def score(self, pairs: Pairs, floor: float) -> Scored:
        """Pairs whose bits reach `floor`. Texts are compared only while a pair can still get there."""
        bound = self.prior[self.scope_of(pairs.left, pairs.right)].copy()
        levels: list[Levels] = []
        hopes: list[Bits] = []
        for i, comparison in enumerate(self.comparisons):
            found = comparison.quick(pairs.left, pairs.right)
            hope = self._hope(i, found, pairs.left)
            bound += hope
            levels.append(found)
            hopes.append(hope)
            if i >= len(self.comparisons) // 2:
                pairs, bound, levels, hopes = _kept(bound + self._rest[i] >= floor, pairs, bound, levels, hopes)
        for i in self._order:
            pending = np.flatnonzero(levels[i] == PENDING)
            if len(pending):
                levels[i][pending] = self.comparisons[i].finish(pairs.left[pending], pairs.right[pending])
                hope = self._hope(i, levels[i], pairs.left)
                bound += hope - hopes[i]
                hopes[i] = hope
                pairs, bound, levels, hopes = _kept(bound >= floor, pairs, bound, levels, hopes)
        total = self.prior[self.scope_of(pairs.left, pairs.right)].copy()
        for bits in self.field_bits(levels, pairs.left, pairs.right):
            total += bits
        enough = np.flatnonzero(total >= floor)
        return Scored(pairs.taken(enough), total[enough])

    @cached_property
    def _ceiling(self) -> list[Bits]:
        """The most each level can bring in any context; a pending pair can bring what its best inexact level brings."""
        ceilings = []
        for i, comparison in enumerate(self.comparisons):
            m_bits, u_bits = self.tables[i]
            best = m_bits.max(axis=0) - u_bits.min(axis=0)
            table = np.zeros(256, dtype=np.float32)
            table[: len(best)] = best
            inexact = [best[level] + self._rarest(i, level) for level in range(1, len(comparison.levels) - 1)]
            table[PENDING] = max([*inexact, best[1]])
            ceilings.append(table)
        return ceilings

    def _rarest(self, i: int, level: int) -> float:
        rarity = self.rarities[i].get(level)
        if rarity is None:
            return 0.0
        sides = [rarity.anywhere] if rarity.at_home is None else [rarity.anywhere, rarity.at_home]
        return max(float(side.max(initial=0.0)) for side in sides) * max(self._factors[i][level][1], 1.0)

    @cached_property
    def _rest(self) -> list[float]:
        """The most that the comparisons after each one can still add."""
        most = [
            max(float(self._ceiling[i][level]) + max(self._rarest(i, level), 0.0) for level in range(len(c.levels)))
            for i, c in enumerate(self.comparisons)
        ]
        return [float(sum(max(m, 0.0) for m in most[i + 1 :])) for i in range(len(most))]

    @cached_property
    def _order(self) -> list[int]:
        """Comparisons in the order in which texts are compared: the cheap ones first, names, which most often need it, last."""
        cost = {Email: 0, Code: 1, Date: 1, Identifier: 1, Phone: 2, GivenName: 4, FamilyName: 4}
        return sorted(range(len(self.comparisons)), key=lambda i: (cost.get(type(self.comparisons[i]), 3), i))


def _kept(alive: Flags, pairs: Pairs, bound: Bits, levels: list[Levels], hopes: list[Bits]) -> tuple[Pairs, Bits, list[Levels], list[Bits]]:
    where = np.flatnonzero(alive)
    if len(where) > WORTH_CLEARING * len(alive):
        return pairs, bound, levels, hopes
    return pairs.taken(where), bound[where], [x[where] for x in levels], [x[where] for x in hopes]


def _aligned(f: FieldModel, comparison: Comparison) -> tuple[Bits, Bits]:
    if f.levels != comparison.levels:
        raise KeyError(f"the model's levels of {f.name!r} are not those of this version")
    return f.m_bits(), f.u_bits()


def _first_holding(givens: Sequence[Given], conditions: dict[str, Flags], rows: int) -> npt.NDArray[np.intp]:
    """Per pair the number of the first condition that holds, counted from 1; 0 where none does."""
    chosen = np.zeros(rows, dtype=np.intp)
    for number in range(len(givens), 0, -1):
        chosen[conditions[givens[number - 1].when]] = number
    return chosen


def scope_names(records: Records) -> list[str]:
    """Scopes by number: within each system, then across two."""
    names = records.system_names
    return [f"within {name}" for name in names] + (["across systems"] if len(names) > 1 else [])


def scopes_of(records: Records, left: Codes, right: Codes) -> Codes:
    """The scope number of each pair."""
    a, b = records.systems[left], records.systems[right]
    return np.where(a == b, a, len(records.system_names)).astype(np.int32)


def agreeing(comparisons: Sequence[Comparison], levels: Sequence[Levels], name: str) -> Flags:
    """Whether a condition holds in each pair: every comparison it names agrees, or the one after `!` is known and doesn't."""
    places = {c.name: i for i, c in enumerate(comparisons)}
    if name.startswith(NOT):
        i = places[name.removeprefix(NOT)]
        return np.asarray((levels[i] > MISSING) & (levels[i] < comparisons[i].first_agreeing))
    parts = []
    for part in name.split(AND):
        i = places[part]
        parts.append((levels[i] >= comparisons[i].first_agreeing) & (levels[i] != PENDING))
    return np.asarray(np.logical_and.reduce(parts))


def probability(bits: Bits) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Probability of a score in bits: 1 / (1 + 2^-bits)."""
    return 1.0 / (1.0 + np.exp2(-np.clip(bits.astype(np.float64), -60, 60)))
