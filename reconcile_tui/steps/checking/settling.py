"""What decisions settle: the checks of a group's records as they are, against the same records as the decisions will leave them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reconcile_tui.readiness.check import ROWS_KEPT
from reconcile_tui.readiness.context import Cell, Context, Ledger, LinkFact, Person
from reconcile_tui.readiness.registry import CHECKS
from reconcile_tui.readiness.snapshot import TableData, TypeData
from reconcile_tui.steps.checking import feeding
from reconcile_tui.steps.checking.suppression import suppressed
from reconcile_tui.workspace.checks import Checks

if TYPE_CHECKING:
    from reconcile_tui.model import Record
    from reconcile_tui.steps.deciding.reading import GroupView
    from reconcile_tui.workspace import Workspace

_ALL = 1 << 40
_NOT_BY_GROUP = {"T6", "T7", "I14", "I16", "F17", "E7"}
"""Checks whose answer for a few records says nothing, or that no decision settles."""

Settled = dict[str, int]


def of_group(ws: Workspace, group: str) -> Settled:
    """How many findings of each check the decisions in force on a group settle."""
    from reconcile_tui.steps.decide import view

    return _settled(ws, [view(ws, group)], _found(ws)).get(group, {})


def of_groups(ws: Workspace, groups: Sequence[str]) -> dict[str, Settled]:
    """The same for several groups (at most 30,000) at once."""
    from reconcile_tui.steps.deciding.reading import views

    return _settled(ws, views(ws, groups), _found(ws)) if groups else {}


def _found(ws: Workspace) -> set[str] | None:
    """Checks that found something on all records: what is nowhere can't be settled in a group. None: they have not run yet."""
    findings = Checks(ws).findings(rows=0)
    return {finding.check for finding in findings if finding.count} if findings else None


def of_all(ws: Workspace, wanted: Iterable[str]) -> dict[str, Settled]:
    """The same for every decided group."""
    from reconcile_tui.steps.deciding.reading import views

    groups, found, names = ws.decisions.decided_groups(), {}, set(wanted)
    for start in range(0, len(groups), feeding.CHUNK):
        found.update(_settled(ws, views(ws, groups[start : start + feeding.CHUNK]), names))
    return found


def _settled(ws: Workspace, seen: Sequence[GroupView], wanted: set[str] | None) -> dict[str, Settled]:
    from reconcile_tui.steps.plan import projected
    from reconcile_tui.steps.simulate import catch_up

    catch_up(ws)
    after_people = {view.group.id: feeding.persons(view) for view in seen}
    acting = [view for view in seen if after_people[view.group.id]]
    group_of = {key: view.group.id for view in acting for key in view.group.keys}
    if not acting:
        return {}
    before = _counts(ws, acting, [r for v in acting for r in v.records], (), group_of, wanted, after=False)
    persons = [person for view in acting for person in after_people[view.group.id]]
    found = {name for _, name in before}  # what was not there can't be settled
    after = _counts(ws, acting, [r for v in acting for r in projected(ws, v)], persons, group_of, found, after=True)
    result: dict[str, Settled] = {}
    for (group, name), count in before.items():
        if (less := count - after.get((group, name), 0)) > 0:
            result.setdefault(group, {})[name] = less
    return result


def _counts(
    ws: Workspace,
    views: Sequence[GroupView],
    records: Sequence[Record],
    people: Sequence[Person],
    group_of: Mapping[int, str],
    wanted: set[str] | None,
    *,
    after: bool,
) -> dict[tuple[str, str], int]:
    token = ROWS_KEPT.set(_ALL)
    try:
        context = _context(ws, views, records, people, after=after)
        counts: dict[tuple[str, str], int] = {}
        for one in CHECKS.values():
            if one.scope != "records" or one.id in _NOT_BY_GROUP or (wanted is not None and one.id not in wanted):
                continue
            found, _ = one.run(context)
            for keys, _ in found.rows:
                if keys and (group := group_of.get(keys[0])) is not None:
                    counts[group, one.id] = counts.get((group, one.id), 0) + 1
    finally:
        ROWS_KEPT.reset(token)
    return counts


def _context(ws: Workspace, views: Sequence[GroupView], records: Sequence[Record], people: Sequence[Person], *, after: bool) -> Context:
    types = {name: _type_data(ws, name, records) for name in {v.context.record_type.name for v in views}}
    # Once decided, a group is one no longer: its persons are. A person's remaining records are what can still disagree.
    rows = [(v.group.id, key, "decided" if after else v.group.klass, v.group.score, v.group.state) for v in views for key in v.group.keys]
    return Context(
        project=ws.project,
        profile=feeding.profile(ws),
        types=types,
        groups=feeding.group_frame(rows),
        ledger=_stored(ws, views, "after" if after else "now"),
        people=people,
        links={name: _links(data, records) for name, data in types.items()},
        suppressed=suppressed(ws),
    )


def _type_data(ws: Workspace, name: str, records: Sequence[Record]) -> TypeData:
    record_type = ws.project.record_types[name]
    tables = []
    for table in ws.records.tables(record_type):
        mine = [r for r in records if (r.ref.system, r.ref.table) == (table.system, table.name)]
        tables.append(TableData.of_records(table, mine, 0 if table.system == ws.project.first else 1))
    return TypeData(record_type, tables)


def _links(data: TypeData, records: Sequence[Record]) -> list[LinkFact]:
    """Links among these records; one to a record outside the group is not judged here."""
    keys = {record.ref: record.key for record in records}
    return [LinkFact(r.key, keys[link], link.id, "live") for r in records for link in r.links if link in keys]


def _stored(ws: Workspace, views: Sequence[GroupView], side: str) -> Ledger:
    """What the ledger of a side holds of these groups."""
    cells = []
    for view in views:
        for group in ws.forecasts.groups(side, review_group=view.group.id):
            cells += [Cell(group.id, view.group.id, c.record_key, c.field, c.certainty, "", "", c.overwritten_by) for c in group.cells]
    return _ledger(ws, cells)


def _ledger(ws: Workspace, cells: Sequence[Cell]) -> Ledger:
    first = {table.no for table in ws.records.tables() if table.system == ws.project.first}
    mine = sum((cell.key >> 40) in first for cell in cells)
    return Ledger((mine, len(cells) - mine), tuple(cells), 0, ())
