"""Records as decisions or a plan would leave them, eligibility asked anew of the project's own predicates. Nothing is sent."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from reconcile_tui.model import Record, Ref
from reconcile_tui.stewardship.document import Plan
from reconcile_tui.stewardship.grouping import writes_of
from reconcile_tui.stewardship.projection import projected as project_records
from reconcile_tui.stewardship.resolve import writes_nothing

if TYPE_CHECKING:
    from reconcile_tui.steps.deciding.reading import GroupView
    from reconcile_tui.workspace import Workspace

CHUNK = 5000  # records read at once


def projected(ws: Workspace, seen: GroupView) -> list[Record]:
    """A group's records as accepting it (as decided, or as shown) would leave them, eligibility asked anew.

    A group that is undecided, blocked or left alone stays as it is.
    """
    resolved = seen.resolve()
    if writes_nothing(resolved) or resolved.blocked:
        return list(seen.records)
    writes = writes_of(seen.context, resolved, seen.records)
    return eligible_after(ws, project_records(ws.project, seen.records, writes, resolved.excluded), resolved.excluded)


def projected_after(ws: Workspace, plan: Plan, known: Mapping[Ref, Record] | None = None) -> dict[Ref, Record | None]:
    """Every record a plan touches as it would be afterwards; None: merged away. Excluded records are in it, too.

    `known`: records that were read already.
    """
    excluded = dict(plan.excluded)
    refs = list(dict.fromkeys([*plan.touched, *excluded]))
    found: dict[Ref, Record | None] = dict.fromkeys(refs)
    records = [known[ref] for ref in refs if known and ref in known]
    keys = [key for ref in refs if not (known and ref in known) and (key := ws.records.key_of(ref)) is not None]
    for start in range(0, len(keys), CHUNK):
        records += ws.records.load(keys[start : start + CHUNK])
    for record in eligible_after(ws, project_records(ws.project, records, plan.writes, excluded), excluded):
        found[record.ref] = record
    return found


def eligible_after(ws: Workspace, records: Sequence[Record], left_out: Container[Ref]) -> list[Record]:
    """The records with eligibility as their projected columns give it; what is excluded is not picked up from its system."""
    from reconcile_tui.workspace.eligibility import would_pass_or_active

    by_table: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        by_table.setdefault((record.ref.system, record.ref.table), []).append(record)
    passing: dict[Ref, bool] = {}
    for (system, table), part in by_table.items():
        predicate = ws.project.record_type_of(system, table).eligible.get(system, {}).get(table, "")
        names = dict.fromkeys([*ws.records.table(system, table).columns, *(name for r in part for name in r.native)])
        rows = [{name: r.native.get(name) for name in names} for r in part]
        answers = would_pass_or_active(f"rec_{system}_{table}", predicate, rows)
        passing |= {r.ref: ok and r.active and r.ref not in left_out for r, ok in zip(part, answers, strict=True)}
    return [replace(record, eligible=passing[record.ref]) for record in records]
