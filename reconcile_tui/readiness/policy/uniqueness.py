"""P2 and P3: the columns that hold the counterpart's id, made unique: alternate keys in Dynamics, unique properties in HubSpot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reconcile_tui.project import Project


def link_columns(project: Project) -> Iterator[tuple[str, str, str, str]]:
    """(system, table, column, table of the other system) of every link column."""
    for record_type in project.record_types.values():
        for system, tables in record_type.tables.items():
            for table in tables:
                for other, column in project.link_columns(system, table).items():
                    yield system, table, column, other


def alternate_keys(project: Project) -> list[dict[str, Any]]:
    """P2: a key on the dedicated link column of each Dynamics table, never on the address."""
    from reconcile_tui.systems.dynamics import links

    found = []
    for system, table, column, _ in link_columns(project):
        if project.systems[system].kind == "dynamics":
            entity = f"/api/data/v9.2/EntityDefinitions(LogicalName='{table}')"
            check = f"{entity}/Keys?$select=SchemaName,KeyAttributes,EntityKeyIndexStatus"
            found.append(
                {
                    "table": table,
                    "column": {"method": "POST", "url": f"{entity}/Attributes", "body": links.column_definition(column, "")},
                    "key": {"method": "POST", "url": f"{entity}/Keys", "body": links.key_definition(column, "")},
                    "check": {"method": "GET", "url": check},
                }
            )
    return found


def unique_properties(project: Project) -> list[dict[str, Any]]:
    """P3: a unique property per HubSpot object for the counterpart's id; uniqueness can be set at creation only."""
    from reconcile_tui.systems.hubspot import properties

    found = []
    for system, table, column, other in link_columns(project):
        if project.systems[system].kind == "hubspot":
            body = properties.link_definition(table, column, f"Dynamics {other} id")
            found.append({"object": table, "create": {"method": "POST", "url": f"/crm/v3/properties/{table}", "body": body}})
    return found
