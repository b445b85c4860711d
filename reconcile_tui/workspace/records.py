"""Pulled records: one SQLite table per pulled table, with the system's own columns.

A record's key is `(number of its table << 40) | rowid`; it never changes while the workspace lives, also across pulls. Columns of the
workspace's own start with `_`.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import WorkspaceError
from reconcile_tui.model import Column, Common, Native, Page, PulledRecord, Record, Ref
from reconcile_tui.project import MappedField, RecordType
from reconcile_tui.workspace import eligibility

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

ROW_BITS = 40
_OWN = ("_id", "_etag", "_created", "_modified", "_active", "_merged_into", "_deleted", "_pull", "_seen", "_raw")
_CHUNK = 500


@dataclass(frozen=True)
class Table:
    """One pulled table: its number, where its rows are and what is known of its columns."""

    no: int
    system: str
    name: str
    storage: str
    columns: dict[str, Column]

    @cached_property
    def booleans(self) -> tuple[str, ...]:
        """Columns whose stored numbers are truth values."""
        return tuple(name for name, column in self.columns.items() if column.type == "boolean")

    def key(self, row: int) -> int:
        """The workspace's key of a row."""
        return (self.no << ROW_BITS) | row


def row_of(key: int) -> int:
    """The row number inside a key."""
    return key & ((1 << ROW_BITS) - 1)


