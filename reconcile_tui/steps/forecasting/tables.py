"""The tables of a record type as they are read for a forecast: live records, a few columns at a time, each a dictionary of its texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reconcile_tui.forecast.values import instant
from reconcile_tui.model import Record
from reconcile_tui.project import RecordType
from reconcile_tui.steps.forecasting.records import Projected, email_fields
from reconcile_tui.transforms import as_text
from reconcile_tui.workspace.addresses import links_stored
from reconcile_tui.workspace.columns import present, stream
from reconcile_tui.workspace.records import Table, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconcile_tui.forecast.values import FieldRule
    from reconcile_tui.workspace import Workspace

Eligible = Mapping[tuple[str, str], Any]
"""(system, table) -> row numbers (int64) of the records that may leave their system."""
TOGETHER = 3
"""Fields whose texts are in memory at the same time."""
_TIME = "%Y-%m-%dT%H:%M:%S%.fZ"
_OWN = ("_deleted", "_merged_into", "_created", "_modified")


@dataclass
class Part:
    """One table's live records. `columns`: those read and not yet let go of, as dictionaries of text, null for blank."""

    table: Table
    side: int
    keys: Any  # int64
    eligible: Any  # bool
    created: Any  # int64: microseconds since 1970
    modified: Any  # likewise
    columns: dict[str, Any]
    read: Iterator[dict[str, Any]]
    live: Any  # bool, one for each stored record; None where all are live
    shown: _Shown = field(default_factory=lambda: _Shown(np.empty(0, np.int64), ()))

    def next(self) -> None:
        """Read the next few columns."""
        for name, stored in next(self.read).items():
            column = stored if self.live is None else stored.filter(self.live)
            self.columns[name] = column if name.startswith("_") else self.shown.put(name, column)


@dataclass(frozen=True)
class _Shown:
    """Records as a plan would leave them, at the places of the pulled ones."""

    places: Any
    records: Sequence[Record]

    def put(self, name: str, column: Any) -> Any:
        """A column with these records' texts in it."""
        if not self.records:
            return column
        new = pa.array([as_text(record.native.get(name)) for record in self.records], pa.string()).dictionary_encode()
        indices = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).copy()
        fresh = new.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        indices[self.places] = np.where(fresh < 0, -1, fresh + len(column.dictionary))
        return pa.DictionaryArray.from_arrays(pa.array(indices, mask=indices < 0), pa.concat_arrays([column.dictionary, new.dictionary]))


def parts_of(
    workspace: Workspace, record_type: RecordType, rules: Sequence[FieldRule], projected: Projected, eligible: Eligible
) -> list[Part]:
    """The pulled tables of a record type, those of the first system first, with what is needed of all fields: own columns, addresses,
    links. What each slice of `TOGETHER` rules needs besides is read by `Part.next`. Raises WorkspaceError."""
    systems = list(workspace.project.systems)
    tables = sorted(workspace.records.tables(record_type), key=lambda table: systems.index(table.system))
    streams = [stream(workspace, table, _columns(workspace, record_type, rules, table, tables), each_once=False) for table in tables]
    with ThreadPoolExecutor(max(len(streams), 1)) as threads:
        numbers = [part["_row"].to_numpy() for part in threads.map(next, streams)]
    return [
        _part(workspace, table, read, rows, systems.index(table.system), projected, eligible[table.system, table.name])
        for table, read, rows in zip(tables, streams, numbers, strict=True)
    ]


def _columns(
    workspace: Workspace, record_type: RecordType, rules: Sequence[FieldRule], table: Table, tables: Sequence[Table]
) -> list[list[str]]:
    """The columns to read, in the order of need; each once."""
    place = (table.system, table.name)
    addresses = [column for mapped in email_fields(record_type) if (column := mapped.column(*place))]
    links = [c for c in workspace.project.link_columns(*place).values() if links_stored(workspace, table, c)]
    further = workspace.project.secondary_email_columns(table.system)
    first = [*_OWN, *(["_id"] if _pointed_at(workspace, table, tables) else []), *links, *addresses, *further]
    slices = [rules[start : start + TOGETHER] for start in range(0, len(rules), TOGETHER)]
    bound = [[column for rule in some if (column := record_type.field(rule.name).column(*place))] for some in slices]
    wanted, seen = [], set[str]()
    for names in (first, *bound):
        there = [name for name in present(workspace, table, names) if name not in seen]
        seen.update(there)
        wanted.append(there)
    return wanted


def _pointed_at(workspace: Workspace, table: Table, tables: Sequence[Table]) -> bool:
    """Whether a link stored in another table leads to this one: only then are its ids needed."""
    return any(
        links_stored(workspace, other, column)
        for other in tables
        if other.system != table.system
        for target, column in workspace.project.link_columns(other.system, other.name).items()
        if target == table.name
    )


def _part(
    workspace: Workspace, table: Table, read: Iterator[dict[str, Any]], rows: Any, side: int, projected: Projected, eligible: Any
) -> Part:
    mine = {ref: record for ref, record in projected.items() if (ref.system, ref.table) == (table.system, table.name)}
    gone = [row_of(key) for ref, record in mine.items() if record is None and (key := workspace.records.key_of(ref)) is not None]
    own = next(read)
    live = np.asarray(pc.is_null(own["_merged_into"])) & ~_is(own.pop("_deleted"), "1")
    live &= ~np.isin(rows, np.array(gone, np.int64))
    del own["_merged_into"]
    kept = None if live.all() else pa.array(live)
    created, modified = (_instants(own.pop(name))[live] for name in ("_created", "_modified"))
    part = Part(table, side, table.key(0) + rows[live], _marked(rows, eligible)[live], created, modified, {}, read, kept)
    part.shown = _shown(part, [record for record in mine.values() if record is not None])
    for name, column in own.items():
        filtered = column if kept is None else column.filter(kept)
        part.columns[name] = filtered if name.startswith("_") else part.shown.put(name, filtered)
    return part


def _marked(rows: Any, some: Any) -> Any:
    """Which of the numbers, ascending, are among others that are ascending too."""
    marks = np.zeros(len(rows), np.bool_)
    places = np.searchsorted(rows, some)
    known = places < len(rows)
    marks[places[known][rows[places[known]] == some[known]]] = True
    return marks


def _instants(column: Any) -> Any:
    """Times as `values.instant` reads them, the usual form of both systems by the column."""
    import polars as pl

    texts = pl.Series(column.dictionary)
    read = texts.str.to_datetime(_TIME, time_unit="us", strict=False).to_physical()
    table = np.append(read.fill_null(0).to_numpy(), instant(None))
    for place in np.flatnonzero(read.is_null().to_numpy()).tolist():
        table[place] = instant(texts[place])
    return table[column.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)]


def _is(column: Any, text: str) -> Any:
    """Where a dictionary column holds a text."""
    wanted = np.append(np.asarray(pc.equal(column.dictionary, text)), False)
    return wanted[column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False)]


def _shown(part: Part, records: Sequence[Record]) -> _Shown:
    """Where the records stand that a plan would leave in another way; their eligibility is set."""
    keys = np.array([record.key for record in records], np.int64)
    places = np.searchsorted(part.keys, keys)
    known = (places < len(part.keys)) & (part.keys[np.minimum(places, max(len(part.keys) - 1, 0))] == keys) if len(part.keys) else keys < 0
    found = [record for record, ok in zip(records, known.tolist(), strict=True) if ok]
    part.eligible[places[known]] = [record.eligible for record in found]
    return _Shown(places[known], found)
