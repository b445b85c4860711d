"""Policy: P1 to P10 as files. Nothing is sent anywhere; what has an API form stands there as requests, links also go into a plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.readiness.field_facts import FieldFacts
from reconcile_tui.readiness.policy import duplicate_rules, predicates, uniqueness
from reconcile_tui.readiness.policy.sheets import sheet
from reconcile_tui.readiness.registry import CHECKS, QUESTIONS
from reconcile_tui.readiness.report.content import Report
from reconcile_tui.readiness.report.markdown import plain, table
from reconcile_tui.steps import report as reporting

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

Artefact = tuple[str, str, Callable[["Workspace", Report], str]]


def write(ws: Workspace, folder: Path) -> list[tuple[Path, str]]:
    """Write every artefact into a folder (made 0700 when it is new, files 0600). Returns (file, what it is). Raises ProjectError."""
    report = reporting.build(ws)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = []
    for name, what, make in ARTEFACTS:
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(make(ws, report), encoding="utf-8", newline="")
        written.append((path, what))
    return written


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


# -- P1 to P3


def _duplicate_rules(ws: Workspace, _: Report) -> str:
    rules = [{"system": system, **duplicate_rules.requests(rule)} for system, rule in duplicate_rules.duplicate_rules(ws.project)]
    return _json({"rules": rules, "published_rules_at_most_per_table": duplicate_rules.MOST_RULES})


def _prevention_of_duplicates(ws: Workspace, _: Report) -> str:
    rows = [(rule.name, ", ".join(one for one, _ in rule.conditions)) for _, rule in duplicate_rules.duplicate_rules(ws.project)]
    return f"""# P1 Duplicate detection rules for Dynamics

{table(["rule", "conditions (all must hold)"], rows)}
`reconcile-tui plan --set-up` takes them into a plan: shown, confirmed, applied and, with `undo`, taken back. By hand: the requests stand in
P1-duplicate-detection-rules.json: create the rule, its conditions, publish it (asynchronous). Then switch duplicate detection on for the
organisation.

* At most {duplicate_rules.MOST_RULES} published rules per table; conditions are joined by AND, so OR needs several rules.
* Inactive records are left out. A rule with several conditions ignores blanks, or blanks would match each other.
* A rule that is published has to be unpublished before it can be changed.
* The rules don't fire on merge, on activation and deactivation, nor on completing an activity; users may ignore and save; API writes are
  only checked with the header `MSCRM.SuppressDuplicateDetection: false` (answer 412, code 0x80040333). Two creates at the same moment slip
  through: schedule a duplicate detection job every week, and set the connector to send that header.
