"""Records: search everything as one types, open any record, see what the system sent, go to its group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from reconcile_tui.errors import ReconcileError
from reconcile_tui.tui.acting import NEEDS
from reconcile_tui.tui.board import Board, Page
from reconcile_tui.tui.chrome import separator
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.screens.base import WorkScreen
from reconcile_tui.tui.things import Thing, group_thing, groups
from reconcile_tui.tui.words import day, plural, record_name, short_id, system_name
from reconcile_tui.workspace.search import Found, Search

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

MOST = 200


class FoundRecords(Board):
    """Records that fit what is typed."""

    head_lines = 1

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="found")
        self.found: list[Found] = []

    @property
    def record(self) -> Found | None:
        """The record under the cursor."""
        return self.found[self.cursor] if self.cursor < len(self.found) else None

    def draw_head(self, y: int, width: int) -> Line:
        """Names of the columns."""
        return (
            Line(" ")
            .label("system", 10, "head")
            .label("table", 10, "head")
            .label("id", 14, "head")
            .label("who", 28, "head")
            .label("what", 20, "head")
        )

    def draw(self, index: int, width: int) -> Line:
        """One record."""
        found = self.found[index]
        line = Line(" ").label(system_name(found.ref.system), 10).label(found.ref.table, 10, "dim").cell(short_id(found.ref.id), 14, "dim")
        line.cell(found.title, 27, "strong").add(" ")
        return line.cell(found.detail, max(0, width - line.width - 1), "dim")

    def copy_value(self) -> str:
        """The record's id."""
        return self.record.ref.id if self.record else ""

    def copy_record(self) -> str:
        """The whole payload."""
        return Search(self.app.workspace).fields(self.record.key) if self.record else ""  # type: ignore[attr-defined]


