"""Whole columns of pulled tables in native text, a few at a time, as Arrow arrays; no Python object is made of a value.

A large table is read by a process beside this one (see `column_process`), whose results arrive while the caller works on what came
before. A small one, or some rows of one, is read here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reconcile_tui.ahead import ahead
from reconcile_tui.errors import WorkspaceError
from reconcile_tui.memory import give_back
from reconcile_tui.transforms import as_text
from reconcile_tui.workspace import column_process, eligibility
from reconcile_tui.workspace.database import connect
from reconcile_tui.workspace.records import Table, row_of

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from reconcile_tui.workspace import Workspace

LARGE = 20_000
"""Records of a table from which a process beside this one pays for its start."""
_TOGETHER = 4
"""Columns that are text in memory at the same time."""
_AHEAD = 2
"""Sets of columns that are read before they are asked for."""
_REAL, _OTHER = "r", "o"
"""What stands before a value of a column of numbers on its way: a number with a fraction is written by `as_text`, not by SQLite."""

OWN = ("_active", "_merged_into", "_deleted", "_created", "_modified")


@dataclass(frozen=True)
class Extract:
    """One table: the records' keys and its columns as Arrow dictionaries of text (blank is null)."""

    table: Table
    keys: pa.Array  # int64
    columns: dict[str, pa.DictionaryArray]
    eligible: pa.Array  # int64: row numbers that may leave their system


def extract(workspace: Workspace, table: Table, names: Sequence[str], keys: Sequence[int] | None = None) -> Extract:
    """The named columns that exist, and the workspace's own, of all records (gone ones too) or of some. What was not committed yet
    is not seen. Raises ProjectError, WorkspaceError."""
    import pyarrow as pa

    rows = [row_of(key) for key in keys] if keys is not None else None
    wanted = present(workspace, table, [*OWN, *names])
    read = stream(workspace, table, [wanted[n : n + _TOGETHER] for n in range(0, len(wanted), _TOGETHER)], rows)
    numbers = next(read)["_row"]
    found: dict[str, Any] = {}
    for part in read:
        found |= part
        give_back()
    predicate = _predicate(workspace, table)
    some = (
        eligibility.every_row(workspace.path, table.storage, predicate)
        if rows is None
        else eligibility.rows(workspace.path, table.storage, predicate, rows)
    )
    return Extract(table, pa.array(table.key(0) + numbers.to_numpy()), found, pa.array(some, pa.int64()))


def present(workspace: Workspace, table: Table, names: Sequence[str]) -> list[str]:
    """Those of the named columns that the table has, each once."""
    there = {row["name"] for row in workspace.db.execute(f"PRAGMA table_info({_quote(table.storage)})")}
    return list(dict.fromkeys(name for name in names if name in there))


def stream(
    workspace: Workspace, table: Table, parts: Sequence[Sequence[str]], rows: Sequence[int] | None = None, *, each_once: bool = True
) -> Iterator[dict[str, pa.Array]]:
    """First the row numbers, as `_row` (int64), then each part's columns as dictionaries of text, null for blank; by ascending number.

    All of it is of one moment. `rows`: only these. Without `each_once` a text may have several places in its dictionary, which is quicker
    where nearly all are different. Raises WorkspaceError when the file can't be read.
    """
    sets = [["_row"], *parts]
    last = workspace.db.execute(f"SELECT max(_row) FROM {_quote(table.storage)}").fetchone()[0]
    small = rows is not None or (last or 0) < LARGE
    return _here(workspace.path, table, sets, rows) if small else ahead(_beside(workspace.path, table, sets, each_once=each_once), _AHEAD)


# -- reading


