"""Integers sorted and numbered. NumPy sorts 64-bit integers with vector instructions, five times as fast as sorting (key, row) tables."""

from __future__ import annotations

import numpy as np

from reconcile_tui.matching.arrays import Codes, Longs


def by_key(keys: Longs) -> tuple[Longs, Codes]:
    """The keys (not negative) in ascending order with the position of each; equal keys by position."""
    bits = max(len(keys) - 1, 1).bit_length()
    if int(keys.max(initial=0)) < 1 << (63 - bits):
        packed = np.sort((keys << bits) | np.arange(len(keys)))
        return packed >> bits, (packed & ((1 << bits) - 1)).astype(np.int32)
    numbers, order = numbered(keys), np.argsort(keys)
    return keys[order], by_key(numbers.astype(np.int64))[1]


def numbered(keys: Longs) -> Codes:
    """The rank of each key among the distinct ones: 0 for the smallest."""
    order = np.argsort(keys)
    result = np.empty(len(keys), dtype=np.int32)
    result[order] = np.cumsum(np.diff(keys[order], prepend=keys[order[:1]]) != 0)
    return result


def held(keys: Longs) -> Codes:
    """For each key, how often it occurs."""
    values, order = by_key(keys)
    sizes = np.diff(np.append(np.flatnonzero(np.diff(values, prepend=np.int64(-1))), len(values)))
    result = np.empty(len(keys), dtype=np.int32)
    result[order] = np.repeat(sizes, sizes)
    return result
