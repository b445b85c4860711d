"""Plan: the dry run. Decided groups become ordered writes in one file; nothing is sent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.errors import UsageError
from reconcile_tui.model import Record, Ref
from reconcile_tui.steps.collecting import collect, without_cycles
from reconcile_tui.steps.deciding.reading import GroupView, context
from reconcile_tui.steps.progress import Listener, Stage, Stop, never, silent
from reconcile_tui.stewardship import plan_file
from reconcile_tui.stewardship.context import Context
from reconcile_tui.stewardship.document import Plan
from reconcile_tui.stewardship.grouping import writes_of
from reconcile_tui.stewardship.plan import Planner
from reconcile_tui.stewardship.projection import projected as project_records
from reconcile_tui.stewardship.resolve import writes_nothing
from reconcile_tui.stewardship.setting_up import SettingUp

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

CHUNK = 5000  # records read at once


def make(ws: Workspace, progress: Listener | None = None, *, setting_up: Sequence[SettingUp] = (), stop: Stop = never) -> Plan:
    """The plan that follows from the decisions in force, with what else is to be set up (duplicate detection rules, link columns).

    Raises Interrupted, ProjectError.
    """
    contexts = {name: context(ws, record_type) for name, record_type in ws.project.record_types.items()}
    planner = Planner(list(contexts.values()), setting_up)
    groups = ws.decisions.decided_groups()
    stage = Stage("plan", progress or silent, stop, total=len(groups))
    with without_cycles():
        for done in collect(ws, planner, groups):
            stage.advance(done)
        return _finish(ws, planner, contexts)


def _finish(ws: Workspace, planner: Planner, contexts: Mapping[str, Context]) -> Plan:
    from reconcile_tui.workspace.readings import holders

    emails = {
        (system, table, column)
        for c in contexts.values()
        for system, table in c.places()
        for f in c.record_type.fields_of_kind("email")
        if (column := f.column(system, table))
    }
    return planner.finish(lambda slot, values: holders(ws, slot, values, further=slot in emails))


def write(plan: Plan, path: Path) -> Path:
    """Write the plan file (mode 0600: it holds personal data), whole or not at all. Returns the path."""
    handle, name = tempfile.mkstemp(dir=path.parent if str(path.parent) else ".", prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            plan_file.save(plan, file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def read(path: Path) -> Plan:
    """Read a plan file. Raises UsageError when there is none, PlanOutdated when it is not as it was made."""
    try:
        with path.open("rb") as file:
            return plan_file.load(file)
    except OSError as error:
        raise UsageError(f"The plan {path} can't be read: {error.strerror}.", todo="Make one with `reconcile-tui plan -o FILE`.") from error


def projected(ws: Workspace, seen: GroupView) -> list[Record]:
    """A group's records as accepting it (as decided, or as shown) would leave them, eligibility asked anew.

    A group that is undecided, blocked or left alone stays as it is.
    """
    resolved = seen.resolve()
    if writes_nothing(resolved) or resolved.blocked:
        return list(seen.records)
    writes = writes_of(seen.context, resolved, seen.records)
    return eligible_after(ws, project_records(ws.project, seen.records, writes, resolved.excluded), resolved.excluded)


def projected_after(ws: Workspace, plan: Plan) -> dict[Ref, Record | None]:
    """Every record a plan touches as it would be afterwards; None: merged away. Excluded records are in it, too."""
    excluded = dict(plan.excluded)
    refs = list(dict.fromkeys([*plan.touched, *excluded]))
    found: dict[Ref, Record | None] = dict.fromkeys(refs)
    keys = {key: ref for ref in refs if (key := ws.records.key_of(ref)) is not None}
    records = []
    for start in range(0, len(keys), CHUNK):
        records += ws.records.load(list(keys)[start : start + CHUNK])
    for record in eligible_after(ws, project_records(ws.project, records, plan.writes, excluded), excluded):
        found[record.ref] = record
    return found


def eligible_after(ws: Workspace, records: Sequence[Record], excluded: dict[Ref, str] | object) -> list[Record]:
    """The records with eligibility as their projected columns give it."""
    from dataclasses import replace

    from reconcile_tui.workspace.eligibility import would_pass

    left_out = excluded if isinstance(excluded, dict) else {}
    by_table: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        by_table.setdefault((record.ref.system, record.ref.table), []).append(record)
    passing: dict[Ref, bool] = {}
    for (system, table), part in by_table.items():
        predicate = ws.project.record_type_of(system, table).eligible.get(system, {}).get(table, "")
        names = dict.fromkeys([*ws.records.table(system, table).columns, *(name for r in part for name in r.native)])
        rows = [{name: r.native.get(name) for name in names} for r in part]
        answers = would_pass(f"rec_{system}_{table}", predicate, rows)
        passing |= {r.ref: ok and r.active and r.ref not in left_out for r, ok in zip(part, answers, strict=True)}
    return [replace(record, eligible=passing[record.ref]) for record in records]
