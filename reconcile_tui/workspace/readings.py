"""What a run read back, stored as if it had been pulled, so that the workspace shows at once what was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconcile_tui.model import Column, Native, Ref

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Kept:
    """One record as read back. `id` differs from `ref.id` when a merge has changed it."""

    ref: Ref
    id: str
    native: Mapping[str, Native]
    etag: str | None = None
    modified_at: str | None = None
    active: bool = True
    merged_into: str | None = None
    gone: bool = False


def store(workspace: Workspace, readings: Iterable[Kept]) -> None:
    """Store readings in one transaction. A record whose id has changed keeps its key, its group and its judgements."""
    with workspace.transaction():
        for kept in readings:
            _store(workspace, kept)


def _store(workspace: Workspace, kept: Kept) -> None:
    table = workspace.records.table(kept.ref.system, kept.ref.table)
    storage = _quote(table.storage)
    id_ = kept.ref.id
    if kept.id != id_ and kept.merged_into is None:
        id_ = _rename(workspace, storage, kept)
    known = [name for name in kept.native if name in table.columns]
    own = {
        "_etag": kept.etag,
        "_modified": kept.modified_at,
        "_active": int(kept.active and not kept.gone),
        "_merged_into": kept.merged_into,
        "_deleted": int(kept.gone),
    }
    assigned = ", ".join(f"{_quote(name)} = ?" for name in [*own, *known])
    values = [*own.values(), *(kept.native[name] for name in known)]
    workspace.db.execute(f"UPDATE {storage} SET {assigned} WHERE _id = ?", [*values, id_])


def _rename(workspace: Workspace, storage: str, kept: Kept) -> str:
    """Give the row its new id, unless a pull has brought the new id already: then the old row was merged into that one."""
    workspace.decisions.add_alias(kept.ref.system, kept.ref.table, kept.ref.id, kept.id)
    if workspace.db.execute(f"SELECT 1 FROM {storage} WHERE _id = ?", (kept.id,)).fetchone():
        workspace.db.execute(f"UPDATE {storage} SET _merged_into = ?, _active = 0 WHERE _id = ?", (kept.id, kept.ref.id))
    else:
        workspace.db.execute(f"UPDATE {storage} SET _id = ? WHERE _id = ?", (kept.id, kept.ref.id))
    return kept.id


def add_columns(workspace: Workspace, created: Iterable[tuple[str, str, str]]) -> None:
    """Know link columns (system, table, name) that a run has created, or has made unique."""
    for system, name, column in created:
        columns = dict(workspace.records.table(system, name).columns)
        known = columns.get(column)
        if known is None or not known.unique:
            columns[column] = replace(known, unique=True) if known else Column(column, max_length=100, unique=True)
            workspace.records.define(system, name, list(columns.values()))


def drop_columns(workspace: Workspace, dropped: Iterable[tuple[str, str, str]], *, key_only: bool) -> None:
    """Forget link columns that were removed, or that they hold values unique."""
    for system, name, column in dropped:
        columns = dict(workspace.records.table(system, name).columns)
        known = columns.pop(column, None)
        if known is not None and key_only:
            columns[column] = replace(known, unique=False)
        workspace.records.define(system, name, list(columns.values()))


def holders(workspace: Workspace, slot: tuple[str, str, str], values: Sequence[str], *, further: bool) -> dict[str, list[tuple[str, bool]]]:
    """Live records that hold values of a unique column: value in lower case -> (id, only as a further address?).

    `further`: look through the columns of further e-mail addresses as well.
    """
    system, name, column = slot
    table = workspace.records.table(system, name)
    found: dict[str, list[tuple[str, bool]]] = {}
    wanted = set(values)
    if column in table.columns:
        for id_, value in _column(workspace, table.storage, column):
            if (text := str(value).strip().lower()) in wanted:
                found.setdefault(text, []).append((id_, False))
    secondary = workspace.project.secondary_email_columns(system) if further else ()
    for other in secondary:
        if other in table.columns:
            for id_, value in _column(workspace, table.storage, other):
                for part in str(value).lower().split(";"):
                    if part.strip() in wanted:
                        found.setdefault(part.strip(), []).append((id_, True))
    return found


def _column(workspace: Workspace, storage: str, column: str) -> list[tuple[str, Native]]:
    cursor = workspace.db.cursor()
    cursor.row_factory = None
    sql = (
        f"SELECT _id, {_quote(column)} FROM {_quote(storage)} WHERE _deleted = 0 AND _merged_into IS NULL AND {_quote(column)} IS NOT NULL"
    )
    return cursor.execute(sql).fetchall()


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
