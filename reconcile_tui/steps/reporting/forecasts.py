"""Overwritten cells before and after, by field, and one group told step by step."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconcile_tui.display import safe_text
from reconcile_tui.readiness.report.content import (
    Example,
    FieldCells,
    SideTotals,
)
from reconcile_tui.steps.forecasting.text import labels
from reconcile_tui.workspace.checks import Checks

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

_EXAMPLE_CELLS = 9
_CELLS_OF_ONE = 3
_EXAMPLE_STEPS = 12


def totals(ws: Workspace, side: str) -> SideTotals | None:
    """A kept forecast's totals."""
    kept = ws.forecasts.totals(side)
    return _sums(kept) if kept else None


def first(ws: Workspace) -> SideTotals | None:
    """The first forecast of the present profile, once something has been written since: what today's is to be compared with."""
    now, runs = ws.forecasts.totals("now"), ws.runs.all()
    made = [kept for kept in ws.forecasts.trend("now") if now is not None and kept["profile"] == now["profile"]]
    return _sums(made[0]) if runs and made and made[0]["at"] < runs[-1]["started_at"] else None


def _sums(kept: Mapping[str, Any]) -> SideTotals:
    names = ("groups", "confluent_groups", "cells_certain", "cells_order_dependent", "records_at_risk")
    groups, confluent, certain, order_dependent, at_risk = (int(kept[name]) for name in names)
    return SideTotals(groups, confluent, certain, order_dependent, at_risk, str(kept["at"]))


def after(ws: Workspace) -> SideTotals | None:
    """Launch after cleaning: made anew when the decisions are younger than what is kept; without decisions it is today's."""
    from reconcile_tui.steps import simulate

    decided = ws.decisions.log(limit=1)
    kept = totals(ws, "after")
    if not decided:
        return kept
    totals_now = totals(ws, "now")
    if kept is None or kept.at < decided[0].at or (totals_now and kept.at < totals_now.at):
        simulate.simulate(ws, after_plan=True)
        kept = totals(ws, "after")
    return kept


def by_field(ws: Workspace) -> tuple[FieldCells, ...]:
    """Overwritten cells of every field, before and after."""
    checks = Checks(ws)
    before, after = checks.cells_by_field("now"), checks.cells_by_field("after")
    return tuple(FieldCells(name, *counts, *after.get(name, (0, 0))) for name, counts in before.items())


def example(ws: Workspace) -> Example | None:
    """A small group that shows most: different people behind one address if there are any, told by the simulator."""
    from reconcile_tui.steps import simulate

    candidates = [g for g in ws.forecasts.groups("now", limit=200) if g.cells and g.review_group and len(g.records) > 1]
    if not candidates:
        return None
    rows = {g.id: ws.matches.row(str(g.review_group)) for g in candidates}
    people_differ = {g.id for g in candidates if (row := rows[g.id]) is not None and row.klass == "shared_mailbox"}
    best = min(candidates, key=lambda g: (g.id not in people_differ, len(g.records) != 3, g.confluent, len(g.records), -len(g.cells), g.id))
    forecast = simulate.simulate(ws, group=best.review_group)
    told = [forecast.tell(at_stake) for at_stake in forecast.groups]
    cells = _few_of_each([(group, cell) for group in told for cell in group.cells])
    steps = _steps(cells)
    records = {r.ref: r for r in ws.records.load(best.records)}
    shown = tuple(
        (f"{c.record.table} {c.record.id[:8]}", c.field, safe_text(c.now), " or ".join(safe_text(v) or "∅" for v in c.after))
        for _, c in cells
    )
    people = tuple(dict.fromkeys(filter(None, (_name(record.values) for record in records.values()))))
    return Example(str(best.review_group), people or (str(best.review_group),), shown, steps)


def _few_of_each(cells: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """The first cells of every record, so that the example shows all of them."""
    seen: Counter[Any] = Counter()
    kept = []
    for group, cell in cells:
        seen[cell.record] += 1
        if seen[cell.record] <= _CELLS_OF_ONE:
            kept.append((group, cell))
    return kept[:_EXAMPLE_CELLS]


def _steps(cells: list[tuple[Any, Any]]) -> tuple[str, ...]:
    told = [forecast.witness(cell).sentences(labels(forecast)) for forecast, cell in cells]
    stories = [tuple(re.sub(r"^\d+ ", "", sentence) for sentence in story) for story in told]  # the list numbers them
    return max((s for s in stories if len(s) <= _EXAMPLE_STEPS), key=len, default=())


def _name(values: Any) -> str:
    return " ".join(str(values[name]) for name in ("first_name", "last_name", "full_name") if values.get(name))
