"""How fast the screens are on a real pseudo-terminal, over a large workspace.

    python -m benchmarks.tui.measure [--records 1000000] [--groups 100000] [--out FILE.json] [--page docs/benchmarks.md]

Makes a seeded workspace with that many records a system and groups, opens the screens on a pty of 120x36, presses keys as a person
would, and prints one JSON document: `--version`, first paint and the whole first screen, opening each screen for the first time and again,
typing in Records over the search index, key to repaint in queue and grid (two records, and eight), the queue's cursor at rest with the group shown beside it, decision and next group, keys while matching runs and while a pull
runs (from the sandbox in a process of its own, over loopback HTTP, at the vendors' own rates), and the memory of the screens' process. Times are milliseconds from the key's byte to the last byte of the repaint.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.tui.keys import percentile, pressed
from benchmarks.tui.opening import openings
from benchmarks.tui.page import into_docs
from benchmarks.tui.searching import search
from reconcile_tui.model import Column, Page, PulledRecord
from reconcile_tui.sandbox.generate import write_folder
from reconcile_tui.workspace import Workspace
from reconcile_tui.workspace.matches import NewGroup
from reconcile_tui.workspace.search import Search
from tests.tui.terminal import Terminal, plain

SEED = 7
PULLED = 60_000
"""People a system that the pull brings: more than it can bring at the vendors' rates while the keys are pressed."""
AT = "2026-03-01T09:00:00.000Z"
FIRST = ("Søren", "Anna", "Robert", "Yuki", "Maria", "Ahmed", "Olena", "José", "Ingrid", "Paul")
LAST = ("Hansen", "Smith", "Kowalska", "García", "Müller", "Tanaka", "Okafor", "Ivanova", "Dubois", "Rossi")
ACROSS = ["right", "j", "right", "k"] * 3 + ["left", "j", "left", "k"] * 3
"""Through a grid of eight records and back: every key moves, so every key paints."""
BUDGETS = {
    "version": 100,
    "first_paint": 400,
    "opening_first_p95": 50,
    "opening_again_p95": 16,
    "search_echo_p95": 16,
    "queue_key_p95": 16,
    "grid_key_p95": 16,
    "next_group_p95": 50,
    "busy_key_p95": 50,
    "pulling_key_p95": 50,
    "rss_mb": 200,
}


def _columns(system: str) -> list[str]:
    if system == "dynamics":
        return [
            "firstname",
            "lastname",
            "emailaddress1",
            "telephone1",
            "jobtitle",
            "new_companyname",
            "address1_city",
            "donotbulkemail",
            "statecode",
        ]
    return ["firstname", "lastname", "email", "phone", "jobtitle", "company", "city", "hs_email_optout", "lifecyclestage"]


