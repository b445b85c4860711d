"""P1: duplicate detection rules that keep new duplicates out of Dynamics, as rules to set up and as Web API requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reconcile_tui.project import Project, RecordType
from reconcile_tui.systems.protocol import DuplicateRule

MOST_RULES = 5
"""Published duplicate detection rules per table (Microsoft, "Set up duplicate detection rules")."""

_ID = "{id of the rule}"


def duplicate_rules(project: Project) -> list[tuple[str, DuplicateRule]]:
    """(system, rule): one on the address (where a record type has none, on the name) for each table against itself and every other, and
    one on name and phone per table.

    Conditions of a rule are joined by AND, so OR needs several rules; a rule compares what is saved in its own table only, so that a lead
    and a contact need one each way.
    """
    found = []
    for record_type in project.record_types.values():
        for system, tables in record_type.tables.items():
            if project.systems[system].kind == "dynamics":
                found += [(system, rule) for table in tables for rule in _rules(record_type, system, table, tables)[:MOST_RULES]]
    return found


def _rules(record_type: RecordType, system: str, table: str, tables: Sequence[str]) -> list[DuplicateRule]:
    by, kind = ("e-mail", "email") if record_type.fields_of_kind("email") else ("name", "company")
    rules = [
        DuplicateRule(f"{table} to {other} by {by}", table, other, conditions)
        for other in dict.fromkeys([table, *tables])
        if (conditions := _conditions(record_type, system, table, other, (kind,)))
    ]
    named = _conditions(record_type, system, table, table, ("first_name", "last_name", "phone"))
    if len(named) == 3:
        rules.append(DuplicateRule(f"{table} to {table} by name and phone", table, table, named))
    return rules


def _conditions(record_type: RecordType, system: str, table: str, other: str, kinds: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(column of the table, column of the other) of the first field of each kind that both have."""
    found = []
    for kind in kinds:
        both = ((f.column(system, table), f.column(system, other)) for f in record_type.fields if f.kind == kind)
        pair = next(((one, two) for one, two in both if one and two), None)
        if pair is not None:
            found.append(pair)
    return tuple(found)


def requests(rule: DuplicateRule) -> dict[str, Any]:
    """The requests that create and publish a rule, as a plan sends them."""
    from reconcile_tui.systems.dynamics import rules

    api = "/api/data/v9.2"
    conditions = [rules.condition(rule, _ID, one, other) for one, other in rule.conditions]
    return {
        "name": rule.name,
        "create": {"method": "POST", "url": f"{api}/duplicaterules", "body": rules.definition(rule)},
        "conditions": [{"method": "POST", "url": f"{api}/duplicateruleconditions", "body": body} for body in conditions],
        "publish": {"method": "POST", "url": f"{api}/duplicaterules({_ID})/Microsoft.Dynamics.CRM.PublishDuplicateRule"},
    }
