"""What the app says: the message line, errors in three sentences, questions, and which systems are worked on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.screen import Screen

from reconcile_tui.errors import ReconcileError
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.jobs import Job, work_line
from reconcile_tui.tui.line import Line

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

SIGNS = {
    "done": (glyphs.DONE, "good"),
    "why": (glyphs.DOT, "warn"),
    "warn": (glyphs.BLOCKED, "warn"),
    "bad": (glyphs.FAILED, "bad"),
}
"""Kinds of messages: done, why (an action is not possible now), warn, bad."""


class Telling(App[None]):
    """The part of the app that speaks."""

    workspace: Workspace
    message = Line()
    job: Job | None = None
    is_open = False

    def tell(self, text: str, *, kind: str = "done") -> None:
        """Say something in the message line. Kinds: done, why (an action is not possible now), warn, bad."""
        sign, role = SIGNS[kind]
        self.message = Line(f"{sign} ", role).value(" ".join(text.split()))
        self.refresh_told()

    def refresh_told(self) -> None:
        """The message line anew."""
        for stripe in self.screen.query("Told"):
            stripe.refresh()

    def explain(self, error: ReconcileError | dict[str, Any]) -> None:
        """Show what happened, what was kept and what to do."""
        from reconcile_tui.tui.dialogs.notice import Notice

        told = error if isinstance(error, dict) else {"what": error.what, "kept": error.kept, "todo": error.todo}
        self.tell(str(told["what"]), kind="bad")
        self.ask(Notice("That did not work", [str(told[k]) for k in ("what", "kept", "todo") if told.get(k)]))

    def badge(self, wide: bool) -> Line:
        """What is worked on: the sandbox, or the real systems."""
        if not self.is_open:
            return Line()
        project = self.workspace.project
        if self.workspace.mode == "read":
            return Line("READ ONLY" if wide else "READ", "live")
        embedded = all(settings.embedded for settings in project.systems.values())
        word, role = ("SANDBOX", "sandbox") if embedded else ("LIVE", "live")
        return Line(f" {word} " if wide else word, role)

    def work_line(self, width: int) -> Line:
        """The work that runs, for the message line."""
        return work_line(self.job, width) if self.job is not None and not self.job.quiet else Line()

    def ask(self, dialog: Screen[Any], then: Callable[[Any], object] | None = None) -> None:
        """Open a dialog; what follows from its answer is done when it has gone."""

        def answered(answer: Any) -> None:
            if then is not None:
                self.call_later(then, answer)

        self.push_screen(dialog, answered)
