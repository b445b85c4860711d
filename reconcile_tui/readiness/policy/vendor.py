"""P1 to P3: duplicate detection rules, alternate keys and the unique property, as the requests of the vendors' APIs."""

from __future__ import annotations

from typing import Any

from reconcile_tui.project import Project, RecordType

MOST_RULES = 5
"""Published duplicate detection rules per table (Microsoft, "Set up duplicate detection rules")."""


def duplicate_rules(project: Project) -> list[dict[str, Any]]:
    """P1: one rule per pair of tables on the address, and one on name and phone per table; OR needs several rules."""
    rules: list[dict[str, Any]] = []
    for record_type in project.record_types.values():
        for system, tables in record_type.tables.items():
            if project.systems[system].kind != "dynamics":
                continue
            pairs = [(one, other) for i, one in enumerate(tables) for other in tables[i:]]
            for base, matching in pairs:
                if conditions := _conditions(record_type, system, base, matching, ("email",)):
                    rules.append(_rule(base, matching, "e-mail", conditions))
            for table in tables:
                named = _conditions(record_type, system, table, table, ("first_name", "last_name", "phone"))
                if len(named) >= 3:
                    rules.append(_rule(table, table, "name and phone", named[:3]))
    return rules


def _conditions(record_type: RecordType, system: str, base: str, matching: str, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    found = []
    for kind in kinds:
        field = next((f for f in record_type.fields if f.kind == kind and f.column(system, base) and f.column(system, matching)), None)
        if field is not None:
            found.append((field.column(system, base), field.column(system, matching)))
    several = len(found) > 1
    return [
        {"baseattributename": one, "matchingattributename": other, "operatorcode": 0, "ignoreblankvalues": several or True}
        for one, other in found
    ]


def _rule(base: str, matching: str, by: str, conditions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": f"{base} to {matching} by {by}",
        "create": {
            "method": "POST",
            "url": "/api/data/v9.2/duplicaterules",
            "body": {
                "name": f"{base} to {matching} by {by}",
                "baseentityname": base,
                "matchingentityname": matching,
                "excludeinactiverecords": True,
                "iscasesensitive": False,
            },
        },
        "conditions": [
            {
                "method": "POST",
                "url": "/api/data/v9.2/duplicateruleconditions",
                "body": {**condition, "regardingobjectid@odata.bind": "/duplicaterules({id of the rule})"},
            }
            for condition in conditions
        ],
        "publish": {"method": "POST", "url": "/api/data/v9.2/duplicaterules({id of the rule})/Microsoft.Dynamics.CRM.PublishDuplicateRule"},
    }


def alternate_keys(project: Project) -> list[dict[str, Any]]:
    """P2: a key on the dedicated link column of each Dynamics table, never on the address."""
    found = []
    for record_type in project.record_types.values():
        for system, tables in record_type.tables.items():
            if project.systems[system].kind == "dynamics":
                for table in tables:
                    for column in project.link_columns(system, table).values():
                        found.append(_key(table, column, project.systems[system].prefix))  # noqa: PERF401
    return found


def _key(table: str, column: str, prefix: str) -> dict[str, Any]:
    schema = f"{prefix}_HubSpotContactId"
    return {
        "table": table,
        "column": {
            "method": "POST",
            "url": f"/api/data/v9.2/EntityDefinitions(LogicalName='{table}')/Attributes",
            "body": {
                "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
                "AttributeType": "String",
                "AttributeTypeName": {"Value": "StringType"},
                "SchemaName": schema,
                "LogicalName": column,
                "MaxLength": 100,
                "FormatName": {"Value": "Text"},
                "RequiredLevel": {"Value": "None", "CanBeChanged": True, "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings"},
                "DisplayName": _label("HubSpot contact id"),
            },
        },
        "key": {
            "method": "POST",
            "url": f"/api/data/v9.2/EntityDefinitions(LogicalName='{table}')/Keys",
            "body": {"SchemaName": f"{schema}Key", "DisplayName": _label("HubSpot contact key"), "KeyAttributes": [column]},
        },
        "check": {
            "method": "GET",
            "url": f"/api/data/v9.2/EntityDefinitions(LogicalName='{table}')/Keys?$select=SchemaName,KeyAttributes,EntityKeyIndexStatus",
        },
    }


def _label(text: str) -> dict[str, Any]:
    return {
        "@odata.type": "Microsoft.Dynamics.CRM.Label",
        "LocalizedLabels": [{"@odata.type": "Microsoft.Dynamics.CRM.LocalizedLabel", "Label": text, "LanguageCode": 1033}],
    }


def unique_properties(project: Project) -> list[dict[str, Any]]:
    """P3: a unique property per HubSpot object for the counterpart's id; uniqueness can be set at creation only."""
    found = []
    for record_type in project.record_types.values():
        for system, tables in record_type.tables.items():
            if project.systems[system].kind != "hubspot":
                continue
            for table in tables:
                for other, name in project.link_columns(system, table).items():
                    body = {
                        "groupName": "contactinformation" if table == "contacts" else f"{table}information",
                        "name": name,
                        "label": f"Dynamics {other} id",
                        "type": "string",
                        "fieldType": "text",
                        "hasUniqueValue": True,
                        "formField": False,
                        "description": f"Id of this record's counterpart in the Dynamics table {other}.",
                    }
                    found.append({"object": table, "create": {"method": "POST", "url": f"/crm/v3/properties/{table}", "body": body}})
    return found
