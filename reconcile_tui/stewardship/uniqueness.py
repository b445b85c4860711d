"""A value that is unique in its system is freed before it is taken.

E-mail addresses in HubSpot (secondary ones count), link columns, and whatever the metadata calls unique. A value may be taken when
nobody holds it, when its holder is merged into the taker by this plan, or when its holder gives it up by an earlier write of this plan.
Where records exchange values in a circle, one of them goes through blank.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconcile_tui.model import Native, Ref
from reconcile_tui.stewardship.document import SETTING_UP, Write
from reconcile_tui.stewardship.entities import Place

Slot = tuple[str, str, str]
"""(system, table, column)"""

Holders = Callable[[Slot, Sequence[str]], Mapping[str, Sequence[tuple[str, bool]]]]
"""Who holds values of a unique column: value in lower case -> (id, as a further value only?)."""


def folded(value: Native) -> str:
    """A value as uniqueness sees it: letter case does not matter; blank is empty."""
    return "" if value is None else str(value).strip().lower()


@dataclass
class Exchange:
    """All writes of a plan with what they give up and take; positions are indexes into `writes`."""

    unique: Mapping[Place, frozenset[str]]
    writes: list[Write]
    carrying: frozenset[str] = frozenset()  # systems whose merges carry values
    needs: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))  # position -> positions that come first
    refused: dict[str, str] = field(default_factory=dict)  # group -> reason

    def slots(self, write: Write) -> Iterable[tuple[Slot, str]]:
        """Unique values a write takes."""
        if write.kind in SETTING_UP or write.lose:
            return
        for name in self.unique.get((write.system, write.table), ()):
            value = folded(write.leaves.get(name))
            if value and name not in write.id_from and value != folded(write.expects.get(name)):
                yield (write.system, write.table, name), value


def settle(exchange: Exchange, holders: Holders) -> None:
    """Find what has to come first for every taken value, and refuse groups that take what nobody gives up. Repeats until stable."""
    snapshot = _snapshot(exchange, holders)
    while True:
        refused = _pass(exchange, snapshot)
        if not refused:
            return
        exchange.refused.update(refused)
        exchange.writes = [w for w in exchange.writes if w.group not in exchange.refused]


def _snapshot(exchange: Exchange, holders: Holders) -> dict[tuple[Slot, str], Sequence[tuple[str, bool]]]:
    wanted: dict[Slot, set[str]] = defaultdict(set)
    for write in exchange.writes:
        for slot, value in exchange.slots(write):
            wanted[slot].add(value)
    return {(slot, value): ids for slot, values in wanted.items() for value, ids in holders(slot, sorted(values)).items()}


def _pass(exchange: Exchange, snapshot: Mapping[tuple[Slot, str], Sequence[tuple[str, bool]]]) -> dict[str, str]:
    exchange.needs.clear()
    merged_by = {w.lose_ref: (n, w.ref) for n, w in enumerate(exchange.writes) if w.lose}
    gives: dict[tuple[Slot, str], int] = {}
    for n, write in enumerate(exchange.writes):
        for name in exchange.unique.get((write.system, write.table), ()):
            if name in write.leaves and not write.lose and folded(write.leaves[name]) != folded(write.expects.get(name)):
                gives[(write.system, write.table, name), write.id] = n
    takers: dict[tuple[Slot, str], str] = {}
    refused: dict[str, str] = {}
    for n, write in enumerate(exchange.writes):
        for slot, value in exchange.slots(write):
            other = takers.setdefault((slot, value), write.id)
            if other != write.id:
                refused[write.group] = f"{slot[2]} {value!r} would be given to two records, {other} and {write.id}."
                continue
            reason = _claim(exchange, n, slot, snapshot.get((slot, value), ()), merged_by, gives)
            if reason:
                refused[write.group] = f"{slot[2]} {value!r} {reason}"
    return refused


def _claim(
    exchange: Exchange,
    taker: int,
    slot: Slot,
    held_by: Sequence[tuple[str, bool]],
    merged_by: Mapping[Ref, tuple[int, Ref]],
    gives: Mapping[tuple[Slot, str], int],
) -> str:
    write = exchange.writes[taker]
    for id_, further in held_by:
        holder = Ref(slot[0], slot[1], id_)
        if id_ == write.id:
            continue
        if not further and (slot, id_) in gives:
            exchange.needs[taker].add(gives[slot, id_])
        elif holder in merged_by and merged_by[holder][1] == write.ref:
            exchange.needs[taker].add(merged_by[holder][0])
        else:
            kept = "as a further address, which counts as taken" if further else "which keeps it"
            return f"belongs to {holder.system} {holder.table} {id_}, {kept}."
    return ""


def break_circles(exchange: Exchange) -> None:
    """Where writes wait for each other, let the first of them give up its value to blank beforehand."""
    circle = _circle(exchange)
    while circle:
        _free(exchange, circle)
        circle = _circle(exchange)


def _circle(exchange: Exchange) -> list[int]:
    """Positions that wait for each other through exchanged values, or nothing."""
    done: set[int] = set()
    for start in sorted(exchange.needs):
        trail: list[int] = []
        here: int | None = start
        while here is not None and here not in done:
            if here in trail:
                return trail[trail.index(here) :]
            trail.append(here)
            here = next((n for n in sorted(exchange.needs.get(here, ())) if n in exchange.needs), None)
        done.update(trail)
    return []


def _free(exchange: Exchange, circle: Sequence[int]) -> None:
    first = min(circle)
    write = exchange.writes[first]
    names = [slot[2] for slot, _ in exchange.slots(write)]
    blank: dict[str, Native] = dict.fromkeys(names)
    freed = replace(
        write, kind="free", expects={name: write.expects.get(name) for name in names}, leaves=blank, why={}, allows={
            name: write.allows[name] for name in names if name in write.allows
        },
    )  # fmt: skip
    kept = {name: values for name, values in write.allows.items() if name not in blank}
    exchange.writes[first] = replace(write, expects={**write.expects, **blank}, allows=kept)
    exchange.writes.insert(first, freed)
    moved = {_after(n, first): {_after(b, first) for b in before} for n, before in exchange.needs.items()}
    exchange.needs.clear()
    exchange.needs.update(moved)
    for waiting in circle:
        before = exchange.needs.get(_after(waiting, first), set())
        if first + 1 in before:
            before.discard(first + 1)
            before.add(first)
    exchange.needs[first + 1].add(first)


def _after(position: int, inserted: int) -> int:
    return position + 1 if position >= inserted else position
