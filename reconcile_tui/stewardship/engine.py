"""A plan carried out: writes in dependency order, several at once, never two on one group; every step journalled before the next.

Stopping and crashing are the same to this module: whatever has an intent and no outcome is decided by reading when the run goes on.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from reconcile_tui.errors import ReconcileError, SystemUnreachable
from reconcile_tui.stewardship.document import FIRST, SETTING_UP, Plan, Write
from reconcile_tui.stewardship.outcomes import FINAL, SUCCESS, Item
from reconcile_tui.stewardship.sending import Sender

PARALLEL = 24
"""Writes under way at once. At 20 requests a second and system and half a second an answer this keeps both systems busy; the clients
hold each system's own limits."""

UNREACHABLE = 5
"""Items in a row that found a system unreachable before the run is stopped (resumable) instead of failing item by item."""


Sent = tuple[Item, Sequence[tuple[str, Mapping[str, object]]]]
"""A write's outcome, and what the system answered, to be journalled together."""


class RunJournal(Protocol):
    """Where steps are noted; durable when a call returns."""

    def note(self, seq: int, *entries: tuple[str, Mapping[str, object]]) -> None:
        """Add entries (phase, detail) of one write."""
        ...


@dataclass
class Engine:
    """Carries out one plan."""

    plan: Plan
    sender: Sender
    journal: RunJournal
    items: dict[int, Item]  # outcomes so far, of an earlier part of the run too
    doubt: set[int] = field(default_factory=set)  # writes an earlier part may have sent
    on_item: Callable[[Item], None] = lambda item: None
    stop: Callable[[], bool] = lambda: False
    parallel: int = PARALLEL
    _unreachable: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def run(self) -> None:
        """Carry out every write that has no final outcome. Raises SystemFailure when going on makes no sense; resumable."""
        schedule = Schedule(self.plan.writes, {seq: item for seq, item in self.items.items() if item.outcome in FINAL})
        active: dict[asyncio.Task[Sent], Write] = {}
        failure: BaseException | None = None
        while True:
            while failure is None and len(active) < self.parallel and not self.stop():
                write = schedule.next()
                if write is None:
                    break
                if reason := schedule.needs_undone(write, self.items):
                    self._finish(schedule, write, Item(write.seq, "not_done", reason))
                    continue
                active[asyncio.create_task(self._one(write))] = write
            if not active:
                break
            done, _ = await asyncio.wait(active, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                write = active.pop(task)
                if (error := task.exception()) is not None:
                    failure = failure or error
                    schedule.release(write)
                else:
                    self._finish(schedule, write, *task.result())
                    failure = failure or self._hopeless(write, task.result()[0])
        if failure is not None:
            raise failure

    async def _one(self, write: Write) -> Sent:
        self.journal.note(write.seq, ("intent", {"id": self.sender.identities.now(write.ref)}))
        answers: list[tuple[str, Mapping[str, object]]] = []
        item = await self.sender.send(write, lambda phase, detail: answers.append((phase, detail)), doubt=write.seq in self.doubt)
        return item, answers

    def _finish(self, schedule: Schedule, write: Write, item: Item, answers: Sequence[tuple[str, Mapping[str, object]]] = ()) -> None:
        detail: dict[str, object] = {"outcome": item.outcome}
        detail |= {name: value for name in ("detail", "id", "request_id", "beyond") if (value := getattr(item, name))}
        self.journal.note(write.seq, *answers, ("outcome", detail))
        self.items[write.seq] = item
        self.on_item(item)
        schedule.finished(write)

    def _hopeless(self, write: Write, item: Item) -> ReconcileError | None:
        if item.outcome not in ("failed", "in_doubt"):
            self._unreachable[write.system] = 0
            return None
        self._unreachable[write.system] += 1
        if self._unreachable[write.system] < UNREACHABLE:
            return None
        return SystemUnreachable(
            f"{write.system} did not answer {UNREACHABLE} times in a row: {item.detail}",
            kept="What was written is journalled; nothing is written twice.",
            todo="Go on later with the same command and --resume.",
        )


class Schedule:
    """Which write may go next: all it needs has ended, and no other write of its group is under way."""

    def __init__(self, writes: Iterable[Write], settled: Mapping[int, Item]) -> None:
        """`settled` writes are not scheduled again."""
        self._writes = {write.seq: write for write in writes}
        self._waiting: dict[int, int] = {}
        self._followers: dict[int, list[int]] = defaultdict(list)
        self._ready: list[int] = []
        self._busy: set[str] = set()
        self._parked: dict[str, list[int]] = defaultdict(list)
        self._setting_up = {seq for seq, write in self._writes.items() if write.kind in FIRST and seq not in settled}
        for seq, write in self._writes.items():
            if seq in settled:
                continue
            open_ = [d for d in write.depends_on if d not in settled]
            for needed in open_:
                self._followers[needed].append(seq)
            self._waiting[seq] = len(open_)
            if not open_:
                heapq.heappush(self._ready, seq)

    def next(self) -> Write | None:
        """The next write that may go, its group taken; None when there is none now."""
        while self._ready:
            if self._setting_up and self._ready[0] not in self._setting_up:
                return None  # columns first: what a system knows of its columns must not change under the other writes
            seq = heapq.heappop(self._ready)
            write = self._writes[seq]
            if (turn := _turn(write)) in self._busy:
                self._parked[turn].append(seq)
                continue
            self._busy.add(turn)
            return write
        return None

    def needs_undone(self, write: Write, items: Mapping[int, Item]) -> str:
        """Why a write can't be tried: something it needs was not done."""
        for needed in write.depends_on:
            item = items.get(needed)
            if item is None or item.outcome not in SUCCESS:
                return f"Needs write {needed}, which was not done."
        return ""

    def release(self, write: Write) -> None:
        """Free the write's group."""
        turn = _turn(write)
        self._busy.discard(turn)
        for seq in self._parked.pop(turn, ()):
            heapq.heappush(self._ready, seq)

    def finished(self, write: Write) -> None:
        """A write has ended, however: what waited for it may be looked at."""
        self.release(write)
        self._setting_up.discard(write.seq)
        for follower in self._followers.pop(write.seq, ()):
            self._waiting[follower] -= 1
            if self._waiting[follower] == 0:
                heapq.heappush(self._ready, follower)


def _turn(write: Write) -> str:
    """What a write has for itself while it is under way: its group, or its system's definitions (Dataverse locks while they change)."""
    return f"\0{write.system}" if write.kind in SETTING_UP else write.group
