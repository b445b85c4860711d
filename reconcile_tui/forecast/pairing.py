"""Who is whose counterpart, and which of several may take part: resolved once, on the records as they are at launch.

The sync's own copies don't move a record to another counterpart: HubSpot keeps a replaced address as a further one, and connectors
keep the id of a counterpart once found. This module is the definition, on one group; `stars` is the same for a million records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.values import SimRecord


@dataclass(slots=True)
class Pairing:
    """The static part of the rules for one group; records by index.

    target: where a side-0 record's save goes; absent: nowhere. matched: side-0 records a side-1 record belongs to.
    admitted: side-0 records whose saves are copied. reverse: where a side-1 record's save is written.
    candidates: under `first_seen`, who can be the one of a side-1 record. in_sync: records the filters let leave.
    creates_key: unmatched records that create a counterpart; those with the same key compete for one.
    """

    target: dict[int, int] = field(default_factory=dict)
    matched: dict[int, list[int]] = field(default_factory=dict)
    admitted: set[int] = field(default_factory=set)
    reverse: dict[int, list[int]] = field(default_factory=dict)
    candidates: dict[int, list[int]] = field(default_factory=dict)
    in_sync: set[int] = field(default_factory=set)
    creates_key: dict[int, str] = field(default_factory=dict)
    blocked: dict[int, str] = field(default_factory=dict)


def resolve(records: Sequence[SimRecord], profile: Profile) -> Pairing:
    """Counterparts, admission, filters and creates of one group under a profile."""
    pairing = Pairing()
    _find_targets(records, profile, pairing)
    for index, record in enumerate(records):
        if record.side == 1:
            pairing.matched.setdefault(index, [])
    if profile.collision == "first_seen":
        _offer(records, profile, pairing)
    else:
        _admit(records, profile, pairing)
    _let_through(records, profile, pairing)
    _plan_creates(records, profile, pairing)
    return pairing


def _find_targets(records: Sequence[SimRecord], profile: Profile, pairing: Pairing) -> None:
    sides = [[i for i, r in enumerate(records) if r.side == side] for side in (0, 1)]
    owners: dict[str, list[int]] = {}
    for index in sides[1]:
        for key in records[index].match_keys:
            owners.setdefault(key, []).append(index)
    if profile.match == "email":
        for index in sides[0]:
            found = owners.get(records[index].email_key, [])
            for owner in found:
                pairing.matched.setdefault(owner, []).append(index)
            if found:
                key = records[index].email_key
                pairing.target[index] = min(found, key=lambda i: (records[i].email_key != key, records[i].age, i))
        return
    _by_links(records, sides, pairing)
    if profile.match == "stored_id_then_email":
        _by_unique_email(records, sides, owners, pairing)


def _by_links(records: Sequence[SimRecord], sides: list[list[int]], pairing: Pairing) -> None:
    """A link counts whichever side stores it; a record's own link goes before one that points at it."""
    by_ref = {record.ref: index for index, record in enumerate(records)}
    for index in sides[0]:
        own = [by_ref[ref] for ref in records[index].links if ref in by_ref and records[by_ref[ref]].side == 1]
        others = [i for i in sides[1] if records[index].ref in records[i].links]
        linked = list(dict.fromkeys([*own, *sorted(others, key=lambda i: (records[i].age, i))]))
        for owner in linked:
            pairing.matched.setdefault(owner, []).append(index)
        if linked:
            pairing.target[index] = linked[0]


def _by_unique_email(records: Sequence[SimRecord], sides: list[list[int]], owners: dict[str, list[int]], pairing: Pairing) -> None:
    """Unlinked records pair by e-mail if nobody else on either side has an address of theirs; otherwise a person decides."""
    sharing: dict[str, list[int]] = {}
    for index in sides[0]:
        if key := records[index].email_key:
            sharing.setdefault(key, []).append(index)
    linked = {owner for owner, members in pairing.matched.items() if members}
    for index in sides[0]:
        key = records[index].email_key
        if index in pairing.target or not key:
            continue
        found = owners.get(key, [])
        callers = [i for owner in found for address in records[owner].match_keys for i in sharing.get(address, ())]
        if len(found) == 1 and callers == [index] and found[0] not in linked:
            pairing.matched[found[0]] = [index]
            pairing.target[index] = found[0]
        elif found or len(sharing[key]) > 1:
            pairing.blocked[index] = "held"


def _admit(records: Sequence[SimRecord], profile: Profile, pairing: Pairing) -> None:
    """Which side-0 records send, and which receive, where the rule does not depend on the order of saves."""
    groups = {owner: members for owner, members in pairing.matched.items() if members}
    waiting: dict[str, list[int]] = {}
    for index, record in enumerate(records):
        if record.side == 0 and index not in pairing.target and index not in pairing.blocked:
            shared = record.email_key if profile.match == "email" else ""
            waiting.setdefault(shared or f"#{index}", []).append(index)
    for members in [*groups.values(), *waiting.values()]:
        pairing.admitted.update(_let_in(records, profile, members))
    if profile.collision == "held":
        for members in groups.values():
            if len(members) > 1:
                pairing.blocked.update(dict.fromkeys(members, "held"))
        for members in waiting.values():
            if len(members) > 1:
                pairing.blocked.update(dict.fromkeys(members, "held"))
    for owner, members in groups.items():
        pairing.reverse[owner] = receivers(records, profile, members, owner)


