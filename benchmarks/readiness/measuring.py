"""What is measured: the checks over everything, and the re-check after one decision. Each part runs in a process of its own."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.readiness.records import build


def machine() -> dict[str, Any]:
    """Where this was measured."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), ""
    )
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def make(folder: str, records: int) -> None:
    with build(Path(folder), records) as ws:
        _decided(ws)


def _decided(ws: Any) -> None:
    """Groups of the shared addresses, a forecast that found nothing, and one decision: what the re-check needs."""
    from reconcile_tui.steps import decide
    from reconcile_tui.workspace.matches import NewGroup

    shared = "rec_dynamics_contact WHERE emailaddress1 LIKE 'shared%'"
    sql = f"SELECT emailaddress1, group_concat(_row) FROM {shared} GROUP BY 1 HAVING count(*) > 1"
    no = ws.records.table("dynamics", "contact").no
    groups = [
        NewGroup(
            f"g{n}", "contacts", "differs", 0.9, tuple(sorted((no << 40) | int(r) for r in rows.split(",")))[:6], "D+D", email, (), 0.1, ""
        )
        for n, (email, rows) in enumerate(ws.db.execute(sql).fetchall())
    ]
    ws.match_runs.replace("contacts", [], groups, model={}, report={}, at="2026-11-20T02:00:00Z")
    totals = {"groups": 0, "confluent_groups": 0, "cells_certain": 0, "cells_order_dependent": 0, "records_at_risk": 0}
    ws.forecasts.replace("now", [], totals, profile="good-faith-upsert")
    for group in groups[:20]:
        decide.decide(ws, group.id, "merge")


def measure(folder: str, out: Any) -> None:
    from reconcile_tui.readiness.registry import CHECKS
    from reconcile_tui.steps import check
    from reconcile_tui.steps.progress import Progress
    from reconcile_tui.workspace import Workspace

    stages: list[tuple[str, float]] = []
    with Workspace.open(Path(folder)) as ws:
        start, worked = time.perf_counter(), time.process_time()
        last = [start]

        def heard(progress: Progress) -> None:
            moment = time.perf_counter()
            stages.append((progress.note, moment - last[0]))
            last[0] = moment

        result = check.check(ws, progress=heard)
        seconds, cpu = time.perf_counter() - start, time.process_time() - worked
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        again, again_cpu = [], []
        for group in ws.decisions.decided_groups() * 3:
            begun, worked = time.perf_counter(), time.process_time()
            check.recheck(ws, group)
            again.append((time.perf_counter() - begun) * 1000)
            again_cpu.append((time.process_time() - worked) * 1000)
    slowest = sorted(stages, key=lambda s: -s[1])[:12]
    out.put(
        {
            "checks": len(CHECKS), "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "peak_mb": round(peak),
            "findings": {f.check: f.count for f in result.findings},
            "slowest": [{"stage": note, "seconds": round(s, 2)} for note, s in slowest],
            "recheck_ms": _spread(again), "recheck_cpu_ms": _spread(again_cpu), "load": [round(load, 1) for load in os.getloadavg()],
        }
    )  # fmt: skip


def _spread(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {"p50": round(statistics.median(ordered), 1), "p95": round(ordered[int(len(ordered) * 0.95)], 1), "runs": len(ordered)}
