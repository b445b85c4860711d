"""The records as columns of integer codes: what every later stage reads.

Each field is standardised on its distinct values and every form that comparison or blocking needs (`email.local`,
`first_name.root`) becomes one `Column`: an int32 code per record into a vocabulary of distinct texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from reconcile_tui.matching import names, phones
from reconcile_tui.matching.arrays import Codes, FieldLike, Flags, Longs
from reconcile_tui.matching.cores import each
from reconcile_tui.matching.forms import FORMS, family_forms, folded, given_forms


@dataclass(eq=False)
class Column:
    """One form of one field: `codes[record]` points into `values`, -1 where the record has none."""

    name: str
    codes: Codes
    values: pa.Array

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
            frame = pl.DataFrame({"v": column.codes, "c": self.countries})
            counts = frame.select(pl.len().over("v", "c"))["len"].to_numpy().astype(np.int32)
            self.in_country[column.name] = np.where((column.codes < 0) | (self.countries < 0), np.int32(0), counts)
        return self.in_country[column.name]

    def of_kind(self, *kinds: str) -> list[str]:
        """Names of the fields of some kinds, in the map's order, as far as they hold any value."""
        return [f.name for f in self.fields if f.kind in kinds and f.name in self.columns]


def read(table: pa.Table, fields: Sequence[FieldLike], like: Records | None = None) -> Records:
    """Encode a table with `key`, `system`, `table`, `country` and one string column per field. Raises KeyError on a missing column.

    `like`: earlier records of which these are a part; the same forms are made, even of fields in which none of these has a value.
    """
    table = table.sort_by("key") if not _ascending(table["key"]) else table
    systems, system_names = _small(table, "system", like.system_names if like else None)
    tables, table_names = _small(table, "table", like.table_names if like else None)
    keys = table["key"].to_numpy().astype(np.int64)
    records = Records(keys, systems, tables, system_names, table_names, tuple(fields), table=table)
    present = [mapped for mapped in fields if mapped.name in table.column_names]
    for made in _all_forms(table, present, like):
        records.raw[made.field] = made.raw
        records.columns.update(made.columns)
    _add_countries(records, table, like)
    _add_names(records)
    _add_phones(records, table)
    return records


def _all_forms(table: pa.Table, present: Sequence[FieldLike], like: Records | None) -> list[_Made]:
    if len(table) < _WORTH_THREADS:
        return [_forms(mapped, table, like) for mapped in present]
    return list(each(lambda mapped: _forms(mapped, table, like), present))


_WORTH_THREADS = 5_000
"""Records from which fields are standardised at the same time."""
COUNTRY = "country of record"
"""The form that says where a record belongs: the mapped country, else the table's `country`."""


def _add_countries(records: Records, table: pa.Table, like: Records | None) -> None:
    column = table["country"] if "country" in table.column_names else pa.chunked_array([pa.nulls(len(table), pa.string())])
    codes, values = distinct(column)
    known = _encode(COUNTRY, codes, phones.country_codes(values))
    for name in records.of_kind("country"):
        mapped = records.columns[name]
        shared = pc.dictionary_encode(pa.concat_arrays([mapped.values, known.values]))
        joint = np.append(shared.indices.to_numpy(zero_copy_only=False), -1).astype(np.int32)
        own, other = np.append(joint[: len(mapped.values)], np.int32(-1)), joint[len(mapped.values) :]
        known = Column(COUNTRY, np.where(mapped.codes >= 0, own[mapped.codes], other[known.codes]), shared.dictionary)
    records.countries, records.country_names = known.codes, [str(v) for v in known.values.to_pylist()]
    if COUNTRY in like.columns if like else len(records.country_names) > 1:
        records.columns[COUNTRY] = known


def _ascending(keys: pa.ChunkedArray) -> bool:
    values = keys.to_numpy()
    return bool(np.all(values[1:] > values[:-1]))


def _small(table: pa.Table, name: str, known: list[str] | None = None) -> tuple[Codes, list[str]]:
    """Codes of a column of few values, and the values in order: the `known` ones and others after them."""
    if name not in table.column_names:
        return np.zeros(len(table), dtype=np.int32), [""]
    encoded = pc.dictionary_encode(table[name].combine_chunks().cast(pa.string()))
    found = [str(v) for v in encoded.dictionary.to_pylist()]
    names_ = [*known, *sorted(set(found) - set(known))] if known else sorted(found)
    of_found = np.array([names_.index(text) for text in found] or [0], dtype=np.int32)
    return of_found[encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)], names_


def distinct(column: pa.ChunkedArray) -> tuple[Codes, pl.Series]:
    """Codes per record (-1 for null) and the distinct raw values."""
    codes, values = _codes_of(pl.Series(values=column.cast(pa.large_string()).combine_chunks(), dtype=pl.String))
    return codes, values


