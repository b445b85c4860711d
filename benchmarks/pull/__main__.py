"""CPU and memory of a pull, over recorded pages made from a seed.

    python -m benchmarks.pull [--records N] [--store] [-o FILE]

Measured is the local cost: request, checks, parsing, records; with `--store` also the workspace, both systems at once, as `pull` does it.
What the app spends to serve the pages is taken off. The clock makes every request look late, so no rate limit is waited for. Prints one
JSON document.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import sys
import tempfile
import time
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.pull.recorded import DYNAMICS_COLUMNS, HUBSPOT_COLUMNS, Recorded
from reconcile_tui.project import SystemSettings
from reconcile_tui.systems import open_system
from reconcile_tui.systems.protocol import System

TABLES = {"hubspot": ("contacts", HUBSPOT_COLUMNS), "dynamics": ("contact", DYNAMICS_COLUMNS)}


class Hurried:
    """A clock that is a minute further at each look: the vendors' limits are not what is measured."""

    def __init__(self) -> None:
        """Start at zero."""
        self.time = 0.0

    def now(self) -> float:
        """A minute later each time."""
        self.time += 60.0
        return self.time

    def utc(self) -> datetime:
        """The time of day."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Not at all."""
        del seconds


def opened(kind: str, app: Recorded) -> System:
    """The product's client over the recorded pages."""
    return open_system(kind, SystemSettings(kind=kind, url="sandbox:"), transport=app, clock=Hurried())


def client_only(kind: str, records: int) -> float:
    """Microseconds of CPU per record, from bytes to `PulledRecord`s."""
    app = Recorded(kind, records)

    async def story() -> int:
        table, columns = TABLES[kind]
        system, seen = opened(kind, app), 0
        async with aclosing(system.pull(table, columns)) as pages:  # type: ignore[type-var]
            async for page in pages:
                seen += len(page.records)
        await system.close()
        return seen

    started = time.process_time()
    seen = asyncio.run(story())
    spent = time.process_time() - started - app.spent
    expect(seen, app.records)
    return spent / seen * 1e6


def stored(records: int) -> dict[str, float]:
    """Both systems at once into a workspace: microseconds of CPU per record, records a second, megabytes of the file."""
    from reconcile_tui.steps.pull import pull
    from reconcile_tui.workspace import Workspace

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "reconcile.toml").write_text(project_file(), encoding="utf-8")
        apps = {kind: Recorded(kind, records) for kind in TABLES}
        with Workspace.open(folder) as workspace:

            async def story() -> int:
                systems = {kind: opened(kind, app) for kind, app in apps.items()}
                done = await pull(workspace, systems)
                for system in systems.values():
                    await system.close()
                return sum(part.records for part in done)

            cpu, wall = time.process_time(), time.perf_counter()
            seen = asyncio.run(story())
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    expect(seen, sum(app.records for app in apps.values()))
    cpu -= sum(app.spent for app in apps.values())
    return {"us_per_record": round(cpu / seen * 1e6, 2), "records_per_second": round(seen / wall), "file_mb": round(size, 1)}


def project_file() -> str:
    """A project that maps every column."""
    lines = ["[systems.dynamics]", 'url = "sandbox:"', "[systems.hubspot]", 'url = "sandbox:"']
    lines += ["[record_types.contacts]", 'dynamics = ["contact"]', 'hubspot = "contacts"']
    for kind, (_, columns) in TABLES.items():
        for column in columns:
            lines += ["[[record_types.contacts.fields]]", f'name = "{kind}_{column}"', f'{kind} = "{column}"', 'kind = "text"']
    return "\n".join(lines)


def expect(seen: int, wanted: int) -> None:
    """A figure over the wrong number of records is no figure."""
    if seen != wanted:
        raise SystemExit(f"{seen} records came of {wanted}")


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return {"cpu": model, "cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000, help="per system")
    parser.add_argument("--store", action="store_true")
    parser.add_argument("-o", type=Path, default=None)
    arguments = parser.parse_args()
    result: dict[str, Any] = {
        "benchmark": "pull",
        "records_per_system": arguments.records,
        "columns": {kind: len(columns) for kind, (_, columns) in TABLES.items()},
        "client_us_per_record": {kind: round(client_only(kind, arguments.records), 2) for kind in TABLES},
    }
    if arguments.store:
        result["with_store"] = stored(arguments.records)
    result |= {"peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1), "machine": machine()}
    text = json.dumps(result, indent=2)
    if arguments.o:
        arguments.o.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
