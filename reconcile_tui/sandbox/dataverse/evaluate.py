"""A `$filter` tree applied to a definition that is held as a dictionary."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from reconcile_tui.sandbox.dataverse.errors import bad_query
from reconcile_tui.sandbox.dataverse.expressions import Both, Compare, Literal, Node, Not, OneOf, Operand, Text

_ORDER: dict[str, Callable[[Any, Any], bool]] = {"gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le}
_TEXT: dict[str, Callable[[str, str], bool]] = {"contains": operator.contains, "startswith": str.startswith, "endswith": str.endswith}


def matches(node: Node, values: dict[str, Any]) -> bool:
    """Whether the definition fits. Raises Refusal for an unknown name."""
    match node:
        case Both("and", left, right):
            return matches(left, values) and matches(right, values)
        case Both(_, left, right):
            return matches(left, values) or matches(right, values)
        case Not(inner):
            return not matches(inner, values)
        case OneOf(field, listed, negated):
            return (_value(field, values) in listed) != negated
        case Text(function, field, text):
            return _TEXT[function](str(_value(field, values) or "").lower(), text.lower())
    return _compares(node, values)


def _compares(node: Compare, values: dict[str, Any]) -> bool:
    left, right = _value(node.left, values), _value(node.right, values)
    if node.operator in ("eq", "ne"):
        return bool(left == right) == (node.operator == "eq")
    return left is not None and right is not None and _ORDER[node.operator](left, right)


def _value(operand: Operand, values: dict[str, Any]) -> Any:
    if isinstance(operand, Literal):
        return operand.value
    found: Any = values
    for part in operand.name.split("/"):
        if not isinstance(found, dict) or part not in found:
            raise bad_query(f"Could not find a property named '{operand.name}'.")
        found = found[part]
    return found
