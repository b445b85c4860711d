"""What the sync would do: today and after the decisions so far, by field, and one example told step by step."""

from __future__ import annotations

from reconcile_tui.readiness.report.charts import Bar, bars
from reconcile_tui.readiness.report.content import Report
from reconcile_tui.readiness.report.markup import table, text, value


def forecast(report: Report) -> str:
    """Overwritten values before and after, and an example."""
    parts = [
        '<section id="forecast"><h2>What the sync would do</h2>',
        f"<p>Assumed behaviour: <b>{text(report.profile)}</b>. {text(report.profile_summary, longest=1000)} "
        f"<span class=soft>Source: {text(report.profile_source, longest=1000)}. {text(report.profile_caveat, longest=1000)}</span></p>",
    ]
    if report.now is None:
        return "".join([*parts, "<p>No forecast has been made yet.</p></section>"])
    sides = report.sides
    lines = [Bar(name, s.certain, s.order_dependent) for name, s in sides]
    said = "; ".join(f"{name}: {s.certain:,} in every order, {s.order_dependent:,} in some" for name, s in sides)
    parts.append(
        f"<figure>{bars('before-after', 'Overwritten values before and after', said, lines)}<figcaption><span class=key><span><i></i>"
        "overwritten in every order of events</span><span><i class=second></i>in some orders</span></span></figcaption></figure>"
    )
    rows = [
        [
            text(name),
            f"{s.cells:,}",
            f"{s.certain:,}",
            f"{s.order_dependent:,}",
            f"{s.records_at_risk:,}",
            f"{s.groups - s.confluent:,} of {s.groups:,}",
        ]
        for name, s in sides
    ]
    heads = ["launch", "#values lost", "#in every order", "#in some", "#records at risk", "#groups with more than one end"]
    parts.append(table("The forecast in numbers", heads, rows))
    parts.append(_by_field(report))
    return "".join([*parts, _example(report), "</section>"])


def _by_field(report: Report) -> str:
    if not report.by_field:
        return ""
    most = max(f.certain + f.order_dependent for f in report.by_field)
    lines = [
        Bar(
            f.field, f.certain, f.order_dependent,
            f"{f.certain + f.order_dependent:,}" + (f" → {f.certain_after + f.order_dependent_after:,}" if report.after else ""),
        )
        for f in report.by_field
    ]  # fmt: skip
    said = "; ".join(f"{line.label} {line.note}" for line in lines)
    note = "Overwritten values by field, launch today" + (" → after the decisions so far" if report.after else "")
    return (
        f"<figure>{bars('by-field', 'Overwritten values by field', said, lines, most=most)}<figcaption>{text(note)}.</figcaption></figure>"
    )


def _example(report: Report) -> str:
    if report.example is None:
        return ""
    e = report.example
    rows = [[value(r), text(f), value(now), value(after)] for r, f, now, after in e.cells]
    steps = "".join(f"<li>{text(step, longest=600)}</li>" for step in e.steps)
    told = f"<h3>How it happens, step by step</h3><ol class=steps>{steps}</ol>" if steps else ""
    people = ", ".join(e.people)
    return (
        f"<h3>An example: {text(people)}</h3><p>Group <code>{text(e.group)}</code>. These values stand in the systems now and would be "
        "gone.</p>" + table("Values that would be overwritten", ["record", "field", "now", "would become"], rows) + told
    )
