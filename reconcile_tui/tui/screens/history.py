"""History: every decision, newest first: who, when, what, and whether it is in force."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from reconcile_tui.errors import ReconcileError
from reconcile_tui.model import Decision
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.board import Board
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.screens.base import WorkScreen
from reconcile_tui.tui.words import clock, said

CHUNK = 500
"""Entries read at once; more are read when the cursor comes to the end."""


GONE = "That group is no longer there: matching has put its records elsewhere."


WIDE = 100
"""Cells from which every column is as wide as its longest usual text."""


class Log(Board):
    """The decision log."""

    head_lines = 1

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="log")
        self.empty = "Nothing was decided yet. Decisions are made in Review (F2) and listed here, newest first."
        self.entries: list[Decision] = []
        self.undone: set[int] = set()
        self.titles: dict[str, str] = {}

    def draw_head(self, y: int, width: int) -> Line:
        """Names of the columns."""
        when, who, group = _columns(width)
        line = Line().label("no", 7, "head", right=True).add("  ").label("when", when, "head").label("who", who, "head")
        return line.label("group", group, "head").label("what", 20, "head")

    def draw(self, index: int, width: int) -> Line:
        """One entry."""
        entry = self.entries[index]
        gone = entry.seq in self.undone
        role = "dim" if gone or entry.kind in ("undo", "redo") else ""
        when, who, group = _columns(width)
        at = clock(entry.at) if width >= WIDE else clock(entry.at)[5:]
        line = Line().label(f"{entry.seq:,}", 7, "dim", right=True).add("  ").label(at, when, "dim").cell(entry.author, who - 1, role)
        line.add(" ").cell(self.title(entry.group), group - 1, role).add(" ")
        undone = f" {glyphs.NOT} undone" if gone else ""
        return line.cell(self._what(entry), max(0, width - line.width - len(undone)), role).add(undone, "warn")

    def _what(self, entry: Decision) -> str:
        if entry.kind in ("undo", "redo"):
            return f"{'took back' if entry.kind == 'undo' else 'put back'} {entry.payload.get('seq', '')}"
        return f"{said(entry)}: {entry.note}" if entry.note and entry.kind != "note" else said(entry)

    def title(self, group: str) -> str:
        """A name to recognise a group by."""
        if group not in self.titles:
            row = self.app.workspace.matches.row(group)  # type: ignore[attr-defined]
            self.titles[group] = row.title if row else group
        return self.titles[group]

    def copy_value(self) -> str:
        """What was decided."""
        return self._what(self.entries[self.cursor]) if self.entries else ""

    def copy_record(self) -> str:
        """The entry as JSON."""
        import json

        if not self.entries:
            return ""
        e = self.entries[self.cursor]
        return json.dumps(
            {"seq": e.seq, "at": e.at, "author": e.author, "group": e.group, "kind": e.kind, "payload": dict(e.payload), "note": e.note}
        )


def _columns(width: int) -> tuple[int, int, int]:
    """Cells of when, who and group; the rest says what."""
    return (18, 14, 30) if width >= WIDE else (13, 10, 22)


class History(WorkScreen):
    """Every decision."""

    place = "history"

    def body(self) -> ComposeResult:
        """The log."""
        with Vertical(classes="body"):
            yield Log()

    def renew(self) -> None:
        """Read the newest entries."""
        board = self.query_one(Log)
        board.entries = self.workspace.decisions.log(limit=CHUNK)
        board.undone = self.workspace.decisions.undone()
        board.set_count(len(board.entries), cursor=board.cursor)
        board.focus()

    def status_line(self) -> Line:
        """How many."""
        board = self.query_one(Log)
        last = board.entries[0].seq if board.entries else 0
        line = Line("History", "title").add("  ")
        return line.add(f"{last:,} entries, nothing is ever removed" if last else "nothing was decided yet", "dim")

    def on_board_moved(self, event: Board.Moved) -> None:
        """Read on at the end."""
        board = self.query_one(Log)
        if board.entries and event.index >= len(board.entries) - 1:
            more = self.workspace.decisions.log(limit=CHUNK, before=board.entries[-1].seq)
            if more:
                board.entries += more
                board.set_count(len(board.entries))

    def do_reopen(self) -> None:
        """Take back what is decided on this group, and show it."""
        from reconcile_tui.steps import decide

        board = self.query_one(Log)
        if not board.entries:
            self.app.tell("Nothing was decided yet.", kind="why")
            return
        group = board.entries[board.cursor].group
        if self.workspace.matches.row(group) is None:
            self.app.tell(GONE, kind="why")
            return
        try:
            decide.reopen(self.workspace, group)
        except ReconcileError as error:
            self.app.tell(str(error), kind="why")
            return
        self.app.changed()
        self.app.open_group(group)
        self.app.tell("The group is open again; what was chosen for its fields is kept.")

    def do_open(self) -> None:
        """The group of this decision."""
        board = self.query_one(Log)
        if not board.entries:
            self.app.tell("Nothing was decided yet.", kind="why")
        elif self.workspace.matches.row(board.entries[board.cursor].group) is None:
            self.app.tell(GONE, kind="why")
        else:
            self.app.open_group(board.entries[board.cursor].group)


SCREEN = History
