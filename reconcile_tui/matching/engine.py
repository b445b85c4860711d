"""The matching run: standardise, block, train, weigh, cluster. Arrow tables in, Arrow tables out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from reconcile_tui.errors import Interrupted
from reconcile_tui.matching import learning
from reconcile_tui.matching.arrays import FieldLike
from reconcile_tui.matching.finding import MatchResult, resolved, weighed
from reconcile_tui.matching.prepared import prepare
from reconcile_tui.project import MatchingSettings

Progress = Callable[[str, int, int], None]
Stop = Callable[[], bool]

STAGES = ("standardise", "block", "train", "weigh", "cluster")


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
    prepared.blocks.clear()  # as large as the candidates, and not needed any more
    found = weighed(prepared, batches, report)
    del batches
    report("cluster", 0, 1)
    result = resolved(prepared, found, judgements, previous_groups)
    report("cluster", 1, 1)
    return result
