"""Home: where one stands and what to do next."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from reconcile_tui.tui import glyphs
from reconcile_tui.tui.board import Board, Page
from reconcile_tui.tui.chrome import facts
from reconcile_tui.tui.jobs import bar
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.screens.base import WorkScreen
from reconcile_tui.tui.standing import Stage, Standing, standing
from reconcile_tui.tui.words import clock, plural, system_name

NAME = 14
SIGNS = {"done": (glyphs.DONE, "good"), "part": ("○", "warn"), "todo": (glyphs.DOT, "dim")}


class Home(WorkScreen):
    """Seven steps from two CRMs to a safe launch, with what is done and what comes next."""

    place = "page"
    standing: Standing | None = None

    def body(self) -> ComposeResult:
        """One page."""
        with Vertical(classes="body"):
            yield Page(id="home")

    def status_line(self) -> Line:
        """What is worked on."""
        project = self.workspace.project
        names = " ↔ ".join(system_name(name) for name in project.systems)
        return Line("Home", "title").add("  ").value(facts(project.name, names, f"sync profile {project.sync.profile}"), "dim")

    def renew(self) -> None:
        """Read where the workspace stands; counting a million records takes longer than a key may."""
        self.query_one(Page).focus()
        self.app.read(standing, self._stand, kind="home")

    def _stand(self, now: Standing) -> None:
        self.standing = now
        self.redraw()

    def stake_changed(self) -> None:
        """Read again: the forecast is one of the steps."""
        self.renew()

    @on(Board.Resized, "#home")
    def redraw(self) -> None:
        """Draw for the present size."""
        if self.standing is None:
            return
        page = self.query_one(Page)
        page.show(home_lines(self.standing, max(40, page.size.width - 1), page.size.height))


def home_lines(now: Standing, width: int, height: int) -> list[Line]:
    """The page."""
    lines = [Line(), Line("Next   ", "dim").add(f" {now.next_key} ", "tab").add(f"  {now.next_text}", "strong"), Line()]
    roomy = height >= 28
    for number, stage in enumerate(now.stages, 1):
        lines += _stage(number, stage, width)
        if roomy:
            lines.append(Line())
    if not roomy:
        lines.append(Line())
    return [*lines, *_ready(now), *_trend(now, width, height - len(lines) - 4)]


def _stage(number: int, stage: Stage, width: int) -> list[Line]:
    sign, role = SIGNS[stage.state]
    line = Line(f"{sign} ", role).label(f"{number} {stage.name}", NAME, "strong" if stage.state != "todo" else "")
    if stage.share is not None:
        line.join(bar(stage.share, 20)).add(f" {stage.share:4.0%}   ")
    first, *rest = wrapped(facts(*stage.facts), width - line.width - 8) or [Line()]
    line.join(first).right(Line(stage.key, "key"), width)
    return [line, *(Line().to(NAME + 2).join(more) for more in rest)]


def _ready(now: Standing) -> list[Line]:
    if now.ready is None:
        return [Line("  ").label("Ready?", NAME, "strong").add("unknown until the readiness checks have run", "dim")]
    if now.ready:
        return [Line(f"{glyphs.DONE} ", "good").label("Ready", NAME, "strong").add("no overwrite in any order, no open blocker", "good")]
    return [Line(f"{glyphs.BLOCKED} ", "warn").label("Not ready", NAME, "strong").add("open blockers stand in the way of a launch", "warn")]


def _trend(now: Standing, width: int, room: int) -> list[Line]:
    """Cells at risk over time: one column a forecast, the newest on the right."""
    points = now.trend[-min(60, width - NAME - 12) :]
    if len(points) < 2:
        return []
    most = max(count for _, count in points) or 1
    lines = [Line(), Line("  Cells the sync would overwrite, forecast by forecast", "dim")]
    height = max(1, min(5, room - 2))
    for level in range(height, 0, -1):
        line = Line("  ").label(f"{most:,}" if level == height else "0" if level == 1 else "", NAME - 2, "dim", right=True).add(" ")
        for _, count in points:
            eighths = round(count / most * height * 8) - (level - 1) * 8
            line.add(" " if eighths <= 0 else glyphs.LEVELS[min(8, eighths) - 1], "bar")
        lines.append(line)
    first, last = points[0], points[-1]
    return [*lines, Line().to(NAME + 1).add(f"{clock(first[0])}  {glyphs.ARROW}  {clock(last[0])}: {plural(last[1], 'cell')}", "dim")]


SCREEN = Home
