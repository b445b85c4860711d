"""Apply: exactly one plan, confirmed by the number of records it touches, resumable at any point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from reconcile_tui.errors import PlanOutdated, UsageError
from reconcile_tui.steps.progress import Listener, Stop, never, silent
from reconcile_tui.steps.running import carry_out
from reconcile_tui.stewardship.document import Plan
from reconcile_tui.stewardship.outcomes import Item, RunReport, items_of
from reconcile_tui.stewardship.render import Target
from reconcile_tui.stewardship.sending import SETTLE

if TYPE_CHECKING:
    from reconcile_tui.systems.protocol import System
    from reconcile_tui.workspace import Workspace


async def apply(
    ws: Workspace,
    plan: Plan,
    systems: Mapping[str, System],
    *,
    confirm: int,
    resume: bool = False,
    progress: Listener = silent,
    stop: Stop = never,
    on_item: Callable[[Item], None] = lambda item: None,
    settle: Sequence[float] = SETTLE,
) -> RunReport:
    """Write what the plan says, or less. `confirm` must be `plan.records`. `stop` ends the run after the writes under way.

    `settle`: seconds between readings after a lost answer. Raises UsageError (nothing sent), PlanOutdated, SystemFailure.
    """
    check(ws, plan, systems)
    if confirm != plan.records:
        raise UsageError(
            f"The plan touches {plan.records} records, not {confirm}.", kept="Nothing was sent.", todo=f"Confirm with {plan.records}."
        )
    if not resume:
        check_records(ws, plan)
    run = begin(ws, plan, resume=resume)
    return await carry_out(ws, plan, systems, run, progress=progress, stop=stop, on_item=on_item, settle=settle)


def check(ws: Workspace, plan: Plan, systems: Mapping[str, System]) -> None:
    """Refuse a plan made for other systems. Raises PlanOutdated, UsageError."""
    here = {name: Target.of(settings) for name, settings in ws.project.systems.items()}
    if dict(plan.targets) != here:
        raise PlanOutdated(
            "The plan was made for other systems than this project names.",
            kept="Nothing was sent.",
            todo="Make the plan anew in this workspace.",
        )
    unable = [name for name in plan.targets if name in systems and not systems[name].capabilities.can_write]
    if unable and plan.writes:
        raise UsageError(
            f"{', '.join(unable)} is a folder of exports: it can't be written to.",
            kept="Nothing was sent.",
            todo="Use the plan's import files instead.",
        )


def check_records(ws: Workspace, plan: Plan) -> None:
    """Refuse a plan made in another workspace: it writes to records this one has never seen. Raises PlanOutdated."""
    aliases, tables = ws.decisions.aliases(), set(ws.project.tables())
    strange = [r for r in plan.touched if (r.system, r.table) not in tables or (ws.records.key_of(r) is None and r not in aliases)]
    if strange:
        raise PlanOutdated(
            f"{len(strange):,} of the plan's {plan.records:,} records are not in this workspace, e.g. {strange[0]}.",
            kept="Nothing was sent.",
            todo="Apply it in the workspace it was made in, or make a plan here.",
        )


def begin(ws: Workspace, plan: Plan, *, resume: bool, kind: str = "apply", of_run: int | None = None) -> int:
    """The run to carry out: a new one, or the interrupted one of this plan. Raises UsageError."""
    last = ws.runs.last(plan=plan.digest, kind=kind)
    unfinished = last if last is not None and (last["finished_at"] is None or _open_items(ws, last["id"])) else None
    if resume:
        if unfinished is None:
            raise UsageError("No run of this plan was interrupted.", kept="Nothing was sent.", todo="Apply it without --resume.")
        return int(unfinished["id"])
    if last is not None and last["finished_at"] is None:
        raise UsageError(
            f"Run {last['id']} of this plan was interrupted.", kept="What it wrote is journalled.", todo="Go on with --resume."
        )
    if last is not None and unfinished is None and kind == "apply" and not ws.runs.undone(last["id"]):
        raise UsageError(
            f"This plan was applied already, by run {last['id']}.", kept="Nothing was sent.", todo="Make a new plan of what is left."
        )
    if not ws.runs.has_plan(plan.digest):
        ws.runs.keep_plan(plan.digest, plan.chunks())
    return ws.runs.start(plan.digest, kind=kind, of_run=of_run)


def _open_items(ws: Workspace, run: int) -> bool:
    items, open_ = items_of(ws.runs.journal(run))
    return bool(open_) or any(item.outcome in ("failed", "in_doubt", "not_done") for item in items.values())


def plan_of(ws: Workspace, run: int | None) -> tuple[int, Plan]:
    """A run (the newest apply when None) and its plan. Raises UsageError."""
    found = ws.runs.get(run) if run is not None else ws.runs.last(kind="apply")
    document = ws.runs.plan(found["plan"]) if found else None
    if found is None or document is None:
        raise UsageError(f"There is no run {run}." if run else "Nothing was applied yet.", todo="`reconcile-tui apply FILE` makes a run.")
    return int(found["id"]), Plan.from_json(document)
