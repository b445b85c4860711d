"""Text: blanks, letter case, names, addresses of e-mail, markup, length."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable

INVISIBLE = re.compile("[\u00ad\u180e\u200b\u200c\u200e\u200f\u2060-\u2064\ufeff\u061c\u202a-\u202e\u2066-\u2069]")
"""Characters that take no room and change no meaning: soft hyphen, zero-width space, direction marks, byte order mark. ZWJ stays."""

_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"(?i)<(?:br|/p|/div|/li)\b[^<>]{0,200}>")
_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "del", "di", "da", "dos", "do", "du", "la", "le", "zu", "ter", "ten", "bin", "ibn", "y"}
)


def identity(value: str) -> str:
    """The value as it is."""
    return value


def trim(value: str) -> str:
    """Outer blanks removed, inner runs of white space as one blank."""
    return " ".join(value.split())


def lower(value: str) -> str:
    """Lower case; applied until it settles (`İ` lower-cased twice differs from once)."""
    return _settled(value, str.lower)


def upper(value: str) -> str:
    """Upper case."""
    return _settled(value, str.upper)


def _settled(value: str, change: Callable[[str], str]) -> str:
    for _ in range(4):
        changed = change(value)
        if changed == value:
            break
        value = changed
    return value


def email(value: str) -> str:
    """An e-mail address as HubSpot stores it: trimmed, in lower case."""
    return lower(trim(value))


def visible(value: str) -> str:
    """Without invisible and control characters; line breaks and tabs become blanks."""
    plain = INVISIBLE.sub("", value)
    return trim("".join(" " if c in "\t\r\n\v\f\x85\u2028\u2029" else c for c in plain if c in "\t\r\n\v\f\x85" or not _control(c)))


def _control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs")


def name(value: str) -> str:
    """A person's name with capitals where it is written all in one case (`ANNA VAN DYK` -> `Anna van Dyk`); others stay."""
    plain = trim(value)
    letters = [c for c in plain if c.isalpha()]
    if len(letters) < 2 or not (plain.isupper() or plain.islower()):
        return plain
    words = plain.lower().split(" ")
    return " ".join(w if i and w in _PARTICLES else _capital(w) for i, w in enumerate(words))


def _capital(word: str) -> str:
    parts = re.split(r"([-'’.])", word)
    joined = "".join(p[:1].upper() + p[1:] for p in parts)
    return "Mc" + joined[2:3].upper() + joined[3:] if joined.startswith("Mc") and len(joined) > 3 else joined


def plain_text(value: str) -> str:
    """HTML as plain text: breaks and paragraphs as line ends, tags removed, entities resolved."""
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", value)))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return "\n".join(line for line in lines if line)


def digits(value: str) -> str:
    """Digits only."""
    found = "".join(c for c in value if c in "0123456789")
    if not found:
        raise ValueError("has no digit")
    return found
