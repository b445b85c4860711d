"""Which records take part: leaks, records matched though excluded, survivors out of scope, the volume of the launch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from reconcile_tui.readiness.check import Found, Row
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.rows import rows_from, total
from reconcile_tui.readiness.values import Bools

SURPRISING = 0.10
"""Share of the target's records from which creates are a surprise worth a finding."""


def leaks(context: Context) -> Found:
    """E1: records that have synced once, are out of scope now, and keep syncing under the profile."""
    if context.profile.filters != "initial_only":
        return Found()
    return total(_leaks(known) for _, _, known in context.each_type())


def _leaks(known: Counterparts) -> Found:
    frame = known.frame[known.linked].filter(pl.col("live") & ~pl.col("eligible"))
    return rows_from(frame.with_columns(problem=pl.lit("synced before, out of scope now, keeps syncing")), "key", "problem")


def matched_though_excluded(context: Context) -> Found:
    """E2: records out of scope that an eligible record of the other system finds by the match key and writes to."""
    return total(_matched(context, known) for _, _, known in context.each_type())


def _matched(context: Context, known: Counterparts) -> Found:
    pairs = known.pairs
    frame = known.frame.select("pos", "key", "eligible", "active")
    both = pairs.join(frame, left_on="first", right_on="pos").join(frame, left_on="second", right_on="pos", suffix="_2")
    one = both.filter(~pl.col("eligible") & pl.col("eligible_2")).select("key", other="key_2", active="active")
    two = both.filter(~pl.col("eligible_2") & pl.col("eligible")).select(key="key_2", other="key", active="active_2")
    found = pl.concat([one, two])
    if context.profile.filters != "initial_only":
        found = found.filter(~pl.col("active"))  # directions are filtered apart: being written to is what an active record is there for
    found = found.with_columns(
        records=pl.concat_list("key", "other"),
        problem=pl.when("active")
        .then(pl.lit("out of scope, matched all the same"))
        .otherwise(pl.lit("inactive, and written to all the same")),
    )
    return rows_from(found, "records", "problem")


def survivor_out_of_scope(context: Context) -> Found:
    """E4: merges that keep a record the sync does not pick up in the place of one it does."""
    return Found.of([*_planned(context), *_tempting(context)])


def _planned(context: Context) -> Iterator[Row]:
    merges = [(person.group, keep, lose) for person in context.people for keep, lose in person.merges]
    for _, data, _ in context.each_type():
        keeps, loses = (data.positions(np.array([merge[n] for merge in merges], dtype=np.int64)) for n in (1, 2))
        if not merges:
            continue
        for position in np.flatnonzero((keeps >= 0) & (loses >= 0) & ~data.eligible[keeps] & data.eligible[loses]):
            group, keep, lose = merges[position]
            yield (keep, lose), {"group": group, "state": "decided", "problem": "the survivor is out of scope"}


def _tempting(context: Context) -> Iterator[Row]:
    """Open groups in which the fuller, newer record of a table is out of scope: the one a person would keep."""
    decided = {person.group for person in context.people}
    groups = context.groups.filter(pl.col("class").is_in(["identical", "differs", "chain"]) & ~pl.col("group").is_in(list(decided)))
    for _, data, known in context.each_type():
        if not groups.height:
            return
        held = data.members(groups)
        places = held["pos"].to_numpy()
        held = held.with_columns(table=data.table_no[places], eligible=pl.Series(data.eligible[places], dtype=pl.Boolean))
        mixed = held.filter(pl.col("eligible").n_unique().over("group", "table") > 1)
        if mixed.height:
            places = mixed["pos"].to_numpy()
            worth = mixed.with_columns(filled=_filled(known)[places], modified=data.own("_modified", places))
            best = worth.sort("filled", "modified", descending=True, nulls_last=True)
            by = best.group_by("group", "table", maintain_order=True).agg("key", first=pl.col("eligible").first())
            for group, _, keys, first in by.sort("group").iter_rows():
                if not first:
                    yield (
                        tuple(keys),
                        {"group": group, "state": "open", "problem": "the fullest record is out of scope: kept, the person stops syncing"},
                    )


def _filled(known: Counterparts) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    data = known.data
    counts = np.zeros(len(data.keys), dtype=np.int16)
    for field in data.record_type.fields:
        counts += data.joined(lambda t, field=field: _held(t, field))  # type: ignore[misc]
    return counts


def _held(table: object, field: object) -> Bools:
    values = table.values(field)  # type: ignore[attr-defined]
    return ~values.blank if values is not None else np.zeros(len(table), dtype=np.bool_)  # type: ignore[arg-type]


def creates(context: Context) -> Found:
    """E7: how many records the launch creates, by direction and year of creation, when that is many for the target."""
    return total(_creates(context, known, side) for _, _, known in context.each_type() for side in (0, 1))


def created(context: Context, known: Counterparts, side: int) -> Bools:
    """Which eligible records have no counterpart and would be created in the other system."""
    if context.profile.creates not in ("both", "forward" if side == 0 else "backward"):
        return np.zeros(len(known.data.keys), dtype=np.bool_)
    return known.unpaired(side) & known.data.eligible


def _creates(context: Context, known: Counterparts, side: int) -> Found:
    data = known.data
    new = created(context, known, side)
    target = int(np.count_nonzero((data.side == 1 - side) & data.live))
    if not new.any() or np.count_nonzero(new) < SURPRISING * max(target, 1):
        return Found()
    years = data.own("_created", np.flatnonzero(new)).str.slice(0, 4).fill_null("unknown")
    counts = years.value_counts().sort(years.name)
    into = context.system(1 - side)
    rows: list[Row] = [((), {"into": into, "created": str(year), "records": str(count)}) for year, count in counts.iter_rows()]
    return Found(int(np.count_nonzero(new)), rows)
