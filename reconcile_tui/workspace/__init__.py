"""The local workspace: a folder with `reconcile.toml` and `workspace.db`. All SQL of the product is in this package.

    with Workspace.open(folder) as workspace:           # as the one writer
        workspace.records.load(workspace.matches.members("g1"))

`records`, `matches`, `decisions`, `runs`, `forecasts` and `settings` are the nouns; each is one module.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reconcile_tui import project as project_file
from reconcile_tui.errors import WorkspaceError
from reconcile_tui.project import Project
from reconcile_tui.workspace import database
from reconcile_tui.workspace.database import DATABASE_NAME, WriterLock, explain

if TYPE_CHECKING:
    from reconcile_tui.workspace.decisions import Decisions
    from reconcile_tui.workspace.forecasts import Forecasts
    from reconcile_tui.workspace.match_runs import MatchRuns
    from reconcile_tui.workspace.matches import Matches
    from reconcile_tui.workspace.records import Records
    from reconcile_tui.workspace.runs import Runs
    from reconcile_tui.workspace.settings import Settings

__all__ = ["DATABASE_NAME", "Workspace", "explain"]

Mode = Literal["write", "read", "join"]
"""`write` takes the writer's lock; `read` opens read-only; `join` writes beside a parent process that holds the lock."""


class Workspace:
    """An open workspace. Close it, or use it as a context manager."""

    def __init__(self, folder: Path, project: Project, mode: Mode = "write") -> None:
        """Open (and for `write` lock, create and migrate) the database. Raises WorkspaceError, WorkspaceInUse."""
        self.folder = folder
        self.project = project
        self.mode = mode
        self.path = folder / DATABASE_NAME
        self._lock = WriterLock(folder)
        if mode == "read" and not self.path.exists():
            raise WorkspaceError(f"There is no {DATABASE_NAME} in {folder}.", todo="Run `reconcile-tui pull` first.")
        if mode == "write":
            self._lock.take()
        try:
            if mode == "write":
                database.create_private(self.path)
            self.db = database.connect(self.path, read_only=mode == "read")
            if mode == "write":
                database.migrate(self.db)
        except BaseException as error:
            self._lock.release()
            if (told := explain(error)) is not None:
                raise told from error
            raise

    @classmethod
    def open(cls, folder: Path, mode: Mode = "write") -> Workspace:
        """Open the workspace of a folder with the project file in it."""
        return cls(folder, project_file.load(folder), mode)

    def close(self) -> None:
        """Close the database and release the lock."""
        self.db.close()
        self._lock.release()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; SQLite's errors come out as sentences."""
        try:
            with database.transaction(self.db):
                yield
        except (sqlite3.Error, OSError) as error:
            if (told := explain(error)) is not None:
                raise told from error
            raise

    def writes_derived_only(self) -> None:
        """Don't wait for the disk at each commit: for a process that keeps nothing but what can be computed again."""
        self.db.execute("PRAGMA synchronous = NORMAL")

    def slim(self) -> None:
        """Keep at most 8 MB of the database in this process: for one that reads little at a time and stays open for a day."""
        self.db.execute("PRAGMA cache_size = -8192")

    def integrity(self) -> str:
        """What SQLite's own quick check finds damaged; empty when nothing is."""
        found = [row[0] for row in self.db.execute("PRAGMA quick_check(3)")]
        return "" if found == ["ok"] else "; ".join(found)

    def author(self) -> str:
        """Who decides here: $RECONCILE_AUTHOR, else the login name."""
        return os.environ.get("RECONCILE_AUTHOR") or os.environ.get("USER") or os.environ.get("LOGNAME") or "steward"

    @cached_property
    def records(self) -> Records:
        """Pulled records."""
        from reconcile_tui.workspace.records import Records

        return Records(self)

    @cached_property
    def matches(self) -> Matches:
        """Pairs and groups."""
        from reconcile_tui.workspace.matches import Matches

        return Matches(self)

    @cached_property
    def match_runs(self) -> MatchRuns:
        """What match runs found, and what they were made on."""
        from reconcile_tui.workspace.match_runs import MatchRuns

        return MatchRuns(self)

    @cached_property
    def decisions(self) -> Decisions:
        """The decision log, judgements and acceptances."""
        from reconcile_tui.workspace.decisions import Decisions

        return Decisions(self)

    @cached_property
    def runs(self) -> Runs:
        """Plans, runs and the journal."""
        from reconcile_tui.workspace.runs import Runs

        return Runs(self)

    @cached_property
    def forecasts(self) -> Forecasts:
        """The ledger of the simulator."""
        from reconcile_tui.workspace.forecasts import Forecasts

        return Forecasts(self)

    @cached_property
    def settings(self) -> Settings:
        """Small named values: where the screens were left, answers of the questionnaire."""
        from reconcile_tui.workspace.settings import Settings

        return Settings(self)
