"""The matching engine beside its peers, on generated contacts and on public data.

    python -m benchmarks.matching [--sizes 100000 1000000] [--peers FOLDER] [--no-peers] [-o FILE.json] [--docs docs/benchmarks.md]

Peers are installed into an environment of their own (Splink 5 on DuckDB, recordlinkage; mismo for its data). Every measurement runs in
its own process, one after another. Contacts are generated with a seed that was never used for tuning.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.matching.datasets import write
from benchmarks.matching.generator import REPORTING_SEED
from benchmarks.matching.measure import HOSTILE, RULES
from benchmarks.matching.pages import into_docs
from benchmarks.matching.surface import surface

HERE = Path(__file__).parent
PEERS = ["splink>=5,<6", "recordlinkage>=0.16", "mismo>=0.4", "pyarrow"]
BLIND = "blind@100000"
PUBLIC = ["febrl4", "febrl3", "febrl4-full", "febrl3-full", "rldata10000"]


def own(*arguments: str) -> dict[str, Any]:
    """A measurement of the engine."""
    return _json([sys.executable, "-m", "benchmarks.matching.measure", *arguments])


def _json(command: list[str]) -> dict[str, Any]:
    print("  ", " ".join(Path(part).name for part in command[1:]), file=sys.stderr, flush=True)
    load = os.getloadavg()[0]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {**json.loads(done.stdout.strip().splitlines()[-1]), "load_before": round(load, 1)}


def peers_in(folder: Path) -> Path:
    """The peers' environment, made if it is not there."""
    if not (folder / "bin" / "python").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "-q", *PEERS], check=True)
    return folder


def packages(peers: Path) -> Path:
    """Where the peers' packages lie; the public data sets are in them."""
    return next((peers / "lib").glob("python*/site-packages"))


def often(measure: Callable[[], dict[str, Any]], data: str) -> dict[str, Any]:
    """The run of median time of three where one takes a second or so; one run of a million."""
    runs = [measure() for _ in range(1 if data.endswith("@1000000") else 3)]
    return sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2]


def splink(peers: Path, file: Path, which: str, folder: Path) -> dict[str, Any]:
    """Splink on cleaned columns, up to its groups."""
    cleaned, out = folder / f"clean-{file.stem}.parquet", folder / f"splink-{which}-{file.stem}.parquet"
    if not cleaned.exists():
        own("clean", str(file), str(cleaned))
    rules = json.dumps(RULES[:-2] if "1000000" in file.stem else RULES)
    command = [str(peers / "bin" / "python"), str(HERE / "peer_splink.py"), str(cleaned), str(out), which, rules]
    measured = often(lambda: _json(command), file.stem)
    return {**measured, **own("pairs", str(file), str(out))}


def main() -> int:
    """Measure, print JSON, and write the tables into the page of benchmarks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--peers", type=Path, default=Path(tempfile.gettempdir()) / "reconcile-tui-peers")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("-o", type=Path)
    parser.add_argument("--docs", type=Path, default=HERE.parents[1] / "docs" / "benchmarks.md")
    options = parser.parse_args()
    peers = peers_in(options.peers)
    report: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%d"),
        "seed": REPORTING_SEED,
        "machine": _machine(),
        "engine": {},
        "peers": {},
        "edit": {},
        "surface": {},
        "hostile": {name: own("hostile", name) for name in HOSTILE},
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for data in [*(f"crm@{size}" for size in options.sizes), BLIND, *PUBLIC]:
            file = write(data, folder, packages(peers))
            report["engine"][data] = often(partial(own, "engine", data, str(file)), data)
            report["surface"][data] = surface(data, file, folder / "workspace" / data)
            if data.startswith("crm@"):
                report["edit"][data] = own("edit", data, str(file))
            if not options.no_peers:
                report["peers"][data] = _peers(peers, data, file, folder)
    text = json.dumps(report, indent=2)
    print(text)
    if options.o:
        options.o.write_text(text + "\n", encoding="utf-8")
    if not options.no_peers and options.docs.exists():
        into_docs(options.docs, report)
    return 0


def _peers(peers: Path, data: str, file: Path, folder: Path) -> dict[str, Any]:
    if "@" in data:
        return {f"Splink 5, {which}": splink(peers, file, which, folder) for which in ("textbook", "lean")}
    if data in ("febrl3", "febrl4"):
        out = folder / f"recordlinkage-{data}.parquet"
        measured = _json([str(peers / "bin" / "python"), str(HERE / "peer_recordlinkage.py"), str(file), str(out)])
        return {"recordlinkage ECM": {**measured, **own("pairs", str(file), str(out))}}
    return {}


def _machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return {"cpu": model, "cores": os.cpu_count(), "python": platform.python_version(), "load": round(os.getloadavg()[0], 1)}


if __name__ == "__main__":
    sys.exit(main())
