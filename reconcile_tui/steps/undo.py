"""Undo: take back what a run wrote, as far as the systems allow, with the same compare-first rule as apply."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from reconcile_tui.errors import UsageError
from reconcile_tui.steps.apply import begin, check, plan_of
from reconcile_tui.steps.progress import Listener, Stop, never, silent
from reconcile_tui.steps.running import carry_out
from reconcile_tui.stewardship import taking_back
from reconcile_tui.stewardship.outcomes import Item, RunReport, items_of
from reconcile_tui.stewardship.sending import SETTLE
from reconcile_tui.stewardship.taking_back import Preview

if TYPE_CHECKING:
    from reconcile_tui.systems.protocol import System
    from reconcile_tui.workspace import Workspace


def preview(ws: Workspace, run: int) -> Preview:
    """What taking a run back would write, and what can't be taken back. Nothing is sent. Raises UsageError."""
    number, plan = plan_of(ws, run)
    items, _ = items_of(ws.runs.journal(number))
    return taking_back.preview(plan, number, items, ws.runs.priors(number))


async def undo(
    ws: Workspace,
    run: int,
    systems: Mapping[str, System],
    *,
    confirm: int,
    resume: bool = False,
    progress: Listener = silent,
    stop: Stop = never,
    on_item: Callable[[Item], None] = lambda item: None,
    settle: Sequence[float] = SETTLE,
) -> RunReport:
    """Take a run back. `confirm` must be the preview's number of records. An undo that was interrupted is gone on with.

    Raises UsageError (nothing sent), PlanOutdated, SystemFailure.
    """
    told = preview(ws, run)
    check(ws, told.plan, systems)
    if confirm != told.records:
        raise UsageError(
            f"The undo touches {told.records} records, not {confirm}.", kept="Nothing was sent.", todo=f"Confirm with {told.records}."
        )
    last = ws.runs.last(plan=told.plan.digest, kind="undo")
    number = begin(ws, told.plan, resume=resume or (last is not None and last["finished_at"] is None), kind="undo", of_run=run)
    return await carry_out(ws, told.plan, systems, number, progress=progress, stop=stop, on_item=on_item, settle=settle)
