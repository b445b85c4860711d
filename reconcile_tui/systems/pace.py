"""How fast requests may leave: rolling windows, pauses a system asked for, and how many may be under way at once.

A window is kept at the documented number of requests, stretched by `MARGIN`, so that requests which overtake each other on the way
do not meet the limit: 97 % of the documented rate without a refusal. What the vendors' headers tell is believed over what was
configured, and other programs that use up the same allowance are seen in them too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from reconcile_tui.systems.clock import Clock

MARGIN = 1.03  # of the window's length; 1/1.03 = 97 % of the documented rate


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `requests` in any `seconds`."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer's headers told. None: nothing."""

    rate: Rate | None = None  # the limit itself
    remaining: int | None = None  # requests left in the window
    parallel: int | None = None  # how many at once the server would like
    strain: float = 0.0  # 0..1: how much of the other budgets (execution time) is used up


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the window held when a request left: answers come late and out of order, and are to be compared with that."""

    used: int
    serial: int


class Window:
    """A rolling window over the requests sent, corrected by what the server says is left."""

    def __init__(self, rate: Rate) -> None:
        """Start empty."""
        self.rate = rate
        self._sent: deque[float] = deque()
        self._serial = 0
        self._foreign = 0
        self._foreign_until = 0.0

    @property
    def length(self) -> float:
        """Seconds a request counts."""
        return self.rate.seconds * MARGIN

    def delay(self, now: float) -> float:
        """Seconds until one more request fits; 0: now."""
        self._forget(now)
        room = self.rate.requests - self._foreign
        if len(self._sent) < room:
            return 0.0
        if room < 1:
            return max(0.001, self._foreign_until - now)
        return max(0.001, self._sent[len(self._sent) - room] + self.length - now)

    def record(self, now: float) -> Ticket:
        """One request leaves."""
        self._forget(now)
        self._sent.append(now)
        self._serial += 1
        return Ticket(len(self._sent), self._serial)

    def believe(self, limits: Limits, ticket: Ticket, now: float) -> None:
        """Adopt the server's limit and count what others use of it, as far as it can't be this client's own later requests."""
        if limits.rate:
            self.rate = limits.rate
        if limits.remaining is not None:
            own_left = self.rate.requests - ticket.used
            later = self._serial - ticket.serial
            self._foreign = max(0, own_left - limits.remaining - later)
            self._foreign_until = now + self.length if self._foreign else 0.0

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0] <= now - self.length:
            self._sent.popleft()
        if self._foreign and now >= self._foreign_until:
            self._foreign = 0


class Gate:
    """How many requests may be under way at once: grows slowly with success, halves when the server is strained."""

    def __init__(self, most: int, start: int = 4) -> None:
        """Begin with `start`, never exceed `most`."""
        self.most = most
        self.limit = float(min(start, most))
        self._busy = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a free place and hold it."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._busy < int(self.limit))
            self._busy += 1
        try:
            yield
        finally:
            async with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def grow(self) -> None:
        """One request went well: one more place after as many successes as there are places."""
        self.limit = min(float(self.most), self.limit + 1.0 / self.limit)

    def shrink(self) -> None:
        """The server is strained."""
        self.limit = max(1.0, self.limit / 2)


class Pace:
    """The windows of one system by lane (searches have their own), its pauses and its gate."""

    def __init__(self, rates: Mapping[str, Rate], *, parallel: int, clock: Clock) -> None:
        """One window per lane; every request counts in the lane `""`, which must be there, too."""
        self._windows = {lane: Window(rate) for lane, rate in rates.items()}
        self._clock = clock
        self._paused_until = 0.0
        self._refusals = 0
        self.gate = Gate(parallel)

    async def enter(self, lane: str) -> Ticket:
        """Wait until a request of this lane may leave, and count it."""
        while (delay := self._delay(lane, self._clock.now())) > 0:
            await self._clock.sleep(delay)
        if lane and lane in self._windows:
            self._windows[lane].record(self._clock.now())
        return self._windows[""].record(self._clock.now())

    def pause(self, seconds: float) -> None:
        """Nothing leaves for so long: the system asked for it."""
        self._refusals += 1
        self._paused_until = max(self._paused_until, self._clock.now() + seconds)
        self.gate.shrink()

    @property
    def rate(self) -> Rate:
        """The limit that holds for all requests together."""
        return self._windows[""].rate

    @property
    def refusals(self) -> int:
        """How often in a row the system asked for a pause."""
        return self._refusals

    def settle(self, limits: Limits | None, ticket: Ticket) -> None:
        """An answer came: adopt its limits."""
        self._refusals = 0
        self.gate.grow()
        if limits is None:
            return
        if limits.parallel:
            self.gate.most = limits.parallel
            self.gate.limit = min(self.gate.limit, float(limits.parallel))
        if limits.strain > 0.9:
            self.gate.shrink()
        self._windows[""].believe(limits, ticket, self._clock.now())

    def _lanes(self, lane: str) -> list[Window]:
        return [self._windows[name] for name in dict.fromkeys(("", lane)) if name in self._windows]

    def _delay(self, lane: str, now: float) -> float:
        return max(self._paused_until - now, *(window.delay(now) for window in self._lanes(lane)), 0.0)
