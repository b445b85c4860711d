"""Plans and audits as CSV that a spreadsheet or an import wizard can take: no value is read as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from reconcile_tui.model import Native
from reconcile_tui.stewardship.document import Plan
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


def write_imports(plan: Plan, folder: Path) -> list[Path]:
    """A plan as files to import by hand, for systems that can't be written to. Returns their paths (mode 0600).

    Per table and column one file with id and final value, because a table with all columns would overwrite what is not to be changed;
    an empty value means: clear it. Merges are a file of their own, one a row, in order, to be done first. Values are exact, not made
    inert: an import wizard reads them, no spreadsheet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values: dict[tuple[str, str, str], dict[str, Native]] = {}
    merges: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for write in plan.writes:
        if write.lose:
            merges.setdefault((write.system, write.table), []).append((write.id, write.lose))
        for name, value in write.leaves.items():
            values.setdefault((write.system, write.table, name), {})[write.id] = value
    made = [_write(folder / f"{system}_{table}_merge.csv", ["keep", "merge_into_it"], found) for (system, table), found in merges.items()]
    for (system, table, name), found in values.items():
        body = [(id_, as_text(value) or "") for id_, value in found.items()]
        made.append(_write(folder / f"{system}_{table}_set_{name}.csv", ["id", name], body))
    return sorted(made)


def _write(path: Path, head: list[str], body: Iterable[Iterable[str]]) -> Path:
    path.touch(mode=0o600)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(body)
    return path
