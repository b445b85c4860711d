"""From resolutions to the plan: collect the groups' writes, order them, number them. Pure; the same input gives the same bytes."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

from reconcile_tui.model import Record, Ref
from reconcile_tui.stewardship import setting_up
from reconcile_tui.stewardship.context import Context
from reconcile_tui.stewardship.document import LINK_COLUMNS, Plan, Write
from reconcile_tui.stewardship.entities import Resolution
from reconcile_tui.stewardship.grouping import writes_of
from reconcile_tui.stewardship.render import Target
from reconcile_tui.stewardship.resolve import writes_nothing
from reconcile_tui.stewardship.setting_up import SettingUp
from reconcile_tui.stewardship.uniqueness import Exchange, Holders, break_circles, settle


@dataclass
class Planner:
    """Collects groups one by one (so that records need not all be in memory), then makes the plan."""

    contexts: Sequence[Context]
    setting_up: Sequence[SettingUp] = ()
    writes: list[Write] = field(default_factory=list)
    blocked: list[tuple[str, str]] = field(default_factory=list)
    excluded: list[tuple[Ref, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def block(self, group: str, reason: str) -> None:
        """Keep a group out of the plan and say why."""
        self.blocked.append((group, reason))

    def add(self, context: Context, resolution: Resolution, records: Sequence[Record]) -> None:
        """Take a decided group in. Undecided ones add nothing."""
        if writes_nothing(resolution):
            return
        if resolution.blocked:
            self.block(resolution.group, resolution.blocked)
            return
        try:
            self.writes += writes_of(context, resolution, records)
        except ValueError as error:
            self.block(resolution.group, f"A value can't be written: it {error}.")
            return
        self.excluded += resolution.excluded.items()
        self.notes += [(resolution.group, problem.text) for problem in resolution.problems]

    def finish(self, holders: Holders) -> Plan:
        """The plan. `holders` tells who holds a unique value now."""
        project = self.contexts[0].project
        unique = {place: names for context in self.contexts for place, names in context.unique.items()}
        carrying = frozenset(name for name, settings in project.systems.items() if settings.kind == "dynamics")
        exchange = Exchange(unique, self.writes, carrying)
        settle(exchange, holders)
        break_circles(exchange)
        first = setting_up.ordered([*self.setting_up, *self._link_columns(exchange.writes, carrying)])
        ordered, stuck = _ordered(first, exchange)
        refused = {
            **exchange.refused,
            **dict.fromkeys(stuck, "Its values and another group's change places in a way that has no safe order."),
        }
        notes = [(group, note) for group, note in self.notes if group not in refused]
        return Plan(
            project=project.name,
            targets={name: Target.of(settings) for name, settings in project.systems.items()},
            writes=tuple(ordered),
            blocked=tuple(sorted([*self.blocked, *refused.items()])),
            excluded=tuple(sorted(dict.fromkeys(self.excluded))),
            notes=tuple(sorted(notes)),
        )

    def _link_columns(self, writes: Sequence[Write], keyed: Container[str]) -> list[SettingUp]:
        """Link columns that are written to and don't exist yet, or exist without the key that can be added to them (`keyed` systems)."""
        known = {place: context.columns.get(place, {}) for context in self.contexts for place in context.places()}
        wanted = {(w.system, w.table, name) for w in writes if w.kind == "link" for name in w.leaves}
        lacking = [(system, setting_up.link_column(system, table, name, known.get((system, table), {}))) for system, table, name in wanted]
        return [one for system, one in lacking if one is not None and (one.kind == "schema" or system in keyed)]


def _ordered(first: Sequence[Write], exchange: Exchange) -> tuple[list[Write], set[str]]:
    """Numbered writes in an order in which every write comes after what it needs; groups stay together where they can."""
    writes = exchange.writes
    phases = [_phase(exchange, write) for write in writes]
    needs = _needs(exchange, phases)
    columns = {(w.system, w.table, w.id): n for n, w in enumerate(first, 1) if w.kind in LINK_COLUMNS}
    order = _topological([w.group for w in writes], phases, needs)
    number = {position: n for n, position in enumerate(order, len(first) + 1)}
    stuck = {writes[position].group for position in range(len(writes)) if position not in number}
    if stuck:  # what the stuck groups were to do is left out altogether
        kept = [w for w in writes if w.group not in stuck]
        left = Exchange(exchange.unique, kept, exchange.carrying)
        positions = {id(w): n for n, w in enumerate(kept)}
        for position, before in exchange.needs.items():
            if id(writes[position]) in positions:
                left.needs[positions[id(writes[position])]] = {positions[id(writes[b])] for b in before if id(writes[b]) in positions}
        again, more = _ordered(first, left)
        return again, stuck | more
    for position in order:
        write = writes[position]
        before_it = {number[n] for n in needs[position]}
        if write.kind == "link":
            before_it |= {columns[key] for name in write.leaves if (key := (write.system, write.table, name)) in columns}
        writes[position] = write.numbered(number[position], tuple(sorted(before_it)))  # the unnumbered one is let go
    return [*(w.numbered(n, ()) for n, w in enumerate(first, 1)), *(writes[position] for position in order)], set()


def _phase(exchange: Exchange, write: Write) -> int:
    """Merges that may change ids, then the system whose merges carry values, then values, links and closing."""
    if write.kind in ("link", "close"):
        return 3 if write.kind == "link" else 4
    if write.system in exchange.carrying:
        return 1
    return 0 if write.lose else 2


def _needs(exchange: Exchange, phases: Sequence[int]) -> list[tuple[int, ...]]:
    """What comes first: the previous write on the same record, all writes of the group's phase before, what uniqueness asks for."""
    needs: list[tuple[int, ...]] = []
    for _, members in itertools.groupby(range(len(exchange.writes)), key=lambda position: exchange.writes[position].group):
        needs += _needs_of_group(exchange, phases, list(members))
    return needs


def _needs_of_group(exchange: Exchange, phases: Sequence[int], members: Sequence[int]) -> Iterator[tuple[int, ...]]:
    by_phase: dict[int, list[int]] = defaultdict(list)
    for position in members:
        by_phase[phases[position]].append(position)
    order = sorted(by_phase)
    before = {phase: by_phase[earlier] for earlier, phase in itertools.pairwise(order)}
    last: dict[tuple[int, str, str], int] = {}
    for position in members:
        phase = phases[position]
        first = {*before.get(phase, ()), *exchange.needs.get(position, ())}
        write = exchange.writes[position]
        for id_ in (write.id, write.lose) if write.lose else (write.id,):
            key = (phase, f"{write.system}/{write.table}", id_)
            if key in last:
                first.add(last[key])
            last[key] = position
        yield tuple(sorted(first))


def _topological(groups: Sequence[str], phases: Sequence[int], needs: Sequence[tuple[int, ...]]) -> list[int]:
    """Positions in dependency order, the earliest group first."""
    waiting = [len(first) for first in needs]
    followers: dict[int, list[int]] = defaultdict(list)
    for position, first in enumerate(needs):
        for other in first:
            followers[other].append(position)
    ready = [(groups[p], phases[p], p) for p, count in enumerate(waiting) if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        position = heapq.heappop(ready)[-1]
        order.append(position)
        for follower in followers.pop(position, ()):
            waiting[follower] -= 1
            if waiting[follower] == 0:
                heapq.heappush(ready, (groups[follower], phases[follower], follower))
    return order
