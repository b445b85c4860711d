"""Report: the sign-off page, built from what the workspace holds. Nothing is asked of the systems, nothing is invented."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from reconcile_tui.display import safe_text
from reconcile_tui.errors import UsageError
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.report.content import (
    ClassLine,
    DuplicateLine,
    Example,
    FieldCells,
    Irreversible,
    Report,
    RunLine,
    SideTotals,
    TableLine,
    Throughput,
)
from reconcile_tui.readiness.rules.scope import created
from reconcile_tui.steps import check as checking
from reconcile_tui.steps.forecasting.text import labels
from reconcile_tui.workspace.checks import Checks
from reconcile_tui.workspace.decisions import now

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

_LISTED = 500
"""Irreversible writes listed; all are counted."""
_PAUSE_SECONDS = 600
"""A gap between two decisions that counts as a pause."""
_EXAMPLE_CELLS = 9
_CELLS_OF_ONE = 3
_EXAMPLE_STEPS = 12


def build(ws: Workspace) -> Report:
    """Gather everything. Runs the checks first when they never ran or records were pulled since. Raises ProjectError."""
    from reconcile_tui.readiness.field_facts import field_facts
    from reconcile_tui.steps.checking import feeding

    last = Checks(ws).last_run()
    readiness = checking.check(ws) if last is None or last["pull"] < Checks(ws).newest_pull() else checking.stored(ws)
    context = feeding.context(ws)
    profile = context.profile
    named = _named(readiness)
    irreversible = _irreversible(ws)
    return Report(
        project=ws.project.name,
        made_at=now(),
        author=ws.author(),
        profile=profile.name,
        profile_summary=profile.summary,
        profile_source=profile.source,
        profile_caveat=profile.caveat,
        systems=tuple(ws.project.systems),
        readiness=readiness,
        tables=tuple(_tables(context)),
        fields=tuple(field_facts(context, named)),
        directions=_directions(ws),
        duplicates=tuple(_duplicates(context)),
        classes=_classes(ws),
        now=_totals(ws, "now"),
        after=_after(ws),
        by_field=_by_field(ws),
        example=_example(ws),
        throughput=_throughput(ws),
        runs=tuple(_runs(ws)),
        irreversible=tuple(irreversible[:_LISTED]),
        irreversible_count=len(irreversible),
        trend=tuple((t["at"], int(t["cells_certain"]) + int(t["cells_order_dependent"])) for t in ws.forecasts.trend()),
        notes=_notes(context),
    )


def _directions(ws: Workspace) -> dict[str, str]:
    """Directions in the project's words."""
    first, second = ws.project.first, ws.project.second or ""
    return {"forward": f"{first} to {second}", "backward": f"{second} to {first}", "both": "both ways", "none": "not synced"}


def html(report: Report) -> str:
    """The report as one self-contained page."""
    from reconcile_tui.readiness.report import page

    return page.html(report)


def markdown(report: Report) -> str:
    """The report as Markdown."""
    from reconcile_tui.readiness.report import markdown as writer

    return writer.markdown(report)


def _json(report: Report) -> str:
    return json.dumps(report.as_json(), ensure_ascii=False, indent=1)


WRITERS: dict[str, Callable[[Report], str]] = {".html": html, ".md": markdown, ".json": _json}
"""Forms of the report by the file's ending."""


