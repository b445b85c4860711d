"""The product's own signs, and their ASCII twins of the same width.

A glyph never stands alone: colour and a word say the same. Values of the CRMs are not translated, only what the product draws.
"""

from __future__ import annotations

import locale
import os

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
FULL, SHADE = "█", "░"
EIGHTHS = " ▏▎▍▌▋▊▉█"
LEVELS = "▁▂▃▄▅▆▇█"

_TWINS = {
    TAKEN: "*", DIFFERS: "!", ALIKE: "~", EMPTY: "-", TYPED: "e", UNMAPPED: "x", SURVIVOR: "S", HERE: ">", DONE: "v", FAILED: "X",
    NOT: "x", SKIPPED: "s", CHANGED: "c", ARROW: ">", DOT: "-", RULE: "-", BAR: "|", MORE: ">", OPEN: "<", CLOSE: ">",
    FULL: "#", SHADE: ".",
    "▏": "|", "▎": "|", "▍": "|", "▌": "#", "▋": "#", "▊": "#", "▉": "#",
    "▁": "_", "▂": "_", "▃": "-", "▄": "-", "▅": "=", "▆": "=", "▇": "#",
    "↑": "^", "↓": "v", "←": "<", "↔": "=", "▲": "^", "≥": ">", "≤": "<", "±": "+", "○": "o",
    "⏎": "/", "␛": "^", "␀": "0", "␡": "?", "␍": "/",
}  # fmt: skip
ASCII = str.maketrans(_TWINS)


def wants_ascii() -> bool:
    """Whether the terminal's locale draws these glyphs two cells wide (CJK), or can't draw them at all."""
    if os.environ.get("TERM") in ("linux", "vt100", "dumb"):
        return True
    language = (locale.setlocale(locale.LC_CTYPE) or "").lower()
    return (language.startswith(("ja_", "zh_", "ko_")) and "utf" in language) or language in ("c", "posix")
