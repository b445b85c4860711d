"""P4: who may leave each system, in four dialects with counts, and the records that decisions left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reconcile_tui.readiness.policy import dialects, predicates
from reconcile_tui.readiness.policy.sheets import sheet
from reconcile_tui.readiness.report.content import Report
from reconcile_tui.readiness.report.markdown import plain

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

from reconcile_tui.steps.policies.documents import as_json

# NEEDS FROM MAIN ['write']


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
    wanted: dict[str, Callable[[], Any]] = {"english": lambda: dialects.english(tree)}
    if ws.project.systems[system].kind == "dynamics":
        wanted |= {"odata": lambda: dialects.odata(tree, columns), "fetch_xml": lambda: dialects.fetch_xml(tree, name)}
    if ws.project.systems[system].kind == "hubspot":
        wanted["hubspot"] = lambda: dialects.hubspot(tree)
    return {dialect: _or_reason(make) for dialect, make in wanted.items()}


def _or_reason(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except predicates.NotTranslatable as error:
        return f"not translatable: {error}"


def filters_json(ws: Workspace, _: Report) -> str:
    """Every filter in its dialects, with what decisions left out."""
    return as_json({"filters": _filters(ws), "left_out_by_decision": [{**ref, "direction": d} for ref, d in _excluded(ws)]})


def filters_text(ws: Workspace, report: Report) -> str:
    """The same to read, with counts in and out."""
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


def excluded_sheet(ws: Workspace, _: Report) -> str:
    """Records left out by decision."""
    return sheet(["system", "table", "id", "direction"], [(*ref.values(), direction) for ref, direction in _excluded(ws)])
