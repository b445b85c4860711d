"""What became of each write of a run: as it goes, and afterwards from the report or the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconcile_tui.tui import glyphs
from reconcile_tui.tui.board import Board
from reconcile_tui.tui.chrome import facts
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.words import short_id, system_name

if TYPE_CHECKING:
    from reconcile_tui.stewardship.document import Write
    from reconcile_tui.workspace import Workspace

OUTCOMES: dict[str, tuple[str, str, str]] = {
    "done": (glyphs.DONE, "good", "done"),
    "already": (glyphs.SAME, "dim", "already so"),
    "changed_since_review": (glyphs.CHANGED, "differs", "changed since review, left alone"),
    "refused": (glyphs.FAILED, "bad", "refused"),
    "failed": (glyphs.FAILED, "bad", "failed"),
    "in_doubt": (glyphs.UNSURE, "warn", "in doubt: decided by reading at resume"),
    "skipped": (glyphs.SKIPPED, "dim", "not tried"),
}
KEPT = 500
"""Lines of a run in progress that stay on the screen."""


class Items(Board):
    """One line a write; `written` says what each is about."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="items")
        self.items: list[dict[str, Any]] = []
        self.written: Mapping[int, str] = {}

    def show(self, items: list[dict[str, Any]], *, cursor: int) -> None:
        """Show these."""
        self.items = items
        self.set_count(len(items), cursor=cursor)

    def know(self, written: Mapping[int, str]) -> None:
        """Learn what the writes are about."""
        self.written = written
        self.redraw()

    def draw(self, index: int, width: int) -> Line:
        """One item."""
        item = self.items[index]
        sign, role, word = OUTCOMES.get(str(item.get("outcome")), (glyphs.DOT, "dim", str(item.get("outcome", ""))))
        line = Line(f" {sign} ", role).label(f"{item['seq']:,}", 6, "dim", right=True).add("  ")
        detail = _detail(item)
        line.cell(self.written.get(item["seq"], ""), min(44, max(0, width - line.width - 12 - (24 if detail else 0)))).add(" ")
        line.value(word, role)
        return line.add("  ").cell(detail, max(0, width - line.width - 2), "dim") if detail else line

    def copy_value(self) -> str:
        """The item's text."""
        if not self.items:
            return ""
        item = self.items[self.cursor]
        return facts(self.written.get(item["seq"], ""), str(item.get("outcome", "")), _detail(item))

    copy_record = copy_value


def _detail(item: Mapping[str, Any]) -> str:
    detail = item.get("detail", "")
    if isinstance(detail, dict):
        return facts(*(f"{k}: {v}" for k, v in detail.items() if v not in (None, "", {}, [])))
    return str(detail)


def written_by(workspace: Workspace, digest: str) -> dict[int, str]:
    """What each write of a kept plan is about, in a few words; raw CRM text."""
    from reconcile_tui.stewardship.document import Plan

    document = workspace.runs.plan(digest)
    if document is None:
        return {}
    return {w.seq: _written(w) for w in Plan.from_json(document).writes}


def _written(write: Write) -> str:
    name = short_id(write.id) if write.records() else write.id  # a column's or a rule's name is of use only whole
    return f"{system_name(write.system)} {write.kind} {write.table} {name}"


def from_journal(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last outcome of each write, as the journal has it."""
    items = {}
    for entry in entries:
        if entry["phase"] == "outcome":
            detail = entry["detail"]
            items[entry["seq"]] = {"seq": entry["seq"], "outcome": detail.get("outcome"), "detail": detail.get("detail", "")}
    return list(items.values())
