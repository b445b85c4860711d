"""Pairs and groups as the matching engine found them, and what is known of each group's review."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.model import Group, Pair

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One line of the queue."""

    id: str
    record_type: str
    klass: str
    score: float
    size: int
    systems: str
    title: str
    differs: tuple[str, ...]
    cells_at_risk: int
    consent_at_risk: int
    state: str
    outcome: str
    uncertainty: float
    assignee: str


ORDERS = {
    "value": "consent_at_risk DESC, cells_at_risk DESC, score DESC, id",
    "uncertainty": "uncertainty DESC, id",
    "score": "score DESC, id",
    "size": "size DESC, id",
    "newest": "newest DESC, id",
}
"""Orders of the queue by name."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which groups: every part that is given must hold."""

    klass: str | None = None
    state: str | None = None  # open, decided, unsure, skipped, changed; `todo` = open, unsure or changed
    system: str | None = None
    field: str | None = None  # a field that differs
    text: str | None = None  # in the title
    min_score: float | None = None
    max_score: float | None = None
    assignee: str | None = None
    record_type: str | None = None
    at_risk: bool = False  # the sync would overwrite something

    def where(self) -> tuple[str, list[Any]]:
        """A SQL condition and its parameters."""
        parts: list[tuple[str, Any]] = []
        if self.klass:
            parts.append(("class = ?", self.klass))
        if self.state == "todo":
            parts.append(("state IN ('open', 'unsure', 'changed') AND ?", 1))
        elif self.state:
            parts.append(("state = ?", self.state))
        if self.system:
            parts.append(("instr(systems, ?) > 0", self.system[0].upper()))
        if self.field:
            parts.append(("EXISTS (SELECT 1 FROM json_each(differs) WHERE value = ?)", self.field))
        if self.text:
            parts.append(("instr(lower(title), lower(?)) > 0", self.text))
        if self.min_score is not None:
            parts.append(("score >= ?", self.min_score))
        if self.max_score is not None:
            parts.append(("score <= ?", self.max_score))
        if self.assignee is not None:
            parts.append(("assignee = ?", self.assignee))
        if self.at_risk:
            parts.append(("cells_at_risk >= ?", 1))
        if self.record_type:
            parts.append(("record_type = ?", self.record_type))
        return " AND ".join(part for part, _ in parts) or "1", [value for _, value in parts]


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group as a match run stores it."""

    id: str
    record_type: str
    klass: str
    score: float
    keys: tuple[int, ...]
    systems: str
    title: str
    differs: tuple[str, ...]
    uncertainty: float
    newest: str


class Matches:
    """Storing a match run whole; reading the queue and single groups."""

    def __init__(self, workspace: Workspace) -> None:
        """Use the workspace's connection."""
        self._workspace = workspace
        self._db = workspace.db

    def replace(
        self,
        record_type: str,
        pairs: Iterable[tuple[int, int, float, float, str]],
        groups: Iterable[NewGroup],
        *,
        model: dict[str, Any],
        report: dict[str, Any],
        at: str,
    ) -> None:
        """Put a match run in the place of the previous one in one transaction: a stop leaves the old result whole.

        What a person said of a group (state, outcome, assignee) stays with its id.
        """
        with self._workspace.transaction():
            kept = {
                row["id"]: (row["state"], row["outcome"], row["assignee"])
                for row in self._db.execute("SELECT id, state, outcome, assignee FROM record_group WHERE state <> 'open' OR assignee <> ''")
            }
            ours = "SELECT id FROM record_group WHERE record_type = ?"
            members = f"SELECT record_key FROM group_member WHERE group_id IN ({ours})"
            self._db.execute(
                f"DELETE FROM pair WHERE left_key IN ({members}) OR right_key IN ({members})",
                (record_type, record_type),
            )
            self._db.execute(f"DELETE FROM group_member WHERE group_id IN ({ours})", (record_type,))
            self._db.execute("DELETE FROM record_group WHERE record_type = ?", (record_type,))
            self._db.executemany("INSERT OR REPLACE INTO pair VALUES (?, ?, ?, ?, ?)", pairs)
            self._insert_groups(groups, kept)
            self._db.execute(
                "INSERT INTO match_run (record_type, at, model, report) VALUES (?, ?, ?, ?)",
                (record_type, at, json.dumps(model), json.dumps(report)),
            )

    def add_groups(self, groups: Iterable[NewGroup]) -> None:
        """Add groups that something else than matching asks a person to look at (the forecast)."""
        with self._workspace.transaction():
            self._insert_groups(groups, {})

    def _insert_groups(self, groups: Iterable[NewGroup], kept: dict[str, tuple[str, str, str]]) -> None:
        for group in groups:
            state, outcome, assignee = kept.get(group.id, ("open", "", ""))
            self._db.execute(
                "INSERT OR REPLACE INTO record_group (id, record_type, class, score, size, systems, title, differs, uncertainty,"
                " newest, state, outcome, assignee) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    group.id, group.record_type, group.klass, group.score, len(group.keys), group.systems, group.title,
                    json.dumps(group.differs), group.uncertainty, group.newest, state, outcome, assignee,
                ),
            )  # fmt: skip
            self._db.executemany(
                "INSERT OR REPLACE INTO group_member (record_key, group_id) VALUES (?, ?)",
                [(k, group.id) for k in group.keys],
            )

    def last_run(self, record_type: str) -> dict[str, Any] | None:
        """When the last match run of a record type was made, its model and report."""
        row = self._db.execute("SELECT * FROM match_run WHERE record_type = ? ORDER BY id DESC LIMIT 1", (record_type,)).fetchone()
        return {**dict(row), "model": json.loads(row["model"]), "report": json.loads(row["report"])} if row else None

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

    def rowids(self, filter_: Filter | None = None, order: str = "value") -> list[int]:
        """The whole order of the queue as row numbers, for a virtual list."""
        where, values = (filter_ or Filter()).where()
        sql = f"SELECT rowid FROM record_group WHERE {where} ORDER BY {ORDERS[order]}"
        return [row[0] for row in self._db.execute(sql, values)]

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
            return [_group_row(found[i]) for i in rowids if i in found]
        where, values = (filter_ or Filter()).where()
        sql = f"SELECT * FROM record_group WHERE {where} ORDER BY {ORDERS[order]} LIMIT ? OFFSET ?"
        return [_group_row(row) for row in self._db.execute(sql, [*values, limit, offset])]

    def row(self, group_id: str) -> GroupRow | None:
        """One line of the queue."""
        row = self._db.execute("SELECT * FROM record_group WHERE id = ?", (group_id,)).fetchone()
        return _group_row(row) if row else None

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

    def all_members(self) -> Iterable[tuple[str, int]]:
        """Every (group, key)."""
        return ((row[0], row[1]) for row in self._db.execute("SELECT group_id, record_key FROM group_member ORDER BY 1, 2"))

    def pairs(self, keys: Sequence[int]) -> list[Pair]:
        """Stored pairs among some records."""
        marks = ",".join("?" * len(keys))
        sql = f"SELECT * FROM pair WHERE left_key IN ({marks}) AND right_key IN ({marks})"
        return [Pair(r["left_key"], r["right_key"], r["bits"], r["probability"], r["class"]) for r in self._db.execute(sql, [*keys, *keys])]

    def all_pairs(self) -> Iterable[sqlite3.Row]:
        """Every stored pair, with the group of its left record."""
        return self._db.execute(
            "SELECT pair.*, group_member.group_id FROM pair LEFT JOIN group_member ON record_key = left_key ORDER BY left_key, right_key"
        )

    # -- what is known of a group's review

    def set_state(self, group_id: str, state: str, outcome: str = "") -> None:
        """Note what the decisions in force say of a group."""
        with self._workspace.transaction():
            self._db.execute("UPDATE record_group SET state = ?, outcome = ? WHERE id = ?", (state, outcome, group_id))

    def set_risk(self, risks: Iterable[tuple[str, int, int]]) -> None:
        """Note cells and consents at risk per group; groups not named have none."""
        with self._workspace.transaction():
            self._db.execute("UPDATE record_group SET cells_at_risk = 0, consent_at_risk = 0 WHERE cells_at_risk OR consent_at_risk")
            self._db.executemany(
                "UPDATE record_group SET cells_at_risk = ?, consent_at_risk = ? WHERE id = ?",
                [(c, s, g) for g, c, s in risks],
            )

    def set_group_risk(self, group_id: str, cells: int, consents: int) -> None:
        """Note cells and consents at risk of one group."""
        with self._workspace.transaction():
            sql = "UPDATE record_group SET cells_at_risk = ?, consent_at_risk = ? WHERE id = ?"
            self._db.execute(sql, (cells, consents, group_id))

    def assign(self, group_id: str, assignee: str) -> None:
        """Give a group to somebody; an empty name takes it back."""
        with self._workspace.transaction():
            self._db.execute("UPDATE record_group SET assignee = ? WHERE id = ?", (assignee, group_id))


def _group_row(row: sqlite3.Row) -> GroupRow:
    return GroupRow(
        id=row["id"],
        record_type=row["record_type"],
        klass=row["class"],
        score=row["score"],
        size=row["size"],
        systems=row["systems"],
        title=row["title"],
        differs=tuple(json.loads(row["differs"])),
        cells_at_risk=row["cells_at_risk"],
        consent_at_risk=row["consent_at_risk"],
        state=row["state"],
        outcome=row["outcome"],
        uncertainty=row["uncertainty"],
        assignee=row["assignee"],
    )
