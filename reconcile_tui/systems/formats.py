"""The formats of exports: rows and column names of a CSV, JSON Lines or Parquet file, read as a stream."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from reconcile_tui.model import Native

BATCH = 5000  # rows read at a time
Row = Mapping[str, Native]
_LONGEST_VALUE = 1 << 27  # characters; the csv module's own limit of 131,072 is met by real notes fields


def _csv_rows(path: Path, wanted: tuple[str, ...]) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_VALUE)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader, [])
        places = [(name, header.index(name)) for name in wanted if name in header]
        for row in reader:
            if not row:
                continue
            yield {name: row[place] or None if place < len(row) else None for name, place in places}


def _csv_names(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream), [])


def _jsonl_rows(path: Path, wanted: tuple[str, ...]) -> Iterator[Row]:
    with path.open("rb") as stream:
        for line in stream:
            if line.strip():
                data = orjson.loads(line)
                yield {name: _plain(data.get(name)) for name in wanted}


def _jsonl_names(path: Path) -> list[str]:
    """Names of all lines: a line may leave out what it has no value for."""
    names: dict[str, None] = {}
    with path.open("rb") as stream:
        for line in stream:
            if line.strip():
                names.update(dict.fromkeys(orjson.loads(line)))
    return list(names)


def _parquet_rows(path: Path, wanted: tuple[str, ...]) -> Iterator[Row]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        present = [name for name in wanted if name in file.schema_arrow.names]
        for batch in file.iter_batches(batch_size=BATCH, columns=present):
            columns = [[_plain(value) for value in column.to_pylist()] for column in batch.columns]
            for values in zip(*columns, strict=True):
                yield dict(zip(present, values, strict=True))


def _parquet_names(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    return list(pq.read_schema(path).names)


def _plain(value: Any) -> Native:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return orjson.dumps(value, default=str).decode() if isinstance(value, list | dict) else str(value)


READERS: dict[str, Callable[[Path, tuple[str, ...]], Iterator[Row]]] = {
    ".csv": _csv_rows,
    ".jsonl": _jsonl_rows,
    ".parquet": _parquet_rows,
}
"""By ending: the rows of a file, with the columns wanted and nothing else."""

NAMES: dict[str, Callable[[Path], list[str]]] = {".csv": _csv_names, ".jsonl": _jsonl_names, ".parquet": _parquet_names}
"""By ending: the names of a file's columns."""
