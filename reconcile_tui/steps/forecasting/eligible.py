"""Which records may leave their system, table by table; a predicate that can't be used is named, and the rest is still computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconcile_tui.workspace import eligibility

if TYPE_CHECKING:
    from reconcile_tui.project import RecordType
    from reconcile_tui.workspace import Workspace

Place = tuple[str, str]
"""(system, table)."""


def predicates_of(record_type: RecordType) -> dict[Place, str]:
    """The project's predicates; empty: every active record."""
    return {(s, t): record_type.eligible.get(s, {}).get(t, "") for s, tables in record_type.tables.items() for t in tables}


def eligible_rows(workspace: Workspace, predicates: Mapping[Place, str], problems: list[str]) -> dict[Place, Any]:
    """Row numbers (int64) of those that may leave, of each pulled table.

    Where a predicate can't be used, every active record counts: the worse case. `problems` gets a sentence that names it.
    """
    found = {}
    for table in workspace.records.tables():
        place = (table.system, table.name)
        if place not in predicates:
            continue
        found[place], problem = eligibility.every_row_or_active(workspace.path, table.storage, predicates[place])
        if problem:
            problems.append(f"{entry(workspace, place)}: {problem} Every active record is taken as eligible here: the worse case.")
    return found


def entry(workspace: Workspace, place: Place) -> str:
    """The entry of the project file that holds a table's predicate."""
    system, table = place
    record_type = workspace.project.record_type_of(system, table)
    return f"record_types.{record_type.name}.eligible.{system}_to_{workspace.project.other(system)}.{table}"
