"""Weigh the candidates, then cluster, classify and name: from what is prepared to pairs and groups."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from reconcile_tui.cores import spread
from reconcile_tui.matching import classes, groups, learning, mailboxes
from reconcile_tui.matching.arrays import Bits, Codes
from reconcile_tui.matching.blocking import Pairs
from reconcile_tui.matching.candidates import Reporter
from reconcile_tui.matching.cluster import CERTAIN, Judgements, Weigh, persons, reconciled
from reconcile_tui.matching.prepared import Prepared
from reconcile_tui.matching.scoring import probability
from reconcile_tui.project import MatchingSettings

PAIRS = pa.schema(
    [
        ("left", pa.int64()),
        ("right", pa.int64()),
        ("bits", pa.float64()),
        ("probability", pa.float64()),
        ("class", pa.string()),
        ("rule", pa.string()),
    ]
)


@dataclass(frozen=True)
class MatchResult:
    """What a run found.

    `pairs`: left, right (keys, left < right), bits, probability, class, rule (the blocking key that brought it). `groups`: one row per
    record of a group: group, key, person (number of the proposed person inside the group), class, score, weakest_left, weakest_right.
    `model`: plain dictionary for a file. `report`: counts, blocks cut, training, notes. `tally`: see `rematching`; empty if not asked for.
    """

    pairs: pa.Table
    groups: pa.Table
    model: dict[str, Any]
    report: dict[str, Any]
    tally: bytes = b""


@dataclass(frozen=True)
class Found:
    """Pairs above the floor of what is kept, sorted by position."""

    pairs: Pairs
    bits: Bits

    def looked_up(self, left: Codes, right: Codes, weigh: Weigh) -> Bits:
        """Bits of any pairs of positions; those not among the found ones are weighed."""
        mine, wanted = (a.astype(np.int64) << 32 | b for a, b in ((self.pairs.left, self.pairs.right), (left, right)))
        place = np.minimum(np.searchsorted(mine, wanted), max(len(mine) - 1, 0))
        known = mine[place] == wanted if len(mine) else np.zeros(len(wanted), dtype=bool)
        bits = np.empty(len(wanted), dtype=np.float32)
        bits[known] = self.bits[place[known]]
        bits[~known] = weigh(left[~known], right[~known])
        return bits

    def above(self, bits: float) -> tuple[Codes, Codes, Bits]:
        """The pairs with at least so many bits."""
        where = np.flatnonzero(self.bits >= np.float32(bits))
        return self.pairs.left[where], self.pairs.right[where], self.bits[where]


def odds_bits(chance: float) -> float:
    """A probability in bits."""
    bounded = min(max(chance, 1e-9), 1 - 1e-9)
    return float(np.log2(bounded) - np.log2(1 - bounded))


def least_bits(settings: MatchingSettings) -> float:
    """Bits from which two records, taken alone, would be put in one group."""
    return odds_bits(settings.review)


def weighed(prepared: Prepared, batches: Sequence[Pairs], reporter: Reporter) -> Found:
    """Weigh all candidates on all cores and keep those that reach `settings.keep`."""
    floor = odds_bits(min(prepared.settings.keep, prepared.settings.review))
    parts = []
    for done, part in enumerate(spread(lambda batch: prepared.scorer.score(batch, floor), batches, sum(map(len, batches)))):
        reporter("weigh", done, len(batches))
        parts.append(part)
    reporter("weigh", len(batches), len(batches))
    return gathered([part.pairs for part in parts], [part.bits for part in parts])


def gathered(pairs: Sequence[Pairs], bits: Sequence[Bits]) -> Found:
    """Batches joined and sorted by position."""
    if not pairs:
        return Found(Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint8)), np.zeros(0, np.float32))
    left, right = np.concatenate([p.left for p in pairs]), np.concatenate([p.right for p in pairs])
    rule, all_bits = np.concatenate([p.rule for p in pairs]), np.concatenate(bits)
    order = np.lexsort((right, left))
    return Found(Pairs(left[order], right[order], rule[order]), all_bits[order])


def resolved(prepared: Prepared, found: Found, judgements: pa.Table | None, previous: pa.Table | None) -> MatchResult:
    """Cluster, classify and name the groups."""
    keys = prepared.records.keys
    judged = judgements_of(prepared, judgements)
    names = dict(zip(previous["key"].to_pylist(), previous["group"].to_pylist(), strict=True)) if previous is not None else {}
    table, notes = grouped(prepared, found, judged, names)
    report = {
        **prepared.report,
        "pairs": len(found.pairs),
        "groups": len(table["group"].unique()),
        "contradictory_judgements": [[int(keys[a]), int(keys[b])] for a, b in judged.contradictory],
        "notes": [*prepared.model.notes, *notes],
    }
    return MatchResult(pair_table(prepared, found), table, prepared.model.as_json(), report)


def grouped(
    prepared: Prepared, found: Found, judged: Judgements, names: Mapping[int, str], reserved: Collection[str] = ()
) -> tuple[pa.Table, list[str]]:
    """The groups table, and what is to be said about it. `names`: previous group of a key; `reserved`: ids not to be given out."""
    records = prepared.records
    floor = odds_bits(prepared.settings.review)
    left, right, bits = found.above(floor)

    def weigh(left: Codes, right: Codes) -> Bits:
        return found.looked_up(left, right, prepared.weigh)

    together = ~mailboxes.unlike_at_one_address(prepared.comparisons, left, right)
    left, right, bits = left[together], right[together], bits[together]
    person = persons(len(records), left, right, bits - np.float32(floor), judged, _shifted(prepared, floor))
    reviewed, notes = mailboxes.sharing_mailboxes(person, prepared.comparisons, judged, prepared.settings.block_limit)
    edges = _not_judged(left, right, judged, len(records))
    return groups.table(records, person, reviewed, edges, weigh, floor, names, reserved), notes


def _not_judged(left: Codes, right: Codes, judged: Judgements, records: int) -> tuple[Codes, Codes]:
    """Pairs a person has not said to be different."""
    said = np.array([a * records + b for a, b in judged.different], dtype=np.int64)
    kept = ~np.isin(left.astype(np.int64) * records + right, said) if len(said) else slice(None)
    return left[kept], right[kept]


def _shifted(prepared: Prepared, floor: float) -> Callable[[Codes, Codes], Bits]:
    def weigh(left: Codes, right: Codes) -> Bits:
        bits = prepared.weigh(left, right) - np.float32(floor)
        bits[mailboxes.unlike_at_one_address(prepared.comparisons, left, right)] = -CERTAIN
        return np.asarray(bits)

    return weigh


def judgements_of(prepared: Prepared, judgements: pa.Table | None) -> Judgements:
    """Judgements as positions; those about records no longer here are left out."""
    if judgements is None or not len(judgements):
        return Judgements()
    return reconciled(*learning.as_positions(prepared.records.keys, judgements))


def pair_table(prepared: Prepared, found: Found) -> pa.Table:
    """The pairs as keys, with class and rule."""
    records, pairs = prepared.records, found.pairs
    titles = pa.array([rule.title for rule in prepared.model.rules], pa.string())
    arrays = [
        pa.array(records.keys[pairs.left]),
        pa.array(records.keys[pairs.right]),
        pa.array(found.bits.astype(np.float64)),
        pa.array(probability(found.bits)),
        classes.pair_classes(records, prepared.comparisons, pairs.left, pairs.right),
        titles.take(pa.array(pairs.rule.astype(np.int32))),
    ]
    return pa.table(arrays, schema=PAIRS)
