"""The report as one HTML page: no script, no network, opens from disk, prints; every value is escaped and inert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources

from reconcile_tui.display import safe_text
from reconcile_tui.readiness.check import SEVERITIES
from reconcile_tui.readiness.field_facts import FieldFacts
from reconcile_tui.readiness.finding import Finding
from reconcile_tui.readiness.registry import CHECKS, QUESTIONS
from reconcile_tui.readiness.report.charts import Bar, bars
from reconcile_tui.readiness.report.content import Report

_ROWS_SHOWN = 5

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


def text(value: object, *, longest: int = 300) -> str:
    """A value made inert for a terminal and for HTML."""
    return escape(safe_text(value, longest=longest))


def _value(value: object) -> str:
    return f'<span class="value">{text(value) or "∅"}</span>'


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of ready-made HTML cells; a head that starts with `#` is a column of numbers, one with `!` does not wrap."""
    classes = ["n" if h[:1] == "#" else "k" if h[:1] == "!" else "" for h in heads]
    mark = [f' class="{c}"' if c else "" for c in classes]
    head = "".join(f'<th scope="col"{m}>{text(h.lstrip("#!"))}</th>' for h, m in zip(heads, mark, strict=True))
    body = "".join("<tr>" + "".join(f"<td{m}>{cell}</td>" for cell, m in zip(row, mark, strict=True)) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><caption>{text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _tile(number: str, words: str) -> str:
    return f'<div class="tile"><b>{text(number)}</b><span>{text(words)}</span></div>'


def _day(moment: str) -> str:
    return moment[:16].replace("T", " ") + " UTC" if moment else "never"


def _opening(report: Report) -> str:
    ready = report.readiness.ready
    verdict = (
        f'<div class="verdict{" ready" if ready else ""}" role="status"><strong>{text(report.readiness.headline().split(":")[0])}</strong>'
    )
    first, second = (*report.systems, "", "")[:2]
    intro = (
        f"A two-way sync between {first} and {second} is to be switched on. It copies a record to “the one with the same address”, and "
        "what it writes can come back and replace what somebody else holds. Nobody deletes anything, and yet values vanish. This page "
        "says what would happen, what has been done about it, what remains, and who accepts it."
    )
    return (
        f"<header><h1>Is the sync safe to launch?</h1><p class=meta>{text(report.project)} · made {text(_day(report.made_at))} by "
        f"{text(report.author)}</p><p>{escape(intro)}</p>{verdict}{text(_reasons(report), longest=2000)}</div>"
        f"<div class=tiles>{_tiles(report)}</div><!--nav--></header>"
    )


def _reasons(report: Report) -> str:
    if report.readiness.ready:
        return report.readiness.headline().partition(": ")[2]
    names = sorted(report.readiness.reasons, key=lambda name: (not CHECKS[name].hard, SEVERITIES.index(CHECKS[name].severity)))
    shown = "; ".join(f"{name} {CHECKS[name].title[0].lower()}{CHECKS[name].title[1:]}" for name in names[:4])

    more = f"; and {len(names) - 4} more checks" if len(names) > 4 else ""
    return f"{shown}{more}." if names else "The checks have not been run."


def _tiles(report: Report) -> str:
    now, after = report.now, report.after
    tiles = [_tile(f"{now.cells:,}" if now else "unknown", "values the sync would overwrite if it were launched today")]
    tiles.append(_tile(f"{after.cells:,}" if after else "unknown", "after the decisions made so far are applied"))
    tiles.append(_tile(f"{report.throughput.decided:,} of {report.throughput.decided + report.throughput.open:,}", "groups decided"))
    tiles.append(_tile(f"{sum(not f.accepted for f in report.readiness.findings):,}", "checks with open findings"))
    return "".join(tiles)


def _forecast(report: Report) -> str:
    parts = [
        '<section id="forecast"><h2>What the sync would do</h2>',
        f"<p>Assumed behaviour: <b>{text(report.profile)}</b>. {text(report.profile_summary, longest=1000)} "
        f"<span class=soft>Source: {text(report.profile_source, longest=1000)}. {text(report.profile_caveat, longest=1000)}</span></p>",
    ]
    if report.now is None:
        return "".join([*parts, "<p>No forecast has been made yet.</p></section>"])
    sides = [("today", report.now)] + ([("after the decisions so far", report.after)] if report.after else [])
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
    parts.append(_table("The forecast in numbers", heads, rows))
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
    rows = [[_value(r), text(f), _value(now), _value(after)] for r, f, now, after in e.cells]
    steps = "".join(f"<li>{text(step, longest=600)}</li>" for step in e.steps)
    told = f"<h3>How it happens, step by step</h3><ol class=steps>{steps}</ol>" if steps else ""
    people = ", ".join(e.people)
    return (
        f"<h3>An example: {text(people)}</h3><p>Group <code>{text(e.group)}</code>. These values stand in the systems now and would be "
        "gone.</p>" + _table("Values that would be overwritten", ["record", "field", "now", "would become"], rows) + told
    )


def _questions(report: Report) -> str:
    return (
        '<section id="questions"><h2>The four questions</h2>'
        f"<h3>1. {text(QUESTIONS['Q1'])}</h3>{_record_types(report)}"
        f"<h3>2. {text(QUESTIONS['Q2'])}</h3>{_eligibility(report)}"
        f"<h3>3. {text(QUESTIONS['Q3'])}</h3>{_fields(report)}"
        f"<h3>4. {text(QUESTIONS['Q4'])}</h3>{_duplicates(report)}</section>"
    )


def _record_types(report: Report) -> str:
    rows = [
        [text(t.record_type), text(t.system), f"<code>{text(t.table)}</code>", f"{t.records:,}", f"{t.inactive:,}", text(_day(t.pulled))]
        for t in report.tables
    ]
    return _table("Tables that take part", ["record type", "system", "table", "#records", "#of them inactive", "!pulled"], rows)


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
    return f"<figure>{chart}</figure>{_table('Eligibility per table and direction', heads, rows)}"


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
    return _table("The field map, with what the data say about it (filled: " + " / ".join(report.systems) + ")", heads, rows)


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
        f"<figure>{chart}</figure>{_table('Duplicates by the uniqueness rules of both systems', heads, rows)}"
        f"{_table('Groups that were reviewed, by kind', ['kind', '#groups', '#decided'], kinds)}"
    )


def _findings(report: Report) -> str:
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
        parts.append(_table("Checks that could not be computed", ["check", "why"], rows))
    return "".join([*parts, "</section>"])


def _finding(finding: Finding) -> str:
    check = CHECKS[finding.check]
    state = '<span class="tag good">accepted</span>' if finding.accepted else '<span class="tag">open</span>'
    moved = f" · {finding.trend:+,} since the last pull" if finding.trend else ""
    settled = f" · {finding.settled:,} settled by decisions" if finding.settled else ""
    rows = [
        [
            " + ".join(f"{text(r.table)} <code>{text(r.id[:13])}</code>" for r in row.records[:6]) or "–",
            *(_value(row.detail.get(c, "")) for c in check.columns),
        ]
        for row in finding.rows[:_ROWS_SHOWN]
    ]
    shown = _table(f"The first {len(rows)} of {finding.count:,}", ["records", *check.columns], rows) if rows else ""
    return (
        f'<details><summary><span class="tag {finding.severity}">{finding.severity}</span> <b>{finding.check}</b> {text(check.title)}: '
        f"<span class=count>{finding.count:,}</span> {state}<span class=soft>{text(moved + settled)}</span></summary>"
        f"<p>{text(check.summary)}</p><p><b>What to do:</b> {text(check.remedy)}</p>"
        f"<p class=soft>{text(check.docs, longest=600)}</p>{shown}</details>"
    )


def _accepted(report: Report) -> str:
    accepted = [f for f in report.readiness.findings if f.accepted]
    rows = [
        [f"<b>{f.check}</b> {text(f.title)}", f"{f.count:,}", text(f.reason, longest=600), text(f.author), text(_day(f.accepted_at))]
        for f in accepted
    ]
    heads = ["finding", "#count", "reason", "accepted by", "!when"]
    body = _table("Risks accepted by name", heads, rows) if rows else "<p>No risk has been accepted.</p>"
    asked = [
        [
            f"<b>{q.id}</b> {text(q.question.text, longest=600)}",
            text(q.answer, longest=1000) or "<i>not answered</i>",
            text(q.author),
            text(_day(q.at)) if q.at else "",
        ]
        for q in report.readiness.questions
    ]
    questions = _table("What data can't tell: the questionnaire", ["question", "answer", "by", "!when"], asked)
    return f'<section id="accepted"><h2>Accepted risks and open questions</h2>{body}{questions}</section>'


def _decisions(report: Report) -> str:
    t = report.throughput
    outcomes = [Bar(name.replace("_", " "), count) for name, count in t.by_outcome.items()]
    chart = bars("outcomes", "Decisions by outcome", "; ".join(f"{b.label}: {b.first:,.0f}" for b in outcomes), outcomes)
    speed = f" At work, {t.per_hour:,.0f} groups an hour." if t.per_hour else ""
    told = f"<p>{t.decided:,} groups are decided, {t.open:,} are not; {t.undone:,} decisions were taken back.{text(speed)}</p>"
    people = (
        _table("Decisions by person", ["who", "#decisions"], [[text(who), f"{n:,}"] for who, n in t.by_author.items()])
        if t.by_author
        else ""
    )
    days = _table("Decisions by day", ["!day", "#decisions"], [[text(day), f"{n:,}"] for day, n in t.by_day.items()]) if t.by_day else ""
    figure = f"<figure>{chart}</figure>" if chart else ""
    return f'<section id="decisions"><h2>Decisions</h2>{told}{figure}{people}{days}</section>'


def _applied(report: Report) -> str:
    rows = [
        [
            f"{r.run}", text(r.kind), text(_day(r.started)), text(_day(r.finished)) if r.finished else "not finished", text(r.author),
            text(", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in r.outcomes.items())),
            f"{r.cells_checked - r.cells_differing:,} of {r.cells_checked:,}", f"<code>{text(r.digest[:12])}</code>",
        ]
        for r in report.runs
    ]  # fmt: skip
    heads = ["#run", "kind", "!started", "!finished", "by", "writes", "#values as planned", "plan"]
    body = _table("Runs, and what was read back after them", heads, rows) if rows else "<p>Nothing has been written to either system.</p>"
    return f'<section id="applied"><h2>Applied and verified</h2>{body}</section>'


def _appendix(report: Report) -> str:
    rows = [
        [text(i.what), _value(i.record), _value(i.other), "applied" if i.done else "planned", f"{i.run}" if i.run else "–"]
        for i in report.irreversible
    ]
    left = report.irreversible_count - len(rows)
    more = f"<p class=soft>{left:,} more stand in the plan file and the journal.</p>" if left > 0 else ""
    body = (
        _table(f"{report.irreversible_count:,} writes", ["what", "record", "merged away", "state", "#run"], rows)
        if rows
        else "<p>None.</p>"
    )
    sign = "".join(f"<div>{role}</div>" for role in ("Data steward, date", "Owner of the sync, date", "Data protection, date"))
    notes = "".join(f"<li>{text(note, longest=600)}</li>" for note in report.notes)
    return (
        '<section id="appendix"><h2>Appendix: writes that can’t be taken back</h2>'
        "<p>A merge in HubSpot is final. A merge in Dynamics can be re-activated, but what hung on the merged-away record stays with the "
        f"survivor.</p>{body}{more}"
        f"<ul class=soft>{notes}</ul><div class=sign>{sign}</div></section>"
    )


_SECTIONS = (
    ("top", "Top", _opening),
    ("forecast", "What the sync would do", _forecast),
    ("questions", "The four questions", _questions),
    ("findings", "What the checks found", _findings),
    ("accepted", "Accepted risks and open questions", _accepted),
    ("decisions", "Decisions", _decisions),
    ("applied", "Applied and verified", _applied),
    ("appendix", "Appendix", _appendix),
)
