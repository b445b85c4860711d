"""The sandbox's time: the machine's, shifted or stopped, so that expiry, limits and index lag are tested without waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970 from `source`, plus what was advanced; frozen when it was set to a moment."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        """`source` is any function that tells the time in seconds."""
        self._source = source
        self._offset = 0.0
        self._frozen: float | None = None

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return self._source() + self._offset if self._frozen is None else self._frozen

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        if self._frozen is None:
            self._offset += seconds
        else:
            self._frozen += seconds

    def freeze(self, at: float | None = None) -> None:
        """Stop at a moment (now by default); from here only `advance` moves it."""
        self._frozen = self.now() if at is None else at

    def run(self) -> None:
        """Go on from where it was frozen."""
        if self._frozen is not None:
            self._offset = self._frozen - self._source()
            self._frozen = None

    async def sleep(self, seconds: float) -> None:
        """Wait; a frozen clock advances instead."""
        if self._frozen is None:
            await asyncio.sleep(seconds)
        else:
            self._frozen += seconds
            await asyncio.sleep(0)


def milliseconds(moment: float) -> int:
    """Seconds as whole milliseconds."""
    return round(moment * 1000)


def iso_milliseconds(value: int) -> str:
    """Milliseconds since 1970 as HubSpot writes them: `2026-04-01T09:12:55.120Z`."""
    text = datetime.fromtimestamp(value // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{value % 1000:03d}Z"


def iso_seconds(moment: float) -> str:
    """Seconds since 1970 as Dataverse writes them: `2026-04-01T09:12:55Z`."""
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> float:
    """ISO 8601 (UTC when it names no zone) as seconds since 1970. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
