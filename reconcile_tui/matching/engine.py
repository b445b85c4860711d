"""The matching run: standardise, block, train, weigh, cluster. Arrow tables in, Arrow tables out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from reconcile_tui.errors import Interrupted
from reconcile_tui.matching import blocking, candidates, columns, defaults, groups, learning, training
from reconcile_tui.matching.arrays import Bits, Codes, FieldLike
from reconcile_tui.matching.blocking import Blocks, Pairs, Rule
from reconcile_tui.matching.cluster import CERTAIN, Judgements, persons, reconciled
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import Comparison
from reconcile_tui.matching.cores import each
from reconcile_tui.matching.model import Model
from reconcile_tui.matching.scoring import Scorer, probability
from reconcile_tui.project import MatchingSettings

Progress = Callable[[str, int, int], None]
Stop = Callable[[], bool]

STAGES = ("standardise", "block", "train", "weigh", "cluster")

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
    `model`: plain dictionary for a file. `report`: counts, blocks cut, training, notes.
    """

    pairs: pa.Table
    groups: pa.Table
    model: dict[str, Any]
    report: dict[str, Any]


@dataclass(eq=False)
class Prepared:
    """Records with everything needed to weigh any pair of them."""

    records: Records
    comparisons: list[Comparison]
    blocks: list[Blocks]
    scorer: Scorer
    settings: MatchingSettings
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def model(self) -> Model:
        """The model in force."""
        return self.scorer.model

    def position(self, key: int) -> int:
        """Where a record stands. Raises KeyError."""
        place = int(np.searchsorted(self.records.keys, key))
        if place >= len(self.records) or int(self.records.keys[place]) != key:
            raise KeyError(f"no record with key {key}")
        return place

    def weigh(self, left: Codes, right: Codes) -> Bits:
        """Bits of any pairs of positions, in batches."""
        parts = [
            self.scorer.bits(left[start : start + blocking.BATCH], right[start : start + blocking.BATCH])
            for start in range(0, len(left), blocking.BATCH)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)


