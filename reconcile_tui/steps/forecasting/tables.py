"""The tables of a record type as they are read for a forecast: live records, every column a dictionary of its distinct texts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reconcile_tui.project import RecordType
from reconcile_tui.steps.forecasting.records import Projected
from reconcile_tui.transforms import as_text
from reconcile_tui.workspace.addresses import links_stored
from reconcile_tui.workspace.columns import Extract, extract
from reconcile_tui.workspace.records import ROW_BITS, Table

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

Eligible = Mapping[tuple[str, str], Sequence[int]]
"""(system, table) -> row numbers of the records that may leave their system."""
MANY = 200_000
"""Records of a table from which a further process pays for its start (about a second)."""


@dataclass(frozen=True)
class Part:
    """One table's live records. `columns`: texts as dictionaries, null for blank."""

    table: Table
    side: int
    keys: Any  # int64
    columns: dict[str, Any]
    eligible: Any  # bool


def parts_of(workspace: Workspace, record_type: RecordType, projected: Projected, eligible: Eligible) -> list[Part]:
    """The pulled tables of a record type, those of the first system first."""
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


def _part(workspace: Workspace, found: Extract, side: int, projected: Projected, eligible: Sequence[int]) -> Part:
    table = found.table
    mine = {ref: record for ref, record in projected.items() if (ref.system, ref.table) == (table.system, table.name)}
    gone = [workspace.records.key_of(ref) for ref, record in mine.items() if record is None]
    keys = found.keys.to_numpy()
    live = np.asarray(pc.and_(_is(found.columns["_deleted"], "0"), pc.is_null(found.columns["_merged_into"])))
    live &= ~np.isin(keys, np.array([key for key in gone if key is not None], np.int64))
    names = {*found.columns} - {"_active", "_deleted", "_merged_into"}
    columns = {name: _squeezed(found.columns.pop(name).filter(pa.array(live))) for name in names}
    may_leave = np.isin(keys[live] & ((1 << ROW_BITS) - 1), np.asarray(eligible, np.int64))
    part = Part(table, side, keys[live], columns, may_leave)
    return _with_projected(part, [record for record in mine.values() if record is not None])


def _is(column: Any, text: str) -> Any:
    """Where a dictionary column holds a text."""
    wanted = np.append(np.asarray(pc.equal(column.dictionary, text)), False)
    return pa.array(wanted[column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False)])


def _squeezed(column: Any) -> Any:
    return (
        column if column.indices.type == pa.int32() else pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), column.dictionary)
    )


def _with_projected(part: Part, records: Sequence[Any]) -> Part:
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
