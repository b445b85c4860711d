"""Why two records are, or are not, taken for one person: bits per field that add up to the score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reconcile_tui.matching.blocking import Blocks, rule_of
from reconcile_tui.matching.scoring import Scorer, probability


@dataclass(frozen=True)
class Evidence:
    """One row of an explanation: what a field says, in bits, with both standardised values."""

    field: str
    level: str
    bits: float
    left: str | None
    right: str | None

    def as_json(self) -> dict[str, Any]:
        """The row of `why --json`."""
        return {"field": self.field, "level": self.level, "bits": self.bits, "left": self.left, "right": self.right}


@dataclass(frozen=True)
class Explanation:
    """All evidence about a pair. `bits` is exactly the sum of the rows; the first row is what any such pair starts with."""

    left: int
    right: int
    bits: float
    probability: float
    rows: tuple[Evidence, ...]
    rule: str  # the blocking key that brought the pair; empty when none did

    def as_json(self) -> dict[str, Any]:
        """The part of `why --json` that matching knows; references are put in by the caller."""
        return {
            "score_bits": self.bits,
            "probability": self.probability,
            "fields": [row.as_json() for row in self.rows],
            "blocked_by": self.rule,
        }

    def against(self) -> list[Evidence]:
        """Rows that speak against, the heaviest first."""
        return sorted((row for row in self.rows if row.bits < 0), key=lambda row: row.bits)


def explain(scorer: Scorer, blocks: list[Blocks], a: int, b: int) -> Explanation:
    """The explanation of a pair of positions; the order of the two doesn't matter for any figure."""
    first, second = min(a, b), max(a, b)
    left, right = np.array([first], dtype=np.int32), np.array([second], dtype=np.int32)
    levels = scorer.levels(left, right)
    bits = scorer.field_bits(levels, left, right)
    scope = int(scorer.scope_of(left, right)[0])
    rows = [Evidence("prior", scorer.scopes[scope], float(scorer.prior[scope]), None, None)]
    for comparison, level, weight in zip(scorer.comparisons, levels, bits, strict=True):
        name = comparison.levels[int(level[0])]
        rows.append(Evidence(comparison.name, name, float(weight[0]), comparison.shown(a), comparison.shown(b)))
    total = float(sum(row.bits for row in rows))
    rule = int(rule_of(blocks, left, right)[0]) if blocks else -1
    keys = scorer.records.keys
    chance = float(probability(np.array([total], dtype=np.float32))[0])
    return Explanation(int(keys[a]), int(keys[b]), total, chance, tuple(rows), blocks[rule].rule.title if rule >= 0 else "")


def why_not_text(explanation: Explanation) -> str:
    """One sentence on why a pair was not matched."""
    against = [row for row in explanation.against() if row.field != "prior"]
    silent = [row.field for row in explanation.rows if row.level == "missing"]
    parts = []
    if not explanation.rule:
        parts.append("No blocking key has both records, so they were never compared.")
    if against:
        parts.append("Against it: " + ", ".join(f"{row.field} {row.level} ({row.bits:+.1f} bits)" for row in against) + ".")
    if silent:
        parts.append("Nothing is known of: " + ", ".join(silent) + ".")
    parts.append(f"Together {explanation.bits:+.1f} bits, probability {explanation.probability:.3f}.")
    return " ".join(parts)
