"""Audits as CSV that a spreadsheet can take: no value is read as a formula."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

import orjson

from reconcile_tui.display import sheet_cell
from reconcile_tui.transforms import as_text

AUDIT = (
    "run", "at", "author", "seq", "kind", "system", "table", "id", "merged", "column", "before", "after", "why", "group", "decision",
    "decided_by", "decided_at", "request_id", "status",
)  # fmt: skip
"""Columns of an audit, in order."""


def write_audit(rows: Iterable[Mapping[str, Any]], file: TextIO) -> int:
    """An audit as CSV. Returns the number of rows."""
    writer = csv.writer(file)
    writer.writerow(AUDIT)
    count = 0
    for row in rows:
        writer.writerow([sheet_cell(as_text(row.get(name))) for name in AUDIT])
        count += 1
    return count


def save_audit(rows: Iterable[Mapping[str, Any]], path: Path) -> int:
    """An audit as a file (mode 0600: it holds personal data): CSV when its name ends so, else JSON lines. Returns the number of rows."""
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        os.fchmod(file.fileno(), 0o600)
        if path.suffix.lower() == ".csv":
            return write_audit(rows, file)
        count = 0
        for row in rows:
            file.write(orjson.dumps(row).decode() + "\n")
            count += 1
    return count
