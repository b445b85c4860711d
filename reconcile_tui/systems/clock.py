"""Time as the clients see it, in one place so that tests can run a day of waiting in a moment."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A steady clock to measure with, the time of day to write down, and a way to wait."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def utc(self) -> datetime:
        """The time of day."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class RealClock:
    """The machine's clocks."""

    def now(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()

    def utc(self) -> datetime:
        """The time of day."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait without blocking other tasks."""
        await asyncio.sleep(seconds)


def iso(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC with milliseconds and `Z`, as both vendors write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def moment(text: str) -> datetime:
    """Inverse of `iso`; takes any offset and any number of fractional digits. Raises ValueError."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
