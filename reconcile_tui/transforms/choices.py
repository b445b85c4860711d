"""Closed sets: truth values, choices by the project's table, several choices at once, lookups by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Steps = tuple[Callable[[str], str], Callable[[str], str]]

_TRUE = ("true", "1", "yes", "y", "on")
_FALSE = ("false", "0", "no", "n", "off")
_NO_ENTRY = "has no entry in the choice map"


def boolean(value: str) -> str:
    """yes/no, on/off, 1/0 and true/false as `true` or `false`."""
    plain = value.strip().lower()
    if plain in _TRUE:
        return "true"
    if plain in _FALSE:
        return "false"
    raise ValueError("is neither true nor false")


def invert(value: str) -> str:
    """true and false exchanged: may contact <-> do not contact."""
    return "false" if boolean(value) == "true" else "true"


def table_steps(table: Mapping[str, str]) -> Steps:
    """(key -> value, value -> key). Where several keys have one value, the way back leads to the first of them."""
    reverse: dict[str, str] = {}
    for first, second in table.items():
        reverse.setdefault(second, first)
    return _reading(table), _reading(reverse)


def _reading(table: Mapping[str, str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in table:
            raise ValueError(_NO_ENTRY)
        return table[value]

    return read


def several_steps(table: Mapping[str, str]) -> Steps:
    """The same for several values at once: parted by `;` (or `,` in Dynamics), in the order of the table, each once."""
    forward, backward = table_steps(table)
    firsts, seconds = list(table), list(dict.fromkeys(table.values()))

    def there(value: str) -> str:
        return ";".join(sorted({forward(part) for part in _parts(value)}, key=seconds.index))

    def back(value: str) -> str:
        return ";".join(sorted({backward(part) for part in _parts(value)}, key=firsts.index))

    return there, back


def _parts(value: str) -> list[str]:
    return [part.strip() for part in re.split("[;,]", value) if part.strip()]


def name_steps(table: Mapping[str, str]) -> Steps:
    """(name -> id, id -> name) with names read without regard to case and blanks."""
    by_name = {_name(name): id_ for name, id_ in table.items()}
    _, backward = table_steps(table)

    def to_id(value: str) -> str:
        found = by_name.get(_name(value))
        if found is None:
            raise ValueError("is no name of the lookup table")
        return found

    return to_id, backward


def _name(text: str) -> str:
    return " ".join(text.casefold().split())
