"""The questionnaire: what no data can tell, asked of a person once, and said as open until somebody has answered.

A check that can't be computed (or not wholly) asks its own question; the rest belong to the scope of the sync and to its operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconcile_tui.readiness.check import QuestionOf, Severity
from reconcile_tui.readiness.registry import CHECKS


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Its id is stable; a check's question has the check's id."""

    id: str
    of: QuestionOf
    severity: Severity
    title: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its newest answer; empty when it was never answered."""

    question: Question
    answer: str = ""
    author: str = ""
    at: str = ""

    @property
    def id(self) -> str:
        """The question's id."""
        return self.question.id

    def as_json(self) -> dict[str, Any]:
        """For `check --json` and `questions --json`."""
        q = self.question
        return {
            "id": q.id, "of": q.of, "severity": q.severity, "title": q.title, "question": q.text, "why": q.why,
            "answered": bool(self.answer), "answer": self.answer, "author": self.author, "at": self.at,
        }  # fmt: skip


_OF_THE_SCOPE = (
    Question(
        "S1", "ops", "high", "The connector as assumed",
        "Which trial in a test environment has confirmed the assumed sync profile (match key, which record wins, blanks, filters, echo), "
        "and where did it differ?",
        "The forecast and half of the checks hold under this profile only.",
    ),
    Question(
        "S2", "Q4", "medium", "The clean-up", "Who cleans the duplicates that are left, and by when?",
        "What nobody has to do is not done.",
    ),
    Question(
        "S3", "ops", "medium", "Merging after launch",
        "How are duplicates merged once the sync runs: in which system first, and who merges the counterpart in the other one?",
        "A merge in one system only lets the other create the loser again.",
    ),
    Question(
        "S4", "Q3", "high", "Authority for consent", "Which system leads for consent, and who decides when the two disagree?",
        "Without one, whoever is saved last decides, also against an opt-out.",
    ),
    Question(
        "S5", "Q1", "medium", "Owners of created records", "Who owns the records that the sync creates, in each system?",
        "Records without an owner are nobody's work, and some filters leave them out.",
    ),
    Question(
        "S6", "ops", "medium", "Errors of the connector", "Who reads the connector's list of errors, how often, and who answers for it?",
        "A record that fails to sync does so in silence.",
    ),
    Question(
        "S7", "ops", "high", "The integration users",
        "As which user does the connector work in each system, and what else works as that user?",
        "Ignoring the connector's own changes only works when nothing else is changed under its name.",
    ),
)  # fmt: skip

ASKED: Mapping[str, Question] = {
    **{c.id: Question(c.id, c.of, c.severity, c.title, c.question, c.summary) for c in CHECKS.values() if c.question},
    **{question.id: question for question in _OF_THE_SCOPE},
}
"""All questions by id: those of the checks in their order, then those of the scope."""
