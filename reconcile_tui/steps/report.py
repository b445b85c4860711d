"""Report: the sign-off page, built from what the workspace holds. Nothing is asked of the systems, nothing is invented."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.errors import UsageError
from reconcile_tui.readiness.report.content import Report
from reconcile_tui.steps import check as checking
from reconcile_tui.steps.progress import silent
from reconcile_tui.steps.reporting import forecasts, scope, work
from reconcile_tui.workspace.checks import Checks
from reconcile_tui.workspace.decisions import now

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

_LISTED = 500
"""Irreversible writes listed; all are counted."""


def build(ws: Workspace) -> Report:
    """Gather everything. Runs the checks first when they never ran, or records or the project file changed since. Raises ProjectError."""
    from reconcile_tui.readiness.field_facts import field_facts
    from reconcile_tui.steps.checking import feeding

    last = Checks(ws).last_run()
    old = last is None or last["at"] < feeding.newest_change(ws)
    feeding.renew_forecast(ws, silent)
    if not old:
        checking.catch_up(ws)
    readiness = checking.check(ws) if old else checking.stored(ws)
    context = feeding.context(ws)
    profile = context.profile
    named = _named(readiness)
    final = work.irreversible(ws)
    return Report(
        project=ws.project.name,
        made_at=now(),
        author=ws.author(),
        profile=profile.name,
        profile_summary=profile.summary,
        profile_source=profile.source,
        profile_caveat=profile.caveat,
        systems=tuple(ws.project.systems),
        readiness=readiness,
        tables=tuple(scope.tables(context)),
        fields=tuple(field_facts(context, named)),
        directions=_directions(ws),
        duplicates=tuple(scope.duplicates(context)),
        classes=scope.classes(ws),
        first=forecasts.first(ws),
        now=forecasts.totals(ws, "now"),
        after=forecasts.after(ws),
        by_field=forecasts.by_field(ws),
        example=forecasts.example(ws),
        throughput=work.throughput(ws),
        runs=tuple(work.runs(ws)),
        irreversible=tuple(final[:_LISTED]),
        irreversible_count=len(final),
        trend=tuple((t["at"], int(t["cells_certain"]) + int(t["cells_order_dependent"])) for t in ws.forecasts.trend()),
        notes=scope.notes(context),
    )


def _directions(ws: Workspace) -> dict[str, str]:
    """Directions in the project's words."""
    first, second = ws.project.first, ws.project.second or ""
    return {"forward": f"{first} to {second}", "backward": f"{second} to {first}", "both": "both ways", "none": "not synced"}


def html(report: Report) -> str:
    """The report as one self-contained page."""
    from reconcile_tui.readiness.report import page

    return page.html(report)


def markdown(report: Report) -> str:
    """The report as Markdown."""
    from reconcile_tui.readiness.report import markdown as writer

    return writer.markdown(report)


def _json(report: Report) -> str:
    return json.dumps(report.as_json(), ensure_ascii=False, indent=1)


WRITERS: dict[str, Callable[[Report], str]] = {".html": html, ".md": markdown, ".json": _json}
"""Forms of the report by the file's ending."""


def write(ws: Workspace, path: Path) -> Report:
    """Build the report and write it to a .html, .md or .json file (mode 0600: it holds personal data). Raises UsageError."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"{path.name!r} has no ending this can write.", todo=f"Known: {', '.join(WRITERS)}.")
    report = build(ws)
    handle, name = tempfile.mkstemp(dir=path.parent if str(path.parent) else ".", prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(writer(report))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return report


def _named(readiness: checking.Readiness) -> dict[str, dict[str, int]]:
    named: dict[str, dict[str, int]] = {}
    for finding in readiness.findings:
        for row in finding.rows:
            if field := row.detail.get("field"):
                counts = named.setdefault(field, {})
                counts[finding.check] = counts.get(finding.check, 0) + 1
    return named
