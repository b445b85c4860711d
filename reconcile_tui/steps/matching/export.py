"""All pairs as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.errors import UsageError
from reconcile_tui.model import Ref

if TYPE_CHECKING:
    import polars as pl

    from reconcile_tui.workspace import Workspace


def export(workspace: Workspace, path: Path) -> int:
    """Write all pairs to a .csv, .parquet or .jsonl file; returns how many. Raises UsageError.

    Columns: left_system, left_table, left_id, right_system, right_table, right_id, score (bits), probability, class, group.
    """
    import polars as pl

    writers: dict[str, Callable[[pl.DataFrame, Path], object]] = {
        ".csv": lambda frame, to: frame.write_csv(to),
        ".parquet": lambda frame, to: frame.write_parquet(to),
        ".jsonl": lambda frame, to: frame.write_ndjson(to),
    }
    if path.suffix not in writers:
        raise UsageError(f"{path.name}: pairs are written as .csv, .parquet or .jsonl.", todo="Choose one of these endings.")
    rows = [tuple(row) for row in workspace.matches.all_pairs()]
    keys = {key for row in rows for key in row[:2]}
    refs = workspace.records.refs(keys)
    frame = pl.DataFrame(
        [
            (*_parts(refs[left]), *_parts(refs[right]), bits, probability, klass, group)
            for left, right, bits, probability, klass, group in rows
        ],
        schema={
            "left_system": pl.String, "left_table": pl.String, "left_id": pl.String,
            "right_system": pl.String, "right_table": pl.String, "right_id": pl.String,
            "score": pl.Float64, "probability": pl.Float64, "class": pl.String, "group": pl.String,
        },
        orient="row",
    )  # fmt: skip
    writers[path.suffix](frame, path)
    return len(frame)


def _parts(ref: Ref) -> tuple[str, str, str]:
    return ref.system, ref.table, ref.id
