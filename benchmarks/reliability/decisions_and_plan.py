"""How long deciding and planning take at scale: JSON on stdout.

    python benchmarks/reliability/decisions_and_plan.py --groups 100000

Seeded. Half of the groups are one record in each system, a quarter have two Dynamics contacts, a quarter have two of each. Values differ
in about every fifth field. The workspace is made in a temporary folder, on the disk the system keeps those on.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reconcile_tui.model import Column, Page, PulledRecord, Ref
from reconcile_tui.steps import decide, plan
from reconcile_tui.workspace import Workspace
from reconcile_tui.workspace.matches import NewGroup

PROJECT = Path(__file__).parents[2] / "sample_data" / "reconcile.toml"
FIRST = ["Ada", "Jo", "Søren", "Rita", "Robert", "Wei", "Olga", "Amélie", "Yusuf", "Grace"]
LAST = ["Hale", "Byron", "March", "Hansen", "Li", "Petrova", "Dubois", "Demir", "Hopper", "O'Neill"]


def guid(number: int) -> str:
    return f"{number:08d}-0000-4000-8000-000000000000"


def columns(ws: Workspace, system: str, table: str) -> list[Column]:
    kinds = {"donotbulkemail": "boolean", "statecode": "integer", "statuscode": "integer"}
    extra = ("statecode", "statuscode") if system == "dynamics" else ()
    return [Column(n, kinds.get(n, "text")) for n in dict.fromkeys([*ws.project.wanted_columns(system, table), *extra])]  # type: ignore[arg-type]


def dynamics(rng: random.Random, number: int, person: int) -> dict[str, object]:
    return {
        "firstname": FIRST[person % 10], "lastname": f"{LAST[person // 10 % 10]}{person}",
        "emailaddress1": f"p{person}@ex{person % 97}.test",
        "telephone1": f"+44 20 7946 {person % 10000:04d}", "mobilephone": None, "jobtitle": rng.choice(["CEO", "Buyer", None]),
        "new_companyname": f"Company {person % 5000}", "address1_line1": f"{person % 300} High Street", "address1_city": "London",
        "address1_stateorprovince": None, "address1_postalcode": f"E{person % 20} 1AA", "address1_country": "GB",
        "donotbulkemail": rng.random() < 0.1,
        "birthdate": None, "websiteurl": None, "preferredcontactmethodcode": "1", "statecode": 0, "statuscode": 1, "number": number,
    }  # fmt: skip


def hubspot(rng: random.Random, number: int, person: int) -> dict[str, object]:
    return {
        "firstname": FIRST[person % 10], "lastname": f"{LAST[person // 10 % 10]}{person}",
        "email": f"p{person}@ex{person % 97}.test" if number % 2 == 0 else f"p{person}.b@ex{person % 97}.test",
        "phone": f"+4420794{person % 100000:06d}"[:13], "mobilephone": "+447700900123",
        "jobtitle": rng.choice(["CEO", "Buyer", "Chief buyer"]),
        "company": f"Company {person % 5000}", "address": f"{person % 300} High Street", "city": "London", "zip": f"E{person % 20} 1AA",
        "country": "GB", "hs_email_optout": rng.choice(["true", "false"]), "lifecyclestage": "customer",
    }  # fmt: skip


def shapes(groups: int) -> Iterator[tuple[int, int, int]]:
    for person in range(groups):
        yield person, 1 if person % 4 < 2 else 2, 2 if person % 4 == 3 else 1


def fill(ws: Workspace, groups: int) -> None:
    rng = random.Random(7)
    ws.records.define("dynamics", "contact", columns(ws, "dynamics", "contact"))
    ws.records.define("dynamics", "lead", columns(ws, "dynamics", "lead"))
    ws.records.define("hubspot", "contacts", columns(ws, "hubspot", "contacts"))
    rows: dict[str, list[PulledRecord]] = {"dynamics": [], "hubspot": []}
    for person, firsts, seconds in shapes(groups):
        for n in range(firsts):
            native = dynamics(rng, n, person)
            rows["dynamics"].append(
                PulledRecord(guid(person * 4 + n), native, "1", "2020-01-01T00:00:00Z", f"2025-01-{n + 1:02d}T00:00:00Z")
            )
        for n in range(seconds):
            native = hubspot(rng, n, person)
            rows["hubspot"].append(
                PulledRecord(str(person * 4 + n + 1), native, None, "2020-01-01T00:00:00Z", f"2025-02-{n + 1:02d}T00:00:00Z")
            )
    for system, table in (("dynamics", "contact"), ("hubspot", "contacts")):
        pull = ws.records.start_pull(system, table, since=None, at="x")
        ws.records.store_page(system, Page(table, tuple(rows[system]), None), pull)
        ws.records.finish_pull(pull, next_since=None, at="x", full=True)
    key = {(r.system, r.id): k for table in ws.records.tables() for k, r in _keys(ws, table)}
    new = []
    for person, firsts, seconds in shapes(groups):
        keys = [key["dynamics", guid(person * 4 + n)] for n in range(firsts)] + [
            key["hubspot", str(person * 4 + n + 1)] for n in range(seconds)
        ]
        new.append(NewGroup(f"g{person:07d}", "contacts", "identical", 0.99, tuple(keys), "", "", (), 0.1, ""))
    ws.match_runs.replace("contacts", [], new, model={}, report={}, at="x")


def _keys(ws: Workspace, table: object) -> Iterator[tuple[int, Ref]]:
    count = ws.records.counts()[table.system, table.name]  # type: ignore[attr-defined]
    yield from ws.records.refs(table.key(row) for row in range(1, count + 1)).items()  # type: ignore[attr-defined]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--groups", type=int, default=100_000)
    parser.add_argument("--decisions", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "reconcile.toml").write_text(PROJECT.read_text())
        with Workspace.open(folder) as ws:
            fill(ws, options.groups)
        measured = os.fork()  # a process of its own, whose memory is that of the measured part alone
        if measured == 0:
            (folder / "result.json").write_text(json.dumps(measure(folder, options)))
            os._exit(0)
        peak = peak_of_tree(measured)
        print(json.dumps({**json.loads((folder / "result.json").read_text()), "peak_megabytes": round(peak, 1)}, indent=2), flush=True)


def peak_of_tree(process: int) -> float:
    """The most a process and its children have held together until it ends, in MB: proportional set size, pages they share counted once."""
    peak = 0.0
    while os.waitpid(process, os.WNOHANG) == (0, 0):
        peak = max(peak, sum(proportional(one) for one in [process, *children(process)]) / 1024)
        time.sleep(0.25)
    return peak


def children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def proportional(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended since
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def cpu_seconds() -> float:
    """Processor time of this process and of those it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    with Workspace.open(folder) as ws:
        times = []
        for person in range(min(options.decisions, options.groups)):
            start = time.perf_counter()
            decide.decide(ws, f"g{person:07d}", "merge")
            times.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        bulk = decide.auto(ws, "identical")
        bulk_seconds = time.perf_counter() - start
        cpu = cpu_seconds()
        start = time.perf_counter()
        made = plan.make(ws)
        plan_seconds = time.perf_counter() - start
        path = plan.write(made, folder / "plan.json")
        written = time.perf_counter() - start
        cuts = statistics.quantiles(times, n=100)
        return {
            "groups": options.groups, "decision_ms": {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2), "p99": round(cuts[98], 2)},
            "bulk_decisions": bulk.count, "bulk_seconds": round(bulk_seconds, 2), "plan_seconds": round(plan_seconds, 2),
            "plan_and_file_seconds": round(written, 2), "plan_and_file_cpu_seconds": round(cpu_seconds() - cpu, 2), "writes": len(made.writes), "records": made.records, "blocked": len(made.blocked),
            "file_megabytes": round(path.stat().st_size / 1e6, 1),
            "load": [round(value, 2) for value in os.getloadavg()],
            "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "platform": platform.platform()}, "seed": 7,
        }  # fmt: skip


if __name__ == "__main__":
    main()
