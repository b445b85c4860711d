"""Runs applies in children that can be killed: reads jobs as JSON lines, forks, kills or waits, answers with one JSON line each.

Started once with everything imported, so that a crash costs a fork and not an interpreter.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from reconcile_tui.steps import apply, plan
from reconcile_tui.systems.auth import FixedToken
from reconcile_tui.systems.dynamics import Dynamics
from reconcile_tui.systems.dynamics.dialect import DynamicsDialect
from reconcile_tui.systems.http import Http
from reconcile_tui.systems.hubspot import HubSpot
from reconcile_tui.systems.hubspot.dialect import HubSpotDialect
from reconcile_tui.workspace import Workspace


def die() -> None:
    """What `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def rig(workspace: Workspace, step: int, *, after: bool) -> None:
    """Die just before, or just after, the commit of the `step`-th entry the run journals (prior states count too)."""
    seen = 0

    def wrapped(write: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == step and not after:
                die()
            result = write(*arguments, **named)
            if seen == step:
                die()
            return result

        return call

    runs = workspace.runs
    for name in ("start", "record_all", "record", "keep_priors", "finish"):
        setattr(runs, name, wrapped(getattr(runs, name)))


async def carry_out(workspace: Workspace, url: str, folder: Path) -> dict[str, Any]:
    """Apply the folder's plan, or go on with it."""
    made = plan.read(folder / "plan.json")
    systems = {
        "dynamics": Dynamics("dynamics", Http("dynamics", url, FixedToken("sandbox"), DynamicsDialect()), {}),
        "hubspot": HubSpot("hubspot", Http("hubspot", url, FixedToken("sandbox"), HubSpotDialect()), "2026-09", {}),
    }
    last = workspace.runs.last(plan=made.digest)
    try:
        report = await apply.apply(workspace, made, systems, confirm=made.records, resume=last is not None, settle=(0.0, 0.05, 0.2))
    finally:
        for system in systems.values():
            await system.close()
    return report.as_json()


def child(job: dict[str, Any]) -> None:
    """One apply in a process of its own; the report goes into a file beside the plan."""
    folder = Path(job["folder"])
    with Workspace.open(folder) as workspace:
        if "step" in job:
            rig(workspace, job["step"], after=job["after"])
        report = asyncio.run(carry_out(workspace, job["url"], folder))
    (folder / "report.json").write_text(json.dumps(report))


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Fork, kill at the moment asked for, wait."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            child(job)
            status = 0
        except BaseException as error:  # noqa: BLE001 - the parent is told, whatever it was
            (Path(job["folder"]) / "error.txt").write_text(f"{type(error).__name__}: {error}")
        finally:
            os._exit(status)
    if "seconds" in job:
        deadline = time.monotonic() + job["seconds"]
        while time.monotonic() < deadline:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return _told(status)
            time.sleep(0.0005)
        os.kill(pid, signal.SIGKILL)
    return _told(os.waitpid(pid, 0)[1])


def _told(status: int) -> dict[str, Any]:
    return {"killed": os.WIFSIGNALED(status), "exit": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None}


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
