"""Storing what a match run found, whole or only what changed, and what it was found on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from reconcile_tui.workspace.records import ROW_BITS

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

PairRow = tuple[int, int, float, float, str]
"""left key, right key, bits, probability, class"""
_AT_A_TIME = 1_000
"""Groups handed to the database at once."""


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


@dataclass(frozen=True, slots=True)
class Basis:
    """What a run was made on: a digest of the settings, the records (keys and digests of their values), judgements, and a tally."""

    settings: str
    seen: bytes
    judged: str
    tally: bytes


class MatchRuns:
    """Writing results in one transaction each, so that a stop leaves the old one whole."""

    def __init__(self, workspace: Workspace) -> None:
        """Use the workspace's connection."""
        self._workspace = workspace
        self._db = workspace.db

    def replace(
        self,
        record_type: str,
        pairs: Iterable[PairRow],
        groups: Iterable[NewGroup],
        *,
        model: dict[str, Any],
        report: dict[str, Any],
        at: str,
        basis: Basis | None = None,
    ) -> None:
        """Put a run in the place of the previous one. What a person said of a group (state, outcome, assignee) stays with its id."""
        with self._workspace.transaction():
            kept = self._kept()
            ours = "SELECT id FROM record_group WHERE record_type = ?"
            for first, last in self._key_ranges(record_type):
                self._db.execute("DELETE FROM pair WHERE left_key BETWEEN ? AND ?", (first, last))
            self._db.execute(f"DELETE FROM group_member WHERE group_id IN ({ours})", (record_type,))
            self._db.execute("DELETE FROM record_group WHERE record_type = ?", (record_type,))
            self._db.executemany("INSERT OR REPLACE INTO pair VALUES (?, ?, ?, ?, ?)", pairs)
            insert_groups(self._db, groups, kept)
            self._note(record_type, model, report, at, basis)

    def change(
        self,
        record_type: str,
        *,
        touched: Sequence[int],
        pairs: Iterable[PairRow],
        dissolved: Sequence[str],
        groups: Iterable[NewGroup],
        model: dict[str, Any],
        report: dict[str, Any],
        at: str,
        basis: Basis,
    ) -> None:
        """Put new pairs in the place of all those of the touched records, and groups in the place of the dissolved ones.

        Groups that only the forecast asked for go, as after a whole run; the next forecast asks again.
        """
        with self._workspace.transaction():
            kept = self._kept()
            asked = self._db.execute("SELECT id FROM record_group WHERE record_type = ? AND class = 'collision'", (record_type,))
            gone = [(group,) for group in {*dissolved, *(row["id"] for row in asked)}]
            self._db.executemany("DELETE FROM pair WHERE left_key = ?", [(key,) for key in touched])
            self._db.executemany("DELETE FROM pair WHERE right_key = ?", [(key,) for key in touched])
            self._db.executemany("DELETE FROM group_member WHERE group_id = ?", gone)
            self._db.executemany("DELETE FROM record_group WHERE id = ?", gone)
            self._db.executemany("INSERT OR REPLACE INTO pair VALUES (?, ?, ?, ?, ?)", pairs)
            insert_groups(self._db, groups, kept)
            self._note(record_type, model, report, at, basis)

    def last(self, record_type: str) -> dict[str, Any] | None:
        """When the last run of a record type was made, its model and report."""
        row = self._db.execute("SELECT * FROM match_run WHERE record_type = ? ORDER BY id DESC LIMIT 1", (record_type,)).fetchone()
        return {**dict(row), "model": json.loads(row["model"]), "report": json.loads(row["report"])} if row else None

    def basis(self, record_type: str) -> Basis | None:
        """What the last run of a record type was made on; None when that is not known."""
        row = self._db.execute("SELECT * FROM match_basis WHERE record_type = ?", (record_type,)).fetchone()
        return Basis(row["settings"], row["seen"], row["judged"], row["tally"]) if row else None

    def pairs(self, record_type: str, least: float) -> list[tuple[int, int, float]]:
        """(left key, right key, bits) of the stored pairs with at least so many bits."""
        sql = "SELECT left_key, right_key, bits FROM pair WHERE left_key BETWEEN ? AND ? AND bits >= ?"
        return [(row[0], row[1], row[2]) for ends in self._key_ranges(record_type) for row in self._db.execute(sql, (*ends, least))]

    def groups(self, record_type: str) -> list[tuple[str, int]]:
        """(group, record key) of all groups of a record type."""
        sql = "SELECT group_id, record_key FROM group_member JOIN record_group ON id = group_id WHERE record_type = ?"
        return [(row[0], row[1]) for row in self._db.execute(sql, (record_type,))]

    def counts(self, record_type: str) -> tuple[int, dict[str, int]]:
        """How many pairs are stored, and how many groups of each class."""
        sql = "SELECT count(*) FROM pair WHERE left_key BETWEEN ? AND ?"
        pairs = sum(self._db.execute(sql, ends).fetchone()[0] for ends in self._key_ranges(record_type))
        classes = "SELECT class, count(*) FROM record_group WHERE record_type = ? AND class <> 'collision' GROUP BY 1 ORDER BY 1"
        return pairs, {row[0]: row[1] for row in self._db.execute(classes, (record_type,))}

    def _kept(self) -> dict[str, tuple[str, str, str]]:
        sql = "SELECT id, state, outcome, assignee FROM record_group WHERE state <> 'open' OR assignee <> ''"
        return {row["id"]: (row["state"], row["outcome"], row["assignee"]) for row in self._db.execute(sql)}

    def _key_ranges(self, record_type: str) -> list[tuple[int, int]]:
        """First and last key of each table of a record type."""
        tables = self._workspace.records.tables(self._workspace.project.record_types[record_type])
        return [(table.no << ROW_BITS, ((table.no + 1) << ROW_BITS) - 1) for table in tables]

    def _note(self, record_type: str, model: dict[str, Any], report: dict[str, Any], at: str, basis: Basis | None) -> None:
        self._db.execute(
            "INSERT INTO match_run (record_type, at, model, report) VALUES (?, ?, ?, ?)",
            (record_type, at, json.dumps(model), json.dumps(report)),
        )
        self._db.execute("DELETE FROM match_basis WHERE record_type = ?", (record_type,))
        if basis is not None:
            values = (record_type, basis.settings, basis.seen, basis.judged, basis.tally)
            self._db.execute("INSERT INTO match_basis (record_type, settings, seen, judged, tally) VALUES (?, ?, ?, ?, ?)", values)


def insert_groups(db: sqlite3.Connection, groups: Iterable[NewGroup], kept: dict[str, tuple[str, str, str]]) -> None:
    """Insert groups in the caller's transaction; `kept`: state, outcome and assignee by id."""
    rest = iter(groups)
    while some := list(islice(rest, _AT_A_TIME)):
        db.executemany(
            "INSERT OR REPLACE INTO record_group (id, record_type, class, score, size, systems, title, differs, uncertainty,"
            " newest, state, outcome, assignee) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    group.id, group.record_type, group.klass, group.score, len(group.keys), group.systems, group.title,
                    json.dumps(group.differs), group.uncertainty, group.newest, *kept.get(group.id, ("open", "", "")),
                )
                for group in some
            ],
        )  # fmt: skip
        members = ((key, group.id) for group in some for key in group.keys)
        db.executemany("INSERT OR REPLACE INTO group_member (record_key, group_id) VALUES (?, ?)", members)
