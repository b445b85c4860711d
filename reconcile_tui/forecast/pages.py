"""The ledger in bulk: groups at stake with their cells, thousands at a time, in the compact form in which they are kept.

All cells of one field that hang on the same counterpart share what can stand there in the end, so those *values* are written once and
each cell names its own by a code: what may stand in a cell afterwards is every value but its own. A group's cells are JSON:

    {"e": [{"f": field, "v": [{"c": code, "t": text, "u": text on side 0, "k": [keys whose value it is]}, …],
            "c": [{"k": key, "c": code, "t": text now, "y": certain, "i": intended}, …]}, …]}

A text is null for a blank; "u" stands only where it differs from "t". Nothing here makes a Python object of a cell.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from reconcile_tui.forecast.columns import BLANK
from reconcile_tui.forecast.counterparts import Index
from reconcile_tui.forecast.judge import native
from reconcile_tui.forecast.ledger import Ledger, LedgerEntry

CELLS = 100_000
"""Cells of a page, a group itself counting as four: some 60 megabytes while it is made."""
_ALONE = -9  # the code of a value that stands in no list
_VALUE = pl.Struct({"c": pl.Int64, "t": pl.String, "u": pl.String, "k": pl.List(pl.Int64)})


@dataclass(frozen=True)
class Page:
    """Some groups at stake, most cells first.

    groups: number, confluent, exhaustive, collision, cells (JSON) and counts: certain, order_dependent, intended, wiped, first (cells of
    side 0), at_risk and blocked (records). rows: number of the group and row of each of its records. fields: number of the group and
    field, with how many of its cells are certain and how many are order_dependent.
    """

    groups: pl.DataFrame
    rows: pl.DataFrame
    fields: pl.DataFrame


def parts(ledger: Ledger, also: Index | None = None, size: int = CELLS) -> list[Index]:
    """The groups of each page: all with cells at risk or more than one outcome, then those of some rows besides; `size` cells in each."""
    wanted = ledger.at_stake()
    if also is not None:
        wanted = np.concatenate([wanted, np.setdiff1d(ledger.group[also].astype(np.int64), wanted)])
    number = np.cumsum(ledger.cell_counts[wanted] + 4) // size
    return np.split(wanted, np.flatnonzero(np.diff(number)) + 1) if len(wanted) else []


def page_of(ledger: Ledger, groups: Index) -> Page:
    """Some groups as a page."""
    first, last = ledger.cells_of(groups)
    places, at = spans(first, last)
    numbers = ledger.cell_order[places]
    frame = pl.DataFrame({"number": groups, **_counts(ledger, numbers, at, len(groups), groups)})
    told = _Units(ledger, numbers, at).cells()
    frame = frame.with_row_index("at").with_columns(pl.col("at").cast(pl.Int64)).join(told, on="at", how="left", maintain_order="left")
    starts, ends = ledger.rows_of(groups)
    places, of = spans(starts, ends)
    rows = pl.DataFrame({"number": groups[of], "row": ledger.by_group[places]})
    certain = ledger.cells.certain[numbers]
    cells = pl.DataFrame({"number": groups[at], "field": ledger.cells.field[numbers].astype(np.int64), "certain": certain})
    fields = cells.group_by("number", "field", maintain_order=True).agg(
        pl.col("certain").sum().cast(pl.Int64), (~pl.col("certain")).sum().cast(pl.Int64).alias("order_dependent")
    )
    return _with_searched(ledger, Page(frame.drop("at").with_columns(pl.col("cells").fill_null('{"e":[]}')), rows, fields))


def _counts(ledger: Ledger, numbers: Any, at: Index, size: int, groups: Index) -> dict[str, Any]:
    """Verdicts and counts of the groups of a page; `numbers` are their cells, `at` the place of each cell's group."""
    cells = ledger.cells
    certain, row = cells.certain[numbers], cells.row[numbers].astype(np.int64)
    marks = {
        "certain": certain,
        "order_dependent": ~certain,
        "intended": cells.intended[numbers],
        "wiped": cells.wiped[numbers],
        "first": ledger.columns.side[row] == 0,
    }
    once = np.unique(at * (len(ledger.columns) + 1) + row) // (len(ledger.columns) + 1)
    return {
        "confluent": ledger.confluent[groups],
        "exhaustive": ledger.exhaustive[groups],
        "collision": ledger.collision[groups],
        **{name: np.bincount(at[mark], minlength=size) for name, mark in marks.items()},
        "at_risk": np.bincount(once, minlength=size),
        "blocked": ledger.blocked[groups],
    }


