"""A table of routes over plain values.

Starlette's path patterns are used, its dispatch is not: a part of a `$batch` has to be answered inside the transaction of the whole
batch, synchronously, and an unknown route has to fail in the vendor's own shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from starlette.routing import compile_path

from reconcile_tui.sandbox.exchange import Answer

Handler = Callable[..., Answer]
Extra = TypeVar("Extra")


@dataclass(frozen=True, slots=True)
class Route(Generic[Extra]):
    """One method at one path, its handler, and what the API wants to know about it (its scope, its cost)."""

    method: str
    pattern: str
    handler: Handler
    extra: Extra


@dataclass(frozen=True, slots=True)
class Found(Generic[Extra]):
    """A route that fits, with the values of its path's variables."""

    route: Route[Extra]
    variables: dict[str, Any]


class Routes(Generic[Extra]):
    """Finds the first route that fits a path."""

    def __init__(self, routes: Iterable[Route[Extra]]) -> None:
        """Compile the patterns once."""
        self._compiled: list[tuple[re.Pattern[str], Route[Extra]]] = [(compile_path(r.pattern)[0], r) for r in routes]

    def find(self, method: str, path: str) -> Found[Extra] | tuple[str, ...]:
        """The route, or the methods this path would take (none: there is no such path)."""
        allowed: list[str] = []
        for pattern, route in self._compiled:
            match = pattern.match(path)
            if match and route.method == method:
                return Found(route, match.groupdict())
            if match:
                allowed.append(route.method)
        return tuple(dict.fromkeys(allowed))
