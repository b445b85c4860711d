"""Which records the sync would pick up: the project's SQL predicates, run where they can do no harm.

A predicate runs on a read-only connection with an authorizer that allows reading its own record table and calling plain SQL functions,
nothing else, and within a time budget.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import ProjectError
from reconcile_tui.workspace.database import connect

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

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


def rows(path: Path, storage: str, predicate: str, only: Iterable[int]) -> list[int]:
    """Those of some rows (at most 32,000) that are live and satisfy the predicate. Raises ProjectError naming the predicate.

    An empty predicate means every active record.
    """
    wanted = list(only)
    return [row[0] for row in _asked(path, storage, predicate, "_row", f" AND _row IN ({','.join('?' * len(wanted))})", wanted)]


def every_row(path: Path, storage: str, predicate: str, *, guarded: bool = True) -> npt.NDArray[np.int64]:
    """Row numbers of all live records that satisfy the predicate, ascending. Raises ProjectError naming the predicate.

    Without `guarded` inactive records count too: that is what a connector would pick up that knows the predicate and nothing else.
    """
    import numpy as np

    joined = _asked(path, storage, predicate, "group_concat(_row)", "", (), guarded=guarded)[0][0]
    return np.sort(np.fromstring(joined or "", np.int64, sep=","))


def _asked(
    path: Path, storage: str, predicate: str, what: str, limit: str, values: Sequence[int], *, guarded: bool = True
) -> list[tuple[Any, ...]]:
    condition = f"({predicate})" if predicate.strip() else "1"
    live = "_deleted = 0 AND _active = 1" if guarded else "_deleted = 0"
    sql = f'SELECT {what} FROM "{storage}" WHERE {live}{limit} AND {condition}'
    db = connect(path, read_only=True)
    deadline = time.monotonic() + BUDGET_SECONDS
    try:
        db.row_factory = None
        db.set_authorizer(_authorizer(storage))
        db.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)
        return db.execute(sql, values).fetchall()
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise ProjectError(
            f"The eligibility predicate {predicate!r} for {storage.removeprefix('rec_')} can't be used: {error}.",
            kept="Nothing was changed.",
            todo="Use the table's own column names in a SQL condition, e.g. statecode = 0 AND emailaddress1 IS NOT NULL.",
        ) from error
    finally:
        db.close()


def every_row_or_active(path: Path, storage: str, predicate: str) -> tuple[npt.NDArray[np.int64], str]:
    """The same for looking at records: where the predicate can't be used, every active record counts, and the second part says why.

    The forecast names such a predicate among its problems.
    """
    try:
        return every_row(path, storage, predicate), ""
    except ProjectError as error:
        return every_row(path, storage, ""), error.what


def rows_or_active(path: Path, storage: str, predicate: str, only: Sequence[int]) -> list[int]:
    """Those of some rows that are eligible; every active one where the predicate can't be used (see `every_row_or_active`)."""
    try:
        return rows(path, storage, predicate, only)
    except ProjectError:
        return rows(path, storage, "", only)


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
