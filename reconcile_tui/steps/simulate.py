"""Simulate: feed the forecast from the workspace, keep its ledger, and bring what it finds before a person.

`now` is the snapshot as pulled (launch today), `after` the snapshot with the plan of the decisions so far applied (launch after cleaning).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reconcile_tui.project import Project, SyncSettings
from reconcile_tui.steps.forecasting.results import AtStake, Compared, Forecast
from reconcile_tui.steps.progress import Listener, Stop, never, silent

if TYPE_CHECKING:
    from reconcile_tui.forecast.profiles import Profile
    from reconcile_tui.forecast.verdict import Totals
    from reconcile_tui.steps.forecasting.records import Projected
    from reconcile_tui.steps.forecasting.what_if import WhatIf
    from reconcile_tui.workspace import Workspace

__all__ = ["AtStake", "Compared", "Forecast", "after_decision", "catch_up", "difference", "profile_of", "simulate", "walk", "what_if"]


TOGETHER = 200
"""Decided groups that are forecast at once."""
MANY = 2_000
"""Decided groups from which forecasting everything again is quicker."""


def profile_of(project: Project, name: str | None) -> Profile:
    """The project's sync profile, or a preset by name. Raises ProjectError."""
    from reconcile_tui.forecast.profiles import resolve

    return resolve(project.sync if name is None else SyncSettings(profile=name), tuple(project.systems))


def simulate(
    workspace: Workspace,
    *,
    profile: str | None = None,
    after_plan: bool = False,
    group: str | None = None,
    progress: Listener = silent,
    stop: Stop = never,
) -> Forecast:
    """Forecast a whole side, or the collision groups of one review group. Raises ProjectError, WorkspaceError, UsageError, Interrupted.

    A whole forecast under the project's own profile is kept (unless `keep` is false): the ledger, the cells at risk of each group in the
    queue, and a group to review for each collision in which matching saw nobody alike.
    """
    chosen = profile_of(workspace.project, profile)
    if group is not None:
        from reconcile_tui.steps.forecasting.group import of_group

        return of_group(workspace, chosen, group, after_plan=after_plan)
    from reconcile_tui.steps.forecasting.whole import Side

    side = Side(workspace, chosen, _projected(workspace, after_plan=after_plan, progress=progress, stop=stop), after_plan=after_plan)
    for record_type in workspace.project.record_types.values():
        side.run(record_type, progress, stop)
    if chosen == profile_of(workspace.project, None):
        side.keep(progress, stop)
    return side.forecast()


def difference(
    workspace: Workspace,
    first: str | None,
    second: str,
    *,
    after_plan: bool = False,
    progress: Listener = silent,
    stop: Stop = never,
) -> Compared:
    """Two profiles on the same data; nothing is kept. Raises ProjectError, Interrupted."""
    from reconcile_tui.forecast.ledger import difference as compared
    from reconcile_tui.steps.forecasting.records import rules_of
    from reconcile_tui.steps.forecasting.whole import Side

    projected = _projected(workspace, after_plan=after_plan, progress=progress, stop=stop)
    one, two = (Side(workspace, profile_of(workspace.project, name), projected, after_plan=after_plan) for name in (first, second))
    gone: set[tuple[int, str]] = set()
    new: set[tuple[int, str]] = set()
    for record_type in workspace.project.record_types.values():
        columns = one.run(record_type, progress, stop)
        two.run_on(record_type, rules_of(workspace.project, record_type)[0], columns, progress, stop)
        change = compared(one.ledgers[record_type.name], two.ledgers[record_type.name])
        gone |= set(change.gone)
        new |= set(change.new)
    refs = workspace.records.refs({key for key, _ in gone | new})
    return Compared(one.forecast(), two.forecast(), frozenset(gone), frozenset(new), refs)


def _projected(workspace: Workspace, *, after_plan: bool, progress: Listener, stop: Stop) -> Projected:
    """The records as the plan of the decisions in force would leave them."""
    from reconcile_tui.steps import plan

    return plan.projected_after(workspace, plan.make(workspace, progress, stop=stop)) if after_plan else {}


def what_if(
    workspace: Workspace,
    predicates: Mapping[tuple[str, str], str],
    *,
    profile: str | None = None,
    progress: Listener = silent,
    stop: Stop = never,
) -> WhatIf:
    """Try other eligibility predicates, given for (system, table): the sync simulated with both filters. Nothing is stored or written.

    Raises UsageError, ProjectError (naming a predicate that has an error, reads elsewhere or tries to write), Interrupted.
    """
    from reconcile_tui.steps.forecasting import what_if as trying

    return trying.what_if(workspace, predicates, profile_of(workspace.project, profile), progress=progress, stop=stop)


def walk(workspace: Workspace, record_type: str, keys: Sequence[int], number: int, *, after_plan: bool = False) -> dict[str, Any] | None:
    """The steps to the loss of one value at stake among some records, with every cell after each step (see `forecasting.walks`)."""
    from reconcile_tui.steps.forecasting.walks import walk_of

    return walk_of(workspace, profile_of(workspace.project, None), record_type, keys, number, after_plan=after_plan)


def after_decision(workspace: Workspace, group: str, *more: str) -> Totals:
    """Bring the ledger of the launch after cleaning up to date with what was decided on some groups. Returns its totals.

    Some milliseconds a group; the same totals as forecasting that side anew.
    """
    from reconcile_tui.steps.forecasting import group as one

    return one.after_decision(workspace, profile_of(workspace.project, None), (group, *more))


def catch_up(workspace: Workspace, progress: Listener = silent) -> Totals | None:
    """Bring the ledger of the launch after cleaning up to date with everything decided, undone or redone since. Returns its totals;
    None before the first forecast of today. A whole class decided at once is forecast as a whole."""
    kept = workspace.forecasts.totals("after")
    base = kept or workspace.forecasts.totals("now")
    if base is None:
        return None
    profile = profile_of(workspace.project, None)
    newest = workspace.decisions.newest()
    groups = workspace.decisions.groups_since(kept.get("seen", 0) if kept else 0)
    if len(groups) > MANY:
        return simulate(workspace, after_plan=True, progress=progress).totals
    from reconcile_tui.steps.forecasting import group as one
    from reconcile_tui.workspace import addresses

    if groups:
        addresses.prepare(workspace)
    for start in range(0, len(groups), TOGETHER):
        one.after_decision(workspace, profile, groups[start : start + TOGETHER])
    if groups or kept is None:
        workspace.forecasts.saw(newest, {name: value for name, value in base.items() if name not in ("at", "profile")}, profile.name)
    return one.live_totals(workspace)
