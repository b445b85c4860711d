"""The pulled records of one record type as columns: what the rules read instead of rows.

Every table keeps its columns as codes into their distinct values (see `values`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from reconcile_tui.model import Column, Record
from reconcile_tui.project import MappedField, RecordType
from reconcile_tui.transforms import as_text

if TYPE_CHECKING:
    from reconcile_tui.workspace.columns import Extract
    from reconcile_tui.workspace.records import Table

from reconcile_tui.readiness.values import Bools, Coded, Keys, Transformed, Values, blanked, coded, encoded, equals, run


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
        columns = {name: encoded(column) for name, column in extract.columns.items()}
        gone = columns["_deleted"].where(equals(columns["_deleted"], "1"))
        here = ~gone
        eligible = np.isin(keys & ((1 << 40) - 1), extract.eligible.to_numpy())
        active = columns["_active"].where(equals(columns["_active"], "1"))
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
        columns = {name: encoded(pa.array(values, pa.string()).dictionary_encode()) for name, values in texts.items()}
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
            self._transformed[field.name] = Transformed(Values(blanked(values.codes, common), common), problems)
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

    def forget_returned(self, field: MappedField) -> None:
        """Give back what `returned` has made of a column: as large as the column, and not asked for again."""
        self._transformed.pop(f"{field.name} returned", None)

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
            self._transformed[field.name] = Transformed(Values(blanked(values.codes, native), native), problems)
        return self._transformed[field.name]


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
