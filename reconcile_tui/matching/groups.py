"""From persons to groups, the unit of review: class, score, weakest link, and an id that stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from reconcile_tui.matching.arrays import Bits, Codes, Doubles, Flags, Longs
from reconcile_tui.matching.cluster import Judgements, Weigh, inner_pairs
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import DIFFERENT, Comparison
from reconcile_tui.matching.compare_people import Email, GivenName
from reconcile_tui.matching.scoring import probability

GROUPS = pa.schema(
    [
        ("group", pa.string()),
        ("key", pa.int64()),
        ("person", pa.int32()),
        ("class", pa.string()),
        ("score", pa.float64()),
        ("weakest_left", pa.int64()),
        ("weakest_right", pa.int64()),
    ]
)


def sharing_mailboxes(persons: Codes, comparisons: Sequence[Comparison], judged: Judgements, limit: int) -> tuple[Codes, list[str]]:
    """Persons that hold one address are reviewed together: the group of each record, and addresses with too many holders."""
    groups = persons.copy()
    apart = {(int(persons[a]), int(persons[b])) for a, b in judged.different}
    apart |= {(b, a) for a, b in apart}
    notes = []
    team: dict[int, set[int]] = {}
    for email in (c for c in comparisons if isinstance(c, Email)):
        for holders, members in _holders(email, persons):
            if members > limit:
                notes.append(f"an address of {email.name} is held by {members} records; they are not reviewed as one group")
            else:
                _unite(team, holders, apart)
    if team:
        lead = np.arange(len(persons), dtype=np.int32)
        lead[list(team)] = [min(together) for together in team.values()]
        groups = lead[persons]
    return groups, notes


def _holders(email: Email, persons: Codes) -> list[tuple[list[int], int]]:
    """For each address held by several persons: these persons, ascending, and the number of records."""
    column = email.records.column(f"{email.fields[0]}.written")  # placeholders too: the sync takes them for addresses
    codes = column.codes
    rows = np.flatnonzero(codes >= 0)
    rows = rows[column.counts[codes[rows]] > 1]
    order = rows[np.lexsort((persons[rows], codes[rows]))]
    if not len(order):
        return []
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    lowest = np.minimum.reduceat(persons[order], starts)
    highest = np.maximum.reduceat(persons[order], starts)
    ends = np.append(starts[1:], len(order))
    mixed = np.flatnonzero(lowest != highest)
    return [(sorted(set(persons[order[starts[i] : ends[i]]].tolist())), int(column.counts[codes[order[starts[i]]]])) for i in mixed]


def _unite(team: dict[int, set[int]], holders: Sequence[int], apart: set[tuple[int, int]]) -> None:
    first = holders[0]
    for other in holders[1:]:
        x, y = team.get(first, {first}), team.get(other, {other})
        if apart and any((a, b) in apart for a in x for b in y):
            continue
        joined = x | y
        for member in joined:
            team[member] = joined


@dataclass(frozen=True)
class Bonds:
    """What holds the groups together: all pairs inside persons, and ties between persons that share a mailbox, with their bits."""

    left: Codes
    right: Codes
    bits: Bits
    inside: int  # the first so many pairs are inside persons


def table(
    records: Records,
    persons: Codes,
    groups: Codes,
    edges: tuple[Codes, Codes],
    weigh: Weigh,
    floor: float,
    previous: Mapping[int, str] | None,
    reserved: frozenset[str] = frozenset(),
) -> pa.Table:
    """One row per record of a group of two or more.

    `edges`: pairs at or above `floor` bits, the least at which two records, taken alone, would be one person.
    """
    sizes = np.bincount(groups, minlength=len(records))
    rows = np.flatnonzero(sizes[groups] > 1).astype(np.int32)
    rows = rows[np.argsort(groups[rows], kind="stable")]
    if not len(rows):
        return GROUPS.empty_table()
    starts = np.flatnonzero(np.diff(groups[rows], prepend=-1))
    of_row = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(rows))))
    number = np.zeros(len(records), dtype=np.int32)
    number[rows] = of_row
    bonds = _bonds(persons, rows, starts, weigh)
    a, b, score = _weakest(number, bonds, len(records))
    several = np.maximum.reduceat(persons[rows], starts) != np.minimum.reduceat(persons[rows], starts)
    chained = _chained(number, bonds, floor, len(starts)) | _beside_look_alikes(number, groups, sizes, edges, len(starts))
    classes = _classes(records, rows, starts, several, chained)
    ids = np.array(stable_ids(records.keys, rows, starts, previous, reserved), dtype=object)
    columns = [
        pa.array(ids[of_row], pa.string()),
        pa.array(records.keys[rows]),
        pa.array(_person_numbers(persons[rows], starts, several), pa.int32()),
        pa.array(np.array(classes, dtype=object)[of_row], pa.string()),
        pa.array(score[of_row]),
        pa.array(records.keys[a][of_row]),
        pa.array(records.keys[b][of_row]),
    ]
    return pa.table(columns, schema=GROUPS)


def _person_numbers(persons: Codes, starts: Longs, several: Flags) -> Codes:
    """Persons of each group counted from 0 in the order of their first record."""
    numbers = np.zeros(len(persons), dtype=np.int32)
    ends = np.append(starts[1:], len(persons))
    for i in np.flatnonzero(several).tolist():
        inside = persons[starts[i] : ends[i]].tolist()
        order = {person: n for n, person in enumerate(dict.fromkeys(inside))}
        numbers[starts[i] : ends[i]] = [order[person] for person in inside]
    return numbers


def _bonds(persons: Codes, rows: Codes, starts: Longs, weigh: Weigh) -> Bonds:
    left, right, _, _ = inner_pairs(persons, np.sort(rows))
    tied_left, tied_right = _ties(persons, rows, starts)
    both_left, both_right = np.append(left, tied_left), np.append(right, tied_right)
    return Bonds(both_left, both_right, weigh(both_left, both_right), len(left))


def _weakest(number: Codes, bonds: Bonds, records: int) -> tuple[Codes, Codes, Doubles]:
    """Per group the weakest pair of its strongest spanning tree, and its probability."""
    cost = 200.0 - np.clip(bonds.bits.astype(np.float64), -100, 100)
    alone = np.bincount(number[bonds.left])[number[bonds.left]] == 1  # the one bond of a group of two is its tree
    graph = coo_array((cost[~alone], (bonds.left[~alone], bonds.right[~alone])), shape=(records, records)).tocsr()
    tree = minimum_spanning_tree(graph).tocoo()
    a = np.concatenate([bonds.left[alone], tree.coords[0]]).astype(np.int32)
    b = np.concatenate([bonds.right[alone], tree.coords[1]]).astype(np.int32)
    cost = np.concatenate([cost[alone], tree.data])
    order = np.lexsort((b, a, -cost, number[a]))
    chosen = order[np.flatnonzero(np.diff(number[a][order], prepend=-1))]
    return np.minimum(a, b)[chosen], np.maximum(a, b)[chosen], probability((200.0 - cost[chosen]).astype(np.float32))


def _ties(persons: Codes, rows: Codes, starts: Longs) -> tuple[Codes, Codes]:
    """Within each group, a chain over its persons by their first records."""
    of_row = np.zeros(len(rows), dtype=np.int64)
    of_row[starts] = 1
    of_row = np.cumsum(of_row)
    order = np.lexsort((rows, persons[rows], of_row))
    lead, group = persons[rows[order]], of_row[order]
    where = np.flatnonzero((group[1:] == group[:-1]) & (lead[1:] != lead[:-1]))
    return np.minimum(lead[where], lead[where + 1]), np.maximum(lead[where], lead[where + 1])


def _chained(number: Codes, bonds: Bonds, floor: float, count: int) -> Flags:
    """Groups in which two records of one person, taken alone, would rather be different people."""
    result = np.zeros(count, dtype=bool)
    weak = np.flatnonzero(bonds.bits[: bonds.inside] < floor)
    result[number[bonds.left[weak]]] = True
    return result


def _beside_look_alikes(number: Codes, groups: Codes, sizes: Longs, edges: tuple[Codes, Codes], count: int) -> Flags:
    """Groups one of whose records looks like a record of another group, or of none."""
    left, right = edges
    apart = groups[left] != groups[right]
    result = np.zeros(count, dtype=bool)
    for side in (left[apart], right[apart]):
        result[number[side[sizes[groups[side]] > 1]]] = True
    return result


def _classes(records: Records, rows: Codes, starts: Longs, several: Flags, chained: Flags) -> list[str]:
    """shared_mailbox, then chain, lead_contact, identical, differs: the first that applies."""
    order = [
        (several, "shared_mailbox"),
        (chained, "chain"),
        (_two_tables(records, rows, starts), "lead_contact"),
        (_all_equal(records, rows, starts), "identical"),
    ]
    return [str(name) for name in np.select([flags for flags, _ in order], [name for _, name in order], "differs")]


def _two_tables(records: Records, rows: Codes, starts: Longs) -> Flags:
    """Whether one system takes part with records of two tables (lead and contact)."""
    result = np.zeros(len(starts), dtype=bool)
    for system in range(len(records.system_names)):
        mine = records.systems[rows] == system
        low = np.minimum.reduceat(np.where(mine, records.tables[rows], np.int32(1 << 30)), starts)
        high = np.maximum.reduceat(np.where(mine, records.tables[rows], np.int32(-1)), starts)
        result |= (high >= 0) & (low != high)
    return result


def _all_equal(records: Records, rows: Codes, starts: Longs) -> Flags:
    """One record per system, and every field the same in all records whose table has it, once transformed.

    A value against none is a difference: the sync would fill it. Records of one system are never *identical* beside another system,
    because one of them has to be merged away; in a workspace of one system they are.
    """
    sizes = np.diff(np.append(starts, len(rows)))
    result = np.ones(len(starts), dtype=bool) if len(records.system_names) == 1 else _one_each(records, rows, starts, sizes)
    for name, codes in records.raw.items():
        bound = records.bound(name)
        values = codes[rows]
        here = bound[rows]
        low = np.minimum.reduceat(np.where(here, values, np.int32(1 << 30)), starts)
        high = np.maximum.reduceat(np.where(here, values, np.int32(-2)), starts)
        result &= (high == -2) | (low == high)
    return result


def _one_each(records: Records, rows: Codes, starts: Longs, sizes: Longs) -> Flags:
    systems = records.systems[rows]
    result = sizes <= len(records.system_names)
    for system in range(len(records.system_names)):
        result &= np.add.reduceat((systems == system).astype(np.int64), starts) <= 1
    return np.asarray(result)


PAIR_CLASSES = pa.array(["differs", "identical", "lead_contact", "shared_mailbox"], pa.string())


def pair_classes(records: Records, comparisons: Sequence[Comparison], left: Codes, right: Codes) -> pa.Array:
    """The class of single pairs: shared_mailbox (equal address, unlike given names), lead_contact, identical, differs."""
    same_system = records.systems[left] == records.systems[right]
    equal = ~same_system if len(records.system_names) > 1 else np.ones(len(left), dtype=bool)
    for name, codes in records.raw.items():
        bound = records.bound(name)
        equal &= (codes[left] == codes[right]) | ~bound[left] | ~bound[right]
    lead = same_system & (records.tables[left] != records.tables[right])
    mailbox = unlike_at_one_address(comparisons, left, right)
    return PAIR_CLASSES.take(pa.array(np.select([mailbox, lead, equal], [3, 2, 1], 0)))


def unlike_at_one_address(comparisons: Sequence[Comparison], left: Codes, right: Codes) -> Flags:
    """Pairs with one address and plainly unlike given names: a shared mailbox until a person says otherwise, whatever else agrees."""
    result = np.zeros(len(left), dtype=bool)
    given = next((c for c in comparisons if isinstance(c, GivenName)), None)
    if given is None:
        return result
    for email in (c for c in comparisons if isinstance(c, Email)):
        codes = email.column.codes
        shared = np.flatnonzero((codes[left] == codes[right]) & (codes[left] >= 0))
        result[shared] |= given.all_levels(left[shared], right[shared]) == DIFFERENT
    return result


def stable_ids(
    keys: Longs, rows: Codes, starts: Longs, previous: Mapping[int, str] | None, reserved: frozenset[str] = frozenset()
) -> list[str]:
    """An id per group: the previous group's with which it shares most records, else one made of its smallest key.

    No new id is one of `previous` or `reserved`, so that an old id never means other people.
    """
    if not previous and not reserved:
        return [f"g{key:x}" for key in np.minimum.reduceat(keys[rows], starts).tolist()]
    ends = np.append(starts[1:], len(rows))
    members = [keys[rows[s:e]].tolist() for s, e in zip(starts, ends, strict=True)]
    ids: list[str | None] = [None] * len(members)
    taken: set[str] = set()
    previous = previous or {}
    claims = [(-count, old, i) for i, group in enumerate(members) for old, count in _olds(group, previous).items()]
    for _, old, i in sorted(claims):
        if ids[i] is None and old not in taken:
            ids[i] = old
            taken.add(old)
    taken |= set(previous.values()) | reserved
    for i, group in enumerate(members):
        if ids[i] is None:
            ids[i] = next(name for name in _names_of(group) if name not in taken)
            taken.add(str(ids[i]))
    return [str(name) for name in ids]


def _olds(group: list[int], previous: Mapping[int, str]) -> Counter[str]:
    return Counter(previous[key] for key in group if key in previous)


def _names_of(group: list[int]) -> list[str]:
    names = [f"g{key:x}" for key in sorted(group)]
    return names + [f"{names[0]}-{n}" for n in range(2, 1000)]
