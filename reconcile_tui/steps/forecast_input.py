"""From the workspace's records to what the forecast wants: single records with values, or all records as columns of codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.model import Record, Ref
from reconcile_tui.project import MappedField, Project, RecordType
from reconcile_tui.transforms import as_text

if TYPE_CHECKING:
    import pyarrow as pa

    from reconcile_tui.forecast.columns import Columns
    from reconcile_tui.forecast.values import FieldRule, SimRecord
    from reconcile_tui.workspace import Workspace
    from reconcile_tui.workspace.records import Table

Projected = Mapping[Ref, Record | None]
"""Records as a plan would leave them; None: merged away."""


def rules_of(project: Project, record_type: RecordType) -> tuple[tuple[FieldRule, ...], list[str]]:
    """The usable rules of the field map, and what is wrong with the others in words."""
    from reconcile_tui.forecast.fieldmap import map_problems, usable
    from reconcile_tui.forecast.values import FieldRule

    systems = (project.first, project.second or "")
    rules = [FieldRule.of(mapped, systems) for mapped in record_type.fields if mapped.direction != "none"]
    problems = [problem for problem in map_problems(rules) if problem.structural]
    return usable(rules, problems), [str(problem) for problem in problems]


def sim_record(project: Project, record_type: RecordType, record: Record) -> SimRecord:
    """A record as the forecast wants it: values in native text of its own side."""
    from reconcile_tui.forecast.values import SimRecord

    ref = record.ref
    values = {
        mapped.name: as_text(record.native.get(column))
        for mapped in record_type.fields
        if (column := mapped.column(ref.system, ref.table)) is not None
    }
    own, *more = [values.get(mapped.name) for mapped in _email_fields(record_type)] or [None]
    further = [email for email in (*more, *record.secondary_emails) if email]
    return SimRecord(
        ref=ref,
        side=0 if ref.system == project.first else 1,
        values=values,
        key=record.key,
        eligible=record.eligible,
        emails=(own or "", *further),  # the own address keeps its place when there is none: a further one never stands in for it
        links=record.links,
        created_at=record.created_at,
        modified_at=record.modified_at,
    )


def _email_fields(record_type: RecordType) -> Sequence[MappedField]:
    return record_type.fields_of_kind("email")


@dataclass(frozen=True)
class _Part:
    """One table's live records."""

    table: Table
    side: int
    keys: list[int]
    ids: list[str]
    columns: Mapping[str, pa.Array]  # text, null for blank
    eligible: set[int]  # keys


def columns_of(workspace: Workspace, record_type: RecordType, rules: Sequence[FieldRule], projected: Projected) -> Columns:
    """All live records of a record type as columns, side 0 first; `projected` replaces or removes single ones."""
    import numpy as np

    from reconcile_tui.forecast.columns import Columns, encode

    parts = [
        _part(workspace, record_type, table, side, projected)
        for side, system in enumerate(workspace.project.systems)
        for table in workspace.records.tables(record_type)
        if table.system == system
    ]
    keys = [key for part in parts for key in part.keys]
    sides = np.concatenate([np.full(len(part.keys), part.side, np.int8) for part in parts]) if parts else np.empty(0, np.int8)
    emails = _Codes()
    own, further = _emails(workspace.project, record_type, parts, emails)
    return Columns(
        side=sides,
        keys=np.array(keys, np.int64),
        table=np.concatenate([np.full(len(part.keys), number, np.int16) for number, part in enumerate(parts)]),
        tables=tuple(part.table.name for part in parts),
        email=np.array(own, np.int32),
        eligible=np.array([key in part.eligible for part in parts for key in part.keys], np.bool_),
        synced=np.zeros(len(keys), np.bool_),
        created=_instants(parts, "_created"),
        modified=_instants(parts, "_modified"),
        fields=tuple(
            encode(rule, _values(parts, record_type, rule, 0), _values(parts, record_type, rule, 1), _unmapped(parts, rule))
            for rule in rules
        ),
        further_emails=np.array(further, np.int32).reshape(-1, 2),
        links=np.array(_links(workspace.project, parts), np.int32).reshape(-1, 2),
        load=_loader(workspace, record_type, keys, projected),
    )


def _part(workspace: Workspace, record_type: RecordType, table: Table, side: int, projected: Projected) -> _Part:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from reconcile_tui.workspace.columns import extract

    bound = [column for mapped in record_type.fields if (column := mapped.column(table.system, table.name))]
    others = [*workspace.project.link_columns(table.system, table.name).values()]
    others += workspace.project.secondary_email_columns(table.system)
    found = extract(workspace, table, ["_id", *bound, *others])
    live = pc.and_(pc.equal(found.columns["_deleted"].cast(pa.string()), "0"), pc.is_null(found.columns["_merged_into"]))
    ids = found.columns["_id"].cast(pa.string())
    gone = [ref.id for ref, record in projected.items() if record is None and (ref.system, ref.table) == (table.system, table.name)]
    if gone:
        live = pc.and_(live, pc.invert(pc.is_in(ids, pa.array(gone, pa.string()))))
    columns = {name: column.filter(live) for name, column in found.columns.items()}
    all_keys = found.keys.to_numpy()
    eligible = {table.key(row) for row in found.eligible.to_pylist()}
    part = _Part(
        table,
        side,
        all_keys[np.asarray(live)].tolist(),
        ids.filter(live).to_pylist(),
        {n: c.cast(pa.string()) for n, c in columns.items()},
        eligible,
    )
    return _with_projected(part, projected)