class Records:
    """Storing pages of a pull; reading records one by one, by group, or as columns."""

    def __init__(self, workspace: Workspace) -> None:
        """Use the workspace's connection and project."""
        self._workspace = workspace
        self._db = workspace.db
        self._project = workspace.project
        self._tables: dict[tuple[str, str], Table] = {}
        self._present: dict[str, set[str]] = {}
        self._counts: dict[tuple[str, str], int] | None = None
        self._bindings: dict[tuple[str, str], list[tuple[MappedField, str, bool]]] = {}

    # -- tables

    def define(self, system: str, name: str, columns: Sequence[Column]) -> Table:
        """Create the storage of a table, or add the columns it lacks; remember the metadata."""
        storage = "rec_" + re.sub(r"\W", "_", f"{system}_{name}")
        with self._workspace.transaction():
            self._db.execute(
                "INSERT INTO record_table (system, name, storage, columns) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (system, name) DO UPDATE SET columns = excluded.columns",
                (system, name, storage, json.dumps([asdict(column) for column in columns])),
            )
            self._db.execute(
                f"CREATE TABLE IF NOT EXISTS {_quote(storage)} (_row INTEGER PRIMARY KEY, _id TEXT NOT NULL UNIQUE, _etag TEXT,"
                " _created TEXT, _modified TEXT, _active INTEGER NOT NULL DEFAULT 1, _merged_into TEXT,"
                " _deleted INTEGER NOT NULL DEFAULT 0, _pull INTEGER, _seen INTEGER, _raw BLOB)"
            )
            for column in columns:
                if column.name not in self._columns_present(storage):
                    self._db.execute(f"ALTER TABLE {_quote(storage)} ADD COLUMN {_quote(column.name)}")
                    self._present.pop(storage, None)
        self._tables.pop((system, name), None)
        self._counts = None
        return self.table(system, name)

    def reserve(self, tables: Sequence[tuple[str, str]]) -> None:
        """Number tables in the order given, so that keys don't depend on which system answers first."""
        for system, name in tables:
            known = self._db.execute("SELECT 1 FROM record_table WHERE system = ? AND name = ?", (system, name)).fetchone()
            if known is None:
                self.define(system, name, ())

    def table(self, system: str, name: str) -> Table:
        """A pulled table. Raises WorkspaceError when it was never pulled."""
        if (system, name) not in self._tables:
            row = self._db.execute("SELECT * FROM record_table WHERE system = ? AND name = ?", (system, name)).fetchone()
            if row is None:
                raise WorkspaceError(f"{system}/{name} has not been pulled yet.", todo="Run `reconcile-tui pull`.")
            columns = [Column(**{**c, "options": tuple(map(tuple, c["options"]))}) for c in json.loads(row["columns"])]
            self._tables[system, name] = Table(row["no"], row["system"], row["name"], row["storage"], {c.name: c for c in columns})
        return self._tables[system, name]

    def tables(self, record_type: RecordType | None = None) -> list[Table]:
        """All pulled tables, or those of a record type, in the project's order."""
        wanted = self._project.tables()
        if record_type is not None:
            wanted = [(s, t) for s, names in record_type.tables.items() for t in names]
        known = {(r["system"], r["name"]) for r in self._db.execute("SELECT system, name FROM record_table")}
        return [self.table(s, t) for s, t in wanted if (s, t) in known]

    def table_of(self, key: int) -> Table:
        """The table a key belongs to. Raises KeyError."""
        no = key >> ROW_BITS
        for table in self._tables.values():
            if table.no == no:
                return table
        row = self._db.execute("SELECT system, name FROM record_table WHERE no = ?", (no,)).fetchone()
        if row is None:
            raise KeyError(key)
        return self.table(row["system"], row["name"])

    def _columns_present(self, storage: str) -> set[str]:
        if storage not in self._present:
            self._present[storage] = {row["name"] for row in self._db.execute(f"PRAGMA table_info({_quote(storage)})")}
        return self._present[storage]

    def forget(self) -> None:
        """Read the tables' metadata and sizes again: another process may have pulled."""
        self._counts = None
        self._tables.clear()
        self._present.clear()

    # -- pulls

    def start_pull(self, system: str, table: str, *, since: str | None, at: str) -> int:
        """Begin a pull: `since` given means only changes. Returns its id."""
        mode = "changes" if since else "full"
        with self._workspace.transaction():
            cursor = self._db.execute(
                "INSERT INTO pull (system, table_name, mode, since, started_at) VALUES (?, ?, ?, ?, ?)",
                (system, table, mode, since, at),
            )
        return int(cursor.lastrowid or 0)

    def unfinished_pull(self, system: str, table: str) -> dict[str, Any] | None:
        """The last pull of a table when it did not come to its end."""
        row = self.last_pull(system, table)
        return row if row and row["finished_at"] is None else None

    def last_pull(self, system: str, table: str, *, finished: bool = False) -> dict[str, Any] | None:
        """The newest pull of a table (or the newest one that came to its end) as a mapping."""
        extra = "AND finished_at IS NOT NULL" if finished else ""
        row = self._db.execute(
            f"SELECT * FROM pull WHERE system = ? AND table_name = ? {extra} ORDER BY id DESC LIMIT 1", (system, table)
        ).fetchone()
        return dict(row) if row else None

    def store_page(self, system: str, page: Page, pull: int) -> int:
        """Store a page and its cursor in one transaction. Returns how many records were new or changed."""
        table = self.table(system, page.table)
        self._counts = None
        names = [c for c in table.columns if c in self._columns_present(table.storage)]
        husks = [r for r in page.records if not r.native and (r.deleted or r.merged_into)]
        whole = [r for r in page.records if r.native or not (r.deleted or r.merged_into)]
        with self._workspace.transaction():
            before = self._db.total_changes
            self._db.executemany(_upsert(table.storage, names), [_stored(r, pull, names) for r in whole])
            self._db.executemany(_end(table.storage), [_stored(r, pull, ()) for r in husks])
            changed = self._db.total_changes - before
            if len(page.records) > changed:  # unchanged ones are marked as seen, for the deletion sweep of a full pull
                ids = [(pull, r.id) for r in page.records]
                self._db.executemany(f"UPDATE {_quote(table.storage)} SET _seen = ? WHERE _id = ?", ids)
            self._db.execute(
                "UPDATE pull SET cursor = ?, records = records + ?, changed = changed + ? WHERE id = ?",
                (page.cursor, len(page.records), changed, pull),
            )
        return changed

    def finish_pull(self, pull: int, *, next_since: str | None, at: str, full: bool) -> int:
        """End a pull; after a full one, what was not seen is marked as deleted. Returns how many were."""
        row = self._db.execute("SELECT * FROM pull WHERE id = ?", (pull,)).fetchone()
        gone = 0
        self._counts = None
        with self._workspace.transaction():
            if full:
                storage = self.table(row["system"], row["table_name"]).storage
                gone = self._db.execute(
                    f"UPDATE {_quote(storage)} SET _deleted = 1, _pull = ? WHERE _deleted = 0 AND _seen IS NOT ?",
                    (pull, pull),
                ).rowcount
            self._db.execute(
                "UPDATE pull SET finished_at = ?, next_since = ?, mode = ?, cursor = NULL WHERE id = ?",
                (at, next_since, "full" if full else "changes", pull),
            )
        return gone

    def changed_since(self, pull: int) -> list[int]:
        """Keys of records that were new, changed or gone in pulls after the given one."""
        found = []
        for table in self.tables():
            sql = f"SELECT _row FROM {_quote(table.storage)} WHERE _pull > ?"
            found += [table.key(row[0]) for row in self._db.execute(sql, (pull,))]
        return found

    # -- reading

    def counts(self) -> dict[tuple[str, str], int]:
        """Live records per (system, table), those merged away left out. Kept until this connection stores records, or `forget`."""
        if self._counts is None:
            live = "_deleted = 0 AND _merged_into IS NULL"
            self._counts = {
                (t.system, t.name): self._db.execute(f"SELECT count(*) FROM {_quote(t.storage)} WHERE {live}").fetchone()[0]
                for t in self.tables()
            }
        return self._counts

    def key_of(self, ref: Ref) -> int | None:
        """The key of a record, None when it is not in the workspace."""
        table = self.table(ref.system, ref.table)
        row = self._db.execute(f"SELECT _row FROM {_quote(table.storage)} WHERE _id = ?", (ref.id,)).fetchone()
        return table.key(row[0]) if row else None

    def ref_of(self, key: int) -> Ref:
        """The reference of a key. Raises KeyError."""
        return self.refs([key])[key]

    def refs(self, keys: Iterable[int]) -> dict[int, Ref]:
        """References of many keys. Raises KeyError for an unknown one."""
        found: dict[int, Ref] = {}
        for table, rows in self._by_table(keys):
            for row, id_ in self._chunks(f"SELECT _row, _id FROM {_quote(table.storage)} WHERE _row IN", rows):
                found[table.key(row)] = Ref(table.system, table.name, id_)
        return found

    def get(self, ref: Ref) -> Record | None:
        """One record by reference."""
        key = self.key_of(ref)
        return self.load([key])[0] if key is not None else None

    def raw(self, key: int) -> dict[str, Any]:
        """A record's payload as the system sent it, or its stored columns when the payload was not kept."""
        table = self.table_of(key)
        row = self._db.execute(f"SELECT * FROM {_quote(table.storage)} WHERE _row = ?", (row_of(key),)).fetchone()
        if row["_raw"]:
            return json.loads(row["_raw"])  # type: ignore[no-any-return]
        return {name: row[name] for name in row.keys() if not name.startswith("_")}  # noqa: SIM118 (sqlite3.Row)

    def live_keys(self, table: Table) -> list[int]:
        """Keys of a table's live records, those merged away left out."""
        sql = f"SELECT _row FROM {_quote(table.storage)} WHERE _deleted = 0 AND _merged_into IS NULL ORDER BY _row"
        return [table.key(row[0]) for row in self._db.execute(sql)]

    def load(self, keys: Sequence[int]) -> list[Record]:
        """Records with mapped values, links and eligibility, in the order asked for. Unknown keys are left out."""
        found: dict[int, Record] = {}
        for table, rows in self._by_table(keys):
            record_type = self._project.record_type_of(table.system, table.name)
            predicate = record_type.eligible.get(table.system, {}).get(table.name, "")
            eligible = set(eligibility.rows_or_active(self._workspace.path, table.storage, predicate, rows))
            for row in self._chunks(f"SELECT * FROM {_quote(table.storage)} WHERE _row IN", rows):
                record = self._record(row, table, record_type, row["_row"] in eligible)
                found[record.key] = record
        return [found[key] for key in keys if key in found]

    def _record(self, row: sqlite3.Row, table: Table, record_type: RecordType, eligible: bool) -> Record:
        present = self._columns_present(table.storage)
        native = {name: row[name] for name in table.columns if name in present}
        for name in table.booleans:
            if isinstance(native.get(name), int):
                native[name] = bool(native[name])
        first = table.system == self._project.first
        values: dict[str, Common] = {}
        for field, column, as_it_is in self._bound(table, record_type):
            value = native.get(column)
            plain = value is None or (as_it_is and type(value) is str)  # text that is the common form already
            values[field.name] = (value or None) if plain else field.common(value, first=first)
        return Record(
            ref=Ref(table.system, table.name, row["_id"]),
            key=table.key(row["_row"]),
            values=values,
            native=native,
            etag=row["_etag"],
            created_at=row["_created"],
            modified_at=row["_modified"],
            modified_by=self._modified_by(table, native),
            active=bool(row["_active"]) and not row["_deleted"],
            merged_into=row["_merged_into"],
            links=self._links(table, native),
            secondary_emails=self._secondary_emails(table.system, native),
            eligible=eligible,
            deleted=bool(row["_deleted"]),
        )

    def _bound(self, table: Table, record_type: RecordType) -> list[tuple[MappedField, str, bool]]:
        """A table's mapped fields with their columns, and whether text needs no transform to be in common form."""
        key = (table.system, table.name)
        if key not in self._bindings:
            plain = table.system != self._project.first
            self._bindings[key] = [
                (field, column, plain or field.transform.name == "none") for field in record_type.fields if (column := field.column(*key))
            ]
        return self._bindings[key]

    def _links(self, table: Table, native: dict[str, Native]) -> tuple[Ref, ...]:
        other = self._project.other(table.system)
        columns = self._project.link_columns(table.system, table.name)
        return tuple(Ref(str(other), target, str(native[c])) for target, c in columns.items() if native.get(c))

    def _modified_by(self, table: Table, native: dict[str, Native]) -> str | None:
        name = self._project.modified_by_column(table.system)
        if not (value := native.get(name)):
            return None
        return str(value) if table.columns[name].type == "text" else f"user {value}"

    def _secondary_emails(self, system: str, native: dict[str, Native]) -> tuple[str, ...]:
        texts = [str(native.get(column) or "") for column in self._project.secondary_email_columns(system)]
        return tuple(part.strip() for text in texts for part in text.split(";") if part.strip())

    def eligible_keys(self, system: str, table: str, predicate: str | None = None) -> list[int]:
        """Keys of a table's records that may leave their system (or would under another predicate). Raises ProjectError."""
        stored = self.table(system, table)
        if predicate is None:
            predicate = self._project.record_type_of(system, table).eligible.get(system, {}).get(table, "")
        return [stored.key(row) for row in eligibility.every_row(self._workspace.path, stored.storage, predicate).tolist()]

    def _by_table(self, keys: Iterable[int]) -> list[tuple[Table, list[int]]]:
        grouped: dict[int, list[int]] = defaultdict(list)
        for key in keys:
            grouped[key >> ROW_BITS].append(row_of(key))
        return [(self.table_of(no << ROW_BITS), rows) for no, rows in grouped.items()]

    def _chunks(self, select: str, rows: Sequence[int]) -> Iterable[sqlite3.Row]:
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK]
            yield from self._db.execute(f"{select} ({','.join('?' * len(part))})", part)


