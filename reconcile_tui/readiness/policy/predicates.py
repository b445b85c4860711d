"""Eligibility predicates taken apart, so that `dialects` can say them as the systems do.

Understands comparisons, IN, IS NULL, LIKE with % at the ends, AND, OR, NOT and parentheses, which is what filters of connectors can say
too. Anything else is refused with the reason rather than translated half.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

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
