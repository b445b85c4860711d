"""A matcher that stays: explains any pair, and re-matches what has changed without starting over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from reconcile_tui.matching import engine
from reconcile_tui.matching.arrays import FieldLike
from reconcile_tui.matching.explain import Explanation, explain, why_not_text
from reconcile_tui.project import MatchingSettings


class Matcher:
    """Records, encoded once, with a model."""

    def __init__(self, table: pa.Table, fields: Sequence[FieldLike], settings: MatchingSettings, model: Mapping[str, Any]) -> None:
        """Encode the table; nothing is trained."""
        self.prepared, self._batches = engine.prepare(table, fields, settings, model=model)

    def explain(self, left: int, right: int) -> Explanation:
        """Why two records (by key) are scored as they are. Raises KeyError when one is not there."""
        p = self.prepared
        return explain(p.scorer, p.blocks, p.position(left), p.position(right))

    def why_not(self, left: int, right: int) -> str:
        """One sentence on what keeps two records apart."""
        return why_not_text(self.explain(left, right), self.prepared.records)


def explain_pair(
    table: pa.Table, fields: Sequence[FieldLike], settings: MatchingSettings, model: Mapping[str, Any], left: int, right: int
) -> Explanation:
    """The evidence about one pair, in bits that add up to its score."""
    return Matcher(table, fields, settings, model).explain(left, right)


def why_not(
    table: pa.Table, fields: Sequence[FieldLike], settings: MatchingSettings, model: Mapping[str, Any], left: int, right: int
) -> str:
    """Why two records are not one group: never compared, or which field spoke against it."""
    return Matcher(table, fields, settings, model).why_not(left, right)


def rematch(*args: Any, **kwargs: Any) -> engine.MatchResult:
    """Match again after a change."""
    return engine.run(*args, **kwargs)


def suggest_blocking(table: pa.Table, fields: Sequence[FieldLike], settings: MatchingSettings) -> list[dict[str, Any]]:
    """Blocking keys that suit the data, with the pairs each brings."""
    prepared, _ = engine.prepare(table, fields, settings)
    return list(prepared.report["blocking"])
