"""Results of the readiness checks, their trend, what decisions settle, and the questionnaire's answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.workspace.decisions import now
from reconcile_tui.workspace.records import ROW_BITS, Table

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace
    from reconcile_tui.workspace.ledger import LedgerCell, LedgerGroup

Row = tuple[tuple[int, ...], Mapping[str, str]]
"""Keys of the records a finding is about, and its columns."""


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """What the newest run found for one check."""

    check: str
    count: int
    unknown: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the questionnaire."""

    question: str
    answer: str
    author: str
    at: str


class Checks:
    """Storing and reading what the checks found."""

    def __init__(self, workspace: Workspace) -> None:
        """Use the workspace's connection."""
        self._workspace = workspace
        self._db = workspace.db

    def replace(self, findings: Iterable[StoredFinding], settled: Mapping[str, Mapping[str, int]], *, whole: bool) -> None:
        """Put a run in the place of the previous one (`whole`), or only these checks; `settled` is {group: {check: how many}}."""
        with self._workspace.transaction():
            if whole:
                for table in ("finding", "finding_row", "finding_settled"):
                    self._db.execute(f"DELETE FROM {table}")
            for finding in findings:
                self._insert(finding)
            for group, counts in settled.items():
                self.settle(group, counts)
            totals = {row[0]: [row[1], self.settled().get(row[0], 0)] for row in self._db.execute("SELECT check_id, count FROM finding")}
            self._db.execute("INSERT INTO check_run (at, pull, totals) VALUES (?, ?, ?)", (now(), self.newest_pull(), json.dumps(totals)))

    def _insert(self, finding: StoredFinding) -> None:
        self._db.execute("DELETE FROM finding_row WHERE check_id = ?", (finding.check,))
        self._db.execute("INSERT OR REPLACE INTO finding VALUES (?, ?, ?)", (finding.check, finding.count, finding.unknown))
        rows = [(finding.check, json.dumps(keys), json.dumps(dict(detail), ensure_ascii=False)) for keys, detail in finding.rows]
        self._db.executemany("INSERT INTO finding_row (check_id, records, detail) VALUES (?, ?, ?)", rows)

    def settle(self, group: str, counts: Mapping[str, int]) -> None:
        """Note what the decisions on a group settle, in the place of what was noted before."""
        with self._workspace.transaction():
            self._db.execute("DELETE FROM finding_settled WHERE group_id = ?", (group,))
            rows = [(group, check, count) for check, count in counts.items() if count]
            self._db.executemany("INSERT INTO finding_settled VALUES (?, ?, ?)", rows)

    def findings(self, *, rows: int | None = None) -> list[StoredFinding]:
        """All findings of the newest run, each with at most `rows` rows (default: all that were kept)."""
        limit = -1 if rows is None else rows
        return [
            StoredFinding(r["check_id"], r["count"], r["unknown"], self.rows(r["check_id"], limit=limit))
            for r in self._db.execute("SELECT * FROM finding ORDER BY check_id").fetchall()
        ]

    def rows(self, check: str, *, limit: int = -1, offset: int = 0) -> tuple[Row, ...]:
        """Kept rows of one finding."""
        sql = "SELECT records, detail FROM finding_row WHERE check_id = ? ORDER BY id LIMIT ? OFFSET ?"
        return tuple((tuple(json.loads(r[0])), json.loads(r[1])) for r in self._db.execute(sql, (check, limit, offset)))

    def kept(self, check: str) -> int:
        """How many rows of a finding were kept."""
        return int(self._db.execute("SELECT count(*) FROM finding_row WHERE check_id = ?", (check,)).fetchone()[0])

    def settled(self) -> dict[str, int]:
        """How many findings per check the decisions made so far settle."""
        return {r[0]: r[1] for r in self._db.execute("SELECT check_id, sum(settled) FROM finding_settled GROUP BY 1")}

    def last_run(self) -> dict[str, Any] | None:
        """When the newest run was, which pull it saw and its totals."""
        return self._run("ORDER BY id DESC LIMIT 1", ())

    def previous_pull_run(self) -> dict[str, Any] | None:
        """The newest run on an older pull than the newest run's: what the trend is measured against."""
        last = self.last_run()
        return self._run("WHERE pull < ? ORDER BY id DESC LIMIT 1", (last["pull"],)) if last else None

    def runs(self) -> list[dict[str, Any]]:
        """All runs in order of time, with their totals."""
        return [{**dict(r), "totals": json.loads(r["totals"])} for r in self._db.execute("SELECT * FROM check_run ORDER BY id")]

    def _run(self, clause: str, values: Sequence[Any]) -> dict[str, Any] | None:
        row = self._db.execute(f"SELECT * FROM check_run {clause}", values).fetchone()
        return {**dict(row), "totals": json.loads(row["totals"])} if row else None

    def newest_pull(self) -> int:
        """Number of the newest pull that came to its end; 0 before the first."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM pull WHERE finished_at IS NOT NULL").fetchone()[0])

    # -- facts the rules need

    def ledger(self, *, rows: int) -> tuple[tuple[int, int], list[tuple[LedgerGroup, LedgerCell]], int, list[tuple[int, ...]]] | None:
        """The forecast of today: cells per side, the first cells of each side with their groups, and how many groups have more than one
        end without a cell of the second system, with the keys of the first ones. None: no forecast yet."""
        kept = self._workspace.forecasts
        if (totals := kept.totals("now")) is None:
            return None
        mine, all_ = totals["first"], totals["cells_certain"] + totals["cells_order_dependent"]
        cells = [pair for side in (True, False) for pair in kept.cells_of_system(first=side, limit=rows)]
        return (mine, all_ - mine), cells, *kept.open_groups(limit=rows)

    def groups(self) -> list[tuple[str, int, str, float, str]]:
        """(group, key, class, probability, state) of every member of every group."""
        cursor = self._db.cursor()
        cursor.row_factory = None
        joined = "record_group g JOIN group_member m ON m.group_id = g.id"
        return cursor.execute(f"SELECT g.id, m.record_key, g.class, g.score, g.state FROM {joined} ORDER BY 1, 2").fetchall()

    def matched(self) -> bool:
        """Whether a match run was made."""
        return self._db.execute("SELECT 1 FROM match_run LIMIT 1").fetchone() is not None

    def links(self, table: Table, column: str) -> list[tuple[int, str, int]]:
        """(key, stored id, gone?) of every record of a table that stores a link in this column."""
        quoted = '"' + column.replace('"', '""') + '"'
        sql = f"SELECT _row, {quoted}, _deleted FROM \"{table.storage}\" WHERE {quoted} IS NOT NULL AND {quoted} <> ''"
        return [(table.key(row[0]), str(row[1]), row[2]) for row in self._db.execute(sql)]

    def standing(self, table: Table, ids: Sequence[str]) -> dict[str, tuple[int, str]]:
        """{id: (key, `live`, `merged` or `gone`)} of those of the ids that the workspace knows."""
        found: dict[str, tuple[int, str]] = {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            sql = f'SELECT _row, _id, _deleted, _merged_into FROM "{table.storage}" WHERE _id IN ({",".join("?" * len(part))})'
            for row, id_, deleted, merged in self._db.execute(sql, part):
                found[id_] = (table.key(row), "gone" if deleted else "merged" if merged else "live")
        return found

    def saved_since_decided(self) -> list[tuple[str, str]]:
        """(group, decided at) of decided groups with a record that was saved in its system, or is gone from it, since then."""
        found: dict[str, str] = {}
        decided = (
            "SELECT group_id, max(at) AS decided FROM decision WHERE kind NOT IN ('undo', 'redo', 'note')"
            " AND seq NOT IN (SELECT seq FROM decision_undone) GROUP BY group_id"
        )
        for table in self._workspace.records.tables():
            sql = (
                f"SELECT DISTINCT d.group_id, d.decided FROM ({decided}) d JOIN group_member m USING (group_id)"
                f' JOIN "{table.storage}" r ON r._row = (m.record_key & {(1 << ROW_BITS) - 1})'
                f" WHERE m.record_key >> {ROW_BITS} = {table.no}"
                " AND (r._deleted OR datetime(r._modified) > datetime(d.decided))"
            )
            found |= {row[0]: row[1] for row in self._db.execute(sql)}
        return sorted(found.items())

    def cells_by_field(self, side: str) -> dict[str, tuple[int, int]]:
        """{field: (overwritten in every order, in some)} of the kept forecast of a side."""
        return self._workspace.forecasts.by_field(side)

    def decision_counts(self) -> dict[str, dict[str, int]]:
        """Decisions in force by `outcome`, by `author` and by `day`, and how many were taken back (`undone`)."""
        base = "FROM decision WHERE kind NOT IN ('undo', 'redo', 'note') AND seq NOT IN (SELECT seq FROM decision_undone)"
        outcome = "coalesce(json_extract(payload, '$.outcome'), kind)"
        found = {
            name: {row[0]: row[1] for row in self._db.execute(f"SELECT {column}, count(*) {base} GROUP BY 1 ORDER BY 2 DESC, 1")}
            for name, column in (("outcome", outcome), ("author", "author"), ("day", "substr(at, 1, 10)"))
        }
        found["day"] = dict(sorted(found["day"].items()))
        return {**found, "undone": {"all": self._db.execute("SELECT count(*) FROM decision_undone").fetchone()[0]}}

    def decision_times(self) -> list[str]:
        """When outcomes were decided, in order."""
        return [row[0] for row in self._db.execute("SELECT at FROM decision WHERE kind = 'outcome' ORDER BY seq")]

    # -- questionnaire

    def answer(self, question: str, answer: str) -> None:
        """Keep an answer with who and when."""
        with self._workspace.transaction():
            sql = "INSERT INTO answer (question, answer, author, at) VALUES (?, ?, ?, ?)"
            self._db.execute(sql, (question, answer, self._workspace.author(), now()))

    def answers(self) -> dict[str, Answer]:
        """The newest answer to each question."""
        rows = self._db.execute("SELECT question, answer, author, at FROM answer ORDER BY id")
        return {row["question"]: Answer(*row) for row in rows}
