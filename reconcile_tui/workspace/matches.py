"""Pairs and groups as the matching engine found them, and what is known of each group's review."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reconcile_tui.model import Group, Pair
from reconcile_tui.workspace.match_runs import NewGroup, insert_groups
from reconcile_tui.workspace.queue import CLASSES, ORDERS, STATES, Filter, GroupRow, group_row
from reconcile_tui.workspace.records import ROW_BITS

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


_BY_VALUE = ("group_value", "consent_at_risk DESC, cells_at_risk DESC, score DESC, id")
__all__ = ["CLASSES", "ORDERS", "STATES", "Filter", "GroupRow", "Matches", "NewGroup"]


class Matches:
    """Reading the queue and single groups; what is known of their review."""

    def __init__(self, workspace: Workspace) -> None:
        """Use the workspace's connection."""
        self._workspace = workspace
        self._db = workspace.db

    def stored(self, group_id: str) -> dict[str, Any] | None:
        """Everything kept of a group, for `store` to put back."""
        row = self._db.execute("SELECT * FROM record_group WHERE id = ?", (group_id,)).fetchone()
        return {**dict(row), "differs": json.loads(row["differs"])} if row else None

    def store(self, row: Mapping[str, Any], keys: Sequence[int]) -> None:
        """Keep a group as told, with exactly these records; its place in an order that was read stays."""
        values = {**row, "differs": json.dumps(row["differs"])}
        names = ", ".join(values)
        updates = ", ".join(f"{name} = excluded.{name}" for name in values if name != "id")
        with self._workspace.transaction():
            self._db.execute(
                f"INSERT INTO record_group ({names}) VALUES ({', '.join('?' * len(values))}) ON CONFLICT (id) DO UPDATE SET {updates}",
                list(values.values()),
            )
            self._db.execute("DELETE FROM group_member WHERE group_id = ?", (row["id"],))
            self._db.executemany("INSERT OR REPLACE INTO group_member (record_key, group_id) VALUES (?, ?)", [(k, row["id"]) for k in keys])

    def dissolve(self, group_id: str) -> None:
        """Forget a group; its records stand alone."""
        with self._workspace.transaction():
            self._db.execute("DELETE FROM group_member WHERE group_id = ?", (group_id,))
            self._db.execute("DELETE FROM record_group WHERE id = ?", (group_id,))

    def add_groups(self, groups: Iterable[NewGroup]) -> None:
        """Add groups that something else than matching asks a person to look at (the forecast)."""
        with self._workspace.transaction():
            insert_groups(self._db, groups, {})

    # -- the queue

    def count(self, filter_: Filter | None = None) -> int:
        """How many groups pass a filter."""
        where, values = (filter_ or Filter()).where()
        return int(self._db.execute(f"SELECT count(*) FROM record_group WHERE {where}", values).fetchone()[0])

    def counts_by(self, column: str) -> dict[str, int]:
        """How many groups per `class`, `state` or `outcome`."""
        if column not in {"class", "state", "outcome", "record_type", "assignee"}:
            raise ValueError(column)
        return {row[0]: row[1] for row in self._db.execute(f"SELECT {column}, count(*) FROM record_group GROUP BY 1 ORDER BY 1")}

    def rowids(self, filter_: Filter | None = None, order: str = "value", *, limit: int = -1) -> list[int]:
        """The order of the queue as row numbers, whole or its first ones, for a virtual list."""
        where, values = (filter_ or Filter()).where()
        sql = f"SELECT rowid FROM record_group WHERE {where} ORDER BY {ORDERS[order]} LIMIT ?"
        return [row[0] for row in self._db.execute(sql, [*values, limit])]

    def page(
        self,
        filter_: Filter | None = None,
        order: str = "value",
        *,
        limit: int = 100,
        offset: int = 0,
        rowids: Sequence[int] = (),
    ) -> list[GroupRow]:
        """Lines of the queue: by filter and order, or those of the given row numbers in that order."""
        if rowids:
            marks = ",".join("?" * len(rowids))
            found = {r["rowid"]: r for r in self._db.execute(f"SELECT rowid, * FROM record_group WHERE rowid IN ({marks})", rowids)}
            return [group_row(found[i]) for i in rowids if i in found]
        where, values = (filter_ or Filter()).where()
        sql = f"SELECT * FROM record_group WHERE {where} ORDER BY {ORDERS[order]} LIMIT ? OFFSET ?"
        return [group_row(row) for row in self._db.execute(sql, [*values, limit, offset])]

    def row(self, group_id: str) -> GroupRow | None:
        """One line of the queue."""
        row = self._db.execute("SELECT * FROM record_group WHERE id = ?", (group_id,)).fetchone()
        return group_row(row) if row else None

    def rowid_of(self, group_id: str) -> int | None:
        """The row number of a group, to find it in an order of the queue."""
        row = self._db.execute("SELECT rowid FROM record_group WHERE id = ?", (group_id,)).fetchone()
        return int(row[0]) if row else None

    def group(self, group_id: str) -> Group | None:
        """A group with its members' keys, ordered by system and table as in the project."""
        row = self.row(group_id)
        if row is None:
            return None
        return Group(row.id, row.klass, row.score, self.members(group_id), row.state, row.differs, row.cells_at_risk)  # type: ignore[arg-type]

    def members(self, group_id: str) -> tuple[int, ...]:
        """Keys of a group's records."""
        sql = "SELECT record_key FROM group_member WHERE group_id = ? ORDER BY record_key"
        return tuple(row[0] for row in self._db.execute(sql, (group_id,)))

    def group_of(self, key: int) -> str | None:
        """The group a record belongs to."""
        row = self._db.execute("SELECT group_id FROM group_member WHERE record_key = ?", (key,)).fetchone()
        return row[0] if row else None

    def members_by_key(self, count: int = 50_000) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
        """Groups and keys of all members, `count` at a time, keys ascending."""
        cursor = self._db.cursor()
        cursor.row_factory = None
        cursor.execute("SELECT group_id, record_key FROM group_member ORDER BY record_key")
        while rows := cursor.fetchmany(count):
            groups, keys = zip(*rows, strict=True)
            yield groups, keys

    def all_members(self) -> list[tuple[str, int]]:
        """Every (group, key), by key."""
        cursor = self._db.cursor()
        cursor.row_factory = None
        return cursor.execute("SELECT group_id, record_key FROM group_member ORDER BY record_key").fetchall()

    def pairs(self, keys: Sequence[int]) -> list[Pair]:
        """Stored pairs among some records."""
        marks = ",".join("?" * len(keys))
        sql = f"SELECT * FROM pair WHERE left_key IN ({marks}) AND right_key IN ({marks})"
        return [Pair(r["left_key"], r["right_key"], r["bits"], r["probability"], r["class"]) for r in self._db.execute(sql, [*keys, *keys])]

    def all_pairs(self) -> Iterator[tuple[Any, ...]]:
        """Every stored pair: left key, right key, bits, probability, class, the group both records are in or None, then the system,
        table and id of the left record and of the right one."""
        cursor = self._db.cursor()
        cursor.row_factory = None
        cursor.execute(
            "SELECT pair.*, CASE WHEN l.group_id = r.group_id THEN l.group_id END,"
            f" {self._reference('left_key')}, {self._reference('right_key')} FROM pair"
            " LEFT JOIN group_member l ON l.record_key = left_key LEFT JOIN group_member r ON r.record_key = right_key"
            " ORDER BY left_key, right_key"
        )
        return cursor

    def _reference(self, key: str) -> str:
        """SQL for the system, table and id of the record with a key."""
        tables = self._workspace.records.tables()
        row = f"{key} & {(1 << ROW_BITS) - 1}"
        told = (
            [(t.no, _literal(t.system)) for t in tables],
            [(t.no, _literal(t.name)) for t in tables],
            [(t.no, f"(SELECT _id FROM {_quote(t.storage)} WHERE _row = {row})") for t in tables],
        )
        return ", ".join(
            f"CASE {key} >> {ROW_BITS} WHEN 0 THEN '' {' '.join(f'WHEN {no} THEN {what}' for no, what in one)} END" for one in told
        )

    # -- what is known of a group's review

    def set_state(self, group_id: str, state: str, outcome: str = "") -> None:
        """Note what the decisions in force say of a group."""
        with self._workspace.transaction():
            self._db.execute("UPDATE record_group SET state = ?, outcome = ? WHERE id = ?", (state, outcome, group_id))

    def set_risk(self, risks: Iterable[tuple[str, int, int]]) -> None:
        """Note cells and consents at risk per group, best in the order of their ids; groups not named have none."""
        with self._workspace.transaction():
            self._db.execute(f"DROP INDEX {_BY_VALUE[0]}")  # made anew at the end: a third of the time of keeping it row by row
            self._db.execute("UPDATE record_group SET cells_at_risk = 0, consent_at_risk = 0 WHERE cells_at_risk OR consent_at_risk")
            self._db.executemany(
                "UPDATE record_group SET cells_at_risk = ?, consent_at_risk = ? WHERE id = ?",
                ((c, s, g) for g, c, s in risks),
            )
            self._db.execute(f"CREATE INDEX {_BY_VALUE[0]} ON record_group ({_BY_VALUE[1]})")

    def set_group_risk(self, group_id: str, cells: int, consents: int) -> None:
        """Note cells and consents at risk of one group."""
        with self._workspace.transaction():
            sql = "UPDATE record_group SET cells_at_risk = ?, consent_at_risk = ? WHERE id = ?"
            self._db.execute(sql, (cells, consents, group_id))

    def assign(self, group_id: str, assignee: str) -> None:
        """Give a group to somebody; an empty name takes it back."""
        with self._workspace.transaction():
            self._db.execute("UPDATE record_group SET assignee = ? WHERE id = ?", (assignee, group_id))


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
