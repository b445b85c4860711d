"""Findings: what stands in the way of a launch, check by check, with the rows behind each and what to do about it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from reconcile_tui.errors import ReconcileError
from reconcile_tui.readiness.finding import Finding
from reconcile_tui.readiness.readiness import Readiness
from reconcile_tui.steps import check as step
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.acting import NEEDS
from reconcile_tui.tui.board import Board, Page
from reconcile_tui.tui.chrome import facts
from reconcile_tui.tui.findings.list import WIDE, FindingsList, counts, entries, head
from reconcile_tui.tui.findings.rows import Rows, line_of, open_row
from reconcile_tui.tui.jobs import Job
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.screens.base import WorkScreen
from reconcile_tui.tui.words import plural


class FindingsScreen(WorkScreen):
    """Readiness."""

    place = "findings"

    def __init__(self) -> None:
        """Nothing is read yet."""
        super().__init__()
        self.readiness = Readiness(())
        self.counted = False
        self.wanted = ""  # the check to stand on once the list is read

    def body(self) -> ComposeResult:
        """Counts, findings, one in full below."""
        with Vertical(classes="body"):
            page = Page(id="progress")
            page.can_focus = False
            yield page
            yield FindingsList()
            page = Page(id="below")
            page.can_focus = False
            yield page

    def renew(self) -> None:
        """Have the last check read; what was decided, accepted and answered since counts."""
        self.query_one(FindingsList).focus()
        self.app.read(lambda workspace: step.stored(workspace, rows=0), self._show, kind="findings")

    def _show(self, readiness: Readiness) -> None:
        if not self.is_mounted:
            return
        self.readiness, self.counted = readiness, True
        board = self.query_one(FindingsList)
        board.entries = entries(readiness)
        board.empty = self._empty()
        at = next((n for n, entry in enumerate(board.entries) if entry.check == self.wanted), board.cursor)
        self.wanted = ""
        board.set_count(len(board.entries), cursor=at)
        self.redraw()
        self.refresh_frame()

    def _count(self) -> None:
        tall = not self.has_class("-short") and not self.has_class("-low")
        self.query_one("#progress", Page).show(counts(self.readiness, tall=tall) if self.readiness.at else [])

    def status_line(self) -> Line:
        """Ready or not."""
        line = Line("Findings", "title").add("  ")
        if not self.counted:
            return line.add("counting what is open …", "dim")
        if not self.readiness.at:
            return line.add("not checked yet", "dim")
        open_ = [f for f in self.readiness.findings if not f.accepted]
        blockers = sum(f.severity == "blocker" for f in open_)
        ready = self.readiness.ready
        wide = self.size.width >= WIDE
        told = "ready to launch, as far as data can tell" if wide else "ready, as far as data can tell"
        line.add(told if ready else "not ready to launch" if wide else "not ready", "good" if ready else "undecided")
        parts = [plural(blockers, "open blocker"), plural(len(open_) - blockers, "other finding" if wide else "other")]
        parts += [f"{len(self.readiness.unknown)} unknown"] if self.readiness.unknown else []
        asked = len(self.readiness.open_questions)
        parts += [plural(asked, "open question" if wide else "question")] if asked else []
        return line.add(f" {glyphs.DOT} {facts(*parts)}", "dim")

    @on(Board.Moved, "#findings")
    @on(Board.Resized, "#below")
    def redraw(self) -> None:
        """The finding under the cursor."""
        page = self.query_one("#below", Page)
        room = max(3, page.size.height)
        page.show(self._lines(max(40, page.size.width - 1), room)[:room])
        self._count()

    def _lines(self, width: int, room: int) -> list[Line]:
        entry = self.query_one(FindingsList).entry
        if entry is None:
            return []
        lines = head(entry, width)
        rows = step.rows(self.workspace, entry.check, limit=max(0, room - len(lines))) if entry.finding else []
        return [*lines, *(line_of(row, width) for row in rows)]

    def _empty(self) -> str:
        if not self.app.holds_pulled():
            return NEEDS["pulled"]
        return f"{glyphs.DONE} Nothing was found." if self.readiness.at else "The checks have not run yet. r runs them."

    def show_check(self, check: str) -> None:
        """Come from elsewhere to a check."""
        self.wanted = check
        if self.counted:
            self._show(self.readiness)

    @property
    def finding(self) -> Finding | None:
        """The finding under the cursor; None also for one that could not be computed."""
        entry = self.query_one(FindingsList).entry
        return entry.finding if entry else None

    # -- actions

    def do_check(self) -> None:
        """Run the checks."""
        self.app.start(Job("check", "Check"))

    def do_rows(self) -> None:
        """The rows behind the finding; from there to a group or record."""
        finding = self.finding
        if finding is None:
            self.app.tell("There are no rows behind this." if self.readiness.at else "Run the checks first (r).", kind="why")
            return
        rows = Rows(self.workspace, finding, step.kept(self.workspace, finding.check))
        self.app.ask(rows, lambda row: open_row(self.app, row) if row is not None else None)

    def do_questions(self) -> None:
        """The questionnaire."""
        from reconcile_tui.tui.findings.questionnaire import open_questionnaire

        open_questionnaire(self.app)

    def do_accept(self) -> None:
        """Accept by name; what is accepted already is opened again."""
        from reconcile_tui.tui.dialogs.ask import Ask, told

        finding = self.finding
        if finding is None:
            self.app.tell("There is nothing to accept here.", kind="why")
            return
        if finding.accepted:
            self._withdraw(finding.check)
            return
        text = told(f"{plural(finding.count, 'row')}: {finding.title}. It counts as long as there are not more of them.")
        check = lambda text: "" if text.strip() else "A reason is needed: it stands in the sign-off."  # noqa: E731
        heading = f"Accept {finding.check}: why is it all right?"
        ask = Ask(heading, text=text, hint="kept with your name and the time", check=check)
        self.app.ask(ask, lambda reason: self._accept(finding.check, reason) if reason else None)

    def _withdraw(self, check: str) -> None:
        step.withdraw(self.workspace, check)
        self.app.changed()
        self.renew()
        self.refresh_frame()
        self.app.tell(f"{check}: the acceptance is taken back")

    def _accept(self, check: str, reason: str) -> None:
        try:
            accepted = step.accept(self.workspace, check, reason)
        except ReconcileError as error:
            self.app.explain(error)
            return
        self.app.changed()
        self.renew()
        self.refresh_frame()
        self.app.tell(f"{check} accepted for {plural(accepted.count, 'row')}")


SCREEN = FindingsScreen
