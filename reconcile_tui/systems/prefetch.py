"""Ask for the next page while the last one is being stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

Step = TypeVar("Step")


async def ahead(first: Awaitable[Step], following: Callable[[Step], Awaitable[Step] | None]) -> AsyncGenerator[Step, None]:
    """Yield `first` and what follows it, one request ahead of the consumer. `following` returns None after the last step."""
    step = await first
    while (coming := following(step)) is not None:
        task = asyncio.ensure_future(coming)
        try:
            yield step
            step = await task
        finally:
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            elif not task.cancelled():
                task.exception()  # looked at, so that a failure nobody waited for is not reported at exit
    yield step
