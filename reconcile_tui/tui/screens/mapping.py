"""Mapping: which fields travel which way through which transform, and which records may travel at all."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from reconcile_tui.errors import ReconcileError
from reconcile_tui.project import MappedField, RecordType
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.board import Board, Page
from reconcile_tui.tui.chrome import separator
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.screens.base import WorkScreen
from reconcile_tui.tui.words import RULES, plural, system_name

ARROWS = {"both": "↔", "forward": "→", "backward": "←", "none": "·"}
EXAMPLES = 6


class Fields(Board):
    """The field map, record type by record type."""

    head_lines = 1

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="fields")
        self.fields: list[tuple[RecordType, MappedField]] = []
        self.systems: tuple[str, str] = ("", "")

    @property
    def field(self) -> tuple[RecordType, MappedField] | None:
        """The field under the cursor."""
        return self.fields[self.cursor] if self.cursor < len(self.fields) else None

    def _widths(self, width: int) -> tuple[int, int]:
        side = max(14, min(30, (width - 66) // 2))
        return side, max(0, width - 2 * side - 48)

    def draw_head(self, y: int, width: int) -> Line:
        """Names of the columns."""
        side, rest = self._widths(width)
        line = Line(" ").label("field", 18, "head").label(system_name(self.systems[0]), side, "head").add("   ")
        line.label(system_name(self.systems[1]), side, "head").label("transform", 16, "head").label("blank", 10, "head")
        return line.label("which value wins", rest, "head")

    def draw(self, index: int, width: int) -> Line:
        """One field."""
        _, field = self.fields[index]
        side, rest = self._widths(width)
        line = Line(" ").cell(field.label, 17, "strong").add(" ").cell(_columns(field, self.systems[0]), side - 1, own=True).add(" ")
        line.add(f"{ARROWS[field.direction]}  ", "taken" if field.direction != "none" else "dim").cell(
            _columns(field, self.systems[1]), side, own=True
        )
        line.cell(field.transform.name if field.transform.name != "none" else "", 16, "dim")
        line.label({"propagate": "copies", "ignore": "ignored", "profile": ""}[field.blank], 10, "dim")
        rule = RULES.get(field.survivorship.partition(":")[0], field.survivorship)
        return line.label(f"{rule} (as one: {field.block})" if field.block else rule, rest, "dim")

    def copy_value(self) -> str:
        """The field's name."""
        return self.field[1].name if self.field else ""

    copy_record = copy_value


def _columns(field: MappedField, system: str) -> str:
    return ", ".join(dict.fromkeys(field.columns.get(system, {}).values())) or glyphs.UNMAPPED


