"""Audits as CSV that a spreadsheet can take: no value is read as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from reconcile_tui.transforms import as_text

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
AUDIT = (
    "run", "at", "author", "seq", "kind", "system", "table", "id", "merged", "column", "before", "after", "why", "group", "decision",
    "request_id", "status",
)  # fmt: skip
"""Columns of an audit, in order."""


def inert(value: Any) -> str:
    """A value for a spreadsheet: text that would be a formula is quoted (OWASP, CSV injection)."""
    text = as_text(value) or ""
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_audit(rows: Iterable[Mapping[str, Any]], file: TextIO) -> int:
    """An audit as CSV. Returns the number of rows."""
    writer = csv.writer(file)
    writer.writerow(AUDIT)
    count = 0
    for row in rows:
        writer.writerow([inert(row.get(name)) for name in AUDIT])
        count += 1
    return count
