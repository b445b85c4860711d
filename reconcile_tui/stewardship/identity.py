"""Which id a record of the plan has now: merges of the run may have changed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconcile_tui.model import Native, Ref
from reconcile_tui.stewardship.document import SETTING_UP, Plan, Write
from reconcile_tui.stewardship.outcomes import SUCCESS, Item


class Identities:
    """Current ids by the reference a plan uses."""

    def __init__(self) -> None:
        """Nothing has changed yet."""
        self._now: dict[Ref, str] = {}

    @classmethod
    def after(cls, plan: Plan, items: Mapping[int, Item]) -> Identities:
        """As the outcomes of a run left them."""
        identities = cls()
        for write in plan.writes:
            item = items.get(write.seq)
            if write.lose and item is not None and item.outcome in SUCCESS and item.id:
                identities.merged(write, item.id)
        return identities

    def now(self, ref: Ref) -> str:
        """A record's id."""
        return self._now.get(ref, ref.id)

    def merged(self, write: Write, id_: str) -> None:
        """A merge was answered with this id for the survivor. Other records that were merged into it before go along."""
        before = self.now(write.ref)
        self._now[write.ref] = id_
        for ref, now in self._now.items():
            if now == before and (ref.system, ref.table) == (write.system, write.table):
                self._now[ref] = id_

    def values(self, write: Write) -> dict[str, Native]:
        """What a write leaves, with ids as they are now."""
        values = dict(write.leaves)
        for name, ref in write.id_from.items():
            values[name] = self.now(Ref.parse(ref))
        return values


def touched(writes: Iterable[Write]) -> dict[tuple[str, str], dict[str, None]]:
    """Ids a plan touches per (system, table), in order."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for write in writes:
        for ref in write.records():
            found.setdefault((ref.system, ref.table), {})[ref.id] = None
    return found


def columns(writes: Iterable[Write]) -> dict[tuple[str, str], list[str]]:
    """Columns a plan reads or writes per (system, table)."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for write in writes:
        if write.kind not in SETTING_UP:
            names = found.setdefault((write.system, write.table), {})
            names.update(dict.fromkeys([*write.expects, *write.expects_lose, *write.leaves]))
    return {place: list(names) for place, names in found.items()}
