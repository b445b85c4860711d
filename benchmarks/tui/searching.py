"""Typing in Records, with the search index built: how soon each letter is seen, and how soon the hits stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.tui.keys import percentile, watched
from tests.tui.terminal import Terminal

TYPED = {"name": "anna hansen", "address": "maria.garcia.77", "four_digits": "4711", "very_common_word": "example"}
"""What is typed, letter by letter. Every record has the last one."""
PACE = 0.1
"""Seconds between letters: ten a second, as one types fast."""
STAND = 0.4
"""Seconds without output after which the hits count as standing; not part of the times."""
ROUNDS = 3


def search(terminal: Terminal) -> dict[str, Any]:
    """Milliseconds from a letter to its echo, over all letters; and, for each text, from its last letter until its hits stand."""
    terminal.wait_for("Home")
    terminal.read(quiet=1.5)
    terminal.press("f6")
    terminal.read(quiet=1)
    terminal.press("/")
    terminal.read(quiet=0.3)
    echoes: list[float] = []
    stands: dict[str, list[float]] = {name: [] for name in TYPED}
    for _ in range(ROUNDS):
        for name, text in TYPED.items():
            stands[name].append(_typed(terminal, text, echoes))
    figures = {"search_echo_p50": percentile(echoes, 0.5), "search_echo_p95": percentile(echoes, 0.95)}
    return figures | {f"search_hits_{name}": percentile(times, 0.5) for name, times in stands.items()}


def _typed(terminal: Terminal, text: str, echoes: list[float]) -> float:
    """Type a text, then clear it; the echo of each letter goes to `echoes`. Returns when the hits of the whole stood."""
    letters = [watched(terminal, text[end - 1], _echo(text[:end]), PACE if end < len(text) else STAND) for end in range(1, len(text) + 1)]
    echoes += [letter.seen for letter in letters]
    terminal.press("\x15")  # ctrl+u: from the start
    terminal.read(quiet=STAND)
    return letters[-1].whole


def _echo(typed: str) -> Callable[[str], bool]:
    return lambda painted: typed in painted