def _with_projected(part: _Part, projected: Projected) -> _Part:
    """The part with projected records in the place of the pulled ones."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    mine = {r.id: record for r, record in projected.items() if record and (r.system, r.table) == (part.table.system, part.table.name)}
    if not mine:
        return part
    mask = np.array([id_ in mine for id_ in part.ids], np.bool_)
    records = [mine[id_] for id_ in part.ids if id_ in mine]
    columns = dict(part.columns)
    names = {*columns, *(name for record in records for name in record.native)} - {"_id"}
    for name in names:
        if name.startswith("_"):
            continue
        before = columns.get(name, pa.nulls(len(part.ids), pa.string()))
        after = pa.array([as_text(record.native.get(name)) for record in records], pa.string())
        columns[name] = pc.replace_with_mask(before, pa.array(mask), after)
    touched = {record.key for record in records}
    return _Part(part.table, part.side, part.keys, part.ids, columns, (part.eligible - touched) | {r.key for r in records if r.eligible})


class _Codes:
    """Numbers for canonical addresses, the same on both sides."""

    def __init__(self) -> None:
        from reconcile_tui.forecast.values import match_key

        self._numbers: dict[str, int] = {}
        self._canonical = match_key

    def __call__(self, email: str | None) -> int:
        key = self._canonical(email)
        return self._numbers.setdefault(key, len(self._numbers)) if key else -1


def _emails(project: Project, record_type: RecordType, parts: Sequence[_Part], code: _Codes) -> tuple[list[int], list[tuple[int, int]]]:
    """Each row's own address, and (row, address) of further ones on side 1."""
    own: list[int] = []
    further: list[tuple[int, int]] = []
    for part in parts:
        start = len(own)
        bound = [c for mapped in _email_fields(record_type) if (c := mapped.column(part.table.system, part.table.name)) in part.columns]
        lists = [part.columns[str(c)].to_pylist() for c in bound]
        own += [code(value) for value in lists[0]] if lists else [-1] * len(part.keys)
        if part.side == 1:
            more = [part.columns[c].to_pylist() for c in project.secondary_email_columns(part.table.system) if c in part.columns]
            for values in [*lists[1:], *more]:
                for row, value in enumerate(values):
                    further += [(start + row, number) for text in (value or "").split(";") if (number := code(text)) >= 0]
    return own, further


def _links(project: Project, parts: Sequence[_Part]) -> list[tuple[int, int]]:
    starts, rows, total = [], {}, 0
    for part in parts:
        starts.append(total)
        rows[part.table.system, part.table.name] = {id_: total + row for row, id_ in enumerate(part.ids)}
        total += len(part.ids)
    found = []
    for start, part in zip(starts, parts, strict=True):
        other = str(project.other(part.table.system))
        for target, column in project.link_columns(part.table.system, part.table.name).items():
            if column in part.columns:
                known = rows.get((other, target), {})
                found += [(start + row, known[id_]) for row, id_ in enumerate(part.columns[column].to_pylist()) if id_ in known]
    return found


def _instants(parts: Sequence[_Part], name: str) -> Any:
    import numpy as np

    from reconcile_tui.forecast.values import instant

    known: dict[str | None, int] = {}
    arrays = []
    for part in parts:
        values = part.columns[name].to_pylist()
        known |= {value: instant(value) for value in set(values) - known.keys()}
        arrays.append(np.array([known[value] for value in values], np.int64))
    return np.concatenate(arrays) if arrays else np.empty(0, np.int64)


def _values(parts: Sequence[_Part], record_type: RecordType, rule: FieldRule, side: int) -> pa.ChunkedArray:
    import pyarrow as pa

    mapped = record_type.field(rule.name)
    chunks = []
    for part in parts:
        if part.side == side:
            column = mapped.column(part.table.system, part.table.name)
            chunks.append(part.columns.get(str(column), pa.nulls(len(part.keys), pa.string())))
    return pa.chunked_array(chunks, pa.string())


def _unmapped(parts: Sequence[_Part], rule: FieldRule) -> Any:
    import numpy as np

    flags = [np.full(len(part.keys), not rule.maps(part.side, part.table.name), np.bool_) for part in parts]  # type: ignore[arg-type]
    return np.concatenate(flags) if flags else np.empty(0, np.bool_)


def _loader(workspace: Workspace, record_type: RecordType, keys: Sequence[int], projected: Projected) -> Any:
    def load(rows: Sequence[int]) -> list[SimRecord]:
        records = {record.key: record for record in workspace.records.load([keys[row] for row in rows])}
        found = [records[keys[row]] for row in rows]
        return [sim_record(workspace.project, record_type, projected.get(record.ref) or record) for record in found]

    return load
