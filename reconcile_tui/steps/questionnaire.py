"""Questionnaire: what data can't tell, asked of a person; answers are kept with who and when, and the newest stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile_tui.errors import UsageError
from reconcile_tui.readiness.check import SUPPRESSED_FILE
from reconcile_tui.readiness.questionnaire import ASKED, Asked
from reconcile_tui.readiness.registry import CHECKS
from reconcile_tui.workspace.checks import Checks

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

_ANSWERED_BY_A_FILE = {"L6": SUPPRESSED_FILE}
"""Questions that a file in the workspace answers."""


def questions(ws: Workspace) -> tuple[Asked, ...]:
    """Every question with its newest answer."""
    answers = Checks(ws).answers()
    asked = []
    for question in ASKED.values():
        given = answers.get(question.id)
        file = _ANSWERED_BY_A_FILE.get(question.id)
        if given is None and file is not None and (ws.folder / file).exists():
            asked.append(Asked(question, f"see {file}"))
        else:
            asked.append(Asked(question, *((given.answer, given.author, given.at) if given else ())))
    return tuple(asked)


def answer(ws: Workspace, question: str, text: str) -> Asked:
    """Answer a question; the newest answer stands. Raises UsageError."""
    name = question.upper()
    if name not in ASKED:
        known = f"Questions: {', '.join(ASKED)}."
        if name in CHECKS:
            raise UsageError(f"{name} asks nothing: it is computed.", todo=known)
        raise UsageError(f"There is no question {question!r}.", todo=known)
    if not text.strip():
        raise UsageError("An answer can't be empty.", todo="Answer in a sentence; it stands in the report under your name.")
    Checks(ws).answer(name, text.strip())
    asked = questions(ws)
    if short := ws.settings.get("readiness"):
        ws.settings.set("readiness", {**short, "open_questions": sum(not one.answer for one in asked)})
    return next(one for one in asked if one.id == name)
