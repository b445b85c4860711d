"""What one check found on the records as pulled, and whether somebody has accepted it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reconcile_tui.readiness.check import FindingRow, QuestionOf, Severity
from reconcile_tui.readiness.registry import CHECKS


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found on the records as pulled."""

    check: str
    question: QuestionOf
    severity: Severity
    count: int
    accepted: bool  # by name, and for at least as many findings
    rows: tuple[FindingRow, ...]  # the first ones; `count` is exact
    detail_columns: tuple[str, ...]
    settled: int = 0  # how many of them the decisions made so far settle once they are applied
    before: int | None = None  # count at the last run on an earlier pull
    reason: str = ""
    author: str = ""
    accepted_at: str = ""
    accepted_count: int = 0

    @property
    def title(self) -> str:
        """The check's title."""
        return CHECKS[self.check].title

    @property
    def left_out(self) -> int:
        """How many findings have no row; rows of a finding on the whole data are sums and none is left out."""
        return 0 if CHECKS[self.check].scope == "whole" else max(0, self.count - len(self.rows))

    @property
    def trend(self) -> int | None:
        """How many more (or, negative, fewer) than at the last pull."""
        return None if self.before is None else self.count - self.before

    def as_json(self) -> dict[str, Any]:
        """For `check --json`."""
        return {
            "check": self.check,
            "question": self.question,
            "severity": self.severity,
            "count": self.count,
            "accepted": self.accepted,
            "rows": [row.as_json() for row in self.rows],
            "rows_left_out": self.left_out,
            "title": self.title,
            "settled": self.settled,
            "before": self.before,
            "acceptance": {"reason": self.reason, "author": self.author, "at": self.accepted_at, "count": self.accepted_count}
            if self.reason
            else None,
        }