class RecordsScreen(WorkScreen):
    """Every record of both systems."""

    place = "records"
    total = 0

    def body(self) -> ComposeResult:
        """Search above, hits, the record below."""
        with Vertical(classes="body"):
            yield Input(placeholder="beginnings of words: a name, an e-mail, a phone number, an id", id="search")
            yield FoundRecords()
            page = Page(id="below")
            page.can_focus = False
            yield page

    def renew(self) -> None:
        """Make sure there is an index; search again."""
        self.query_one(FoundRecords).focus()
        if not self.app.holds_pulled():
            self._show([], 0)
            return
        self.search(self.query_one(Input).value)

    @on(Input.Changed, "#search")
    def typed(self, event: Input.Changed) -> None:
        """Search as one types."""
        self.search(event.value)

    @on(Input.Submitted, "#search")
    def submitted(self) -> None:
        """Into the list."""
        self.query_one(FoundRecords).focus()

    def search(self, text: str) -> None:
        """Show what fits, when the reader has found it."""

        def look(workspace: Workspace) -> tuple[list[Found], int, bool]:
            search = Search(workspace)
            found = search.find(text, limit=MOST) if text.strip() else search.first(limit=MOST)
            return found, sum(workspace.records.counts().values()), search.stale()

        def answered(answer: tuple[list[Found], int, bool]) -> None:
            found, total, stale = answer
            self._show(found, total)
            if stale:
                self.app.index(total, lambda: self.search(text))

        self.app.read(look, answered, kind="records")

    def show_record(self, key: str) -> None:
        """Come from elsewhere to a record, by its key."""
        self._show(Search(self.workspace).of([int(key)]), self.total)

    def _show(self, found: list[Found], total: int) -> None:
        board = self.query_one(FoundRecords)
        board.found, self.total = found, total
        board.empty = "No record has words that begin so." if self.app.holds_pulled() else NEEDS["pulled"]
        board.set_count(len(found), cursor=0)
        self.redraw()
        self.refresh_frame()

    def status_line(self) -> Line:
        """How many records there are, and how many fit."""
        shown = len(self.query_one(FoundRecords).found)
        text = f"{plural(self.total, 'record')}, {f'the first {shown}' if shown >= MOST else shown} shown"
        return Line("Records", "title").add("  ").add(text, "dim")

    @on(Board.Moved, "#found")
    @on(Board.Resized, "#below")
    def redraw(self) -> None:
        """The record under the cursor in short."""
        page = self.query_one("#below", Page)
        page.show(self._lines(max(40, page.size.width - 1))[: max(3, page.size.height)])

    def _lines(self, width: int) -> list[Line]:
        found = self.query_one(FoundRecords).record
        if found is None:
            return []
        (record,) = self.workspace.records.load([found.key]) or (None,)
        if record is None:
            return []
        group = self.workspace.matches.group_of(found.key)
        row = self.workspace.matches.row(group) if group else None
        lines = [separator(width, record_name(found.ref), f"saved {day(record.modified_at)}")]
        state = Line().label("State", 12, "dim").add("active" if record.active else "inactive", "" if record.active else "warn")
        lines.append(state.add(", the sync picks it up" if record.eligible else ", the sync does not pick it up", "dim"))
        by = Line().label("Saved by", 12, "dim")
        lines.append(by.cell(record.modified_by, width - 12) if record.modified_by else by.add("not told", "dim"))
        line = Line().label("Group", 12, "dim")
        lines.append(line.value(row.title).add("   o", "key").add(" opens it", "dim") if row else line.add("none: it stands alone", "dim"))
        lines += [Line().label("Linked to", 12, "dim").value(record_name(link)) for link in record.links]
        values = [(name.replace("_", " "), value) for name, value in record.values.items() if value]
        return [*lines, *(Line().label(name, 12, "dim").cell(value, width - 12) for name, value in values)]

    # -- actions

    def do_search(self) -> None:
        """Type."""
        self.query_one(Input).focus()

    def back(self) -> bool:
        """From the input to the list."""
        if self.query_one(Input).has_focus:
            self.query_one(FoundRecords).focus()
            return True
        return False

    def do_open(self) -> None:
        """Everything the system sent of this record."""
        from reconcile_tui.tui.dialogs.notice import Reader

        found = self.query_one(FoundRecords).record
        if found is None:
            self.app.tell("There is no record under the cursor.", kind="why")
            return
        raw = self.workspace.records.raw(found.key)

        def draw(width: int) -> list[Line]:
            lines: list[Line] = []
            for name, value in raw.items():
                first, *rest = wrapped(value if value is not None else "∅", width - 30, limit=40)
                lines += [Line().cell(name, 29, "dim").add(" ").join(first), *(Line().to(30).join(line) for line in rest)]
            return lines

        self.app.ask(Reader(f"{record_name(found.ref)}: as pulled", draw))

    def do_add(self) -> None:
        """Ask for the group this record belongs to; the one that was open last is offered first."""
        from reconcile_tui.tui.dialogs.finder import Finder

        found = self.query_one(FoundRecords).record
        if found is None:
            self.app.tell("There is no record under the cursor.", kind="why")
            return
        last = self.workspace.matches.row(self.workspace.settings.get("tui.group", ""))
        first = [group_thing(last)] if last is not None else []
        title = f"Add {found.title} to which group?"
        self.app.ask(Finder(title, "a name, or the group's id", groups, lambda group: self._add(found, group), first))

    def _add(self, found: Found, group: Thing) -> None:
        from reconcile_tui.steps import decide

        try:
            decide.add(self.workspace, group.id, found.ref)
        except ReconcileError as error:
            self.app.tell(str(error), kind="why")
            return
        self.app.changed()
        self.app.open_group(group.id)
        self.app.tell(f"{found.title} is in this group now   (z takes it out again)")

    def do_group(self) -> None:
        """Its group."""
        found = self.query_one(FoundRecords).record
        group = self.workspace.matches.group_of(found.key) if found else None
        if group:
            self.app.open_group(group)
        else:
            self.app.tell("This record stands alone: nothing was found that could be the same person.", kind="why")


SCREEN = RecordsScreen
