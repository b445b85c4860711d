"""All records of a record type as columns of codes: what a whole forecast is computed on.

Values stay dictionaries of distinct texts all the way, and each column is let go of as soon as it has become codes; nothing here makes a
Python object per record.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reconcile_tui.forecast.columns import Columns, FieldColumn
from reconcile_tui.forecast.encoding import encode
from reconcile_tui.forecast.values import FieldRule, SimRecord
from reconcile_tui.memory import give_back
from reconcile_tui.project import Project, RecordType
from reconcile_tui.steps.forecasting.addresses import addresses_of
from reconcile_tui.steps.forecasting.records import Projected, sim_record
from reconcile_tui.steps.forecasting.tables import TOGETHER, Eligible, Part, parts_of

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


_THREADS = max((os.cpu_count() or 1) // 2, 1)
"""Fields that become codes at the same time; the other cores read."""


def columns_of(
    workspace: Workspace,
    record_type: RecordType,
    rules: Sequence[FieldRule],
    projected: Projected,
    eligible: Eligible,
) -> Columns:
    """All live records of a record type as columns, side 0 first; `projected` replaces or removes single ones. Raises WorkspaceError."""
    parts = parts_of(workspace, record_type, rules, projected, eligible)
    keys = np.concatenate([np.empty(0, np.int64), *(part.keys for part in parts)])
    own, further = addresses_of(workspace.project, record_type, parts)
    return Columns(
        side=np.concatenate([np.empty(0, np.int8), *(np.full(len(part.keys), part.side, np.int8) for part in parts)]),
        keys=keys,
        table=np.concatenate([np.empty(0, np.int16), *(np.full(len(part.keys), n, np.int16) for n, part in enumerate(parts))]),
        tables=tuple(part.table.name for part in parts),
        email=own,
        eligible=np.concatenate([np.empty(0, np.bool_), *(part.eligible for part in parts)]),
        synced=np.zeros(len(keys), np.bool_),
        created=np.concatenate([np.empty(0, np.int64), *(part.created for part in parts)]),
        modified=np.concatenate([np.empty(0, np.int64), *(part.modified for part in parts)]),
        further_emails=further,
        links=_links(workspace.project, parts),
        fields=tuple(_fields(record_type, rules, parts)),
        load=_loader(workspace, record_type, keys, projected),
    )


# -- fields


def _fields(record_type: RecordType, rules: Sequence[FieldRule], parts: Sequence[Part]) -> Iterator[FieldColumn]:
    """The fields as codes; several at once, for what takes time is not Python."""
    with ThreadPoolExecutor(_THREADS) as threads:
        for start in range(0, len(rules), TOGETHER):
            for part in parts:
                part.next()
            jobs = [partial(_field, parts, record_type, rule) for rule in rules[start : start + TOGETHER]]
            yield from threads.map(lambda job: job(), jobs)
            _let_go(record_type, rules[start + TOGETHER :], parts)


def _field(parts: Sequence[Part], record_type: RecordType, rule: FieldRule) -> FieldColumn:
    sides: tuple[list[Any], list[Any]] = ([], [])
    for part in parts:
        column = part.columns.get(_bound(record_type, rule, part))
        sides[part.side].append(column if column is not None else _blanks(len(part.keys)))
    unmapped = [np.full(len(part.keys), not rule.maps(part.side, part.table.name), np.bool_) for part in parts]  # type: ignore[arg-type]
    return encode(rule, _chunked(sides[0]), _chunked(sides[1]), np.concatenate([np.empty(0, np.bool_), *unmapped]))


def _let_go(record_type: RecordType, later: Sequence[FieldRule], parts: Sequence[Part]) -> None:
    """Forget the columns that no later field needs."""
    for part in parts:
        needed = {_bound(record_type, rule, part) for rule in later}
        part.columns = {name: column for name, column in part.columns.items() if name in needed}
    give_back()


def _bound(record_type: RecordType, rule: FieldRule, part: Part) -> str:
    return str(record_type.field(rule.name).column(part.table.system, part.table.name))


def _blanks(count: int) -> Any:
    return pa.DictionaryArray.from_arrays(pa.nulls(count, pa.int32()), pa.array([], pa.string()))


def _chunked(chunks: list[Any]) -> Any:
    return pa.chunked_array(chunks, pa.dictionary(pa.int32(), pa.string()))


# -- links, single records


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


def _loader(workspace: Workspace, record_type: RecordType, keys: Any, projected: Projected) -> Any:
    def load(rows: Sequence[int]) -> list[SimRecord]:
        wanted = keys[np.asarray(rows, np.int64)].tolist()
        records = {record.key: record for record in workspace.records.load(wanted)}
        return [sim_record(workspace.project, record_type, projected.get(records[key].ref) or records[key]) for key in wanted]

    return load
