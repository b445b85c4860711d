"""Comparison kinds for what is given to one person or household each: e-mail addresses, phone numbers, identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from reconcile_tui.matching import emails
from reconcile_tui.matching.arrays import Codes, Flags, Levels, Longs
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import DIFFERENT, MISSING, PENDING, Comparison, Frequency, equal_or
from reconcile_tui.matching.encoding import codes_of
from reconcile_tui.matching.similarity import Vocabulary

HOLDERS = (2, 5, 20)
"""An address or number held by up to 2, 5, 20 or more records: the more hold it, the less it tells of one person."""


def shared_level(counts: Longs, best: int) -> Levels:
    """The level of agreeing on each value: `best` for two holders, one less for each bound of HOLDERS exceeded."""
    return (best - np.searchsorted(HOLDERS, counts)).astype(np.uint8)


class Email(Comparison):
    """Addresses: exact by how many records hold it, the same mailbox (tag, provider dots), the same local part, a misspelling."""

    levels = (
        "missing", "different", "similar", "same local part", "same mailbox",
        "exact, held by more", "exact, held by up to 20", "exact, held by up to 5", "exact",
    )  # fmt: skip
    first_agreeing = 4

    def __init__(self, records: Records, name: str, fields: tuple[str, ...], kind: str, options: Mapping[str, Any]) -> None:
        super().__init__(records, name, fields, kind, options)
        self.mailbox, self.local, self.domain = (records.column(f"{fields[0]}.{part}") for part in ("mailbox", "local", "domain"))
        self.vocabulary = Vocabulary(self.local.values)
        self.similar = float(options.get("similar", 0.92))

    @cached_property
    def exact_level(self) -> Levels:
        """The level of agreeing on each value."""
        return shared_level(self.column.counts, self.exact)

    def quick(self, left: Codes, right: Codes) -> Levels:
        levels = equal_or(self.column, left, right, self.exact, PENDING)
        same = np.flatnonzero(levels == self.exact)
        levels[same] = self.exact_level[self.column.codes[left[same]]]
        pending = np.flatnonzero(levels == PENDING)
        a, b = left[pending], right[pending]
        local = self.local.codes
        near = (local[a] == local[b]) & (local[a] >= 0)
        levels[pending[near]] = 3
        same_local = pending[near]
        levels[same_local[self.mailbox.codes[left[same_local]] == self.mailbox.codes[right[same_local]]]] = 4
        elsewhere = pending[~near]
        other_domain = self.domain.codes[left[elsewhere]] != self.domain.codes[right[elsewhere]]
        levels[elsewhere[other_domain]] = DIFFERENT  # a misspelling is looked for within one domain
        return levels

    def finish(self, left: Codes, right: Codes) -> Levels:
        a, b = self.local.codes[left], self.local.codes[right]
        levels = np.full(len(a), DIFFERENT, dtype=np.uint8)
        known = np.flatnonzero((a >= 0) & (b >= 0) & (self.domain.codes[left] == self.domain.codes[right]))
        score = self.vocabulary.jaro_winkler(a[known], b[known], self.similar)
        near = known[score >= self.similar]
        levels[near] = 2
        levels[near[self._digits[a[near]] != self._digits[b[near]]]] = DIFFERENT
        return levels

    @cached_property
    def _digits(self) -> Codes:
        """Codes of the digits of local parts: `anna2` and `anna3` are two people to whom a provider gave numbers, no misspelling."""
        texts = pl.Series(values=self.local.values, dtype=pl.String)
        numbered = texts.str.contains("[0-9]").fill_null(value=False).arg_true()
        codes = np.full(len(texts), -1, dtype=np.int32)
        codes[numbered.to_numpy()] = codes_of(texts.gather(numbered).str.replace_all("[^0-9]", ""))[0]
        return codes

    def frequencies(self) -> dict[int, Frequency]:
        return {3: Frequency(self.local)}

    def shown(self, record: int) -> str | None:
        text = self.column.text(record)
        return f"{text} (office address)" if text and text.partition("@")[0] in emails.ROLES else text


class Identifier(Comparison):
    """Numbers that belong to one person or thing: exact by how many records hold it, one edit away, different."""

    levels = (
        "missing", "different", "two edits", "one edit",
        "exact, held by more", "exact, held by up to 20", "exact, held by up to 5", "exact",
    )  # fmt: skip
    first_agreeing = 4

    def __init__(self, records: Records, name: str, fields: tuple[str, ...], kind: str, options: Mapping[str, Any]) -> None:
        super().__init__(records, name, fields, kind, options)
        self.vocabulary = Vocabulary(self.column.values)

    @cached_property
    def exact_level(self) -> Levels:
        """The level of agreeing on each value."""
        return shared_level(self.column.counts, self.exact)

    def quick(self, left: Codes, right: Codes) -> Levels:
        levels = equal_or(self.column, left, right, self.exact, PENDING)
        same = np.flatnonzero(levels == self.exact)
        levels[same] = self.exact_level[self.column.codes[left[same]]]
        return levels

    def finish(self, left: Codes, right: Codes) -> Levels:
        edits = self.vocabulary.edits(self.column.codes[left], self.column.codes[right], 2)
        return (DIFFERENT + np.maximum(3 - edits, 0)).astype(np.uint8)


class Phone(Comparison):
    """All phone fields together: any number of one record equal to any of the other, by how many records hold it; one edit away."""

    levels = (
        "missing", "different", "one edit", "same last nine digits",
        "exact, held by more", "exact, held by up to 20", "exact, held by up to 5", "exact",
    )  # fmt: skip
    first_agreeing = 3

    def __init__(self, records: Records, name: str, fields: tuple[str, ...], kind: str, options: Mapping[str, Any]) -> None:
        super().__init__(records, name, fields, kind, options)
        self.numbers = [records.column(field) for field in fields]
        self.tails = [records.column(f"{field}.tail") for field in fields]
        self.vocabulary = Vocabulary(self.numbers[0].values)

    @cached_property
    def holders(self) -> Longs:
        """How many records hold each number."""
        holders = sum((column.counts for column in self.numbers), np.zeros(len(self.numbers[0].values), dtype=np.int64))
        for i, later in enumerate(self.numbers):  # a record that holds a number twice counts once
            for earlier in self.numbers[:i]:
                twice = later.codes[(later.codes == earlier.codes) & (later.codes >= 0)]
                holders = holders - np.bincount(twice, minlength=len(holders))
        return np.asarray(holders)

    @cached_property
    def exact_level(self) -> Levels:
        """The level of agreeing on each number."""
        return shared_level(self.holders, self.exact)

    def quick(self, left: Codes, right: Codes) -> Levels:
        levels = np.full(len(left), MISSING, dtype=np.uint8)
        levels[self._any(left) & self._any(right)] = PENDING
        best = np.zeros(len(left), dtype=np.uint8)
        for a in self.numbers:
            x = a.codes[left]
            for b in self.numbers:
                same = np.flatnonzero((x == b.codes[right]) & (x >= 0))
                best[same] = np.maximum(best[same], self.exact_level[x[same]])
        return np.where(best > 0, best, levels)

    @cached_property
    def _held(self) -> Flags:
        held = np.zeros(len(self.records), dtype=bool)
        for column in self.numbers:
            held |= column.codes >= 0
        return held

    def _any(self, rows: Codes) -> Flags:
        return self._held[rows]

    def finish(self, left: Codes, right: Codes) -> Levels:
        levels = np.full(len(left), DIFFERENT, dtype=np.uint8)
        for a, tail_a in zip(self.numbers, self.tails, strict=True):
            for b, tail_b in zip(self.numbers, self.tails, strict=True):
                known = np.flatnonzero((a.codes[left] >= 0) & (b.codes[right] >= 0))
                x, y = a.codes[left[known]], b.codes[right[known]]
                found = np.where(self.vocabulary.one_edit(x, y), 2, DIFFERENT).astype(np.uint8)
                found[tail_a.codes[left[known]] == tail_b.codes[right[known]]] = 3
                levels[known] = np.maximum(levels[known], found)
        return levels

    def shown(self, record: int) -> str | None:
        texts = [text for column in self.numbers if (text := column.text(record))]
        return ", ".join(dict.fromkeys(texts)) or None