def _pages(system: str, table: str, count: int) -> Iterator[Page]:
    chance = random.Random(SEED)
    names = _columns(system)
    for start in range(0, count, 10_000):
        rows = []
        for n in range(start, min(count, start + 10_000)):
            first, last = FIRST[n % 10], LAST[(n // 10) % 10]
            values = [
                first if system == "dynamics" else first[:4], last, f"{first}.{last}.{n}@example.com".lower(), f"+47{n:08d}",
                chance.choice(("Buyer", "Manager", "Engineer")), f"Company {n % 5000}", "Oslo",
                "false", "0" if system == "dynamics" else "customer",
            ]  # fmt: skip
            rows.append(PulledRecord(f"{n:08d}", dict(zip(names, values, strict=True)), created_at=AT, modified_at=AT))
        yield Page(table, tuple(rows), None)


def make(folder: Path, records: int, groups: int) -> None:
    """The workspace: pairs of one record a system, in groups."""
    folder.mkdir(parents=True)
    shutil.copyfile(Path(__file__).parents[2] / "sample_data" / "reconcile.toml", folder / "reconcile.toml")
    with Workspace.open(folder) as workspace:
        for system, table in (("dynamics", "contact"), ("dynamics", "lead"), ("hubspot", "contacts")):
            workspace.records.define(system, table, [Column(name, max_length=100) for name in _columns(system)])
            pull = workspace.records.start_pull(system, table, since=None, at=AT)
            for page in _pages(system, table, 1 if table == "lead" else records):
                workspace.records.store_page(system, page, pull)
            workspace.records.finish_pull(pull, next_since=None, at=AT, full=True)
        left, right = (workspace.records.table(s, t) for s, t in (("dynamics", "contact"), ("hubspot", "contacts")))
        workspace.matches.add_groups(
            NewGroup(
                f"g{n:06d}", "contacts", "differs", 0.5 + n % 500 / 1000, (left.key(n + 1), right.key(n + 1)), "D+H",
                f"{FIRST[n % 10]} {LAST[(n // 10) % 10]} {n}", ("first_name", "job_title"), n % 500 / 1000, AT,
            )
            for n in range(min(groups, records))
        )  # fmt: skip
        eight = [table.key(records - n) for table in (left, right) for n in range(4)]  # opened by U: the most uncertain of all
        workspace.matches.add_groups([NewGroup("g-eight", "contacts", "differs", 0.5, tuple(eight), "D+D+D+D+H+H+H+H", "Eight records",
                                               ("first_name", "last_name", "email", "phone", "job_title", "company"), 1.0, AT)])  # fmt: skip
        workspace.matches.set_risk((f"g{n:06d}", n % 7, 0) for n in range(min(groups, records)))
        Search(workspace).build()


def _rss(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024, 1)


def _first_paint(folder: Path) -> tuple[float, float]:
    """Milliseconds from the start of the process to the first picture, and to all that Home says."""
    with Terminal(folder) as terminal:
        painted, elapsed = b"", []
        for text in ("Home", "Next"):
            while text not in plain(painted):
                painted += terminal.first_output()
            elapsed.append((time.perf_counter() - terminal.started) * 1000)
        terminal.read(quiet=0.5)
        terminal.press("ctrl+q")
        terminal.end()
    return elapsed[0], elapsed[1]


def _version() -> float:
    """Milliseconds of `reconcile-tui --version`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "reconcile_tui", "--version"], check=True, capture_output=True)
    return (time.perf_counter() - start) * 1000


def _open_queue(terminal: Terminal) -> None:
    """From the start to a queue that is whole and at rest."""
    terminal.wait_for("Home")
    terminal.read(quiet=1)
    terminal.press("f2")
    terminal.wait_for("sorted by")
    terminal.read(quiet=1.5, longest=30)


def measure(folder: Path, keys: int) -> dict[str, Any]:
    """All figures."""
    versions = [_version() for _ in range(5)]
    paints = [_first_paint(folder) for _ in range(5)]
    with Terminal(folder) as terminal:
        _open_queue(terminal)
        queue = pressed(terminal, (["j"] * 9 + ["\x1b[6~"]) * (keys // 10))
        terminal.press("enter")
        terminal.read(quiet=0.5)
        grid = pressed(terminal, ["right", "j", "left", "k"] * (keys // 4))
        terminal.press("escape")
        terminal.read(quiet=0.5)
        terminal.press("U")
        terminal.wait_for("more →")
        terminal.read(quiet=0.5)
        eight = pressed(terminal, (ACROSS * keys)[:keys])
        terminal.press("escape")
        terminal.read(quiet=0.5)
        rest = pressed(terminal, ["k", "j"] * (keys // 4), quiet=0.06)
        terminal.press("enter")
        terminal.read(quiet=0.5)
        decided = pressed(terminal, ["d"] * (keys // 2), pause=0.1)
        rss = _rss(terminal.process.pid)
        terminal.press("escape")
        terminal.read()
        terminal.press("\x0e")  # match
        terminal.wait_for("Match")
        busy = pressed(terminal, ["k", "j"] * (keys // 4))
        terminal.press("\x03")
        terminal.read(quiet=0.5)
        terminal.press("2")
        terminal.read(quiet=0.5)
        terminal.press("ctrl+q")
        terminal.read(quiet=0.5)
        if terminal.process.poll() is None:
            terminal.press("2")  # the match is still at its last step: stop, then quit
        terminal.end(longest=120)
    return {
        "version": percentile(versions, 0.5), "first_paint": percentile([p for p, _ in paints], 0.5),
        "first_screen": percentile([s for _, s in paints], 0.5),
        "queue_key_p50": percentile(queue, 0.5), "queue_key_p95": percentile(queue, 0.95),
        "grid_key_p50": percentile(grid, 0.5), "grid_key_p95": percentile(grid, 0.95),
        "grid_of_eight_key_p50": percentile(eight, 0.5), "grid_of_eight_key_p95": percentile(eight, 0.95),
        "queue_rest_p50": percentile(rest, 0.5), "queue_rest_p95": percentile(rest, 0.95),
        "next_group_p50": percentile(decided, 0.5), "next_group_p95": percentile(decided, 0.95),
        "busy_key_p50": percentile(busy, 0.5), "busy_key_p95": percentile(busy, 0.95),
        "rss_mb": rss,
    }  # fmt: skip


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The sandbox over `PULLED` people a system, in a process of its own; gives its address."""
    write_folder(folder, PULLED)
    command = [sys.executable, "-m", "reconcile_tui", "sandbox", "--port", "0", "--seed", str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _systems_at(folder: Path, url: str) -> None:
    """Point the workspace's project file at a served sandbox; its secrets are any text."""
    path = folder / "reconcile.toml"
    text = path.read_text(encoding="utf-8").replace('url = "sandbox:"', f'url = "{url}"')
    signing_in = f'[systems.dynamics]\nauthority = "{url}"\ntenant = "contoso"\nclient_id = "measured"'
    path.write_text(text.replace("[systems.dynamics]", signing_in, 1), encoding="utf-8")
    os.environ.update(HUBSPOT_TOKEN="pat-eu1-measured", DYNAMICS_CLIENT_SECRET="measured")


def keys_while_pulling(folder: Path, keys: int) -> tuple[dict[str, float], dict[str, float]]:
    """Keys in the queue while both systems are pulled into the same workspace: their times, and what the pull brought meanwhile."""
    with _served(folder.parent / "people") as url:
        _systems_at(folder, url)
        with Terminal(folder) as terminal:
            _open_queue(terminal)
            before = _brought(folder)
            terminal.press("\x0c")  # pull
            terminal.wait_for("ctrl+c")
            while _brought(folder) == before:
                terminal.read(quiet=0.1, longest=0.2)
            started, begun = _brought(folder), time.perf_counter()
            times = pressed(terminal, ["k", "j"] * (keys // 2))
            pulled, seconds = _brought(folder) - started, time.perf_counter() - begun
            terminal.process.kill()
    figures = {"pulling_key_p50": percentile(times, 0.5), "pulling_key_p95": percentile(times, 0.95)}
    return figures, {"records": pulled, "seconds": round(seconds, 1)}


def _brought(folder: Path) -> int:
    """Records that pulls have brought so far."""
    with Workspace.open(folder, "read") as workspace:
        return sum(int(row["records"]) for row in workspace.db.execute("SELECT records FROM pull"))


def machine() -> dict[str, Any]:
    """What it was measured on."""
    import textual

    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "")
    return {
        "cpu": model, "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "python": platform.python_version(),
        "textual": textual.__version__, "system": platform.platform(),
    }  # fmt: skip


def main() -> None:
    """Make, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="keep the workspace here and use it again")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--page", type=Path, help="write the tables into this page, between its marks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary) / "made"
        if not folder.exists():
            make(folder, options.records, options.groups)
        copy = Path(shutil.copytree(folder, Path(temporary) / "workspace"))  # what is decided while measuring is not kept
        opened = openings(copy, SEED)
        screens = opened.pop("screens")
        with Terminal(copy) as terminal:
            typed = search(terminal)
            terminal.process.kill()
        figures = measure(copy, options.keys) | opened | typed
        pulling, pulled = keys_while_pulling(copy, options.keys)
        figures |= pulling
    over = sorted(name for name, budget in BUDGETS.items() if figures[name] > budget)
    document = {"records": options.records, "groups": options.groups, "keys": options.keys, "seed": SEED, "machine": machine(),
                "milliseconds": figures, "opening": screens, "pulled_meanwhile": pulled, "budgets": BUDGETS, "over_budget": over}  # fmt: skip
    text = json.dumps(document, indent=2)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    if options.page:
        into_docs(options.page, document)


if __name__ == "__main__":
    main()
