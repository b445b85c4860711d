"""Blocking keys that suit the data: what each costs in pairs, and how many probable pairs only it brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from reconcile_tui.matching import defaults, finding
from reconcile_tui.matching.arrays import FieldLike
from reconcile_tui.matching.blocking import Key, block, same_block
from reconcile_tui.matching.candidates import LEAST_BUDGET
from reconcile_tui.matching.prepared import prepare, silent
from reconcile_tui.matching.scoring import probability
from reconcile_tui.project import MatchingSettings

SAMPLE = 50_000
"""Records looked at; a larger table is thinned evenly, which keeps the order of the keys but not their cost."""
WORTH = 0.0005
"""Share of all probable pairs that a key must add."""


@dataclass(frozen=True)
class Suggestion:
    """A key with the pairs it costs, the probable pairs among them, and how many of these no earlier key brings."""

    key: Key
    pairs: int
    probable: float
    new: float

    def as_json(self) -> dict[str, Any]:
        """A row for output; `key` is what `blocking` in the project file takes."""
        return {"key": list(self.key), "pairs": self.pairs, "probable": round(self.probable, 1), "new": round(self.new, 1)}


def suggest_blocking(table: pa.Table, fields: Sequence[FieldLike], settings: MatchingSettings) -> list[Suggestion]:
    """Keys in the order in which they are worth most: each adds the most probable pairs per pair it costs."""
    if len(table) > SAMPLE:
        table = table.take(np.linspace(0, len(table) - 1, SAMPLE).astype(np.int64))
    ready, batches = prepare(table, fields, settings)
    records = ready.records
    found = finding.weighed(ready, batches, silent)
    chance = probability(found.bits)
    left, right = found.pairs.left, found.pairs.right
    tried = dict.fromkeys([*(b.rule.key for b in ready.blocks), *defaults.blocking_keys(records), *defaults.broad_keys(records, [])])
    blocks = {key: block(records, key, settings.block_limit, settings.pairs_per_record * max(len(records), LEAST_BUDGET)) for key in tried}
    covered = {key: same_block(b, left, right) for key, b in blocks.items()}
    result: list[Suggestion] = []
    missing = np.ones(len(left), dtype=bool)
    while blocks:
        gain = {key: float(chance[missing & covered[key]].sum()) for key in blocks}
        best = max(blocks, key=lambda key: (gain[key] / (blocks[key].pairs + len(records) / 100), key))
        if gain[best] < WORTH * max(float(chance.sum()), 1.0):
            break
        result.append(Suggestion(best, blocks.pop(best).pairs, float(chance[covered[best]].sum()), gain[best]))
        missing &= ~covered[best]
    return result
