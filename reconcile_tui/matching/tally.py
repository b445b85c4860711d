"""What a later run needs to know of this one to look only at what has changed: how often values are held, which blocks are cut.

A changed record changes more than its own pairs: where one more record holds a value, agreeing on it weighs less for everybody. Weights
follow counts in steps (`rounded_counts`), so that few others are concerned; these are found by comparing the tallies of both runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from reconcile_tui.matching import sorting
from reconcile_tui.matching.arrays import Doubles
from reconcile_tui.matching.census import columns_of, counted_columns, holders_by_column, phones_of, value_counts
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import Comparison
from reconcile_tui.matching.compare_people import shared_level
from reconcile_tui.matching.fingerprints import of_key, of_records
from reconcile_tui.matching.model import Model
from reconcile_tui.matching.rarity import WORLD, rounded_counts

_SCHEMA = {"column": pl.String, "country": pl.String, "digest": pl.UInt64, "count": pl.Int32}


@dataclass(frozen=True)
class Tally:
    """Values held by two or more records, overall and by country, and blocks above their limit: digests, no values.

    A value that one record holds weighs in no pair; whoever makes it two has changed and is looked at anyway.
    """

    rows: pl.DataFrame

    def to_bytes(self) -> bytes:
        """For keeping; `from_bytes` is its inverse."""
        table = self.rows.to_arrow()
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return bytes(sink.getvalue())

    @classmethod
    def from_bytes(cls, kept: bytes) -> Tally:
        """Raises pa.ArrowInvalid when it is none."""
        frame = pl.from_arrow(pa.ipc.open_stream(kept).read_all())
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - from_arrow of a table, for the type checker
        return cls(frame)


def tally(records: Records, comparisons: Sequence[Comparison], model: Model) -> Tally:
    """Count the records as they are."""
    parts = [*_values(records, comparisons), *_large_blocks(records, model)]
    return Tally(pl.concat(parts) if parts else pl.DataFrame(schema=_SCHEMA))


def _values(records: Records, comparisons: Sequence[Comparison]) -> Iterator[pl.DataFrame]:
    for name in counted_columns(comparisons):
        digests, counts = value_counts(columns_of(records, phones_of(comparisons), name))
        several = counts > 1
        yield _part(name, None, digests[several], counts[several])
        if name in records.in_country:
            yield _at_home(records, name)


def _at_home(records: Records, name: str) -> pl.DataFrame:
    column, held = records.columns[name], records.in_country[name]
    rows = np.flatnonzero(held > 1)
    keys = column.codes[rows].astype(np.int64) * len(records.country_names) + records.countries[rows]
    _, order = sorting.by_key(keys)
    first = rows[order[np.flatnonzero(np.diff(keys[order], prepend=-1))]]
    countries = np.array([*records.country_names, None], dtype=object)[records.countries[first]]
    return _part(name, countries, of_records(column)[first], held[first])


def _large_blocks(records: Records, model: Model) -> Iterator[pl.DataFrame]:
    for rule in model.rules:
        together = np.sort(np.concatenate(of_key(records, rule.key)))
        together = together[together > 0]
        starts = np.flatnonzero(np.append(True, together[1:] != together[:-1])) if len(together) else np.zeros(0, dtype=np.int64)
        sizes = np.diff(np.append(starts, len(together)))
        large = sizes > rule.limit
        yield _part(_BLOCK + rule.title, None, together[starts[large]], sizes[large])


_BLOCK = "block: "


def _part(name: str, countries: object, digests: object, counts: object) -> pl.DataFrame:
    frame = pl.DataFrame({"digest": digests, "count": counts, "country": countries}, schema_overrides=_SCHEMA, strict=False)
    return frame.select(pl.lit(name).alias("column"), "country", "digest", pl.col("count").cast(pl.Int32))


def concerned(before: Tally, now: Tally, records: Records, comparisons: Sequence[Comparison], model: Model) -> set[int]:
    """Keys of records that hold a value whose count now weighs differently, or stand in a block that is cut now, or was."""
    moved = _moved(before, now, holders_by_column(comparisons, model))
    found: set[int] = set()
    phones = records.of_kind("phone")
    for name, digests in moved.items():
        if name.startswith(_BLOCK):
            key = next(rule.key for rule in model.rules if _BLOCK + rule.title == name)
            columns = of_key(records, key)
        else:
            columns = [of_records(records.columns[n]) for n in (phones if name in phones else [name]) if n in records.columns]
        for held in columns:
            found.update(records.keys[np.isin(held, digests)].tolist())
    return found


def _moved(before: Tally, now: Tally, holders: dict[str, set[int]]) -> dict[str, np.ndarray[tuple[int], np.dtype[np.uint64]]]:
    """By column, the digests of values that weigh differently now, and of blocks that are cut only before or only now."""
    old, new = _of_other_counts(before.rows, now.rows)
    both = old.join(new, on=["column", "country", "digest"], how="full", coalesce=True, nulls_equal=True, suffix="_now")
    blocks = both.filter(pl.col("column").str.starts_with(_BLOCK) & (pl.col("count").is_null() | pl.col("count_now").is_null()))
    values = both.filter(~pl.col("column").str.starts_with(_BLOCK)).with_columns(pl.col("count", "count_now").fill_null(1))
    moved = [blocks.select("column", "digest")]
    anywhere = values.filter(pl.col("country").is_null())
    moved.append(anywhere.filter(_differ(*(anywhere[name].to_numpy() for name in ("count", "count_now")))).select("column", "digest"))
    overall = anywhere.select("column", "digest", pl.col("count").alias("all"), pl.col("count_now").alias("all_now"))
    home = values.filter(pl.col("country").is_not_null()).join(overall, on=["column", "digest"], how="left").fill_null(1)
    for name, counts in holders.items():
        here = home.filter(pl.col("column") == name)
        for several in counts if len(here) else ():
            blend, blend_now = (
                here[own].to_numpy() + here[overall_].to_numpy() * (WORLD / max(several, 1))
                for own, overall_ in (("count", "all"), ("count_now", "all_now"))
            )
            moved.append(here.filter(rounded_counts(blend) != rounded_counts(blend_now)).select("column", "digest"))
    every = pl.concat(moved).unique()
    return {str(name): part["digest"].to_numpy() for (name,), part in every.group_by("column")}


def _of_other_counts(before: pl.DataFrame, now: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All rows about values of which any count differs: few of a million, so that what follows costs next to nothing."""
    rows = [frame.hash_rows(seed=0) for frame in (before, now)]
    differing = [frame.filter(~mine.is_in(theirs.implode())) for frame, mine, theirs in zip((before, now), rows, rows[::-1], strict=True)]
    digests = pl.concat([frame["digest"] for frame in differing]).unique()
    return before.filter(pl.col("digest").is_in(digests.implode())), now.filter(pl.col("digest").is_in(digests.implode()))


def _differ(before: Doubles, now: Doubles) -> pl.Series:
    other_weight = rounded_counts(before) != rounded_counts(now)
    return pl.Series(other_weight | (shared_level(before.astype(np.int64), 9) != shared_level(now.astype(np.int64), 9)))
