"""Groups as the queue shows them: systems, a title, which fields differ, the newest change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reconcile_tui.project import RecordType
from reconcile_tui.workspace.match_runs import NewGroup

if TYPE_CHECKING:
    import pyarrow as pa


def new_groups(record_type: RecordType, table: pa.Table, groups: pa.Table) -> Iterator[NewGroup]:
    """The groups found (one row per record) as they are stored; `table` holds at least their records."""
    import polars as pl

    names = [f.name for f in record_type.fields]
    records = pl.from_arrow(table.select(["key", "system", "modified", *names]))
    found = pl.from_arrow(groups.select(["group", "key", "class", "score"]))
    assert isinstance(records, pl.DataFrame)  # noqa: S101 - from_arrow of a table, for the type checker
    assert isinstance(found, pl.DataFrame)  # noqa: S101
    joined = found.join(records, on="key", how="inner").sort("key")
    title = [n for n in names if record_type.field(n).kind in ("full_name", "first_name", "last_name", "email", "company")] or names[:2]
    summed = joined.group_by("group", maintain_order=True).agg(
        pl.col("class").first(),
        pl.col("score").first(),
        pl.col("key"),
        pl.col("system").str.slice(0, 1).str.to_uppercase().str.join("+").alias("systems"),
        pl.col("modified").max().alias("newest"),
        *[pl.col(n).drop_nulls().n_unique().gt(1).alias(f"differs {n}") for n in names],
        *[pl.col(n).drop_nulls().first().alias(f"title {n}") for n in title],
    )
    for row in summed.iter_rows(named=True):
        yield NewGroup(
            id=row["group"],
            record_type=record_type.name,
            klass=row["class"],
            score=row["score"],
            keys=tuple(row["key"]),
            systems=row["systems"],
            title=" ".join(str(row[f"title {n}"]) for n in title if row[f"title {n}"]),
            differs=tuple(n for n in names if row[f"differs {n}"]),
            uncertainty=1.0 - abs(2.0 * row["score"] - 1.0),
            newest=row["newest"] or "",
        )
