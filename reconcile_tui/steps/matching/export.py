"""All pairs as a file."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from reconcile_tui.workspace import Workspace


WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    ".csv": lambda frame, to: frame.write_csv(to),
    ".parquet": lambda frame, to: frame.write_parquet(to),
    ".jsonl": lambda frame, to: frame.write_ndjson(to),
}
"""File ending -> how pairs are written."""
_AT_A_TIME = 50_000
"""Pairs read at once."""


def check(path: Path) -> None:
    """Raises UsageError when pairs can't be written there; better before a long run than after it."""
    if path.suffix not in WRITERS:
        raise UsageError(f"{path.name}: pairs are written as .csv, .parquet or .jsonl.", todo="Choose one of these endings.")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", todo="Make it first, or choose another one.")


def export(workspace: Workspace, path: Path) -> int:
    """Write all stored pairs to a .csv, .parquet or .jsonl file; returns how many. Raises UsageError.

    Columns: left_system, left_table, left_id, right_system, right_table, right_id, score (bits), probability, class, group (of both
    records; empty when they are not in one), band (match, review or no, by the thresholds of the project file).
    """
    import polars as pl

    check(path)
    names = (
        "score",
        "probability",
        "class",
        "group",
        *(f"{side}_{part}" for side in ("left", "right") for part in ("system", "table", "id")),
    )
    schema = {name: pl.Float64 if name in ("score", "probability") else pl.String for name in names}
    rows, frame = workspace.matches.all_pairs(), pl.DataFrame(schema=schema)
    while some := list(islice(rows, _AT_A_TIME)):
        columns = zip(schema, list(zip(*some, strict=True))[2:], strict=True)
        frame.vstack(pl.DataFrame(dict(columns), schema=schema), in_place=True)
    frame = frame.select(*names[4:], *names[:4])
    WRITERS[path.suffix](_with_bands(workspace, frame), path)
    return len(frame)


def _with_bands(workspace: Workspace, pairs: pl.DataFrame) -> pl.DataFrame:
    """What the thresholds of each record type make of the probabilities."""
    import polars as pl

    band = pl.lit("no")
    for name, record_type in workspace.project.record_types.items():
        settings = workspace.project.matching(name)
        tables = [f"{system}/{table}" for system, tables in record_type.tables.items() for table in tables]
        mine = (pl.col("left_system") + "/" + pl.col("left_table")).is_in(tables)
        likely = pl.when(pl.col("probability") >= settings.match).then(pl.lit("match"))
        band = pl.when(mine & (pl.col("probability") >= settings.review)).then(likely.otherwise(pl.lit("review"))).otherwise(band)
    return pairs.with_columns(band.alias("band"))
