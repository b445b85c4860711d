"""From persons to groups, the unit of review: class, score, weakest link, and an id that stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from reconcile_tui.matching.arrays import Bits, Codes, Doubles, Flags, Longs
from reconcile_tui.matching.classes import group_classes
from reconcile_tui.matching.cluster import Weigh, inner_pairs
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.identity import stable_ids
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
    reserved: Collection[str] = (),
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
    classes = group_classes(records, rows, starts, several, chained)
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
