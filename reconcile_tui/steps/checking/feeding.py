"""From the workspace to the context the rules read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reconcile_tui.errors import UsageError
from reconcile_tui.forecast.profiles import Profile, resolve
from reconcile_tui.project import FILE_NAME
from reconcile_tui.readiness.check import ROWS_KEPT
from reconcile_tui.readiness.context import Cell, ChangeFact, Context, Ledger, LinkFact, Person, PullFact
from reconcile_tui.readiness.snapshot import TableData, TypeData
from reconcile_tui.steps.checking.suppression import suppressed
from reconcile_tui.steps.progress import Listener
from reconcile_tui.workspace.checks import Checks
from reconcile_tui.workspace.columns import extract, passing
from reconcile_tui.workspace.records import ROW_BITS

if TYPE_CHECKING:
    from reconcile_tui.project import RecordType
    from reconcile_tui.steps.deciding.reading import GroupView
    from reconcile_tui.workspace import Workspace
    from reconcile_tui.workspace.ledger import LedgerCell, LedgerGroup

CHUNK = 2_000
"""Groups read together."""


def renew_forecast(ws: Workspace, progress: Listener) -> None:
    """Make the forecast of today when there is none, or records came in or the project file was edited since."""
    from reconcile_tui.steps import simulate

    if not ws.records.counts():
        return
    totals = ws.forecasts.totals("now")
    if totals is None or totals["at"] < newest_change(ws) or totals["profile"] != profile(ws).name:
        simulate.simulate(ws, progress=progress)


def newest_change(ws: Workspace) -> str:
    """When records came in last, or the project file was edited last: whatever was computed before that is old. ISO 8601, UTC."""
    pulls = [pull for table in ws.records.tables() if (pull := ws.records.last_pull(table.system, table.name, finished=True))]
    moments = [str(pull["finished_at"]) for pull in pulls]
    file = ws.folder / FILE_NAME
    if file.exists():
        moments.append(datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    return max(moments, default="")


def profile(ws: Workspace) -> Profile:
    """The sync to be launched. Raises ProjectError."""
    return resolve(ws.project.sync, tuple(ws.project.systems))


def context(ws: Workspace, *, only: str | None = None, with_plan: bool = True) -> Context:
    """Everything the rules may look at, on the whole snapshot; `only` one record type, or without what decisions will do.

    Raises UsageError when nothing was pulled: no records is no clean pair of systems.
    """
    if not ws.records.tables():
        raise UsageError("Nothing is pulled yet, so there is nothing to check.", todo="Run `reconcile-tui pull` first.")
    checks = Checks(ws)
    pulled = {rt.name: type_data(ws, rt) for rt in ws.project.record_types.values() if only in (None, rt.name)}
    types = {name: data for name, data in pulled.items() if data.tables}
    links = {name: link_facts(ws, data.record_type) for name, data in types.items()}
    return Context(
        project=ws.project,
        profile=profile(ws),
        types=types,
        groups=group_frame(checks.groups()),
        ledger=ledger(ws),
        people=people(ws) if with_plan else (),
        links=links,
        pulls=pulls(ws),
        changed_since_decided=changed(ws),
        beyond_filter={f"{t.system}/{t.name}": _beyond(ws, t) for data in types.values() for t in data.tables},
        gone={name: gone(ws, facts) for name, facts in links.items()},
        suppressed=suppressed(ws),
        answers={question: given.answer for question, given in checks.answers().items()},
        matched=checks.matched(),
    )


def group_frame(rows: Sequence[tuple[str, int, str, float, str]]) -> pl.DataFrame:
    """Groups as the rules read them."""
    schema = {"group": pl.String, "key": pl.Int64, "class": pl.String, "probability": pl.Float64, "state": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def type_data(ws: Workspace, record_type: RecordType) -> TypeData:
    """The columns of one record type: mapped ones, further addresses, merges."""
    tables = []
    for table in ws.records.tables(record_type):
        mapped = [column for field in record_type.fields if (column := field.column(table.system, table.name))]
        names = [*mapped, *ws.project.secondary_email_columns(table.system), "hs_merged_object_ids"]
        tables.append(TableData.of(extract(ws, table, names), 0 if table.system == ws.project.first else 1))
    return TypeData(record_type, tables)


def ledger(ws: Workspace) -> Ledger | None:
    """The forecast of launching today."""
    found = Checks(ws).ledger(rows=ROWS_KEPT.get())
    if found is None:
        return None
    counts, cells, unsettled, groups = found
    return Ledger(counts, tuple(_cell(group, cell) for group, cell in cells), unsettled, tuple(groups))


def _cell(group: LedgerGroup, cell: LedgerCell) -> Cell:
    after = " or ".join("∅" if value is None else value for value in cell.after)
    now = "∅" if cell.value_now is None else cell.value_now
    return Cell(group.id, group.review_group or "", cell.record_key, cell.field, cell.certainty, now, after, cell.overwritten_by)


def people(ws: Workspace) -> list[Person]:
    """Every person of every decided group."""
    from reconcile_tui.steps.deciding.reading import views

    groups = ws.decisions.decided_groups()
    parts = (groups[start : start + CHUNK] for start in range(0, len(groups), CHUNK))
    return [person for part in parts for seen in views(ws, part) for person in persons(seen)]


def persons(seen: GroupView) -> list[Person]:
    """The persons of one decided group as its decisions will leave them; none where nothing follows from them."""
    from reconcile_tui.stewardship.resolve import writes_nothing

    resolved = seen.resolve()
    if writes_nothing(resolved):
        return []
    keys = {record.ref: record.key for record in seen.records}
    allowed = frozenset(field for (field, _), chosen in seen.choices.values.items() if chosen.weaker)
    return [
        Person(
            group=resolved.group,
            members=tuple(keys[ref] for ref in entity.members),
            merges=tuple((keys[keep], keys[lose]) for keep, lose in entity.merges),
            golden={name: golden.value for name, golden in entity.golden.items()},
            writes=entity.writes_golden,
            weaker_allowed=allowed,
        )
        for entity in resolved.entities
    ]


def changed(ws: Workspace) -> list[ChangeFact]:
    """What changed in decided groups since, field by field. What a run wrote itself is what was decided on, and is no change."""
    from reconcile_tui.steps.deciding.reading import changes

    saved = Checks(ws).saved_since_decided()
    found = []
    for start in range(0, len(saved), CHUNK):
        part = dict(saved[start : start + CHUNK])
        basis, members = ws.decisions.basis(list(part)), ws.decisions.members(list(part))
        records = {record.key: record for record in ws.records.load([key for keys in members.values() for key in keys])}
        for group, held in basis.items():
            keys = {record.ref: key for key in members.get(group, ()) if (record := records.get(key))}
            moved = changes(held, [records[key] for key in keys.values()])
            found += [ChangeFact(group, keys[one.ref], one.field, one.decided_on, one.now, part[group]) for one in moved]
    return found


def link_facts(ws: Workspace, record_type: RecordType) -> list[LinkFact]:
    """Every stored link with what stands behind it."""
    checks, found = Checks(ws), []
    tables = {(t.system, t.name): t for t in ws.records.tables(record_type)}
    for table in tables.values():
        for other_name, column in ws.project.link_columns(table.system, table.name).items():
            target = tables.get((str(ws.project.other(table.system)), other_name))
            if column not in table.columns or target is None:
                continue
            held = [(key, id_) for key, id_, gone_ in checks.links(table, column) if not gone_]
            known = checks.standing(target, sorted({id_ for _, id_ in held}))
            for key, id_ in held:
                place, state = known.get(id_, (-1, "unknown"))
                found.append(LinkFact(key, place, id_, state))
    return found


def gone(ws: Workspace, facts: list[LinkFact]) -> list[tuple[int, int]]:
    """(gone record, live record that is linked to it), by the live one's link."""
    return [(fact.target, fact.source) for fact in facts if fact.state == "gone"]


def pulls(ws: Workspace) -> list[PullFact]:
    """The last finished pull of each table."""
    lasts = [(t, ws.records.last_pull(t.system, t.name, finished=True)) for t in ws.records.tables()]
    return [PullFact(t.system, t.name, last["started_at"], last["finished_at"], last["records"]) for t, last in lasts if last]


def _beyond(ws: Workspace, table: TableData) -> frozenset[int]:
    idle = table.keys[~table.active]
    if not len(idle):
        return frozenset()
    passes = passing(ws, table.table) | (table.table.no << ROW_BITS)
    return frozenset(idle[np.isin(idle, passes)].tolist())
