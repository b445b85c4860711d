"""Work that is done before it is asked for, on a thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_END = object()


def ahead(items: Iterator[T], count: int = 1) -> Iterator[T]:
    """The same items, the next ones made while the caller still works on the one before. What making them raises is raised here."""
    with ThreadPoolExecutor(1) as thread:
        coming = deque(thread.submit(next, items, _END) for _ in range(count))
        try:
            while (item := coming.popleft().result()) is not _END:
                coming.append(thread.submit(next, items, _END))
                yield item  # type: ignore[misc]
                del item
        finally:
            thread.shutdown(cancel_futures=True)
            if close := getattr(items, "close", None):
                close()
