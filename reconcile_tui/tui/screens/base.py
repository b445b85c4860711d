"""The frame every screen stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.screen import Screen

from reconcile_tui.tui.acting import Acting
from reconcile_tui.tui.actions import Place, bindings
from reconcile_tui.tui.board import INKS
from reconcile_tui.tui.chrome import Footer, Nav, Status, Told, TooSmall
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.pauses import settle

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp
    from reconcile_tui.workspace import Workspace


class WorkScreen(Acting, Screen[None]):
    """Tabs, status, the screen's own body, messages and keys. Subclasses give `body`, `status_line` and `renew`."""

    app: ReconcileApp
    COMPONENT_CLASSES: ClassVar[set[str]] = INKS
    place: ClassVar[Place] = "app"
    also: ClassVar[tuple[Place, ...]] = ()  # places of widgets whose actions the screen carries out
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (an instance variable of Textual)
        (0, "-tiny"),
        (60, "-narrow"),
        (110, "-wide"),
        (150, "-huge"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-low"),
        (16, "-short"),
        (30, "-tall"),
    ]

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Bind the keys of the screen's place."""
        if "place" in cls.__dict__:
            cls.BINDINGS = bindings(cls.place)
            cls.acts = frozenset({cls.place, *cls.also})
        super().__init_subclass__()

    @property
    def workspace(self) -> Workspace:
        """The open workspace."""
        return self.app.workspace

    def compose(self) -> ComposeResult:
        """The frame with the body inside."""
        self._fit()
        yield Nav()
        yield Status()
        yield from self.body()
        yield Told()
        yield Footer()
        yield TooSmall()

    def _fit(self) -> None:
        """Take the classes of the terminal's size. Textual gives them after the first picture, and lays all out anew."""
        for size, limits in zip(self.app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True):
            self.add_class(max(limit for limit in limits if limit[0] <= size)[1])

    def body(self) -> ComposeResult:
        """The screen's own widgets."""
        yield from ()

    def status_line(self) -> Line:
        """What the second line says."""
        return Line()

    def renew(self) -> None:
        """Read from the workspace again what this screen shows."""

    def stake_changed(self) -> None:
        """What the sync would overwrite after cleaning has changed: show it."""
        self.refresh_frame()

    def refresh_frame(self) -> None:
        """Tabs, status and messages anew."""
        self.query_one(Status).show(Line(" ").join(self.status_line()))
        for stripe in self.query("Nav, Told"):
            stripe.refresh()

    def on_mount(self) -> None:
        """Show what is there; afterwards the screen's own things are no more looked at for garbage."""
        self.renew()
        self.refresh_frame()
        self.call_after_refresh(settle, self.app)

    def on_screen_resume(self) -> None:
        """Coming back: things may have changed elsewhere."""
        if self.app.stale_for(self):
            self.renew()
        self.refresh_frame()

    def act(self, action_id: str) -> None:
        """Do an action by its id: the focused widget, this screen or the app carries it out."""
        place = action_id.partition(".")[0]
        chain = [self.focused, *self.query("*"), self, self.app]
        node = next((n for n in chain if isinstance(n, Acting) and place in n.acts), None)
        if node is not None:
            node.action_act(action_id)
