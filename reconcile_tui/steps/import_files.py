"""A plan for folders of exports: import-ready CSV files instead of requests.

Per table `<table>-merges.csv` (`keep`, `lose`; to be done first, in order) and `<table>-updates.csv`: the id column, then the columns to
set; an empty cell means: clear it. A row names nothing but what the plan changes, because an import overwrites whatever it names: where
records change different columns there is one numbered file for each set of columns. Values are exactly what the system is to hold, so
these files are for an import, not for a spreadsheet.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.model import Native
from reconcile_tui.stewardship.values import same
from reconcile_tui.transforms import as_text

if TYPE_CHECKING:
    from reconcile_tui.stewardship.document import Plan, Write
    from reconcile_tui.workspace import Workspace

Changes = dict[str, dict[str, Native]]
"""Columns with their final values, by id."""


def file_systems(workspace: Workspace) -> list[str]:
    """The project's systems that are folders of exports."""
    return [name for name, settings in workspace.project.systems.items() if settings.kind == "files"]


def write(workspace: Workspace, plan: Plan, folder: Path) -> list[Path]:
    """Write the files (mode 0600) of every folder of exports the plan touches; returns their paths. Raises OSError."""
    systems = file_systems(workspace)
    written: list[Path] = []
    for system in systems:
        id_column = workspace.project.systems[system].id
        for table in dict.fromkeys(w.table for w in plan.writes if w.system == system):
            mine = [w for w in plan.writes if (w.system, w.table) == (system, table) and w.records()]
            name = f"{system}-{table}" if len(systems) > 1 else table
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if merges := [[w.id, w.lose] for w in mine if w.lose]:
                written.append(_csv(folder / f"{name}-merges.csv", ["keep", "lose"], merges))
            written += _updates(folder, name, id_column, _changes(mine))
    return written


def _changes(writes: Iterable[Write]) -> Changes:
    """What each record is to hold in the end; what it holds already is left out, unless a merge may have changed it."""
    first: dict[str, dict[str, Native]] = {}
    final: Changes = {}
    merged: set[str] = set()
    for write_ in writes:
        before, after = first.setdefault(write_.id, {}), final.setdefault(write_.id, {})
        for name, value in write_.leaves.items():
            before.setdefault(name, write_.expects.get(name))
            after[name] = value
        if write_.lose:
            merged.add(write_.id)
    kept = {id_: {n: v for n, v in after.items() if id_ in merged or not same(v, first[id_][n])} for id_, after in final.items()}
    return {id_: values for id_, values in kept.items() if values}


def _updates(folder: Path, name: str, id_column: str, changes: Changes) -> list[Path]:
    """One file for each set of columns that records change."""
    by_columns: dict[tuple[str, ...], list[str]] = {}
    for id_, values in changes.items():
        by_columns.setdefault(tuple(sorted(values)), []).append(id_)
    several = len(by_columns) > 1
    return [
        _csv(folder / f"{name}-updates{f'-{number:02d}' if several else ''}.csv", [id_column, *columns], _rows(columns, ids, changes))
        for number, (columns, ids) in enumerate(sorted(by_columns.items()), 1)
    ]


def _rows(columns: Sequence[str], ids: Sequence[str], changes: Mapping[str, Mapping[str, Native]]) -> list[list[str]]:
    return [[id_, *(as_text(changes[id_][name]) or "" for name in columns)] for id_ in ids]


def _csv(path: Path, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
    return path
