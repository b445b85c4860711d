"""Marked records and frames as rows of a finding: an exact count, and what is shown of the first ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from reconcile_tui.readiness.check import ROWS_KEPT, Found, Row
from reconcile_tui.readiness.snapshot import TableData
from reconcile_tui.readiness.values import Bools


def rows_of(table: TableData, where: Bools, detail: Any) -> Found:
    """One finding per marked record; `detail(position)` is only asked for the rows that are kept."""
    positions = np.flatnonzero(where)
    rows: list[Row] = [((int(table.keys[p]),), detail(int(p))) for p in positions[: ROWS_KEPT.get()]]
    return Found(len(positions), rows)


def rows_from(frame: pl.DataFrame, keys: str, *columns: str) -> Found:
    """One finding per line of a frame: `keys` names a column with a key or a list of keys, `columns` those shown."""
    kept = frame.head(ROWS_KEPT.get()).select(keys, *columns).rows()
    return Found(frame.height, [(_keys(row[0]), {c: _shown(v) for c, v in zip(columns, row[1:], strict=True)}) for row in kept])


def _keys(value: Any) -> tuple[int, ...]:
    return tuple(int(v) for v in value) if isinstance(value, list | tuple | pl.Series) else (int(value),)


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple | pl.Series):
        return ", ".join("∅" if v is None else str(v) for v in value)
    return "" if value is None else str(value)


def total(found: Iterable[Found]) -> Found:
    """Several findings as one."""
    result = Found()
    for part in found:
        result = result + part
    return result
