"""A `$filter` tree as an SQL condition over one table."""

from __future__ import annotations

import re
from typing import Any

from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.errors import bad_query, no_property
from reconcile_tui.sandbox.dataverse.expressions import Both, Compare, Field, Literal, Node, Not, OneOf, Operand, Text
from reconcile_tui.sandbox.dataverse.schema import TEXTS, Column, Table
from reconcile_tui.sandbox.store import quoted

Condition = tuple[str, list[Any]]

SIGNS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
MIRRORED = {"gt": "lt", "lt": "gt", "ge": "le", "le": "ge"}


def condition(env: Environment, table: Table, node: Node) -> Condition:
    """SQL and its values. Text is compared without case; `ne` holds for a row without a value. Raises Refusal."""
    if isinstance(node, Both):
        (left, first), (right, second) = condition(env, table, node.left), condition(env, table, node.right)
        return f"({left} {node.operator.upper()} {right})", [*first, *second]
    if isinstance(node, Not):
        sql, values = condition(env, table, node.inner)
        return f"(NOT coalesce({sql}, 0))", values
    if isinstance(node, OneOf):
        side, column = _side(env, table, node.field)
        marks = ", ".join("?" * len(node.values))
        return f"{side} {'NOT ' if node.negated else ''}IN ({marks})", [_comparable(column, value) for value in node.values]
    if isinstance(node, Text):
        return _text(env, table, node)
    return _compare(env, table, node)


def _side(env: Environment, table: Table, field: Field) -> tuple[str, Column]:
    """The SQL of a column and its definition; `navigation/column` is looked up in the other table."""
    head, _, rest = field.name.partition("/")
    if rest:
        for name, column, target in table.navigations():
            if name == head:
                other = env.schema.tables[target]
                inner, found = _side(env, other, Field(rest))
                linked = f"(SELECT {inner} FROM {other.sql} WHERE {other.sql}.{other.key} = {table.sql}.{quoted(column.name)})"
                return _without_case(linked, found), found
        raise no_property(table.name, head)
    found_column = table.by_wire(field.name)
    if found_column is None:
        raise no_property(table.name, field.name)
    sql = f"{table.sql}.{quoted(found_column.name)}"
    return _without_case(sql, found_column), found_column


def _without_case(sql: str, column: Column) -> str:
    return f"{sql} COLLATE NOCASE" if column.type in TEXTS else sql


def _comparable(column: Column, value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if column.type in ("integer", "bigint", "choice", "state", "status", "bool") and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if column.type in ("datetime", "date") and isinstance(value, str) and len(value) == 10 and column.type == "datetime":
        return f"{value}T00:00:00Z"
    if column.type == "date" and isinstance(value, str):
        return value[:10]
    if column.type in ("key", "lookup", "owner") and isinstance(value, str):
        return value.strip("{}").lower()
    return value


def _compare(env: Environment, table: Table, node: Compare) -> Condition:
    operator, left, right = node.operator, node.left, node.right
    if isinstance(left, Literal):
        operator, left, right = MIRRORED.get(operator, operator), right, left
    if not isinstance(left, Field):
        raise bad_query("A binary operator with two constants was found; at least one side must be a property.")
    side, column = _side(env, table, left)
    if isinstance(right, Field):
        other, _ = _side(env, table, right)
        return f"{side} {SIGNS[operator]} {other}", []
    if right.value is None:
        if operator not in ("eq", "ne"):
            raise bad_query(f"The operator '{operator}' does not take null.")
        return f"{side} IS {'NOT ' if operator == 'ne' else ''}NULL", []
    _check_type(column, right)
    value = _comparable(column, right.value)
    if operator == "ne":
        return f"({side} <> ? OR {side} IS NULL)", [value]
    return f"{side} {SIGNS[operator]} ?", [value]


_EDM = {"integer": "Edm.Int32", "choice": "Edm.Int32", "state": "Edm.Int32", "status": "Edm.Int32", "bool": "Edm.Boolean"}


def _check_type(column: Column, right: Operand) -> None:
    value = right.value if isinstance(right, Literal) else None
    expected = _EDM.get(column.type, "Edm.String")
    wrong = (
        (column.type in TEXTS and not isinstance(value, str))
        or (column.type == "bool" and not isinstance(value, bool))
        or (expected == "Edm.Int32" and isinstance(value, str) and not value.lstrip("-").isdigit())
    )
    if wrong:
        given = "Edm.String" if isinstance(value, str) else "Edm.Boolean" if isinstance(value, bool) else "Edm.Int32"
        found = f"Found operand types '{expected}' and '{given}' for operator kind 'Equal'."
        raise bad_query(f"A binary operator with incompatible types was detected. {found}")


def _text(env: Environment, table: Table, node: Text) -> Condition:
    side, _ = _side(env, table, node.field)
    escaped = re.sub(r"([%_\\])", r"\\\1", node.value)
    pattern = {"contains": f"%{escaped}%", "startswith": f"{escaped}%", "endswith": f"%{escaped}"}[node.function]
    return f"{side} LIKE ? ESCAPE '\\'", [pattern]
