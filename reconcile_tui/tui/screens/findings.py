"""Findings: what stands in the way of a launch, check by check, with the rows behind each and what to do about it."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from reconcile_tui.errors import ReconcileError
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.board import Board, Page
from reconcile_tui.tui.chrome import facts, separator
from reconcile_tui.tui.jobs import Job
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.screens.base import WorkScreen
from reconcile_tui.tui.words import plural, short_id, system_name

SEVERITIES = {"blocker": ("undecided", 0), "high": ("warn", 1), "medium": ("", 2)}
QUESTIONS = {"Q1": "record types", "Q2": "eligibility", "Q3": "fields", "Q4": "duplicates", "ops": "launch"}
KEPT = 50
"""Rows of a finding kept for the screen."""


class FindingsList(Board):
    """Open findings first, blockers on top."""

    head_lines = 1

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="findings")
        self.findings: list[dict[str, Any]] = []

    @property
    def finding(self) -> dict[str, Any] | None:
        """The finding under the cursor."""
        return self.findings[self.cursor] if self.cursor < len(self.findings) else None

    def draw_head(self, y: int, width: int) -> Line:
        """Names of the columns."""
        line = Line("   ").label("id", 5, "head").label("severity", 10, "head").label("count", 8, "head", right=True).add("   ")
        return line.label("about", 14, "head").label("what goes wrong", 40, "head")

    def draw(self, index: int, width: int) -> Line:
        """One finding."""
        finding = self.findings[index]
        role, _ = SEVERITIES[finding["severity"]]
        accepted, clear = bool(finding.get("accepted")), not finding["count"]
        sign, sign_role = (glyphs.DONE, "good") if clear else (glyphs.TYPED, "dim") if accepted else (glyphs.BLOCKED, role)
        quiet = "dim" if clear or accepted else ""
        line = Line(f" {sign} ", sign_role).label(finding["check"], 5, quiet or "strong").label(finding["severity"], 10, quiet or role)
        line.label(f"{finding['count']:,}", 8, quiet, right=True).add("   ")
        line.label(QUESTIONS.get(finding.get("question", ""), ""), 14, "dim")
        return line.label(str(finding.get("title", "")), max(0, width - line.width - 10), quiet).label(
            "  accepted" if accepted else "", 10, "dim"
        )

    def copy_value(self) -> str:
        """The finding in a line."""
        return f"{self.finding['check']} {self.finding.get('title', '')}: {self.finding['count']}" if self.finding else ""

    copy_record = copy_value


class FindingsScreen(WorkScreen):
    """Readiness."""

    place = "findings"

    def body(self) -> ComposeResult:
        """Findings above, one in full below."""
        with Vertical(classes="body"):
            yield FindingsList()
            page = Page(id="below")
            page.can_focus = False
            yield page

    def renew(self) -> None:
        """Read the last check."""
        kept = self.workspace.settings.get("tui.findings") or {"findings": [], "ready": None}
        titles = _titles()
        board = self.query_one(FindingsList)
        found = [{**titles.get(f["check"], {}), **f} for f in kept["findings"]]
        board.findings = sorted(found, key=lambda f: (not f["count"], bool(f.get("accepted")), SEVERITIES[f["severity"]][1], -f["count"]))
        self.ready = kept["ready"]
        board.set_count(len(board.findings), cursor=board.cursor)
        board.focus()
        self.redraw()

    def status_line(self) -> Line:
        """Ready or not."""
        board = self.query_one(FindingsList)
        line = Line("Findings", "title").add("  ")
        if self.ready is None:
            return line.add("not checked yet", "dim")
        open_ = [f for f in board.findings if f["count"] and not f.get("accepted")]
        blockers = sum(f["severity"] == "blocker" for f in open_)
        line.add("ready to launch" if self.ready else "not ready to launch", "good" if self.ready else "undecided")
        return line.add(f" {glyphs.DOT} {facts(plural(blockers, 'open blocker'), plural(len(open_) - blockers, 'other finding'))}", "dim")

    @on(Board.Moved, "#findings")
    @on(Board.Resized, "#below")
    def redraw(self) -> None:
        """The finding under the cursor."""
        page = self.query_one("#below", Page)
        page.show(self._lines(max(40, page.size.width - 1))[: max(3, page.size.height)])

    def _lines(self, width: int) -> list[Line]:
        finding = self.query_one(FindingsList).finding
        if finding is None:
            return [Line("The checks have not run yet. ").add("r", "key").add(" runs them.", "dim")]
        lines = [separator(width, f"{finding['check']} {finding.get('title', '')}", plural(finding["count"], "row"))]
        for text, role in ((finding.get("summary", ""), ""), (finding.get("remedy", ""), "taken")):
            lines += wrapped(text, width, role) if text else []
        return [*lines, *(_row(row, width) for row in finding.get("rows", []))]

    # -- actions

    def do_check(self) -> None:
        """Run the checks."""
        self.app.start(Job("check", "Check", on_end=self._checked))

    def _checked(self, job: Job) -> None:
        if job.result is not None:
            for finding in job.result["findings"]:
                finding["rows"] = finding.get("rows", [])[:KEPT]
            self.workspace.settings.set("tui.findings", job.result)

    def do_rows(self) -> None:
        """The rows behind the finding; the group of the first one can be opened from there."""
        from reconcile_tui.model import Ref
        from reconcile_tui.tui.dialogs.choose import Choose, Option

        finding = self.query_one(FindingsList).finding
        rows = finding.get("rows", []) if finding else []
        if not rows:
            self.app.tell("There are no rows behind this." if finding else "Run the checks first (r).", kind="why")
            return
        options = [
            Option(_named(row), facts(*(f"{k}: {v}" for k, v in row.get("detail", {}).items())), str(n)) for n, row in enumerate(rows)
        ]

        def answered(answer: str | None) -> None:
            records = rows[int(answer)]["records"] if answer is not None else []
            key = self.workspace.records.key_of(Ref.from_json(records[0])) if records else None
            group = self.workspace.matches.group_of(key) if key is not None else None
            if group:
                self.app.open_group(group)
            elif answer is not None:
                self.app.tell("This record stands in no group.", kind="why")

        title = f"{finding['check']}: {plural(finding['count'], 'row')}" if finding else ""
        self.app.ask(Choose(title, options, [Line("enter opens the group of the record", "dim")]), answered)

    def do_accept(self) -> None:
        """Accept by name."""
        from reconcile_tui.tui.dialogs.ask import Ask

        finding = self.query_one(FindingsList).finding
        if finding is None or not finding["count"]:
            self.app.tell("There is nothing to accept here.", kind="why")
            return

        def typed(reason: str | None) -> None:
            if reason:
                self._accept(finding, reason)

        check = lambda text: "" if text.strip() else "A reason is needed: it stands in the sign-off."  # noqa: E731
        self.app.ask(Ask(f"Accept {finding['check']}: why is it all right?", hint="kept with your name and the time", check=check), typed)

    def _accept(self, finding: dict[str, Any], reason: str) -> None:
        try:
            self.workspace.decisions.accept(finding["check"], reason=reason, count=finding["count"])
        except ReconcileError as error:
            self.app.tell(str(error), kind="why")
            return
        kept = self.workspace.settings.get("tui.findings")
        for entry in kept["findings"]:
            if entry["check"] == finding["check"]:
                entry["accepted"] = True
        self.workspace.settings.set("tui.findings", kept)
        self.app.changed()
        self.renew()
        self.refresh_frame()
        self.app.tell(f"{finding['check']} accepted; r checks again whether all is well now")


def _row(row: dict[str, Any], width: int) -> Line:
    line = Line("  ").cell(_named(row), 34, "dim")
    return line.cell(facts(*(f"{k}: {v}" for k, v in row.get("detail", {}).items())), max(0, width - line.width))


def _named(row: dict[str, Any]) -> str:
    records = row.get("records", [])
    text = ", ".join(f"{system_name(r['system'])} {r['table']} {short_id(r['id'])}" for r in records[:2])
    return f"{text} and {len(records) - 2} more" if len(records) > 2 else text or "the project file"


def _titles() -> dict[str, dict[str, str]]:
    """Titles and remedies of the registry; empty when it can't be read."""
    try:
        from reconcile_tui.readiness.registry import CHECKS
    except ImportError:
        return {}
    return {id_: {"title": c.title, "summary": c.summary, "remedy": c.remedy} for id_, c in CHECKS.items()}


SCREEN = FindingsScreen
