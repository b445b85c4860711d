"""Faults: which requests go wrong. A fault is switched on for a pattern of requests and counts itself down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconcile_tui.errors import UsageError
from reconcile_tui.sandbox.exchange import Call
from reconcile_tui.sandbox.fault_kinds import KINDS


@dataclass(slots=True)
class Fault:
    """One fault and the requests it waits for; `method` and `path` are regular expressions (path: with the query), empty means any."""

    kind: str
    system: str = ""
    method: str = ""
    path: str = ""
    nth: int = 1  # the first matching request that is hit
    count: int | None = 1  # how many are hit; None: all that follow
    settings: Mapping[str, Any] = field(default_factory=dict)
    seen: int = 0
    hits: int = 0

    def takes(self, call: Call) -> bool:
        """Count a request, and say whether this fault hits it."""
        target = f"{call.plain_path}?{call.query}" if call.query else call.plain_path
        fits = (
            (not self.system or self.system == call.system)
            and (not self.method or re.fullmatch(self.method, call.method) is not None)
            and (not self.path or re.search(self.path, target) is not None)
        )
        if not fits:
            return False
        self.seen += 1
        if self.seen < self.nth or (self.count is not None and self.hits >= self.count):
            return False
        self.hits += 1
        return True

    def as_json(self) -> dict[str, Any]:
        """The fault and how often it hit."""
        names = ("kind", "system", "method", "path", "nth", "count", "seen", "hits")
        return {**{name: getattr(self, name) for name in names}, **self.settings}


_OWN = ("system", "method", "path", "nth", "count")


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        """None."""
        self._active: list[Fault] = []

    def add(self, kind: str, **settings: Any) -> Fault:
        """Switch a fault on; `system`, `method`, `path`, `nth` and `count` say for which requests. Raises UsageError."""
        if kind not in KINDS:
            raise UsageError(f"The sandbox knows no fault {kind!r}.", todo=f"One of: {', '.join(KINDS)}.")
        own = {name: settings.pop(name) for name in _OWN if name in settings}
        try:
            for name in ("method", "path"):
                re.compile(str(own.get(name, "")))
        except re.error as error:
            raise UsageError(f"{own} is no pattern: {error}.") from error
        fault = Fault(kind, **own, settings=settings)
        self._active.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all off."""
        self._active.clear()

    def hitting(self, call: Call) -> list[Fault]:
        """The faults that hit this request, in the order they were added."""
        return [fault for fault in self._active if fault.takes(call)]

    def as_json(self) -> list[dict[str, Any]]:
        """All faults and how often each hit."""
        return [fault.as_json() for fault in self._active]
