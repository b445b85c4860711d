"""The questionnaire on the screen: every question with its answer, open ones first; an answer is typed and kept under one's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile_tui.readiness.questionnaire import Asked
from reconcile_tui.tui.dialogs.ask import Ask, told
from reconcile_tui.tui.dialogs.choose import Choose, Option
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.words import day, plural

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp


def open_questionnaire(app: ReconcileApp) -> None:
    """Choose a question, answer it, and come back for the next one."""
    from reconcile_tui.steps.questionnaire import questions

    asked = {one.id: one for one in questions(app.workspace)}
    still = [one for one in asked.values() if not one.answer]
    options = [_option(one) for one in [*still, *(one for one in asked.values() if one.answer)]]
    text = [Line(f"{plural(len(still), 'question')} open: what no data can tell.", "dim")]
    text.append(Line("The answers stand in the report and the policy.", "dim"))

    def chosen(answer: str | None) -> None:
        if answer is not None:
            _ask(app, asked[answer])

    app.ask(Choose("Questionnaire", options, text), chosen)


def _option(one: Asked) -> Option:
    note = f"{one.answer}{f'  ({one.author}, {day(one.at)})' if one.author else ''}" if one.answer else f"open, {one.question.severity}"
    return Option(f"{one.id:<4}{one.question.title}", note, one.id)


def _ask(app: ReconcileApp, one: Asked) -> None:
    from reconcile_tui.steps.questionnaire import answer

    def typed(text: str | None) -> None:
        if text is not None:
            answer(app.workspace, one.id, text)
            app.changed()
            if app.work_screen is not None:
                app.work_screen.renew()
                app.work_screen.refresh_frame()
            app.tell(f"{one.id} answered")
        open_questionnaire(app)

    empty = "An answer can't be empty: it stands in the report under your name."
    text = told(one.question.text, (one.question.why, "dim"))
    heading = f"{one.id} {one.question.title}"
    app.ask(Ask(heading, text=text, value=one.answer, hint="in a sentence", check=lambda typed: "" if typed.strip() else empty), typed)
