"""Pairs that training looks at, compared in every field once, and what the model in force makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reconcile_tui.cores import spread
from reconcile_tui.matching import sorting
from reconcile_tui.matching.arrays import Bits, Codes, Doubles, Levels, Longs
from reconcile_tui.matching.blocking import composite
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import Comparison, Country
from reconcile_tui.matching.compare_names import FamilyName, GivenName
from reconcile_tui.matching.compare_people import Email, Identifier, Phone
from reconcile_tui.matching.model import Model
from reconcile_tui.matching.rarity import Rarities, at_home, rare_bits
from reconcile_tui.matching.samples import Sample
from reconcile_tui.matching.scoring import Scorer, scopes_of


@dataclass(frozen=True)
class Data:
    """Records, their comparisons in the model's order, and the term-frequency bits, which training doesn't change."""

    records: Records
    comparisons: Sequence[Comparison]
    rarities: Rarities

    def scorer(self, model: Model) -> Scorer:
        """What weighs pairs by a model."""
        return Scorer(self.records, self.comparisons, model, self.rarities)

    def total_pairs(self) -> Doubles:
        """How many pairs each scope has."""
        counts = np.bincount(self.records.systems, minlength=len(self.records.system_names)).astype(np.float64)
        within = counts * (counts - 1) / 2
        return np.append(within, counts[0] * counts[1]) if len(counts) > 1 else within


@dataclass(frozen=True)
class Rare:
    """Pairs that agree on a value of one comparison, and the term-frequency bits of it before what a condition leaves of them."""

    comparison: int
    level: int
    where: Longs
    bits: Bits


@dataclass(frozen=True)
class Observed:
    """Pairs with their levels. Each stands for `weight` pairs.

    Pairs that agree and differ alike in everything share a pattern; what depends on levels alone is worked out once for each pattern,
    which makes a round of EM cost a gather per pair.
    """

    weight: float
    patterns: list[Levels]  # by comparison, the level of each pattern
    pattern: Codes  # the pattern of each pair
    scope: Codes
    rare: list[Rare]

    def __len__(self) -> int:
        return len(self.pattern)

    def counted(self, weights: Doubles | None = None) -> Doubles:
        """How many pairs, or how much of their weights, each pattern has."""
        return np.bincount(self.pattern, weights, minlength=len(self.patterns[0]) if self.patterns else 0).astype(np.float64)

    def levels(self, comparison: int) -> Levels:
        """The level of each pair."""
        return self.patterns[comparison][self.pattern]


def observe(
    records: Records, comparisons: Sequence[Comparison], sample: Sample, rarities: Rarities | None = None, *, alone: bool = False
) -> Observed:
    """Compare the pairs of a sample in every field; `alone`: no other sample is being compared, all cores are free for this one."""
    levels = list(spread(lambda c: c.all_levels(sample.left, sample.right), comparisons, len(sample) if alone else 0))
    patterns, pattern = _patterns(levels, len(sample))
    home = at_home(records, sample.left, sample.right)
    rare = [
        Rare(i, level, where, rare_bits(rarity, sample.left[where], home[where]))
        for i, of_level in enumerate(rarities or [])
        for level, rarity in of_level.items()
        if len(where := np.flatnonzero(levels[i] == level))
    ]
    return Observed(sample.weight, patterns, pattern, scopes_of(records, sample.left, sample.right), rare)


def _patterns(levels: Sequence[Levels], pairs: int) -> tuple[list[Levels], Codes]:
    """Distinct combinations of levels, and which one each pair has."""
    together = composite([one.astype(np.int32) for one in levels]) if levels else np.zeros(pairs, dtype=np.int64)
    pattern = sorting.numbered(together)
    first = np.zeros(int(pattern.max(initial=-1)) + 1, dtype=np.int64)
    first[pattern] = np.arange(len(pattern))
    return [one[first] for one in levels], pattern


def expectation(scorer: Scorer, seen: Observed) -> Doubles:
    """Probability that each observed pair is one person."""
    conditions = scorer.conditions(seen.patterns)
    plain = [scorer.plain_bits(i, seen.patterns[i], conditions) for i in range(len(scorer.comparisons))]
    of_pattern: Doubles = np.asarray(np.sum([own for own, _ in plain], axis=0, dtype=np.float64))
    bits = of_pattern[seen.pattern] + scorer.prior[seen.scope]
    for rare in seen.rare:
        under = plain[rare.comparison][1][seen.pattern[rare.where]]
        bits[rare.where] += rare.bits * scorer.rarity_factors[rare.comparison][rare.level][under]
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(bits, -60, 60))))


def from_common_to_rare(comparisons: Sequence[Comparison]) -> list[int]:
    """Fields in the order in which later ones may depend on earlier ones: names, places, then addresses and numbers."""

    def rank(i: int) -> tuple[int, int]:
        c = comparisons[i]
        if isinstance(c, Country):
            return (-1, 0)
        if isinstance(c, FamilyName | GivenName):
            return (0 if isinstance(c, FamilyName) else 1, 0)
        return (3 if is_personal(c) else 2, -len(c.column.values) if has_column(c) else 0)

    return sorted(range(len(comparisons)), key=rank)


def is_personal(comparison: Comparison) -> bool:
    """Whether values of this field are given to one person or household each."""
    return isinstance(comparison, Email | Identifier | Phone)


def has_column(comparison: Comparison) -> bool:
    """Whether the comparison looks at one coded column."""
    return isinstance(comparison, Country) or comparison.fields[0] in comparison.records.columns


def is_name(comparison: Comparison) -> bool:
    """Whether this is a given or family name."""
    return isinstance(comparison, GivenName | FamilyName)
