"""What can be gone to: groups, records, fields and findings, by what was typed. Read on the reader's thread; no widget."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from reconcile_tui.tui.words import CLASSES, plural, record_name
from reconcile_tui.workspace.matches import Filter, GroupRow
from reconcile_tui.workspace.search import Search

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

MOST = 40
"""Hits of one kind."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to go to. `id` names it in its kind: a group's id, a record's key, a field's name, a check's id. Texts are raw CRM text."""

    kind: Literal["group", "record", "field", "finding"]
    id: str
    text: str
    note: str = ""
    group: str = ""  # the group a record belongs to


Look = Callable[["Workspace", str], Sequence[Thing]]
"""Finds what fits a text."""


def things(workspace: Workspace, text: str) -> list[Thing]:
    """Everything that fits what was typed."""
    words = text.strip()
    return [*groups(workspace, words), *records(workspace, words), *_fields(workspace, words), *_findings(workspace, words)]


def not_indexed(workspace: Workspace) -> int:
    """Records whose index is not up to date: a search may miss some of them."""
    return sum(workspace.records.counts().values()) if Search(workspace).stale() else 0


def groups(workspace: Workspace, text: str) -> list[Thing]:
    """Groups by title or id."""
    text = text.strip()
    exact = workspace.matches.row(text)
    return [group_thing(row) for row in [*([exact] if exact else []), *workspace.matches.page(Filter(text=text), limit=MOST)]]


def group_thing(row: GroupRow) -> Thing:
    """A line of the queue as something to go to."""
    return Thing("group", row.id, f"{row.title} ({row.systems}, {CLASSES.get(row.klass, row.klass)})", row.state)


def records(workspace: Workspace, text: str) -> list[Thing]:
    """Records by any of their words."""
    return [
        Thing("record", str(f.key), f"{f.title} {f.detail}", record_name(f.ref), workspace.matches.group_of(f.key) or "")
        for f in Search(workspace).find(text.strip(), limit=MOST)
    ]


def _fields(workspace: Workspace, text: str) -> Iterator[Thing]:
    for record_type in workspace.project.record_types.values():
        for field in record_type.fields:
            if text.lower() in field.label.lower():
                yield Thing("field", field.name, f"{field.label}: groups in which it differs", record_type.name)


def _findings(workspace: Workspace, text: str) -> Iterator[Thing]:
    from reconcile_tui.readiness.registry import CHECKS
    from reconcile_tui.steps import check

    words = text.lower().split()
    for finding in check.stored(workspace, rows=0).findings:
        title = f"{finding.check} {CHECKS[finding.check].title}"
        if all(word in title.lower() for word in words):
            yield Thing("finding", finding.check, title, plural(finding.count, "row"))
