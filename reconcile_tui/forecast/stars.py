"""Who may send and who is written to, for a million records at once: what `pairing` defines, as arrays.

A *star* is one side-1 record (the hub; or the one the sync will create) with the side-0 records that belong to it under one
assignment. Where the sync gives a hub to whoever is seen first, each candidate makes a star of its own and the stars of one
*target* are alternatives. A *group* is what hangs together by addresses and links.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from reconcile_tui.forecast.columns import Columns, Flags, Ints
from reconcile_tui.forecast.counterparts import Index, Owners, age_of, collisions, groups_of, targets_of
from reconcile_tui.forecast.profiles import Profile


@dataclass
class Stars:
    """Members (side-0 records, sorted by star) and stars; see the module.

    row, star, sends, receives, wins, may_stay: one entry per member. `wins`: preferred by the initial comparison with its hub;
    `may_stay`: in some order its hub goes to another one. start, hub, target, hub_sends, created: one entry per star; `start` is
    its first member, hub -1 where it is to be created. lone: hubs without members that create their counterpart.
    odd, collides: per group: the closed form doesn't cover it; several side-0 records share an address or a counterpart.
    group: per row. held, taken, race: rows that are held for a person, refused for their address, or refused if saved second.
    """

    group: Ints
    groups: int
    row: Index
    star: Index
    sends: Flags
    receives: Flags
    wins: Flags
    may_stay: Flags
    start: Index
    hub: Index
    target: Index
    hub_sends: Flags
    created: Flags
    lone: Index
    odd: Flags
    collides: Flags = field(default_factory=lambda: np.empty(0, np.bool_))
    held: Index = field(default_factory=lambda: np.empty(0, np.int64))
    taken: Index = field(default_factory=lambda: np.empty(0, np.int64))
    race: Index = field(default_factory=lambda: np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.start)

    def any(self, members: Flags) -> Flags:
        """Per star: whether any of its members is marked."""
        return self.folded(np.logical_or, members)

    def folded(self, how: np.ufunc, members: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Per star: its members' values put together. Most stars have one member, and cost nothing but a copy."""
        result: npt.NDArray[Any] = members[self.start]
        large, inside, start = self._large
        if len(large):
            result[large] = how.reduceat(members[inside], start)
        return result

    @cached_property
    def _large(self) -> tuple[Index, Index, Index]:
        """Stars of several members, those members, and where each of the stars starts among them."""
        size = np.diff(np.append(self.start, len(self.row)))
        large = np.flatnonzero(size > 1)
        inside = np.flatnonzero((size > 1)[self.star])
        return large, inside, np.cumsum(size[large]) - size[large]


def build(columns: Columns, profile: Profile, created_eligible: tuple[bool, bool] = (True, True)) -> Stars:
    """The stars of all records under a profile."""
    owners = Owners(columns)
    group, groups = groups_of(columns, owners, links=profile.match != "email")
    odd = np.zeros(groups, np.bool_)
    first = np.flatnonzero(columns.side == 0)
    target, held = targets_of(columns, profile, owners, first, group, odd)
    builder = _Builder(columns, profile, created_eligible, group, odd)
    stars = builder.build(first, target, held, owners)
    stars.collides = collisions(columns, first, target, group, groups, owners.size)
    return stars


