"""Text similarity on pairs of vocabulary codes: rapidfuzz behind a cheap, true upper bound.

A bag signature (two bits for each of 32 letter classes) bounds how many letters two words can share, and with it the Jaro-Winkler
similarity; only pairs whose bound reaches the lowest level of interest are compared letter by letter.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from reconcile_tui.matching import digits
from reconcile_tui.matching.arrays import Anything, Bits, Codes, Flags, Longs

_FEW = 1_000
"""Letters up to which texts are gone through side by side; folded values are hardly ever longer (`text.LONGEST`)."""
_PREFIX = 0.1
"""What Winkler gives for each of the first four letters that agree, as a part of what is missing to 1."""
_ROUNDING = 1e-5
_WORKERS = 2
_LARGE = 300_000
"""Texts above which a vocabulary is not turned into Python strings as a whole."""


def _letter_classes() -> np.ndarray[Any, np.dtype[np.uint64]]:
    classes = np.full(256, 31, dtype=np.uint64)
    classes[ord("a") : ord("z") + 1] = np.arange(26)
    classes[ord("0") : ord("9") + 1] = 26 + np.arange(10) // 2
    return np.uint64(1) << classes


_CLASS = _letter_classes()
"""For each byte the bit of its letter class."""


def _bag(letters: Anything) -> tuple[int, int]:
    """The classes that occur, and that occur twice, in one long text."""
    classes, counts = np.unique(_CLASS[letters], return_counts=True)
    return int(np.bitwise_or.reduce(classes)), int(np.bitwise_or.reduce(classes[counts > 1], initial=0))


class Vocabulary:
    """The distinct texts of a column, prepared for comparison."""

    def __init__(self, values: pa.Array) -> None:
        """Take folded texts (ASCII); nulls count as empty."""
        self.values = values.fill_null("") if values.null_count else values

    @cached_property
    def objects(self) -> np.ndarray[Any, np.dtype[np.object_]]:
        """The texts as Python strings."""
        return np.asarray(self.values.to_numpy(zero_copy_only=False), dtype=object)

    @cached_property
    def sizes(self) -> Codes:
        """Length of each text."""
        return np.diff(self._offsets).astype(np.int32)

    @property
    def _offsets(self) -> Longs:
        offsets = np.frombuffer(self.values.buffers()[1], dtype=np.int32)
        start = self.values.offset
        return offsets[start : start + len(self.values) + 1].astype(np.int64)

    @cached_property
    def _bytes(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        data = self.values.buffers()[2]
        return np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)

    @cached_property
    def heads(self) -> np.ndarray[Any, np.dtype[np.uint32]]:
        """The first four letters in one integer, the first one in the lowest byte."""
        padded = np.append(self._bytes, np.zeros(4, dtype=np.uint8))
        start = self._offsets[:-1]
        head = np.zeros(len(start), dtype=np.uint32)
        for place in range(4):
            letter = padded[start + place].astype(np.uint32)
            head |= np.where(self.sizes > place, letter, 0).astype(np.uint32) << np.uint32(8 * place)
        return head

    @cached_property
    def bags(self) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """Per text 64 bits: the first 32 say which letter classes occur, the others which occur twice or more."""
        by_size = np.argsort(-self.sizes, kind="stable")
        starts, sizes = self._offsets[:-1][by_size], self.sizes[by_size]
        once, twice = np.zeros(len(sizes), dtype=np.uint64), np.zeros(len(sizes), dtype=np.uint64)
        for place in range(min(int(sizes.max(initial=0)), _FEW)):
            longer = np.searchsorted(-sizes, -place)  # the first so many have a letter here
            letter = _CLASS[self._bytes[starts[:longer] + place]]
            twice[:longer] |= once[:longer] & letter
            once[:longer] |= letter
        for row in range(int(np.searchsorted(-sizes, -_FEW))):
            once[row], twice[row] = _bag(self._bytes[starts[row] : starts[row] + sizes[row]])
        bags = np.empty(len(sizes), dtype=np.uint64)
        bags[by_size] = once | twice << np.uint64(32)
        return bags

    @cached_property
    def surplus(self) -> Codes:
        """Letters of each text that its bag can't show (third and later occurrences)."""
        return np.asarray(self.sizes - np.bitwise_count(self.bags).astype(np.int32))

    @cached_property
    def _part_of_letter(self) -> Bits:
        """What one letter is of each text."""
        return np.asarray(np.float32(1) / np.maximum(self.sizes, 1).astype(np.float32))

    def near(self, a: Codes, b: Codes, floor: float) -> Longs:
        """Pairs whose Jaro-Winkler similarity can reach `floor`: their letters in common bound it, and then the letters they begin with."""
        common = np.bitwise_count(self.bags[a] & self.bags[b]).astype(np.float32)
        common += np.minimum(self.surplus[a], self.surplus[b])
        jaro = (common * (self._part_of_letter[a] + self._part_of_letter[b]) + np.float32(1)) / np.float32(3)
        begin = np.float32(_PREFIX * 4)
        rows = np.flatnonzero(jaro >= (np.float32(floor - _ROUNDING) - begin) / (np.float32(1) - begin))
        jaro, unlike = jaro[rows], self.heads[a[rows]] ^ self.heads[b[rows]]
        alike = np.bitwise_count((unlike & (~unlike + np.uint32(1))) - np.uint32(1)) >> 3  # 4 where all of them are
        jaro += np.float32(_PREFIX) * alike.astype(np.float32) * (np.float32(1) - jaro)
        return np.asarray(rows[jaro >= np.float32(floor - _ROUNDING)])

    def jaro_winkler(self, a: Codes, b: Codes, floor: float) -> Bits:
        """Jaro-Winkler similarity 0..1 of each pair; 0 where it is below `floor`."""
        result = np.zeros(len(a), dtype=np.float32)
        near = self.near(a, b, floor)
        if len(near):
            result[near] = process.cpdist(
                self._texts(a[near]),
                self._texts(b[near]),
                scorer=JaroWinkler.similarity,
                score_cutoff=floor,
                dtype=np.float32,
                workers=_WORKERS if len(near) > 2000 else 1,
            )
        return result

    def _texts(self, codes: Codes) -> Anything:
        return self.objects[codes] if len(self.values) <= _LARGE else self._taken(codes)

    def _taken(self, codes: Codes) -> Anything:
        return np.asarray(self.values.take(pa.array(codes)).to_numpy(zero_copy_only=False), dtype=object)

    @cached_property
    def _numbers(self) -> digits.Packed:
        return digits.packed(self._bytes, self._offsets[:-1], np.diff(self._offsets))

    def one_edit(self, a: Codes, b: Codes) -> Flags:
        """Whether each pair is exactly one edit apart (see `edits`)."""
        x, y = self._numbers[a], self._numbers[b]
        result = digits.one_edit(x, y)
        others = np.flatnonzero((x == 0) | (y == 0))
        if len(others):
            result[others] = self.edits(a[others], b[others], 1) == 1
        return result

    def edits(self, a: Codes, b: Codes, most: int) -> Codes:
        """Edits (insert, delete, replace, swap neighbours) between each pair; `most + 1` where there are more."""
        result = np.full(len(a), most + 1, dtype=np.int32)
        lost = np.maximum(self.sizes[a], self.sizes[b]) - np.bitwise_count(self.bags[a] & self.bags[b]).astype(np.int32)
        near = np.flatnonzero(lost - np.minimum(self.surplus[a], self.surplus[b]) <= most)
        if len(near):
            result[near] = process.cpdist(
                self._texts(a[near]),
                self._texts(b[near]),
                scorer=OSA.distance,
                score_cutoff=most,
                dtype=np.int32,
                workers=_WORKERS if len(near) > 2000 else 1,
            )
        return result
