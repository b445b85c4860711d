"""The same data through the product's own surface: a folder of exports, a project file that names its columns, `pull`, `match --export`.

Each command is a process of its own, as a user runs it; the quality is that of the exported pairs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.matching.datasets import KINDS
from benchmarks.matching.quality import quality

NAMED_BY_THEIR_COLUMNS = ("crm", "blind", "febrl3", "febrl4", "febrl3-full", "febrl4-full")
"""Data whose columns tell their kinds; of the others the project file says them."""


def surface(name: str, file: Path, folder: Path) -> dict[str, Any]:
    """Pull, match, match again after one edited record; seconds, memory and the quality of what was exported."""
    kind = name.partition("@")[0]
    table = pl.read_parquet(file)
    systems = sorted(table["system"].unique().to_list())
    exports = _written(table, kind, systems, folder)
    pull, match = _run(folder, "pull"), _run(folder, "match", "--export", str(folder / "pairs.parquet"))
    found = _quality(table, folder / "pairs.parquet")
    _edit_one(exports[0])
    _run(folder, "pull")
    again = _run(folder, "match")
    return {"pull": pull, "match": match, "match_again": again, **found}


def _written(table: pl.DataFrame, kind: str, systems: list[str], folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    columns = [*(["country"] if "country" not in KINDS[kind] and kind in ("crm", "blind") else []), *KINDS[kind]]
    lines = []
    for system in systems:
        lines.append(f'[systems.{system}]\nkind = "files"\nfolder = "."\nid = "key"\n')
        table.filter(pl.col("system") == system).select("key", *columns).write_csv(folder / f"{system}.csv")
    lines.append("[record_types.people]\n" + "".join(f'{system} = "{system}"\n' for system in systems))
    for column in columns:
        said = "" if kind in NAMED_BY_THEIR_COLUMNS else f'kind = "{KINDS[kind][column]}"\n'
        bound = "".join(f'{system} = "{column}"\n' for system in systems)
        lines.append(f'[[record_types.people.fields]]\nname = "{column}"\n{said}{bound}')
    (folder / "reconcile.toml").write_text("\n".join(lines), encoding="utf-8")
    return [folder / f"{system}.csv" for system in systems]


def _run(folder: Path, *arguments: str) -> dict[str, float]:
    """One command as a process: seconds, processor seconds, the most memory it held."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "reconcile_tui", "-C", str(folder), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory, ended = 0.0, 0
    while not ended:  # not `ru_maxrss`, which a process takes over from the one that started it
        memory = max(memory, _most_held(process.pid))
        time.sleep(0.02)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    if status:
        raise RuntimeError(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "cpu_seconds": usage.ru_utime + usage.ru_stime, "rss_mb": memory}


def _most_held(process: int) -> float:
    """The most memory a process has held so far, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def _quality(table: pl.DataFrame, exported: Path) -> dict[str, float]:
    keys, person = table["key"].to_numpy(), table["person"].to_numpy()
    pairs = pl.read_parquet(exported)
    left, right = (np.searchsorted(keys, pairs[side].cast(pl.Int64).to_numpy()) for side in ("left_id", "right_id"))
    return quality(person, left, right, pairs["probability"].to_numpy())


def _edit_one(file: Path) -> None:
    """Exchange a value of the first record for that of the second."""
    head, first, second, rest = file.read_text(encoding="utf-8").split("\n", 3)
    one, other = first.split(","), second.split(",")
    one[1] = other[1]
    file.write_text("\n".join([head, ",".join(one), second, rest]), encoding="utf-8")