class _Reporter:
    """Progress by stage, and the question whether to go on."""

    def __init__(self, progress: Progress | None, stop: Stop | None) -> None:
        self._progress, self._stop = progress, stop

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report, or raise Interrupted when a stop was asked for."""
        if self._stop is not None and self._stop():
            raise Interrupted("Matching was stopped.", kept="The previous result is unchanged.", todo="Run `match` again.")
        if self._progress is not None:
            self._progress(stage, done, total)


def run(
    table: pa.Table,
    fields: Sequence[FieldLike],
    settings: MatchingSettings | None = None,
    *,
    judgements: pa.Table | None = None,
    model: Mapping[str, Any] | None = None,
    previous_groups: pa.Table | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> MatchResult:
    """Match all records of a record type.

    `table` holds `key` (int64, unique), `system`, `table`, `country` (may be null) and a string column per field. `judgements`
    holds `left`, `right` (keys) and `same`; they bind the groups and, from 100 on, may re-weigh the model. With `model` (from an
    earlier result) nothing is trained. `previous_groups` (columns `group`, `key`) lets groups keep their ids. Raises Interrupted
    when `stop()` says so, ProjectError on settings that can't be used.
    """
    settings = settings or MatchingSettings()
    report = _Reporter(progress, stop)
    prepared, batches = prepare(table, fields, settings, model=model, reporter=report)
    if judgements is not None and model is None:
        prepared = learning.applied(prepared, *learning.as_positions(prepared.records.keys, judgements))
    found = weighed(prepared, batches, report)
    report("cluster", 0, 1)
    result = resolved(prepared, found, judgements, previous_groups)
    report("cluster", 1, 1)
    return result


def prepare(
    table: pa.Table,
    fields: Sequence[FieldLike],
    settings: MatchingSettings,
    *,
    model: Mapping[str, Any] | None = None,
    reporter: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> tuple[Prepared, list[Pairs]]:
    """Standardise, block and train; returns what weighs pairs, and the candidate pairs."""
    reporter("standardise", 0, 1)
    records = columns.read(table, fields)
    comparisons = defaults.comparisons(records, settings.comparisons)
    reporter("standardise", 1, 1)
    known = Model.from_json(model) if model is not None else None
    blocks = candidates.blocks(records, settings, known, reporter)
    rules = [b.rule for b in blocks]
    batches = candidates.pairs(blocks, reporter)
    reporter("train", 0, 1)
    trained, how = _trained(records, comparisons, batches, rules, settings, known)
    reporter("train", 1, 1)
    prepared = Prepared(records, comparisons, blocks, Scorer(records, comparisons, trained), settings)
    prepared.report.update(_counts(records, blocks, batches), training=how)
    return prepared, batches


def prepare_only(table: pa.Table, fields: Sequence[FieldLike], settings: MatchingSettings, model: Mapping[str, Any]) -> Prepared:
    """What weighs and explains pairs by a given model, without looking for any."""
    records = columns.read(table, fields)
    comparisons = defaults.comparisons(records, settings.comparisons)
    known = Model.from_json(model)
    blocks = candidates.blocks(records, settings, known, lambda stage, done, total: None)
    return Prepared(records, comparisons, blocks, Scorer(records, comparisons, known), settings)


def _trained(
    records: Records,
    comparisons: list[Comparison],
    batches: list[Pairs],
    rules: list[Rule],
    settings: MatchingSettings,
    known: Model | None,
) -> tuple[Model, dict[str, Any]]:
    if known is not None:
        return known, {"trained": known.trained, "given": True}
    trained = training.train(records, comparisons, batches, rules, settings.seed)
    return trained.model, dict(trained.report)


def _counts(records: Records, blocks: Sequence[Blocks], batches: Sequence[Pairs]) -> dict[str, Any]:
    by_rule = np.zeros(len(blocks), dtype=np.int64)
    for batch in batches:
        by_rule[batch.rule[0]] += len(batch)
    return {
        "records": len(records),
        "candidates": int(by_rule.sum()),
        "blocking": [{"key": b.rule.title, "limit": b.rule.limit, "pairs": int(n)} for b, n in zip(blocks, by_rule, strict=True)],
        "cut": [vars(b.cut) for b in blocks if b.cut is not None],
    }


@dataclass(frozen=True)
class Found:
    """Pairs above the floor of what is kept, sorted by position."""

    pairs: Pairs
    bits: Bits

    def above(self, bits: float) -> tuple[Codes, Codes, Bits]:
        """The pairs with at least so many bits."""
        where = np.flatnonzero(self.bits >= np.float32(bits))
        return self.pairs.left[where], self.pairs.right[where], self.bits[where]


def odds_bits(chance: float) -> float:
    """A probability in bits."""
    bounded = min(max(chance, 1e-9), 1 - 1e-9)
    return float(np.log2(bounded) - np.log2(1 - bounded))


def weighed(prepared: Prepared, batches: Sequence[Pairs], reporter: Callable[[str, int, int], None]) -> Found:
    """Weigh all candidates on all cores and keep those that reach `settings.keep`."""
    floor = odds_bits(min(prepared.settings.keep, prepared.settings.review))
    parts = []
    for done, part in enumerate(each(lambda batch: prepared.scorer.score(batch, floor), batches)):
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
    prepared: Prepared, found: Found, judged: Judgements, names: Mapping[int, str], reserved: frozenset[str] = frozenset()
) -> tuple[pa.Table, list[str]]:
    """The groups table, and what is to be said about it. `names`: previous group of a key; `reserved`: ids not to be given out."""
    records = prepared.records
    floor = odds_bits(prepared.settings.review)
    left, right, bits = found.above(floor)
    together = ~groups.unlike_at_one_address(prepared.comparisons, left, right)
    left, right, bits = left[together], right[together], bits[together]
    person = persons(len(records), left, right, bits - np.float32(floor), judged, _shifted(prepared, floor))
    reviewed, notes = groups.sharing_mailboxes(person, prepared.comparisons, judged, prepared.settings.block_limit)
    edges = _not_judged(left, right, judged, len(records))
    return groups.table(records, person, reviewed, edges, prepared.weigh, floor, names, reserved), notes


def _not_judged(left: Codes, right: Codes, judged: Judgements, records: int) -> tuple[Codes, Codes]:
    """Pairs a person has not said to be different."""
    said = np.array([a * records + b for a, b in judged.different], dtype=np.int64)
    kept = ~np.isin(left.astype(np.int64) * records + right, said) if len(said) else slice(None)
    return left[kept], right[kept]


def _shifted(prepared: Prepared, floor: float) -> Callable[[Codes, Codes], Bits]:
    def weigh(left: Codes, right: Codes) -> Bits:
        bits = prepared.weigh(left, right) - np.float32(floor)
        bits[groups.unlike_at_one_address(prepared.comparisons, left, right)] = -CERTAIN
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
        groups.pair_classes(records, prepared.comparisons, pairs.left, pairs.right),
        titles.take(pa.array(pairs.rule.astype(np.int32))),
    ]
    return pa.table(arrays, schema=PAIRS)
