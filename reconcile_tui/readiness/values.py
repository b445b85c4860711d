"""Columns as codes into their distinct values: a rule over values runs once per distinct value, one over
records is arithmetic on arrays. Text of a whole column is only made when a rule asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from reconcile_tui.model import Common
from reconcile_tui.transforms import Step
from reconcile_tui.transforms.distinct import as_series, numbered

if TYPE_CHECKING:
    pass


Bools = NDArray[np.bool_]
Codes = NDArray[Any]
"""Signed numbers, as small as they can be: a column of a million records is then one to four megabytes."""
Keys = NDArray[np.int64]


@dataclass(frozen=True)
class Values:
    """One column of one table: `codes` (-1: blank) into `distinct` values. A value may stand there that no record has any more."""

    codes: Codes
    distinct: pa.Array

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many records hold each distinct value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.distinct))

    @property
    def blank(self) -> Bools:
        """Which records hold nothing."""
        return self.codes < 0

    @property
    def texts(self) -> list[str]:
        """The distinct values as Python text; made anew each time, for a million of them take much memory."""
        return self.distinct.to_pylist()  # type: ignore[no-any-return]

    def at(self, positions: NDArray[Any]) -> pl.Series:
        """The texts of some records."""
        return _gathered(self.distinct, self.codes[positions])

    def series_of_distinct(self) -> pl.Series:
        """The distinct values as a series."""
        return as_series(self.distinct)

    def containing(self, pattern: str) -> Bools:
        """Which distinct values contain a regular expression."""
        return self.series_of_distinct().str.contains(pattern).fill_null(value=False).to_numpy()

    def where(self, bad: Bools) -> Bools:
        """Which records hold one of the marked distinct values."""
        return np.append(bad, False)[self.codes]  # code -1 reads the appended False

    def marked(self, judge: Callable[[str], str]) -> dict[int, str]:
        """{code: reason} of the distinct values a function finds a reason against."""
        return {code: reason for code, text in sliced(self.distinct) if (reason := judge(text))}


def _gathered(distinct: pa.Array, codes: Codes) -> pl.Series:
    texts = as_series(distinct)
    index = pl.Series(np.where(codes < 0, 0, codes)).set(pl.Series(codes < 0), None) if len(texts) else None
    return texts.gather(index) if index is not None else pl.Series([None] * len(codes), dtype=pl.String)


@dataclass(frozen=True)
class Coded:
    """One column over several tables: `ids` (-1: blank) into `texts`, in which every text stands once."""

    ids: Codes
    texts: pa.Array

    def at(self, positions: pl.Series | NDArray[Any]) -> pl.Series:
        """The texts of some records."""
        return _gathered(self.texts, self.ids[np.asarray(positions)])

    @property
    def filled(self) -> Bools:
        """Which records hold something."""
        return self.ids >= 0


def coded(columns: Sequence[Values | int]) -> Coded:
    """Columns of several tables as one; a number stands for a table without the column, with so many records."""
    held = [column for column in columns if isinstance(column, Values)]
    if not held:
        return Coded(np.full(sum(c for c in columns if isinstance(c, int)), -1, np.int32), pa.array([], pa.string()))
    numbers, texts = numbered([values.distinct for values in held])
    maps = iter(numbers)
    ids = [np.full(c, -1, np.int32) if isinstance(c, int) else np.append(next(maps), np.int32(-1))[c.codes] for c in columns]
    return Coded(np.concatenate(ids), texts)


@dataclass(frozen=True)
class Transformed:
    """A column in common form: a value per distinct native value and what stood in the way."""

    values: Values  # same records, distinct values in common form (not necessarily distinct any more)
    problems: dict[int, str]

    def beside(self, native: Values) -> Iterator[tuple[int, str, Common]]:
        """(position, native, common) of every distinct value that is not a problem."""
        for (code, text), (_, result) in zip(sliced(native.distinct), sliced(self.values.distinct), strict=True):
            if code not in self.problems:
                yield code, text, result


def sliced(values: pa.Array) -> Iterator[tuple[int, Any]]:
    """(position, text) of an array, of which only a slice is made into Python's text at a time."""
    for start in range(0, len(values), _SLICE):
        yield from enumerate(values.slice(start, _SLICE).to_pylist(), start)


_SLICE = 50_000


def run(step: Step, values: pa.Array) -> tuple[pa.Array, dict[int, str]]:
    """A transform's step over distinct values: results, and the problems by position. As `Transform.forward`, without a call for each."""
    parts: list[pa.Array] = []
    results: list[Common] = []
    problems: dict[int, str] = {}
    for position, text in sliced(values):
        try:
            results.append(step(text) or None)
        except (ValueError, OverflowError) as error:
            results.append(text)
            problems[position] = str(error) or "can't be transformed"
        if len(results) == _SLICE:
            parts.append(pa.array(results, pa.string()))
            results = []
    return pa.concat_arrays([*parts, pa.array(results, pa.string())]), problems


def blanked(codes: Codes, common: pa.Array) -> Codes:
    """Codes in which values that became blank are blank."""
    if common.null_count == 0:
        return codes
    empty = np.append(common.is_null().to_numpy(zero_copy_only=False), True)
    return np.where(empty[codes], codes.dtype.type(-1), codes)


def encoded(column: pa.DictionaryArray) -> Values:
    """A column of the workspace, its codes as small as they can be."""
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    size = np.int8 if len(column.dictionary) < 127 else np.int16 if len(column.dictionary) < 32_767 else np.int32
    return Values(codes.astype(size), column.dictionary)


def equals(values: Values, text: str) -> Bools:
    """Which distinct values are this text."""
    return np.array([value == text for value in values.texts], dtype=np.bool_)
