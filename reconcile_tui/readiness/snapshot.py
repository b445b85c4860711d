"""The pulled records of one record type as columns: what the rules read instead of rows.

Every table keeps its columns as codes into their distinct values, so that a rule over values runs once per distinct value and a rule
over records is arithmetic on arrays. Text of a whole column is only made when a rule asks for it.
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

from reconcile_tui.model import Column, Common, Record
from reconcile_tui.project import MappedField, RecordType
from reconcile_tui.transforms import Step, as_text

if TYPE_CHECKING:
    from reconcile_tui.workspace.columns import Extract
    from reconcile_tui.workspace.records import Table

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
        return _text(self.distinct)

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
    texts = _text(distinct)
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


def numbered(parts: Sequence[pa.Array]) -> tuple[list[Codes], pa.Array]:
    """The texts of several arrays as numbers into one array in which each stands once; a null is -1.

    By hash, because a table of two million texts takes more memory than the texts; every text is then compared with the one it was
    taken for, and should two ever share a hash the table is made after all.
    """
    sizes = [len(part) for part in parts]
    whole = pa.concat_arrays([pa.array([], pa.string()), *(part if part.type == pa.string() else part.cast(pa.string()) for part in parts)])
    pieces = [whole.slice(start, _SLICE) for start in range(0, len(whole), _SLICE)]
    hashes = np.concatenate([np.zeros(0, np.uint64), *(_text(piece).hash().to_numpy() for piece in pieces)])
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    del hashes
    texts, codes = whole.take(first), inverse.astype(np.int32)
    if not all(texts.take(codes[n * _SLICE : (n + 1) * _SLICE]).equals(piece) for n, piece in enumerate(pieces)):
        encoded = whole.dictionary_encode()
        texts, codes = encoded.dictionary, encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    codes[whole.is_null().to_numpy(zero_copy_only=False)] = -1
    return np.split(codes, np.cumsum(sizes)[:-1]) if sizes else [], texts


def _text(values: pa.Array) -> pl.Series:
    return pl.Series(values=pl.from_arrow(values), dtype=pl.String)


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


@dataclass
class TableData:
    """One pulled table. Gone records are left out."""

    table: Table
    side: int  # 0: the project's first system
    keys: Keys
    eligible: Bools
    active: Bools
    merged: Bools
    _columns: dict[str, Values]
    _transformed: dict[str, Transformed]

    @classmethod
    def of(cls, extract: Extract, side: int) -> TableData:
        """From the workspace's columns."""
        keys = extract.keys.to_numpy()
        columns = {name: _values(column) for name, column in extract.columns.items()}
        gone = columns["_deleted"].where(_equals(columns["_deleted"], "1"))
        here = ~gone
        eligible = np.isin(keys & ((1 << 40) - 1), extract.eligible.to_numpy())
        active = columns["_active"].where(_equals(columns["_active"], "1"))
        kept = {name: Values(values.codes[here], values.distinct) for name, values in columns.items()} if gone.any() else columns
        merged = ~kept["_merged_into"].blank
        return cls(extract.table, side, keys[here], eligible[here] & ~merged, active[here] & ~merged, merged, kept, {})

    @classmethod
    def of_records(cls, table: Table, records: Sequence[Record], side: int) -> TableData:
        """From a few records of one table, as they are or as a plan would leave them."""
        here = [r for r in records if not r.deleted]
        names = dict.fromkeys(name for r in here for name in r.native)
        own = {"_created": [r.created_at for r in here], "_modified": [r.modified_at for r in here]}
        texts = {name: [as_text(r.native.get(name)) for r in here] for name in names} | own
        columns = {name: _values(pa.array(values, pa.string()).dictionary_encode()) for name, values in texts.items()}
        merged = np.array([r.merged_into is not None for r in here], dtype=np.bool_)
        keys = np.array([r.key for r in here], dtype=np.int64)
        eligible = np.array([r.eligible for r in here], dtype=np.bool_)
        active = np.array([r.active for r in here], dtype=np.bool_)
        return cls(table, side, keys, eligible & ~merged, active & ~merged, merged, columns, {})

    @property
    def system(self) -> str:
        """The system's name."""
        return self.table.system

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    def __len__(self) -> int:
        return len(self.keys)

    def column(self, name: str | None) -> Values | None:
        """A column by name; None when it was not pulled."""
        return self._columns.get(name) if name else None

    def metadata(self, field: MappedField) -> Column | None:
        """What is known of the column a field is bound to."""
        return self.table.columns.get(field.column(self.system, self.name) or "")

    def values(self, field: MappedField) -> Values | None:
        """A field's native values; None when it is not mapped here or the column does not exist."""
        return self.column(field.column(self.system, self.name))

    def transformed(self, field: MappedField) -> Transformed | None:
        """A field's values in common form, each distinct one transformed once."""
        values = self.values(field)
        if values is None:
            return None
        if self.side == 1 or field.transform.name == "none":
            return Transformed(values, {})
        if field.name not in self._transformed:
            common, problems = run(field.transform.forward_step, values.distinct)
            self._transformed[field.name] = Transformed(Values(_blanked(values.codes, common), common), problems)
        return self._transformed[field.name]

    def common(self, field: MappedField) -> Values | None:
        """A field's values in common form."""
        found = self.transformed(field)
        return found.values if found else None

    def forget(self, field: MappedField | None = None) -> None:
        """Give back what transforms made of a column, or of all."""
        if field is None:
            self._transformed.clear()
        else:
            self._transformed.pop(field.name, None)

    def returned(self, field: MappedField) -> Transformed | None:
        """The second system's values as they would come back from the first one, where the way there leaves them as they are."""
        name = f"{field.name} returned"
        if name not in self._transformed and (values := self.values(field)) is not None:
            there, problems = run(field.transform.forward_step, values.distinct)
            self._transformed[name] = Transformed(Values(values.codes, there), problems)
        return self._transformed.get(name)

    def outgoing(self, field: MappedField) -> Transformed | None:
        """A field's values as the other system would be sent them."""
        if self.side == 0:
            return self.transformed(field)
        values = self.values(field)
        if values is None:
            return None
        if field.transform.backward_step is None or field.transform.name == "none":
            return Transformed(values, {})
        if field.name not in self._transformed:
            native, problems = run(field.transform.backward_step, values.distinct)
            self._transformed[field.name] = Transformed(Values(_blanked(values.codes, native), native), problems)
        return self._transformed[field.name]


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


