"""All records of a record type as columns of codes: what a whole forecast is computed on.

Values stay dictionaries of distinct texts all the way, and each column is let go of as soon as it has become codes; nothing here makes a
Python object per record.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reconcile_tui.forecast.columns import Columns
from reconcile_tui.forecast.encoding import encode
from reconcile_tui.forecast.values import FieldRule, SimRecord, instant, match_key
from reconcile_tui.project import Project, RecordType
from reconcile_tui.steps.forecasting.records import Projected, email_fields, sim_record
from reconcile_tui.transforms import as_text
from reconcile_tui.workspace.addresses import links_stored
from reconcile_tui.workspace.columns import Extract, extract, give_back
from reconcile_tui.workspace.records import ROW_BITS, Table

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

Eligible = Mapping[tuple[str, str], Sequence[int]]
"""(system, table) -> row numbers of the records that may leave their system."""
MANY = 200_000
"""Records of a table from which a further process pays for its start (about a second)."""
_TIME = "%Y-%m-%dT%H:%M:%S%.fZ"


@dataclass(frozen=True)
class _Part:
    """One table's live records. `columns`: texts as dictionaries, null for blank."""

    table: Table
    side: int
    keys: Any  # int64
    columns: dict[str, Any]
    eligible: Any  # bool


def columns_of(
    workspace: Workspace,
    record_type: RecordType,
    rules: Sequence[FieldRule],
    projected: Projected,
    eligible: Eligible,
) -> Columns:
    """All live records of a record type as columns, side 0 first; `projected` replaces or removes single ones."""
    parts = _parts(workspace, record_type, projected, eligible)
    keys = np.concatenate([np.empty(0, np.int64), *(part.keys for part in parts)])
    own, further = _emails(workspace.project, record_type, parts)
    links, created, modified = _links(workspace.project, parts), _instants(parts, "_created"), _instants(parts, "_modified")
    made = Columns(
        side=np.concatenate([np.empty(0, np.int8), *(np.full(len(part.keys), part.side, np.int8) for part in parts)]),
        keys=keys,
        table=np.concatenate([np.empty(0, np.int16), *(np.full(len(part.keys), n, np.int16) for n, part in enumerate(parts))]),
        tables=tuple(part.table.name for part in parts),
        email=own,
        eligible=np.concatenate([np.empty(0, np.bool_), *(part.eligible for part in parts)]),
        synced=np.zeros(len(keys), np.bool_),
        created=created,
        modified=modified,
        fields=tuple(_field(parts, record_type, rule, rules[number + 1 :]) for number, rule in enumerate(rules)),
        further_emails=further,
        links=links,
        load=_loader(workspace, record_type, keys, projected),
    )
    parts.clear()
    give_back()
    return made


def _parts(workspace: Workspace, record_type: RecordType, projected: Projected, eligible: Eligible) -> list[_Part]:
    systems = list(workspace.project.systems)
    tables = sorted(workspace.records.tables(record_type), key=lambda table: systems.index(table.system))
    wanted = [(table, _names(workspace, record_type, table, tables)) for table in tables]
    return [
        _part(workspace, found, systems.index(table.system), projected, eligible[table.system, table.name])
        for (table, _), found in zip(wanted, _extracts(workspace, wanted), strict=True)
    ]


def _names(workspace: Workspace, record_type: RecordType, table: Table, tables: Sequence[Table]) -> list[str]:
    """The columns to read: mapped ones, further addresses, stored links; ids only where a link points at them."""
    bound = [column for mapped in record_type.fields if (column := mapped.column(table.system, table.name))]
    pointed_at = any(
        links_stored(workspace, other, column)
        for other in tables
        if other.system != table.system
        for target, column in workspace.project.link_columns(other.system, other.name).items()
        if target == table.name
    )
    links = [c for c in workspace.project.link_columns(table.system, table.name).values() if links_stored(workspace, table, c)]
    return [*bound, *links, *workspace.project.secondary_email_columns(table.system), *(["_id"] if pointed_at else [])]


