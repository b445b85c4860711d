"""A predicate in other dialects: plain English, OData and FetchXML for Dataverse, filters for HubSpot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from reconcile_tui.model import Column
from reconcile_tui.readiness.policy.predicates import Both, NotTranslatable, Test, Tree

_WORDS = {"=": "is", "<>": "is not", "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least"}


def english(tree: Tree) -> str:
    """A sentence."""
    if isinstance(tree, Both):
        return f" {tree.join} ".join(f"({english(p)})" if isinstance(p, Both) else english(p) for p in tree.parts)
    listed = ", ".join(map(str, tree.values))
    if tree.operator in _WORDS:
        return f"{tree.column} {_WORDS[tree.operator]} {listed}"
    words = {
        "in": "is one of",
        "not in": "is none of",
        "null": "is empty",
        "not null": "is filled",
        "like": "is like",
        "not like": "is not like",
    }
    return f"{tree.column} {words[tree.operator]} {listed}".rstrip()


_ODATA = {"=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_FETCH = {**_ODATA, "in": "in", "not in": "not-in", "null": "null", "not null": "not-null", "like": "like", "not like": "not-like"}


def odata(tree: Tree, columns: Mapping[str, Column]) -> str:
    """Dataverse's `$filter`."""
    if isinstance(tree, Both):
        return f" {tree.join} ".join(f"({odata(p, columns)})" if isinstance(p, Both) else odata(p, columns) for p in tree.parts)
    column = columns.get(tree.column)
    literals = [_literal(value, column) for value in tree.values]
    if tree.operator in _ODATA:
        return f"{tree.column} {_ODATA[tree.operator]} {literals[0]}"
    if tree.operator in ("null", "not null"):
        return f"{tree.column} {'eq' if tree.operator == 'null' else 'ne'} null"
    if tree.operator in ("in", "not in"):
        sign, join = ("eq", " or ") if tree.operator == "in" else ("ne", " and ")
        return f"({join.join(f'{tree.column} {sign} {literal}' for literal in literals)})"
    function, text = _like(str(tree.values[0]))
    call = f"{function}({tree.column},{_literal(text, None)})"
    return f"not {call}" if tree.operator == "not like" else call


def _literal(value: str | float, column: Column | None) -> str:
    if column is not None and column.type == "boolean":
        return "true" if str(value).lower() in ("1", "true") else "false"
    if isinstance(value, str) and not (column is not None and column.type in ("integer", "choice", "number", "date", "datetime")):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def _like(pattern: str) -> tuple[str, str]:
    inner = pattern.strip("%")
    if "%" in inner or "_" in inner:
        raise NotTranslatable(f"LIKE {pattern!r}: only % at the ends can be translated")
    starts, ends = pattern.startswith("%"), pattern.endswith("%")
    return ("contains" if starts and ends else "endswith" if starts else "startswith"), inner


def fetch_xml(tree: Tree, table: str) -> str:
    """Dataverse's FetchXML."""
    return f'<fetch><entity name={quoteattr(table)}><filter type="and">{_conditions(tree)}</filter></entity></fetch>'


def _conditions(tree: Tree) -> str:
    if isinstance(tree, Both):
        return f'<filter type="{tree.join}">{"".join(_conditions(part) for part in tree.parts)}</filter>'
    operator, name = _FETCH[tree.operator], quoteattr(tree.column)
    if tree.operator in ("in", "not in"):
        from xml.sax.saxutils import escape

        values = "".join(f"<value>{escape(str(value))}</value>" for value in tree.values)
        return f'<condition attribute={name} operator="{operator}">{values}</condition>'
    value = f" value={quoteattr(str(tree.values[0]))}" if tree.values else ""
    return f'<condition attribute={name} operator="{operator}"{value}/>'


_HUBSPOT = {
    "=": "EQ", "<>": "NEQ", "<": "LT", "<=": "LTE", ">": "GT", ">=": "GTE", "in": "IN", "not in": "NOT_IN", "null": "NOT_HAS_PROPERTY",
    "not null": "HAS_PROPERTY",
}  # fmt: skip
_MOST_GROUPS = 5
"""Filter groups a HubSpot search takes (API reference, CRM search); a list takes more."""


def hubspot(tree: Tree) -> dict[str, Any]:
    """HubSpot's search and list filters: groups joined by OR, filters in a group by AND. Raises NotTranslatable."""
    groups = _alternatives(tree)
    if len(groups) > _MOST_GROUPS:
        raise NotTranslatable(f"it needs {len(groups)} alternatives, a search takes {_MOST_GROUPS}")
    return {"filterGroups": [{"filters": [_filter(test) for test in group]} for group in groups]}


def _alternatives(tree: Tree) -> list[list[Test]]:
    if isinstance(tree, Test):
        return [[tree]]
    if tree.join == "or":
        return [group for part in tree.parts for group in _alternatives(part)]
    found: list[list[Test]] = [[]]
    for part in tree.parts:
        found = [left + right for left in found for right in _alternatives(part)]
    return found


def _filter(test: Test) -> dict[str, Any]:
    if test.operator not in _HUBSPOT:
        raise NotTranslatable(f"HubSpot's filters have no {test.operator.upper()}")
    named: dict[str, Any] = {"propertyName": test.column, "operator": _HUBSPOT[test.operator]}
    if test.operator in ("in", "not in"):
        return {**named, "values": [str(value) for value in test.values]}
    return {**named, "value": str(test.values[0])} if test.values else named
