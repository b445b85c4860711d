"""The records as columns of integer codes: what every later stage reads.

Every form that comparison or blocking needs (`email.local`, `first_name.root`) is one `Column`: an int32 code per record into a
vocabulary of distinct texts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from reconcile_tui.matching import sorting
from reconcile_tui.matching.arrays import Codes, FieldLike, Flags, Longs

COUNTRY = "country of record"
"""The form that says where a record belongs: the mapped country, else the table's `country`."""


@dataclass(eq=False)
class Column:
    """One form of one field: `codes[record]` points into `values`, -1 where the record has none."""

    name: str
    codes: Codes
    values: pa.Array
    digests: npt.NDArray[np.uint64] | None = None  # of a small vocabulary, once they were asked for (see `fingerprints`)

    @cached_property
    def counts(self) -> Longs:
        """How many records hold each value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values)).astype(np.int64)

    @cached_property
    def objects(self) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        """The vocabulary as Python strings, for the libraries that want those."""
        return np.asarray(self.values.to_numpy(zero_copy_only=False), dtype=object)

    def text(self, record: int) -> str | None:
        """The standardised value of a record."""
        code = int(self.codes[record])
        return None if code < 0 else str(self.values[code].as_py())


@dataclass(eq=False)
class Records:
    """All records of one record type, encoded. Positions 0..n-1 are ordered by key, so results don't depend on input order."""

    keys: Longs
    systems: Codes  # position in system_names
    tables: Codes
    system_names: list[str]
    table_names: list[str]
    fields: tuple[FieldLike, ...]
    columns: dict[str, Column] = field(default_factory=dict)
    countries: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))  # -1: unknown
    country_names: list[str] = field(default_factory=list)
    raw: dict[str, Codes] = field(default_factory=dict)  # field -> code of its value as given, -1 for none
    in_country: dict[str, Codes] = field(default_factory=dict)
    table: pa.Table | None = None  # the values as given, in the order of `keys`

    def __len__(self) -> int:
        return len(self.keys)

    def column(self, name: str) -> Column:
        """A form by name. Raises KeyError naming what there is."""
        if name not in self.columns:
            raise KeyError(f"no comparison form {name!r}; there are {', '.join(sorted(self.columns))}")
        return self.columns[name]

    def bound(self, name: str) -> Flags:
        """Whether each record's table has a field at all; fields that don't say where they are bound are everywhere."""
        mapped = next(f for f in self.fields if f.name == name)
        columns = getattr(mapped, "columns", None)
        if columns is None:
            return np.ones(len(self), dtype=bool)
        known = np.array([[table in columns.get(system, {}) for table in self.table_names] for system in self.system_names])
        return np.asarray(known[self.systems, self.tables])

    def held_in_country(self, column: Column) -> Codes:
        """For each record, how many records of its country hold the same value; 0 where either is unknown."""
        if column.name not in self.in_country:
            known = np.flatnonzero((column.codes >= 0) & (self.countries >= 0))
            keys = column.codes[known].astype(np.int64) * len(self.country_names) + self.countries[known]
            self.in_country[column.name] = np.zeros(len(self), dtype=np.int32)
            self.in_country[column.name][known] = sorting.held(keys)
        return self.in_country[column.name]

    def of_kind(self, *kinds: str) -> list[str]:
        """Names of the fields of some kinds, in the map's order, as far as they hold any value."""
        return [f.name for f in self.fields if f.kind in kinds and f.name in self.columns]