"""


def _keys(ws: Workspace, _: Report) -> str:
    return _json(
        {
            "keys": uniqueness.alternate_keys(ws.project),
            "notes": [
                "The index is built asynchronously (Pending, InProgress, Active, Failed) and fails while duplicates exist.",
                "At most 10 keys a table, 16 columns and 900 bytes a key; no column with field security; blank values are not held unique.",
                "Values with / < > * % & : \\ ? + can't be used in a URL key: the key is on the id column, not on the address.",
                "A plan creates column and key where they are missing, before the first link; `plan --set-up` also without one.",
            ],
        }
    )


def _unique(ws: Workspace, _: Report) -> str:
    return _json(
        {
            "properties": uniqueness.unique_properties(ws.project),
            "notes": [
                "hasUniqueValue can only be set when the property is created; an object has at most 10 such properties.",
                "Use it as idProperty in updates and upserts, and as the matching field where the connector offers a choice.",
                "A plan creates the property where it is missing, before the first link; `plan --set-up` also without one.",
            ],
        }
    )


# -- P4


def _filters(ws: Workspace) -> list[dict[str, Any]]:
    found = []
    for record_type in ws.project.record_types.values():
        for system, tables in record_type.tables.items():
            for name in tables:
                predicate = record_type.eligible.get(system, {}).get(name, "")
                found.append(
                    {
                        "record_type": record_type.name,
                        "from": system,
                        "table": name,
                        "predicate": predicate,
                        **_dialects(ws, system, name, predicate),
                    }
                )
    return found


def _dialects(ws: Workspace, system: str, name: str, predicate: str) -> dict[str, Any]:
    if not predicate:
        return {"english": "every active record"}
    try:
        tree = predicates.parse(predicate)
    except predicates.NotTranslatable as error:
        return {"not_translatable": f"{error}; write this filter by hand"}
    columns = ws.records.table(system, name).columns
    wanted: dict[str, Callable[[], Any]] = {"english": lambda: predicates.english(tree)}
    if ws.project.systems[system].kind == "dynamics":
        wanted |= {"odata": lambda: predicates.odata(tree, columns), "fetch_xml": lambda: predicates.fetch_xml(tree, name)}
    if ws.project.systems[system].kind == "hubspot":
        wanted["hubspot"] = lambda: predicates.hubspot(tree)
    return {dialect: _or_reason(make) for dialect, make in wanted.items()}


def _or_reason(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except predicates.NotTranslatable as error:
        return f"not translatable: {error}"


def _filters_json(ws: Workspace, _: Report) -> str:
    return _json({"filters": _filters(ws), "left_out_by_decision": [{**ref, "direction": d} for ref, d in _excluded(ws)]})


def _filters_text(ws: Workspace, report: Report) -> str:
    parts = ["# P4 Eligibility filters\n"]
    counts = {(t.system, t.table): t for t in report.tables}
    for entry in _filters(ws):
        line = counts[entry["from"], entry["table"]]
        parts.append(
            f"## From {plain(entry['from'])}: {plain(entry['table'])}\n\n{line.eligible:,} of {line.records:,} records may leave.\n"
        )
        for dialect in ("english", "predicate", "odata", "fetch_xml", "hubspot", "not_translatable"):
            if value := entry.get(dialect):
                shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                parts.append(f"{dialect.replace('_', ' ')}:\n\n{_block(shown)}\n")
    excluded = _excluded(ws)
    parts.append(
        f"## Records left out by decision\n\n{len(excluded):,}, in P4-left-out.csv. A filter must name them, or a marked field must.\n"
    )
    parts.append(
        "A filter that is changed after launch does not stop records that have synced once, where filters count for the first sync only.\n"
    )
    return "\n".join(parts)


def _block(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines()) + "\n"


def _excluded(ws: Workspace) -> list[tuple[dict[str, str], str]]:
    from reconcile_tui.steps import plan

    return [(ref.as_json(), direction) for ref, direction in plan.make(ws).excluded] if ws.decisions.decided_groups() else []


def _excluded_sheet(ws: Workspace, _: Report) -> str:
    return sheet(["system", "table", "id", "direction"], [(*ref.values(), direction) for ref, direction in _excluded(ws)])


# -- P5


def _field_map(_: Workspace, report: Report) -> str:
    risks = {f.field: f.certain + f.order_dependent for f in report.by_field}
    heads = [
        "record type",
        "field",
        *report.systems,
        "direction",
        "transform",
        "blank",
        "create only",
        "authority",
        "values at risk",
        "checks",
        "owner",
    ]
    return sheet(heads, [_field_line(f, report, risks) for f in report.fields])


def _field_line(f: FieldFacts, report: Report, risks: Mapping[str, int]) -> list[object]:
    authority = f.field.survivorship or {"forward": report.systems[0], "backward": report.systems[-1]}.get(f.field.direction, "last saved")
    if f.field.kind == "consent":
        authority = "most restrictive"
    columns = ["; ".join(side.columns) for side in f.sides]
    checks = " ".join(name for name, _ in f.findings)
    only = "yes" if f.field.create_only else ""
    direction = report.directions.get(f.field.direction, f.field.direction)
    return [
        f.record_type,
        f.field.name,
        *columns,
        direction,
        f.field.transform.name,
        f.field.blank,
        only,
        authority,
        risks.get(f.field.name, 0),
        checks,
        "",
    ]


# -- P6, P7, P9


def _survivorship(ws: Workspace, report: Report) -> str:
    from reconcile_tui.stewardship.survivorship import POINTS, RULES, rule_for

    first = ws.project.first
    rules = [(f.field.name, rule_for(f.field, first)[0].name, rule_for(f.field, first)[0].summary, f.field.block) for f in report.fields]
    points = [(p.name, f"{p.weight:g}", p.summary) for p in POINTS]
    known = [(rule.name, rule.summary) for rule in RULES.values()]
    return f"""# P6 Merge and survivorship

Which record stays: the one with the most points.

{table(["point", "weight", "it"], points)}
Which value wins, field by field. Fields of one block come from one record.

{table(["field", "rule", "meaning", "block"], rules)}
Consent: opted out if any record is; weakening it has to be said explicitly.

Don't merge, ask first: both have open deals; different birth dates; both linked to different records of the other system; a lead and a
contact (qualify or exclude the lead).

All rules:

{table(["rule", "meaning"], known)}"""


def _connector(ws: Workspace, report: Report) -> str:
    from reconcile_tui.steps.checking.feeding import profile

    chosen = profile(ws)
    options = [(name, str(value)) for name, value in chosen.options.items()]
    return f"""# P7 Configuration of the connector

Assumed profile: **{plain(chosen.name)}**. {plain(chosen.summary)}

Source: {plain(chosen.source)}. {plain(chosen.caveat)}

{table(["setting", "value"], options)}
* Match by the stored id (P2, P3), not by the address, wherever the connector offers it.
* Give the integration a user of its own in both systems, and have it ignore that user's changes. {plain(_answer(report, "S7"))}
* Confirmed by a trial: {plain(_answer(report, "S1"))}
* Don't switch the sync off and on again without a comparison: every matched pair is compared anew.
* Order: clean up (plan, apply, verify), create keys and properties, set filters, switch on one direction, compare, switch on the other.
* Own changes ignored: {plain(_answer(report, "T3"))}
* Deletions: {plain(_answer(report, "L5"))}
"""


def _answer(report: Report, question: str) -> str:
    return next((q.answer for q in report.readiness.questions if q.id == question and q.answer), "not answered yet")


def _playbook(_: Workspace, report: Report) -> str:
    causes = [(f.check, f.title, f"{f.count:,}", CHECKS[f.check].remedy) for f in report.readiness.findings if f.check[0] in "IF"][:12]
    return f"""# P9 Playbook: keeping new duplicates out

