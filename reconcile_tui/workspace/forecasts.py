"""The simulator's ledger: groups of records that share a target, and the cells the sync would overwrite.

`now` is the launch today, `after` the launch after cleaning. `after` is whole where it was forecast as a whole; otherwise it is kept as
what decisions have changed of `now`, so that one decision costs one group, however large the ledger is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from reconcile_tui.workspace.decisions import now
from reconcile_tui.workspace.ledger import COLUMNS, LedgerCell, LedgerGroup, StoredGroup, group_of

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

__all__ = ["Forecasts", "LedgerCell", "LedgerGroup", "StoredGroup"]

_INSERT = f"INSERT OR REPLACE INTO forecast_group (side, {', '.join(COLUMNS)}) VALUES (?{', ?' * len(COLUMNS)})"
_row = attrgetter(*COLUMNS)
_BEYOND = "side = 'now' AND id NOT IN (SELECT id FROM forecast_superseded)"
MERGED_AWAY = ""
"""Stands for the group of the records that a plan merges away."""
_INDEXES = {
    "forecast_review": "(review_group, side)",
    "forecast_least": "(least, side)",
    "forecast_stake": "(side, certain + order_dependent DESC, id)",
}
"""Made anew after a whole forecast was written: a third of the time of keeping them row by row."""


class Forecasts:
    """Storing and reading the ledger; `side` is `now` or `after`."""

    def __init__(self, workspace: Workspace) -> None:
        """Use the workspace's connection."""
        self._workspace = workspace
        self._db = workspace.db

    @cached_property
    def _first_tables(self) -> frozenset[int]:
        """Numbers of the first system's tables."""
        rows = self._db.execute("SELECT no FROM record_table WHERE system = ?", (self._workspace.project.first,))
        return frozenset(row[0] for row in rows)

    # -- writing

    def replace(self, side: str, groups: Iterable[LedgerGroup], totals: Mapping[str, Any], *, profile: str) -> None:
        """Put a whole forecast in the place of the previous one of that side."""
        kept = list(groups)
        counted = {"first": sum(group.stored(self._first_tables).first for group in kept), "fields": _by_field(kept)}
        with self._workspace.transaction():
            self.clear(side)
            self.add(side, (_row(group.stored(self._first_tables)) for group in kept))
            self.finish(side, {**totals, **counted}, profile=profile)

    def clear(self, side: str) -> None:
        """Begin a whole forecast of a side, in the caller's transaction."""
        if side == "now" and self._overlaid():
            self._forget_after()
        for name in _INDEXES:
            self._db.execute(f"DROP INDEX IF EXISTS {name}")
        other = self._db.execute("SELECT 1 FROM forecast_group WHERE side = ? LIMIT 1", ("after" if side == "now" else "now",)).fetchone()
        if other is None:
            self._db.execute("DELETE FROM forecast_group")  # all of a table goes at once, some of it row by row
        else:
            self._db.execute("DELETE FROM forecast_group WHERE side = ?", (side,))
        if side == "after":
            self._db.execute("DELETE FROM forecast_superseded")
            self._db.execute("DELETE FROM forecast_member")

    def add(self, side: str, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows, each with the values of `ledger.COLUMNS`, in the caller's transaction."""
        self._db.executemany(_INSERT, ((side, *row) for row in rows))

    def touched(self, groups: Iterable[tuple[str, Iterable[int]]]) -> None:
        """Note all records of groups of `after` that decisions have touched (id, keys), in the caller's transaction."""
        self._db.executemany("INSERT OR IGNORE INTO forecast_member VALUES (?, ?)", ((key, id_) for id_, keys in groups for key in keys))

    def finish(self, side: str, totals: Mapping[str, Any], *, profile: str) -> None:
        """End a whole forecast with its totals; `fields`: {field: [certain, order-dependent]}, `first`: cells of the first system."""
        for name, columns in _INDEXES.items():
            self._db.execute(f"CREATE INDEX {name} ON forecast_group {columns}")
        self._store_totals(side, {**totals, "whole": True, "seen": self._workspace.decisions.newest()}, profile)

    def _store_totals(self, side: str, totals: Mapping[str, Any], profile: str) -> None:
        sql = "INSERT INTO forecast_total (at, side, profile, totals) VALUES (?, ?, ?, ?)"
        self._db.execute(sql, (now(), side, profile, json.dumps(dict(totals))))

    def supersede(
        self, removed: Iterable[LedgerGroup], groups: Iterable[LedgerGroup], absent: Iterable[int], totals: Mapping[str, Any], profile: str
    ) -> None:
        """Exchange some groups of `after` once a decision has changed them; `absent`: their records that are merged away now. `totals`:
        those of the whole side from now on."""
        gone = list(removed)
        with self._workspace.transaction():
            if self._overlaid():
                self._db.executemany("INSERT OR IGNORE INTO forecast_superseded VALUES (?)", [(group.id,) for group in gone])
            self._db.executemany("DELETE FROM forecast_group WHERE side = 'after' AND id = ?", [(group.id,) for group in gone])
            self._db.executemany("DELETE FROM forecast_member WHERE id = ?", [(group.id,) for group in gone])
            new = list(groups)
            self.add("after", (_row(group.stored(self._first_tables)) for group in new))
            present = [(key, MERGED_AWAY) for group in new for key in group.records]
            self._db.executemany("DELETE FROM forecast_member WHERE record_key = ? AND id = ?", present)
            self.touched([*((group.id, group.records) for group in new), (MERGED_AWAY, absent)])
            kept = self.totals("after")
            if kept is None:
                self._store_totals("after", {**totals, "whole": False}, profile)
                return
            self._correct({**totals, "whole": kept["whole"], "seen": kept.get("seen", 0)})

    def saw(self, seq: int, totals: Mapping[str, Any], profile: str) -> None:
        """Note that `after` holds what was decided up to an entry of the log; without anything decided it begins as `now`."""
        with self._workspace.transaction():
            kept = self.totals("after")
            if kept is None:
                self._store_totals("after", {**totals, "whole": False, "seen": seq}, profile)
            else:
                self._correct({**{name: value for name, value in kept.items() if name not in ("at", "profile")}, "seen": seq})

    def _correct(self, totals: Mapping[str, Any]) -> None:
        sql = "UPDATE forecast_total SET totals = ? WHERE id = (SELECT max(id) FROM forecast_total WHERE side = 'after')"
        self._db.execute(sql, (json.dumps(dict(totals)),))

    def _forget_after(self) -> None:
        """What differs from an old `now` means nothing beside a new one."""
        self._db.execute("DELETE FROM forecast_group WHERE side = 'after'")
        self._db.execute("DELETE FROM forecast_superseded")
        self._db.execute("DELETE FROM forecast_member")
        self._db.execute("DELETE FROM forecast_total WHERE side = 'after'")

    # -- totals

    def totals(self, side: str) -> dict[str, Any] | None:
        """The newest totals of a side, with `at` and `profile`."""
        row = self._db.execute("SELECT * FROM forecast_total WHERE side = ? ORDER BY id DESC LIMIT 1", (side,)).fetchone()
        return {**json.loads(row["totals"]), "at": row["at"], "profile": row["profile"]} if row else None

    def behind(self) -> bool:
        """Whether something was decided that `after` does not hold yet."""
        kept = self.totals("after")
        return self._workspace.decisions.newest() > (kept.get("seen", 0) if kept else 0)

    def trend(self, side: str = "now") -> list[dict[str, Any]]:
        """All totals of a side in order of time."""
        rows = self._db.execute("SELECT * FROM forecast_total WHERE side = ? ORDER BY id", (side,))
        return [{**json.loads(row["totals"]), "at": row["at"], "profile": row["profile"]} for row in rows]

    def by_field(self, side: str) -> dict[str, tuple[int, int]]:
        """{field: (overwritten in every order, in some)}, most first."""
        fields = (self.totals(side) or {}).get("fields", {})
        listed = sorted(((name, certain, some) for name, (certain, some) in fields.items() if certain + some), key=_most_first)
        return {name: (certain, some) for name, certain, some in listed}

    def _overlaid(self) -> bool:
        """Whether `after` is kept as what differs from `now`."""
        return not (self.totals("after") or {}).get("whole", False)

    # -- groups

    def groups(self, side: str, *, limit: int = 1000, offset: int = 0, review_group: str | None = None) -> list[LedgerGroup]:
        """Groups with their cells, most cells at stake first."""
        where, values = ("AND review_group = ?", [review_group]) if review_group else ("", [])
        wholes = [f"side = '{side}'"]
        if side == "after" and self._overlaid():
            wholes.append(_BEYOND)
        parts = " UNION ALL ".join(
            f"SELECT rowid AS place, certain + order_dependent AS stake, id FROM forecast_group WHERE {whole} {where}" for whole in wholes
        )
        places = self._db.execute(f"{parts} ORDER BY stake DESC, id LIMIT ? OFFSET ?", [*values * len(wholes), limit, offset]).fetchall()
        return self._at([row["place"] for row in places])

    def absent(self, keys: Sequence[int]) -> set[int]:
        """Which of some records are merged away in `after`."""
        marks = ",".join("?" * len(keys))
        sql = f"SELECT record_key FROM forecast_member WHERE id = ? AND record_key IN ({marks})"
        return {row[0] for row in self._db.execute(sql, [MERGED_AWAY, *keys])}

    def holding(self, keys: Sequence[int]) -> list[LedgerGroup]:
        """Groups of `after` that hold any of some records, which must be all that are known to hang together."""
        marks = ",".join("?" * len(keys))
        whole = f"+side = 'after' OR (+{_BEYOND})" if self._overlaid() else "+side = 'after'"  # +: by the record, not by the side
        touched = f"SELECT id FROM forecast_member WHERE record_key IN ({marks})"
        sql = (
            f"SELECT rowid FROM forecast_group WHERE least IN ({marks}) AND ({whole})"
            f" UNION SELECT rowid FROM forecast_group WHERE side = 'after' AND id IN ({touched})"
        )
        return self._at([row[0] for row in self._db.execute(sql, [*keys, *keys])])

    def _at(self, places: Sequence[int]) -> list[LedgerGroup]:
        found: dict[int, dict[str, Any]] = {}
        for start in range(0, len(places), 500):
            part = places[start : start + 500]
            sql = f"SELECT rowid AS place, * FROM forecast_group WHERE rowid IN ({','.join('?' * len(part))})"
            found |= {row["place"]: dict(row) for row in self._db.execute(sql, part)}
        return [self._group(found[place]) for place in places]

    def _group(self, row: Mapping[str, Any]) -> LedgerGroup:
        record_type = self._workspace.project.record_types.get(row["record_type"])
        return group_of(row, self._first_tables, [field.name for field in record_type.fields] if record_type else ())

    def open_groups(self, *, limit: int) -> tuple[int, list[tuple[int, ...]]]:
        """How many groups of `now` have more than one end without a cell of the second system, and the records of the first ones."""
        where = "side = 'now' AND NOT confluent AND certain + order_dependent = first"
        count = int(self._db.execute(f"SELECT count(*) FROM forecast_group WHERE {where}").fetchone()[0])
        rows = self._db.execute(f"SELECT records FROM forecast_group WHERE {where} ORDER BY id LIMIT ?", (limit,))
        return count, [tuple(json.loads(row[0])) for row in rows]

    def cells_of_system(self, *, first: bool, limit: int) -> list[tuple[LedgerGroup, LedgerCell]]:
        """The first cells of `now` of the first, or the second, system, each with its group."""
        where = "first > 0" if first else "certain + order_dependent > first"
        rows = self._db.execute(f"SELECT * FROM forecast_group WHERE side = 'now' AND {where} ORDER BY rowid LIMIT ?", (limit,))
        found: list[tuple[LedgerGroup, LedgerCell]] = []
        for row in rows:
            group = self._group(dict(row))
            found += [(group, cell) for cell in group.cells if ((cell.record_key >> 40) in self._first_tables) == first]
            if len(found) >= limit:
                break
        return found[:limit]


def _by_field(groups: Iterable[LedgerGroup]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for cell in (cell for group in groups for cell in group.cells):
        found.setdefault(cell.field, [0, 0])[cell.certainty != "certain"] += 1
    return found


def _most_first(counted: tuple[str, int, int]) -> tuple[int, str]:
    name, certain, some = counted
    return -(certain + some), name