def _extracts(workspace: Workspace, wanted: Sequence[tuple[Table, list[str]]]) -> list[Extract]:
    """The tables' columns. Of two large tables one is read in a process beside this one: what takes time holds a lock of its process."""
    counts = workspace.records.counts()
    large = [n for n, (table, _) in enumerate(wanted) if counts.get((table.system, table.name), 0) >= MANY]
    if len(large) < 2 or (os.cpu_count() or 1) == 1 or workspace.db.in_transaction:
        return [extract(workspace, table, names, eligible=()) for table, names in wanted]
    beside = large[-1]
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        table, names = wanted[beside]
        job = pool.submit(_beside, workspace.folder, table.system, table.name, names)
        found = {n: extract(workspace, *wanted[n], eligible=()) for n in range(len(wanted)) if n != beside}
        found[beside] = job.result()
    return [found[n] for n in range(len(wanted))]


def _beside(folder: Path, system: str, name: str, names: list[str]) -> Extract:
    from reconcile_tui.workspace import Workspace

    with Workspace.open(folder, "read") as workspace:
        return extract(workspace, workspace.records.table(system, name), names, eligible=())


def _part(workspace: Workspace, found: Extract, side: int, projected: Projected, eligible: Sequence[int]) -> _Part:
    table = found.table
    mine = {ref: record for ref, record in projected.items() if (ref.system, ref.table) == (table.system, table.name)}
    gone = [workspace.records.key_of(ref) for ref, record in mine.items() if record is None]
    keys = found.keys.to_numpy()
    live = np.asarray(pc.and_(_is(found.columns["_deleted"], "0"), pc.is_null(found.columns["_merged_into"])))
    live &= ~np.isin(keys, np.array([key for key in gone if key is not None], np.int64))
    names = {*found.columns} - {"_active", "_deleted", "_merged_into"}
    columns = {name: _squeezed(found.columns.pop(name).filter(pa.array(live))) for name in names}
    may_leave = np.isin(keys[live] & ((1 << ROW_BITS) - 1), np.asarray(eligible, np.int64))
    part = _Part(table, side, keys[live], columns, may_leave)
    return _with_projected(part, [record for record in mine.values() if record is not None])


def _is(column: Any, text: str) -> Any:
    """Where a dictionary column holds a text."""
    wanted = np.append(np.asarray(pc.equal(column.dictionary, text)), False)
    return pa.array(wanted[column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False)])


def _squeezed(column: Any) -> Any:
    return (
        column if column.indices.type == pa.int32() else pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), column.dictionary)
    )


def _with_projected(part: _Part, records: Sequence[Any]) -> _Part:
    """The part with projected records in the place of the pulled ones."""
    if not records:
        return part
    order = np.argsort(part.keys)
    keys = np.array([record.key for record in records], np.int64)
    place = order[np.minimum(np.searchsorted(part.keys, keys, sorter=order), len(order) - 1)]
    known = part.keys[place] == keys
    place, shown = place[known], [record for record, ok in zip(records, known.tolist(), strict=True) if ok]
    columns = {
        name: column if name.startswith("_") else _replaced(column, place, [as_text(record.native.get(name)) for record in shown])
        for name, column in part.columns.items()
    }
    eligible = part.eligible.copy()
    eligible[place] = [record.eligible for record in shown]
    return replace(part, columns=columns, eligible=eligible)


def _replaced(column: Any, place: Any, texts: Sequence[str | None]) -> Any:
    """A dictionary column with other texts in some places."""
    new = pa.array(texts, pa.string()).dictionary_encode()
    indices = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).copy()
    fresh = new.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    indices[place] = np.where(fresh < 0, -1, fresh + len(column.dictionary))
    dictionary = pa.concat_arrays([column.dictionary.cast(pa.string()), new.dictionary])
    return pa.DictionaryArray.from_arrays(pa.array(indices, mask=indices < 0), dictionary)


# -- fields


def _field(parts: Sequence[_Part], record_type: RecordType, rule: FieldRule, later: Sequence[FieldRule]) -> Any:
    """One field as codes; columns that no later field needs are let go of."""
    sides: tuple[list[Any], list[Any]] = ([], [])
    for part in parts:
        name = _bound(record_type, rule, part)
        needed = any(_bound(record_type, other, part) == name for other in later)
        column = part.columns.get(name) if needed else part.columns.pop(name, None)
        sides[part.side].append(column if column is not None else _blanks(len(part.keys)))
    unmapped = [np.full(len(part.keys), not rule.maps(part.side, part.table.name), np.bool_) for part in parts]  # type: ignore[arg-type]
    return encode(rule, _chunked(sides[0]), _chunked(sides[1]), np.concatenate([np.empty(0, np.bool_), *unmapped]))


