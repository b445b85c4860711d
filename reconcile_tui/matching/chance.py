"""u: how often each level occurs between two different people, from random pairs and, for agreement, in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reconcile_tui.cores import spread
from reconcile_tui.matching.arrays import Doubles, Levels, Longs
from reconcile_tui.matching.columns import COUNTRY
from reconcile_tui.matching.compare import DIFFERENT, Comparison
from reconcile_tui.matching.compare_people import Email, Identifier, Phone
from reconcile_tui.matching.evidence import Observed

_UNSEEN = 0.2
"""Pairs added to each level, so that one not met in the sample stays possible."""
_USUAL = 0.05
"""Share of random pairs that a level has to have, with those below it, to be what is usual between two people."""
_FLOOR = 0.02
"""Share of the agreement seen that is left to chance at least, however many true pairs are among it."""


@dataclass(frozen=True)
class Chance:
    """How often each level occurs between any two records: `random` among drawn pairs, `agreeing` in closed form where known."""

    random: list[Doubles]
    agreeing: list[dict[int, float]]  # level -> share of pairs with both values present
    base: list[dict[str, float]]  # level -> mean chance of agreeing on a value
    within: list[dict[str, float]]  # the same between records of one country
    holders: list[dict[str, int]]  # level -> records that have a value

    def u(self, i: int, m: Doubles, prior: float) -> Doubles:
        """u of every level of comparison `i`: what was seen, less the true pairs among it (a share `prior` of all pairs)."""
        seen = self.random[i].copy()
        for level, share in self.agreeing[i].items():
            seen[level] = max(share, 1e-12)
        others = np.maximum(seen - np.minimum(prior * m, seen * (1 - _FLOOR)), 1e-12)
        others[0] = 0.0
        closed = list(self.agreeing[i])
        rest = [level for level in range(1, len(seen)) if level not in closed]
        if others[rest].sum() > 0:
            others[rest] *= max(1.0 - others[closed].sum(), 1e-9) / others[rest].sum()
        return np.asarray(others / others.sum())


def unrelated(u: Doubles) -> slice:
    """Levels of values that have nothing to do with each other: `different`, and more where nearly all are alike (`Firm 1`, `Firm 2`)."""
    reached = int(np.searchsorted(np.cumsum(u[DIFFERENT:]), _USUAL)) + DIFFERENT
    return slice(DIFFERENT, min(reached, len(u) - 2) + 1)


def measured(comparisons: Sequence[Comparison], drawn: Observed, records: int) -> Chance:
    """Chance agreement of all comparisons."""
    pairs = drawn.counted()
    random = [_shares(levels, pairs, len(c.levels)) for c, levels in zip(comparisons, drawn.patterns, strict=True)]
    counted = list(spread(lambda c: (_closed_form(c), _bases(c), _bases_within(c), _holders(c)), comparisons, records))
    agreeing, base, within, holders = (list(figures) for figures in zip(*counted, strict=True)) if counted else ([], [], [], [])
    return Chance(random, agreeing, base, within, holders)


def _shares(levels: Levels, pairs: Doubles, count: int) -> Doubles:
    counts = np.bincount(levels, pairs, minlength=count).astype(np.float64)
    counts[0] = 0.0
    counts[1:] += _UNSEEN
    return np.asarray(counts / counts.sum())


def _holders(comparison: Comparison) -> dict[str, int]:
    return {comparison.levels[level]: int(frequency.counts.sum()) for level, frequency in comparison.frequencies().items()}


def _bases(comparison: Comparison) -> dict[str, float]:
    bases = {}
    for level, frequency in comparison.frequencies().items():
        counts = frequency.counts.astype(np.float64)
        bases[comparison.levels[level]] = float((counts**2).sum() / max(counts.sum() ** 2, 1.0))
    return bases


def _bases_within(comparison: Comparison) -> dict[str, float]:
    """Chance that two records of one country agree, by level: sum over countries of squared frequencies."""
    records = comparison.records
    bases = {}
    for level, frequency in comparison.frequencies().items() if COUNTRY in records.columns else []:
        held = records.held_in_country(frequency.column)
        present = np.bincount(records.countries[held > 0], minlength=len(records.country_names)).astype(np.float64)
        bases[comparison.levels[level]] = float(held.sum() / max((present**2).sum(), 1.0))
    return bases


def _closed_form(comparison: Comparison) -> dict[int, float]:
    """Shares of agreeing pairs by level, from counts of values: the sum of squared frequencies."""
    if isinstance(comparison, Email | Identifier):
        return _by_level(comparison.column.counts, comparison.exact_level, len(comparison.levels))
    if isinstance(comparison, Phone):
        return _by_level(comparison.holders, comparison.exact_level, len(comparison.levels))
    frequency = comparison.frequencies().get(comparison.exact)
    if frequency is None:
        return {}
    return _by_level(frequency.counts, np.full(len(frequency.counts), comparison.exact, dtype=np.uint8), len(comparison.levels))


def _by_level(counts: Longs, level_of: Levels, levels: int) -> dict[int, float]:
    holders = float(counts.sum())
    pairs = counts.astype(np.float64) * (counts - 1)
    sums = np.bincount(level_of, weights=pairs, minlength=levels) / max(holders * (holders - 1), 1.0)
    present = np.bincount(level_of, minlength=levels) > 0
    return {int(level): float(sums[level]) for level in np.flatnonzero(present)}
