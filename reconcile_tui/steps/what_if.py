"""What if another rule said who may leave a system: who enters and leaves, and what the sync would then overwrite.

Nothing is written: the simulator runs on the same records under the changed project.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from reconcile_tui.project import FILE_NAME, Project
from reconcile_tui.steps.progress import Listener, Stop, never, silent
from reconcile_tui.steps.project_edits import changed, eligibility

if TYPE_CHECKING:
    from reconcile_tui.model import Ref
    from reconcile_tui.readiness.eligibility_what_if import Comparison
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A forecast's totals."""

    certain: int
    order_dependent: int
    records: int
    unsettled: int  # groups with more than one possible end

    @property
    def cells(self) -> int:
        """All values that would be overwritten."""
        return self.certain + self.order_dependent


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What another predicate for leaving a system would change. The lists name the first records; the counts are exact."""

    system: str
    table: str
    predicate: str
    eligible_now: int
    eligible_then: int
    enters: int
    leaves: int
    leaks: int  # leave the filter but keep syncing, because filters count for the first sync only
    creates: int  # enter and have no counterpart yet
    collides: int  # enter and share their address with another record that takes part
    entering: tuple[Ref, ...] = ()
    leaving: tuple[Ref, ...] = ()
    colliding: tuple[Ref, ...] = ()
    now: AtRisk | None = None
    then: AtRisk | None = None

    def as_json(self) -> dict[str, Any]:
        """For `what-if --json`."""
        told = {name: getattr(self, name) for name in ("system", "table", "predicate", "eligible_now", "eligible_then", *COUNTED)}
        told |= {name: [ref.as_json() for ref in getattr(self, name)] for name in ("entering", "leaving", "colliding")}
        return told | {name: asdict(risk) if (risk := getattr(self, name)) else None for name in ("now", "then")}

    def sentences(self) -> list[str]:
        """For a person."""
        told = [
            f"{self.eligible_then:,} of its records could leave {self.system} instead of {self.eligible_now:,}:"
            f" {self.enters:,} would enter, {self.leaves:,} would leave."
        ]
        if self.creates:
            told.append(f"{self.creates:,} of those that enter have no counterpart yet: the sync would create one.")
        if self.collides:
            told.append(f"{self.collides:,} of those that enter share their address with another record that takes part.")
        if self.leaks:
            told.append(f"{self.leaks:,} of those that leave have synced once and would keep syncing: the filter counts at first only.")
        if self.now is not None and self.then is not None:
            told.append(
                f"Launched today, the sync would overwrite {self.then.cells:,} values ({self.then.certain:,} in every order of events) in"
                f" {self.then.records:,} records instead of {self.now.cells:,} ({self.now.certain:,}) in {self.now.records:,};"
                f" {self.then.unsettled:,} groups would have more than one possible end instead of {self.now.unsettled:,}."
            )
        return told


COUNTED = ("enters", "leaves", "leaks", "creates", "collides")


def what_if(
    ws: Workspace,
    system: str,
    table: str,
    predicate: str,
    *,
    forecast: bool = True,
    progress: Listener = silent,
    stop: Stop = never,
) -> WhatIf:
    """Ask the data, and the simulator, what a predicate would do. Raises UsageError, ProjectError naming what is wrong with it."""
    record_type = ws.project.record_type_of(system, table)
    _, project = changed(ws.folder / FILE_NAME, eligibility(ws, record_type.name, system, predicate, table))
    found = _compared(ws, record_type.name, system, table, ws.records.eligible_keys(system, table, predicate))
    named = ws.records.refs(found.entering + found.leaving + found.colliding)
    refs: dict[str, Any] = {name: tuple(named[key] for key in getattr(found, name)) for name in ("entering", "leaving", "colliding")}
    counts: dict[str, Any] = {name: getattr(found, name) for name in ("eligible_now", "eligible_then", *COUNTED)}
    told = WhatIf(system, table, predicate, **counts, **refs)
    if not forecast:
        return told
    return replace(told, now=_risk(ws, ws.project, progress, stop), then=_risk(ws, project, progress, stop))


def _compared(ws: Workspace, record_type: str, system: str, table: str, then: Sequence[int]) -> Comparison:
    from reconcile_tui.readiness.eligibility_what_if import compare
    from reconcile_tui.steps.checking import feeding

    context = feeding.context(ws, only=record_type, with_plan=False)
    return compare(context, record_type, system, table, then)


def _risk(ws: Workspace, project: Project, progress: Listener, stop: Stop) -> AtRisk:
    from reconcile_tui.steps.simulate import simulate
    from reconcile_tui.workspace import Workspace as Opened

    with Opened(ws.folder, project, "read") as beside:
        totals = simulate(beside, keep=False, progress=progress, stop=stop).totals
    return AtRisk(totals.cells_certain, totals.cells_order_dependent, totals.records_at_risk, totals.groups - totals.confluent_groups)
