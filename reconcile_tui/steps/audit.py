"""Audit: everything a run has written, value by value: when, by whom, from which decision, before and after, the CRM's request id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from reconcile_tui.steps.apply import plan_of
from reconcile_tui.stewardship.document import Write
from reconcile_tui.stewardship.identity import Identities
from reconcile_tui.stewardship.outcomes import items_of

if TYPE_CHECKING:
    from reconcile_tui.model import Decision
    from reconcile_tui.workspace import Workspace


def audit(ws: Workspace, run: int | None = None) -> Iterator[dict[str, Any]]:
    """One entry a written value, of a run (the newest apply when None), in the plan's order. Raises UsageError.

    A merge that carries no values is one entry without a column. What was found as planned and not sent is not in it.
    """
    number, plan = plan_of(ws, run)
    author = (ws.runs.get(number) or {}).get("author", "")
    journal = list(ws.runs.journal(number))
    answers = _answers(journal)
    items, _ = items_of(journal)
    identities = Identities.after(plan, items)
    decisions: dict[int, Decision | None] = {}
    for write in plan.writes:
        if (item := items.get(write.seq)) is None or item.outcome != "done":
            continue
        if write.decision not in decisions:
            decisions[write.decision] = ws.decisions.get(write.decision)
        base = {"run": number, "author": author, **_of_write(write, identities), **_of_decision(decisions[write.decision])}
        yield from _values(write, identities, answers.get(write.seq, {}), base)


def _answers(journal: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """What the system answered to each write, and when its outcome was noted."""
    found: dict[int, dict[str, Any]] = {}
    for entry in journal:
        if entry["phase"] in ("answer", "outcome"):
            found.setdefault(entry["seq"], {}).update({**entry["detail"], "at": entry["at"]})
    return found


def _of_write(write: Write, identities: Identities) -> dict[str, Any]:
    return {
        "seq": write.seq, "kind": write.kind, "system": write.system, "table": write.table, "id": identities.now(write.ref),
        "merged": write.lose, "group": write.group, "decision": write.decision,
    }  # fmt: skip


def _of_decision(decision: Decision | None) -> dict[str, Any]:
    return {"decided_by": decision.author, "decided_at": decision.at} if decision else {"decided_by": "", "decided_at": ""}


def _values(write: Write, identities: Identities, answer: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    values = identities.values(write)
    sent = answer.get("columns", list(values))  # a lost answer, found done by reading, does not tell: all of them
    told = {"at": answer.get("at", ""), "request_id": answer.get("request_id", ""), "status": answer.get("status", "")}
    for name in [name for name in values if name in sent] or [""]:
        why = write.why.get(name, "")
        yield {**base, **told, "column": name, "before": write.expects.get(name), "after": values.get(name), "why": why}
