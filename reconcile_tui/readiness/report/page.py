"""The report as one HTML page: no script, no network, opens from disk, prints; every value is escaped and inert."""

from __future__ import annotations

from importlib import resources

from reconcile_tui.readiness.report.content import Report
from reconcile_tui.readiness.report.markup import text
from reconcile_tui.readiness.report.sections.findings import accepted, findings
from reconcile_tui.readiness.report.sections.forecast import forecast
from reconcile_tui.readiness.report.sections.opening import opening
from reconcile_tui.readiness.report.sections.questions import questions
from reconcile_tui.readiness.report.sections.work import appendix, applied, decisions


def html(report: Report) -> str:
    """The whole page."""
    css = (resources.files("reconcile_tui.readiness.report") / "page.css").read_text(encoding="utf-8")
    body = "".join(part(report) for _, _, part in _SECTIONS)
    links = "".join(f'<li><a href="#{name}">{text(title)}</a></li>' for name, title, _ in _SECTIONS[1:])
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">'
        f"<title>Launch readiness: {text(report.project)}</title><style>{css}</style></head>"
        f"<body><main>{body.replace('<!--nav-->', f'<nav aria-label=Contents><ul>{links}</ul></nav>', 1)}</main></body></html>\n"
    )


_SECTIONS = (
    ("top", "Top", opening),
    ("forecast", "What the sync would do", forecast),
    ("questions", "The four questions", questions),
    ("findings", "What the checks found", findings),
    ("accepted", "Accepted risks and open questions", accepted),
    ("decisions", "Decisions", decisions),
    ("applied", "Applied and verified", applied),
    ("appendix", "Appendix", appendix),
)
