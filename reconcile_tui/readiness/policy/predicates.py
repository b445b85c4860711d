"""Eligibility predicates in the dialects of the systems: plain English, OData `$filter`, FetchXML, HubSpot search filters.

Understands comparisons, IN, IS NULL, LIKE with % at the ends, AND, OR, NOT and parentheses, which is what filters of connectors can say
too. Anything else is refused with the reason rather than translated half.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import quoteattr

from reconcile_tui.model import Column

Operator = Literal["=", "<>", "<", "<=", ">", ">=", "in", "not in", "null", "not null", "like", "not like"]


class NotTranslatable(ValueError):
    """A predicate says something no filter of the dialect can; the text says what."""


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of a column with values."""

    column: str
    operator: Operator
    values: tuple[str | int | float, ...] = ()


@dataclass(frozen=True, slots=True)
class Both:
    """All parts (`and`) or at least one (`or`)."""

    join: Literal["and", "or"]
    parts: tuple[Test | Both, ...]


Tree = Test | Both

_TOKEN = re.compile(r"\s*(?:(\()|(\))|(,)|(<>|!=|<=|>=|==|=|<|>)|('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|\"([^\"]+)\"|([A-Za-z_][A-Za-z0-9_]*))")
_NEGATED: dict[Operator, Operator] = {
    "=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "in": "not in", "not in": "in", "null": "not null",
    "not null": "null", "like": "not like", "not like": "like",
}  # fmt: skip


def parse(predicate: str) -> Tree:
    """The predicate as a tree without NOT. Raises NotTranslatable."""
    reader = _Reader(_tokens(predicate))
    tree = reader.either()
    if reader.rest:
        raise NotTranslatable(f"{reader.rest[0][1]!r} is not understood")
    return tree


def _tokens(text: str) -> list[tuple[str, str]]:
    names = ("open", "close", "comma", "operator", "text", "number", "quoted", "word")
    found, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise NotTranslatable(f"{text[position : position + 20]!r} is not understood")
        found.append(next((name, value) for name, value in zip(names, match.groups(), strict=True) if value is not None))
        position = match.end()
    return found


class _Reader:
    """A reader of one predicate, by descent."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.rest = tokens

    def word(self, *words: str) -> bool:
        """Take the words if they come next."""
        ahead = [value.lower() for kind, value in self.rest[: len(words)] if kind == "word"]
        if ahead == list(words):
            del self.rest[: len(words)]
            return True
        return False

    def take(self, kind: str) -> str:
        """Take a token of a kind. Raises NotTranslatable."""
        if not self.rest or self.rest[0][0] != kind:
            raise NotTranslatable(f"{self.rest[0][1]!r} is not understood" if self.rest else "it ends too early")
        return self.rest.pop(0)[1]

    def either(self) -> Tree:
        """Parts joined by OR."""
        parts = [self.each()]
        while self.word("or"):
            parts.append(self.each())
        return parts[0] if len(parts) == 1 else Both("or", tuple(parts))

    def each(self) -> Tree:
        """Parts joined by AND."""
        parts = [self.part()]
        while self.word("and"):
            parts.append(self.part())
        return parts[0] if len(parts) == 1 else Both("and", tuple(parts))

    def part(self) -> Tree:
        """A negation, a parenthesis or a comparison."""
        if self.word("not"):
            return _negated(self.part())
        if self.rest and self.rest[0][0] == "open":
            self.take("open")
            tree = self.either()
            self.take("close")
            return tree
        return self.test()

    def test(self) -> Tree:
        """One comparison."""
        column = self.take("quoted" if self.rest and self.rest[0][0] == "quoted" else "word")
        if self.word("is", "not", "null") or self.word("notnull"):
            return Test(column, "not null")
        if self.word("is", "null") or self.word("isnull"):
            return Test(column, "null")
        negative = self.word("not")
        if self.word("in"):
            return Test(column, "not in" if negative else "in", self.list())
        if self.word("like"):
            return Test(column, "not like" if negative else "like", (self.value(),))
        if self.word("between"):
            low = self.value()
            if not self.word("and"):
                raise NotTranslatable("BETWEEN without AND")
            both = Both("and", (Test(column, ">=", (low,)), Test(column, "<=", (self.value(),))))
            return _negated(both) if negative else both
        sign = {"!=": "<>", "==": "="}.get(found := self.take("operator"), found)
        return Test(column, sign, (self.value(),))  # type: ignore[arg-type]

    def list(self) -> tuple[str | int | float, ...]:
        """Values in parentheses."""
        self.take("open")
        values = [self.value()]
        while self.rest and self.rest[0][0] == "comma":
            self.take("comma")
            values.append(self.value())
        self.take("close")
        return tuple(values)

    def value(self) -> str | int | float:
        """A text or a number."""
        if self.rest and self.rest[0][0] == "number":
            number = self.take("number")
            return float(number) if "." in number else int(number)
        return self.take("text")[1:-1].replace("''", "'")


def _negated(tree: Tree) -> Tree:
    if isinstance(tree, Test):
        return Test(tree.column, _NEGATED[tree.operator], tree.values)
    return Both("or" if tree.join == "and" else "and", tuple(_negated(part) for part in tree.parts))


# -- plain English

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


# -- OData and FetchXML

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


# -- HubSpot

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
