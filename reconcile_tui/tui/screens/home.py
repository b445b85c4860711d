"""Home: where one stands and what to do next."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from reconcile_tui.tui import glyphs
from reconcile_tui.tui.actions import shown_key
from reconcile_tui.tui.board import Board, Page
from reconcile_tui.tui.chrome import facts
from reconcile_tui.tui.jobs import bar
from reconcile_tui.tui.keymap import live_keys
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.screens.base import WorkScreen
from reconcile_tui.tui.standing import Stage, Standing, standing
from reconcile_tui.tui.words import clock, plural, system_name

NAME = 14
WIDE = 90
"""Cells from which the chart is named in full."""
LEAST = 5
"""Lines below which a chart would show nothing."""
SIGNS = {"done": (glyphs.DONE, "good"), "part": ("○", "warn"), "todo": (glyphs.DOT, "dim")}


class Home(WorkScreen):
    """Seven steps from two CRMs to a safe launch, with what is done and what comes next."""

    place = "home"
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
        keys = {action: shown_key(key) for action, key in live_keys(self).items()}
        page.show(home_lines(self.standing, max(40, page.size.width - 1), page.size.height, keys))

    def do_next(self) -> None:
        """Do what comes next."""
        if self.standing is not None:
            self.app.action_act(self.standing.next)


def home_lines(now: Standing, width: int, height: int, keys: Mapping[str, str]) -> list[Line]:
    """The page; `keys` are the live ones by action."""
    next_ = Line("Next   ", "dim").add(f" {keys.get('home.next', 'enter')} ", "tab").add(f"  {now.next_text}", "strong")
    lines = [Line(), next_.add(f"   ({keys.get(now.next, '')})", "dim"), Line()]
    roomy = height >= 28
    for number, stage in enumerate(now.stages, 1):
        lines += _stage(number, stage, width, keys.get(stage.act, ""))
        if roomy:
            lines.append(Line())
    if not roomy:
        lines.append(Line())
    return [*lines, *_ready(now), *_trend(now, width, height - len(lines) - 4)]


def _stage(number: int, stage: Stage, width: int, key: str) -> list[Line]:
    sign, role = SIGNS[stage.state]
    line = Line(f"{sign} ", role).label(f"{number} {stage.name}", NAME, "strong" if stage.state != "todo" else "")
    if stage.share is not None:
        line.join(bar(stage.share, 20)).add(f" {stage.share:4.0%}   ")
    first, *rest = wrapped(facts(*stage.facts), width - line.width - 8) or [Line()]
    line.join(first).right(Line(key, "key"), width)
    return [line, *(Line().to(NAME + 2).join(more) for more in rest)]


def _ready(now: Standing) -> list[Line]:
    if now.ready is None:
        return [Line("  ").label("Ready?", NAME, "strong").add("unknown until the readiness checks have run", "dim")]
    if now.ready:
        return [Line(f"{glyphs.DONE} ", "good").label("Ready", NAME, "strong").add("no overwrite in any order, no open blocker", "good")]
    return [Line(f"{glyphs.BLOCKED} ", "warn").label("Not ready", NAME, "strong").add("open blockers stand in the way of a launch", "warn")]


def _trend(now: Standing, width: int, room: int) -> list[Line]:
    """Cells at risk over time, a column a forecast: shaded as of a launch then, solid what the decisions made by then would leave."""
    points = _points(now)
    if not points or room < LEAST:
        return []
    room_across = width - NAME - 4
    points = points[-room_across:]
    each = max(1, min(6, room_across // len(points)))
    most = max(max(today, left) for _, today, left in points) or 1
    height = max(1, min(6, room - 2))
    title = Line("  Cells the sync would overwrite   " if width >= WIDE else "  Cells at risk   ", "dim")
    title.add(glyphs.SHADE, "track").add(" launched then   ", "dim").add(glyphs.FULL, "bar").add(" after the decisions made by then", "dim")
    lines = [Line(), title]
    for level in range(height, 0, -1):
        line = Line("  ").label(f"{most:,}" if level == height else "0" if level == 1 else "", NAME - 2, "dim", right=True).add(" ")
        for _, today, left in points:
            line.join(_column(today / most * height, left / most * height, level, each))
        lines.append(line)
    (first, today, _), (last, _, left) = points[0], points[-1]
    when = clock(last) if len(points) == 1 else f"{clock(first)} {glyphs.ARROW} {clock(last)}"
    return [*lines, Line().to(NAME + 1).add(f"{when}: {today:,} {glyphs.ARROW} {plural(left, 'cell')}", "dim")]


def _points(now: Standing) -> list[tuple[str, int, int]]:
    """(when, launched then, after the decisions made by then): each forecast, with what decisions made of it until the next one."""
    ends = [*(at for at, _ in now.trend[1:]), "~"]  # after every moment
    points = []
    for (at, today), end in zip(now.trend, ends, strict=False):
        made = [(when, today, left) for when, left in now.cleaned if at <= when < end]
        points += made or [(at, today, today)]
    return points


def _column(today: float, left: float, level: int, cells: int) -> Line:
    """One cell row of a column whose values are in rows."""
    eighths = round((left - (level - 1)) * 8)
    wide = cells - 1 if cells > 1 else 1
    if eighths > 0:
        line = Line(glyphs.LEVELS[min(8, eighths) - 1] * wide, "bar")
    else:
        line = Line(glyphs.SHADE * wide, "track") if today - (level - 1) > 0.1 else Line(" " * wide)
    return line.add(" ") if cells > 1 else line


SCREEN = Home