def _stored(record: PulledRecord, pull: int, names: Sequence[str]) -> tuple[Any, ...]:
    r = record
    own = (r.id, r.etag, r.created_at, r.modified_at, r.active, r.merged_into, r.deleted, pull, pull, r.raw)
    return (*own, *[r.native.get(name) for name in names])


def _end(storage: str) -> str:
    """A record that came without values because it was deleted or merged away: its last known values stay."""
    listed, marks = ", ".join(_OWN), ", ".join("?" * len(_OWN))
    return (
        f"INSERT INTO {_quote(storage)} ({listed}) VALUES ({marks}) ON CONFLICT (_id) DO UPDATE SET _active = excluded._active,"
        " _merged_into = excluded._merged_into, _deleted = excluded._deleted, _pull = excluded._pull, _seen = excluded._seen"
        " WHERE _active IS NOT excluded._active OR _merged_into IS NOT excluded._merged_into OR _deleted IS NOT excluded._deleted"
    )


def _upsert(storage: str, names: Sequence[str]) -> str:
    columns = [*_OWN, *names]
    listed = ", ".join(_quote(c) for c in columns)
    updates = ", ".join(f"{_quote(c)} = excluded.{_quote(c)}" for c in columns if c != "_id")
    compared = [*names, "_etag", "_modified", "_active", "_merged_into", "_deleted"]
    differs = " OR ".join(f"{_quote(c)} IS NOT excluded.{_quote(c)}" for c in compared)
    return (
        f"INSERT INTO {_quote(storage)} ({listed}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT (_id) DO UPDATE SET {updates} WHERE {differs}"
    )


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
