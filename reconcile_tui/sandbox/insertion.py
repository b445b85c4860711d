"""Inserting many rows, in parts."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile_tui.sandbox.store import Row, Store, quoted

PART = 5000
"""Rows inserted at a time."""


def insert_all(store: Store, table: str, found: Iterable[Row]) -> int:
    """Insert rows that all have the same columns, as they come; returns how many there were."""
    count = 0
    part: list[Row] = []
    for row in found:
        part.append(row)
        count += 1
        if len(part) == PART:
            _insert(store, table, part)
            part = []
    _insert(store, table, part)
    return count


def _insert(store: Store, table: str, part: list[Row]) -> None:
    if part:
        names = ", ".join(quoted(name) for name in part[0])
        marks = ", ".join("?" * len(part[0]))
        store.run_many(f"INSERT INTO {table} ({names}) VALUES ({marks})", [tuple(row.values()) for row in part])
