"""The sandbox's own SQLite database: one connection, one lock, one transaction per request.

Records are stored in columns, one SQLite column per property, with an index under every order a client can page in; that keeps a
page of a million-row table as quick as one of ten rows.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reconcile_tui.errors import WorkspaceError

LAYOUT = 1
"""Version of the tables; kept in `user_version`."""

Row = dict[str, Any]

_BASE = """
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY, at REAL NOT NULL, system TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
  headers TEXT NOT NULL, body BLOB NOT NULL, status INTEGER NOT NULL, answer BLOB NOT NULL);
"""


class Store:
    """The database file, or memory. Safe to use from several threads: every use takes the lock."""

    def __init__(self, path: Path | str) -> None:
        """Open or create it. Raises WorkspaceError for a file that is not a sandbox's."""
        self.path = str(path)
        self.lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
            self._connection.row_factory = _as_dict
            self._prepare()
        except sqlite3.DatabaseError as error:
            raise WorkspaceError(f"{path} can't be used as the sandbox's database: {error}.", todo="Name another file.") from error

    def _prepare(self) -> None:
        if self.path != ":memory:":
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA cache_size=-65536")  # 64 MB
        self._connection.execute("PRAGMA temp_store=MEMORY")
        layout = self._connection.execute("PRAGMA user_version").fetchone()["user_version"]
        if layout not in (0, LAYOUT):
            raise WorkspaceError(
                f"{self.path} was written by another version of the sandbox.",
                kept="It was left as it is.",
                todo="Delete it to start from the seed again.",
            )
        self.new = layout == 0

    def create(self) -> None:
        """The sandbox's own tables; part of the transaction that creates everything else, so that a file is whole or empty."""
        for statement in filter(None, (part.strip() for part in _BASE.split(";"))):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version={LAYOUT}")

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self._connection.close()

    def clear(self) -> None:
        """Drop everything, back to an empty database."""
        for row in self.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
            self._connection.execute(f"DROP TABLE {quoted(row['name'])}")
        self.new = True

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[None]:
        """All or nothing. Inside another one it is a savepoint: an inner failure undoes the inner part only."""
        with self.lock:
            nested = self._connection.in_transaction
            self._connection.execute("SAVEPOINT part" if nested else "BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK TO part" if nested else "ROLLBACK")
                if nested:
                    self._connection.execute("RELEASE part")
                raise
            self._connection.execute("RELEASE part" if nested else "COMMIT")

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Execute one statement; returns how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute one statement for many rows."""
        self._connection.executemany(sql, rows)

    def insert(self, table: str, row: Row) -> int:
        """Insert one row; returns its rowid."""
        names = ", ".join(quoted(name) for name in row)
        marks = ", ".join("?" * len(row))
        cursor = self._connection.execute(f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})", list(row.values()))
        return cursor.lastrowid or 0

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Every row of a query, as dictionaries."""
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a query."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None without one."""
        row = self.one(sql, values)
        return None if row is None else next(iter(row.values()))

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """A query's rows one by one, for tables that don't fit in memory."""
        yield from self._connection.execute(sql, values)

    def take(self, name: str, count: int = 1) -> int:
        """Take `count` numbers of a counter and return the first; they are never given twice."""
        sql = "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value"
        return int(self.value(sql, (name, count))) - count + 1

    def raise_to(self, name: str, value: int) -> None:
        """Make a counter go on after `value`, if it isn't there yet."""
        sql = "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)"
        self.run(sql, (name, value))

    def counter(self, name: str) -> int:
        """The last number taken of a counter."""
        return int(self.value("SELECT value FROM counter WHERE name = ?", (name,)) or 0)

    def function(self, name: str, arguments: int, body: Any) -> None:
        """Make a Python function usable in this connection's SQL."""
        self._connection.create_function(name, arguments, body, deterministic=True)

    @property
    def changes(self) -> int:
        """How many rows were ever changed through this connection."""
        return self._connection.total_changes

    @property
    def revision(self) -> int:
        """Changes when another process has written to the file; cached definitions are then read again."""
        return int(self.value("PRAGMA data_version"))


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}
