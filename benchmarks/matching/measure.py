"""One measurement in a process of its own; prints one JSON document.

python -m benchmarks.matching.measure engine NAME FILE | pairs FILE PAIRS | clean FILE OUT | edit NAME FILE | hostile NAME
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.matching.datasets import fields
from benchmarks.matching.quality import quality
from reconcile_tui.project import MatchingSettings

KEEP = 0.02
RULES = [
    ["mailbox"], ["tail"], ["last_name", "root"], ["last_name", "company"], ["root", "company"], ["last_name", "root", "city"], ["either"],
    ["sound", "root"], ["local"], ["sound", "initial", "city"],
]  # fmt: skip
"""The engine's default keys in the names of the cleaned columns, for the peers; without the last two, which hardly find pairs at a million."""


def engine(name: str, file: str) -> dict[str, Any]:
    """Match a whole file: from the Arrow table to pairs and groups."""
    from reconcile_tui.matching import run

    table = pq.read_table(file)
    pa.default_memory_pool().release_unused()
    before, stages = _memory(), _Stages()
    started, cpu = time.perf_counter(), time.process_time()
    result = run(table, fields(name), MatchingSettings(keep=KEEP), progress=stages)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    memory = _memory()
    keys, person = table["key"].to_numpy(), table["person"].to_numpy()
    left, right = (np.searchsorted(keys, result.pairs[side].to_numpy()) for side in ("left", "right"))
    found = quality(person, left, right, result.pairs["probability"].to_numpy())
    return {
        "seconds": seconds, "cpu_seconds": cpu, "stages": stages.ended(), "rss_mb": memory, "rss_before_mb": before,
        "candidates": result.report["candidates"], **found, "f1_persons": _persons(result.groups, keys, person, found["true_pairs"]),
    }  # fmt: skip


def _persons(groups: pa.Table, keys: Any, person: Any, total: int) -> float:
    """F1 of the pairs inside proposed persons, after clustering."""
    import polars as pl

    frame = pl.from_arrow(groups).select("group", "person", "key")
    pairs = frame.join(frame, on=["group", "person"]).filter(pl.col("key") < pl.col("key_right"))
    left, right = (np.searchsorted(keys, pairs[side].to_numpy()) for side in ("key", "key_right"))
    return float(2 * (person[left] == person[right]).sum() / (len(left) + total))


class _Stages:
    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._now, self._since = "", time.perf_counter()

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.perf_counter()
        if self._now:
            self._seconds[self._now] = self._seconds.get(self._now, 0.0) + now - self._since
        self._now, self._since = stage, now

    def ended(self) -> dict[str, float]:
        self("", 0, 0)
        return {stage: round(seconds, 2) for stage, seconds in self._seconds.items()}


def _memory() -> float:
    """The most this process has held. Not `ru_maxrss`, which a process takes over from the one that started it."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def pairs(file: str, found: str) -> dict[str, Any]:
    """Quality of a peer's pairs."""
    table, scored = pq.read_table(file, columns=["key", "person"]), pq.read_table(found)
    keys = table["key"].to_numpy()
    left, right = (np.searchsorted(keys, scored[side].to_numpy()) for side in ("left_key", "right_key"))
    return quality(table["person"].to_numpy(), left, right, scored["probability"].to_numpy())


def clean(file: str, out: str) -> dict[str, Any]:
    """The engine's standardised forms as plain columns, so that peers start from equally clean data."""
    import polars as pl

    from reconcile_tui.matching import reading

    table = pq.read_table(file)
    records = reading.read(table, fields("crm"))
    forms = {
        "first_name": "first_name", "last_name": "last_name", "email": "email", "phone": "phone", "company": "company", "city": "city",
        "root": "first_name.root", "sound": "last_name.sound", "initial": "first_name.initial", "mailbox": "email.mailbox",
        "local": "email.local", "tail": "phone.tail",
    }  # fmt: skip
    made = {"key": table["key"]}
    for name, form in forms.items():
        column = records.columns[form]
        made[name] = column.values.take(pa.array(column.codes, mask=column.codes < 0))
    either = records.columns["last_name.either"].codes
    made["either"] = pa.array(either, mask=either < 0)
    frame = pl.from_arrow(pa.table(made)).with_columns(full_name=pl.col("first_name") + " " + pl.col("last_name"))
    frame.write_parquet(out)
    return {"rows": len(frame)}


def edit(name: str, file: str, count: int = 25) -> dict[str, Any]:
    """One edited record at a time, among all; the matcher is ready, as in a running session."""
    from reconcile_tui.matching import Matcher, run

    table = pq.read_table(file)
    model = run(table, fields(name), MatchingSettings()).model
    matcher = Matcher(table, fields(name), MatchingSettings(), model)
    rng = random.Random(3)
    seconds = []
    matcher.update(table.slice(0, 1))
    for _ in range(count):
        row, donor = (table.slice(rng.randrange(len(table)), 1).to_pylist()[0] for _ in range(2))
        what = rng.choice(["first_name", "last_name", "email", "phone", "company", "city"])
        changed = pa.Table.from_pylist([{**row, what: donor[what]}], schema=table.schema)
        started = time.perf_counter()
        matcher.update(changed)
        seconds.append(time.perf_counter() - started)
    quantiles = statistics.quantiles(seconds, n=20)
    return {"edits": count, "median_ms": statistics.median(seconds) * 1000, "p90_ms": quantiles[17] * 1000, "rss_mb": _memory()}


HOSTILE = ("a million empty names", "one address on 50,000 records", "one name on 50,000 records")


def hostile(name: str) -> dict[str, Any]:
    """Blocks that would explode: how long they take, how much memory, and whether the cut is reported."""
    from benchmarks.matching.datasets import Field
    from reconcile_tui.matching import run

    count = 1_000_000 if name == HOSTILE[0] else 50_000
    numbered = np.arange(count).astype(str)
    empty = pa.array([""] * count, pa.string())
    values = {
        "first_name": pa.array(["Anna"] * count)
        if name == HOSTILE[2]
        else empty
        if name == HOSTILE[0]
        else pa.array(np.char.add("n", numbered)),
        "last_name": pa.array(["Smith"] * count)
        if name == HOSTILE[2]
        else empty
        if name == HOSTILE[0]
        else pa.array(np.char.add("m", numbered)),
        "email": pa.array(["info@acme.test"] * count) if name == HOSTILE[1] else pa.nulls(count, pa.string()),
        "city": pa.array(["Leeds"] * count),
    }
    table = pa.table({"key": pa.array(np.arange(count)), "system": ["a"] * count, "table": ["t"] * count, **values})
    started, cpu = time.perf_counter(), time.process_time()
    result = run(table, [Field(field, field) for field in values], MatchingSettings())
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    cut = [f"{block['rule']} ({block['largest']:,})" for block in result.report["cut"]]
    return {"seconds": seconds, "cpu_seconds": cpu, "rss_mb": _memory(), "pairs": len(result.pairs), "cut": cut}


class _NoPandas:
    """pandas is no dependency of the product, but Arrow loads it (50 MB) where it happens to be installed: not here."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


if __name__ == "__main__":
    sys.meta_path.insert(0, _NoPandas())
    command, *arguments = sys.argv[1:]
    print(json.dumps({"engine": engine, "pairs": pairs, "clean": clean, "edit": edit, "hostile": hostile}[command](*arguments)))
