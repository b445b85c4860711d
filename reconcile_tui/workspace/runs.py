"""Plans, runs and the journal: what was intended, what was answered, what stood there before."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from reconcile_tui.model import Ref
from reconcile_tui.workspace.decisions import now

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


class Runs:
    """The journal's writer and reader. Every method that writes is durable when it returns."""

    def __init__(self, workspace: Workspace) -> None:
        """Use the workspace's connection."""
        self._workspace = workspace
        self._db = workspace.db

    # -- plans

    def keep_plan(self, digest: str, document: str | bytes | Iterable[bytes]) -> None:
        """Keep a plan's file (whole, or piece by piece) by its digest."""
        whole = document.encode() if isinstance(document, str) else document
        packer = zlib.compressobj(6)
        packed = b"".join([*(packer.compress(chunk) for chunk in ([whole] if isinstance(whole, bytes) else whole)), packer.flush()])
        with self._workspace.transaction():
            self._db.execute("INSERT OR IGNORE INTO plan VALUES (?, ?, ?)", (digest, now(), packed))

    def has_plan(self, digest: str) -> bool:
        """Whether a plan is kept."""
        return self._db.execute("SELECT 1 FROM plan WHERE digest = ?", (digest,)).fetchone() is not None

    def plan(self, digest: str) -> bytes | None:
        """A kept plan's file."""
        row = self._db.execute("SELECT document FROM plan WHERE digest = ?", (digest,)).fetchone()
        return zlib.decompress(row[0]) if row else None

    # -- runs

    def start(self, plan: str, *, kind: str = "apply", of_run: int | None = None) -> int:
        """Begin a run; returns its number."""
        with self._workspace.transaction():
            cursor = self._db.execute(
                "INSERT INTO run (plan, kind, of_run, started_at, author) VALUES (?, ?, ?, ?, ?)",
                (plan, kind, of_run, now(), self._workspace.author()),
            )
        return int(cursor.lastrowid or 0)

    def finish(self, run: int) -> None:
        """Note that a run came to its end."""
        with self._workspace.transaction():
            self._db.execute("UPDATE run SET finished_at = ? WHERE id = ?", (now(), run))

    def get(self, run: int) -> dict[str, Any] | None:
        """One run."""
        row = self._db.execute("SELECT * FROM run WHERE id = ?", (run,)).fetchone()
        return dict(row) if row else None

    def all(self) -> list[dict[str, Any]]:
        """All runs, newest first."""
        return [dict(row) for row in self._db.execute("SELECT * FROM run ORDER BY id DESC")]

    def unfinished(self, plan: str | None = None) -> dict[str, Any] | None:
        """The newest run (of a plan) that did not come to its end."""
        extra = "AND plan = ?" if plan else ""
        sql = f"SELECT * FROM run WHERE finished_at IS NULL {extra} ORDER BY id DESC LIMIT 1"
        row = self._db.execute(sql, (plan,) if plan else ()).fetchone()
        return dict(row) if row else None

    # -- journal

    def record(self, run: int, seq: int, phase: str, detail: Mapping[str, Any]) -> None:
        """Add a journal entry: `intent`, `answer`, `outcome` or `note`."""
        with self._workspace.transaction():
            self._db.execute(
                "INSERT INTO journal (run, seq, phase, at, detail) VALUES (?, ?, ?, ?, ?)",
                (run, seq, phase, now(), json.dumps(detail, ensure_ascii=False)),
            )

    def last(self, *, plan: str | None = None, kind: str | None = None) -> dict[str, Any] | None:
        """The newest run (of a plan, of a kind)."""
        parts = [("plan", plan), ("kind", kind)]
        where = " AND ".join(f"{name} = ?" for name, value in parts if value) or "1"
        row = self._db.execute(f"SELECT * FROM run WHERE {where} ORDER BY id DESC LIMIT 1", [v for _, v in parts if v]).fetchone()
        return dict(row) if row else None

    def undone(self, run: int) -> bool:
        """Whether a run was taken back (as far as that goes)."""
        return self._db.execute("SELECT 1 FROM run WHERE of_run = ? AND kind = 'undo'", (run,)).fetchone() is not None

    def record_all(self, run: int, entries: Iterable[tuple[int, str, Mapping[str, Any]]]) -> None:
        """Add several journal entries (seq, phase, detail) at once."""
        rows = [(run, seq, phase, now(), json.dumps(detail, ensure_ascii=False)) for seq, phase, detail in entries]
        with self._workspace.transaction():
            self._db.executemany("INSERT INTO journal (run, seq, phase, at, detail) VALUES (?, ?, ?, ?, ?)", rows)

    def journal(self, run: int) -> list[dict[str, Any]]:
        """All entries of a run in order, `detail` decoded."""
        rows = self._db.execute("SELECT * FROM journal WHERE run = ? ORDER BY id", (run,))
        return [{**dict(row), "detail": json.loads(row["detail"])} for row in rows]

    # -- prior states

    def keep_prior(self, run: int, ref: Ref, state: Mapping[str, Any], etag: str | None) -> None:
        """Keep what a record held before this run touched it; the first one kept stands."""
        with self._workspace.transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO prior_state VALUES (?, ?, ?, ?, ?, ?)",
                (run, ref.system, ref.table, ref.id, etag, json.dumps(state, ensure_ascii=False)),
            )

    def keep_priors(self, run: int, states: Mapping[Ref, tuple[Mapping[str, Any], str | None]]) -> None:
        """Keep what many records (state, etag) held, in one transaction."""
        rows = [(run, r.system, r.table, r.id, etag, json.dumps(state, ensure_ascii=False)) for r, (state, etag) in states.items()]
        with self._workspace.transaction():
            self._db.executemany("INSERT OR IGNORE INTO prior_state VALUES (?, ?, ?, ?, ?, ?)", rows)

    def priors_complete(self, run: int) -> bool:
        """Whether the prior state of every record was kept: no write may have been sent before that."""
        sql = "SELECT 1 FROM journal WHERE run = ? AND seq = 0 AND phase = 'note' AND detail LIKE '%priors%'"
        return self._db.execute(sql, (run,)).fetchone() is not None

    def priors(self, run: int) -> dict[Ref, dict[str, Any]]:
        """Kept states by record."""
        rows = self._db.execute("SELECT * FROM prior_state WHERE run = ?", (run,))
        return {Ref(r["system"], r["table_name"], r["record_id"]): json.loads(r["state"]) for r in rows}
