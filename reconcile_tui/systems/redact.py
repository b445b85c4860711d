"""What of a request and its answer may be written down: never a token, a query string or a person's data."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_EMAIL = re.compile(r"[^\s\"'<>,;:=({\[@]++@[^\s\"'<>,;:)}\]]+")
_TOKEN = re.compile(r"\b(?:pat-[a-z0-9]+-[\w-]{8,}|eyJ[\w-]+(?:\.[\w-]+)*|Bearer\s+\S+)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_QUOTED = re.compile(r"'[^']*'")
_LONGEST = 500  # characters of a vendor's message worth showing


def path(url: str) -> str:
    """The path of a URL without its query; e-mail addresses and key values in it become `…`."""
    parts = []
    for segment in urlsplit(url).path.split("/"):
        plain = unquote(segment)
        parts.append("…" if "@" in plain else _QUOTED.sub("'…'", plain))
    return _CONTROL.sub("", "/".join(parts))


def message(text: object) -> str:
    """A vendor's message fit for one line of a log or a screen: addresses, tokens and control characters taken out."""
    clean = _CONTROL.sub(" ", str(text)[: 4 * _LONGEST])
    clean = _TOKEN.sub("…", _EMAIL.sub("…@…", clean))
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…"
