"""The application: one open workspace, screens by function key, messages, undo, work beside the screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App
from textual.screen import Screen

from reconcile_tui.display import safe_text
from reconcile_tui.errors import ReconcileError
from reconcile_tui.tui import glyphs, themes
from reconcile_tui.tui.acting import Acting
from reconcile_tui.tui.actions import SCREENS, bindings
from reconcile_tui.tui.jobs import Helper, Job, work_line
from reconcile_tui.tui.line import Line

if TYPE_CHECKING:
    from reconcile_tui.tui.screens.base import WorkScreen
    from reconcile_tui.workspace import Workspace


def _screen(name: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        import importlib

        return importlib.import_module(f"reconcile_tui.tui.screens.{name}").SCREEN()  # type: ignore[no-any-return]

    return make


class ReconcileApp(Acting, App[None]):
    """The screens over one workspace. `failure` is the error that ended them, if one did."""

    TITLE = "reconcile"
    CSS_PATH = "app.tcss"
    BINDINGS = bindings("app")
    acts = frozenset({"app"})
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    MODES: ClassVar = {name: _screen(name) for name in ("opening", *(name for name, _ in SCREENS))}
    DEFAULT_MODE = "opening"

    def __init__(
        self, workspace: Workspace | Callable[[], Workspace], *, guided: bool = False, ascii: bool = False, theme: str | None = None
    ) -> None:
        """Take over an open workspace, or open it behind the first picture, which is there at once."""
        super().__init__()
        self.workspace: Workspace
        if callable(workspace):
            self._opener = workspace
        else:
            self.workspace = workspace
            self._opener = lambda: workspace
        self.guided = guided
        self.ascii = ascii or glyphs.wants_ascii()
        self.message = Line()
        self.failure: BaseException | None = None
        self.job: Job | None = None
        self.is_open = False
        self._first = "review" if guided else "home"
        self.version = 0  # grows with every change of the workspace, so that screens know when to read again
        self._seen: dict[int, int] = {}
        self._theme_asked = theme

    # -- start

    def on_mount(self) -> None:
        """Themes first; then, when the first picture is painted, the workspace."""
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.chosen(self._theme_asked)
        self.set_class(self.ascii, "-ascii")
        self.call_after_refresh(self._open_workspace)

    def _open_workspace(self) -> None:
        try:
            self.workspace = self._opener()
        except Exception as error:  # noqa: BLE001 (told by the command line when the screens are gone)
            self.failure = error
            self.exit(return_code=1)
            return
        self.is_open = True
        self.helper = Helper(self.workspace.folder)
        self.theme = themes.chosen(self._theme_asked or self.workspace.settings.get("tui.theme"))
        self.switch_mode(self._first)
        self._load_keymap()
        self.call_after_refresh(self._prepare)

    @work(thread=True, exit_on_error=False)
    def _prepare(self) -> None:
        """Import what the first dialogs and the first group need, while the first screen is looked at."""
        import importlib

        for name in (
            "dialogs.ask",
            "dialogs.choose",
            "dialogs.palette",
            "dialogs.help",
            "review.questions",
            "screens.review",
            "difference",
        ):
            importlib.import_module(f"reconcile_tui.tui.{name}")
        importlib.import_module("reconcile_tui.steps.decide")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Names the stylesheet uses, for themes that don't bring them."""
        return themes.ANSI_VARIABLES

    def _load_keymap(self) -> None:
        from reconcile_tui.tui.keymap import load

        keymap, problem = load(self.workspace.folder)
        if keymap:
            self.set_keymap(keymap)
        if problem:
            self.tell(problem, kind="warn")

    def _handle_exception(self, error: Exception) -> None:
        """Leave in order; the command line tells what happened, and `--debug` shows where."""
        if self.is_headless:
            super()._handle_exception(error)
            return
        self.failure = self.failure or error
        self._return_code = 1
        self._close_messages_no_wait()

    # -- what holds

    def holds_writable(self) -> bool:
        """Whether decisions can be kept."""
        return self.workspace.mode != "read"

    def holds_idle(self) -> bool:
        """Whether no work runs."""
        return self.job is None

    def holds_pulled(self) -> bool:
        """Whether there are records."""
        return bool(self.workspace.records.tables())

    # -- messages

    def tell(self, text: str, *, kind: str = "done") -> None:
        """Say something in the message line. Kinds: done, why (an action is not possible now), warn, bad."""
        signs = {
            "done": (glyphs.DONE, "good"),
            "why": (glyphs.DOT, "warn"),
            "warn": (glyphs.BLOCKED, "warn"),
            "bad": (glyphs.FAILED, "bad"),
        }
        sign, role = signs[kind]
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

    # -- the workspace has changed

    def changed(self) -> None:
        """Something was decided or loaded: screens read again when they are seen."""
        self.version += 1
        screen = self.work_screen
        if screen is not None:
            self._seen[id(screen)] = self.version

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

    # -- work beside the screens

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

        self.run_worker(ask(), group=f"question-{task}", exclusive=True, exit_on_error=False)

    async def on_unmount(self) -> None:
        """Nothing is left running."""
        if self.is_open:
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

    def apply_plan(self, digest: str, confirm: int | None, *, resume: bool = False) -> None:
        """Apply a kept plan, or go on with it, on the run screen."""
        arguments = {"digest": digest, "confirm": confirm, "resume": resume}
        self.switch_mode("run")
        self.call_later(self.start, Job("apply", "Apply", arguments, on_end=self.keep_report))

    def keep_report(self, job: Job) -> None:
        """Keep what became of each write, for the run screen."""
        if job.result is not None:
            self.workspace.settings.set(f"tui.report.{job.result['run']}", job.result)
            self.tell("The run has ended. v verifies it by reading everything back.")

    # -- actions

    def _open(self, name: str) -> None:
        if self.current_mode != name:
            self.switch_mode(name)

    def action_act(self, action_id: str) -> None:
        """Until the workspace is open only leaving is possible; a screen asked for by then is the first one."""
        name = action_id.partition(".")[2]
        if self.is_open or name == "quit":
            super().action_act(action_id)
        elif name in self.MODES:
            self._first = name

    def carry_out(self, name: str) -> None:
        """Screens are opened by their names; everything else is a method."""
        if name in self.MODES:
            self._open(name)
        else:
            super().carry_out(name)

    def open_group(self, group: str) -> None:
        """Show a group in the review screen."""
        self.workspace.settings.set("tui.group", group) if self.holds_writable() else None
        self.switch_mode("review")
        self.call_later(self._show_group, group)

    def _show_group(self, group: str) -> None:
        screen = self.work_screen
        if screen is not None and hasattr(screen, "show_group"):
            screen.show_group(group)

    def do_help(self) -> None:
        """The keys of this screen."""
        from reconcile_tui.tui.dialogs.help import Help

        if (screen := self.work_screen) is not None:
            self.ask(Help(screen))

    def do_palette(self) -> None:
        """Everything by name."""
        from reconcile_tui.tui.dialogs.palette import Palette

        if (screen := self.work_screen) is not None:
            self.ask(Palette(screen))

    def do_go(self) -> None:
        """Go to a group or record."""
        from reconcile_tui.tui.dialogs.palette import Palette

        if (screen := self.work_screen) is not None:
            self.ask(Palette(screen, things_only=True))

    def do_undo(self) -> None:
        """Take the last decision back and show its group."""
        self._step_back("undo", "Nothing left to undo.", "Undone")

    def do_redo(self) -> None:
        """Put back what was undone last and show its group."""
        self._step_back("redo", "Nothing to redo.", "Redone")

    def _step_back(self, name: str, nothing: str, told: str) -> None:
        from reconcile_tui.steps import decide
        from reconcile_tui.tui.words import said

        try:
            decision = getattr(decide, name)(self.workspace)
        except ReconcileError as error:
            self.tell(error.what, kind="why")
            return
        if decision is None:
            self.tell(nothing, kind="why")
            return
        self.changed()
        self.tell(f"{told}: {said(decision)}")
        screen = self.work_screen
        if screen is not None and hasattr(screen, "decided_elsewhere"):
            screen.decided_elsewhere(decision)
        elif screen is not None:
            screen.renew()
            screen.refresh_frame()

    def do_copy(self) -> None:
        """Copy the value under the cursor."""
        self._copy("copy_value")

    def do_copy_all(self) -> None:
        """Copy the record or line under the cursor."""
        self._copy("copy_record")

    def _copy(self, name: str) -> None:
        from reconcile_tui.tui.clipboard import copy

        for node in (self.focused, self.screen):
            if (giver := getattr(node, name, None)) is not None and (text := giver()):
                self.tell(copy(self, text))
                return
        self.tell("There is nothing to copy here.", kind="why")

    def do_theme(self) -> None:
        """The next theme, kept for the next time."""
        self.theme = themes.after(self.theme)
        if self.holds_writable():
            self.workspace.settings.set("tui.theme", self.theme)
        self.tell(f"Theme: {safe_text(self.theme)}")

    def do_pull(self) -> None:
        """Pull both systems."""
        self.start(Job("pull", "Pull"))

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
        if self.job is None:
            self.tell("No work is running. ctrl+q quits.", kind="why")
            return
        from reconcile_tui.tui.dialogs.choose import Choose, Option

        options = [
            Option("go on", "The work goes on", "go"),
            Option("stop after the current step", "Everything done so far is kept", "stop"),
        ]

        def answered(answer: str | None) -> None:
            if answer == "stop" and self.job is not None:
                self.job.stop()
                self.refresh_told()

        self.ask(Choose(f"{self.job.title} is running", options), answered)

    def do_next_pane(self) -> None:
        """The next pane."""
        self.screen.focus_next()

    def do_back(self) -> None:
        """One step back; never a consequence."""
        screen = self.work_screen
        if screen is not None and hasattr(screen, "back") and screen.back():
            return
        if self.current_mode != "home":
            self.switch_mode("home")

    def do_quit(self) -> None:
        """Leave; a running job is asked to stop and waited for by the worker's end."""
        if self.job is not None:
            self.job.stop()
        self.exit()
