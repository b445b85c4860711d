"""The forecast of many records under each preset, of one large group, and of one group after a decision.

    python -m benchmarks.forecast [--records 1000000] [--groups 100000] [--keep FOLDER] [-o FILE.json]

Each preset runs in a process of its own, so that its peak memory is its own; records are encoded there first, and timed apart. Then the
whole command on a workspace of as many records: reading, encoding, forecasting, keeping; and one group again after each decision.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.forecast.command import command
from benchmarks.forecast.whole import SEED, whole


def machine() -> dict[str, Any]:
    """Where this was measured."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def group(size: int, repeat: int) -> dict[str, Any]:
    """One group of `size` records with twenty fields, simulated again and again, and one witness."""
    import random

    from reconcile_tui.forecast.profiles import PRESETS
    from reconcile_tui.forecast.simulate import simulate_group
    from reconcile_tui.forecast.values import FieldRule, SimRecord
    from reconcile_tui.model import Ref

    rng = random.Random(SEED)
    rules = [FieldRule(f"field_{n}", direction=("both", "both", "forward", "backward")[n % 4]) for n in range(20)]
    refs = [Ref("dynamics", "contact", f"C-{n}") for n in range(size - 1)] + [Ref("hubspot", "contacts", "501")]
    people = [
        SimRecord(ref, int(ref.system == "hubspot"), {r.name: f"value {rng.randrange(size)}" for r in rules}, emails=("a@x.test",))
        for ref in refs
    ]
    simulate_group(people, rules, PRESETS["good-faith-upsert"])  # loads what is loaded once
    times, told, cpu = [], [], time.process_time()
    for _ in range(repeat):
        start = time.perf_counter()
        forecast = simulate_group(people, rules, PRESETS["good-faith-upsert"])
        times.append((time.perf_counter() - start) * 1000)
    cpu = (time.process_time() - cpu) * 1000 / repeat
    for cell in forecast.cells[:repeat]:
        start = time.perf_counter()
        forecast.witness(cell)
        told.append((time.perf_counter() - start) * 1000)
    return {
        "records": size, "fields": 20, "cells_at_risk": len(forecast.cells), "mean_cpu_ms": round(cpu, 2), "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 2), "one_witness_median_ms": round(statistics.median(told), 2),
    }  # fmt: skip


def alone(*arguments: Any) -> dict[str, Any]:
    """Run `whole` in a fresh process."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    process = context.Process(target=whole, args=(*arguments, out))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"the measuring process failed ({process.exitcode})")
    return dict(out.get())


def main() -> None:
    from reconcile_tui.forecast.profiles import PRESETS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="per system")
    parser.add_argument("--groups", type=int, default=100_000, help="of them collision groups")
    parser.add_argument("--profile", choices=list(PRESETS), help="only this preset")
    parser.add_argument("--keep", type=Path, help="a folder for the workspace, made when it is empty and used again")
    parser.add_argument("--only", choices=["presets", "command"], help="one part only")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    names = [options.profile] if options.profile else list(PRESETS)
    presets, whole_command = options.only != "command", options.only != "presets"
    result = {
        "machine": machine(),
        "seed": SEED,
        "records_per_system": options.records,
        "collision_groups": options.groups,
        "fields": 20,
        "groups": [group(5, 100), group(50, 40)],
        "everything": [alone(options.records, options.groups, name) for name in names] if presets else [],
    }
    if whole_command:
        with tempfile.TemporaryDirectory() as temporary:
            result["command"] = command(options.keep or Path(temporary), options.records, options.groups)
    text = json.dumps(result, indent=2)
    if options.output:
        options.output.write_text(text + "\n")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
