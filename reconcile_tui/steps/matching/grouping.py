"""Groups as the queue shows them: systems, a title, which fields differ, the newest change."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from reconcile_tui.project import RecordType
from reconcile_tui.workspace.match_runs import NewGroup

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

SLICE = 50_000
"""Records of groups that are summed up at a time."""


def new_groups(record_type: RecordType, table: pa.Table, groups: pa.Table) -> Iterator[NewGroup]:
    """The groups found (one row per record, group by group) as they are stored; `table` holds at least their records.

    One at a time, with the memory of a slice: a million records bring hundreds of thousands.
    """
    import polars as pl

    names = [f.name for f in record_type.fields]
    titled = [n for n in names if record_type.field(n).kind in ("full_name", "first_name", "last_name", "email", "company")] or names[:2]
    records = pl.from_arrow(table.select(["key", "system", "modified", *names]))
    assert isinstance(records, pl.DataFrame)  # noqa: S101 - from_arrow of a table, for the type checker

    @cache
    def differing(marks: str) -> tuple[str, ...]:
        return tuple(name for name, mark in zip(names, marks, strict=True) if mark == "1")

    for part in _slices(groups):
        for id_, klass, score, keys, systems, newest, title, marks in _summed(part, records, names, titled).iter_rows():
            uncertainty = 1.0 - abs(2.0 * score - 1.0)
            yield NewGroup(id_, record_type.name, klass, score, tuple(keys), systems, title, differing(marks), uncertainty, newest or "")


def _slices(groups: pa.Table) -> Iterator[pl.DataFrame]:
    """About SLICE rows at a time, no group in two of them."""
    import polars as pl

    found = pl.from_arrow(groups.select(["group", "key", "class", "score"]))
    assert isinstance(found, pl.DataFrame)  # noqa: S101 - from_arrow of a table, for the type checker
    starts = [0, *(found["group"] != found["group"].shift(1)).arg_true().to_list(), len(found)]
    begin = 0
    for start, following in pairwise(starts):
        if following - begin > SLICE and start > begin:
            yield found[begin:start]
            begin = start
    if begin < len(found):
        yield found[begin:]


def _summed(found: pl.DataFrame, records: pl.DataFrame, names: list[str], titled: list[str]) -> pl.DataFrame:
    """One row per group: id, class, score, keys, systems, newest change, title, and a mark (1 or 0) per field for whether it differs."""
    import polars as pl

    joined = found.join(records, on="key", how="inner").sort("key")
    shown = [pl.col(n).drop_nulls().first().replace("", None) for n in titled]
    differ = [pl.col(n).drop_nulls().n_unique().gt(1).cast(pl.Int8).cast(pl.String) for n in names]
    return joined.group_by("group", maintain_order=True).agg(
        pl.col("class").first(),
        pl.col("score").first(),
        pl.col("key"),
        pl.col("system").str.slice(0, 1).str.to_uppercase().str.join("+").alias("systems"),
        pl.col("modified").max().alias("newest"),
        pl.concat_str(shown, separator=" ", ignore_nulls=True).alias("title"),
        pl.concat_str(differ or [pl.lit("")]).alias("differ"),
    )
