"""Who changed a value: asked of the systems in a process beside the screens, shown and forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconcile_tui.model import Ref
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.chrome import facts
from reconcile_tui.tui.dialogs.notice import Reader
from reconcile_tui.tui.jobs import Job
from reconcile_tui.tui.line import Line, paragraphs, wrapped
from reconcile_tui.tui.review.view import FieldRow, GroupView
from reconcile_tui.tui.words import clock, record_name

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp

WHEN = 18
"""Cells of a date and time."""


def show_changes(app: ReconcileApp, view: GroupView, row: FieldRow) -> None:
    """Ask who changed the selected field in each record of the group; the answer comes when the systems have told."""
    asking = [Line("Asking the systems …", "dim")]
    reader = Reader(f"Who changed {row.field.label}: {view.row.title}", lambda width: asking)
    app.ask(reader)

    def answered(job: Job) -> None:
        if job.result is None:
            reader.replace(lambda width: [Line("No answer came.", "dim")])  # why is told on top of this
        else:
            reader.replace(lambda width: change_lines(job.result, view, width))

    app.start(Job("field_history", "Who changed it", {"group": view.row.id, "field": row.field.name}, on_end=answered, quiet=True))


def change_lines(records: list[dict[str, Any]], view: GroupView, width: int) -> list[Line]:
    """Record by record, each value with its origin below it; values and names are raw CRM text."""
    number = {column.record.ref: n for n, column in enumerate(view.columns, 1)}
    lines: list[Line] = []
    for told in sorted(records, key=lambda told: number.get(Ref.from_json(told), 0)):
        ref = Ref.from_json(told)
        lines += [Line(f"{number.get(ref, '')} ", "key").value(record_name(ref), "title"), *_told(told, width), Line()]
    return lines[:-1]


def _told(told: Mapping[str, Any], width: int) -> list[Line]:
    lines: list[Line] = []
    for version in told["versions"]:
        first, *rest = wrapped(version["value"] if version["value"] is not None else glyphs.EMPTY, width - WHEN, limit=3)
        lines += [Line().cell(clock(version["at"]), WHEN, "dim").join(first), *(Line().to(WHEN).join(line) for line in rest)]
        origin = f"{version['told']}: {version['label']}" if version["label"] else version["told"]
        lines.append(Line().to(WHEN).value(facts(origin, f"user {version['user']}" if version["user"] else ""), "dim"))
    lines += paragraphs(told["note"], width, "warn" if told["versions"] else "dim") if told["note"] else []
    saved = told["record_saved"]
    if not told["versions"] and saved["at"]:
        by = f" by {saved['by']}" if saved["by"] else ""
        lines.append(Line().value(f"The record was saved last {clock(saved['at'])}{by}."))
    return lines