def _bound(record_type: RecordType, rule: FieldRule, part: _Part) -> str:
    return str(record_type.field(rule.name).column(part.table.system, part.table.name))


def _blanks(count: int) -> Any:
    return pa.DictionaryArray.from_arrays(pa.nulls(count, pa.int32()), pa.array([], pa.string()))


def _chunked(chunks: list[Any]) -> Any:
    return pa.chunked_array(chunks, pa.dictionary(pa.int32(), pa.string()))


# -- addresses, links, times


def _emails(project: Project, record_type: RecordType, parts: Sequence[_Part]) -> tuple[Any, Any]:
    """Each row's own address as a number, and (row, number) of further ones on side 1."""
    numbers: dict[str, int] = {}

    def number(text: str | None) -> int:
        key = match_key(text)
        return numbers.setdefault(key, len(numbers)) if key else -1

    own, further, start = [np.empty(0, np.int32)], [np.empty((0, 2), np.int32)], 0
    for part in parts:
        names = [c for mapped in email_fields(record_type) if (c := mapped.column(part.table.system, part.table.name)) in part.columns]
        own.append(_numbers(part.columns[str(names[0])], number) if names else np.full(len(part.keys), -1, np.int32))
        more = [*names[1:], *(c for c in project.secondary_email_columns(part.table.system) if c in part.columns)] if part.side == 1 else []
        further += [_several(part.columns[str(name)], number, start) for name in more]
        start += len(part.keys)
    return np.concatenate(own), np.concatenate(further)


def _numbers(column: Any, number: Any) -> Any:
    table = np.array([*(number(text) for text in column.dictionary.to_pylist()), -1], np.int32)
    return table[column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False)]


def _several(column: Any, number: Any, start: int) -> Any:
    """(row, number) of every address in a column that holds several, separated by semicolons."""
    indices = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    texts = column.dictionary.to_pylist()
    rows = np.flatnonzero(indices >= 0).tolist()
    pairs = [(start + row, found) for row in rows for text in texts[indices[row]].split(";") if (found := number(text)) >= 0]
    return np.array(pairs, np.int32).reshape(-1, 2)


def _links(project: Project, parts: Sequence[_Part]) -> Any:
    """(row, row) from a record to the counterpart stored on it."""
    starts = np.cumsum([0, *(len(part.keys) for part in parts)])
    found = [np.empty((0, 2), np.int32)]
    for start, part in zip(starts, parts, strict=False):
        other = str(project.other(part.table.system))
        for target, name in project.link_columns(part.table.system, part.table.name).items():
            where = next((n for n, p in enumerate(parts) if (p.table.system, p.table.name) == (other, target)), None)
            if where is not None and name in part.columns and "_id" in parts[where].columns:
                found.append(_linked(part.columns[name], parts[where].columns["_id"], int(start), int(starts[where])))
    return np.concatenate(found)


def _linked(links: Any, ids: Any, start: int, other: int) -> Any:
    rows = np.flatnonzero(np.asarray(links.is_valid()))
    known = pc.index_in(links.take(pa.array(rows)).cast(pa.string()), ids.cast(pa.string()))
    valid = np.asarray(known.is_valid())
    place = known.fill_null(0).to_numpy(zero_copy_only=False)
    return np.stack([rows[valid] + start, place[valid] + other], axis=1).astype(np.int32)


def _instants(parts: Iterable[_Part], name: str) -> Any:
    """Times as `values.instant` reads them, the usual form of both systems by the column."""
    import polars as pl

    arrays = [np.empty(0, np.int64)]
    for part in parts:
        column = part.columns[name]
        texts = pl.Series(column.dictionary.cast(pa.large_string()))
        read = texts.str.to_datetime(_TIME, time_unit="us", strict=False).to_physical()
        table = np.append(read.fill_null(0).to_numpy(), instant(None))
        for place in np.flatnonzero(read.is_null().to_numpy()).tolist():
            table[place] = instant(texts[place])
        arrays.append(table[column.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)])
    return np.concatenate(arrays)


def _loader(workspace: Workspace, record_type: RecordType, keys: Any, projected: Projected) -> Any:
    def load(rows: Sequence[int]) -> list[SimRecord]:
        wanted = keys[np.asarray(rows, np.int64)].tolist()
        records = {record.key: record for record in workspace.records.load(wanted)}
        return [sim_record(workspace.project, record_type, projected.get(records[key].ref) or records[key]) for key in wanted]

    return load