def _let_in(records: Sequence[SimRecord], profile: Profile, members: Sequence[int]) -> list[int]:
    if profile.collision == "every_change":
        return list(members)
    if profile.collision == "held":
        return list(members) if len(members) == 1 else []
    return [chosen(records, profile, members)]


def chosen(records: Sequence[SimRecord], profile: Profile, members: Sequence[int]) -> int:
    """The one record that `oldest`, `newest` or `table_priority` lets through: of those in scope, if any is."""
    scope = [i for i in members if _in_scope(records[i], profile)] or list(members)
    if profile.collision == "newest":
        return min(scope, key=lambda i: (-records[i].changed, i))
    if profile.collision == "table_priority":
        return min(scope, key=lambda i: (rank(profile, records[i].ref.table), records[i].age, i))
    return min(scope, key=lambda i: (records[i].age, i))


def receivers(records: Sequence[SimRecord], profile: Profile, members: Sequence[int], owner: int) -> list[int]:
    """Where a save of `owner` is written; `members` are its side-0 records."""
    if profile.collision == "held" and len(members) > 1:
        return []
    if profile.fan_out == "all":
        return list(members)
    if profile.fan_out == "first":
        return [
            min(members, key=lambda i: (records[i].age, i)) if profile.collision == "every_change" else chosen(records, profile, members)
        ]
    own = [i for i in members if records[i].ref in records[owner].links]
    linked = own or [i for i in members if records[owner].ref in records[i].links]
    if not linked and profile.match == "stored_id_then_email":
        linked = list(members)  # paired by a unique e-mail: the integration stores the link then
    return sorted(linked, key=lambda i: (records[i].age, i))[:1]


def _offer(records: Sequence[SimRecord], profile: Profile, pairing: Pairing) -> None:
    """Under `first_seen` whoever is seen first is the one: who can be?"""
    for owner, members in pairing.matched.items():
        owner_in = _in_scope(records[owner], profile)
        pairing.candidates[owner] = [i for i in members if owner_in or _in_scope(records[i], profile)]
        pairing.reverse[owner] = list(members) if profile.fan_out == "all" else []
    pairing.admitted.update(i for i, r in enumerate(records) if r.side == 0 and i not in pairing.blocked)


def _in_scope(record: SimRecord, profile: Profile) -> bool:
    return record.eligible or (record.synced_once and profile.filters == "initial_only")


def _let_through(records: Sequence[SimRecord], profile: Profile, pairing: Pairing) -> None:
    """Who may leave: under `initial_only` also whoever has a counterpart in sync, since matching ignores filters."""
    pairing.in_sync = {i for i, record in enumerate(records) if _in_scope(record, profile)}
    if profile.filters != "initial_only":
        return
    for _ in range(2 * len(records)):
        before = len(pairing.in_sync)
        for index, owner in pairing.target.items():
            if index in pairing.admitted and index in pairing.in_sync:
                pairing.in_sync.add(owner)
        for owner, members in pairing.reverse.items():
            if owner in pairing.in_sync:
                pairing.in_sync.update(pairing.candidates.get(owner, members))
        if len(pairing.in_sync) == before:
            return


def _plan_creates(records: Sequence[SimRecord], profile: Profile, pairing: Pairing) -> None:
    taken = {key for record in records if record.side == 1 for key in record.match_keys}
    for index, record in enumerate(records):
        if index in pairing.blocked or index not in pairing.in_sync:
            continue
        if record.side == 0 and index not in pairing.target and profile.creates in ("both", "forward"):
            key = record.email_key
            if profile.match == "stored_id" and key in taken:
                pairing.blocked[index] = "email_taken"
            elif index in pairing.admitted:
                pairing.creates_key[index] = key or f"#{index}"
        elif record.side == 1 and not pairing.matched[index] and profile.creates in ("both", "backward"):
            pairing.creates_key[index] = f"#{index}"


def pair_order(records: Sequence[SimRecord], profile: Profile, index: int, owner: int) -> tuple[int, int]:
    """Sides in the order in which the initial comparison of a pair prefers them."""
    first, second = (0, 1), (1, 0)
    if profile.initial == "hubspot":
        return second
    if profile.initial == "most_recent":
        return first if records[index].changed >= records[owner].changed else second
    if profile.initial == "by_table":
        return first if rank(profile, records[index].ref.table) == 0 else second
    return first


def rank(profile: Profile, table: str) -> int:
    """A table's place in the profile's priority; unknown tables come last."""
    return profile.table_priority.index(table) if table in profile.table_priority else len(profile.table_priority)
