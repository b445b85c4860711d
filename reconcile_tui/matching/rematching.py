"""Matching again only what has changed since an earlier run; the result equals a full run with the same model.

Unlike `Matcher.update` this works in a later process, when the values the records had are no longer known: of them there is a tally.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from reconcile_tui.matching.arrays import FieldLike
from reconcile_tui.matching.matcher import Change, Matcher
from reconcile_tui.matching.reporting import Progress, Reporting, Stop
from reconcile_tui.matching.tally import Tally, concerned, tally
from reconcile_tui.memory import give_back
from reconcile_tui.project import MatchingSettings

MOST = 0.1
"""Share of the records that may have to be looked at; beyond, a full run is as quick."""
FEW = 2_000
"""Records that may be looked at however few there are."""


@dataclass(frozen=True)
class Earlier:
    """An earlier run: its model and tally, its pairs (left, right, bits) and its groups (group, key)."""

    model: Mapping[str, Any]
    tally: bytes
    pairs: pa.Table
    groups: pa.Table


@dataclass(frozen=True)
class Rematched:
    """What has changed in the result, and the tally for the next time."""

    change: Change
    tally: bytes


def rematch(
    table: pa.Table,
    fields: Sequence[FieldLike],
    settings: MatchingSettings,
    earlier: Earlier,
    changed: set[int],
    *,
    judgements: pa.Table | None = None,
    rejudged: frozenset[int] = frozenset(),
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Rematched | None:
    """Match the `changed` records (new and gone ones among them) of a `table` of all records; None if too many are concerned.

    `judgements`: all of them; `rejudged`: records of which other things are said than at the earlier run. Raises Interrupted.
    """
    report = Reporting(progress, stop)
    matcher = Matcher(table, fields, settings, earlier.model, judgements=judgements, known=(earlier.pairs, earlier.groups), reporter=report)
    records, comparisons = matcher.prepared.records, matcher.prepared.comparisons
    give_back()
    if [c.name for c in comparisons] != [f.name for f in matcher.model.fields]:
        return None  # a field has got its first value, or lost its last one
    report("compare counts", 0, 1)
    now = tally(records, comparisons, matcher.model)
    touched = changed | concerned(Tally.from_bytes(earlier.tally), now, records, comparisons, matcher.model)
    give_back()
    report("compare counts", 1, 1)
    if len(matcher.mates_of(touched)) > max(MOST * len(records), FEW):
        return None
    report("match again", 0, 1)
    change = matcher.rematch(touched, rejudged)
    report("match again", 1, 1)
    return Rematched(change, now.to_bytes())
