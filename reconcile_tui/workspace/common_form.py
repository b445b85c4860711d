"""All records of a record type in common form, as one Arrow table: what matching works on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reconcile_tui.memory import give_back
from reconcile_tui.project import MappedField, RecordType
from reconcile_tui.workspace.columns import present, stream
from reconcile_tui.workspace.records import Table

if TYPE_CHECKING:
    import pyarrow as pa

    from reconcile_tui.workspace import Workspace

_OWN = ("_deleted", "_merged_into", "_modified")
_TOGETHER = 4
"""Columns that are text of their own system at the same time."""


def table_of(workspace: Workspace, record_type: RecordType) -> pa.Table:
    """Live, unmerged records as columns: key (int64), system, table, country, modified and one text column a field.

    Transforms run once per distinct value; one that can't be transformed stays as it is. What was not committed yet is not seen.
    Raises WorkspaceError.
    """
    import pyarrow as pa

    parts = [_part(workspace, table, record_type.fields) for table in workspace.records.tables(record_type)]
    return pa.concat_tables(parts) if parts else pa.table({})


def _part(workspace: Workspace, table: Table, fields: Sequence[MappedField]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    bound = {field.name: field.column(table.system, table.name) for field in fields}
    columns = [name for name in present(workspace, table, [str(column) for column in bound.values() if column]) if name not in _OWN]
    sets = [columns[start : start + _TOGETHER] for start in range(0, len(columns), _TOGETHER)]
    read = stream(workspace, table, [_OWN, *sets], each_once=False)
    rows, own = next(read)["_row"], next(read)
    live = pc.and_(pc.not_equal(own["_deleted"].cast(pa.string()), "1"), pc.is_null(own["_merged_into"].indices))
    count = pc.sum(live).as_py() or 0
    arrays = {
        "key": pc.add(rows.filter(live), table.key(0)),
        "system": _repeated(table.system, count),
        "table": _repeated(table.name, count),
        "modified": own["_modified"].filter(live).cast(pa.string()),
    }
    first = table.system == workspace.project.first
    made: dict[str, Any] = {}
    for part in read:
        for field in (f for f in fields if bound[f.name] in part):
            made[field.name] = _common(field, part[str(bound[field.name])].filter(live), first=first)
        del part
        give_back()
    arrays |= {field.name: made.get(field.name, pa.nulls(count, pa.string())) for field in fields}
    if "country" not in arrays:
        country = next((f.name for f in fields if f.kind == "country"), None)
        arrays["country"] = arrays[country] if country else pa.nulls(count, pa.string())
    return pa.table(arrays)


def _common(field: MappedField, column: pa.DictionaryArray, *, first: bool) -> pa.Array:
    """One field's values in common form, each record's as a text of its own."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from reconcile_tui.transforms.columns import applied

    texts = column.dictionary
    if first and field.transform.name != "none":
        native = texts.cast(pa.large_string())
        made, refused = applied(field.transform.forward_step, native)
        made = pc.if_else(pa.array(refused), native, made) if refused.any() else made
        texts = pc.if_else(pc.equal(made, ""), pa.scalar(None, pa.large_string()), made).cast(pa.string())
    return texts.take(column.indices)


def _repeated(text: str, count: int) -> pa.Array:
    import pyarrow as pa

    return pa.repeat(pa.scalar(text, pa.string()), count)
