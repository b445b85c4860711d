"""Who holds an e-mail address, or stores a link to a record: asked for a handful of records after each decision.

Without the indexes of `prepare` these are scans of the tables, a third of a second for a million records.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from reconcile_tui.model import Ref

if TYPE_CHECKING:
    from reconcile_tui.project import RecordType
    from reconcile_tui.workspace import Workspace
    from reconcile_tui.workspace.records import Table

_BLANKS = "' ' || char(9, 10, 11, 12, 13)"


def prepare(workspace: Workspace) -> None:
    """Make the indexes, where they are not there yet."""
    with workspace.transaction():
        for record_type in workspace.project.record_types.values():
            for table in workspace.records.tables(record_type):
                for number, expression in enumerate(_own(workspace, record_type, table)):
                    workspace.db.execute(f"CREATE INDEX IF NOT EXISTS own_{table.no}_{number} ON {_quote(table.storage)} ({expression})")
                for number, column in enumerate([*_further(workspace, table), *_linking(workspace, table)]):
                    where = f"{_quote(column)} IS NOT NULL AND {_quote(column)} <> ''"
                    sql = f"CREATE INDEX IF NOT EXISTS held_{table.no}_{number} ON {_quote(table.storage)} ({_quote(column)}) WHERE {where}"
                    workspace.db.execute(sql)


def holders(workspace: Workspace, record_type: RecordType, addresses: Collection[str]) -> set[int]:
    """Keys of the live records that have any of these canonical addresses as their own or, in the second system, as a further one."""
    found: set[int] = set()
    if not addresses:
        return found
    for table in workspace.records.tables(record_type):
        for expression in _own(workspace, record_type, table):
            found |= _where(workspace, table, f"{expression} IN ({','.join('?' * len(addresses))})", addresses)
        found |= {key for key, _ in _further_addresses(workspace, table, addresses)}
    return found


def holding(workspace: Workspace, slot: tuple[str, str, str], values: Sequence[str], *, address: bool) -> dict[str, list[tuple[str, bool]]]:
    """Live records that hold values of a unique column: value in lower case -> (id, only as a further address?), as
    `readings.holders` finds them by looking at all. `address`: the column holds e-mail addresses."""
    system, name, column = slot
    table = workspace.records.table(system, name)
    found: dict[str, list[tuple[str, bool]]] = {}
    if column in table.columns and values:
        quoted = _quote(column)
        expression = _canonical(column) if address else quoted
        marks = ",".join("?" * len(values))
        sql = (
            f"SELECT _id, {quoted} FROM {_quote(table.storage)} WHERE {expression} IN ({marks}) AND {quoted} IS NOT NULL AND {quoted} <> ''"
        )
        for id_, value in workspace.db.execute(f"{sql} AND _deleted = 0 AND _merged_into IS NULL", list(values)):
            found.setdefault(str(value).strip().lower(), []).append((id_, False))
    for key, texts in _further_addresses(workspace, table, values) if address else ():
        for text in texts:
            found.setdefault(text, []).append((workspace.records.ref_of(key).id, True))
    return found


def linking(workspace: Workspace, record_type: RecordType, refs: Iterable[Ref]) -> set[int]:
    """Keys of the live records that store a link to any of these."""
    found: set[int] = set()
    for ref in refs:
        for table in workspace.records.tables(record_type):
            column = workspace.project.link_columns(table.system, table.name).get(ref.table)
            if table.system != ref.system and column in table.columns:
                found |= _where(workspace, table, f"{_quote(str(column))} = ?", [ref.id])
    return found


def links_stored(workspace: Workspace, table: Table, column: str) -> bool:
    """Whether any record of a table stores a link in this column: before a launch mostly none does."""
    present = {row["name"] for row in workspace.db.execute(f"PRAGMA table_info({_quote(table.storage)})")}
    if column not in present:
        return False
    filled = f"{_quote(column)} IS NOT NULL AND {_quote(column)} <> ''"
    return workspace.db.execute(f"SELECT 1 FROM {_quote(table.storage)} WHERE {filled} LIMIT 1").fetchone() is not None


def _further_addresses(workspace: Workspace, table: Table, addresses: Collection[str]) -> Iterator[tuple[int, set[str]]]:
    """Live records with any of these among their further addresses, and which."""
    for column in _further(workspace, table):
        quoted = _quote(column)
        sql = f"SELECT _row, {quoted} FROM {_quote(table.storage)} WHERE {quoted} IS NOT NULL AND {quoted} <> ''"
        for row, text in workspace.db.execute(sql).fetchall():
            held = {part.strip().lower() for part in str(text).split(";")} & set(addresses)
            if held and _live(workspace, table, [row]):
                yield table.key(row), held


def _where(workspace: Workspace, table: Table, condition: str, values: Collection[str]) -> set[int]:
    sql = f"SELECT _row FROM {_quote(table.storage)} WHERE {condition} AND _deleted = 0 AND _merged_into IS NULL"
    return {table.key(row[0]) for row in workspace.db.execute(sql, list(values))}


def _live(workspace: Workspace, table: Table, rows: list[int]) -> set[int]:
    return _where(workspace, table, f"_row IN ({','.join(map(str, rows))})", ()) if rows else set()


def _own(workspace: Workspace, record_type: RecordType, table: Table) -> Iterator[str]:
    """The canonical form of each address column: outer blanks removed, lower case."""
    for field in record_type.fields_of_kind("email")[: 1 if table.system == workspace.project.first else None]:
        column = field.column(table.system, table.name)
        if column in table.columns:
            yield _canonical(str(column))


def _canonical(column: str) -> str:
    return f"lower(trim({_quote(column)}, {_BLANKS}))"


def _further(workspace: Workspace, table: Table) -> list[str]:
    if table.system == workspace.project.first:
        return []
    return [column for column in workspace.project.secondary_email_columns(table.system) if column in table.columns]


def _linking(workspace: Workspace, table: Table) -> list[str]:
    return [c for c in workspace.project.link_columns(table.system, table.name).values() if c in table.columns]


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
