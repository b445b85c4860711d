"""The report as Markdown: the same tables and sentences without charts. Values can't form markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reconcile_tui.display import safe_text
from reconcile_tui.readiness.check import SEVERITIES
from reconcile_tui.readiness.registry import CHECKS, QUESTIONS
from reconcile_tui.readiness.report.content import Report

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&@:])")


def plain(value: object, *, longest: int = 300) -> str:
    """A value that Markdown shows as it is: inert, on one line, with all punctuation that could mean something escaped."""
    return _SPECIAL.sub(r"\\\1", safe_text(value, longest=longest).replace("⏎", " "))


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of values."""
    body = "\n".join("| " + " | ".join(plain(cell) for cell in row) + " |" for row in rows)
    return f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n{body}\n" if body else "Nothing.\n"


def markdown(report: Report) -> str:
    """The whole report."""
    return "\n".join([_opening(report), _forecast(report), _questions(report), _findings(report), _accepted(report), _work(report)])


def _opening(report: Report) -> str:
    return (
        f"# Launch readiness: {plain(report.project)}\n\nMade {report.made_at[:16].replace('T', ' ')} UTC by {plain(report.author)}.\n\n"
        f"**{plain(report.readiness.headline(), longest=2000)}**\n"
    )


def _forecast(report: Report) -> str:
    rows = [
        (name, f"{s.cells:,}", f"{s.certain:,}", f"{s.order_dependent:,}", f"{s.records_at_risk:,}", f"{s.groups - s.confluent:,}")
        for name, s in report.sides
    ]
    told = table(["launch", "values lost", "in every order", "in some", "records at risk", "groups with more than one end"], rows)
    by_field = [(f.field, f.certain + f.order_dependent, f.certain_after + f.order_dependent_after) for f in report.by_field]
    steps = "".join(f"{n}. {plain(step)}\n" for n, step in enumerate(report.example.steps, 1)) if report.example else ""
    cells = table(["record", "field", "now", "would become"], report.example.cells) if report.example else ""
    return (
        f"## What the sync would do\n\nAssumed behaviour: {plain(report.profile)}. {plain(report.profile_summary)}\n\n{told}\n"
        f"{table(['field', 'today', 'after'], by_field)}\n{cells}\n{steps}"
    )


def _questions(report: Report) -> str:
    tables = [(t.record_type, t.system, t.table, f"{t.records:,}", f"{t.inactive:,}") for t in report.tables]
    eligible = [(t.system, t.table, t.predicate or "every active record", f"{t.eligible:,}", f"{t.creates:,}") for t in report.tables]
    fields = [
        (
            f.field.name, *("; ".join(s.columns) for s in f.sides), report.directions.get(f.field.direction, f.field.direction),
            f.field.transform.name, f.field.blank, *(f"{s.fill_rate:.0%}" for s in f.sides),
        )
        for f in report.fields
    ]  # fmt: skip
    filled = [f"filled in {system}" for system in report.systems]
    duplicates = [(d.rule, f"{d.groups:,}", f"{d.records:,}", f"{d.largest:,}") for d in report.duplicates]
    return "\n".join(
        [
            f"## The four questions\n\n### 1. {QUESTIONS['Q1']}\n",
            table(["record type", "system", "table", "records", "inactive"], tables),
            f"### 2. {QUESTIONS['Q2']}\n",
            table(["from", "table", "a record may leave if", "may leave", "new on the other side"], eligible),
            f"### 3. {QUESTIONS['Q3']}\n",
            table(["field", *report.systems, "direction", "transform", "blank", *filled], fields),
            f"### 4. {QUESTIONS['Q4']}\n",
            table(["rule", "groups", "records", "largest"], duplicates),
        ]
    )


def _findings(report: Report) -> str:
    order = {severity: place for place, severity in enumerate(SEVERITIES)}
    found = sorted(report.readiness.findings, key=lambda f: order[f.severity])
    rows = [(f.check, f.severity, f.title, f"{f.count:,}", "accepted" if f.accepted else "open", CHECKS[f.check].remedy) for f in found]
    unknown = [(name, CHECKS[name].title, why) for name, why in report.readiness.unknown.items()]
    told = f"\nCould not be computed:\n\n{table(['check', 'title', 'why'], unknown)}" if unknown else ""
    return f"## What the checks found\n\n{table(['check', 'severity', 'title', 'count', 'state', 'what to do'], rows)}{told}"


def _accepted(report: Report) -> str:
    rows = [(f.check, f"{f.count:,}", f.reason, f.author, f.accepted_at[:16]) for f in report.readiness.findings if f.accepted]
    asked = [(q.id, q.question.text, q.answer or "not answered", q.author) for q in report.readiness.questions]
    return (
        f"## Accepted risks and open questions\n\n{table(['finding', 'count', 'reason', 'accepted by', 'when'], rows)}\n"
        f"{table(['check', 'question', 'answer', 'by'], asked)}"
    )


def _work(report: Report) -> str:
    t = report.throughput
    runs = [
        (r.run, r.kind, r.started[:16], r.author, ", ".join(f"{n} {name}" for name, n in r.outcomes.items()), r.cells_differing)
        for r in report.runs
    ]
    final = [(i.what, i.record, i.other, "applied" if i.done else "planned") for i in report.irreversible]
    return (
        f"## Decisions\n\n{t.decided:,} groups decided, {t.open:,} open.\n\n{table(['outcome', 'decisions'], t.by_outcome.items())}\n"
        f"{table(['who', 'decisions'], t.by_author.items())}\n## Applied and verified\n\n"
        f"{table(['run', 'kind', 'started', 'by', 'writes', 'values not as planned'], runs)}\n"
        f"## Writes that can't be taken back ({report.irreversible_count:,})\n\n{table(['what', 'record', 'merged away', 'state'], final)}"
    )
