"""From a table to records: each field is standardised on its distinct values, and every form of it becomes a column of codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reconcile_tui.cores import spread
from reconcile_tui.matching import phones, reading_phones
from reconcile_tui.matching.arrays import Codes, FieldLike
from reconcile_tui.matching.columns import COUNTRY, Column, Records
from reconcile_tui.matching.encoding import distinct, encode
from reconcile_tui.matching.forms import FORMS, folded
from reconcile_tui.matching.reading_names import add_names


def read(
    table: pa.Table,
    fields: Sequence[FieldLike],
    like: Records | None = None,
    before: Records | None = None,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Records:
    """Encode a table with `key`, `system`, `table`, `country` and one string column per field. Raises KeyError on a missing column.

    `like`: earlier records of which these are a part; the same forms are made, even of fields in which none of these has a value.
    `before`: the same records as they were; fields in which none has changed are taken from there. `tell` hears how many steps are done,
    and of how many.
    """
    table = table.sort_by("key") if not _ascending(table["key"]) else table
    systems, system_names = _small(table, "system", like.system_names if like else None)
    tables, table_names = _small(table, "table", like.table_names if like else None)
    keys = table["key"].to_numpy().astype(np.int64)
    records = Records(keys, systems, tables, system_names, table_names, tuple(fields), table=table)
    present = [mapped for mapped in fields if mapped.name in table.column_names]
    countries = [mapped for mapped in present if mapped.kind == "country"]
    same = _unchanged(table, before)

    def made(mapped: FieldLike) -> _Made:
        alike = mapped.name in same and (mapped.kind != "phone" or {"country", *(c.name for c in countries)} <= same)
        return _as_before(mapped, before) if before is not None and alike else _forms(mapped, records, table, like)

    _take(records, map(made, countries))
    _add_countries(records, table, like)
    others = sorted((mapped for mapped in present if mapped not in countries), key=_costliest_first)
    for done, one in enumerate(spread(made, others, len(table)), 1):
        _take(records, [one])
        tell(done, len(others) + 1)
    add_names(records)
    reading_phones.share_vocabulary(records, [mapped.name for mapped in present if mapped.kind == "phone"])
    tell(len(others) + 1, len(others) + 1)
    pa.default_memory_pool().release_unused()  # what passing forms took; the later stages have their peak without it
    return records


def _costliest_first(mapped: FieldLike) -> int:
    """Addresses and numbers take longest, so they are begun first."""
    return {"email": 0, "phone": 1}.get(mapped.kind, 2)


@dataclass(frozen=True)
class _Made:
    field: str
    raw: Codes
    columns: dict[str, Column]


def _take(records: Records, made: Iterable[_Made]) -> None:
    for one in made:
        records.raw[one.field] = one.raw
        records.columns.update(one.columns)


def _unchanged(table: pa.Table, before: Records | None) -> set[str]:
    """Columns whose values are those of before."""
    if before is None or before.table is None:
        return set()
    named = [name for name in before.table.column_names if name in table.column_names]
    return {name for name in named if table[name].to_pylist() == before.table[name].to_pylist()}


def _as_before(mapped: FieldLike, before: Records) -> _Made:
    """The forms of a field that has not changed; those that join several fields are made anew by `add_names`."""
    own = {name: column for name, column in before.columns.items() if name == mapped.name or name.startswith(f"{mapped.name}.")}
    joint = ("shared", "either", "root")
    return _Made(mapped.name, before.raw[mapped.name], {name: c for name, c in own.items() if name.rpartition(".")[2] not in joint})


def _forms(mapped: FieldLike, records: Records, table: pa.Table, like: Records | None) -> _Made:
    """All forms of one field."""
    codes, values = distinct(table[mapped.name])
    if mapped.kind == "phone":
        return _Made(mapped.name, codes, reading_phones.columns(mapped.name, codes, values, records))
    if mapped.kind == "full_name":
        return _Made(mapped.name, codes, {})
    forms = FORMS.get(mapped.kind, folded)(values)
    empty = forms[""].null_count() == len(values)
    if empty and not (like and mapped.name in like.columns):
        return _Made(mapped.name, codes, {})
    named = {f"{mapped.name}.{suffix}" if suffix else mapped.name: series for suffix, series in forms.items()}
    return _Made(mapped.name, codes, {name: encode(name, codes, series) for name, series in named.items()})


def _add_countries(records: Records, table: pa.Table, like: Records | None) -> None:
    column = table["country"] if "country" in table.column_names else pa.chunked_array([pa.nulls(len(table), pa.string())])
    codes, values = distinct(column)
    known = encode(COUNTRY, codes, phones.country_codes(values))
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
