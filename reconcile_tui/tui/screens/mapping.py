"""Mapping: which fields travel which way through which transform, how alike both sides are, and which records may travel at all."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from reconcile_tui.steps import mapping as step
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.board import Board, Page
from reconcile_tui.tui.jobs import Job
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.mapping import editing, trying
from reconcile_tui.tui.mapping.fields import WIDE, Fields, details
from reconcile_tui.tui.screens.base import WorkScreen
from reconcile_tui.tui.words import plural, system_name

EXAMPLES = 24
"""Groups whose values are shown as examples."""

AT_ONCE = 50_000
"""Records up to which the facts are read as soon as the screen is opened; above, when they are asked for."""


class Mapping(WorkScreen):
    """Fields and eligibility."""

    place = "mapping"

    def __init__(self) -> None:
        """Begin without facts."""
        super().__init__()
        self.eligible: list[dict[str, Any]] = []
        self.fresh = False

    def body(self) -> ComposeResult:
        """Eligibility above, fields, one in full below."""
        with Vertical(classes="body"):
            page = Page(id="progress")
            page.can_focus = False
            yield page
            yield Fields()
            page = Page(id="below")
            page.can_focus = False
            yield page

    def renew(self) -> None:
        """Read the project, and what is kept of the facts."""
        project = self.workspace.project
        kept, self.fresh = step.kept(self.workspace)
        board = self.query_one(Fields)
        board.systems = (project.first, project.second or "")
        board.fields = [(record_type, field) for record_type in project.record_types.values() for field in record_type.fields]
        board.facts = {(f["record_type"], f["field"]): f for f in kept["fields"]} if kept else {}
        self.eligible = kept["eligible"] if kept else []
        board.set_count(len(board.fields), cursor=board.cursor)
        board.focus()
        self.redraw_eligibility()
        self.redraw()
        if kept is None and self.app.holds_pulled():
            self.app.read(lambda workspace: sum(workspace.records.counts().values()), self._begin, kind="mapping")

    def _begin(self, records: int) -> None:
        if records <= AT_ONCE and self.is_mounted and not self.eligible and self.app.holds_writable() and self.app.holds_idle():
            self.app.start(Job("mapping", "Mapping", quiet=True, on_end=self._read))

    def _read(self, job: Job) -> None:
        if job.result is not None and self.is_mounted:
            self.fresh = True
            self.renew()
            self.refresh_frame()

    def status_line(self) -> Line:
        """Where the map stands, and of when the facts are."""
        name = self.workspace.project.path.name if self.workspace.project.path else "reconcile.toml"
        line = Line("Mapping", "title").add("  ").add(f"{plural(len(self.query_one(Fields).fields), 'field')} in {name}", "dim")
        if not self.app.holds_pulled():
            return line.add(f" {glyphs.DOT} nothing is pulled yet", "dim")
        if not self.eligible:
            return line.add(f" {glyphs.DOT} ", "dim").add("r", "key").add(" reads how full and how alike both sides are", "dim")
        return line if self.fresh else line.add(f" {glyphs.DOT} numbers of an earlier pull or map; ", "warn").add("r", "key").add(" renews")

    @on(Board.Resized, "#progress")
    def redraw_eligibility(self) -> None:
        """The filters, for the present width."""
        page = self.query_one("#progress", Page)
        page.show(self._eligibility(max(40, page.size.width - 1)))

    def _eligibility(self, width: int) -> list[Line]:
        types = self.workspace.project.record_types.values()
        counts = {(e["system"], e["table"]): e for e in self.eligible}
        lines = []
        for record_type in types:
            for system, tables in record_type.tables.items():
                for table in tables:
                    line = Line(" ").cell(f"{system_name(system)} {table}", 22, "strong")
                    found = counts.get((system, table))
                    line.label(f"{found['eligible']:,} of {found['records']:,}" if found else "", 20 if width >= WIDE else 12).add(" ")
                    rule = record_type.eligible.get(system, {}).get(table, "") or "every active record"
                    lines.append(line.cell(rule, max(0, width - line.width), "dim"))
        return [Line("Who may leave their system", "head"), *lines, Line()]

    @on(Board.Moved, "#fields")
    @on(Board.Resized, "#below")
    def redraw(self) -> None:
        """The field under the cursor."""
        board, page = self.query_one(Fields), self.query_one("#below", Page)
        width = max(40, page.size.width - 1)
        lines: list[Line] = []
        if board.field is not None:
            record_type, field = board.field
            lines = details(record_type, field, board.facts_of(record_type.name, field.name), board.systems, width)
        page.show(lines[: max(3, page.size.height)])

    # -- actions

    def do_facts(self) -> None:
        """Read how full and how alike both sides are."""
        self.app.start(Job("mapping", "Mapping", on_end=self._read))

    def do_direction(self) -> None:
        """Which way the field travels."""
        self._edit(editing.choose_direction)

    def do_transform(self) -> None:
        """What a value goes through on its way."""
        self._edit(editing.choose_transform)

    def do_blank(self) -> None:
        """What an empty value does."""
        self._edit(editing.choose_blank)

    def do_wins(self) -> None:
        """Which value wins."""
        self._edit(editing.choose_rule)

    def _edit(self, ask: Any) -> None:
        chosen = self.query_one(Fields).field
        if chosen is None:
            self.app.tell("There is no field here.", kind="why")
        else:
            ask(self.app, chosen)

    def do_what_if(self) -> None:
        """Another eligibility rule: who would enter and leave, and what would be overwritten."""
        trying.choose_table(self.app)

    def do_rows(self) -> None:
        """Examples from groups in which the field differs."""
        from reconcile_tui.tui.dialogs.notice import Reader
        from reconcile_tui.workspace.matches import Filter

        chosen = self.query_one(Fields).field
        if chosen is None:
            return
        record_type, field = chosen
        rows = self.workspace.matches.page(Filter(field=field.name, record_type=record_type.name), limit=EXAMPLES)

        def draw(width: int) -> list[Line]:
            lines: list[Line] = []
            for row in rows:
                lines.append(Line().value(row.title, "strong"))
                for record in self.workspace.records.load(self.workspace.matches.members(row.id)):
                    native = record.native.get(field.column(record.ref.system, record.ref.table) or "")
                    line = Line("  ").cell(f"{system_name(record.ref.system)} {record.ref.table}", 22, "dim")
                    lines.append(line.cell(native if native not in (None, "") else glyphs.EMPTY, max(10, width - 24)))
            return lines or [Line("In no group does this field differ.", "dim")]

        self.app.ask(Reader(f"{field.label}: where the systems differ, as pulled", draw))


SCREEN = Mapping
