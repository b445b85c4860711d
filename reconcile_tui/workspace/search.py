"""Full-text search over every pulled record, as one types (SQLite FTS5; accents and case don't matter, the last word is a prefix)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile_tui.model import Ref

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace
    from reconcile_tui.workspace.records import Table

BATCH = 1_000
"""Records indexed in one transaction: a decision made meanwhile waits for one of these at most, some 20 ms."""
LONGEST = 300
"""Characters of a value that are indexed."""
_STATE = "search.pull"


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
        return bool(self._workspace.settings.get(_STATE, 0) != self._last_pull())

    def _last_pull(self) -> int:
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM pull").fetchone()[0])

    def build(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Index what is new or changed; returns how many records. `progress` hears the number of each batch."""
        last = self._last_pull()
        since = int(self._workspace.settings.get(_STATE, 0))
        with self._workspace.transaction():
            self._db.execute(
                "CREATE VIRTUAL TABLE IF NOT EXISTS record_text USING"
                " fts5(content, detail=column, prefix='2 3', tokenize=\"unicode61 remove_diacritics 2 tokenchars '@.+-_'\")"
            )
        count = 0
        for table in self._workspace.records.tables():
            for rows in self._changed(table, since):
                with self._workspace.transaction():
                    self._db.executemany("DELETE FROM record_text WHERE rowid = ?", [(key,) for key, _ in rows])
                    self._db.executemany("INSERT INTO record_text (rowid, content) VALUES (?, ?)", rows)
                count += len(rows)
                progress(len(rows))
        self._workspace.settings.set(_STATE, last)
        return count

    def _changed(self, table: Table, since: int) -> Iterator[list[tuple[int, str]]]:
        columns = [name for name, column in table.columns.items() if column.type in ("text", "integer")]
        present = {row["name"] for row in self._db.execute(f'PRAGMA table_info("{table.storage}")')}
        quoted = ", ".join(['"_id"', *('"' + name.replace('"', '""') + '"' for name in columns if name in present)])
        cursor = self._db.cursor()
        cursor.row_factory = None
        cursor.execute(f'SELECT _row, {quoted} FROM "{table.storage}" WHERE _deleted = 0 AND (_pull > ? OR ? = 0)', (since, since))
        while rows := cursor.fetchmany(BATCH):
            yield [(table.key(row[0]), " ".join(str(v)[:LONGEST] for v in row[1:] if v not in (None, ""))) for row in rows]

    def find(self, text: str, *, limit: int = 200) -> list[Found]:
        """Records that have every word, the last one as a beginning. Nothing when there is no index yet."""
        words = [word.replace('"', '""') for word in text.split()]
        if not words:
            return []
        query = " ".join([*(f'"{word}"' for word in words[:-1]), f'"{words[-1]}"*'])
        try:
            rows = self._db.execute("SELECT rowid FROM record_text WHERE record_text MATCH ? LIMIT ?", (query, limit)).fetchall()
        except sqlite3.OperationalError:
            return []
        return self.of([row[0] for row in rows])

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
