"""How a step tells what it is doing, and how it is asked to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from reconcile_tui.errors import Interrupted


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a step: `done` of `total` (None: unknown) units of a stage, since `seconds`."""

    stage: str
    done: int
    total: int | None = None
    seconds: float = 0.0
    note: str = ""

    @property
    def rate(self) -> float:
        """Units a second so far."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time left at this rate; None when the end is not known."""
        if not self.total or not self.rate:
            return None
        return max(0.0, (self.total - self.done) / self.rate)


Listener = Callable[[Progress], None]
Stop = Callable[[], bool]


def silent(_: Progress) -> None:
    """A listener that ignores everything."""


def never() -> bool:
    """A stop request that never comes."""
    return False


@dataclass
class Stage:
    """Reports one stage with its own clock, and raises Interrupted when a stop was asked for."""

    name: str
    listener: Listener = silent
    stop: Stop = never
    total: int | None = None
    done: int = 0
    _start: float = field(default_factory=time.monotonic)

    def advance(self, units: int = 1, *, note: str = "", total: int | None = None) -> None:
        """Count units and tell the listener."""
        self.done += units
        self.total = total if total is not None else self.total
        self.listener(Progress(self.name, self.done, self.total, time.monotonic() - self._start, note))
        if self.stop():
            raise Interrupted(f"Stopped while: {self.name}.", kept="Everything done so far is kept.", todo="Run the same command to go on.")
