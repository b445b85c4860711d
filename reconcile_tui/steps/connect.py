"""Opening the project's systems: real ones over the network, `sandbox:` ones over the sandbox embedded in the workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.project import Project

if TYPE_CHECKING:
    from reconcile_tui.systems.protocol import Exchange, System
    from reconcile_tui.workspace import Workspace

SANDBOX_STATE = "sandbox.db"
"""The embedded sandbox keeps both CRMs in this file of the workspace folder."""


@asynccontextmanager
async def systems(
    workspace: Workspace,
    *,
    journal: Callable[[Exchange], None] | None = None,
    prompt: Callable[[str], None] | None = None,
) -> AsyncIterator[dict[str, System]]:
    """The project's systems by name, closed afterwards. `prompt` shows the device-code message. Raises SystemFailure."""
    async with systems_of(workspace.project, workspace.folder, journal=journal, prompt=prompt) as opened:
        yield opened


@asynccontextmanager
async def systems_of(
    project: Project,
    folder: Path,
    *,
    journal: Callable[[Exchange], None] | None = None,
    prompt: Callable[[str], None] | None = None,
) -> AsyncIterator[dict[str, System]]:
    """The same without a workspace database (doctor, init)."""
    from reconcile_tui.systems import open_system

    embedded = None
    if any(settings.embedded for settings in project.systems.values()):
        from reconcile_tui.sandbox import Sandbox

        embedded = Sandbox(folder / SANDBOX_STATE)
    opened: dict[str, System] = {}
    try:
        for name, settings in project.systems.items():
            transport = embedded.app if embedded is not None and settings.embedded else None
            tables = [table for owner, table in project.tables() if owner == name]
            links = {table: tuple(project.link_columns(name, table).values()) for table in tables}
            opened[name] = open_system(name, settings, folder=folder, links=links, transport=transport, journal=journal, prompt=prompt)
        yield opened
    finally:
        for system in opened.values():
            await system.close()
        if embedded is not None:
            embedded.close()
