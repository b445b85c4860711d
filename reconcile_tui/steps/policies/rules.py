"""P5 to P7: the field map as a sheet, which record stays and which value wins, how the connector is to be configured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reconcile_tui.readiness.field_facts import FieldFacts
from reconcile_tui.readiness.policy.sheets import sheet
from reconcile_tui.readiness.report.content import Report
from reconcile_tui.readiness.report.markdown import plain, table

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


def field_map(_: Workspace, report: Report) -> str:
    """P5."""
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


def survivorship(ws: Workspace, report: Report) -> str:
    """P6."""
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


def connector(ws: Workspace, report: Report) -> str:
    """P7."""
    from reconcile_tui.steps.checking.feeding import profile

    chosen = profile(ws)
    options = [(name, str(value)) for name, value in chosen.options.items()]
    return f"""# P7 Configuration of the connector

Assumed profile: **{plain(chosen.name)}**. {plain(chosen.summary)}

Source: {plain(chosen.source)}. {plain(chosen.caveat)}

{table(["setting", "value"], options)}
* Match by the stored id (P2, P3), not by the address, wherever the connector offers it.
* Give the integration a user of its own in both systems, and have it ignore that user's changes.
* As which users: {plain(answer(report, "S7"))}
* Confirmed by a trial: {plain(answer(report, "S1"))}
* Don't switch the sync off and on again without a comparison: every matched pair is compared anew.
* Order: clean up (plan, apply, verify), create keys and properties, set filters, switch on one direction, compare, switch on the other.
* Own changes ignored: {plain(answer(report, "T3"))}
* Deletions: {plain(answer(report, "L5"))}
"""


def answer(report: Report, question: str) -> str:
    """What a person answered to a question."""
    return next((q.answer for q in report.readiness.questions if q.id == question and q.answer), "not answered yet")
