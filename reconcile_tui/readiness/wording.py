"""Findings as plain text: the verdict, what was found with its first rows, what is unknown, what nobody has answered."""

from __future__ import annotations

from reconcile_tui.display import safe_text
from reconcile_tui.readiness.check import SEVERITIES, FindingRow
from reconcile_tui.readiness.finding import Finding
from reconcile_tui.readiness.readiness import Readiness
from reconcile_tui.readiness.registry import CHECKS


def text(readiness: Readiness, rows: int) -> str:
    """Everything, at most `rows` rows of each finding."""
    lines = [headline(readiness)]
    for severity in SEVERITIES:
        for finding in (f for f in readiness.findings if f.severity == severity):
            lines += ["", *_finding(finding, rows)]
    if readiness.unknown:
        lines += ["", "Could not be computed:", *(f"  {name}  {CHECKS[name].title}: {why}" for name, why in readiness.unknown.items())]
    if asked := readiness.open_questions:
        lines += ["", f"Questions nobody has answered ({len(asked)}; `reconcile-tui answer ID ANSWER`):"]
        lines += [f"  {one.id:<4}{one.question.text}" for one in asked]
    return "\n".join(lines)


def headline(readiness: Readiness) -> str:
    """The verdict in a sentence or two."""
    asked = len(readiness.open_questions)
    still = (
        f" {asked} question{'s that only a person can answer are' if asked > 1 else ' that only a person can answer is'} open."
        if asked
        else ""
    )
    if readiness.of is not None:
        return f"{_found(readiness)} {_verdict(readiness.of)}"
    return _verdict(readiness) + still


def _found(readiness: Readiness) -> str:
    if readiness.unknown:
        return f"{', '.join(readiness.unknown)} could not be computed."
    return f"Found by {', '.join(f.check for f in readiness.findings)}." if readiness.findings else "Nothing found by these checks."


def _verdict(readiness: Readiness) -> str:
    open_ = [f for f in readiness.findings if not f.accepted]
    if readiness.ready:
        accepted = len(readiness.findings)
        told = "nothing is found" if not accepted else f"{accepted} finding{'s are' if accepted > 1 else ' is'} accepted by name"
        return f"Ready to launch, as far as data can tell: {told}."
    if not readiness.at:
        return "Not checked yet."
    parts = ", ".join(f"{sum(f.severity == s for f in open_)} {s}" for s in SEVERITIES)
    held = f" Held up by {', '.join(readiness.reasons)}." if readiness.reasons else ""
    return f"Not ready to launch: open checks by severity: {parts}.{held}"


def _finding(finding: Finding, rows: int) -> list[str]:
    check = CHECKS[finding.check]
    lines = [f"{finding.check:<4}{finding.severity.upper():<8} {finding.count:>7,}  {check.title}  [{_state(finding)}]"]
    lines += [_row(row) for row in finding.rows[:rows]]
    if (more := finding.left_out + max(0, len(finding.rows) - rows)) and rows:
        lines.append(f"        … {more:,} more")
    return [*lines, f"        -> {check.remedy}"]


def _state(finding: Finding) -> str:
    state = f"accepted by {finding.author}: {finding.reason}" if finding.accepted else "open"
    if finding.reason and not finding.accepted:
        state = f"open (accepted for {finding.accepted_count:,}, now more)"
    moved = f", {finding.trend:+,} since the last pull" if finding.trend else ""
    decided = f", {finding.settled:,} settled by decisions" if finding.settled else ""
    return f"{safe_text(state)}{moved}{decided}"


def _row(row: FindingRow) -> str:
    refs = " + ".join(f"{r.table} {r.id[:8]}" for r in row.records[:5]) + (" + …" if len(row.records) > 5 else "")
    detail = "; ".join(f"{name}: {safe_text(value, longest=60)}" for name, value in row.detail.items() if value)
    return f"        {safe_text(refs)}{'  ' if refs else ''}{detail}"
