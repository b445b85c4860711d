"""What the checks found, what was accepted by name, and what only a person can tell."""

from __future__ import annotations

from reconcile_tui.readiness.check import SEVERITIES
from reconcile_tui.readiness.finding import Finding
from reconcile_tui.readiness.registry import CHECKS
from reconcile_tui.readiness.report.content import Report
from reconcile_tui.readiness.report.markup import day, table, text, value

_ROWS_SHOWN = 5


def findings(report: Report) -> str:
    """Every finding, with its first rows and the remedy, and what could not be computed."""
    found = report.readiness.findings
    parts = ['<section id="findings"><h2>What the checks found</h2>']
    if not found:
        parts.append("<p>Nothing.</p>")
    parts.append(
        "<p>Each line is one check; open it for the first records, how it is computed and what to do. A blocker must be gone before "
        "launch, or be accepted by name where the danger can be borne.</p>"
    )
    for severity in SEVERITIES:
        parts += [_finding(f) for f in found if f.severity == severity]
    if report.readiness.unknown:
        rows = [[f"<b>{text(n)}</b> {text(CHECKS[n].title)}", text(why, longest=600)] for n, why in report.readiness.unknown.items()]
        parts.append(table("Checks that could not be computed", ["check", "why"], rows))
    return "".join([*parts, "</section>"])


def _finding(finding: Finding) -> str:
    check = CHECKS[finding.check]
    state = '<span class="tag good">accepted</span>' if finding.accepted else '<span class="tag">open</span>'
    moved = f" · {finding.trend:+,} since the last pull" if finding.trend else ""
    settled = f" · {finding.settled:,} settled by decisions" if finding.settled else ""
    rows = [
        [
            " + ".join(f"{text(r.table)} <code>{text(r.id[:13])}</code>" for r in row.records[:6]) or "–",
            *(value(row.detail.get(c, "")) for c in check.columns),
        ]
        for row in finding.rows[:_ROWS_SHOWN]
    ]
    shown = table(f"The first {len(rows)} of {finding.count:,}", ["records", *check.columns], rows) if rows else ""
    return (
        f'<details><summary><span class="tag {finding.severity}">{finding.severity}</span> <b>{finding.check}</b> {text(check.title)}: '
        f"<span class=count>{finding.count:,}</span> {state}<span class=soft>{text(moved + settled)}</span></summary>"
        f"<p>{text(check.summary)}</p><p><b>What to do:</b> {text(check.remedy)}</p>"
        f"<p class=soft>{text(check.docs, longest=600)}</p>{shown}</details>"
    )


def accepted(report: Report) -> str:
    """Risks accepted by name, and the questionnaire."""
    taken = [f for f in report.readiness.findings if f.accepted]
    rows = [
        [f"<b>{f.check}</b> {text(f.title)}", f"{f.count:,}", text(f.reason, longest=600), text(f.author), text(day(f.accepted_at))]
        for f in taken
    ]
    heads = ["finding", "#count", "reason", "accepted by", "!when"]
    body = table("Risks accepted by name", heads, rows) if rows else "<p>No risk has been accepted.</p>"
    asked = [
        [
            f"<b>{q.id}</b> {text(q.question.text, longest=600)}",
            text(q.answer, longest=1000) or "<i>not answered</i>",
            text(q.author),
            text(day(q.at)) if q.at else "",
        ]
        for q in report.readiness.questions
    ]
    questions = table("What data can't tell: the questionnaire", ["question", "answer", "by", "!when"], asked)
    return f'<section id="accepted"><h2>Accepted risks and open questions</h2>{body}{questions}</section>'
