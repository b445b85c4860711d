"""The answer of all checks together: ready or not, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reconcile_tui.readiness.check import SEVERITIES, Severity
from reconcile_tui.readiness.finding import Finding
from reconcile_tui.readiness.questionnaire import Asked
from reconcile_tui.readiness.registry import CHECKS, QUESTIONS


@dataclass(frozen=True)
class Readiness:
    """All findings, what could not be computed, and the questionnaire."""

    findings: tuple[Finding, ...]
    unknown: Mapping[str, str] = field(default_factory=dict)  # check -> why it could not be computed
    questions: tuple[Asked, ...] = ()
    at: str = ""
    resolved: tuple[str, ...] = ()  # checks that found something at an earlier pull and nothing now
    of: Readiness | None = None  # what this is a part of: the verdict is always that of the whole

    @property
    def ready(self) -> bool:
        """Whether the launch is safe as far as data can tell: nothing hard found, nothing unknown, every other finding accepted."""
        return bool(self.at) and not self.reasons

    @property
    def reasons(self) -> tuple[str, ...]:
        """The checks that keep the launch from being ready."""
        if self.of is not None:
            return self.of.reasons
        hard = [f.check for f in self.findings if CHECKS[f.check].hard]
        open_ = [f.check for f in self.findings if not f.accepted]
        unknown = [name for name in self.unknown if not CHECKS[name].question]
        return tuple(name for name in CHECKS if name in {*hard, *open_, *unknown})

    @property
    def open_questions(self) -> tuple[Asked, ...]:
        """What only a person can tell and nobody has told yet."""
        return tuple(asked for asked in self.questions if not asked.answer)

    def fails(self, level: str) -> bool:
        """Whether something at this severity or above is open and not accepted, or can't be computed. `never`: nothing fails.

        What a person can answer instead is an open question, not a failure; see `open_questions`.
        """
        if level == "never":
            return False
        counted = SEVERITIES[: SEVERITIES.index(level) + 1]
        unknown = any(CHECKS[name].severity in counted and not CHECKS[name].question for name in self.unknown)
        return unknown or any(f.severity in counted and not f.accepted for f in self.findings)

    def counts(self) -> dict[str, dict[Severity, int]]:
        """Open findings by question and severity."""
        found: dict[str, dict[Severity, int]] = {question: dict.fromkeys(SEVERITIES, 0) for question in QUESTIONS}
        for finding in self.findings:
            if not finding.accepted:
                found[finding.question][finding.severity] += finding.count
        return found

    def narrowed(self, checks: Sequence[str]) -> Readiness:
        """Only some checks; whether the launch is ready is still told of all."""
        return replace(
            self,
            findings=tuple(f for f in self.findings if f.check in checks),
            unknown={name: why for name, why in self.unknown.items() if name in checks},
            questions=tuple(asked for asked in self.questions if asked.id in checks),
            of=self,
        )

    def as_json(self) -> dict[str, Any]:
        """The JSON of `check`."""
        return {
            "ready": self.ready,
            "held_up_by": list(self.reasons),
            "findings": [finding.as_json() for finding in self.findings],
            "unknown": [{"check": name, "severity": CHECKS[name].severity, "why": why} for name, why in self.unknown.items()],
            "questions": [asked.as_json() for asked in self.questions],
            "open_questions": len(self.open_questions),
            "counts": self.counts(),
            "resolved": list(self.resolved),
            "at": self.at,
        }

    def text(self, *, rows: int = 3) -> str:
        """For a person: the verdict, then each finding with its first rows and the remedy."""
        from reconcile_tui.readiness.wording import text

        return text(self, rows)

    def headline(self) -> str:
        """The verdict in a sentence or two."""
        from reconcile_tui.readiness.wording import headline

        return headline(self)
