"""Verify: read back everything a run touched and compare it with the plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reconcile_tui.steps.apply import plan_of
from reconcile_tui.steps.progress import Listener, silent
from reconcile_tui.steps.running import verify_run
from reconcile_tui.stewardship.outcomes import VerifyReport, items_of

if TYPE_CHECKING:
    from reconcile_tui.systems.protocol import System
    from reconcile_tui.workspace import Workspace


async def verify(ws: Workspace, run: int | None, systems: Mapping[str, System], *, progress: Listener = silent) -> VerifyReport:
    """Compare what the systems hold with what the run's done writes left (default: the newest run). Raises UsageError, SystemFailure."""
    number, plan = plan_of(ws, run)
    items, _ = items_of(ws.runs.journal(number))
    return await verify_run(ws, plan, systems, number, items, progress=progress)
