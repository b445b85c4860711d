"""Full-text search over every pulled record, as one types (SQLite FTS5 over what `search_words` makes of the values).

The index keeps no text: a record that changed is indexed anew under its next version, and hits of older versions don't count.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile_tui.model import Ref
from reconcile_tui.workspace.search_words import BEGINNING, indexed, query

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace
    from reconcile_tui.workspace.records import Table

BATCH = 1_000
"""Records indexed in one transaction: a decision made meanwhile waits for one of these at most, some 50 ms."""
SMALL = 2_000
"""Former versions that are never too many."""
PAGES = 250
"""Pages of the index merged in one transaction: what a batch adds, about three times over."""
_STATE = "search.indexed"
_VERSION_BITS = 52
"""A row of the index is a record's key with its version above these bits (a key: number of the table above 40 bits of row)."""
_KEY = (1 << _VERSION_BITS) - 1
_ANEW = (
    "DROP TABLE IF EXISTS record_text",  # the index of earlier workspaces: it kept the text, and an address as one word
    "DROP TABLE IF EXISTS record_word",
    "DROP TABLE IF EXISTS record_word_version",
)
_BY_HAND = {"automerge": 0, "crisismerge": 1999, "usermerge": 16}
"""SQLite merges what batches left in one go when it comes to it, for seconds; `_merge` does it a little at a time."""
_INDEX = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS record_word USING fts5("
    f"content, content='', columnsize=0, detail=none, prefix='{' '.join(map(str, range(1, BEGINNING + 1)))}', tokenize=ascii)",
    *(f"INSERT INTO record_word (record_word, rank) VALUES ('{name}', {value})" for name, value in _BY_HAND.items()),
    "CREATE TABLE IF NOT EXISTS record_word_version (key INTEGER PRIMARY KEY, version INTEGER NOT NULL) STRICT",
)
_FIND = (
    f"SELECT w.rowid & {_KEY} FROM record_word w LEFT JOIN record_word_version v ON v.key = w.rowid & {_KEY}"
    f" WHERE record_word MATCH ? AND w.rowid >> {_VERSION_BITS} = coalesce(v.version, 0) LIMIT ?"
)
_RENEW = "INSERT INTO record_word_version VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET version = version + 1 RETURNING version"


@dataclass(frozen=True, slots=True)
class Found:
    """One record that fits. Texts are raw CRM text."""

    key: int
    ref: Ref
    title: str
    detail: str


