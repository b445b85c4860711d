"""Reading a long list from several places at once.

One page after the other, a list of a million contacts takes as long as ten thousand round trips. The list's position `after` is the id
of the next record, and its order is that of ids, so it can be entered at any known id and read in *lanes*, each up to the next one's
beginning. The order is observed, not promised: every lane checks that it begins with the record it was entered at and that ids ascend,
and `OutOfOrder` sends the pull back to reading in one go.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

WORKERS = 12  # pages under way: at half a second each, more than any account's limit of 25 requests a second lets through
WORTH_IT = 2000  # records, below which one lane is as quick
SMALLEST = 1000  # records of a lane, at least
SEARCHES = 40  # to find where lanes begin; eight seconds at HubSpot's five searches a second

Result = dict[str, Any]
Fetch = Callable[[str], Awaitable[tuple[list[Result], str]]]
"""The results at a position, and the next position (empty: none)."""

Count = Callable[[str], Awaitable[tuple[int, str]]]
"""How many records have this id or a higher one, and the lowest of those ids (empty: none)."""


class OutOfOrder(Exception):
    """The list does not keep to the order the lanes rely on."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Ids from `after` up to, not including, `end`; empty means from the first, up to the last."""

    after: str
    end: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Results of one page, and the lanes that are left when they are stored."""

    results: list[Result]
    left: list[Lane]


def pack(lanes: list[Lane]) -> str:
    """Lanes as text."""
    return ",".join(f"{lane.after}-{lane.end}" for lane in lanes)


def unpack(text: str) -> list[Lane]:
    """Inverse of `pack`. Raises ValueError."""
    pairs = [part.split("-") for part in text.split(",")]
    if any(len(pair) != 2 or not all(end == "" or end.isdigit() for end in pair) for pair in pairs):
        raise ValueError("these are no lanes")
    return [Lane(after, end) for after, end in pairs]


async def divide(total: int, highest: str, count: Count) -> list[Lane]:
    """Lanes of like size over `total` records with ids up to `highest`.

    The piece with most records is halved again and again. Ids lie in clumps, so that half a range of ids is not half its records; the
    counts tell.
    """
    end = int(highest) + 1
    above = {0: total, end: 0}  # id -> how many records have it or a higher one
    pieces = [(-total, 0, end)]  # minus the number of records, the first id, the id after the last
    for _ in range(min(SEARCHES, total // SMALLEST)):
        size, low, high = pieces[0]
        if -size <= max(SMALLEST, total // (2 * WORKERS)) or high - low < 2:
            break
        middle = (low + high) // 2
        number, first = await count(str(middle))
        if first and middle <= int(first) < high:
            above[int(first)] = number
            heapq.heapreplace(pieces, (number - above[low], low, int(first)))
            heapq.heappush(pieces, (above[high] - number, int(first), high))
        else:  # nobody between the middle and the end
            above[middle] = above[high]
            heapq.heapreplace(pieces, (size, low, middle))
    return _from_starts(sorted(low for _, low, _ in pieces))


def _from_starts(starts: list[int]) -> list[Lane]:
    names = ["", *(str(start) for start in starts if start)]
    return [Lane(start, end) for start, end in zip(names, [*names[1:], ""], strict=True)]


class Lanes:
    """Lanes being read by a few workers."""

    def __init__(self, lanes: list[Lane], fetch: Fetch) -> None:
        """`fetch` reads the list's page at a position."""
        self._left = dict(enumerate(lanes))
        self._waiting = deque(self._left)
        self._fetch = fetch
        self._ready: asyncio.Queue[tuple[int, list[Result], str] | BaseException] = asyncio.Queue(WORKERS)

    async def stretches(self) -> AsyncGenerator[Stretch, None]:
        """Pages of all lanes as they come. Raises OutOfOrder, and what `fetch` raises."""
        workers = [asyncio.ensure_future(self._work()) for _ in range(min(WORKERS, len(self._left)))]
        try:
            while self._left:
                found = await self._ready.get()
                if isinstance(found, BaseException):
                    raise found
                number, results, after = found
                lane = self._left.pop(number)
                if after:
                    self._left[number] = Lane(after, lane.end)
                yield Stretch(results, [self._left[n] for n in sorted(self._left)])
        finally:
            for worker in workers:
                worker.cancel()
            for worker in workers:
                with suppress(asyncio.CancelledError):
                    await worker

    async def _work(self) -> None:
        try:
            while self._waiting:
                number = self._waiting.popleft()
                await self._walk(number, self._left[number])
        except Exception as error:  # noqa: BLE001 - handed to the one who reads the stretches, who raises it
            await self._ready.put(error)

    async def _walk(self, number: int, lane: Lane) -> None:
        after = lane.after
        while True:
            results, following = await self._fetch(after)
            kept = _checked(results, following, after, lane)
            finished = not following or len(kept) < len(results) or bool(lane.end and int(following) >= int(lane.end))
            await self._ready.put((number, kept, "" if finished else following))
            if finished:
                return
            after = following


def _checked(results: list[Result], following: str, after: str, lane: Lane) -> list[Result]:
    """The results that belong to the lane. Raises OutOfOrder."""
    try:
        ids = [int(result["id"]) for result in results]
        position = int(following) if following else None
    except ValueError as error:
        raise OutOfOrder from error
    if after and (not ids or ids[0] < int(after) or (after == lane.after and ids[0] > int(after))):
        raise OutOfOrder  # entered at a record that must come first
    if any(low >= high for low, high in pairwise(ids)) or (position and ids and position <= ids[-1]):
        raise OutOfOrder
    return results if not lane.end else [result for id_, result in zip(ids, results, strict=True) if id_ < int(lane.end)]