def _blanked(codes: Codes, common: pa.Array) -> Codes:
    """Codes in which values that became blank are blank."""
    if common.null_count == 0:
        return codes
    empty = np.append(common.is_null().to_numpy(zero_copy_only=False), True)
    return np.where(empty[codes], codes.dtype.type(-1), codes)


def _values(column: pa.DictionaryArray) -> Values:
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    size = np.int8 if len(column.dictionary) < 127 else np.int16 if len(column.dictionary) < 32_767 else np.int32
    return Values(codes.astype(size), column.dictionary)


def _equals(values: Values, text: str) -> Bools:
    return np.array([value == text for value in values.texts], dtype=np.bool_)


@dataclass
class TypeData:
    """One record type: its tables one after another, with positions that run over all of them."""

    record_type: RecordType
    tables: list[TableData]

    @cached_property
    def starts(self) -> list[int]:
        """Position of each table's first record."""
        return [0, *np.cumsum([len(t) for t in self.tables]).tolist()]

    def joined(self, part: Callable[[TableData], NDArray[Any]]) -> NDArray[Any]:
        """An array over all tables."""
        return np.concatenate([part(table) for table in self.tables]) if self.tables else np.zeros(0)

    @cached_property
    def keys(self) -> Keys:
        """All keys."""
        return self.joined(lambda t: t.keys)

    @cached_property
    def side(self) -> NDArray[np.int8]:
        """0 for the first system, 1 for the second."""
        return self.joined(lambda t: np.full(len(t), t.side, np.int8))

    @cached_property
    def table_no(self) -> NDArray[np.int8]:
        """Position of each record's table in `tables`."""
        return self.joined(lambda t: np.full(len(t), self.tables.index(t), np.int8))

    @cached_property
    def eligible(self) -> Bools:
        """Who may leave its system."""
        return self.joined(lambda t: t.eligible)

    @cached_property
    def active(self) -> Bools:
        """Who is active and not merged away."""
        return self.joined(lambda t: t.active)

    @cached_property
    def live(self) -> Bools:
        """Who is not merged away."""
        return self.joined(lambda t: ~t.merged)

    def positions(self, keys: NDArray[Any]) -> Keys:
        """Positions of records by key; -1 for one that is not here."""
        found = np.full(len(keys), -1, dtype=np.int64)
        for table, start in zip(self.tables, self.starts, strict=False):
            if len(table):  # a table's keys come in order
                near = np.minimum(np.searchsorted(table.keys, keys), len(table) - 1)
                mine = table.keys[near] == keys
                found[mine] = near[mine] + start
        return found

    def members(self, groups: pl.DataFrame) -> pl.DataFrame:
        """`group`, `key`, `pos` of those members of groups that stand here and are not merged away."""
        placed = groups.select("group", "key").with_columns(pos=self.positions(groups["key"].to_numpy())).filter(pl.col("pos") >= 0)
        return placed.filter(pl.Series(self.live[placed["pos"].to_numpy()], dtype=pl.Boolean))

    def coded(self, field: MappedField, *, native: bool = False) -> Coded:
        """A field over all tables, in common form unless native is asked for; blank where it is not mapped."""
        return coded([(t.values(field) if native else t.common(field)) or len(t) for t in self.tables])

    def own(self, name: str, positions: NDArray[Any]) -> pl.Series:
        """One of the workspace's own columns of some records."""
        return self._at(lambda t: t.column(name), positions)

    def at(self, field: MappedField, positions: NDArray[Any]) -> pl.Series:
        """A field's common text of some records."""
        return self._at(lambda t: t.common(field), positions)

    def _at(self, column: Callable[[TableData], Values | None], positions: NDArray[Any]) -> pl.Series:
        found = pl.Series([None] * len(positions), dtype=pl.String)
        for table, start in zip(self.tables, self.starts, strict=False):
            mine = np.flatnonzero((positions >= start) & (positions < start + len(table)))
            if len(mine) and (values := column(table)) is not None:
                found = found.scatter(mine, values.at(positions[mine].astype(np.int64) - start))
        return found

    def marks(self, field: MappedField, judge: Callable[[pl.Series], NDArray[Any]], blank: Any = False) -> NDArray[Any]:
        """What a function says of each record's common text, asked once per distinct one; `blank` where there is none."""

        def of(table: TableData) -> NDArray[Any]:
            values = table.common(field)
            said = judge(values.series_of_distinct()) if values is not None else np.zeros(0)
            return np.append(said, blank)[values.codes] if values is not None else np.full(len(table), blank)

        return self.joined(of)

    def columns(self, names: Sequence[str], side: int) -> list[tuple[TableData, Values]]:
        """Named columns of one side's tables that were pulled."""
        return [(t, v) for t in self.tables if t.side == side for name in names if (v := t.column(name)) is not None]