def write(ws: Workspace, path: Path) -> Report:
    """Build the report and write it to a .html, .md or .json file (mode 0600: it holds personal data). Raises UsageError."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"{path.name!r} has no ending this can write.", todo=f"Known: {', '.join(WRITERS)}.")
    report = build(ws)
    handle, name = tempfile.mkstemp(dir=path.parent if str(path.parent) else ".", prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(writer(report))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return report


def _named(readiness: checking.Readiness) -> dict[str, dict[str, int]]:
    named: dict[str, dict[str, int]] = {}
    for finding in readiness.findings:
        for row in finding.rows:
            if field := row.detail.get("field"):
                counts = named.setdefault(field, {})
                counts[finding.check] = counts.get(finding.check, 0) + 1
    return named


# -- the four questions


def _tables(context: Context) -> list[TableLine]:
    lines = []
    pulled = {(p.system, p.table): p.finished for p in context.pulls}
    for record_type, data, known in context.each_type():
        new = created(context, known, 0) | created(context, known, 1)
        for table, start in zip(data.tables, data.starts, strict=False):
            predicate = record_type.eligible.get(table.system, {}).get(table.name, "")
            inactive = int(np.count_nonzero(~table.active & ~table.merged))
            counted = (int(np.count_nonzero(~table.merged)), inactive, predicate, int(np.count_nonzero(table.eligible)))
            fresh = int(np.count_nonzero(new[start : start + len(table)]))
            lines.append(TableLine(record_type.name, table.system, table.name, *counted, fresh, pulled.get((table.system, table.name), "")))
    return lines


def _duplicates(context: Context) -> list[DuplicateLine]:
    found = []
    for _, data, known in context.each_type():
        live = known.frame.filter(pl.col("active") & pl.col("address").is_not_null())
        for number, table in enumerate(data.tables):
            rule = f"one address in {table.system} {table.name}"
            why = "the other system holds one record per address" if table.side == 0 else "this system holds an address once"
            found.append(_line(rule, why, live.filter(pl.col("table") == number).group_by("address").len()))
        if len({t.side for t in data.tables}) < len(data.tables):
            across = live.group_by("side", "address").agg(pl.len(), tables=pl.col("table").n_unique()).filter(pl.col("tables") > 1)
            found.append(_line("one address in two tables", "a lead and a contact feed one record", across))
        found.append(_line("own and secondary addresses", "HubSpot counts secondary addresses as taken", _with_secondary(known)))
    return found


def _with_secondary(known: Counterparts) -> pl.DataFrame:
    own = known.frame.filter(pl.col("active")).select("pos", "side", "address").drop_nulls()
    further = known.secondary.join(known.frame.select("pos", "side"), on="pos").select("pos", "side", "address")
    spread = pl.concat([own, further]).unique()
    taken = further.select("address").unique()
    return spread.join(taken, on="address", how="semi").group_by("address").agg(len=pl.col("pos").n_unique())


def _line(rule: str, why: str, counts: pl.DataFrame) -> DuplicateLine:
    several = counts.filter(pl.col("len") > 1)["len"]
    return DuplicateLine(rule, why, len(several), int(several.sum() or 0), int(several.max() or 0))  # type: ignore[arg-type]


def _classes(ws: Workspace) -> tuple[ClassLine, ...]:
    from reconcile_tui.workspace.matches import Filter

    return tuple(
        ClassLine(name, count, ws.matches.count(Filter(klass=name, state="decided")))
        for name, count in ws.matches.counts_by("class").items()
    )


# -- the forecast


def _totals(ws: Workspace, side: str) -> SideTotals | None:
    totals = ws.forecasts.totals(side)
    if totals is None:
        return None
    names = ("groups", "confluent_groups", "cells_certain", "cells_order_dependent", "records_at_risk")
    groups, confluent, certain, order_dependent, at_risk = (int(totals[name]) for name in names)
    return SideTotals(groups, confluent, certain, order_dependent, at_risk, str(totals["at"]))


def _after(ws: Workspace) -> SideTotals | None:
    """Launch after cleaning: made anew when the decisions are younger than what is kept; without decisions it is today's."""
    from reconcile_tui.steps import simulate

    decided = ws.decisions.log(limit=1)
    kept = _totals(ws, "after")
    if not decided:
        return kept
    totals_now = _totals(ws, "now")
    if kept is None or kept.at < decided[0].at or (totals_now and kept.at < totals_now.at):
        simulate.simulate(ws, after_plan=True)
        kept = _totals(ws, "after")
    return kept


def _by_field(ws: Workspace) -> tuple[FieldCells, ...]:
    checks = Checks(ws)
    before, after = checks.cells_by_field("now"), checks.cells_by_field("after")
    return tuple(FieldCells(name, *counts, *after.get(name, (0, 0))) for name, counts in before.items())


def _example(ws: Workspace) -> Example | None:
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


# -- the work


def _throughput(ws: Workspace) -> Throughput:
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


def _runs(ws: Workspace) -> list[RunLine]:
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


def _irreversible(ws: Workspace) -> list[Irreversible]:
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


def _notes(context: Context) -> tuple[str, ...]:
    notes = [
        f"{p.system} {p.table}: pulled {p.finished[:16].replace('T', ' ')} UTC, {p.records:,} records in that pull." for p in context.pulls
    ]
    notes.append("“Values as planned” compares each written value with the newest reading of its record, at the end of the run or later.")
    return tuple(notes)
