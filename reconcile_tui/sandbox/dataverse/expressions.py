"""The `$filter` language: parsed into a small tree, which `conditions` turns into SQL and `evaluate` applies to definitions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reconcile_tui.sandbox.clock import iso_seconds, parse_moment
from reconcile_tui.sandbox.dataverse.errors import Refusal, bad_query, unsupported

GUID_TEXT = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_TOKEN = re.compile(
    rf"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<moment>\d{{4}}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?(?![\w-]))|(?P<guid>{GUID_TEXT.pattern})
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?P<name>[@A-Za-z_$][\w.$]*(?:/[A-Za-z_$][\w.$]*)*)|(?P<sign>[(),=\[\]{{}}:]))""",
    re.VERBOSE,
)
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
TEXT_FUNCTIONS = ("contains", "startswith", "endswith")


@dataclass(frozen=True, slots=True)
class Field:
    """A column, or `navigation/column`."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value; `moment` tells a date from a text."""

    value: Any
    moment: bool = False


Operand = Field | Literal


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands and one of `COMPARISONS`."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Text:
    """`contains`, `startswith` or `endswith` of a column and a text."""

    function: str
    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """`Microsoft.Dynamics.CRM.In`, or NotIn."""

    field: Field
    values: tuple[Any, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Both:
    """`and`, `or`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Not:
    """`not`."""

    inner: Node


Node = Compare | Text | OneOf | Both | Not


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the language and where it stands."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """The words of an expression. Raises Refusal."""
    found: list[Token] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise _syntax(text, place)
        found.append(Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
        place = match.end()
    return found


def _syntax(text: str, place: int) -> Refusal:
    return bad_query(f"Syntax error at position {place} in '{text}'.")


def value_of(token: Token) -> Literal:
    """A literal's value. Raises ValueError for a word that is none."""
    if token.kind == "text":
        return Literal(token.text[1:-1].replace("''", "'"))
    if token.kind == "guid":
        return Literal(token.text.lower())
    if token.kind == "moment":
        return Literal(token.text if len(token.text) == 10 else iso_seconds(parse_moment(token.text)), moment=True)
    if token.kind == "number":
        return Literal(float(token.text) if re.search(r"[.eE]", token.text) else int(token.text))
    if token.text in ("true", "false"):
        return Literal(token.text == "true")
    if token.text == "null":
        return Literal(None)
    raise ValueError(token.text)


def literal(text: str) -> Any:
    """One literal as it stands in a key or a parameter. Raises Refusal."""
    found = tokens(text)
    try:
        if len(found) == 1:
            return value_of(found[0]).value
    except ValueError:
        pass
    raise _syntax(text, 0)


def parse(text: str) -> Node:
    """The tree of an expression. Raises Refusal."""
    parser = _Parser(text)
    node = parser.either()
    parser.end()
    return node


class _Parser:
    """Recursive descent; one method per level of binding."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.place = 0

    def fail(self) -> Refusal:
        at = self.tokens[self.place].at if self.place < len(self.tokens) else len(self.text)
        return _syntax(self.text, at)

    def end(self) -> None:
        if self.place < len(self.tokens):
            raise self.fail()

    def peek(self, ahead: int = 0) -> str:
        place = self.place + ahead
        return self.tokens[place].text if place < len(self.tokens) else ""

    def next(self) -> Token:
        if self.place >= len(self.tokens):
            raise self.fail()
        self.place += 1
        return self.tokens[self.place - 1]

    def expect(self, sign: str) -> None:
        if self.peek() != sign:
            raise self.fail()
        self.place += 1

    def either(self) -> Node:
        return self._chain("or", lambda: self._chain("and", self.single))

    def _chain(self, word: str, part: Callable[[], Node]) -> Node:
        node = part()
        while self.peek() == word:
            self.place += 1
            node = Both(word, node, part())
        return node

    def single(self) -> Node:
        word = self.peek()
        if word == "not":
            self.place += 1
            return Not(self.single())
        if word == "(":
            self.place += 1
            node = self.either()
            self.expect(")")
            return node
        if word in TEXT_FUNCTIONS and self.peek(1) == "(":
            return self._text_function()
        if word.startswith("Microsoft.Dynamics.CRM."):
            return self._crm_function()
        if self.peek(1) == "(":
            raise unsupported(f"the function {word} in $filter")
        return self._comparison()

    def _comparison(self) -> Node:
        left = self._operand()
        operator = self.next().text
        if operator not in COMPARISONS:
            self.place -= 1
            raise self.fail()
        return Compare(operator, left, self._operand())

    def _operand(self) -> Operand:
        token = self.next()
        try:
            return value_of(token)
        except ValueError:
            if token.kind == "name":
                return Field(token.text)
        self.place -= 1
        raise self.fail()

    def _text_function(self) -> Node:
        function = self.next().text
        self.expect("(")
        field = self._operand()
        self.expect(",")
        value = self._operand()
        self.expect(")")
        if not isinstance(field, Field) or not isinstance(value, Literal):
            raise self.fail()
        node: Node = Text(function, field, str(value.value))
        if self.peek() == "eq" and self.peek(1) in ("true", "false"):
            self.place += 1
            node = node if self.next().text == "true" else Not(node)
        return node

    def _crm_function(self) -> Node:
        name = self.next().text.rpartition(".")[2]
        if name not in ("In", "NotIn"):
            raise unsupported(f"the function Microsoft.Dynamics.CRM.{name} in $filter")
        self.expect("(")
        arguments: dict[str, Any] = {}
        while self.peek() != ")":
            word = self.next().text
            self.expect("=")
            arguments[word] = self._list() if self.peek() == "[" else value_of(self.next()).value
            if self.peek() == ",":
                self.place += 1
        self.expect(")")
        if not {"PropertyName", "PropertyValues"} <= set(arguments):
            raise self.fail()
        return OneOf(Field(str(arguments["PropertyName"])), tuple(arguments["PropertyValues"]), name == "NotIn")

    def _list(self) -> list[Any]:
        self.expect("[")
        values: list[Any] = []
        while self.peek() != "]":
            values.append(value_of(self.next()).value)
            if self.peek() == ",":
                self.place += 1
        self.expect("]")
        return values
