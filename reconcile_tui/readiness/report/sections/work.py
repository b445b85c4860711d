"""What was decided, applied and verified, and what can't be taken back."""

from __future__ import annotations

from reconcile_tui.readiness.report.charts import Bar, bars
from reconcile_tui.readiness.report.content import Report
from reconcile_tui.readiness.report.markup import day, table, text, value


def decisions(report: Report) -> str:
    """How many, by whom, when, how fast."""
    t = report.throughput
    outcomes = [Bar(name.replace("_", " "), count) for name, count in t.by_outcome.items()]
    chart = bars("outcomes", "Decisions by outcome", "; ".join(f"{b.label}: {b.first:,.0f}" for b in outcomes), outcomes)
    speed = f" At work, {t.per_hour:,.0f} groups an hour." if t.per_hour else ""
    told = f"<p>{t.decided:,} groups are decided, {t.open:,} are not; {t.undone:,} decisions were taken back.{text(speed)}</p>"
    people = (
        table("Decisions by person", ["who", "#decisions"], [[text(who), f"{n:,}"] for who, n in t.by_author.items()])
        if t.by_author
        else ""
    )
    days = table("Decisions by day", ["!day", "#decisions"], [[text(day), f"{n:,}"] for day, n in t.by_day.items()]) if t.by_day else ""
    figure = f"<figure>{chart}</figure>" if chart else ""
    return f'<section id="decisions"><h2>Decisions</h2>{told}{figure}{people}{days}</section>'


def applied(report: Report) -> str:
    """Every run, and what was read back after it."""
    rows = [
        [
            f"{r.run}", text(r.kind), text(day(r.started)), text(day(r.finished)) if r.finished else "not finished", text(r.author),
            text(", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in r.outcomes.items())),
            f"{r.cells_checked - r.cells_differing:,} of {r.cells_checked:,}", f"<code>{text(r.digest[:12])}</code>",
        ]
        for r in report.runs
    ]  # fmt: skip
    heads = ["#run", "kind", "!started", "!finished", "by", "writes", "#values as planned", "plan"]
    body = table("Runs, and what was read back after them", heads, rows) if rows else "<p>Nothing has been written to either system.</p>"
    return f'<section id="applied"><h2>Applied and verified</h2>{body}</section>'


def appendix(report: Report) -> str:
    """Writes that can't be taken back, notes, and where to sign."""
    rows = [
        [text(i.what), value(i.record), value(i.other), "applied" if i.done else "planned", f"{i.run}" if i.run else "–"]
        for i in report.irreversible
    ]
    left = report.irreversible_count - len(rows)
    more = f"<p class=soft>{left:,} more stand in the plan file and the journal.</p>" if left > 0 else ""
    body = (
        table(f"{report.irreversible_count:,} writes", ["what", "record", "merged away", "state", "#run"], rows) if rows else "<p>None.</p>"
    )
    sign = "".join(f"<div>{role}</div>" for role in ("Data steward, date", "Owner of the sync, date", "Data protection, date"))
    notes = "".join(f"<li>{text(note, longest=600)}</li>" for note in report.notes)
    return (
        '<section id="appendix"><h2>Appendix: writes that can’t be taken back</h2>'
        "<p>A merge in HubSpot is final. A merge in Dynamics can be re-activated, but what hung on the merged-away record stays with the "
        f"survivor.</p>{body}{more}"
        f"<ul class=soft>{notes}</ul><div class=sign>{sign}</div></section>"
    )
