"""Plan: the dry run. Decided groups become ordered writes in one file; nothing is sent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.errors import UsageError
from reconcile_tui.steps.blocking import Blocking
from reconcile_tui.steps.collecting import collect, collect_seen, without_cycles
from reconcile_tui.steps.deciding.reading import GroupView, context
from reconcile_tui.steps.progress import Listener, Stage, Stop, never, silent
from reconcile_tui.steps.projecting import projected, projected_after
from reconcile_tui.stewardship import plan_file
from reconcile_tui.stewardship.context import Context
from reconcile_tui.stewardship.document import Plan
from reconcile_tui.stewardship.plan import Planner
from reconcile_tui.stewardship.setting_up import SettingUp

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

__all__ = ["make", "projected", "projected_after", "read", "write"]


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


def of_groups(ws: Workspace, seen: Sequence[GroupView]) -> Plan:
    """The part of the plan that follows from some decided groups: milliseconds, for what changes on the screens after each decision."""
    from reconcile_tui.workspace.addresses import holding

    contexts = {view.context.record_type.name: view.context for view in seen}
    planner = Planner(list(contexts.values()))
    groups = [view.group.id for view in seen]
    collect_seen(planner, groups, seen, ws.decisions.basis(groups), Blocking.of(ws))
    emails = _emails(contexts)
    return planner.finish(lambda slot, values: holding(ws, slot, values, address=slot in emails))


def _finish(ws: Workspace, planner: Planner, contexts: Mapping[str, Context]) -> Plan:
    from reconcile_tui.workspace.readings import holders

    emails = _emails(contexts)
    return planner.finish(lambda slot, values: holders(ws, slot, values, further=slot in emails))


def _emails(contexts: Mapping[str, Context]) -> set[tuple[str, str, str]]:
    """Columns that hold an e-mail address."""
    return {
        (system, table, column)
        for c in contexts.values()
        for system, table in c.places()
        for f in c.record_type.fields_of_kind("email")
        if (column := f.column(system, table))
    }


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
