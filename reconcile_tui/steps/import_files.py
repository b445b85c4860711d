"""A plan for folders of exports: import-ready CSV files instead of requests.

Per table `<table>-updates.csv` (id column, then the columns to set; a column a row does not change is left as it was exported) and
`<table>-merges.csv` (`keep`, `lose`). Values are exactly what the system is to hold, so these files are for an import, not for a
spreadsheet.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.model import Ref
from reconcile_tui.transforms import as_text

if TYPE_CHECKING:
    from reconcile_tui.stewardship.document import Plan, Write
    from reconcile_tui.workspace import Workspace


def file_systems(workspace: Workspace) -> list[str]:
    """The project's systems that are folders of exports."""
    return [name for name, settings in workspace.project.systems.items() if settings.kind == "files"]


def write(workspace: Workspace, plan: Plan, folder: Path) -> list[Path]:
    """Write the files of every folder of exports the plan touches; returns their paths. Raises OSError."""
    written = []
    for system in file_systems(workspace):
        for table in dict.fromkeys(w.table for w in plan.writes if w.system == system):
            mine = [w for w in plan.writes if (w.system, w.table) == (system, table)]
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if merges := [[w.id, w.lose] for w in mine if w.kind == "merge"]:
                written.append(_csv(folder / f"{table}-merges.csv", ["keep", "lose"], merges))
            if updates := _updates(workspace, mine):
                written.append(_csv(folder / f"{table}-updates.csv", updates[0], updates[1:]))
    return written


def _updates(workspace: Workspace, writes: Sequence[Write]) -> list[list[str]]:
    """Head and rows: the final values of every record that changes, unchanged columns as exported."""
    final: dict[str, dict[str, str]] = {}
    for write_ in writes:
        if write_.leaves and write_.records():
            final.setdefault(write_.id, {}).update({name: as_text(value) or "" for name, value in write_.leaves.items()})
    if not final:
        return []
    first = writes[0]
    columns = list(dict.fromkeys(name for values in final.values() for name in values))
    id_column = workspace.project.systems[first.system].id
    rows = [[id_column, *columns]]
    for id_, values in final.items():
        record = workspace.records.get(Ref(first.system, first.table, id_))
        before = record.native if record else {}
        rows.append([id_, *(values.get(name, as_text(before.get(name)) or "") for name in columns)])
    return rows if any(_changes(workspace, first, row, columns) for row in rows[1:]) else []


def _changes(workspace: Workspace, write_: Write, row: Sequence[str], columns: Sequence[str]) -> bool:
    record = workspace.records.get(Ref(write_.system, write_.table, row[0]))
    before = record.native if record else {}
    return any((as_text(before.get(name)) or "") != value for name, value in zip(columns, row[1:], strict=True))


def _csv(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
    return path