def _codes_of(texts: pl.Series) -> tuple[Codes, pl.Series]:
    """Codes in order of first appearance, -1 for null, and the distinct texts.

    Texts are told apart by a 64-bit digest: three times as fast as hashing and comparing them, and a million distinct ones collide once in
    thirty million runs.
    """
    encoded = pc.dictionary_encode(texts.hash(seed=0).to_arrow())
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    first = np.empty(len(encoded.dictionary), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    nulls = texts.is_null()
    if not nulls.any():
        return codes, texts.gather(first)
    null_code = int(codes[int(nulls.arg_max() or 0)])
    renumbered = np.arange(len(first), dtype=np.int32) - (np.arange(len(first)) > null_code)
    renumbered[null_code] = -1
    return renumbered[codes], texts.gather(np.delete(first, null_code))


def _encode(name: str, raw_codes: Codes, forms: pl.Series) -> Column:
    """A column from per-record codes into distinct raw values and the form of each of those."""
    of_raw, values = _codes_of(forms)
    return Column(name, np.append(of_raw, np.int32(-1))[raw_codes], values.to_arrow().cast(pa.string()))


@dataclass(frozen=True)
class _Made:
    field: str
    raw: Codes
    columns: dict[str, Column]


def _forms(mapped: FieldLike, table: pa.Table, like: Records | None) -> _Made:
    """All forms of one field."""
    codes, values = distinct(table[mapped.name])
    if mapped.kind in ("phone", "full_name"):
        return _Made(mapped.name, codes, {})
    forms = FORMS.get(mapped.kind, folded)(values)
    empty = forms[""].null_count() == len(values)
    if empty and not (like and mapped.name in like.columns):
        return _Made(mapped.name, codes, {})
    named = {f"{mapped.name}.{suffix}" if suffix else mapped.name: series for suffix, series in forms.items()}
    return _Made(mapped.name, codes, {name: _encode(name, codes, series) for name, series in named.items()})


def _add_names(records: Records) -> None:
    """Names of the whole: parts of a full name where no parts are mapped, roots, and one vocabulary for given and family names."""
    first, last = records.of_kind("first_name")[:1], records.of_kind("last_name")[:1]
    full = [f.name for f in records.fields if f.kind == "full_name" and records.table is not None and f.name in records.table.column_names]
    if full and not (first and last) and records.table is not None:
        _part_names(records, full[0])
        first, last = [f"{full[0]}.first"], [f"{full[0]}.last"]
    for name in [*records.of_kind("first_name"), *(first if full else [])]:
        if name in records.columns:
            _add_root(records, name)
    if first and last and first[0] in records.columns and last[0] in records.columns:
        _share_vocabulary(records, first[0], last[0])


def _part_names(records: Records, full: str) -> None:
    assert records.table is not None  # noqa: S101 - a table was given where fields are read from it
    codes, values = distinct(records.table[full])
    given, family = names.parted(values)
    for name, forms in ((f"{full}.first", given_forms(given)), (f"{full}.last", family_forms(family))):
        for suffix, series in forms.items():
            records.columns[f"{name}.{suffix}".rstrip(".")] = _encode(name, codes, series)


def _add_root(records: Records, name: str) -> None:
    token = records.columns[f"{name}.token"]
    records.columns[f"{name}.root"] = _encode(f"{name}.root", token.codes, names.roots(pl.Series(values=token.values, dtype=pl.String)))


def _share_vocabulary(records: Records, first: str, last: str) -> None:
    """`first.shared` and `last.shared`: codes that can be compared with each other, to see swapped names."""
    a, b = records.columns[first], records.columns[last]
    encoded = pc.dictionary_encode(pa.concat_arrays([a.values, b.values]))
    joint = np.append(encoded.indices.to_numpy(zero_copy_only=False), -1).astype(np.int32)
    split = len(a.values)
    of_first, of_last = np.append(joint[:split], np.int32(-1)), joint[split:]
    for name, column, of_value in ((first, a, of_first), (last, b, of_last)):
        records.columns[f"{name}.shared"] = Column(f"{name}.shared", of_value[column.codes], encoded.dictionary)
    x, y = records.columns[f"{first}.shared"].codes.astype(np.int64), records.columns[f"{last}.shared"].codes.astype(np.int64)
    both = (x >= 0) & (y >= 0)
    either = (np.minimum(x, y) << 32) | np.maximum(x, y)
    records.columns[f"{last}.either"] = _dense(f"{last}.either", np.where(both, either, -1))


def _dense(name: str, keys: Longs) -> Column:
    """A column without texts: equal keys get equal codes, in ascending order of the key."""
    ranks = pl.Series(np.where(keys < 0, np.int64(-1), keys)).rank("dense").to_numpy().astype(np.int32) - 1
    offset = 1 if bool((keys < 0).any()) else 0
    codes = ranks - np.int32(offset)
    return Column(name, codes, pa.nulls(int(codes.max(initial=-1)) + 1, pa.string()))


def _add_phones(records: Records, table: pa.Table) -> None:
    """All phone fields in one vocabulary: a number is the same evidence wherever it stands."""
    fields = [f.name for f in records.fields if f.kind == "phone" and f.name in table.column_names]
    if not fields:
        return
    for name in fields:
        _add_phone(records, name, table)
    _join_phones(records, fields)


def _add_phone(records: Records, name: str, table: pa.Table) -> None:
    """One phone field, standardised on distinct pairs of number and country."""
    codes, values = distinct(table[name])
    several = len(records.country_names) + 1
    pairs = np.where(codes < 0, np.int64(-1), codes.astype(np.int64) * several + records.countries + 1)
    encoded = pc.dictionary_encode(pa.array(pairs, mask=codes < 0))
    distinct_pairs = encoded.dictionary.to_numpy()
    countries = pl.Series([None, *records.country_names], dtype=pl.String).gather(distinct_pairs % several)
    forms = phones.numbers(values.gather(distinct_pairs // several), countries)
    of_record = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    for suffix, form in (("", "e164"), ("tail", "tail")):
        title = f"{name}.{suffix}" if suffix else name
        records.columns[title] = _encode(title, of_record, forms[form])


def _join_phones(records: Records, fields: list[str]) -> None:
    for suffix in ("", ".tail"):
        columns = [records.columns[f"{name}{suffix}"] for name in fields]
        encoded = pc.dictionary_encode(pa.concat_arrays([c.values for c in columns]))
        joint = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        start = 0
        for column in columns:
            of_value = np.append(joint[start : start + len(column.values)], np.int32(-1))
            start += len(column.values)
            column.codes, column.values = of_value[column.codes], encoded.dictionary
