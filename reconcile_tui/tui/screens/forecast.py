"""Forecast: what the sync would overwrite, launched today and launched after cleaning, in total and group by group."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from reconcile_tui.tui import glyphs
from reconcile_tui.tui.acting import NEEDS
from reconcile_tui.tui.board import Board, Page
from reconcile_tui.tui.chrome import facts, separator
from reconcile_tui.tui.jobs import Job
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.screens.base import WorkScreen
from reconcile_tui.tui.standing import cells_of
from reconcile_tui.tui.words import ago, plural, record_name
from reconcile_tui.workspace.forecasts import LedgerGroup

SIDES = {"now": "launched today", "after": "launched after cleaning"}
PROBLEMS = 2
"""Problems of the field map and the filters that are shown."""
WIDE = 90
"""Cells from which the numbers stand under their bar."""
MOST = 2_000
"""Groups of the ledger that are shown."""


class Ledger(Board):
    """Collision groups in which something would be overwritten."""

    head_lines = 1

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="ledger")
        self.groups: list[LedgerGroup] = []
        self.titles: dict[str, str] = {}

    def title(self, group: LedgerGroup) -> str:
        """A name to recognise the group by."""
        if group.id not in self.titles:
            row = self.app.workspace.matches.row(group.review_group) if group.review_group else None  # type: ignore[attr-defined]
            self.titles[group.id] = row.title if row else group.id
        return self.titles[group.id]

    def draw_head(self, y: int, width: int) -> Line:
        """Names of the columns."""
        line = Line(" ").label("who", 34, "head").label("records", 9, "head", right=True).label("for sure", 10, "head", right=True)
        line.label("by order", 10, "head", right=True).add("   ").label("ends", 12, "head")
        return line.label("fields", max(0, width - line.width), "head")

    def draw(self, index: int, width: int) -> Line:
        """One group."""
        group = self.groups[index]
        certain = sum(cell.certainty == "certain" for cell in group.cells)
        line = Line(" ").cell(self.title(group), 33).add(" ").label(f"{len(group.records)}", 9, "dim", right=True)
        line.label(f"{certain or glyphs.DOT}", 10, "differs" if certain else "dim", right=True)
        order = len(group.cells) - certain
        line.label(f"{order or glyphs.DOT}", 10, "warn" if order else "dim", right=True).add("   ")
        line.label("one" if group.confluent else "several", 12, "dim" if group.confluent else "warn")
        names = ", ".join(dict.fromkeys(cell.field.replace("_", " ") for cell in group.cells))
        return line.label(names, max(0, width - line.width), "dim")

    def copy_value(self) -> str:
        """The group's title."""
        return self.title(self.groups[self.cursor]) if self.groups else ""

    copy_record = copy_value


