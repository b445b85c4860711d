"""Data on stdout, narration on stderr: JSON, plain tables and progress lines. CRM values pass through `safe_text`."""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconcile_tui.display import safe_text
from reconcile_tui.steps.progress import Progress


def say(text: str = "") -> None:
    """Narration, on stderr."""
    print(text, file=sys.stderr)


def out(text: str = "") -> None:
    """Data for people, on stdout."""
    print(text)


def out_json(document: Any, *, line: bool = False) -> None:
    """One JSON document, or one JSON line, on stdout. ASCII only, so that no value can act on a terminal."""
    print(json.dumps(document, ensure_ascii=True, indent=None if line else 2))


def out_json_list(head: Mapping[str, Any], name: str, items: Iterable[Any]) -> None:
    """One JSON document on stdout whose last member is a list that need not fit into memory."""
    start = json.dumps(dict(head), ensure_ascii=True, indent=2)
    print(f'{start[:-2]},\n  "{name}": [', end="")
    for number, item in enumerate(items):
        print(",\n" if number else "\n", json.dumps(item, ensure_ascii=True), sep="    ", end="")
    print("\n  ]\n}")


def width(text: str) -> int:
    """Terminal cells a text takes (Unicode East Asian Width)."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fit(text: str, cells: int) -> str:
    """The text padded or cut to so many cells."""
    if width(text) <= cells:
        return text + " " * (cells - width(text))
    kept = ""
    for char in text:
        if width(kept + char) > cells - 1:
            break
        kept += char
    return kept + "…" + " " * (cells - 1 - width(kept))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], *, longest: int = 40) -> str:
    """An aligned table; every cell is made safe and cut to `longest` cells."""
    cells = [[safe_text(value) for value in row] for row in rows]
    widths = [min(longest, max(width(text) for text in column)) for column in zip(*([list(head), *cells]), strict=True)]
    lines = [list(head), ["-" * w for w in widths], *cells]
    return "\n".join("  ".join(fit(text, w) for text, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def duration(seconds: float) -> str:
    """Seconds for people: `8 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class ProgressLines:
    """A bar that redraws itself on a terminal; elsewhere a plain line per stage at most every five seconds, and its last."""

    def __init__(self) -> None:
        """Look once whether stderr is a terminal."""
        self._live = sys.stderr.isatty()
        self._told: dict[str, float] = {}
        self._drawn = False

    def __call__(self, moment: Progress) -> None:
        """Show one moment."""
        ended = moment.total is not None and moment.done >= moment.total
        last = self._told.get(moment.stage, 0.0)
        pause = 0.1 if self._live else 5.0
        if not ended and time.monotonic() - last < pause:
            return
        self._told[moment.stage] = time.monotonic()
        line = self._line(moment)
        if self._live:
            sys.stderr.write(f"\r\x1b[2K{line}" + ("\n" if ended else ""))
            sys.stderr.flush()
            self._drawn = not ended
        elif ended or last:
            say(line)

    def close(self) -> None:
        """End a line left open."""
        if self._live and self._drawn:
            sys.stderr.write("\n")

    def _line(self, moment: Progress) -> str:
        of = f" of {moment.total:,}" if moment.total else ""
        rate = f", {moment.rate:,.0f}/s" if moment.seconds > 1 else ""
        left = f", {duration(moment.seconds_left)} left" if moment.seconds_left and moment.seconds > 2 else ""
        note = f"  {safe_text(moment.note)}" if moment.note else ""
        bar = ""
        if self._live and moment.total:
            filled = min(20, 20 * moment.done // moment.total)
            bar = f" [{'#' * filled}{'.' * (20 - filled)}]"
        return f"{moment.stage}:{bar} {moment.done:,}{of}{rate}{left}{note}"

    def __enter__(self) -> ProgressLines:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