class _Builder:
    """Turns counterparts into stars: one assignment each, with who sends and who receives."""

    def __init__(self, columns: Columns, profile: Profile, created_eligible: tuple[bool, bool], group: Ints, odd: Flags) -> None:
        self.columns, self.profile, self.group, self.odd = columns, profile, group, odd
        initial_only = profile.filters == "initial_only"
        self.created_in = tuple(ok or initial_only for ok in created_eligible)
        self.scope = columns.eligible | columns.synced if initial_only else columns.eligible

    def build(self, first: Index, target: Index, held: Flags, owners: Owners) -> Stars:
        """Stars of the side-0 rows `first` with their counterparts."""
        columns, profile, size = self.columns, self.profile, len(self.columns)
        waiting = (target < 0) & (columns.email[first] >= 0)
        address = np.where(waiting, columns.email[first], 0)
        base = np.where(target >= 0, target, size + owners.size + first)  # where it belongs; alone unless an address is shared
        race = taken = np.zeros(len(first), np.bool_)
        if profile.match == "email":
            base = np.where(waiting, size + address, base)
        elif profile.match == "stored_id" and owners.size and profile.creates in ("both", "forward"):
            creating = waiting & self.scope[first]
            taken = creating & (owners.count[address] > 0)
            race = creating & ~taken
            base = np.where(race, size + address, base)
        kept = np.flatnonzero(~held & ~taken)
        kept = kept[np.argsort(base[kept], kind="stable")]
        stars = self._stars(first[kept], base[kept], target[kept], race[kept])
        rivals = np.bincount(address[race], minlength=owners.size + 1)
        stars.taken, stars.race = first[taken], first[race & (rivals[address] > 1)]
        stars.held = np.concatenate([first[held], stars.held])
        stars.lone = self._lone(target)
        return stars

    def _lone(self, target: Index) -> Index:
        """Hubs without members that are in scope and create their counterpart."""
        alone = (self.columns.side == 1) & self.scope
        alone[target[target >= 0]] = False
        return np.flatnonzero(alone) if self.profile.creates in ("both", "backward") else np.empty(0, np.int64)

    def _stars(self, row: Index, base: Index, target: Index, race: Flags) -> Stars:
        """Stars of members sorted by where they belong; those in a race for one new hub are alternatives."""
        profile = self.profile
        place = np.cumsum(np.diff(base, prepend=-1) != 0) - 1
        start = np.flatnonzero(np.diff(place, prepend=-1))
        size = np.diff(np.append(start, len(base)))
        hub = target[start]
        scope = self.scope[row]
        held = row[:0]
        if profile.collision == "first_seen":
            admitted = scope | np.where(hub >= 0, self.scope[hub], False)[place]
            whole = ~race & (profile.fan_out == "all")
            several = (np.bincount(place[admitted], minlength=len(start)) > 1)[place]
            receives, split, keep = whole | admitted, admitted & several & ~whole, whole | admitted
            self.odd[self.group[row[whole & several]]] = True
        else:
            admitted = race | self._admitted(row, place, size, scope)
            receives = race | self._receivers(row, place, size, hub, scope)
            split = race & (size > 1)[place]
            keep = np.ones(len(row), np.bool_)
            held = row[~admitted] if profile.collision == "held" else held
        row, place, admitted, receives, split = row[keep], place[keep], admitted[keep], receives[keep], split[keep]
        return self._finish(row, place, hub, admitted, receives, split, held)

    def _admitted(self, row: Index, place: Index, size: Index, scope: Flags) -> Flags:
        if self.profile.collision == "every_change":
            return np.ones(len(row), np.bool_)
        return (size == 1)[place] if self.profile.collision == "held" else self._one_each(row, place, scope)

    def _one_each(self, row: Index, place: Index, scope: Flags) -> Flags:
        """Marks the member each hub's rule lets through: of those in scope, if any is."""
        columns, profile = self.columns, self.profile
        age = age_of(columns, row)
        if profile.collision == "newest":
            order = np.lexsort((row, -columns.modified[row], ~scope, place))
        elif profile.collision == "table_priority":
            order = np.lexsort((row, age, self._rank(row), ~scope, place))
        else:
            order = np.lexsort((row, age, ~scope, place))
        return _first_of_each(order, place)

    def _rank(self, row: Index) -> Index:
        priority = self.profile.table_priority
        ranks = [priority.index(table) if table in priority else len(priority) for table in self.columns.tables]
        return np.array([*ranks, 0], np.int64)[self.columns.table[row]]

    def _receivers(self, row: Index, place: Index, size: Index, hub: Index, scope: Flags) -> Flags:
        """Who is written to when a hub is saved."""
        profile = self.profile
        if profile.fan_out == "all":
            receives = np.ones(len(row), np.bool_)
        elif profile.fan_out == "linked":
            receives = self._linked_members(row, place, size, hub)
        elif profile.collision == "every_change":
            receives = _first_of_each(np.lexsort((row, age_of(self.columns, row), place)), place)
        else:
            receives = self._one_each(row, place, scope)
        return receives & (size == 1)[place] if profile.collision == "held" else receives

    def _linked_members(self, row: Index, place: Index, size: Index, hub: Index) -> Flags:
        """The member a hub is linked with: by its own link, else by the member's; the oldest of several."""
        columns, span = self.columns, len(self.columns)
        links = columns.links.astype(np.int64)
        known = links[:, 0] * span + links[:, 1]
        at = hub[place]
        own = (at >= 0) & np.isin(at * span + row, known)
        theirs = (at >= 0) & np.isin(row * span + at, known)
        if self.profile.match == "stored_id_then_email":
            theirs |= ~_any(own | theirs, np.flatnonzero(np.diff(place, prepend=-1)))[place]
        created = at < 0
        if self.profile.collision == "every_change" and self.profile.match == "email":
            self.odd[self.group[row[created & (size > 1)[place]]]] = True
        order = np.lexsort((row, age_of(columns, row), ~theirs, ~own, place))
        first = _first_of_each(order, place) & (own | theirs)
        return np.where(created, self._created_receiver(row, place), first)

    def _created_receiver(self, row: Index, place: Index) -> Flags:
        if self.profile.collision in ("every_change", "held"):
            return np.ones(len(row), np.bool_)
        return self._one_each(row, place, self.scope[row])

    def _finish(self, row: Index, place: Index, hub: Index, admitted: Flags, receives: Flags, split: Flags, held: Index) -> Stars:
        """Number the stars (alternatives get one each), apply filters, drop what stays without a counterpart."""
        fresh = np.diff(place, prepend=-1) != 0
        fresh[1:] |= split[1:] | split[:-1]
        star, start = np.cumsum(fresh) - 1, np.flatnonzero(fresh)
        at, target = hub[place[start]], place[start]
        sends, hub_sends = self._in_sync(row, star, start, at, admitted, receives)
        created = (at < 0) & _any(sends, start) & (self.profile.creates in ("both", "forward"))
        if self.profile.initial != "none" and not self.profile.compare_before_write:
            apart = _any(sends & ~receives, start) & _any(receives, start) & (at >= 0)
            self.odd[self.group[row[start[apart]]]] = True
        stays = (at >= 0) | created
        keep = stays[star]
        renumber = np.cumsum(stays) - 1
        row, star, sends, receives, split = row[keep], renumber[star[keep]], sends[keep], receives[keep], split[keep]
        start = np.flatnonzero(np.diff(star, prepend=-1))
        at, target, hub_sends, created = at[stays], target[stays], hub_sends[stays], created[stays]
        wins = self._wins(row, at[star])
        return Stars(
            group=self.group,
            groups=len(self.odd),
            row=row,
            star=star,
            sends=sends,
            receives=receives,
            wins=wins,
            may_stay=split,
            start=start,
            hub=at,
            target=target,
            hub_sends=hub_sends,
            created=created,
            lone=row[:0],
            odd=self.odd,
            held=held,
        )

    def _in_sync(self, row: Index, star: Index, start: Index, hub: Index, admitted: Flags, receives: Flags) -> tuple[Flags, Flags]:
        scope = self.scope[row]
        hub_in = np.where(hub >= 0, self.scope[hub], self.created_in[1])
        if self.profile.filters == "initial_only":
            exists = hub >= 0
            hub_in = hub_in | (exists & _any(scope & admitted, start))
            scope = scope | (receives & (hub_in & exists)[star])
        return scope & admitted, hub_in

    def _wins(self, row: Index, hub: Index) -> Flags:
        initial, columns = self.profile.initial, self.columns
        if initial == "hubspot":
            return np.zeros(len(row), np.bool_)
        if initial == "most_recent":
            return columns.modified[row] >= columns.modified[hub]
        return self._rank(row) == 0 if initial == "by_table" else np.ones(len(row), np.bool_)


def _any(marks: Flags, start: Index) -> Flags:
    return np.logical_or.reduceat(marks, start) if len(start) else np.empty(0, np.bool_)


def _first_of_each(order: Index, place: Index) -> Flags:
    """Marks the first entry of every place in a given order."""
    sorted_place = place[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = sorted_place[1:] != sorted_place[:-1]
    marks = np.zeros(len(order), np.bool_)
    marks[order[first]] = True
    return marks
