"""Killing an apply and going on with it: the harness that the crash tests and the campaign share."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reconcile_tui.model import Ref
from reconcile_tui.sandbox import Server
from reconcile_tui.steps import decide, plan
from reconcile_tui.steps.apply import plan_of
from reconcile_tui.stewardship.document import Plan
from reconcile_tui.workspace import Workspace
from tests.stewardship.world import World, contact, hub, lead

ROOT = Path(__file__).parents[2]
LONGEST = 0.8  # seconds until a kill: a longer run is killed many times on its way


def populate(world: World, people: int) -> World:
    """People of several kinds in both systems, all decided: merges on both sides, values, links, leads, an address that is swapped."""
    groups: list[tuple[str, list[Ref]]] = []
    for n in range(people):
        name = {"firstname": f"Ada{n}", "lastname": f"Byron{n}"}
        one = world.contact(10 * n + 1, **name, emailaddress1=f"ada{n}@ex.test", telephone1="+442079460101", new_hubspotcontactid="")
        refs = [one, world.hub(10 * n + 500, email=f"ada{n}@ex.test", **name, phone="+442079460102")]
        if n % 2 == 0:
            refs.append(world.contact(10 * n + 2, **name, jobtitle="Countess", donotbulkemail="true"))
        if n % 3 == 0:
            refs.append(world.hub(10 * n + 501, email=f"ada{n}.b@ex.test", **name, city="London", address="1 High Street"))
        if n % 6 == 0:
            refs.append(world.hub(10 * n + 502, email=f"ada{n}.c@ex.test", **name, lifecyclestage="customer"))
        if n % 4 == 1:
            refs.append(world.lead(10 * n + 3, **name, emailaddress1=f"ada{n}@ex.test"))
        groups.append((f"g{n:05d}", refs))
    swapped = [world.hub(10 * people + 500 + n, email=f"swap{n}@ex.test", firstname=f"Swap{n}") for n in (0, 1)]
    groups += [(f"s{n}", [ref]) for n, ref in enumerate(swapped)]
    world.start()
    world.groups((id_, "differs", refs) for id_, refs in groups)
    for n in (0, 1):
        decide.set_value(world.ws, f"s{n}", "email", f"swap{1 - n}@ex.test")
    for id_, _ in groups:
        decide.decide(world.ws, id_, "merge")
    return world


class Crashing:
    """A world on loopback with a plan, that can be put back, applied, killed and gone on with."""

    def __init__(self, world: World, url: str, worker: subprocess.Popen[str]) -> None:
        self.world, self.url, self._worker = world, url, worker
        self.template, self.folder = world.folder, world.folder.parent / "crashing"
        with Workspace.open(self.template) as workspace:
            self.plan: Plan = plan.make(workspace)
        plan.write(self.plan, self.template / "plan.json")

    def restore(self) -> None:
        """Both CRMs and the workspace as they were before the apply."""
        self.world.sandbox.reset()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name in ("workspace.db", "reconcile.toml", "plan.json"):
            shutil.copyfile(self.template / name, self.folder / name)

    def apply(self, **job: Any) -> dict[str, Any]:
        """Apply or go on; `step` and `after`, or `seconds`, say when it is killed."""
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        for name in ("error.txt", "report.json"):
            (self.folder / name).unlink(missing_ok=True)
        self._worker.stdin.write(json.dumps({"folder": str(self.folder), "url": self.url, **job}) + "\n")
        self._worker.stdin.flush()
        told: dict[str, Any] = json.loads(self._worker.stdout.readline())
        error = self.folder / "error.txt"
        return {**told, "error": error.read_text() if error.exists() else ""}

    def undisturbed(self) -> tuple[dict[str, dict[str, Any]], float]:
        """The final state of a run nobody kills, and how many seconds it takes on this machine now."""
        self.restore()
        start = time.monotonic()
        told = self.apply()
        seconds = time.monotonic() - start
        assert told == {"killed": False, "exit": 0, "error": ""}, told
        assert self.report()["as_planned"]
        return self.final_state(), seconds

    def killed_on_the_way(self, rng: random.Random, seconds: float, *, most: int) -> int:
        """A run killed at random moments within its duration, up to `most` times, and gone on with to its end. Returns the kills."""
        self.restore()
        kills = 0
        while kills < most:
            told = self.apply(seconds=rng.uniform(0.0, min(seconds, LONGEST)))
            if not told["killed"]:
                break
            kills += 1
        else:
            told = self.apply()
        assert told["exit"] == 0 or "No run of this plan was interrupted" in told["error"], told
        return kills

    def finished(self) -> bool:
        """Whether the last apply told its report (a run killed after its very last entry has none)."""
        return (self.folder / "report.json").exists()

    def report(self) -> dict[str, Any]:
        """The last report."""
        return json.loads((self.folder / "report.json").read_text())  # type: ignore[no-any-return]

    def final_state(self) -> dict[str, dict[str, Any]]:
        """Both CRMs, new HubSpot ids replaced by the ids that became one, so that two runs can be compared."""
        return canonical(self.world)

    def twice(self) -> list[str]:
        """Merges and creations that the CRMs carried out more than once."""
        seen, again = set(), []
        for entry in self.world.sandbox.journal():
            if entry["method"] != "POST":
                continue
            body = json.dumps(entry["body"], sort_keys=True)
            if (entry["path"], body) in seen:
                again.append(f"{entry['path']} {body}")
            seen.add((entry["path"], body))
        return again


def canonical(world: World) -> dict[str, dict[str, Any]]:
    """The CRMs' state by names that do not depend on which id HubSpot gave a merged record."""
    state = world.state()
    seeded = {ref.id for ref in world.rows}
    names = {}
    for ref, row in state.items():
        if merged := str(row.get("hs_merged_object_ids", "")):
            parts = sorted({part for part in [*merged.split(";"), ref.id] if part in seeded})
            names[ref.id] = "+".join(parts)

    def renamed(value: Any) -> Any:
        return names.get(str(value), value)

    hidden = re.compile(r"hs_(all_contact_vids|calculated|object_id|merged)|_id$")
    return {
        f"{ref.system}/{ref.table}/{renamed(ref.id)}": {k: renamed(v) for k, v in row.items() if not hidden.match(k)}
        for ref, row in state.items()
    }


@contextmanager
def crashing(world: World) -> Iterator[Crashing]:
    """The harness over a populated world: server, worker, template of the workspace."""
    world.ws.close()
    del world.ws
    seed = world.folder / "seed"
    world.sandbox._seed_dir = seed  # what `reset` goes back to
    server = Server(world.sandbox).start()
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.stewardship.crash_worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        yield Crashing(world, server.url, worker)
    finally:
        assert worker.stdin is not None
        worker.stdin.close()
        worker.wait(timeout=20)
        if worker.stdout is not None:
            worker.stdout.close()
        server.close()


__all__ = ["Crashing", "canonical", "contact", "crashing", "hub", "lead", "plan_of", "populate"]
