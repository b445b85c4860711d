"""The answer of all checks together: ready or not, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reconcile_tui.display import safe_text
from reconcile_tui.readiness.check import SEVERITIES, FindingRow, QuestionOf, Severity
from reconcile_tui.readiness.registry import CHECKS, QUESTIONS


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


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the questionnaire with its newest answer; empty when it was never answered."""

    check: str
    of: QuestionOf
    severity: Severity
    title: str
    question: str
    answer: str = ""
    author: str = ""
    at: str = ""

    def as_json(self) -> dict[str, Any]:
        """For `check --json`."""
        return {name: getattr(self, name) for name in ("check", "question", "severity", "answer", "author", "at")}


@dataclass(frozen=True)
class Readiness:
    """All findings, what could not be computed, and the questionnaire."""

    findings: tuple[Finding, ...]
    unknown: Mapping[str, str] = field(default_factory=dict)  # check -> why it could not be computed
    questions: tuple[Asked, ...] = ()
    at: str = ""
    resolved: tuple[str, ...] = ()  # checks that found something at an earlier pull and nothing now

    @property
    def ready(self) -> bool:
        """Whether the launch is safe: nothing hard found or unknown, and every other finding accepted by name."""
        return bool(self.at) and not self.reasons

    @property
    def reasons(self) -> tuple[str, ...]:
        """The checks that keep the launch from being ready."""
        hard = [f.check for f in self.findings if CHECKS[f.check].hard]
        open_ = [f.check for f in self.findings if not f.accepted]
        unknown = [name for name in self.unknown if CHECKS[name].hard]
        return tuple(name for name in CHECKS if name in {*hard, *open_, *unknown})

    def fails(self, level: str) -> bool:
        """Whether something at this severity or above is open and not accepted. `never`: nothing fails."""
        if level == "never":
            return False
        counted = SEVERITIES[: SEVERITIES.index(level) + 1]
        return any(f.severity in counted and not f.accepted for f in self.findings)

    def counts(self) -> dict[str, dict[Severity, int]]:
        """Open findings by question and severity."""
        found: dict[str, dict[Severity, int]] = {question: dict.fromkeys(SEVERITIES, 0) for question in QUESTIONS}
        for finding in self.findings:
            if not finding.accepted:
                found[finding.question][finding.severity] += finding.count
        return found

    def narrowed(self, checks: Sequence[str]) -> Readiness:
        """Only some checks."""
        return replace(
            self,
            findings=tuple(f for f in self.findings if f.check in checks),
            unknown={name: why for name, why in self.unknown.items() if name in checks},
            questions=tuple(q for q in self.questions if q.check in checks),
        )

    def as_json(self) -> dict[str, Any]:
        """The JSON of `check`."""
        return {
            "ready": self.ready,
            "findings": [finding.as_json() for finding in self.findings],
            "unknown": [{"check": name, "why": why} for name, why in self.unknown.items()],
            "questions": [asked.as_json() for asked in self.questions],
            "resolved": list(self.resolved),
            "at": self.at,
        }

    def text(self, *, rows: int = 3) -> str:
        """For a person: the verdict, then each finding with its first rows and the remedy."""
        lines = [self.headline()]
        for severity in SEVERITIES:
            for finding in (f for f in self.findings if f.severity == severity):
                lines += ["", *_finding_lines(finding, rows)]
        if self.unknown:
            lines += ["", "Could not be computed:", *(f"  {name}  {CHECKS[name].title}: {why}" for name, why in self.unknown.items())]
        unanswered = [q for q in self.questions if not q.answer]
        if unanswered:
            lines += ["", f"Questions nobody has answered ({len(unanswered)}):", *(f"  {q.check}  {q.question}" for q in unanswered)]
        return "\n".join(lines)

    def headline(self) -> str:
        """The verdict in a sentence."""
        open_ = [f for f in self.findings if not f.accepted]
        if self.ready:
            accepted = len(self.findings)
            return "Ready to launch: nothing is found." if not accepted else f"Ready to launch: {accepted} findings are accepted by name."
        parts = [f"{sum(f.severity == s for f in open_)} {s}" for s in SEVERITIES]
        held = f" Held up by {', '.join(self.reasons)}." if self.reasons else ""
        return f"Not ready to launch: open checks by severity: {', '.join(parts)}.{held}"


def _finding_lines(finding: Finding, rows: int) -> list[str]:
    check = CHECKS[finding.check]
    state = f"accepted by {finding.author}: {finding.reason}" if finding.accepted else "open"
    if finding.reason and not finding.accepted:
        state = f"open (accepted for {finding.accepted_count:,}, now more)"
    moved = f", {finding.trend:+,} since the last pull" if finding.trend else ""
    decided = f", {finding.settled:,} settled by decisions" if finding.settled else ""
    lines = [f"{finding.check:<4}{finding.severity.upper():<8} {finding.count:>7,}  {check.title}  [{safe_text(state)}{moved}{decided}]"]
    for row in finding.rows[:rows]:
        refs = " + ".join(f"{r.table} {r.id[:8]}" for r in row.records[:5]) + (" + …" if len(row.records) > 5 else "")
        detail = "; ".join(f"{name}: {safe_text(value, longest=60)}" for name, value in row.detail.items() if value)
        lines.append(f"        {safe_text(refs)}{'  ' if refs else ''}{detail}")
    if (more := finding.left_out + max(0, len(finding.rows) - rows)) and rows:
        lines.append(f"        … {more:,} more")
    lines.append(f"        -> {check.remedy}")
    return lines


def titles(names: Iterable[str]) -> str:
    """Ids with their titles, for sentences."""
    return ", ".join(f"{name} ({CHECKS[name].title})" for name in names)
