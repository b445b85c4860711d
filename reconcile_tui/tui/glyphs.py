"""The product's own signs, and their ASCII twins of the same width.

A glyph never stands alone: colour and a word say the same. Values of the CRMs are not translated, only what the product draws.
"""

from __future__ import annotations

import os
import sys

TAKEN = "●"
SAME = "="
DIFFERS = "≠"
ALIKE = "≈"
EMPTY = "∅"
TYPED = "✎"
UNMAPPED = "⌀"
SURVIVOR = "★"
HERE = "▶"
DONE = "✓"
FAILED = "✗"
NOT = "⊘"
SKIPPED = "↷"
UNSURE = "?"
CHANGED = "↻"
BLOCKED = "!"
ARROW = "→"
DOT = "·"
RULE = "─"
BAR = "│"
MORE = "…"
OPEN, CLOSE = "‹", "›"
FULL, HALF, SHADE = "█", "▒", "░"
EIGHTHS = " ▏▎▍▌▋▊▉█"
LEVELS = "▁▂▃▄▅▆▇█"

_TWINS = {
    TAKEN: "*", DIFFERS: "/", ALIKE: "~", EMPTY: "-", TYPED: "e", UNMAPPED: "x", SURVIVOR: "S", HERE: ">", DONE: "v", FAILED: "X",
    NOT: "x", SKIPPED: "s", CHANGED: "c", ARROW: ">", DOT: "-", RULE: "-", BAR: "|", MORE: ">", OPEN: "<", CLOSE: ">",
    FULL: "#", HALF: "=", SHADE: ".",
    "▏": "|", "▎": "|", "▍": "|", "▌": "#", "▋": "#", "▊": "#", "▉": "#",
    "▁": "_", "▂": "_", "▃": "-", "▄": "-", "▅": "=", "▆": "=", "▇": "#",
    "↑": "^", "↓": "v", "←": "<", "↔": "=", "▲": "^", "≥": ">", "≤": "<", "±": "+", "○": "o",
    "⏎": "/", "␛": "^", "␀": "0", "␡": "?", "␍": "/",
}  # fmt: skip
ASCII = str.maketrans(_TWINS)


def wants_ascii() -> bool:
    """Whether the terminal draws these glyphs two cells wide (a CJK locale), or can't draw them at all."""
    if os.environ.get("TERM") in ("linux", "vt100", "dumb"):
        return True
    language = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(name))), "").lower()
    encoding = (getattr(sys.__stdout__, "encoding", None) or "utf-8").lower()
    return language.startswith(("ja_", "zh_", "ko_")) or "utf" not in encoding
