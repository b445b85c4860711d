"""The SQLite file: opening, numbered migrations, the single writer's lock, transactions.

The file is WAL, mode 0600, `synchronous=FULL` (a committed decision or journal entry survives a power cut). One process at a time
writes; the others are told who does.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from reconcile_tui.errors import ReconcileError, WorkspaceError, WorkspaceInUse

DATABASE_NAME = "workspace.db"
LOCK_NAME = "workspace.lock"


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a connection with the workspace's settings. Raises sqlite3.Error."""
    uri = f"file:{_quoted(path)}?mode={'ro' if read_only else 'rwc'}"
    db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5, check_same_thread=False)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("PRAGMA cache_size = -65536")
    if not read_only:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
    return db


def create_private(path: Path) -> None:
    """Make sure the file exists with mode 0600, before SQLite makes it with the umask's."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)


def migrations() -> list[tuple[int, str]]:
    """All (number, SQL) in order."""
    folder = resources.files("reconcile_tui.workspace") / "migrations"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return sorted((int(entry.name[:4]), entry.read_text(encoding="utf-8")) for entry in found)


def version(db: sqlite3.Connection) -> int:
    """The number of the last migration applied."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: sqlite3.Connection) -> None:
    """Bring the schema up to date, one transaction a step. Raises WorkspaceError for a file of a newer version."""
    steps = migrations()
    current = version(db)
    if current > steps[-1][0]:
        raise WorkspaceError(
            f"This workspace was written by a newer version (schema {current}, this version knows {steps[-1][0]}).",
            kept="Nothing was changed.",
            todo="Update reconcile-tui and try again.",
        )
    for number, sql in steps:
        if number > current:
            db.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")


class WriterLock:
    """The right to write to one workspace; held by at most one process. A context manager."""

    def __init__(self, folder: Path) -> None:
        """Name the lock file; nothing is taken yet."""
        self.path = folder / LOCK_NAME
        self._file: int | None = None

    def take(self) -> None:
        """Take the lock or raise WorkspaceInUse naming the holder. The kernel releases it when the process ends."""
        handle = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(handle)
            raise WorkspaceInUse(
                f"Another reconcile-tui (process {holder}) is working on {self.path.parent}.",
                kept="Nothing was changed.",
                todo="Finish there first, or use a copy of the folder.",
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._file = handle

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing; nested use joins the outer transaction."""
    if db.in_transaction:
        yield db
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        _roll_back(db)
        raise


def _roll_back(db: sqlite3.Connection) -> None:
    if db.in_transaction:  # a full disk rolls back by itself
        db.execute("ROLLBACK")


def explain(error: BaseException) -> ReconcileError | None:
    """SQLite's and the file system's own errors as sentences; None for anything else."""
    if isinstance(error, sqlite3.Error):
        return _explain_sqlite(error)
    if isinstance(error, OSError) and error.errno == 28:  # ENOSPC
        return _disk_full()
    if isinstance(error, PermissionError):
        return WorkspaceError(f"No permission: {error.filename}.", todo="Check who owns the folder, then try again.")
    return None


def _explain_sqlite(error: sqlite3.Error) -> ReconcileError:
    text = str(error).lower()
    if "full" in text:
        return _disk_full()
    if "locked" in text or "busy" in text:
        return WorkspaceInUse(
            "The workspace database is locked by another program.",
            kept="Nothing was lost.",
            todo="Close that program and run the same command again.",
        )
    if "malformed" in text or "not a database" in text:
        return WorkspaceError(
            f"The workspace database is damaged ({error}).",
            kept="The systems were not touched; the project file is intact.",
            todo="Restore workspace.db from a backup, or move it away and pull again.",
        )
    return WorkspaceError(f"The workspace database answered: {error}.", todo="Run with --debug for the details.")


def _disk_full() -> WorkspaceError:
    return WorkspaceError(
        "The disk is full.",
        kept="Everything committed so far is kept.",
        todo="Free some space and run the same command again; it goes on from there.",
    )


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path.absolute()))
