"""One write of a plan, sent safely: read, compare with what is expected, write, and decide by reading whatever is in doubt.

No write is ever repeated on the strength of a missing answer. When the answer is lost, the record is read: only if it shows that
nothing happened is the write sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from reconcile_tui.errors import AnswerLost, RecordChanged, RecordGone, RequestRefused, SystemUnreachable
from reconcile_tui.model import Native
from reconcile_tui.stewardship.aftermath import Aftermath, merge_left
from reconcile_tui.stewardship.defining import DEFINING
from reconcile_tui.stewardship.document import Write
from reconcile_tui.stewardship.identity import Identities
from reconcile_tui.stewardship.outcomes import Item, Unexpected
from reconcile_tui.stewardship.values import same
from reconcile_tui.systems.protocol import Answer, Reading, System

ATTEMPTS = 4
"""How often a write is tried when the record moved under it without a difference that matters, or when it provably did not happen."""

SETTLE = (0.5, 2.0, 5.0)
"""Seconds between readings after a lost answer: the system may still be working on it. Timeouts of both vendors are below their sum."""

Note = Callable[[str, Mapping[str, object]], None]
"""Journals a step of the write: (phase, detail), durable when it returns."""


@dataclass
class Sender:
    """Sends single writes. `doubt`: an earlier attempt may have been sent."""

    systems: Mapping[str, System]
    identities: Identities
    columns: Mapping[tuple[str, str], Sequence[str]]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    settle: Sequence[float] = SETTLE

    @cached_property
    def aftermath(self) -> Aftermath:
        """What merges did beyond what was asked of them."""
        return Aftermath(self.systems, self.columns)

    async def send(self, write: Write, note: Note, *, doubt: bool) -> Item:
        """Carry out one write. Raises SignInRefused, DailyLimitReached; everything else becomes an outcome."""
        try:
            if write.kind in DEFINING:
                return await DEFINING[write.kind](self.systems[write.system], write, doubt)
            return await (self._merge if write.lose else self._update)(write, note, doubt)
        except Unexpected as error:
            return Item(write.seq, "changed_since_review", str(error))
        except RecordGone as error:
            return Item(write.seq, "changed_since_review", error.what)
        except RequestRefused as error:
            return Item(write.seq, "refused", " ".join(part for part in (error.what, error.todo) if part))
        except AnswerLost as error:
            return Item(write.seq, "in_doubt", error.what)
        except SystemUnreachable as error:
            return Item(write.seq, "in_doubt" if doubt else "failed", error.what)

    # -- values

    async def _update(self, write: Write, note: Note, doubt: bool) -> Item:
        system = self.systems[write.system]
        id_ = self.identities.now(write.ref)
        values = self.identities.values(write)
        for _ in range(ATTEMPTS):
            reading = await (self._after_doubt(write, id_) if doubt else self._read(write, id_))
            self._expect(write, reading, values)
            changed = {name: value for name, value in values.items() if not same(reading.native.get(name), value)}
            if not changed:
                return Item(write.seq, "done" if doubt else "already", "found so by reading" if doubt else "")
            try:
                answer = await system.update(write.table, id_, changed, etag=reading.etag if system.capabilities.has_etags else None)
            except RecordChanged:
                continue  # somebody saved it since the reading: look again whether that concerns this write
            except AnswerLost:
                doubt = True
                if await self._settled(write, id_, values):
                    return Item(write.seq, "done", "the answer was lost; found done by reading")
                continue
            return replace(self._answered(write, note, answer, changed), beyond=merge_left(write, reading.native))
        raise Unexpected("The record is being changed all the time; it was left alone.")

    async def _settled(self, write: Write, id_: str, values: Mapping[str, Native]) -> bool:
        for seconds in self.settle:
            reading = await self._after_doubt(write, id_)
            if all(same(reading.native.get(name), value) for name, value in values.items()):
                return True
            await self.sleep(seconds)
        return False

    async def _after_doubt(self, write: Write, id_: str) -> Reading:
        """Read after a lost answer; a failure to read leaves the write in doubt."""
        try:
            return await self._read(write, id_)
        except SystemUnreachable as error:
            raise AnswerLost(f"A write was sent, and whether it took place can't be read: {error.what}") from error

    def _expect(self, write: Write, reading: Reading, values: Mapping[str, Native]) -> None:
        if reading.merged_into and write.kind != "activate":
            raise Unexpected(f"The record was merged into {reading.merged_into}.")
        if self.systems[write.system].capabilities.has_etags:  # such a system shows every column it has, blank or not
            unseen = [name for name in values if name not in reading.native]
            if unseen:
                raise Unexpected(f"The column {unseen[0]} can't be read, so it was not written.")
        _compare(reading.native, write.expects, values, write.allows)

    # -- merges

    async def _merge(self, write: Write, note: Note, doubt: bool) -> Item:
        system = self.systems[write.system]
        keep, lose = self.identities.now(write.ref), self.identities.now(write.lose_ref)
        for _ in range(ATTEMPTS):
            merged = await (self._merged_after_doubt(write, keep, lose) if doubt else self._merged(write, keep, lose))
            if isinstance(merged, str):
                item = self._become(write, merged, "done" if doubt else "already", "found merged by reading" if doubt else "")
                return replace(item, beyond=await self.aftermath.of_merge(write, merged, lose)) if doubt else item
            winner, loser = merged
            _compare(winner.native, write.expects, write.leaves, write.allows)
            _compare(loser.native, write.expects_lose, {}, {})
            try:
                answer = await system.merge(write.table, keep, lose, write.leaves)
            except AnswerLost:
                doubt = True
                if found := await self._merge_settled(write, keep, lose):
                    item = self._become(write, found, "done", "the answer was lost; found merged by reading")
                    return replace(item, beyond=await self.aftermath.of_merge(write, found, lose, winner.native))
                continue
            self.identities.merged(write, answer.id)
            item = self._answered(write, note, answer, write.leaves)
            return replace(item, beyond=await self.aftermath.of_merge(write, answer.id, lose, winner.native))
        return Item(write.seq, "in_doubt", "No answer to the merge, and the records are still apart.")

    async def _merged(self, write: Write, keep: str, lose: str) -> str | tuple[Reading, Reading]:
        """The survivor's id when the two are one already, else both as they are. Raises Unexpected."""
        found = await self._read_all(write, [keep, lose])
        winner, loser = found[keep], found[lose]
        if winner is None or loser is None:
            raise Unexpected(f"{keep if winner is None else lose} is gone.")
        if winner.id == loser.id or (loser.merged_into is not None and loser.merged_into.lower() == winner.id.lower()):
            return winner.id
        for one, asked in ((winner, keep), (loser, lose)):
            if one.merged_into or one.id.lower() != asked.lower():
                raise Unexpected(f"{asked} was merged into {one.merged_into or one.id} meanwhile.")
        return winner, loser

    async def _merge_settled(self, write: Write, keep: str, lose: str) -> str:
        for seconds in self.settle:
            merged = await self._merged_after_doubt(write, keep, lose)
            if isinstance(merged, str):
                return merged
            await self.sleep(seconds)
        return ""

    async def _merged_after_doubt(self, write: Write, keep: str, lose: str) -> str | tuple[Reading, Reading]:
        try:
            return await self._merged(write, keep, lose)
        except SystemUnreachable as error:
            raise AnswerLost(f"A merge was sent, and whether it took place can't be read: {error.what}") from error

    def _become(self, write: Write, id_: str, outcome: str, detail: str) -> Item:
        self.identities.merged(write, id_)
        return Item(write.seq, outcome, detail, id_)  # type: ignore[arg-type]

    # -- both

    def _answered(self, write: Write, note: Note, answer: Answer, sent: Iterable[str]) -> Item:
        id_ = answer.id if write.lose else ""
        note("answer", {"status": answer.status, "request_id": answer.request_id, "id": answer.id, "columns": list(sent)})
        return Item(write.seq, "done", "", id_, answer.request_id)

    async def _read(self, write: Write, id_: str) -> Reading:
        reading = (await self._read_all(write, [id_]))[id_]
        if reading is None:
            raise Unexpected("The record is gone.")
        if reading.id.lower() != id_.lower():
            raise Unexpected(f"The record was merged into {reading.id}.")
        return reading

    async def _read_all(self, write: Write, ids: Sequence[str]) -> dict[str, Reading | None]:
        columns = self.columns[write.system, write.table]
        return await self.systems[write.system].read(write.table, ids, columns)


def _compare(
    found: Mapping[str, Native], expects: Mapping[str, Native], leaves: Mapping[str, Native], allows: Mapping[str, Sequence[Native]]
) -> None:
    """Raise Unexpected when a column holds neither what was reviewed nor what is to be left."""
    for name, expected in expects.items():
        value = found.get(name)
        if same(value, expected) or (name in leaves and same(value, leaves[name])):
            continue
        if any(same(value, other) for other in allows.get(name, ())):
            continue
        raise Unexpected(f"{name} was {_quoted(expected)} when it was reviewed and is {_quoted(value)} now.")


def _quoted(value: Native) -> str:
    return "blank" if value is None or value == "" else repr(value)[:80]
