"""Work beside the screens: jobs in a process of their own, questions to the helper process, reads on a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from reconcile_tui.errors import ReconcileError
from reconcile_tui.tui.jobs import AGAIN, Helper, Job
from reconcile_tui.tui.reading import Reader
from reconcile_tui.tui.telling import Telling

if TYPE_CHECKING:
    from reconcile_tui.tui.screens.base import WorkScreen
    from reconcile_tui.workspace import Workspace

T = TypeVar("T")

AT_ONCE = 2_000
"""Records up to which their index is built at once; beyond, in a process of its own."""


class Working(Telling):
    """The part of the app that has others work and hears how it goes."""

    helper: Helper
    reader: Reader
    _leaving = False

    def __init__(self) -> None:
        """Nothing runs, nothing has changed."""
        super().__init__()
        self.version = 0  # grows with every change of the workspace, so that screens know when to read again
        self._seen: dict[int, int] = {}

    def start(self, job: Job) -> None:
        """Run a job; only one that is not quiet at a time."""
        if not job.quiet:
            if self.job is not None:
                self.tell("Work is running. Wait for it, or stop it with ctrl+c.", kind="why")
                return
            self.job = job
        self.run_worker(self._work(job), group=f"job-{job.task}", exclusive=True, exit_on_error=False)
        self.refresh_told()

    def question(self, task: str, arguments: dict[str, Any], then: Callable[[dict[str, Any]], object]) -> None:
        """Ask the helper process; a newer question of the same kind takes the place of an unanswered one."""

        async def ask() -> None:
            then(await self.helper.ask(task, arguments))

        self.run_worker(ask, group=f"question-{task}", exclusive=True, exit_on_error=False)  # type: ignore[arg-type]  # coroutine functions are meant

    def read(self, read: Callable[[Workspace], T], then: Callable[[T], object], *, kind: str) -> None:
        """Read on the reader's thread, then show; a newer question of the same kind takes the place of an unanswered one."""

        async def ask() -> None:
            try:
                found = await self.reader.ask(read)
            except ReconcileError as error:
                self.tell(str(error), kind="bad")
                return
            then(found)

        self.run_worker(ask, group=f"read-{kind}", exclusive=True)  # type: ignore[arg-type]  # coroutine functions are meant

    async def on_unmount(self) -> None:
        """Nothing is left running."""
        if self.is_open:
            self.reader.close()
            await self.helper.close()

    async def _work(self, job: Job) -> None:
        try:
            await job.run(self.workspace.folder, self._job_moved, lambda text: self.tell(text, kind="warn"))
        finally:
            if self.job is job:
                self.job = None
        self._job_ended(job)

    def _job_moved(self, job: Job) -> None:
        self.refresh_told()
        screen = self.work_screen
        if screen is not None and hasattr(screen, "job_moved"):
            screen.job_moved(job)

    def _job_ended(self, job: Job) -> None:
        if not job.quiet:
            self.workspace.records.forget()
            self.reader.forget()
            self.version += 1
        if job.error is not None and job.error.get("stopped"):
            self.tell(f"{job.error['what']} {job.error['kept']}", kind="warn")
        elif job.error is not None:
            self.explain(job.error)
        elif not job.quiet:
            self.tell(f"{job.title} done")
        if job.on_end is not None:
            job.on_end(job)
        if (screen := self.work_screen) is not None and not job.quiet:
            self._seen[id(screen)] = self.version
            screen.renew()
            screen.refresh_frame()
        if self._leaving and self.job is None:
            self.exit()

    def apply_plan(self, digest: str, confirm: int | None, *, resume: bool = False) -> None:
        """Apply a kept plan, or go on with it, on the run screen."""
        arguments = {"digest": digest, "confirm": confirm, "resume": resume}
        self.switch_mode("run")
        self.call_later(self.start, Job("apply", "Apply", arguments, on_end=self.keep_report, again=AGAIN))

    def keep_report(self, job: Job) -> None:
        """Keep what became of each write, for the run screen."""
        if job.result is not None:
            self.workspace.settings.set(f"tui.report.{job.result['run']}", job.result)
            self.tell("The run has ended. v verifies it by reading everything back.")

    # -- the workspace has changed

    def changed(self) -> None:
        """Something was decided or loaded: screens read again when they are seen."""
        self.version += 1
        screen = self.work_screen
        if screen is not None:
            self._seen[id(screen)] = self.version
        self.forecast_again()

    def forecast_again(self) -> None:
        """What the sync would overwrite after what is decided by now: worked out beside the screens, shown when it comes."""
        if self.workspace.mode != "read" and self.workspace.forecasts.totals("now") is not None:
            self.question("after", {}, self._forecast_came)

    def _forecast_came(self, answer: dict[str, Any]) -> None:
        if answer.get("result") is None:
            return
        self.version += 1
        if (screen := self.work_screen) is not None:
            self._seen[id(screen)] = self.version
            screen.stake_changed()

    def stale_for(self, screen: WorkScreen) -> bool:
        """Whether the workspace has changed since this screen read it last; remembers that it does so now."""
        stale = self._seen.get(id(screen), 0) != self.version
        self._seen[id(screen)] = self.version
        return stale

    @property
    def work_screen(self) -> WorkScreen | None:
        """The work screen of the present mode, under any dialog."""
        from reconcile_tui.tui.screens.base import WorkScreen

        return next((s for s in reversed(self.screen_stack) if isinstance(s, WorkScreen)), None)

    # -- what can be asked for

    def index(self, records: int, then: Callable[[], object]) -> None:
        """Bring the index of so many records up to date: few at once, and `then`; many beside the screens."""
        if self.workspace.mode == "read" or self.job is not None:
            return
        if records > AT_ONCE:
            self.start(Job("index", "Index"))
            return
        from reconcile_tui.workspace.search import Search

        Search(self.workspace).build()
        then()

    def do_pull(self) -> None:
        """Pull both systems."""
        self.start(Job("pull", "Pull", on_end=self._pulled))

    def _pulled(self, job: Job) -> None:
        """Mapped columns that are not there are no reason to stop, but one to look at."""
        if job.result is not None and (missing := job.result["missing"]):
            from reconcile_tui.tui.dialogs.notice import Notice

            self.ask(Notice("Pulled, but columns of the field map are not there", missing))

    def do_match(self) -> None:
        """Find who is the same person."""
        self.start(Job("match", "Match", on_end=self._then_simulate))

    def _then_simulate(self, job: Job) -> None:
        if job.error is None:
            self.do_simulate()

    def do_simulate(self) -> None:
        """Forecast what the sync would overwrite, today and after cleaning."""
        self.start(Job("simulate", "Forecast"))

    def do_stop(self) -> None:
        """Ask: stop after the current step, or go on."""
        if (running := self.job) is None:
            self.tell("No work is running. ctrl+q quits.", kind="why")
            return
        from reconcile_tui.tui.dialogs.choose import Choose, Option

        options = [
            Option("go on", "The work goes on", "go"),
            Option("stop after the current step", "Everything done so far is kept", "stop"),
        ]

        def answered(answer: str | None) -> None:
            if answer == "stop" and self.job is not running:
                more = f" {self.job.title} goes on." if self.job is not None else ""
                self.tell(f"{running.title} had ended before it was stopped.{more}", kind="why")
            elif answer == "stop":
                running.stop()
                self.refresh_told()

        self.ask(Choose(f"{running.title} is running", options), answered)

    def do_quit(self) -> None:
        """Leave; work that runs is asked about first, and is brought to the end of its step."""
        if self.job is None:
            self.exit()
            return
        from reconcile_tui.tui.dialogs.choose import Choose, Option

        options = [
            Option("stay", "The work goes on", "stay"),
            Option("stop and quit", "After the current step; everything done so far is kept", "quit"),
        ]
        self.ask(Choose(f"{self.job.title} is running", options), lambda answer: self._leave() if answer == "quit" else None)

    def _leave(self) -> None:
        if self.job is None:
            self.exit()
            return
        self._leaving = True
        self.job.stop()
        self.refresh_told()
