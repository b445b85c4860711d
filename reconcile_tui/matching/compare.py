"""The registry of comparison kinds: how two values of a field are graded into levels.

A comparison looks at pairs of records (positions) in two steps. `quick` decides by integer codes alone: missing, exact, and whatever
else equality of codes can tell; it leaves the rest `PENDING`. `finish` grades pending pairs by text similarity and is called
only for pairs that can still reach the threshold. Level 0 is always *missing* (neutral) and level 1 *different*.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reconcile_tui.matching.arrays import Codes, Levels, Longs
from reconcile_tui.matching.columns import COUNTRY, Column, Records
from reconcile_tui.matching.similarity import Vocabulary

PENDING = 255
MISSING, DIFFERENT = 0, 1


@dataclass(frozen=True)
class Frequency:
    """The column whose counts tell how common the agreeing value of a level is."""

    column: Column

    @property
    def codes(self) -> Codes:
        """The value of each record."""
        return self.column.codes

    @property
    def counts(self) -> Longs:
        """How many records hold each value."""
        return self.column.counts


class Comparison(ABC):
    """One field, or several taken together, ready to be compared."""

    levels: tuple[str, ...] = ("missing", "different", "exact")
    first_agreeing = 2
    """The lowest level that counts as the same value when other fields depend on this one."""

    def __init__(self, records: Records, name: str, fields: tuple[str, ...], kind: str, options: Mapping[str, Any]) -> None:
        """Bind to the columns of `fields`; `options` come from the project file."""
        self.name, self.fields, self.kind, self.options = name, fields, kind, dict(options)
        self.records = records

    @property
    def exact(self) -> int:
        """The best level."""
        return len(self.levels) - 1

    @property
    def column(self) -> Column:
        """The column that holds the value compared."""
        return self.records.column(self.fields[0])

    @abstractmethod
    def quick(self, left: Codes, right: Codes) -> Levels:
        """Levels by integer codes; `PENDING` where texts have to be compared."""

    def finish(self, left: Codes, right: Codes) -> Levels:
        """Levels of pairs that `quick` left pending."""
        return np.full(len(left), DIFFERENT, dtype=np.uint8)

    def frequencies(self) -> dict[int, Frequency]:
        """Level -> what tells how common the agreeing value is; levels not named here carry no term-frequency adjustment."""
        return {}

    def shown(self, record: int) -> str | None:
        """The standardised value as an explanation shows it."""
        return self.column.text(record)

    def all_levels(self, left: Codes, right: Codes) -> Levels:
        """Final levels of every pair."""
        levels = self.quick(left, right)
        pending = np.flatnonzero(levels == PENDING)
        if len(pending):
            levels[pending] = self.finish(left[pending], right[pending])
        return levels


def equal_or(column: Column, left: Codes, right: Codes, exact: int, otherwise: int) -> Levels:
    """Missing, `exact` where codes agree, `otherwise` elsewhere."""
    a, b = column.codes[left], column.codes[right]
    levels = np.where(a == b, np.uint8(exact), np.uint8(otherwise))
    levels[(a | b) < 0] = MISSING  # -1 sets the sign bit
    return levels


class Exact(Comparison):
    """Equal or not; common values count less."""

    def quick(self, left: Codes, right: Codes) -> Levels:
        return equal_or(self.column, left, right, self.exact, DIFFERENT)

    def frequencies(self) -> dict[int, Frequency]:
        return {self.exact: Frequency(self.column)}


class Country(Exact):
    """Where both records belong: the mapped country, else the one the table gives."""

    @property
    def column(self) -> Column:
        return self.records.column(COUNTRY)


class Text(Exact):
    """Words compared by Jaro-Winkler similarity; options `similar` and `alike` are the lower bounds of two levels."""

    levels = ("missing", "different", "alike", "similar", "exact")
    first_agreeing = 3
    bounds = (0.80, 0.90)

    def __init__(self, records: Records, name: str, fields: tuple[str, ...], kind: str, options: Mapping[str, Any]) -> None:
        super().__init__(records, name, fields, kind, options)
        alike, similar = self.bounds
        self.alike, self.similar = float(options.get("alike", alike)), float(options.get("similar", similar))
        self.vocabulary = Vocabulary(self.column.values)

    def quick(self, left: Codes, right: Codes) -> Levels:
        return equal_or(self.column, left, right, self.exact, PENDING)

    def finish(self, left: Codes, right: Codes) -> Levels:
        codes = self.column.codes
        score = self.vocabulary.jaro_winkler(codes[left], codes[right], self.alike)
        return np.where(score >= self.similar, 3, np.where(score >= self.alike, 2, DIFFERENT)).astype(np.uint8)


class Code(Exact):
    """Identifiers, postcodes, dates as digits: exact, one edit away, two edits away."""

    levels = ("missing", "different", "two edits", "one edit", "exact")
    first_agreeing = 4

    def __init__(self, records: Records, name: str, fields: tuple[str, ...], kind: str, options: Mapping[str, Any]) -> None:
        super().__init__(records, name, fields, kind, options)
        self.vocabulary = Vocabulary(self.column.values)

    def quick(self, left: Codes, right: Codes) -> Levels:
        return equal_or(self.column, left, right, self.exact, PENDING)

    def finish(self, left: Codes, right: Codes) -> Levels:
        edits = self.vocabulary.edits(self.column.codes[left], self.column.codes[right], 2)
        return (DIFFERENT + np.maximum(3 - edits, 0)).astype(np.uint8)


class Date(Exact):
    """Dates: exact, day and month exchanged, one digit mistyped, one of year, month and day different, else different."""

    levels = ("missing", "different", "one part differs", "one edit", "day and month exchanged", "exact")
    first_agreeing = 5

    def __init__(self, records: Records, name: str, fields: tuple[str, ...], kind: str, options: Mapping[str, Any]) -> None:
        super().__init__(records, name, fields, kind, options)
        self.vocabulary = Vocabulary(self.column.values)
        texts = [text if text and len(text) == 8 and text.isdigit() else None for text in self.column.values.to_pylist()]
        parts = [(int(t[:4]), int(t[4:6]), int(t[6:])) if t else (-1, -1, -1) for t in texts]
        self.parts = np.array(parts or [(-1, -1, -1)], dtype=np.int32)

    def quick(self, left: Codes, right: Codes) -> Levels:
        return equal_or(self.column, left, right, self.exact, PENDING)

    def finish(self, left: Codes, right: Codes) -> Levels:
        x, y = self.column.codes[left], self.column.codes[right]
        a, b = self.parts[x], self.parts[y]
        known = (a[:, 0] >= 0) & (b[:, 0] >= 0)
        levels = np.where(known & ((a == b).sum(axis=1) == 2), 2, DIFFERENT).astype(np.uint8)
        levels[self.vocabulary.edits(x, y, 1) <= 1] = 3
        exchanged = known & (a[:, 0] == b[:, 0]) & (a[:, 1] == b[:, 2]) & (a[:, 2] == b[:, 1])
        levels[exchanged] = 4
        return levels


class Number(Exact):
    """Numbers: equal, one digit mistyped, within one part in a hundred (option `near`, a fraction), else different."""

    levels = ("missing", "different", "near", "one edit", "exact")
    first_agreeing = 4

    def __init__(self, records: Records, name: str, fields: tuple[str, ...], kind: str, options: Mapping[str, Any]) -> None:
        super().__init__(records, name, fields, kind, options)
        self.near = float(options.get("near", 0.01))
        self.vocabulary = Vocabulary(self.column.values)
        self.amounts = np.array([_amount(text) for text in self.column.values.to_pylist()] or [np.nan])

    def quick(self, left: Codes, right: Codes) -> Levels:
        return equal_or(self.column, left, right, self.exact, PENDING)

    def finish(self, left: Codes, right: Codes) -> Levels:
        x, y = self.column.codes[left], self.column.codes[right]
        a, b = self.amounts[x], self.amounts[y]
        with np.errstate(invalid="ignore", over="ignore"):
            near = np.abs(a - b) <= self.near * np.maximum(np.abs(a), np.abs(b))
        return np.where(self.vocabulary.edits(x, y, 1) <= 1, 3, np.where(near, 2, DIFFERENT)).astype(np.uint8)


def _amount(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


class Members(Exact):
    """Multiple choices: the same members, some in common, none."""

    levels = ("missing", "different", "overlap", "exact")
    first_agreeing = 3

    def quick(self, left: Codes, right: Codes) -> Levels:
        return equal_or(self.column, left, right, self.exact, PENDING)

    def finish(self, left: Codes, right: Codes) -> Levels:
        texts, codes = self.column.objects, self.column.codes
        shared = [not set(a.split(";")).isdisjoint(b.split(";")) for a, b in zip(texts[codes[left]], texts[codes[right]], strict=True)]
        return np.where(np.array(shared, dtype=bool), 2, DIFFERENT).astype(np.uint8)


class Geography(Comparison):
    """Points as `latitude, longitude` in degrees: within 0.1, 1 and 10 km (great-circle distance)."""

    levels = ("missing", "different", "within 10 km", "within 1 km", "within 100 m")
    first_agreeing = 4

    def __init__(self, records: Records, name: str, fields: tuple[str, ...], kind: str, options: Mapping[str, Any]) -> None:
        super().__init__(records, name, fields, kind, options)
        raw = records.table[fields[0]].to_pylist() if records.table is not None else []
        self.points = np.radians(np.array([_point(text) for text in raw], dtype=np.float64).reshape(-1, 2))

    def quick(self, left: Codes, right: Codes) -> Levels:
        a, b = self.points[left], self.points[right]
        half = np.sin((b - a) / 2) ** 2
        arc = half[:, 0] + np.cos(a[:, 0]) * np.cos(b[:, 0]) * half[:, 1]
        km = 2 * 6371.0 * np.arcsin(np.sqrt(np.clip(arc, 0, 1)))
        levels = np.digitize(-km, [-10.0, -1.0, -0.1]).astype(np.uint8) + DIFFERENT
        levels[np.isnan(km)] = MISSING
        return np.asarray(levels.astype(np.uint8))


def _point(text: str | None) -> tuple[float, float]:
    try:
        latitude, longitude = (float(part) for part in (text or "").replace(";", ",").split(","))
    except ValueError:
        return (float("nan"), float("nan"))
    return latitude, longitude


Builder = Callable[[Records, str, tuple[str, ...], str, Mapping[str, Any]], Comparison]
