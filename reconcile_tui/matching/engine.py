"""The matching run: standardise, block, train, weigh, cluster. Arrow tables in, Arrow tables out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from reconcile_tui.matching import learning
from reconcile_tui.matching.arrays import FieldLike
from reconcile_tui.matching.finding import MatchResult, resolved, weighed
from reconcile_tui.matching.prepared import prepare
from reconcile_tui.matching.reporting import Progress, Reporting, Stop
from reconcile_tui.matching.tally import tally
from reconcile_tui.memory import give_back, keep_at_hand
from reconcile_tui.project import MatchingSettings

STAGES = ("standardise", "block", "train", "weigh", "cluster")


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
    tallied: bool = False,
) -> MatchResult:
    """Match all records of a record type.

    `table` holds `key` (int64, unique), `system`, `table`, `country` (may be null) and a string column per field. `judgements`
    holds `left`, `right` (keys) and `same`; they bind the groups and, from 100 on, may re-weigh the model. With `model` (from an
    earlier result) nothing is trained. `previous_groups` (columns `group`, `key`) lets groups keep their ids. `tallied`: the result
    says what `rematch` needs to know of it. Raises Interrupted when `stop()` says so, ProjectError on settings that can't be used.
    """
    settings = settings or MatchingSettings()
    keep_at_hand()
    report = Reporting(progress, stop)
    prepared, batches = prepare(table, fields, settings, model=model, reporter=report)
    if judgements is not None and model is None:
        prepared = learning.applied(prepared, *learning.as_positions(prepared.records.keys, judgements))
    prepared.blocks.clear()  # as large as the candidates, and not needed any more
    found = weighed(prepared, batches, report)
    del batches
    report("cluster", 0, 1)
    result = resolved(prepared, found, judgements, previous_groups)
    report("cluster", 1, 1)
    if not tallied:
        return result
    records, comparisons, trained = prepared.records, prepared.comparisons, prepared.model
    del prepared, found  # the rarities and the pairs are not counted
    give_back()
    return replace(result, tally=tally(records, comparisons, trained).to_bytes())