def _beside(path: Path, table: Table, sets: Sequence[Sequence[str]], *, each_once: bool) -> Iterator[dict[str, Any]]:
    """By a process of its own. It is ended when the caller stops asking."""
    import pyarrow as pa

    wanted = {
        "path": str(path.absolute()),
        "table": _quote(table.storage),
        "each_once": each_once,
        "columns": [[_selected(table, name) for name in names] for names in sets if names],
    }
    command = [sys.executable, "-P", str(column_process.__file__)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603 (our own)
        assert process.stdin is not None  # noqa: S101 (for the type checker)
        assert process.stdout is not None  # noqa: S101 (likewise)
        assert process.stderr is not None  # noqa: S101 (likewise)
        try:
            process.stdin.write(json.dumps(wanted).encode())
            process.stdin.close()
            for names in sets:
                if not names:
                    yield {}
                    continue
                read = pa.ipc.open_stream(process.stdout).read_all()
                part = {name: _column(name, _told(table, name, read.column(name).combine_chunks())) for name in names}
                del read
                yield part
                del part
        except (pa.ArrowException, OSError) as error:
            process.stdout.close()  # it ends when it can't write
            told = process.stderr.read().decode(errors="replace").strip().splitlines()
            raise WorkspaceError(
                f"The records of {table.system}/{table.name} can't be read: {told[-1] if told else error}.",
                kept="Nothing was changed.",
                todo="Run with --debug for the details.",
            ) from error
        finally:
            process.kill()


def _selected(table: Table, name: str) -> str:
    quoted = _quote(name)
    if name == "_row":
        return quoted
    text = f"coalesce(CAST({quoted} AS TEXT), '')"
    if _type(table, name) == "number":
        text = f"CASE typeof({quoted}) WHEN 'real' THEN '{_REAL}' || printf('%!.17g', {quoted}) ELSE '{_OTHER}' || {text} END"
    elif _type(table, name) == "boolean":
        text = f"CASE {quoted} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE {text} END"
    return f"{text} AS {quoted}"


def _here(path: Path, table: Table, sets: Sequence[Sequence[str]], rows: Sequence[int] | None) -> Iterator[dict[str, Any]]:
    """In this process, value by value."""
    only = f" WHERE _row IN ({','.join(map(str, rows))})" if rows is not None else ""
    db = connect(path, read_only=True)
    try:
        db.row_factory = None
        db.execute("BEGIN")
        for names in sets:
            listed = ", ".join(map(_quote, names or ["_row"]))
            read = db.execute(f"SELECT {listed} FROM {_quote(table.storage)}{only} ORDER BY _row").fetchall()
            columns = list(zip(*read, strict=True)) or [()] * len(names)
            yield {name: _column(name, _array(table, name, values)) for name, values in zip(names, columns, strict=False)}
    finally:
        db.close()


def _array(table: Table, name: str, values: Sequence[Any]) -> Any:
    import pyarrow as pa

    if name == "_row":
        return pa.array(values, pa.int64())
    if _type(table, name) == "boolean":
        values = [bool(value) if value in (0, 1) else value for value in values]
    return pa.array([as_text(value) or "" for value in values], pa.string()).dictionary_encode()


def _told(table: Table, name: str, packed: pa.Array) -> pa.Array:
    """What the process beside has sent, its numbers as `as_text` writes them."""
    import pyarrow as pa

    if _type(table, name) != "number":
        return packed
    if pa.types.is_dictionary(packed.type):
        return pa.DictionaryArray.from_arrays(packed.indices, _told(table, name, packed.dictionary))
    return pa.array([as_text(float(text[1:])) if text[0] == _REAL else text[1:] for text in packed.to_pylist()], pa.string())


def _column(name: str, packed: pa.Array) -> pa.Array:
    """A column as a dictionary of texts; a blank is null. Row numbers as they are."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if name == "_row":
        return packed
    if not pa.types.is_dictionary(packed.type):  # nearly only different texts: each has its own place
        return pa.DictionaryArray.from_arrays(
            pa.array(np.arange(len(packed), dtype=np.int32), mask=np.asarray(pc.equal(packed, ""))), packed
        )
    blank = pc.index(packed.dictionary, "").as_py()
    if blank < 0:
        return packed
    indices = pc.if_else(pc.equal(packed.indices, blank), pa.scalar(None, pa.int32()), packed.indices)
    return pa.DictionaryArray.from_arrays(indices, packed.dictionary)


def passing(workspace: Workspace, table: Table) -> npt.NDArray[np.int64]:
    """Row numbers of live records, inactive and merged ones too, that the predicate alone would let leave. Raises ProjectError."""
    return eligibility.every_row(workspace.path, table.storage, _predicate(workspace, table), guarded=False)


def _predicate(workspace: Workspace, table: Table) -> str:
    record_type = workspace.project.record_type_of(table.system, table.name)
    return record_type.eligible.get(table.system, {}).get(table.name, "")


def _type(table: Table, name: str) -> str:
    return table.columns[name].type if name in table.columns else ""


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
