"""Standardise, block and train: records with everything needed to weigh any pair of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from reconcile_tui.matching import blocking, candidates, defaults, reading, training
from reconcile_tui.matching.arrays import Bits, Codes, FieldLike
from reconcile_tui.matching.blocking import Blocks, Pairs, Rule
from reconcile_tui.matching.candidates import Reporter
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import Comparison
from reconcile_tui.matching.model import Model
from reconcile_tui.matching.scoring import Scorer
from reconcile_tui.project import MatchingSettings


def silent(stage: str, done: int, total: int) -> None:
    """A reporter that tells nobody."""


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


def prepare(
    table: pa.Table,
    fields: Sequence[FieldLike],
    settings: MatchingSettings,
    *,
    model: Mapping[str, Any] | None = None,
    reporter: Reporter = silent,
) -> tuple[Prepared, list[Pairs]]:
    """Standardise, block and train; returns what weighs pairs, and the candidate pairs."""
    records, comparisons = _standardised(table, fields, settings, reporter)
    known = Model.from_json(model) if model is not None else None
    blocks = candidates.blocks(records, settings, known, reporter)
    rules = [b.rule for b in blocks]
    batches = candidates.pairs(blocks, reporter)
    scorer, how = _trained(records, comparisons, batches, rules, settings, known, reporter)
    prepared = Prepared(records, comparisons, blocks, scorer, settings)
    prepared.report.update(_counts(records, blocks, batches), training=how)
    return prepared, batches


def prepare_only(
    table: pa.Table, fields: Sequence[FieldLike], settings: MatchingSettings, model: Mapping[str, Any], reporter: Reporter = silent
) -> Prepared:
    """What weighs pairs by a given model; blocks are not made."""
    records, comparisons = _standardised(table, fields, settings, reporter)
    return Prepared(records, comparisons, [], Scorer(records, comparisons, Model.from_json(model)), settings)


def _standardised(
    table: pa.Table, fields: Sequence[FieldLike], settings: MatchingSettings, reporter: Reporter
) -> tuple[Records, list[Comparison]]:
    reporter("standardise", 0, 1)
    records = reading.read(table, fields, tell=lambda done, total: reporter("standardise", done, total))
    return records, defaults.comparisons(records, settings.comparisons)


def _trained(
    records: Records,
    comparisons: list[Comparison],
    batches: list[Pairs],
    rules: list[Rule],
    settings: MatchingSettings,
    known: Model | None,
    reporter: Reporter,
) -> tuple[Scorer, dict[str, Any]]:
    if known is not None:
        return Scorer(records, comparisons, known), {"trained": known.trained, "given": True}
    trained = training.train(records, comparisons, batches, rules, settings.seed, reporter)
    return Scorer(records, comparisons, trained.model, trained.rarities), dict(trained.report)


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
