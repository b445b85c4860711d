"""What the palette finds besides actions: groups, records, fields and findings. Read on the reader's thread; no widget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from reconcile_tui.tui.words import CLASSES, plural, record_name
from reconcile_tui.workspace.matches import Filter
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


def things(workspace: Workspace, text: str) -> list[Thing]:
    """Everything that fits what was typed."""
    words = text.strip()
    return [*_groups(workspace, words), *_records(workspace, words), *_fields(workspace, words), *_findings(workspace, words)]


def _groups(workspace: Workspace, text: str) -> Iterator[Thing]:
    exact = workspace.matches.row(text)
    for row in [*([exact] if exact else []), *workspace.matches.page(Filter(text=text), limit=MOST)]:
        yield Thing("group", row.id, f"{row.title} ({row.systems}, {CLASSES.get(row.klass, row.klass)})", row.state)


def _records(workspace: Workspace, text: str) -> Iterator[Thing]:
    for found in Search(workspace).find(text, limit=MOST):
        group = workspace.matches.group_of(found.key) or ""
        yield Thing("record", str(found.key), f"{found.title} {found.detail}", record_name(found.ref), group)


def _fields(workspace: Workspace, text: str) -> Iterator[Thing]:
    for record_type in workspace.project.record_types.values():
        for field in record_type.fields:
            if text.lower() in field.label.lower():
                yield Thing("field", field.name, f"{field.label}: groups in which it differs", record_type.name)


def _findings(workspace: Workspace, text: str) -> Iterator[Thing]:
    kept = workspace.settings.get("tui.findings")
    if not kept:
        return
    from reconcile_tui.readiness.registry import CHECKS

    words = text.lower().split()
    counts = {finding["check"]: finding["count"] for finding in kept["findings"]}
    for check in CHECKS.values():
        if check.id in counts and all(word in f"{check.id} {check.title}".lower() for word in words):
            yield Thing("finding", check.id, f"{check.id} {check.title}", plural(counts[check.id], "row"))
