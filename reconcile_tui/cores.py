"""Work on all cores: numpy, Arrow, polars and rapidfuzz let go of the interpreter while they compute."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

WORKERS = max(min(os.cpu_count() or 1, 8), 1)
WORTH_THREADS = 5_000
"""Records from which work is spread over threads."""
AHEAD = 8 * WORKERS
"""Results that may be ready before the ones in front of them."""
A = TypeVar("A")
B = TypeVar("B")


def spread(function: Callable[[A], B], items: Iterable[A], records: int) -> Iterator[B]:
    """`each` where there are enough records for threads to be worth their start, one after another elsewhere."""
    return each(function, items) if records >= WORTH_THREADS else map(function, items)


def each(function: Callable[[A], B], items: Iterable[A], ahead: int = AHEAD) -> Iterator[B]:
    """`function` of each item in order. A core doesn't wait for a slow item of another: up to `ahead` results wait to be taken."""
    rest = iter(items)
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            waiting = [pool.submit(function, item) for item in islice(rest, WORKERS + ahead)]
            while waiting:
                yield waiting.pop(0).result()
                waiting += [pool.submit(function, item) for item in islice(rest, 1)]
        finally:  # nobody takes the rest: don't begin it
            pool.shutdown(cancel_futures=True)
