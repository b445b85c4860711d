"""A thousand kills: a plan of some 200 writes is applied over loopback, killed at random moments and gone on with, again and again.

    python -m benchmarks.reliability.campaign --kills 1000 --writes 200 --seed 20261124

JSON on stdout. `wrong_final_states`: rounds that did not end exactly where an undisturbed run ends; `sent_twice`: merges or creations the
CRMs carried out twice; `not_done`: writes without success at the end of a round. All three have to be 0.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.stewardship.crash import crashing, populate
from tests.stewardship.world import World

MOST_KILLS = 20  # of one run, before it may end
WRITES_A_PERSON = 5.7  # of the population's mix of people


def campaign(world: World, *, kills: int, writes: int, seed: int) -> dict[str, Any]:
    """Run the campaign and count what must not happen."""
    rng = random.Random(seed)
    start = time.monotonic()
    with crashing(populate(world, round(writes / WRITES_A_PERSON))) as harness:
        expected, seconds = harness.undisturbed()
        result: dict[str, Any] = {
            "seed": seed, "writes": len(harness.plan.writes), "records": harness.plan.records, "kills": 0, "rounds": 0,
            "wrong_final_states": 0, "sent_twice": 0, "not_done": 0,
        }  # fmt: skip
        while result["kills"] < kills:
            result["kills"] += harness.killed_on_the_way(rng, seconds, most=MOST_KILLS)
            result["rounds"] += 1
            if harness.finished():
                report = harness.report()
                result["not_done"] += len(harness.plan.writes) - report["done"] - report["already"]
            result["wrong_final_states"] += harness.final_state() != expected
            result["sent_twice"] += len(harness.twice())
            print(f"{result['kills']} kills in {result['rounds']} rounds", file=sys.stderr)
    result["seconds"] = round(time.monotonic() - start, 1)
    result["machine"] = {"python": platform.python_version(), "cores": os.cpu_count(), "platform": platform.platform()}
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--writes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261124)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "world")
        try:
            print(json.dumps(campaign(world, kills=options.kills, writes=options.writes, seed=options.seed), indent=2))
        finally:
            world.close()


if __name__ == "__main__":
    main()
