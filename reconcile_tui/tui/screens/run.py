"""Run: applying the plan live, what became of each write, verifying by reading back, taking back."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from reconcile_tui.tui import glyphs
from reconcile_tui.tui.board import Board, Page
from reconcile_tui.tui.chrome import facts
from reconcile_tui.tui.items import KEPT, OUTCOMES, Items, from_journal, written_by
from reconcile_tui.tui.jobs import AGAIN, Job, bar, duration
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.screens.base import WorkScreen
from reconcile_tui.tui.words import clock, plural

TASKS = {"apply": "applying the plan", "undo": "taking a run back", "verify": "reading everything back"}
"""Work that is watched here."""


class RunScreen(WorkScreen):
    """The last run, or the one in progress."""

    place = "run"

    def __init__(self) -> None:
        """Begin without a run."""
        super().__init__()
        self.run: dict[str, Any] | None = None
        self.report: dict[str, Any] | None = None
        self._learnt = ""

    def body(self) -> ComposeResult:
        """Progress above, items below."""
        with Vertical(classes="body"):
            page = Page(id="progress")
            page.can_focus = False
            yield page
            yield Items()

    def holds_ran(self) -> bool:
        """Whether something was applied."""
        return self.run is not None

    def renew(self) -> None:
        """Read the newest run from the journal."""
        self.run = next(iter(self.workspace.runs.all()), None)
        if self.run is not None and self.app.job is None:
            self._read(self.run)
        self.query_one(Items).focus()
        self.redraw()

    def _read(self, run: dict[str, Any]) -> None:
        kept = self.workspace.settings.get(f"tui.report.{run['id']}")
        self.report = kept
        items = kept["items"] if kept else from_journal(self.workspace.runs.journal(run["id"]))
        board = self.query_one(Items)
        notable = [i for i in items if i.get("outcome") not in ("done", "already")]
        board.show([*notable, *(i for i in items if i.get("outcome") in ("done", "already"))], cursor=0)
        self._learn(run["plan"])

    def _learn(self, digest: str) -> None:
        """What the plan's writes are about is read beside the screen: a plan may hold a hundred thousand."""
        if digest != self._learnt:
            self._learnt = digest
            self.app.read(lambda workspace: written_by(workspace, digest), self.query_one(Items).know, kind="written")

    def status_line(self) -> Line:
        """The run in a line."""
        line = Line("Run", "title").add("  ")
        if (job := self.app.job) is not None and job.task in TASKS:
            return line.add(TASKS[job.task], "strong")
        if self.run is None:
            return line.add("nothing was applied yet", "dim")
        ended = f"ended {clock(self.run['finished_at'])}" if self.run["finished_at"] else "in progress" if self.app.job else "interrupted"
        does = f"takes back run {self.run['of_run']}" if self.run["kind"] == "undo" else f"applies plan {str(self.run['plan'])[:12]}"
        return line.value(facts(f"run {self.run['id']} {does}", ended, f"by {self.run['author']}"), "dim")

    # -- progress

    def job_moved(self, job: Job) -> None:
        """Progress of the run: bars, and the latest lines."""
        if job.task not in TASKS:
            return
        if job.items:
            self._learn(job.arguments.get("digest", self._learnt))
            latest = job.items[-KEPT:]
            self.query_one(Items).show(latest, cursor=len(latest) - 1)
        self.redraw()
        self.refresh_frame()

    @on(Board.Resized, "#progress")
    def redraw(self) -> None:
        """Bars while it runs; sums when it has ended."""
        page = self.query_one("#progress", Page)
        page.show(self._lines(max(40, page.size.width - 1)))

    def _lines(self, width: int) -> list[Line]:
        job = self.app.job
        if job is not None and job.task in TASKS:
            return self._in_progress(job, width)
        if self.run is None:
            lines = [Line("Nothing was applied yet.", "strong"), Line("F7", "key").add(" shows the plan; A there applies it.")]
            return [
                *lines,
                Line(),
                *wrapped("Every write is journalled before it is sent: a run can be stopped, killed and resumed.", width, "dim"),
            ]
        return self._ended(width)

    def _in_progress(self, job: Job, width: int) -> list[Line]:
        lines = []
        across = 30 if width > 90 else 16
        for name, moment in job.stages.items():
            total = moment["total"] or 0
            line = Line().label(name, 22, "strong").join(bar(moment["done"] / total if total else 0, across))
            line.add(f"  {moment['done']:,}" + (f" of {total:,}" if total else ""))
            if moment["rate"]:
                line.add(f"   {moment['rate']:.1f}/s", "dim")
            if moment["left"] and moment["done"] < total:
                line.add(f"   {duration(moment['left'])} left", "dim")
            lines.append(line)
        hint = Line("x", "key").add(" stops after the current write; what is done is kept, R goes on.", "dim")
        return [*lines, Line(), hint]

    def _ended(self, width: int) -> list[Line]:
        assert self.run is not None  # noqa: S101 (asked before)
        lines = []
        if self.report is not None:
            line = Line()
            for name, (sign, role, word) in OUTCOMES.items():
                if count := self.report.get(name):
                    line.add(f"{sign} {count:,} {word}   ", role)
            lines.append(line)
        if not self.run["finished_at"]:
            return [*lines, Line("This run was interrupted. ", "warn").add("R", "key").add(" goes on; nothing is sent twice."), Line()]
        verified = self.workspace.settings.get(f"tui.verified.{self.run['id']}")
        if verified is None:
            lines.append(
                Line("Not verified yet. ", "dim").add("v", "key").add(" reads everything back and compares it with the plan.", "dim")
            )
        elif verified["as_planned"]:
            good = Line(f"{glyphs.DONE} Verified: every record reads back as planned.", "good")
            lines.append(good.add("  F1", "key").add(" says what comes next.", "dim"))
        else:
            lines.append(Line(f"{glyphs.BLOCKED} {plural(len(verified['differences']), 'value')} read back differently:", "warn"))
            lines += [Line("  ").value(_read_back(d)) for d in verified["differences"][:6]]
        return [*lines, Line()]

    # -- actions

    def do_verify(self) -> None:
        """Read back and compare."""
        if self.run is not None:
            number = self.run["id"]
            self.app.start(Job("verify", "Verify", {"run": number}, on_end=lambda job: self._verified(number, job)))

    def _verified(self, number: int, job: Job) -> None:
        if job.result is not None:
            self.workspace.settings.set(f"tui.verified.{number}", {**job.result, "differences": job.result["differences"][:100]})
            text = "Verified: every record reads back as planned." if job.result["as_planned"] else "Some values read back differently."
            self.app.tell(text, kind="done" if job.result["as_planned"] else "warn")

    def do_resume(self) -> None:
        """Go on with an interrupted run."""
        if self.run is not None and self.run["finished_at"]:
            self.app.tell("This run came to its end; there is nothing to resume.", kind="why")
        elif self.run is not None and self.run["kind"] == "undo":
            self.app.start(Job("undo", "Take back", {"run": self.run["of_run"], "resume": True}, on_end=self.app.keep_report, again=AGAIN))
        elif self.run is not None:
            self.app.apply_plan(self.run["plan"], None, resume=True)

    def do_stop(self) -> None:
        """Stop after the current write."""
        if self.app.job is not None:
            self.app.do_stop()
        else:
            self.app.tell("No run is in progress.", kind="why")

    def do_undo(self) -> None:
        """Say what can be taken back, ask for the number, take back."""
        if self.run is not None:
            number = self.run["id"]
            self.app.start(Job("undo_preview", "Take back", {"run": number}, on_end=lambda job: self._ask_undo(number, job), quiet=True))

    def _ask_undo(self, number: int, job: Job) -> None:
        from reconcile_tui.tui.dialogs.ask import TypedCount

        if job.result is None:
            return
        text = [line for part in str(job.result["text"]).splitlines()[:14] for line in wrapped(part, 68)]

        def typed(count: int | None) -> None:
            if count is None:
                self.app.tell("Nothing was sent.", kind="why")
            else:
                self.app.start(Job("undo", "Take back", {"run": number, "confirm": count}, on_end=self.app.keep_report, again=AGAIN))

        self.app.ask(TypedCount(f"Take back run {number}", text, job.result["records"], "records"), typed)


def _read_back(difference: dict[str, Any]) -> str:
    record = difference["record"]
    return f"{record['system']} {record['id']} {difference['field']}: planned {difference['planned']}, found {difference['found']}"


SCREEN = RunScreen