class Search:
    """The index: built when records have changed, asked as one types."""

    def __init__(self, workspace: Workspace) -> None:
        """Use the workspace's connection."""
        self._workspace = workspace
        self._db = workspace.db

    def stale(self) -> bool:
        """Whether records were pulled since the index was built."""
        return bool(self._workspace.settings.get(_STATE, {}).get("pulls") != self._pulls())

    def _pulls(self) -> list[int]:
        """The newest pull, and how many have ended."""
        return list(self._db.execute("SELECT coalesce(max(id), 0), count(finished_at) FROM pull").fetchone())

    def _running(self) -> int | None:
        """The oldest pull that may still bring records: the newest of its table, and not ended."""
        newest = "SELECT max(id) AS id FROM pull GROUP BY system, table_name"
        row = self._db.execute(f"SELECT min(id) FROM pull JOIN ({newest}) USING (id) WHERE finished_at IS NULL").fetchone()
        return None if row[0] is None else int(row[0])

    def build(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Index what is new, changed or gone; returns how many records. `progress` hears the number of each batch."""
        pulls, running, since = self._pulls(), self._running(), self._since()
        with self._workspace.transaction():
            for statement in (*(() if since else _ANEW), *_INDEX):
                self._db.execute(statement)
        count = 0
        for table in self._workspace.records.tables():
            for rows in self._changed(table, since):
                with self._workspace.transaction():
                    self._store(rows, new=not since)
                count += len(rows)
                self._merge()
                progress(len(rows))
        while self._merge():
            pass
        self._workspace.settings.set(_STATE, {"pulls": pulls, "since": running or pulls[0] + 1})
        return count

    def _merge(self) -> bool:
        """Merge a little of what the batches left side by side; whether there was something to merge."""
        before = self._db.total_changes
        with self._workspace.transaction():
            self._db.execute("INSERT INTO record_word (record_word, rank) VALUES ('merge', ?)", (PAGES,))
        return self._db.total_changes - before > 1  # a merge that found nothing counts as the one row that asked for it

    def _since(self) -> int:
        """The pull from which on records are indexed; 0 for all, at the first time and once former versions are half of the index."""
        since = int(self._workspace.settings.get(_STATE, {}).get("since", 0))
        if since:
            former = self._db.execute("SELECT coalesce(sum(version), 0) FROM record_word_version").fetchone()[0]
            since = 0 if former > SMALL + sum(self._workspace.records.counts().values()) // 2 else since
        return since

    def _store(self, rows: list[tuple[int, str | None]], *, new: bool) -> None:
        """Records by key, with their words, or None when they are gone. What is known of them already counts no more, unless all is new."""
        versions = [0 if new else self._db.execute(_RENEW, (key,)).fetchone()[0] for key, _ in rows]
        self._db.executemany(
            "INSERT INTO record_word (rowid, content) VALUES (?, ?)",
            [(version << _VERSION_BITS | key, words) for (key, words), version in zip(rows, versions, strict=True) if words is not None],
        )

    def _changed(self, table: Table, since: int) -> Iterator[list[tuple[int, str | None]]]:
        editor = self._workspace.project.modified_by_column(table.system)  # as a word it would find all that one person ever saved
        columns = [name for name, column in table.columns.items() if column.type in ("text", "integer") and name != editor]
        present = {row["name"] for row in self._db.execute(f'PRAGMA table_info("{table.storage}")')}
        quoted = ", ".join(['"_id"', *('"' + name.replace('"', '""') + '"' for name in columns if name in present)])
        cursor = self._db.cursor()
        cursor.row_factory = None
        which = "_pull >= ?" if since else "_deleted = 0 AND ? = 0"
        cursor.execute(f'SELECT _row, _deleted, {quoted} FROM "{table.storage}" WHERE {which}', (since,))
        while rows := cursor.fetchmany(BATCH):
            yield [(table.key(row), None if gone else indexed([str(v) for v in values if v is not None])) for row, gone, *values in rows]

    def find(self, text: str, *, limit: int = 200) -> list[Found]:
        """Records that have every word, each as a beginning; a number's digits anywhere in it. Nothing when there is no index yet."""
        keys: list[int] = []
        try:
            for asked in dict.fromkeys((query(text, listed=True), query(text))):
                if asked and len(keys) < limit:
                    keys = [row[0] for row in self._db.execute(_FIND, (asked, limit))]
        except sqlite3.OperationalError:
            return []
        return self.of(keys)

    def first(self, *, limit: int = 200) -> list[Found]:
        """The first records of each table, for an empty search."""
        keys = [
            table.key(row[0])
            for table in self._workspace.records.tables()
            for row in self._db.execute(f'SELECT _row FROM "{table.storage}" WHERE _deleted = 0 ORDER BY _row LIMIT ?', (limit // 3,))
        ]
        return self.of(keys)

    def of(self, keys: Sequence[int]) -> list[Found]:
        """Records by key."""
        return [_found(record.key, record.ref, dict(record.values)) for record in self._workspace.records.load(keys)]

    def fields(self, key: int) -> str:
        """A record's payload as the system sent it, as indented JSON."""
        return json.dumps(self._workspace.records.raw(key), ensure_ascii=False, indent=1, default=str)


def _found(key: int, ref: Ref, values: dict[str, str | None]) -> Found:
    name = " ".join(v for v in (values.get("first_name"), values.get("last_name")) if v)
    email = values.get("email") or ""
    detail = " · ".join(v for v in (email if name else "", values.get("company") or "", values.get("phone") or "") if v)
    return Found(key, ref, name or email or ref.id, detail)
