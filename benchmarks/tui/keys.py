"""Keys pressed on a pseudo-terminal, and how long what they paint takes: milliseconds from the key's byte."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.tui.terminal import Terminal, plain

QUIET = 0.012
"""Seconds without output after which a repaint counts as whole; not part of the times."""
LONGEST = 5.0
"""Seconds without output after which nothing more is waited for."""


@dataclass(frozen=True, slots=True)
class Repaint:
    """What followed a key: milliseconds until the awaited text was painted, and until the last byte."""

    seen: float
    whole: float


def repaint(terminal: Terminal, key: str, quiet: float = QUIET) -> float:
    """Milliseconds from a key to the last byte of what it repaints."""
    return watched(terminal, key, lambda painted: True, quiet).whole


def watched(terminal: Terminal, key: str, awaited: Callable[[str], bool], quiet: float) -> Repaint:
    """Press a key, wait for the awaited, and on until nothing has come for `quiet` seconds. Raises AssertionError where it never comes."""
    start = time.perf_counter()
    terminal.press(key)
    painted, seen, whole = b"", 0.0, 0.0
    while select.select([terminal.parent], [], [], quiet if seen else LONGEST)[0]:
        painted += os.read(terminal.parent, 1 << 16)
        whole = time.perf_counter()
        if not seen and awaited(plain(painted)):
            seen = whole
    if not seen:
        raise AssertionError(f"{key!r} did not paint what was awaited:\n{plain(painted)[-2000:]}")
    return Repaint((seen - start) * 1000, (whole - start) * 1000)


def pressed(terminal: Terminal, keys: list[str], pause: float = 0.05, quiet: float = QUIET) -> list[float]:
    """The repaints of some keys, each with a pause after it: what follows at rest (the group's preview) is not the key's repaint."""
    times = []
    for key in keys:
        times.append(repaint(terminal, key, quiet))
        terminal.read(quiet=pause, longest=2)
    return times


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies."""
    return round(sorted(values)[min(len(values) - 1, int(len(values) * share))], 1)
