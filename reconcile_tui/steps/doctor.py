"""Doctor: is everything in place? Each finding says what was looked at, how it stands and what to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui import project as project_file
from reconcile_tui.errors import ReconcileError
from reconcile_tui.project import Project
from reconcile_tui.steps.connect import systems_of
from reconcile_tui.steps.pull import MISSING_TODO, missing_columns, told_missing

if TYPE_CHECKING:
    from reconcile_tui.systems.protocol import System


@dataclass(frozen=True, slots=True)
class Examined:
    """One finding. `exit_code` is what the command ends with when this is the worst."""

    where: str  # project, database or a system's name
    topic: str
    level: str  # ok, note, warning, failed
    what: str
    todo: str = ""
    exit_code: int = 0


async def examine(folder: Path, *, prompt: Callable[[str], None]) -> list[Examined]:
    """Look at project file, database and both systems. Never raises for what it finds."""
    try:
        project = project_file.load(folder)
    except ReconcileError as error:
        return [Examined("project", "file", "failed", error.what, error.todo, error.exit_code)]
    found = [Examined("project", "file", "ok", f"{len(project.record_types)} record types, {len(project.tables())} tables")]
    found += _database(folder)
    found += await _systems(project, folder, prompt)
    return found


def _database(folder: Path) -> list[Examined]:
    from reconcile_tui.workspace import DATABASE_NAME, Workspace

    path = folder / DATABASE_NAME
    if not path.exists():
        return [Examined("database", "file", "note", "not made yet", "reconcile-tui pull makes it")]
    found = []
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        found.append(Examined("database", "mode", "warning", f"others can read it (mode {mode:o})", f"chmod 600 {path}"))
    if not os.access(path, os.W_OK):
        found.append(Examined("database", "mode", "failed", "it can't be written to", f"check who owns {path}", 2))
    try:
        with Workspace.open(folder) as workspace:
            damage = workspace.integrity()
            counts = workspace.records.counts()
    except ReconcileError as error:
        return [*found, Examined("database", "open", "failed", error.what, error.todo, error.exit_code)]
    if damage:
        found.append(Examined("database", "integrity", "failed", damage, "restore a backup, or move it away and pull again", 2))
    total = sum(counts.values())
    return [*found, Examined("database", "content", "ok", f"{total:,} records, {path.stat().st_size / 1e6:,.1f} MB")]


async def _systems(project: Project, folder: Path, prompt: Callable[[str], None]) -> list[Examined]:
    found: list[Examined] = []
    try:
        async with systems_of(project, folder, prompt=prompt) as opened:
            for name, system in opened.items():
                tables = [table for owner, table in project.tables() if owner == name]
                findings = await system.check(tables)
                found += [Examined(name, f.topic, f.level, f.what, f.todo, 3 if f.level == "failed" else 0) for f in findings]
                if not any(finding.level == "failed" for finding in findings):
                    found += await _columns(project, system, tables)
    except ReconcileError as error:
        found.append(Examined("systems", "open", "failed", error.what, error.todo, error.exit_code))
    return found


async def _columns(project: Project, system: System, tables: Sequence[str]) -> list[Examined]:
    """Mapped columns that the system doesn't have; a table it doesn't have is a finding of its own. Raises SystemFailure."""
    described = [(table, await system.describe(table)) for table in tables]
    told = told_missing((table, missing_columns(project, system.name, table, columns)) for table, columns in described if columns)
    return [Examined(system.name, "columns", "warning", f"{told}.", MISSING_TODO)] if told else []
