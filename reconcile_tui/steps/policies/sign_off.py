"""P8 and P10: the questionnaire filled in from the data, the sign-off, the ledger of decisions, accepted risks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from reconcile_tui.readiness.policy.sheets import sheet
from reconcile_tui.readiness.registry import QUESTIONS
from reconcile_tui.readiness.report.content import Report
from reconcile_tui.readiness.report.markdown import table
from reconcile_tui.steps import report as reporting

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

from reconcile_tui.steps.policies.documents import as_json


def questionnaire(_: Workspace, report: Report) -> str:
    """P8."""
    tables = [(t.system, t.table, f"{t.records:,}", f"{t.eligible:,}", f"{t.creates:,}", t.predicate) for t in report.tables]
    duplicates = [(d.rule, f"{d.groups:,}", f"{d.records:,}") for d in report.duplicates]
    fields = [
        (f.field.name, report.directions.get(f.field.direction, ""), f.field.transform.name, f.field.blank, f.verdict.replace("_", " "))
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


def questionnaire_json(_: Workspace, report: Report) -> str:
    """P8 for programs."""
    return as_json([asked.as_json() for asked in report.readiness.questions])


def sign_off(_: Workspace, report: Report) -> str:
    """P10: the report, with room for names."""
    return (
        reporting.markdown(report)
        + "\n---\n\nData steward, date: ________  Owner of the sync, date: ________  Data protection, date: ________\n"
    )


def decisions(ws: Workspace, _: Report) -> str:
    """P10: every decision, chained by hashes."""
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


def accepted(_: Workspace, report: Report) -> str:
    """P10: risks accepted by name."""
    rows = [(f.check, f.title, f.severity, f.count, f.reason, f.author, f.accepted_at) for f in report.readiness.findings if f.accepted]
    return sheet(["check", "what", "severity", "count", "reason", "accepted by", "at"], rows)
