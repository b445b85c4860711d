"""All checks on many records, and the re-check after one decision.

    python -m benchmarks.readiness [--records 1000000] [--keep FOLDER] [-o FILE.json]

Peak memory is that of the checking process alone: records are made by another one.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import tempfile
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


def _make(folder: str, records: int) -> None:
    with build(Path(folder), records) as ws:
        _decided(ws)


def _decided(ws: Any) -> None:
    """Groups of the shared addresses, a forecast that found nothing, and one decision: what the re-check needs."""
    from reconcile_tui.steps import decide
    from reconcile_tui.workspace.matches import NewGroup

    sql = "SELECT emailaddress1, group_concat(_row) FROM rec_dynamics_contact WHERE emailaddress1 LIKE 'shared%' GROUP BY 1 HAVING count(*) > 1"
    no = ws.records.table("dynamics", "contact").no
    groups = [
        NewGroup(
            f"g{n}", "contacts", "differs", 0.9, tuple(sorted((no << 40) | int(r) for r in rows.split(",")))[:6], "D+D", email, (), 0.1, ""
        )
        for n, (email, rows) in enumerate(ws.db.execute(sql).fetchall())
    ]
    ws.matches.replace("contacts", [], groups, model={}, report={}, at="2026-11-20T02:00:00Z")
    totals = {"groups": 0, "confluent_groups": 0, "cells_certain": 0, "cells_order_dependent": 0, "records_at_risk": 0}
    ws.forecasts.replace("now", [], totals, profile="good-faith-upsert")
    for group in groups[:20]:
        decide.decide(ws, group.id, "merge")


def _measure(folder: str, out: Any) -> None:
    from reconcile_tui.readiness.registry import CHECKS
    from reconcile_tui.steps import check
    from reconcile_tui.steps.progress import Progress
    from reconcile_tui.workspace import Workspace

    stages: list[tuple[str, float]] = []
    with Workspace.open(Path(folder)) as ws:
        start = time.perf_counter()
        last = [start]

        def heard(progress: Progress) -> None:
            moment = time.perf_counter()
            stages.append((progress.note, moment - last[0]))
            last[0] = moment

        result = check.check(ws, progress=heard)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        again = []
        for group in ws.decisions.decided_groups() * 3:
            begun = time.perf_counter()
            check.recheck(ws, group)
            again.append((time.perf_counter() - begun) * 1000)
    slowest = sorted(stages, key=lambda s: -s[1])[:12]
    out.put(
        {
            "checks": len(CHECKS), "seconds": round(seconds, 2), "peak_mb": round(peak), "findings": {f.check: f.count for f in result.findings},
            "slowest": [{"stage": note, "seconds": round(s, 2)} for note, s in slowest],
            "recheck_ms": {"p50": round(statistics.median(again), 1), "p95": round(sorted(again)[int(len(again) * 0.95)], 1), "runs": len(again)},
        }
    )  # fmt: skip


def main() -> int:
    """Make, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="records per system")
    parser.add_argument("--keep", help="a folder for the records, made when it is empty and used again")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        if not (Path(folder) / "workspace.db").exists():
            maker = context.Process(target=_make, args=(folder, options.records))
            maker.start()
            maker.join()
        queue = context.Queue()
        worker = context.Process(target=_measure, args=(folder, queue))
        worker.start()
        measured = queue.get()
        worker.join()
    document = {"what": "readiness checks", "records_per_system": options.records, **measured, "machine": machine()}
    text = json.dumps(document, indent=1)
    if options.output:
        options.output.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0 if document["seconds"] <= 60 and document["peak_mb"] <= 1024 and document["recheck_ms"]["p95"] <= 100 else 1


if __name__ == "__main__":
    sys.exit(main())
