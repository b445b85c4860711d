"""Comparison kinds for given and family names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from reconcile_tui.matching import names
from reconcile_tui.matching.arrays import Codes, Flags, Levels, Longs
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import DIFFERENT, MISSING, PENDING, Comparison, Frequency, equal_or
from reconcile_tui.matching.encoding import codes_of
from reconcile_tui.matching.similarity import Vocabulary


class _Name(Comparison):
    """What given and family names have in common: swapped order, initials, parts, similarity."""

    other: str = ""

    def __init__(self, records: Records, name: str, fields: tuple[str, ...], kind: str, options: Mapping[str, Any]) -> None:
        super().__init__(records, name, fields[:1], kind, options)
        self.other = fields[1] if len(fields) > 1 else ""
        self.vocabulary = Vocabulary(self.column.values)
        self.similar = float(options.get("similar", 0.90))
        self.alike = float(options.get("alike", 0.80))

    def _level(self, name: str) -> int:
        return self.levels.index(name)

    def quick(self, left: Codes, right: Codes) -> Levels:
        levels = equal_or(self.column, left, right, self.exact, PENDING)
        if self.other:
            pending = np.flatnonzero(levels == PENDING)
            levels[pending[self._swapped(left[pending], right[pending])]] = self._level("swapped")
        return levels

    def _swapped(self, left: Codes, right: Codes) -> Flags:
        mine = self.records.column(f"{self.fields[0]}.shared").codes
        theirs = self.records.column(f"{self.other}.shared").codes
        crossed = np.flatnonzero(mine[left] == theirs[right])
        result = np.zeros(len(left), dtype=bool)
        result[crossed[theirs[left[crossed]] == mine[right[crossed]]]] = True
        return result

    def finish(self, left: Codes, right: Codes) -> Levels:
        codes = self.column.codes
        a, b = codes[left], codes[right]
        levels = np.full(len(a), DIFFERENT, dtype=np.uint8)
        score = self.vocabulary.jaro_winkler(a, b, self.alike)
        levels[score >= self.alike] = self._level("alike")
        levels[score >= self.similar] = self._level("similar")
        levels[self._initial(a, b)] = self._level("initial")
        levels[self._part(a, b)] = self._level("part")
        if self.other:
            unlike = np.flatnonzero(levels == DIFFERENT)
            levels[unlike[self._nearly_swapped(left[unlike], right[unlike])]] = self._level("swapped")
        levels[(levels == DIFFERENT) & self._other_script(left, right)] = MISSING
        return levels

    def _other_script(self, left: Codes, right: Codes) -> Flags:
        """One name in Chinese characters, the other spelt out: that they sound unlike says nothing."""
        marked = self.records.columns.get(f"{self.fields[0]}.ideographic")
        if marked is None:
            return np.zeros(len(left), dtype=bool)
        return np.asarray(marked.codes[left] != marked.codes[right])

    @cached_property
    def _shared(self) -> Vocabulary:
        return Vocabulary(self.records.column(f"{self.fields[0]}.shared").values)

    def _nearly_swapped(self, left: Codes, right: Codes) -> Flags:
        """Names in each other's place, one of them or both misspelt."""
        mine = self.records.column(f"{self.fields[0]}.shared").codes
        theirs = self.records.column(f"{self.other}.shared").codes
        result = np.zeros(len(left), dtype=bool)
        known = np.flatnonzero((theirs[left] >= 0) & (theirs[right] >= 0))
        for x, y in ((mine, theirs), (theirs, mine)):
            near = self._shared.jaro_winkler(x[left[known]], y[right[known]], self.similar) >= self.similar
            known = known[near]
        result[known] = True
        return result

    def _initial(self, a: Codes, b: Codes) -> Flags:
        sizes, heads = self.vocabulary.sizes, self.vocabulary.heads
        single = np.minimum(sizes[a], sizes[b]) == 1
        return np.asarray(single & ((heads[a] & np.uint32(0xFF)) == (heads[b] & np.uint32(0xFF))))

    @cached_property
    def _ends(self) -> tuple[Codes, Codes]:
        """First and last word of each value as codes of one vocabulary."""
        texts = pl.Series(values=self.vocabulary.values, dtype=pl.String)
        several = texts.str.contains(" ", literal=True).arg_true()
        longer, some = texts.gather(several), several.to_numpy()
        codes, _ = codes_of(pl.concat([texts, longer.str.extract(r"^([^ ]*)", 1), longer.str.extract(r"([^ ]*)$", 1)]))
        first, last = codes[: len(texts)].copy(), codes[: len(texts)].copy()
        first[some], last[some] = codes[len(texts) : len(texts) + len(some)], codes[len(texts) + len(some) :]
        return first, last

    @cached_property
    def _several(self) -> Flags:
        """Whether each value has more than one word."""
        first, last = self._ends
        return np.asarray(first != last)

    def _part(self, a: Codes, b: Codes) -> Flags:
        """One name is a word of the other, or both have a whole word in common (`garcia lopez`, `garcia`)."""
        result = self._several[a] | self._several[b]
        rows = np.flatnonzero(result)
        a, b, (first, last) = a[rows], b[rows], self._ends
        shared = (first[a] == first[b]) | (last[a] == last[b]) | (first[a] == last[b]) | (last[a] == first[b])
        shortest = np.minimum(self.vocabulary.sizes[a], self.vocabulary.sizes[b])
        result[rows] = shared & (shortest > 1)
        return np.asarray(result)

    def frequencies(self) -> dict[int, Frequency]:
        return {self.exact: Frequency(self.column)}


class GivenName(_Name):
    """Given names: nicknames by a kept data set (Bob, Robert), initials, parts of double names, similar spelling."""

    levels = ("missing", "different", "alike", "similar", "initial", "part", "nickname", "swapped", "exact")
    first_agreeing = 4

    @cached_property
    def _nicknames(self) -> Longs:
        return names.nickname_pairs(self.records.column(f"{self.fields[0]}.token").values.to_pylist())

    @cached_property
    def _may_be_short(self) -> Flags:
        known = names.known_nicknames()
        return np.array([text in known for text in self.records.column(f"{self.fields[0]}.token").values.to_pylist()], dtype=bool)

    def finish(self, left: Codes, right: Codes) -> Levels:
        levels = super().finish(left, right)
        token = self.records.column(f"{self.fields[0]}.token").codes
        a, b = token[left], token[right]
        if len(self._nicknames):
            both = np.flatnonzero((a != b) & self._may_be_short[a] & self._may_be_short[b])
            x, y = a[both].astype(np.int64), b[both].astype(np.int64)
            wanted = (np.minimum(x, y) << 32) | np.maximum(x, y)
            place = np.minimum(np.searchsorted(self._nicknames, wanted), len(self._nicknames) - 1)
            levels[both[self._nicknames[place] == wanted]] = self._level("nickname")
        return levels

    def frequencies(self) -> dict[int, Frequency]:
        root = self.records.column(f"{self.fields[0]}.root")
        return {**super().frequencies(), self._level("nickname"): Frequency(root)}


class FamilyName(_Name):
    """Family names: double names by their parts, similar spelling. Swapped names count with the given name, once."""

    levels = ("missing", "different", "alike", "similar", "initial", "part", "swapped", "exact")
    first_agreeing = 5
