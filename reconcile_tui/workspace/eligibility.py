"""Which records the sync would pick up: the project's SQL predicates, run where they can do no harm.

A predicate runs on a read-only connection with an authorizer that allows reading its own record table and calling plain SQL functions,
nothing else, and within a time budget.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from reconcile_tui.errors import ProjectError
from reconcile_tui.workspace.database import connect

BUDGET_SECONDS = 60.0
Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]
_DENIED_FUNCTIONS = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "randomblob", "zeroblob"}


def _authorizer(storage: str) -> Authorizer:
    def allow(action: int, first: str | None, second: str | None, _db: str | None, _trigger: str | None) -> int:
        if action == sqlite3.SQLITE_SELECT:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            return sqlite3.SQLITE_OK if first == storage else sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_FUNCTION:
            return sqlite3.SQLITE_DENY if (second or "").lower() in _DENIED_FUNCTIONS else sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    return allow


def rows(path: Path, storage: str, predicate: str, only: Iterable[int] | None = None, *, guarded: bool = True) -> list[int]:
    """Row numbers of live records in `storage` that satisfy the predicate. Raises ProjectError naming the predicate.

    `only` limits the question to some rows (at most 32,000). An empty predicate means every active record. Without `guarded` inactive
    records count too: that is what a connector would pick up that knows the predicate and nothing else.
    """
    wanted = list(only) if only is not None else None
    limit = f" AND _row IN ({','.join('?' * len(wanted))})" if wanted is not None else ""
    condition = f"({predicate})" if predicate.strip() else "1"
    live = "_deleted = 0 AND _active = 1" if guarded else "_deleted = 0"
    sql = f'SELECT _row FROM "{storage}" WHERE {live}{limit} AND {condition}'
    db = connect(path, read_only=True)
    deadline = time.monotonic() + BUDGET_SECONDS
    try:
        db.row_factory = None
        db.set_authorizer(_authorizer(storage))
        db.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)
        return [row[0] for row in db.execute(sql, wanted or ())]
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise ProjectError(
            f"The eligibility predicate {predicate!r} for {storage.removeprefix('rec_')} can't be used: {error}.",
            kept="Nothing was changed.",
            todo="Use the table's own column names in a SQL condition, e.g. statecode = 0 AND emailaddress1 IS NOT NULL.",
        ) from error
    finally:
        db.close()


def rows_or_active(path: Path, storage: str, predicate: str, only: Iterable[int] | None = None) -> tuple[list[int], str]:
    """The same for looking at records: where the predicate can't be used, every active record counts, and the second part says why.

    The forecast names such a predicate among its problems.
    """
    wanted = list(only) if only is not None else None
    try:
        return rows(path, storage, predicate, wanted), ""
    except ProjectError as error:
        return rows(path, storage, "", wanted), error.what


def would_pass(storage: str, predicate: str, records: Sequence[Mapping[str, object]]) -> list[bool]:
    """Whether records with these column values would satisfy a predicate: asked in an empty database of its own.

    For records as a plan would leave them. All of them must have the same columns. Raises ProjectError naming the predicate.
    """
    if not records or not predicate.strip():
        return [True] * len(records)
    columns = list(records[0])
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    db = sqlite3.connect(":memory:")
    try:
        db.execute(f'CREATE TABLE "{storage}" (_row INTEGER PRIMARY KEY, {listed})')
        rows = [(n, *(record.get(name) for name in columns)) for n, record in enumerate(records)]
        db.executemany(f'INSERT INTO "{storage}" VALUES ({", ".join("?" * (len(columns) + 1))})', rows)
        db.commit()
        db.set_authorizer(_authorizer(storage))
        passing = {row[0] for row in db.execute(f'SELECT _row FROM "{storage}" WHERE ({predicate})')}
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise ProjectError(f"The eligibility predicate {predicate!r} can't be used: {error}.", todo="Correct reconcile.toml.") from error
    finally:
        db.close()
    return [n in passing for n in range(len(records))]


def would_pass_or_active(storage: str, predicate: str, records: Sequence[Mapping[str, object]]) -> list[bool]:
    """The same for looking at records as they would be: all of them count where the predicate can't be used (see `rows_or_active`)."""
    try:
        return would_pass(storage, predicate, records)
    except ProjectError:
        return [True] * len(records)
