"""Decisions and their pace, runs and what was read back, writes that can't be taken back."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from reconcile_tui.readiness.report.content import (
    Irreversible,
    RunLine,
    Throughput,
)
from reconcile_tui.workspace.checks import Checks

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

_PAUSE_SECONDS = 600
"""A gap between two decisions that counts as a pause."""


def throughput(ws: Workspace) -> Throughput:
    """Decisions by outcome, person and day, and their pace."""
    counts = Checks(ws).decision_counts()
    states = ws.matches.counts_by("state")
    decided = states.get("decided", 0)
    return Throughput(
        decided, sum(states.values()) - decided, counts["outcome"], counts["author"], counts["day"], _per_hour(ws), counts["undone"]["all"]
    )


def _per_hour(ws: Workspace) -> float | None:
    moments = [datetime.fromisoformat(at) for at in Checks(ws).decision_times()]
    gaps = [(b - a).total_seconds() for a, b in pairwise(moments)]
    worked = [gap for gap in gaps if 0.5 <= gap < _PAUSE_SECONDS]  # faster ones were made in bulk
    return 3600 * len(worked) / sum(worked) if len(worked) >= 5 else None


def runs(ws: Workspace) -> list[RunLine]:
    """Every run with its outcomes and what was read back."""
    from reconcile_tui.stewardship.outcomes import items_of

    lines = []
    for run in reversed(ws.runs.all()):
        items, _ = items_of(ws.runs.journal(run["id"]))
        outcomes: dict[str, int] = {}
        for item in items.values():
            outcomes[item.outcome] = outcomes.get(item.outcome, 0) + 1
        checked, differing = _compared(ws, run["plan"], {seq for seq, item in items.items() if item.outcome in ("done", "already")})
        lines.append(
            RunLine(
                run["id"],
                run["kind"],
                run["started_at"],
                run["finished_at"] or "",
                run["author"],
                outcomes,
                checked,
                differing,
                run["plan"],
            )
        )
    return lines


def _compared(ws: Workspace, digest: str, done: set[int]) -> tuple[int, int]:
    """(values, of them not as planned): what the done writes left against the newest reading of each record."""
    from reconcile_tui.stewardship.document import SETTING_UP, Plan
    from reconcile_tui.stewardship.values import same

    document = ws.runs.plan(digest)
    if document is None:
        return 0, 0
    aliases = ws.decisions.aliases()
    final: dict[Any, dict[str, Any]] = {}
    for w in Plan.from_json(document).writes:
        if w.seq in done and w.kind not in SETTING_UP:
            ref = w.ref
            while ref in aliases:
                ref = aliases[ref]
            final.setdefault(ref, {}).update({c: v for c, v in w.leaves.items() if c not in w.id_from})
    keys = {key: ref for ref in final if (key := ws.records.key_of(ref)) is not None}
    found = {record.ref: record.native for record in ws.records.load(list(keys))}
    cells = [(found[ref].get(c), v) for ref, values in final.items() if ref in found for c, v in values.items() if c in found[ref]]
    return len(cells), sum(not same(held, planned) for held, planned in cells)


def irreversible(ws: Workspace) -> list[Irreversible]:
    """Writes of all runs that can't be taken back, and those the decisions in force would add."""
    from reconcile_tui.stewardship.document import Plan
    from reconcile_tui.stewardship.outcomes import items_of

    found: list[Irreversible] = []
    for run in reversed(ws.runs.all()):
        document = ws.runs.plan(run["plan"])
        if document is None:
            continue
        items, _ = items_of(ws.runs.journal(run["id"]))
        done = {seq for seq, item in items.items() if item.outcome in ("done", "already")}
        found += [_final(w, run["id"]) for w in Plan.from_json(document).writes if w.undo == "none" and w.seq in done]
    return found + _planned(ws)


def _planned(ws: Workspace) -> list[Irreversible]:
    from reconcile_tui.steps import plan

    if not ws.decisions.decided_groups():
        return []
    return [_final(w, None) for w in plan.make(ws).writes if w.undo == "none"]


def _final(w: Any, run: int | None) -> Irreversible:
    from reconcile_tui.stewardship.document import KINDS

    return Irreversible(run, f"{w.system}: {KINDS[w.kind]}", f"{w.table} {w.id}", f"{w.table} {w.lose}" if w.lose else "", run is not None)
