"""Pairs to learn from: random ones, ones that agree on a given value, and a share of the candidates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reconcile_tui.matching import sorting
from reconcile_tui.matching.arrays import Codes, Longs
from reconcile_tui.matching.blocking import Pairs

ALL_PAIRS = 50_000
"""Up to this many pairs every pair is looked at; beyond, so many are drawn."""


@dataclass(frozen=True)
class Sample:
    """Pairs of positions, and how many pairs each of them stands for."""

    left: Codes
    right: Codes
    weight: float

    def __len__(self) -> int:
        return len(self.left)


def random_pairs(records: int, generator: np.random.Generator, size: int = ALL_PAIRS) -> Sample:
    """Pairs of any two records, drawn evenly."""
    total = records * (records - 1) // 2
    if total <= size:
        left, right = np.triu_indices(records, 1)
        return Sample(left.astype(np.int32), right.astype(np.int32), 1.0)
    left = generator.integers(0, records, size, dtype=np.int32)
    right = generator.integers(0, records - 1, size, dtype=np.int32)
    right += right >= left
    return Sample(np.minimum(left, right), np.maximum(left, right), total / size)


def agreeing_pairs(
    codes: Codes | Longs, generator: np.random.Generator, size: int, rarest: int | None = None, among: Codes | None = None
) -> Sample:
    """Pairs that share a code, drawn evenly from all such pairs (`among` some records).

    With `rarest`, only codes are used that are held by so few records that they bring about as many pairs together.
    """
    rows = np.arange(len(codes), dtype=np.int32) if among is None else among
    rows = rows[codes[rows] >= 0]
    values, place = sorting.by_key(codes[rows].astype(np.int64))
    order = rows[place]
    starts = np.flatnonzero(np.diff(values, prepend=np.int64(-1)))
    counts = np.diff(np.append(starts, len(values))).astype(np.int64)
    if rarest is not None:
        by_size = np.bincount(counts)
        reached = np.cumsum(by_size * np.arange(len(by_size)) * (np.arange(len(by_size)) - 1) // 2)
        largest = max(int(np.searchsorted(reached, rarest, side="right")) - 1, 2)
        starts, counts = starts[counts <= largest], counts[counts <= largest]
    cumulated = np.cumsum(counts * (counts - 1) // 2)
    total = int(cumulated[-1]) if len(cumulated) else 0
    if total == 0:
        return Sample(np.zeros(0, np.int32), np.zeros(0, np.int32), 0.0)
    drawn = _distinct(generator.integers(0, total, size)) if total > size else np.arange(total)
    block = np.searchsorted(cumulated, drawn, side="right")
    if total > size:
        first, second = _two_of(counts[block], generator)
    else:
        first, second = _nth_pair(drawn - np.append(0, cumulated)[block], counts[block])
    left, right = order[starts[block] + first], order[starts[block] + second]
    return Sample(np.minimum(left, right).astype(np.int32), np.maximum(left, right).astype(np.int32), total / max(len(drawn), 1))


def _distinct(numbers: Longs) -> Longs:
    """In ascending order, each once; NumPy's own `unique` takes five times as long."""
    ascending = np.sort(numbers)
    return ascending[np.diff(ascending, prepend=-1) > 0]


def _two_of(counts: Longs, generator: np.random.Generator) -> tuple[Longs, Longs]:
    first = (generator.random(len(counts)) * counts).astype(np.int64)
    second = (generator.random(len(counts)) * (counts - 1)).astype(np.int64)
    return first, second + (second >= first)


def _nth_pair(place: Longs, counts: Longs) -> tuple[Longs, Longs]:
    """The place-th pair (0, 1), (0, 2) … (1, 2) … of a block."""
    width = 2.0 * counts - 1
    first = np.floor((width - np.sqrt(np.maximum(width**2 - 8.0 * place, 0))) / 2).astype(np.int64)
    before = first * (2 * counts - first - 1) // 2
    too_far = before > place
    first = np.where(too_far, first - 1, first)
    before = first * (2 * counts - first - 1) // 2
    next_row = place - before >= counts - first - 1
    first = np.where(next_row, first + 1, first)
    before = first * (2 * counts - first - 1) // 2
    return first, first + 1 + (place - before)


def share_of(batches: list[Pairs], size: int, generator: np.random.Generator) -> tuple[Pairs, float]:
    """Up to `size` of the candidates, evenly, and how many candidates each stands for."""
    total = sum(len(b) for b in batches)
    every = max(total / size, 1.0) if size else 1.0
    picked = []
    for batch in batches:
        if every == 1.0:
            picked.append(batch)
            continue
        count = round(len(batch) / every)
        picked.append(batch.taken(np.sort(generator.integers(0, len(batch), count))) if count else batch.taken(np.zeros(0, np.int64)))
    joined = Pairs(*(np.concatenate([getattr(b, name) for b in picked]) for name in ("left", "right", "rule"))) if picked else _none()
    return joined, total / max(len(joined), 1)


def _none() -> Pairs:
    return Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint8))
