"""One preset over everything, in a process of its own."""

from __future__ import annotations

import resource
import time
from typing import Any

SEED = 20_261_123


def whole(records: int, groups: int, name: str, out: Any) -> None:
    """One preset over everything."""
    from benchmarks.forecast import records as made
    from reconcile_tui.forecast.everything import simulate_all
    from reconcile_tui.forecast.profiles import PRESETS
    from reconcile_tui.memory import give_back

    where = made.shape(records, groups, SEED)
    start = time.perf_counter()
    fields = made.encoded(where, SEED)
    prepared = time.perf_counter() - start
    columns = made.columns(where, fields, SEED)
    give_back()  # as the product does once columns became codes
    start = time.perf_counter()
    ledger = simulate_all(columns, made.rules(), PRESETS[name])
    totals = ledger.totals.as_json()
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    at_stake = ledger.at_stake()
    entries = sum(1 for _ in ledger.entries(at_stake[:10_000].tolist()))
    listed = time.perf_counter() - start
    out.put(
        {
            "profile": name, "seconds": round(seconds, 2), "making_and_encoding_seconds": round(prepared, 2), "totals": totals,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "entries_per_second": round(entries / listed) if entries else None,
        }
    )  # fmt: skip