def spans(first: Any, last: Any) -> tuple[Index, Index]:
    """Every position from `first` to `last` (exclusive) of several ranges, and the number of the range each belongs to."""
    sizes = np.asarray(last, np.int64) - first
    of = np.repeat(np.arange(len(sizes)), sizes)
    return np.arange(len(of)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.asarray(first)[of], of


class _Units:
    """What the cells of a page come to: a *unit* is one field of the records on one counterpart."""

    def __init__(self, ledger: Ledger, cells: Any, at: Index) -> None:
        self._ledger, self._cells, self._at = ledger, cells, at

    def cells(self) -> pl.DataFrame:
        """Per group of the page (`at`) its cells as JSON."""
        parts = [self._field(number) for number in np.unique(self._ledger.cells.field[self._cells]).tolist()]
        if not parts:
            return pl.DataFrame(schema={"at": pl.Int64, "cells": pl.String})
        units = pl.concat(parts)
        whole = units.group_by("at", maintain_order=True).agg(pl.struct("f", "v", "c").alias("e"))
        return whole.select("at", pl.struct("e").struct.json_encode().alias("cells"))

    def _field(self, field: int) -> pl.DataFrame:
        """The units of one field."""
        cells, ledger = self._ledger.cells, self._ledger
        here = np.flatnonzero(cells.field[self._cells] == field)
        mine, at = self._cells[here], self._at[here]
        star, end = cells.star[mine].astype(np.int64), cells.star_end[mine].astype(np.int64)
        span = 2 * (int(star.max(initial=0)) + 2)
        _, place, unit = np.unique(at * span + 2 * (star + 1) + (end - star > 1), return_index=True, return_inverse=True)
        alive = ledger.alive[field]
        positions, of = spans(alive.star.searchsorted(star[place].astype(np.int32)), alive.star.searchsorted(end[place].astype(np.int32)))
        rows, column = alive.row[positions], ledger.columns.fields[field]
        standing = np.where(rows >= 0, column.codes[rows], BLANK)
        texts = _Told(ledger, field, np.concatenate([standing, column.codes[cells.row[mine]]]))
        keys = np.where(rows >= 0, ledger.columns.keys[rows], -1)
        values = _values(of, standing, keys, texts)
        held = self._held(field, mine, unit, texts)
        named = pl.DataFrame({"unit": np.arange(len(place)), "at": at[place]}).with_columns(pl.lit(ledger.fields[field].name).alias("f"))
        return named.join(values, on="unit", how="left").join(held, on="unit").select("at", "f", "v", "c")

    def _held(self, field: int, mine: Index, unit: Index, texts: _Told) -> pl.DataFrame:
        ledger, cells = self._ledger, self._ledger.cells
        rows = cells.row[mine]
        codes = ledger.columns.fields[field].codes[rows]
        frame = pl.DataFrame(
            {
                "unit": unit,
                "k": ledger.columns.keys[rows],
                "c": codes.astype(np.int64),
                "t": texts.of(codes, ledger.columns.side[rows]),
                "y": cells.certain[mine],
                "i": cells.intended[mine],
            }
        )
        return frame.sort("unit", "k").group_by("unit").agg(pl.struct("k", "c", "t", "y", "i").alias("c"))


def _values(unit: Index, codes: Any, keys: Any, texts: _Told) -> pl.DataFrame:
    second, first = texts.of(codes, np.ones(len(codes), np.int8)), texts.of(codes, np.zeros(len(codes), np.int8))
    frame = pl.DataFrame({"unit": unit, "c": codes.astype(np.int64), "t": second, "u": first, "k": keys})
    told = frame.group_by("unit", "c").agg(
        pl.col("t").first(),
        pl.when(pl.col("u").first() != pl.col("t").first()).then(pl.col("u").first()).alias("u"),
        pl.col("k").filter(pl.col("k") >= 0).sort(),
    )
    return told.sort("unit", "c").group_by("unit").agg(pl.struct("c", "t", "u", "k").cast(_VALUE).alias("v"))


class _Told:
    """Texts of some codes of a field: as the sync would write them on either side."""

    def __init__(self, ledger: Ledger, field: int, codes: Any) -> None:
        self._codes = np.unique(codes[codes >= 0])
        column, rule = ledger.columns.fields[field], ledger.fields[field]
        array = getattr(column.texts, "array", None)
        texts = array.take(self._codes).to_pylist() if array is not None else [column.texts[code] for code in self._codes.tolist()]
        self._second = pl.Series(texts, dtype=pl.String)
        back = self._second if rule.backward is None else pl.Series([native(rule, 0, text) for text in texts], dtype=pl.String)
        self._first = back

    def of(self, codes: Any, side: Any) -> pl.Series:
        """The texts of codes, each on its side; null for a blank."""
        known = codes >= 0
        place = pl.Series(np.where(known, np.searchsorted(self._codes, codes), 0).astype(np.int64)).set(pl.Series(~known), None)
        if not len(self._codes):
            return pl.Series([None] * len(codes), dtype=pl.String)
        second = self._second.gather(place)
        return second if self._first is self._second else second.zip_with(pl.Series(side == 1), self._first.gather(place))


# -- groups that the search decided, and single groups


def _with_searched(ledger: Ledger, page: Page) -> Page:
    """The page with what the search found in the place of what the closed form says of those groups."""
    numbers = [number for number in page.groups["number"].to_list() if number in ledger.searched]
    if not numbers:
        return page
    first = {int(ledger.columns.keys[row]) for number in numbers for row in ledger.rows(number) if ledger.columns.side[row] == 0}
    entries = [ledger.entry(number) for number in numbers]
    new = pl.DataFrame([{"number": n, **_searched(entry, first)} for n, entry in zip(numbers, entries, strict=True)])
    names = {rule.name: number for number, rule in enumerate(ledger.fields)}
    found = [
        (number, names[cell.field], int(cell.certainty == "certain"), int(cell.certainty != "certain"))
        for number, entry in zip(numbers, entries, strict=True)
        for cell in entry.cells
    ]
    more = pl.DataFrame(found, schema=page.fields.schema, orient="row").group_by("number", "field", maintain_order=True).sum()
    closed = page.fields.filter(~pl.col("number").is_in(numbers))
    groups = page.groups.update(new.cast({name: page.groups.schema[name] for name in new.columns}), on="number")
    return Page(groups, page.rows, pl.concat([closed, more]))


def _searched(entry: LedgerEntry, first: Collection[int]) -> dict[str, Any]:
    cells = entry.cells
    return {
        "certain": sum(cell.certainty == "certain" for cell in cells),
        "order_dependent": sum(cell.certainty != "certain" for cell in cells),
        "intended": sum(cell.intended for cell in cells),
        "wiped": sum(None in cell.after for cell in cells),
        "first": sum(cell.key in first for cell in cells),
        "at_risk": len({cell.key for cell in cells}),
        "cells": compact(entry),
    }


def compact(entry: LedgerEntry) -> str:
    """The cells of one group in the compact form; each stands by itself."""
    import json

    told = [
        {
            "f": cell.field,
            "v": [{"c": n, "t": text, "u": None, "k": list(cell.overwritten_by) if n == 0 else []} for n, text in enumerate(cell.after)],
            "c": [{"k": cell.key, "c": _ALONE, "t": cell.now, "y": cell.certainty == "certain", "i": cell.intended}],
        }
        for cell in entry.cells
    ]
    return json.dumps({"e": told}, ensure_ascii=False)