* Entry forms: ask for an address, check its syntax, and search before a record is created.
* Imports: match by the stored id or the address, never by name; run the checks on the file first.
* Every week: pull, match, review the new groups; run Dynamics' duplicate detection job.
* Agreed for merging: {plain(_answer(report, "S3"))}
* Merging after launch: pause the sync for the records, merge in Dynamics, merge in HubSpot, link the two that stay, resume. A merge in one
  system only lets the other create the loser again (I13).
* Shared addresses: one owner; the others get an address of their own or none.

What caused most of the findings here:

{table(["check", "what", "count", "remedy"], causes)}"""


# -- P8, P10


def _questionnaire(_: Workspace, report: Report) -> str:
    tables = [(t.system, t.table, f"{t.records:,}", f"{t.eligible:,}", f"{t.creates:,}", t.predicate) for t in report.tables]
    duplicates = [(d.rule, f"{d.groups:,}", f"{d.records:,}") for d in report.duplicates]
    fields = [
        (f.field.name, report.directions.get(f.field.direction, ""), f.field.transform.name, f.field.blank, f.verdict)
        for f in report.fields
    ]
    asked = [(q.id, q.question.text, q.answer or "________") for q in report.readiness.questions]
    return f"""# P8 Scoping questionnaire, filled in from the data

## 1. {QUESTIONS["Q1"]}
## 2. {QUESTIONS["Q2"]}

{table(["from", "table", "records", "may leave", "created on the other side", "filter"], tables)}
## 3. {QUESTIONS["Q3"]}

{table(["field", "direction", "transform", "blank", "verdict"], fields)}
## 4. {QUESTIONS["Q4"]}

{table(["rule", "groups", "records"], duplicates)}
## What data can't tell

{table(["check", "question", "answer"], asked)}"""


def _questionnaire_json(_: Workspace, report: Report) -> str:
    return _json([asked.as_json() for asked in report.readiness.questions])


def _sign_off(_: Workspace, report: Report) -> str:
    return (
        reporting.markdown(report)
        + "\n---\n\nData steward, date: ________  Owner of the sync, date: ________  Data protection, date: ________\n"
    )


def _decisions(ws: Workspace, _: Report) -> str:
    heads = ["seq", "at", "author", "group", "kind", "payload", "note", "in force", "sha256"]
    return sheet(heads, _chained(ws))


def _chained(ws: Workspace) -> Iterable[list[object]]:
    """Every decision with the hash of itself and all before it: a line that is changed or left out shows."""
    undone, link = ws.decisions.undone(), ""
    for d in reversed(ws.decisions.log(limit=1 << 40)):
        payload = json.dumps(d.payload, ensure_ascii=False, sort_keys=True)
        line = json.dumps([d.seq, d.at, d.author, d.group, d.kind, payload, d.note], ensure_ascii=False)
        link = hashlib.sha256(f"{link}\n{line}".encode()).hexdigest()
        yield [d.seq, d.at, d.author, d.group, d.kind, payload, d.note, "no" if d.seq in undone else "yes", link]


def _accepted(_: Workspace, report: Report) -> str:
    rows = [(f.check, f.title, f.severity, f.count, f.reason, f.author, f.accepted_at) for f in report.readiness.findings if f.accepted]
    return sheet(["check", "what", "severity", "count", "reason", "accepted by", "at"], rows)


ARTEFACTS: tuple[Artefact, ...] = (
    ("P1-duplicate-detection-rules.md", "Duplicate detection rules for Dynamics, explained", _prevention_of_duplicates),
    ("P1-duplicate-detection-rules.json", "The same as Web API requests", _duplicate_rules),
    ("P2-alternate-keys.json", "Alternate keys for Dynamics as Web API requests", _keys),
    ("P3-unique-properties.json", "Unique properties for HubSpot as API requests", _unique),
    ("P4-eligibility.md", "Eligibility filters in four dialects, with counts", _filters_text),
    ("P4-eligibility.json", "The same for programs", _filters_json),
    ("P4-left-out.csv", "Records left out of the sync by decision", _excluded_sheet),
    ("P5-field-map.csv", "The field map as a sheet", _field_map),
    ("P6-survivorship.md", "Which record and which value stay", _survivorship),
    ("P7-connector.md", "How the connector is to be set", _connector),
    ("P8-questionnaire.md", "The four questions, filled in from the data", _questionnaire),
    ("P8-questionnaire.json", "The questionnaire's answers", _questionnaire_json),
    ("P9-playbook.md", "How new duplicates are kept out", _playbook),
    ("P10-sign-off.md", "The sign-off report as Markdown", _sign_off),
    ("P10-decisions.csv", "Every decision, each line hashed with all before it", _decisions),
    ("P10-accepted-risks.csv", "Risks accepted by name", _accepted),
)
"""Every file of the policy: name, what it is, how it is made."""
