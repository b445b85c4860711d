"""The application: one open workspace, screens by function key, undo. What it says is in `telling`, what others do for it in `working`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.screen import Screen

from reconcile_tui.display import safe_text
from reconcile_tui.errors import ReconcileError
from reconcile_tui.tui import glyphs, themes
from reconcile_tui.tui.acting import Acting
from reconcile_tui.tui.actions import SCREENS, bindings
from reconcile_tui.tui.jobs import Helper
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.pauses import settle
from reconcile_tui.tui.reading import Reader
from reconcile_tui.tui.working import Working

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


def _screen(name: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        import importlib

        screen: Screen[Any] = importlib.import_module(f"reconcile_tui.tui.screens.{name}").SCREEN()
        # What is new knows no older stylesheet; not told so, Textual parses all of it again, twice, some 60 ms.
        screen._css_update_count = screen.app._css_update_count
        return screen

    return make


class ReconcileApp(Acting, Working):
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
        self._first = "review" if guided else "home"
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
        self.workspace.slim()
        self.is_open = True
        self.helper = Helper(self.workspace.folder)
        self.reader = Reader(self.workspace)
        self.theme = themes.chosen(self._theme_asked or self.workspace.settings.get("tui.theme"))
        self.switch_mode(self._first)
        self._load_keymap()
        self.call_after_refresh(self._prepare)
        if self.workspace.forecasts.behind():
            self.call_after_refresh(self.forecast_again)

    @work(thread=True, exit_on_error=False)
    def _prepare(self) -> None:
        """Import what the first dialogs, the first group and the other screens need, while the first screen is looked at."""
        import importlib

        dialogs = ("dialogs.ask", "dialogs.choose", "dialogs.palette", "dialogs.help", "review.questions", "difference")
        for name in ("screens.review", *dialogs, *(f"screens.{name}" for name, _ in SCREENS)):
            importlib.import_module(f"reconcile_tui.tui.{name}")
        importlib.import_module("reconcile_tui.steps.decide")
        self.call_from_thread(self._read_ahead)

    @work(exit_on_error=False)
    async def _read_ahead(self) -> None:
        """Read a group beside the screens: what its values go through is imported then when the first one is shown."""
        from reconcile_tui.tui.review.deciding import first

        try:
            await self.reader.ask(first)
        finally:
            settle(self)

    def delay_update(self, delay: float = 0.0) -> None:
        """Paint at once: Textual hides a screen for 50 ms whenever one switches to it, also when there is nothing to hide."""

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
        self.open_on("review", "show_group", group)

    def open_on(self, name: str, method: str, argument: str) -> None:
        """Open a screen and have it show something, if it is still the screen by then."""

        def show() -> None:
            if self.current_mode == name and self.work_screen is not None:
                getattr(self.work_screen, method)(argument)

        self.switch_mode(name)
        self.call_later(show)

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
