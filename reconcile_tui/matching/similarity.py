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

from reconcile_tui.matching.arrays import Anything, Bits, Codes, Longs

_CHUNK = 1 << 15
_WORKERS = 2
_LARGE = 300_000
"""Texts above which a vocabulary is not turned into Python strings as a whole."""


def _letter_classes() -> np.ndarray[Any, np.dtype[np.int64]]:
    classes = np.full(256, 31, dtype=np.int64)
    classes[ord("a") : ord("z") + 1] = np.arange(26)
    classes[ord("0") : ord("9") + 1] = 26 + np.arange(10) // 2
    return classes


_CLASS = _letter_classes()


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
        bags = np.zeros((len(self.values), 8), dtype=np.uint8)
        offsets = self._offsets
        for start in range(0, len(bags), _CHUNK):
            stop = min(start + _CHUNK, len(bags))
            letters = _CLASS[self._bytes[offsets[start] : offsets[stop]]]
            owner = np.repeat(np.arange(stop - start), np.diff(offsets[start : stop + 1]))
            counts = np.bincount(owner * 32 + letters, minlength=(stop - start) * 32).reshape(-1, 32)
            bags[start:stop, :4] = np.packbits(counts >= 1, axis=1)
            bags[start:stop, 4:] = np.packbits(counts >= 2, axis=1)
        return bags.view(np.uint64).ravel()

    @cached_property
    def surplus(self) -> Codes:
        """Letters of each text that its bag can't show (third and later occurrences)."""
        return np.asarray(self.sizes - np.bitwise_count(self.bags).astype(np.int32))

    def bound(self, a: Codes, b: Codes) -> Bits:
        """An upper bound of the Jaro-Winkler similarity of each pair."""
        size_a, size_b = self.sizes[a], self.sizes[b]
        shared = np.bitwise_count(self.bags[a] & self.bags[b]).astype(np.int32)
        shared += np.minimum(self.surplus[a], self.surplus[b])
        common = shared.astype(np.float32)
        jaro = (common / np.maximum(size_a, 1) + common / np.maximum(size_b, 1) + np.float32(1)) / np.float32(3)
        unlike = self.heads[a] ^ self.heads[b]
        lowest = unlike & (~unlike + np.uint32(1))
        prefix = np.where(unlike == 0, 4, np.bitwise_count(lowest - np.uint32(1)) >> 3).astype(np.float32)
        return np.asarray((jaro + np.float32(0.1) * prefix * (np.float32(1) - jaro)).astype(np.float32))

    def jaro_winkler(self, a: Codes, b: Codes, floor: float) -> Bits:
        """Jaro-Winkler similarity 0..1 of each pair; 0 where it is below `floor`."""
        result = np.zeros(len(a), dtype=np.float32)
        near = np.flatnonzero(self.bound(a, b) >= np.float32(floor - 1e-6))
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

    def few(self, a: Codes, b: Codes, floor: float) -> Bits:
        """Jaro-Winkler similarity of few pairs of a large vocabulary, which is not prepared for it."""
        return np.asarray(
            process.cpdist(self._taken(a), self._taken(b), scorer=JaroWinkler.similarity, score_cutoff=floor, dtype=np.float32)
        )

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
