"""The screens. `run` opens them on a workspace; nothing of Textual is imported before it is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

__all__ = ["run"]


def run(
    folder: Path, *, guided: bool = False, read_only: bool = False, or_read: bool = False, ascii: bool = False, theme: str | None = None
) -> int:
    """Open the screens on a workspace folder and return the exit code; `or_read`: for reading where another process writes.

    Raises ProjectError, WorkspaceError, WorkspaceInUse.
    """
    from reconcile_tui.tui.app import ReconcileApp

    def open_workspace() -> Workspace:
        from reconcile_tui.errors import WorkspaceInUse
        from reconcile_tui.workspace import Workspace

        try:
            return Workspace.open(folder, "read" if read_only else "write")
        except WorkspaceInUse:
            if not or_read:
                raise
            return Workspace.open(folder, "read")

    app = ReconcileApp(open_workspace, guided=guided, ascii=ascii, theme=theme)
    app.run()
    if app.is_open:
        app.workspace.close()
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0
