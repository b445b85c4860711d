"""Pull: both systems at once, page by page into the workspace, each page and its cursor in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile_tui.display import safe_text
from reconcile_tui.model import Column
from reconcile_tui.steps.progress import Listener, Stage, Stop, never, silent
from reconcile_tui.workspace.decisions import now

if TYPE_CHECKING:
    from reconcile_tui.project import Project
    from reconcile_tui.systems.protocol import System
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull of one table brought."""

    system: str
    table: str
    mode: str  # full, changes
    records: int
    changed: int
    gone: int
    resumed: bool = False
    absent: bool = False  # the system has no such table
    missing: tuple[str, ...] = ()  # mapped columns the table does not have


async def pull(
    workspace: Workspace,
    systems: Mapping[str, System],
    *,
    full: bool = False,
    progress: Listener = silent,
    stop: Stop = never,
) -> list[Pulled]:
    """Load every table of the project: changes only where the system can tell, else all of it.

    A pull that was interrupted goes on where it stopped. Raises SystemFailure, Interrupted, WorkspaceError.
    """

    async def one_system(name: str) -> list[Pulled]:
        tables = [table for system, table in workspace.project.tables() if system == name]
        return [await _pull_table(workspace, systems[name], table, full, progress, stop) for table in tables]

    workspace.records.reserve(workspace.project.tables())
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one_system(name)) for name in workspace.project.systems]
    return [pulled for task in tasks for pulled in task.result()]


async def _pull_table(workspace: Workspace, system: System, table: str, full: bool, progress: Listener, stop: Stop) -> Pulled:
    metadata = await system.describe(table)
    if not metadata:
        return Pulled(system.name, table, "full", 0, 0, 0, absent=True)
    columns = columns_to_pull(workspace, system, table, metadata)
    missing = missing_columns(workspace.project, system.name, table, metadata)
    records = workspace.records
    records.define(system.name, table, columns)
    unfinished = None if full else records.unfinished_pull(system.name, table)
    last = records.last_pull(system.name, table, finished=True)
    since: str | None = None
    if not full:
        since = unfinished["since"] if unfinished else last["next_since"] if last else None
    number = unfinished["id"] if unfinished else records.start_pull(system.name, table, since=since, at=now())
    stage = Stage(f"{system.name} {table}", progress, stop)
    next_since, whole, changed = None, since is None, 0
    pages = system.pull(table, [c.name for c in columns], cursor=unfinished["cursor"] if unfinished else None, since=since)
    async with aclosing(pages):  # type: ignore[type-var]
        async for page in pages:
            whole = page.full
            changed += records.store_page(system.name, page, number)
            next_since = page.next_since or next_since
            stage.advance(len(page.records), total=page.total)
    gone = records.finish_pull(number, next_since=next_since, at=now(), full=whole)
    mode, resumed = "full" if whole else "changes", unfinished is not None
    return Pulled(system.name, table, mode, stage.done, changed, gone, resumed=resumed, missing=missing)


def columns_to_pull(workspace: Workspace, system: System, table: str, metadata: tuple[Column, ...]) -> list[Column]:
    """The wanted columns that exist, with their metadata; mapped ones that don't exist are left out (see `missing_columns`)."""
    known = {column.name: column for column in metadata}
    wanted = [*workspace.project.wanted_columns(system.name, table), *system.standing_columns(table)]
    return [known[name] for name in dict.fromkeys(wanted) if name in known]


def missing_columns(project: Project, system: str, table: str, metadata: tuple[Column, ...]) -> tuple[str, ...]:
    """Mapped columns that a table doesn't have."""
    known = {column.name for column in metadata}
    return tuple(name for name in project.mapped_columns(system, table) if name not in known)


MISSING_TODO = "Correct the names in reconcile.toml, or make the columns there; until then these fields stay empty and are not forecast."
"""What to do about mapped columns that are not there."""


def told_missing(found: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    """Tables of one system with the mapped columns they don't have, in a sentence; empty when all have theirs. Inert text."""
    told = [f"{table} has no {'column' if len(names) == 1 else 'columns'} {', '.join(names)}" for table, names in found if names]
    return safe_text("; ".join(told))


def missing_lines(pulled: Iterable[Pulled]) -> list[str]:
    """What was not pulled because it isn't there: a sentence per system."""
    by_system: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for one in pulled:
        by_system.setdefault(one.system, []).append((one.table, one.missing))
    return [f"{system}: {told}. {MISSING_TODO}" for system, found in by_system.items() if (told := told_missing(found))]
