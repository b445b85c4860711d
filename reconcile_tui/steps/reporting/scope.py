"""Tables, eligibility, duplicates by the uniqueness rule of each system, groups by class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.report.content import (
    ClassLine,
    DuplicateLine,
    TableLine,
)
from reconcile_tui.readiness.rules.scope import created

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


def tables(context: Context) -> list[TableLine]:
    """Every table with who may leave it."""
    lines = []
    pulled = {(p.system, p.table): p.finished for p in context.pulls}
    for record_type, data, known in context.each_type():
        new = created(context, known, 0) | created(context, known, 1)
        for table, start in zip(data.tables, data.starts, strict=False):
            predicate = record_type.eligible.get(table.system, {}).get(table.name, "")
            inactive = int(np.count_nonzero(~table.active & ~table.merged))
            counted = (int(np.count_nonzero(~table.merged)), inactive, predicate, int(np.count_nonzero(table.eligible)))
            fresh = int(np.count_nonzero(new[start : start + len(table)]))
            lines.append(TableLine(record_type.name, table.system, table.name, *counted, fresh, pulled.get((table.system, table.name), "")))
    return lines


def duplicates(context: Context) -> list[DuplicateLine]:
    """Records that share what is unique in a system, rule by rule."""
    found = []
    for _, data, known in context.each_type():
        live = known.frame.filter(pl.col("active") & pl.col("address").is_not_null())
        for number, table in enumerate(data.tables):
            rule = f"one address in {table.system} {table.name}"
            why = "the other system holds one record per address" if table.side == 0 else "this system holds an address once"
            found.append(_line(rule, why, live.filter(pl.col("table") == number).group_by("address").len()))
        if len({t.side for t in data.tables}) < len(data.tables):
            across = live.group_by("side", "address").agg(pl.len(), tables=pl.col("table").n_unique()).filter(pl.col("tables") > 1)
            found.append(_line("one address in two tables", "a lead and a contact feed one record", across))
        found.append(_line("own and secondary addresses", "HubSpot counts secondary addresses as taken", _with_secondary(known)))
    return found


def _with_secondary(known: Counterparts) -> pl.DataFrame:
    own = known.frame.filter(pl.col("active")).select("pos", "side", "address").drop_nulls()
    further = known.secondary.join(known.frame.select("pos", "side"), on="pos").select("pos", "side", "address")
    spread = pl.concat([own, further]).unique()
    taken = further.select("address").unique()
    return spread.join(taken, on="address", how="semi").group_by("address").agg(len=pl.col("pos").n_unique())


def _line(rule: str, why: str, counts: pl.DataFrame) -> DuplicateLine:
    several = counts.filter(pl.col("len") > 1)["len"]
    return DuplicateLine(rule, why, len(several), int(several.sum() or 0), int(several.max() or 0))  # type: ignore[arg-type]


def classes(ws: Workspace) -> tuple[ClassLine, ...]:
    """Groups of each class, and how many are decided."""
    from reconcile_tui.workspace.matches import Filter

    return tuple(
        ClassLine(name, count, ws.matches.count(Filter(klass=name, state="decided")))
        for name, count in ws.matches.counts_by("class").items()
    )


def notes(context: Context) -> tuple[str, ...]:
    """What the numbers rest on."""
    told = [
        f"{p.system} {p.table}: pulled {p.finished[:16].replace('T', ' ')} UTC, {p.records:,} records in that pull." for p in context.pulls
    ]
    told.append("“Values as planned” compares each written value with the newest reading of its record, at the end of the run or later.")
    return tuple(told)
