"""CRM values made safe to show: one function at the boundary to any terminal, page or text file.

Values are hostile: escape sequences, bidirectional overrides and control characters would act on the terminal. They become visible
marks here; the raw text stays in the database.
"""

from __future__ import annotations

import re
from typing import Any

# C0, DEL, C1, bidi marks and isolates, line and paragraph separators, BOM, interlinear anchors, lone surrogates, tag characters,
# invisible operators. ZWJ (200D) and the variation selectors stay: emoji and several scripts need them.
_ACTIVE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_NAMES = {"\t": "→", "\n": "⏎", "\r": "␍", "\x1b": "␛", "\x00": "␀", "\x7f": "␡"}
LONGEST = 4000
"""Characters of one value that are shown; the rest is counted."""


def _mark(match: re.Match[str]) -> str:
    char = match.group()
    if char in _NAMES:
        return _NAMES[char]
    if char < "\x20":
        return chr(0x2400 + ord(char))
    return f"‹{ord(char):04X}›"


def safe_text(value: Any, *, longest: int = LONGEST) -> str:
    """The value as text that is inert on a terminal: control and bidirectional characters as marks, at most `longest` characters."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if len(text) > longest:
        text = f"{text[:longest]}… (+{len(text) - longest:,} characters)"
    return text if text.isprintable() else _ACTIVE.sub(_mark, text)


_FORMULA = re.compile(r"^[\s\x00-\x1f]*[=+\-@|%\t\r\n＝＋－＠]")
"""Starts spreadsheets evaluate (OWASP, "CSV injection"), also after blanks."""
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?")


def sheet_cell(value: object) -> str:
    """A value as a spreadsheet shows it: an apostrophe before what would be evaluated; plain numbers stay numbers."""
    text = "" if value is None else str(value)
    if _NUMBER.fullmatch(text):
        return text
    text = _HIDDEN.sub("\ufffd", text)
    return f"'{text}" if _FORMULA.match(text) else text
