"""The four questions of scope, answered from the data."""

from __future__ import annotations

from reconcile_tui.readiness.field_facts import FieldFacts
from reconcile_tui.readiness.registry import QUESTIONS
from reconcile_tui.readiness.report.charts import Bar, bars
from reconcile_tui.readiness.report.content import Report
from reconcile_tui.readiness.report.markup import day, table, text

VERDICTS = {
    "ready": "ready",
    "clean_first": "clean first",
    "map_values": "map values",
    "no_mapping": "no mapping",
    "free_text": "free text",
    "not_synced": "not synced",
}
CLASSES = {
    "identical": "one person, nothing differs",
    "differs": "one person, something differs",
    "shared_mailbox": "different people, one address",
    "lead_contact": "a lead and a contact",
    "chain": "beside look-alikes",
    "collision": "confused by the sync only",
}


def questions(report: Report) -> str:
    """One part per question."""
    return (
        '<section id="questions"><h2>The four questions</h2>'
        f"<h3>1. {text(QUESTIONS['Q1'])}</h3>{_record_types(report)}"
        f"<h3>2. {text(QUESTIONS['Q2'])}</h3>{_eligibility(report)}"
        f"<h3>3. {text(QUESTIONS['Q3'])}</h3>{_fields(report)}"
        f"<h3>4. {text(QUESTIONS['Q4'])}</h3>{_duplicates(report)}</section>"
    )


def _record_types(report: Report) -> str:
    rows = [
        [text(t.record_type), text(t.system), f"<code>{text(t.table)}</code>", f"{t.records:,}", f"{t.inactive:,}", text(day(t.pulled))]
        for t in report.tables
    ]
    return table("Tables that take part", ["record type", "system", "table", "#records", "#of them inactive", "!pulled"], rows)


def _eligibility(report: Report) -> str:
    rows = [
        [
            text(t.system), f"<code>{text(t.table)}</code>", f"<code>{text(t.predicate) or 'every active record'}</code>",
            f"{t.eligible:,}", f"{t.records - t.eligible:,}", f"{t.creates:,}",
        ]
        for t in report.tables
    ]  # fmt: skip
    heads = ["from", "table", "a record may leave if", "#may leave", "#stays", "#new on the other side"]
    lines = [Bar(f"{t.system} {t.table}", t.eligible, 0, f"{t.eligible:,} of {t.records:,}") for t in report.tables]
    said = "; ".join(f"{line.label}: {line.note}" for line in lines)
    most = max((t.records for t in report.tables), default=1)
    chart = bars("eligible", "Records that may leave their system", said, lines, most=most)
    return f"<figure>{chart}</figure>{table('Eligibility per table and direction', heads, rows)}"


_ARROWS = {"both": "↔", "forward": "→", "backward": "←", "none": "⌀ not synced"}


def _fields(report: Report) -> str:
    rows = [
        [
            f"<b>{text(f.field.name)}</b>", _columns(report, f), text(f.field.transform.name), text(f.field.blank),
            text((f.field.survivorship or "default").replace("_", " ")), " / ".join(f"{s.fill_rate:.0%}" for s in f.sides),
            "–" if f.agreement is None else f"{f.agreement:.0%}", text(VERDICTS[f.verdict]),
        ]
        for f in report.fields
    ]  # fmt: skip
    heads = ["field", " and ".join(report.systems), "transform", "blank", "survivorship", "#filled", "#pairs agree", "!verdict"]
    return table("The field map, with what the data say about it (filled: " + " / ".join(report.systems) + ")", heads, rows)


def _columns(report: Report, facts: FieldFacts) -> str:
    """The columns of both sides with the arrow between them."""
    sides = [", ".join(f"<code>{text(column)}</code>" for column in side.columns) or "–" for side in facts.sides]
    arrow = f'<span class=soft title="{text(report.directions.get(facts.field.direction, ""))}">{_ARROWS[facts.field.direction]}</span>'
    return f" {arrow} ".join(sides)


def _duplicates(report: Report) -> str:
    rows = [[text(d.rule), text(d.why), f"{d.groups:,}", f"{d.records:,}", f"{d.largest:,}"] for d in report.duplicates]
    heads = ["rule", "why it matters", "#groups", "#records", "#largest"]
    lines = [Bar(d.rule, d.groups) for d in report.duplicates]
    chart = bars("duplicates", "Duplicate groups by rule", "; ".join(f"{b.label}: {b.first:,.0f}" for b in lines), lines)
    kinds = [[text(CLASSES.get(c.name, c.name)), f"{c.groups:,}", f"{c.decided:,}"] for c in report.classes]
    return (
        f"<figure>{chart}</figure>{table('Duplicates by the uniqueness rules of both systems', heads, rows)}"
        f"{table('Groups that were reviewed, by kind', ['kind', '#groups', '#decided'], kinds)}"
    )
