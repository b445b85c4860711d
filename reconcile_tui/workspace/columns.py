"""Whole columns of pulled tables in native text, dictionary-encoded, read in one pass of bounded memory.

SQLite joins the rows of a chunk into one text and Polars takes it apart again: neither makes a Python object of a value, which is what
costs most of the time otherwise.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.transforms import as_text
from reconcile_tui.workspace import eligibility
from reconcile_tui.workspace.database import connect
from reconcile_tui.workspace.records import ROW_BITS, Table, row_of

if TYPE_CHECKING:
    import sqlite3

    import polars as pl
    import pyarrow as pa

    from reconcile_tui.workspace import Workspace

_CHUNK = 8_000
"""Rows converted at a time."""
_GIVE_BACK_EVERY = 20
"""Chunks after which freed memory is returned."""
_CELL, _LINE = "\x1f", "\x1e"
"""Between the values and the rows of a chunk; a chunk in which a value holds one of them is read value by value."""

OWN = ("_active", "_merged_into", "_deleted", "_created", "_modified")


@dataclass(frozen=True)
class Extract:
    """One table: the records' keys and its columns as Arrow dictionaries of text (blank is null)."""

    table: Table
    keys: pa.Array  # int64
    columns: dict[str, pa.DictionaryArray]
    eligible: pa.Array  # int64: row numbers that may leave their system


def give_back() -> None:
    """Return freed memory to the system: the allocators keep several times of what is in use once large columns came and went."""
    import ctypes

    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):  # only the GNU C library has it
        ctypes.CDLL(None).malloc_trim(0)


def extract(
    workspace: Workspace, table: Table, names: Sequence[str], keys: Sequence[int] | None = None, *, eligible: Sequence[int] | None = None
) -> Extract:
    """The named columns that exist, and the workspace's own, of all records (gone ones too) or of some. What was not committed yet
    is not seen. `eligible`: row numbers that may leave their system, where the caller knows them. Raises ProjectError."""
    import pyarrow as pa

    rows = [row_of(key) for key in keys] if keys is not None else None
    db = connect(workspace.path, read_only=True)
    try:
        present = {row["name"] for row in db.execute(f"PRAGMA table_info({_quote(table.storage)})")}
        wanted = list(dict.fromkeys(name for name in (*OWN, *names) if name in present))
        numbers: list[Any] = []
        chunks: dict[str, list[Any]] = {name: [] for name in wanted}
        for number, frame in enumerate(_frames(db, table, wanted, rows), 1):
            if number % _GIVE_BACK_EVERY == 0:
                give_back()
            numbers.append(frame["_row"].to_arrow())
            for name in wanted:
                chunks[name].append(_encoded(_plain(frame[name]), chunks[name]))
    finally:
        db.close()
    all_rows = pa.concat_arrays(numbers) if numbers else pa.array([], pa.int64())
    found = {name: _unified(chunks.pop(name), boolean=_is_boolean(table, name)) for name in wanted}
    if eligible is None:
        eligible = eligibility.rows(workspace.path, table.storage, _predicate(workspace, table), rows)
    give_back()
    return Extract(table, pa.array((table.no << ROW_BITS) + all_rows.to_numpy()), found, pa.array(eligible, pa.int64()))


def _frames(db: sqlite3.Connection, table: Table, names: Sequence[str], rows: Sequence[int] | None) -> Iterator[pl.DataFrame]:
    """The table chunk by chunk: `_row` as a number, the columns as text."""
    db.row_factory = None
    only = f" AND _row IN ({','.join(map(str, rows))})" if rows is not None else ""
    after = 0
    while True:
        listed = ", ".join(map(_quote, ["_row", *names]))
        part = f"SELECT {listed} FROM {_quote(table.storage)} WHERE _row > {after}{only} ORDER BY _row LIMIT {_CHUNK}"
        frame = _joined(db, part, names)
        if frame is None:
            frame = _one_by_one(db, part, names)
        if not frame.height:
            return
        yield frame
        after = int(frame["_row"][-1])


def _joined(db: sqlite3.Connection, part: str, names: Sequence[str]) -> pl.DataFrame | None:
    """A chunk through one text; None when a value holds a separator, or all of it is too long for one text."""
    import sqlite3

    import polars as pl

    values = "".join(f"coalesce({_quote(name)}, '') || char({ord(_CELL)}) || " for name in names)
    try:
        query = f"SELECT CAST(group_concat({values}_row, char({ord(_LINE)})) AS BLOB), count(*) FROM ({part})"
        joined, count = db.execute(query).fetchone()
    except sqlite3.Error:
        return None
    schema = {**dict.fromkeys(names, pl.String), "_row": pl.Int64}
    if not count:
        return pl.DataFrame(schema=schema)
    if joined.count(_CELL.encode()) != count * len(names) or joined.count(_LINE.encode()) != count - 1:
        return None
    return pl.read_csv(joined, separator=_CELL, eol_char=_LINE, has_header=False, quote_char=None, schema=schema)


def _one_by_one(db: sqlite3.Connection, part: str, names: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    rows = db.execute(f"SELECT {', '.join(map(_quote, [*names, '_row']))} FROM ({part})").fetchall()
    columns = list(zip(*rows, strict=True)) or [()] * (len(names) + 1)
    texts = {name: pl.Series([as_text(v) for v in values], dtype=pl.String) for name, values in zip(names, columns, strict=False)}
    return pl.DataFrame({**texts, "_row": pl.Series(columns[-1], dtype=pl.Int64)})


def passing(workspace: Workspace, table: Table) -> list[int]:
    """Row numbers of live records, inactive and merged ones too, that the predicate alone would let leave. Raises ProjectError."""
    return eligibility.rows(workspace.path, table.storage, _predicate(workspace, table), guarded=False)


def _predicate(workspace: Workspace, table: Table) -> str:
    record_type = workspace.project.record_type_of(table.system, table.name)
    return record_type.eligible.get(table.system, {}).get(table.name, "")


def _is_boolean(table: Table, name: str) -> bool:
    return name in table.columns and table.columns[name].type == "boolean"


def _plain(texts: pl.Series) -> pa.Array:
    import pyarrow as pa

    found = texts.to_arrow()
    return found if pa.types.is_large_string(found.type) else found.cast(pa.large_string())


def _encoded(texts: pa.Array, before: list[Any]) -> pa.Array:
    """A chunk of a column as a dictionary, or plain where nearly every value is another one: that is decided on its first chunk."""
    import pyarrow as pa

    if before:
        return texts.dictionary_encode() if pa.types.is_dictionary(before[0].type) else texts
    encoded = texts.dictionary_encode()
    return encoded if len(encoded.dictionary) <= len(texts) // 2 else texts


def _unified(chunks: list[Any], *, boolean: bool) -> pa.DictionaryArray:
    """One dictionary for all chunks; truth values as `as_text` writes them."""
    import pyarrow as pa

    if not chunks:
        return pa.array([], pa.string()).dictionary_encode()
    joined = pa.chunked_array(chunks)
    joined = joined.unify_dictionaries() if pa.types.is_dictionary(joined.type) else joined.dictionary_encode()
    chunks.clear()
    indices = pa.concat_arrays([chunk.indices for chunk in joined.chunks])
    distinct = joined.chunk(0).dictionary.cast(pa.string())
    if boolean:
        words = {"1": "true", "0": "false"}
        distinct = pa.array([words.get(text, text) for text in distinct.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(indices, distinct)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
