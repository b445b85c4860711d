"""What a check is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from reconcile_tui.model import Ref

if TYPE_CHECKING:
    from reconcile_tui.readiness.context import Context

QuestionOf = Literal["Q1", "Q2", "Q3", "Q4", "ops"]
"""Q1 which record types, Q2 which records, Q3 which fields, Q4 which duplicates; ops: how the launch is run."""

Severity = Literal["blocker", "high", "medium"]
SEVERITIES: tuple[Severity, ...] = ("blocker", "high", "medium")

Scope = Literal["records", "map", "whole"]
"""What a finding depends on: the records it names (a decision on their group can settle it), the project file, or the whole data."""

ROWS_KEPT: ContextVar[int] = ContextVar("rows_kept", default=500)
"""Rows kept per check; the count stays exact."""

SUPPRESSED_FILE = "suppressed.txt"
"""In the workspace folder: people who must not come back, one address or the SHA-256 of one per line."""

Row = tuple[tuple[int, ...], Mapping[str, str]]
"""Keys of the records a row is about, and its columns."""


@dataclass
class Found:
    """What a rule found: an exact count and the first rows."""

    count: int = 0
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Found:
        """Count all rows, keep the first ones."""
        found, kept = cls(), ROWS_KEPT.get()
        for row in rows:
            found.count += 1
            if len(found.rows) < kept:
                found.rows.append(row)
        return found

    def __add__(self, other: Found) -> Found:
        room = ROWS_KEPT.get() - len(self.rows)
        return Found(self.count + other.count, [*self.rows, *other.rows[:room]])


class NotComputable(Exception):
    """A rule lacks something it needs; the text says what, and what to do. The check is then unknown, never passed."""


Rule = Callable[["Context"], Found]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that can go wrong at launch.

    `rule` computes it from data: a function of `readiness.rules` as `module.name`, imported when it runs, since the screens read this
    registry and must not wait for what computes on columns. `question` asks a person what data can't tell. A check may have both.
    `hard`: while it finds something the launch is not ready, accepted or not.
    """

    id: str
    of: QuestionOf
    severity: Severity
    title: str
    summary: str  # what goes wrong
    remedy: str
    docs: str  # how it is computed
    rule: str = ""
    question: str = ""
    columns: tuple[str, ...] = ()
    scope: Scope = "records"
    hard: bool = False

    def run(self, context: Context) -> tuple[Found, str]:
        """What it finds, or why it can't be computed."""
        if not self.rule:
            return Found(), ""
        try:
            return self.computed_by()(context), ""
        except NotComputable as error:
            return Found(), str(error)

    def computed_by(self) -> Rule:
        """The function behind `rule`. Raises ImportError, AttributeError where there is none."""
        module, _, name = self.rule.partition(".")
        rule: Rule = getattr(import_module(f"reconcile_tui.readiness.rules.{module}"), name)
        return rule


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding: the records it is about and what is to be seen there. Values are raw CRM text."""

    records: tuple[Ref, ...]
    detail: Mapping[str, str]

    def as_json(self) -> dict[str, object]:
        """For `check --json`."""
        return {"records": [ref.as_json() for ref in self.records], "detail": dict(self.detail)}
