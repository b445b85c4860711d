"""The simulator's ledger: groups of records that share a target, and the cells the sync would overwrite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.workspace.decisions import now

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LedgerCell:
    """One cell the sync would overwrite. Values are raw CRM text."""

    record_key: int
    field: str
    certainty: str
    value_now: str | None
    after: tuple[str | None, ...]
    overwritten_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LedgerGroup:
    """One collision group with its verdict."""

    id: str
    record_type: str
    review_group: str | None
    confluent: bool
    exhaustive: bool
    records: tuple[int, ...]
    cells: tuple[LedgerCell, ...] = ()


class Forecasts:
    """Storing and reading the ledger; `side` is `now` or `after`."""

    def __init__(self, workspace: Workspace) -> None:
        """Use the workspace's connection."""
        self._workspace = workspace
        self._db = workspace.db

    def replace(self, side: str, groups: Iterable[LedgerGroup], totals: Mapping[str, Any], *, profile: str) -> None:
        """Put a whole forecast in the place of the previous one of that side."""
        with self._workspace.transaction():
            self._db.execute("DELETE FROM forecast_group WHERE side = ?", (side,))
            self._db.execute("DELETE FROM forecast_cell WHERE side = ?", (side,))
            for group in groups:
                self._insert(side, group)
            self._db.execute(
                "INSERT INTO forecast_total (at, side, profile, totals) VALUES (?, ?, ?, ?)",
                (now(), side, profile, json.dumps(dict(totals))),
            )

    def replace_groups(self, side: str, removed: Sequence[str], groups: Iterable[LedgerGroup]) -> None:
        """Exchange some groups after a decision."""
        with self._workspace.transaction():
            for id_ in removed:
                self._db.execute("DELETE FROM forecast_group WHERE side = ? AND id = ?", (side, id_))
                self._db.execute("DELETE FROM forecast_cell WHERE side = ? AND group_id = ?", (side, id_))
            for group in groups:
                self._insert(side, group)

    def _insert(self, side: str, group: LedgerGroup) -> None:
        certain = sum(cell.certainty == "certain" for cell in group.cells)
        self._db.execute(
            "INSERT OR REPLACE INTO forecast_group VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                side, group.id, group.record_type, group.review_group, group.confluent, group.exhaustive, certain,
                len(group.cells) - certain, json.dumps(group.records),
            ),
        )  # fmt: skip
        self._db.executemany(
            "INSERT INTO forecast_cell VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    side, group.id, c.record_key, c.field, c.certainty, c.value_now,
                    json.dumps(c.after, ensure_ascii=False), json.dumps(c.overwritten_by),
                )
                for c in group.cells
            ],
        )  # fmt: skip

    def totals(self, side: str) -> dict[str, Any] | None:
        """The newest totals of a side, with `at` and `profile`."""
        row = self._db.execute("SELECT * FROM forecast_total WHERE side = ? ORDER BY id DESC LIMIT 1", (side,)).fetchone()
        return {**json.loads(row["totals"]), "at": row["at"], "profile": row["profile"]} if row else None

    def start_after(self, profile: str) -> dict[str, Any]:
        """Begin the `after` side with what is known of `now`: before any decision the two are the same."""
        with self._workspace.transaction():
            kept = self.totals("now") or {}
            for table in ("forecast_group", "forecast_cell"):
                self._db.execute(f"DELETE FROM {table} WHERE side = 'after'")
                columns = [row["name"] for row in self._db.execute(f"PRAGMA table_info({table})") if row["name"] != "side"]
                listed = ", ".join(columns)
                self._db.execute(f"INSERT INTO {table} (side, {listed}) SELECT 'after', {listed} FROM {table} WHERE side = 'now'")
            totals = {name: value for name, value in kept.items() if name not in ("at", "profile")}
            self._db.execute(
                "INSERT INTO forecast_total (at, side, profile, totals) VALUES (?, 'after', ?, ?)", (now(), profile, json.dumps(totals))
            )
        return totals

    def set_totals(self, side: str, totals: Mapping[str, Any]) -> None:
        """Correct the newest totals of a side."""
        with self._workspace.transaction():
            self._db.execute(
                "UPDATE forecast_total SET totals = ? WHERE id = (SELECT max(id) FROM forecast_total WHERE side = ?)",
                (json.dumps(dict(totals)), side),
            )

    def group_totals(self, side: str, review_group: str) -> dict[str, int]:
        """What the ledger holds of one review group, added up."""
        row = self._db.execute(
            "SELECT coalesce(sum(certain), 0) AS certain, coalesce(sum(order_dependent), 0) AS some,"
            " coalesce(sum(NOT confluent), 0) AS open FROM forecast_group WHERE side = ? AND review_group = ?",
            (side, review_group),
        ).fetchone()
        records = self._db.execute(
            "SELECT count(DISTINCT record_key) FROM forecast_cell WHERE side = ? AND group_id IN"
            " (SELECT id FROM forecast_group WHERE side = ? AND review_group = ?)",
            (side, side, review_group),
        ).fetchone()[0]
        return {
            "cells_certain": row["certain"],
            "cells_order_dependent": row["some"],
            "not_confluent": row["open"],
            "records_at_risk": records,
        }

    def trend(self, side: str = "now") -> list[dict[str, Any]]:
        """All totals of a side in order of time."""
        rows = self._db.execute("SELECT * FROM forecast_total WHERE side = ? ORDER BY id", (side,))
        return [{**json.loads(row["totals"]), "at": row["at"], "profile": row["profile"]} for row in rows]

    def groups(self, side: str, *, limit: int = 1000, offset: int = 0, review_group: str | None = None) -> list[LedgerGroup]:
        """Groups with their cells, most cells at stake first."""
        where, values = ("AND review_group = ?", [review_group]) if review_group else ("", [])
        rows = self._db.execute(
            f"SELECT * FROM forecast_group WHERE side = ? {where} ORDER BY certain + order_dependent DESC, id LIMIT ? OFFSET ?",
            [side, *values, limit, offset],
        ).fetchall()
        return [
            LedgerGroup(
                row["id"], row["record_type"], row["review_group"], bool(row["confluent"]), bool(row["exhaustive"]),
                tuple(json.loads(row["records"])), self._cells(side, row["id"]),
            )
            for row in rows
        ]  # fmt: skip

    def _cells(self, side: str, group: str) -> tuple[LedgerCell, ...]:
        rows = self._db.execute("SELECT * FROM forecast_cell WHERE side = ? AND group_id = ? ORDER BY rowid", (side, group))
        return tuple(
            LedgerCell(
                r["record_key"], r["field"], r["certainty"], r["value_now"], tuple(json.loads(r["after"])),
                tuple(json.loads(r["overwritten_by"])),
            )
            for r in rows
        )  # fmt: skip