class Mapping(WorkScreen):
    """Fields and eligibility."""

    place = "mapping"

    def body(self) -> ComposeResult:
        """Eligibility above, fields, examples below."""
        with Vertical(classes="body"):
            page = Page(id="progress")
            page.can_focus = False
            yield page
            yield Fields()
            page = Page(id="below")
            page.can_focus = False
            yield page

    def renew(self) -> None:
        """Read the project and count who is eligible."""
        project = self.workspace.project
        board = self.query_one(Fields)
        board.systems = (project.first, project.second or "")
        board.fields = [(record_type, field) for record_type in project.record_types.values() for field in record_type.fields]
        board.set_count(len(board.fields), cursor=board.cursor)
        board.focus()
        self.query_one("#progress", Page).show(self._eligibility())
        self.redraw()

    def status_line(self) -> Line:
        """The file it stands in."""
        name = self.workspace.project.path.name if self.workspace.project.path else "reconcile.toml"
        count = len(self.query_one(Fields).fields)
        return (
            Line("Mapping", "title")
            .add("  ")
            .add(f"{plural(count, 'field')} {glyphs.DOT} from {name}; change it there and open again", "dim")
        )

    def _eligibility(self) -> list[Line]:
        types = self.workspace.project.record_types.values()
        lines = [self._eligible(t, system, table) for t in types for system, tables in t.tables.items() for table in tables]
        return [Line("Who may leave their system", "head"), *lines, Line()]

    def _eligible(self, record_type: RecordType, system: str, table: str) -> Line:
        predicate = record_type.eligible.get(system, {}).get(table, "")
        line = Line(" ").cell(f"{system_name(system)} {table}", 22, "strong")
        counts = self.workspace.records.counts() if self.app.holds_pulled() else {}
        if (total := counts.get((system, table))) is not None:
            try:
                line.label(f"{len(self.workspace.records.eligible_keys(system, table)):,} of {total:,}", 18)
            except ReconcileError as error:
                return line.value(error.what, "bad")
        return line.value(predicate or "every active record", "dim")

    @on(Board.Moved, "#fields")
    @on(Board.Resized, "#below")
    def redraw(self) -> None:
        """The field under the cursor."""
        page = self.query_one("#below", Page)
        page.show(self._lines(max(40, page.size.width - 1))[: max(3, page.size.height)])

    def _lines(self, width: int) -> list[Line]:
        chosen = self.query_one(Fields).field
        if chosen is None:
            return []
        record_type, field = chosen
        lines = [separator(width, field.label, f"{record_type.name} {glyphs.DOT} {field.kind}")]
        if field.transform.name != "none":
            lines += wrapped(f"Transform {field.transform.name}: {field.transform.summary}", width)
        lines.append(Line("enter", "key").add(" shows examples from groups in which the two systems hold different values", "dim"))
        return lines

    # -- actions

    def do_rows(self) -> None:
        """Examples from groups in which the field differs."""
        from reconcile_tui.tui.dialogs.notice import Reader
        from reconcile_tui.workspace.matches import Filter

        chosen = self.query_one(Fields).field
        if chosen is None:
            return
        record_type, field = chosen
        rows = self.workspace.matches.page(Filter(field=field.name, record_type=record_type.name), limit=EXAMPLES * 4)

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

    def do_what_if(self) -> None:
        """Another eligibility rule: who would enter and leave."""
        from reconcile_tui.tui.dialogs.choose import Choose, Option

        tables = [(t, s, n) for t in self.workspace.project.record_types.values() for s, names in t.tables.items() for n in names]
        options = [
            Option(f"{system_name(s)} {n}", t.eligible.get(s, {}).get(n, "") or "every active record", str(i))
            for i, (t, s, n) in enumerate(tables)
        ]

        def answered(answer: str | None) -> None:
            if answer is not None:
                self._ask_rule(*tables[int(answer)])

        self.app.ask(Choose("Another eligibility rule: for which records?", options), answered)

    def _ask_rule(self, record_type: RecordType, system: str, table: str) -> None:
        from reconcile_tui.tui.dialogs.ask import Ask

        now = record_type.eligible.get(system, {}).get(table, "")

        def typed(rule: str | None) -> None:
            if rule is not None:
                self._tell_rule(system, table, rule)

        self.app.ask(
            Ask(f"Who of {system_name(system)} {table} may travel?", value=now, hint="a SQL condition over the table's columns"), typed
        )

    def _tell_rule(self, system: str, table: str, rule: str) -> None:
        from reconcile_tui.tui.dialogs.notice import Notice

        try:
            now, then = (set(self.workspace.records.eligible_keys(system, table, r)) for r in (None, rule))
        except ReconcileError as error:
            self.app.explain(error)
            return
        texts = [
            f"{len(then):,} records would be eligible instead of {len(now):,}.",
            f"{len(then - now):,} would enter, {len(now - then):,} would leave.",
            "Records that have synced once may keep syncing after a rule is narrowed, if the sync asks only at first (initial_only).",
            "To keep the rule, write it into reconcile.toml.",
        ]
        self.app.ask(Notice(f"{system_name(system)} {table}: {rule or 'every active record'}", texts))


SCREEN = Mapping
