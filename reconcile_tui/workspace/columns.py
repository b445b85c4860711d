"""Whole columns of pulled tables in native text, dictionary-encoded, read in one pass of bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.transforms import as_text
from reconcile_tui.workspace import eligibility
from reconcile_tui.workspace.records import ROW_BITS, Table, row_of

if TYPE_CHECKING:
    import pyarrow as pa

    from reconcile_tui.workspace import Workspace

_CHUNK = 8_192
"""Rows converted at a time."""

OWN = ("_active", "_merged_into", "_deleted", "_created", "_modified")


@dataclass(frozen=True)
class Extract:
    """One table: the records' keys and its columns as Arrow dictionaries of text (blank is null)."""

    table: Table
    keys: pa.Array  # int64
    columns: dict[str, pa.DictionaryArray]
    eligible: list[int]  # row numbers that may leave their system


def extract(workspace: Workspace, table: Table, names: Sequence[str], keys: Sequence[int] | None = None) -> Extract:
    """The named columns that exist, and the workspace's own, of all records (gone ones too) or of some."""
    import pyarrow as pa

    db = workspace.db
    present = {row["name"] for row in db.execute(f"PRAGMA table_info({_quote(table.storage)})")}
    wanted = list(dict.fromkeys(name for name in (*OWN, *names) if name in present))
    rows = [row_of(key) for key in keys] if keys is not None else None
    where = f"WHERE _row IN ({','.join(map(str, rows))})" if rows is not None else ""
    cursor = db.cursor()
    cursor.row_factory = None
    cursor.execute(f"SELECT {', '.join(map(_quote, ['_row', *wanted]))} FROM {_quote(table.storage)} {where} ORDER BY _row")
    numbers: list[Any] = []
    chunks: list[list[Any]] = [[] for _ in wanted]
    while part := cursor.fetchmany(_CHUNK):
        first, *columns = zip(*part, strict=True)
        numbers.append(pa.array(first, pa.int64()))
        for name, values, collected in zip(wanted, columns, chunks, strict=True):
            collected.append(_texts(values, boolean=_is_boolean(table, name)).dictionary_encode())
    all_rows = pa.concat_arrays(numbers) if numbers else pa.array([], pa.int64())
    found = {name: _unified(collected) for name, collected in zip(wanted, chunks, strict=True)}
    eligible = eligibility.rows(workspace.path, table.storage, _predicate(workspace, table), rows)
    return Extract(table, pa.array((table.no << ROW_BITS) + all_rows.to_numpy()), found, eligible)


def passing(workspace: Workspace, table: Table) -> list[int]:
    """Row numbers of live records, inactive and merged ones too, that the predicate alone would let leave. Raises ProjectError."""
    return eligibility.rows(workspace.path, table.storage, _predicate(workspace, table), guarded=False)


def _predicate(workspace: Workspace, table: Table) -> str:
    record_type = workspace.project.record_type_of(table.system, table.name)
    return record_type.eligible.get(table.system, {}).get(table.name, "")


def _is_boolean(table: Table, name: str) -> bool:
    return name in table.columns and table.columns[name].type == "boolean"


def _texts(values: Sequence[Any], *, boolean: bool) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        texts = pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid, TypeError):  # numbers and truth values, as Dynamics sends them
        return _numbers(values, boolean=boolean)
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _numbers(values: Sequence[Any], *, boolean: bool) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        numbers = pa.array(values, pa.int64())
    except (pa.ArrowTypeError, pa.ArrowInvalid, TypeError, OverflowError):  # several types in one column
        return pa.array([as_text(bool(v) if boolean and isinstance(v, int) else v) for v in values], pa.string())
    return pc.if_else(pc.not_equal(numbers, 0), "true", "false") if boolean else pc.cast(numbers, pa.string())


def _unified(chunks: list[Any]) -> pa.DictionaryArray:
    import pyarrow as pa

    if not chunks:
        return pa.array([], pa.string()).dictionary_encode()
    joined = pa.chunked_array(chunks).unify_dictionaries()
    return joined.combine_chunks() if joined.num_chunks != 1 else joined.chunk(0)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
