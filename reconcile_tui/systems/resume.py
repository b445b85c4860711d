"""Where a pull stands and where the next one starts, as text the workspace keeps without understanding it.

Both carry a fingerprint of the columns pulled: with other columns they are void, and the pull starts over in full, because a column
added to the map has to come for records that did not change, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any


def fingerprint(columns: Sequence[str]) -> str:
    """Ten letters that differ when the set of columns does."""
    return hashlib.sha256("\n".join(sorted(columns)).encode()).hexdigest()[:10]


def pack(columns: Sequence[str], **place: str | bool | None) -> str:
    """A place as text."""
    return json.dumps({"columns": fingerprint(columns), **{k: v for k, v in place.items() if v is not None}}, separators=(",", ":"))


def unpack(text: str | None, columns: Sequence[str]) -> dict[str, Any] | None:
    """Inverse of `pack`; None when there is none, it can't be read, or it was for other columns."""
    if not text:
        return None
    try:
        place = json.loads(text)
    except ValueError:
        return None
    return place if isinstance(place, dict) and place.pop("columns", "") == fingerprint(columns) else None
