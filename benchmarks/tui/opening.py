"""Opening each screen by its function key, for the first time after the start and again."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.tui.keys import percentile, watched
from reconcile_tui.tui.actions import SCREENS
from tests.tui.terminal import Terminal

ROUNDS = 9
REST = 0.15
"""Seconds without output after which a screen is whole; not part of the times."""
OTHERS = [name for name, _ in SCREENS[1:]]
"""Every screen but the one that is open from the start."""


def openings(folder: Path, seed: int) -> dict[str, Any]:
    """Milliseconds from the key until the screen's own line is painted, and until it is whole; every round in a new process, another order."""
    chance = random.Random(seed)
    times: dict[str, dict[str, list[float]]] = {name: {"first": [], "first_whole": [], "again": [], "again_whole": []} for name in OTHERS}
    for _ in range(ROUNDS):
        with Terminal(folder) as terminal:
            terminal.wait_for("Home")
            terminal.read(quiet=1.5)
            order = chance.sample(OTHERS, len(OTHERS))
            for kind, names in (("first", order), ("again", order[-2::-1] + order[-1:])):
                for name in names:
                    found = watched(terminal, _key(name), _titled(name), REST)
                    times[name][kind].append(found.seen)
                    times[name][f"{kind}_whole"].append(found.whole)
                    terminal.read(quiet=0.3)
            terminal.process.kill()
    screens = {name: {kind: percentile(all_, 0.5) for kind, all_ in kinds.items()} for name, kinds in times.items()}
    every = {kind: [time for kinds in times.values() for time in kinds[kind]] for kind in ("first", "again")}
    figures = {f"opening_{kind}_p{int(share * 100)}": percentile(all_, share) for kind, all_ in every.items() for share in (0.5, 0.95)}
    return figures | {"screens": screens}


def _key(name: str) -> str:
    return f"f{OTHERS.index(name) + 2}"


def _titled(name: str) -> Callable[[str], bool]:
    """Whether the line below the tabs is that of a screen: its title, and not as a tab, which has its key before it."""
    title = re.compile(rf"(?<!F\d ){dict(SCREENS)[name]}  ")
    return lambda painted: title.search(painted) is not None
