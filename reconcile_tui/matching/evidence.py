"""Pairs that training looks at, compared in every field once, and what the model in force makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reconcile_tui.matching.arrays import Codes, Doubles, Levels
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import Comparison, Country
from reconcile_tui.matching.compare_people import Email, FamilyName, GivenName, Identifier, Phone
from reconcile_tui.matching.model import Model
from reconcile_tui.matching.samples import Sample
from reconcile_tui.matching.scoring import Rarities, Scorer, scopes_of


@dataclass(frozen=True)
class Data:
    """Records, their comparisons in the model's order, and the term-frequency bits, which training doesn't change."""

    records: Records
    comparisons: Sequence[Comparison]
    rarities: Rarities

    def total_pairs(self) -> Doubles:
        """How many pairs each scope has."""
        counts = np.bincount(self.records.systems, minlength=len(self.records.system_names)).astype(np.float64)
        within = counts * (counts - 1) / 2
        return np.append(within, counts[0] * counts[1]) if len(counts) > 1 else within


@dataclass(frozen=True)
class Observed:
    """Pairs with their levels. Each stands for `weight` pairs."""

    left: Codes
    right: Codes
    weight: float
    levels: list[Levels]
    scope: Codes


def observe(records: Records, comparisons: Sequence[Comparison], sample: Sample) -> Observed:
    """Compare the pairs of a sample in every field."""
    levels = [c.all_levels(sample.left, sample.right) for c in comparisons]
    return Observed(sample.left, sample.right, sample.weight, levels, scopes_of(records, sample.left, sample.right))


def expectation(data: Data, model: Model, seen: Observed) -> Doubles:
    """Probability that each observed pair is one person."""
    scorer = Scorer(data.records, data.comparisons, model, data.rarities)
    bits = scorer.prior[seen.scope].astype(np.float64)
    for part in scorer.field_bits(seen.levels, seen.left, seen.right):
        bits += part
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
