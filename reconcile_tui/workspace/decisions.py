"""The append-only log of decisions, the judgements derived from it, and accepted findings."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from reconcile_tui.model import Decision, PairClass, Ref

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


def now() -> str:
    """The present moment as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Head:
    """A group without its records."""

    record_type: str
    klass: PairClass
    score: float
    state: str
    outcome: str


class Decisions:
    """Appending and reading decisions. Undo and redo are entries; nothing is ever changed or removed."""

    def __init__(self, workspace: Workspace) -> None:
        """Use the workspace's connection."""
        self._workspace = workspace
        self._db = workspace.db

    def append(self, group: str, kind: str, payload: Mapping[str, Any], *, note: str = "", author: str = "", at: str = "") -> Decision:
        """Add an entry; durable when this returns (outside a transaction)."""
        at, author = at or now(), author or self._workspace.author()
        with self._workspace.transaction():
            if kind not in ("undo", "redo"):  # a new decision ends the chance to redo what was undone before it
                self._db.execute("UPDATE decision_undone SET by = -by WHERE by > 0")
            cursor = self._db.execute(
                "INSERT INTO decision (at, author, group_id, kind, payload, note) VALUES (?, ?, ?, ?, ?, ?)",
                (at, author, group, kind, json.dumps(payload, ensure_ascii=False), note),
            )
        return Decision(int(cursor.lastrowid or 0), at, author, group, kind, dict(payload), note)

    def mark_undone(self, seq: int, by: int) -> None:
        """Take a decision out of force; `by` is the undo entry."""
        with self._workspace.transaction():
            self._db.execute("INSERT INTO decision_undone (seq, by) VALUES (?, ?)", (seq, by))

    def mark_redone(self, seq: int) -> None:
        """Put a decision back in force."""
        with self._workspace.transaction():
            self._db.execute("DELETE FROM decision_undone WHERE seq = ?", (seq,))

    def get(self, seq: int) -> Decision | None:
        """One entry."""
        row = self._db.execute("SELECT * FROM decision WHERE seq = ?", (seq,)).fetchone()
        return _decision(row) if row else None

    def log(self, group: str | None = None, *, limit: int = 1000, before: int | None = None) -> list[Decision]:
        """Entries, newest first."""
        where = "WHERE seq < ?" + (" AND group_id = ?" if group else "")
        values: list[Any] = [before if before is not None else 1 << 62, *([group] if group else []), limit]
        return [_decision(r) for r in self._db.execute(f"SELECT * FROM decision {where} ORDER BY seq DESC LIMIT ?", values)]

    def newest(self) -> int:
        """The number of the newest entry of any kind; 0 before the first."""
        return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM decision").fetchone()[0])

    def groups_since(self, seq: int) -> list[str]:
        """Groups with entries after a number: decided, undone or redone since."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT group_id FROM decision WHERE seq > ? ORDER BY 1", (seq,))]

    def in_force(self, group: str | None = None) -> list[Decision]:
        """Decisions that stand, oldest first, of one group or of all."""
        where = "AND group_id = ?" if group else ""
        sql = (
            "SELECT * FROM decision WHERE kind NOT IN ('undo', 'redo') AND seq NOT IN (SELECT seq FROM decision_undone)"
            f" {where} ORDER BY seq"
        )
        return [_decision(row) for row in self._db.execute(sql, (group,) if group else ())]

    def undone(self) -> set[int]:
        """Numbers of the decisions not in force."""
        return {row[0] for row in self._db.execute("SELECT seq FROM decision_undone")}

    def in_force_by_group(self, groups: Sequence[str]) -> dict[str, list[Decision]]:
        """Decisions that stand of several groups (at most 30,000), oldest first."""
        marks = ",".join("?" * len(groups))
        sql = (
            f"SELECT * FROM decision WHERE group_id IN ({marks}) AND kind NOT IN ('undo', 'redo')"
            " AND seq NOT IN (SELECT seq FROM decision_undone) ORDER BY seq"
        )
        found: dict[str, list[Decision]] = {}
        for row in self._db.execute(sql, groups):
            found.setdefault(row["group_id"], []).append(_decision(row))
        return found

    def last_undoable(self) -> Decision | None:
        """The newest decision in force."""
        row = self._db.execute(
            "SELECT * FROM decision WHERE kind NOT IN ('undo', 'redo') AND seq NOT IN (SELECT seq FROM decision_undone)"
            " ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return _decision(row) if row else None

    def last_redoable(self) -> Decision | None:
        """The decision the newest undo took back, unless something was decided since."""
        row = self._db.execute(
            "SELECT decision.* FROM decision JOIN decision_undone USING (seq) WHERE by > 0 ORDER BY by DESC LIMIT 1"
        ).fetchone()
        return _decision(row) if row else None

    def of_bulk(self, bulk: str, *, undone: bool) -> list[Decision]:
        """Decisions made by one bulk decision, oldest first: those in force, or those that can be put back in force."""
        which = "IN (SELECT seq FROM decision_undone WHERE by > 0)" if undone else "NOT IN (SELECT seq FROM decision_undone)"
        sql = f"SELECT * FROM decision WHERE json_extract(payload, '$.bulk') = ? AND seq {which} ORDER BY seq"
        return [_decision(row) for row in self._db.execute(sql, (bulk,))]

    # -- judgements

    def judge(self, decision: int, pairs: Iterable[tuple[int, int, bool]], group: str = "") -> None:
        """Keep same / different between records, as of a decision, in the place of what its group said before."""
        rows = [(min(a, b), max(a, b), decision, same, group) for a, b, same in pairs]
        with self._workspace.transaction():
            if group:
                self._db.execute("DELETE FROM judgement WHERE group_id = ?", (group,))
            self._db.executemany("INSERT OR REPLACE INTO judgement VALUES (?, ?, ?, ?, ?)", rows)

    def judgements(self) -> list[tuple[int, int, bool]]:
        """All (left key, right key, same?); the newest word on a pair."""
        sql = "SELECT left_key, right_key, same, max(decision) FROM judgement GROUP BY 1, 2 ORDER BY 1, 2"
        return [(row[0], row[1], bool(row[2])) for row in self._db.execute(sql)]

    def judgements_among(self, keys: Sequence[int], *, besides: str) -> list[tuple[int, int, bool, int]]:
        """(left key, right key, same?, decision) between some records, as decided in other groups than `besides`."""
        marks = ",".join("?" * len(keys))
        sql = (
            "SELECT left_key, right_key, same, max(decision) FROM judgement"
            f" WHERE left_key IN ({marks}) AND right_key IN ({marks}) AND group_id <> ? GROUP BY 1, 2"
        )
        return [(r[0], r[1], bool(r[2]), r[3]) for r in self._db.execute(sql, [*keys, *keys, besides])]

    # -- what decisions were based on

    def keep_basis(self, group: str, values: Mapping[int, Mapping[str, Any]]) -> None:
        """Keep the records' values a group was decided on, in the place of earlier ones."""
        rows = [(group, key, json.dumps(dict(held), ensure_ascii=False)) for key, held in values.items()]
        with self._workspace.transaction():
            self._db.execute("DELETE FROM decision_basis WHERE group_id = ?", (group,))
            self._db.executemany("INSERT INTO decision_basis VALUES (?, ?, ?)", rows)

    def basis(self, groups: Sequence[str]) -> dict[str, dict[int, dict[str, Any]]]:
        """The values decided groups were decided on, by record key; groups without any are left out. At most 30,000 groups."""
        marks = ",".join("?" * len(groups))
        found: dict[str, dict[int, dict[str, Any]]] = {}
        for row in self._db.execute(f"SELECT * FROM decision_basis WHERE group_id IN ({marks})", groups):
            found.setdefault(row["group_id"], {})[row["record_key"]] = json.loads(row["record_values"])
        return found

    def decided_groups(self) -> list[str]:
        """Groups with a basis, in order."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT group_id FROM decision_basis ORDER BY 1")]

    # -- many groups at once

    def heads(self, groups: Sequence[str]) -> dict[str, Head]:
        """What is stored of several groups (at most 30,000), in order; those matching no longer has are left out."""
        marks = ",".join("?" * len(groups))
        sql = f"SELECT id, record_type, class, score, state, outcome FROM record_group WHERE id IN ({marks}) ORDER BY id"
        return {
            row["id"]: Head(row["record_type"], row["class"], row["score"], row["state"], row["outcome"])
            for row in self._db.execute(sql, groups)
        }

    def members(self, groups: Sequence[str]) -> dict[str, list[int]]:
        """Record keys of several groups (at most 30,000)."""
        marks = ",".join("?" * len(groups))
        sql = f"SELECT group_id, record_key FROM group_member WHERE group_id IN ({marks}) ORDER BY record_key"
        found: dict[str, list[int]] = {}
        for group, key in self._db.execute(sql, groups):
            found.setdefault(group, []).append(key)
        return found

    # -- ids that merges have changed

    def add_alias(self, system: str, table: str, old_id: str, new_id: str) -> None:
        """Note that a merge has changed a record's id."""
        with self._workspace.transaction():
            self._db.execute("INSERT OR REPLACE INTO record_alias VALUES (?, ?, ?, ?)", (system, table, old_id, new_id))

    def aliases(self) -> dict[Ref, Ref]:
        """Old references and what they became."""
        return {
            Ref(row["system"], row["table_name"], row["old_id"]): Ref(row["system"], row["table_name"], row["new_id"])
            for row in self._db.execute("SELECT * FROM record_alias")
        }

    # -- accepted findings

    def accept(self, check: str, *, reason: str, count: int) -> None:
        """Accept the findings of a check by name; with a count of 0 the acceptance is taken back."""
        with self._workspace.transaction():
            self._db.execute(
                "INSERT INTO acceptance (check_id, reason, author, at, count) VALUES (?, ?, ?, ?, ?)",
                (check, reason, self._workspace.author(), now(), count),
            )

    def acceptances(self) -> dict[str, dict[str, Any]]:
        """The acceptance in force per check: reason, author, at, and the number of findings it was given for (0: taken back)."""
        rows = self._db.execute("SELECT * FROM acceptance ORDER BY id")
        return {check: row for check, row in {row["check_id"]: dict(row) for row in rows}.items() if row["count"]}


def _decision(row: sqlite3.Row) -> Decision:
    return Decision(row["seq"], row["at"], row["author"], row["group_id"], row["kind"], json.loads(row["payload"]), row["note"])
