"""Numbers of up to sixteen digits, each in one integer: whether two are one edit apart, told by bits for many pairs at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from reconcile_tui.matching.arrays import Anything, Flags, Longs

MOST = 16
"""Digits that four bits each leave room for in a 64-bit integer."""
_EACH = np.uint64(0x1111111111111111)
_FOUR = np.uint64(4)

Packed = np.ndarray[Any, np.dtype[np.uint64]]
"""The first digit in the lowest four bits, each as 1..10; 0 for what is no number of at most MOST digits."""


def packed(letters: Anything, starts: Longs, sizes: Longs) -> Packed:
    """Texts that lie one after another in `letters` (uint8), from `starts` and `sizes` letters long."""
    numbers = np.zeros(len(starts), dtype=np.uint64)
    fits = (sizes > 0) & (sizes <= MOST)
    for place in range(int(sizes[fits].max(initial=0))):
        rows = np.flatnonzero(fits & (sizes > place))
        digit = letters[starts[rows] + place] - np.uint8(ord("0"))
        fits[rows[digit > 9]] = False
        numbers[rows] |= (digit.astype(np.uint64) + np.uint64(1)) << np.uint64(4 * place)
    numbers[~fits] = 0
    return numbers


def one_edit(a: Packed, b: Packed) -> Flags:
    """Whether a digit put in, left out or replaced, or two neighbours exchanged, makes one of the other."""
    unlike = a ^ b
    places = (unlike | unlike >> np.uint64(1) | unlike >> np.uint64(2) | unlike >> np.uint64(3)) & _EACH
    first = places & (~places + np.uint64(1))  # one bit, in the first place where the two differ
    before = first - np.uint64(1)
    result = _without(a, before) == b
    result |= _without(b, before) == a
    same_size = _sizes(a) == _sizes(b)
    result |= same_size & (places == first)
    neighbours = np.flatnonzero(same_size & (places == (first | first << _FOUR)))
    result[neighbours] |= _exchanged(a[neighbours], b[neighbours], first[neighbours])
    return np.asarray(result & (places != 0))


def _without(number: Packed, before: Packed) -> Packed:
    """A number without the digit that follows the bits in `before`."""
    return np.asarray((number & before) | ((number >> _FOUR) & ~before))


def _sizes(number: Packed) -> Anything:
    """How many digits: each has a bit set, since 0 stands for none."""
    held = (number | number >> np.uint64(1) | number >> np.uint64(2) | number >> np.uint64(3)) & _EACH
    return np.asarray(np.bitwise_count(held))


def _exchanged(a: Packed, b: Packed, first: Packed) -> Flags:
    """Whether the digit at `first` and the next one have changed places."""
    shift = np.bitwise_count(first - np.uint64(1)).astype(np.uint64)
    digit = np.uint64(15)
    return np.asarray(((a >> shift) & digit == (b >> (shift + _FOUR)) & digit) & ((b >> shift) & digit == (a >> (shift + _FOUR)) & digit))
