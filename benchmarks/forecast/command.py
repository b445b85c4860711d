"""The whole command on a real workspace: `reconcile-tui simulate`, from SQLite to what it keeps there, in a process of its own."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.forecast.workspace import build, matched


def command(folder: Path, records: int, groups: int) -> dict[str, Any]:
    """Make the workspace if it is not there yet, then forecast today, with the time of each stage; and again after a hundred decisions."""
    if not (folder / "workspace.db").exists():
        build(folder, records, groups)
        matched(folder)
    return {
        "load": round(os.getloadavg()[0], 1),
        "database_mb": (folder / "workspace.db").stat().st_size >> 20,
        "simulate": _run(folder, "simulate", "--limit", "1"),
        "simulate, nothing kept": _run(folder, "simulate", "--profile", "table-priority", "--limit", "1"),
        "simulate --diff guarded": _run(folder, "simulate", "--diff", "guarded"),
        "decisions": _decisions(folder),
    }


def _run(folder: Path, *arguments: str) -> dict[str, Any]:
    """Wall clock, processor time and peak memory of one command, and how long its stages took by what it says of them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start, stages, last = time.perf_counter(), {}, 0.0
    code = "import resource, sys\nfrom reconcile_tui.cli import main\ntry:\n    main()\nfinally:\n    print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)"
    with subprocess.Popen(
        [sys.executable, "-c", code, "-C", str(folder), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stderr
        told = []
        for line in run.stderr:
            told.append(line)
            if (stage := re.match(r"([a-z ]+): ([\d,]+) of", line)) and stage[1]:
                stages[stage[1]] = round(time.perf_counter() - start - last, 2) + stages.get(stage[1], 0)
                last = time.perf_counter() - start
        out = run.stdout.read() if run.stdout else ""
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = next((int(line.split()[1]) for line in told if line.startswith("peak ")), 0)
    return {
        "seconds": round(time.perf_counter() - start, 1), "cpu_seconds": round(cpu, 1), "peak_mb": peak, "until_stage_told": stages,
        "headline": out.splitlines()[0] if out else "".join(told)[-500:], "exit": run.returncode,
    }  # fmt: skip


def _decisions(folder: Path) -> dict[str, Any]:
    """What bringing the ledger up to date costs after each of a hundred decisions on the groups with most at stake."""
    import statistics

    from reconcile_tui.errors import ReconcileError
    from reconcile_tui.steps import decide, simulate
    from reconcile_tui.workspace import Workspace, addresses
    from reconcile_tui.workspace.matches import Filter

    cpu, wall = [], []
    with Workspace.open(folder) as ws:
        start = time.perf_counter()
        addresses.prepare(ws)
        prepared = time.perf_counter() - start
        simulate.catch_up(ws)
        for number, row in enumerate(ws.matches.page(Filter(state="open"), "value", limit=101)):
            try:
                decide.decide(ws, row.id, "link" if number % 2 else "merge")
            except ReconcileError:
                continue
            start, busy = time.perf_counter(), time.process_time()
            simulate.catch_up(ws)
            if number:  # the first one loads what is loaded once
                wall.append((time.perf_counter() - start) * 1000)
                cpu.append((time.process_time() - busy) * 1000)
        for _ in wall:
            decide.undo(ws)
        simulate.catch_up(ws)
    return {
        "decided": len(wall), "indexes_made_seconds": round(prepared, 1),
        "cpu_ms": {"p50": round(statistics.median(cpu), 1), "p95": round(statistics.quantiles(cpu, n=20)[-1], 1)},
        "wall_ms": {"p50": round(statistics.median(wall), 1), "p95": round(statistics.quantiles(wall, n=20)[-1], 1)},
    }  # fmt: skip