class ForecastScreen(WorkScreen):
    """The ledger."""

    place = "forecast"

    def __init__(self) -> None:
        """Begin with today."""
        super().__init__()
        self.side = "now"

    def body(self) -> ComposeResult:
        """Totals above, groups, the cells of one below."""
        with Vertical(classes="body"):
            page = Page(id="progress")
            page.can_focus = False
            yield page
            yield Ledger()
            page = Page(id="below")
            page.can_focus = False
            yield page

    def renew(self) -> None:
        """Read the ledger."""
        board = self.query_one(Ledger)
        found = self.workspace.forecasts.groups(self.side, limit=MOST)
        board.groups = [group for group in found if group.cells or not group.confluent]
        board.empty = self._empty()
        board.titles.clear()
        board.set_count(len(board.groups), cursor=board.cursor)
        board.focus()
        self.redraw_totals()
        self.redraw()

    def stake_changed(self) -> None:
        """A decision came: the totals, and the groups after cleaning."""
        self.renew()
        self.refresh_frame()

    def status_line(self) -> Line:
        """Which side, under which profile."""
        totals = self.workspace.forecasts.totals(self.side)
        line = Line("Forecast", "title").add("  ").add(SIDES[self.side], "strong")
        if totals is None:
            return line
        profile = f"profile {totals['profile']}" if self.size.width >= WIDE else totals["profile"]
        return line.add(f" {glyphs.DOT} {facts(profile, 'computed ' + ago(totals['at']))}", "dim")

    @on(Board.Resized, "#progress")
    def redraw_totals(self) -> None:
        """Both sides as bars, cells at risk."""
        page = self.query_one("#progress", Page)
        totals = {side: self.workspace.forecasts.totals(side) for side in SIDES}
        width = max(40, page.size.width - 1)
        problems = problem_lines(totals[self.side], width)
        gap = [] if self.has_class("-short") else [Line()]  # on a low terminal the groups need every line
        page.show([*total_lines(totals, width), *(gap if problems else []), *problems, Line()])

    @on(Board.Moved, "#ledger")
    @on(Board.Resized, "#below")
    def redraw(self) -> None:
        """The cells of the group under the cursor."""
        page = self.query_one("#below", Page)
        page.show(self._lines(max(40, page.size.width - 1))[: max(3, page.size.height)])

    def _lines(self, width: int) -> list[Line]:
        board = self.query_one(Ledger)
        if not board.groups:
            return []
        group = board.groups[board.cursor]
        refs = self.workspace.records.refs({cell.record_key for cell in group.cells})
        lines = [separator(width, board.title(group), plural(len(group.cells), "cell"))]
        record = 30 if width >= 100 else 20
        value = max(8, (width - 14 - record - 14) // 2)
        for cell in group.cells:
            line = (
                Line()
                .label(cell.field.replace("_", " "), 13, "strong")
                .add(" ")
                .cell(record_name(refs[cell.record_key]), record - 1, "dim")
            )
            line.add(" ").cell(cell.value_now if cell.value_now is not None else glyphs.EMPTY, value, "differs").add(
                f" {glyphs.ARROW} ", "dim"
            )
            after = " | ".join(v if v is not None else glyphs.EMPTY for v in cell.after)
            lines.append(line.cell(after, value).label("  for sure" if cell.certainty == "certain" else "  by order", 11, "dim"))
        return lines

    def _empty(self) -> str:
        if not self.app.holds_pulled():
            return NEEDS["pulled"]
        if self.workspace.forecasts.totals(self.side) is None:
            return "Not computed yet. r forecasts a launch today and one after cleaning."
        return f"{glyphs.DONE} The sync would overwrite nothing."

    # -- actions

    def do_side(self) -> None:
        """Today, or after cleaning."""
        self.side = "after" if self.side == "now" else "now"
        self.query_one(Ledger).cursor = 0
        self.renew()
        self.refresh_frame()

    def do_walk(self) -> None:
        """Walk through the loss of the group's first value at stake; the others by the arrow keys."""
        from reconcile_tui.tui.dialogs.walk import Walk

        board = self.query_one(Ledger)
        group = board.groups[board.cursor] if board.groups else None
        if group is None or not group.cells:
            self.app.tell("There is no value at stake to walk to.", kind="why")
            return
        self.app.ask(Walk(board.title(group), group.record_type, group.records, after_plan=self.side == "after"))

    def do_group(self) -> None:
        """The group in the queue."""
        board = self.query_one(Ledger)
        group = board.groups[board.cursor].review_group if board.groups else None
        if group and self.workspace.matches.row(group) is not None:
            self.app.open_group(group)
        else:
            self.app.tell("There is no group to open here.", kind="why")

    def do_run(self) -> None:
        """Forecast anew."""
        self.app.do_simulate()

    def do_profile(self) -> None:
        """Forecast under another profile; the project's own stays what the queue goes by."""
        from reconcile_tui.forecast.profiles import PRESETS
        from reconcile_tui.tui.dialogs.choose import Choose, Option

        own = self.workspace.project.sync.profile
        options = [
            Option(name, f"the project's own: {preset.summary}" if name == own else preset.summary, name)
            for name, preset in PRESETS.items()
        ]
        options.sort(key=lambda option: option.value != own)

        def answered(name: str | None) -> None:
            if name is not None:
                self.app.start(Job("compare", "Forecast", {"profile": name}, on_end=self._compared))

        self.app.ask(Choose("Forecast under another sync profile", options), answered)

    def _compared(self, job: Job) -> None:
        from reconcile_tui.tui.dialogs.notice import Notice

        if job.result is not None:
            self.app.ask(Notice("Two profiles on the same data", [*str(job.result["text"]).splitlines(), job.result["caveat"]]))


def total_lines(totals: dict[str, dict[str, Any] | None], width: int) -> list[Line]:
    """Cells at risk of both sides, for sure and by order, as bars of one scale."""
    most = max((cells_of(t) or 0 for t in totals.values()), default=0) or 1
    room = min(50, width - 46)
    lines = []
    for side, total in totals.items():
        line = Line().label(SIDES[side], 26, "strong")
        if total is None:
            lines.append(line.add("not computed", "dim"))
            continue
        certain, order = int(total.get("cells_certain", 0)), int(total.get("cells_order_dependent", 0))
        line.add(glyphs.FULL * round(certain / most * room), "differs").add(glyphs.HALF * round(order / most * room), "warn")
        lines.append(line.to(26 + room + 1).add(f"{certain + order:>7,} cells"))
        several = int(total.get("groups", 0)) - int(total.get("confluent_groups", 0))
        ends = plural(several, "group can end in several ways", "groups can end in several ways")
        lines.append(
            Line()
            .to(26 if width >= WIDE else 4)
            .add(facts(f"{glyphs.FULL} {certain:,} for sure", f"{glyphs.HALF} {order:,} by order", ends), "dim")
        )
    return lines


def problem_lines(total: dict[str, Any] | None, width: int) -> list[Line]:
    """What of the field map or the filters could not be used, at most two lines each; the rest was forecast."""
    problems = total.get("problems", []) if total else []
    lines = []
    for problem in problems[:PROBLEMS]:
        first, *rest = wrapped(problem, width - 2, "warn", limit=2)
        lines += [Line(f"{glyphs.BLOCKED} ", "warn").join(first), *(Line("  ").join(more) for more in rest)]
    if len(problems) > PROBLEMS:
        lines.append(Line(f"  {glyphs.MORE} {len(problems) - PROBLEMS} more; reconcile-tui simulate tells them all", "dim"))
    return lines


SCREEN = ForecastScreen
