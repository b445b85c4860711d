"""All records of a record type as columns of codes: what a whole forecast is computed on.

Values stay dictionaries of distinct texts all the way, and each column is let go of as soon as it has become codes; nothing here makes a
Python object per record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reconcile_tui.forecast.columns import Columns
from reconcile_tui.forecast.encoding import encode
from reconcile_tui.forecast.values import FieldRule, SimRecord, instant, match_key
from reconcile_tui.project import Project, RecordType
from reconcile_tui.steps.forecasting.records import Projected, email_fields, sim_record
from reconcile_tui.steps.forecasting.tables import Eligible, Part, parts_of
from reconcile_tui.workspace.columns import give_back

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

_TIME = "%Y-%m-%dT%H:%M:%S%.fZ"


def columns_of(
    workspace: Workspace,
    record_type: RecordType,
    rules: Sequence[FieldRule],
    projected: Projected,
    eligible: Eligible,
) -> Columns:
    """All live records of a record type as columns, side 0 first; `projected` replaces or removes single ones."""
    parts = parts_of(workspace, record_type, projected, eligible)
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


# -- fields


def _field(parts: Sequence[Part], record_type: RecordType, rule: FieldRule, later: Sequence[FieldRule]) -> Any:
    """One field as codes; columns that no later field needs are let go of."""
    sides: tuple[list[Any], list[Any]] = ([], [])
    for part in parts:
        name = _bound(record_type, rule, part)
        needed = any(_bound(record_type, other, part) == name for other in later)
        column = part.columns.get(name) if needed else part.columns.pop(name, None)
        sides[part.side].append(column if column is not None else _blanks(len(part.keys)))
    unmapped = [np.full(len(part.keys), not rule.maps(part.side, part.table.name), np.bool_) for part in parts]  # type: ignore[arg-type]
    return encode(rule, _chunked(sides[0]), _chunked(sides[1]), np.concatenate([np.empty(0, np.bool_), *unmapped]))


def _bound(record_type: RecordType, rule: FieldRule, part: Part) -> str:
    return str(record_type.field(rule.name).column(part.table.system, part.table.name))


def _blanks(count: int) -> Any:
    return pa.DictionaryArray.from_arrays(pa.nulls(count, pa.int32()), pa.array([], pa.string()))


def _chunked(chunks: list[Any]) -> Any:
    return pa.chunked_array(chunks, pa.dictionary(pa.int32(), pa.string()))


# -- addresses, links, times


def _emails(project: Project, record_type: RecordType, parts: Sequence[Part]) -> tuple[Any, Any]:
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


def _links(project: Project, parts: Sequence[Part]) -> Any:
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


def _instants(parts: Iterable[Part], name: str) -> Any:
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
