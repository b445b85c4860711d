"""Who is whose counterpart, and what hangs together, for a million records at once: addresses and links as arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reconcile_tui.forecast.columns import BLANK, Columns, Flags, Ints, Longs
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.values import UNKNOWN_TIME

Index = npt.NDArray[np.int64]


def collisions(columns: Columns, first: Index, target: Index, group: Ints, groups: int, addresses: int) -> Flags:
    """Per group: whether several side-0 records share an address or a counterpart."""
    key = columns.email[first].astype(np.int64)
    known, paired = key >= 0, target >= 0
    shared = np.bincount(key[known], minlength=addresses + 1)[np.where(known, key, addresses)] > 1
    several = np.bincount(target[paired], minlength=len(columns) + 1)[np.where(paired, target, len(columns))] > 1
    collides = np.zeros(groups, np.bool_)
    collides[group[first[shared | several]]] = True
    return collides


def counterparts(columns: Columns, profile: Profile) -> tuple[Index, Index]:
    """The side-0 rows, and the row of the counterpart of each (-1: none)."""
    owners = Owners(columns)
    first = np.flatnonzero(columns.side == 0)
    unused = np.zeros(len(columns), np.int32)
    return first, targets_of(columns, profile, owners, first, unused, np.zeros(1, np.bool_))[0]


class Owners:
    """Which side-1 record has which address."""

    def __init__(self, columns: Columns) -> None:
        rows = np.flatnonzero((columns.side == 1) & (columns.email >= 0))
        further = columns.further_emails.astype(np.int64)
        pairs = np.concatenate([np.stack([rows, columns.email[rows].astype(np.int64)], axis=1), further])
        self.size = int(max(columns.email.max(initial=BLANK), pairs[:, 1].max(initial=BLANK))) + 1
        own = np.arange(len(pairs)) < len(rows)
        if len(further):  # the same address twice on one record counts once, as its own
            _, keep = np.unique(pairs[:, 0] * self.size + pairs[:, 1], return_index=True)
            pairs, own = pairs[keep], own[keep]
        self.row, self.code = pairs[:, 0], pairs[:, 1]
        self.count = np.bincount(self.code, minlength=self.size)
        self.owner = np.full(self.size, -1, np.int64)
        order = np.lexsort((-self.row, -age_of(columns, self.row), own))
        self.owner[self.code[order]] = self.row[order]  # the last one written stays: its own address first, then the oldest


def age_of(columns: Columns, rows: Index) -> Longs:
    """Creation time with unknown times last."""
    created = columns.created[rows]
    return np.where(created == UNKNOWN_TIME, np.iinfo(np.int64).max, created)


def groups_of(columns: Columns, owners: Owners, *, links: bool) -> tuple[Ints, int]:
    """Per row the number of its group, what hangs together by addresses (and links), and how many groups there are."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(columns)
    first = np.flatnonzero((columns.side == 0) & (columns.email >= 0))
    left, right = [first, owners.row], [columns.email[first] + size, owners.code + size]
    if links and len(columns.links):
        left.append(columns.links[:, 0].astype(np.int64))
        right.append(columns.links[:, 1].astype(np.int64))
    ends = np.concatenate(left), np.concatenate(right)
    graph = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(size + owners.size,) * 2)
    _, labels = connected_components(graph, directed=False)
    _, group = np.unique(labels[:size], return_inverse=True)
    return group.astype(np.int32), int(group.max(initial=-1)) + 1


def targets_of(columns: Columns, profile: Profile, owners: Owners, first: Index, group: Ints, odd: Flags) -> tuple[Index, Flags]:
    """Per side-0 row (entries of `first`): its counterpart or -1; and whether it is held although it has none."""
    key = columns.email[first]
    known = key >= 0
    held = np.zeros(len(first), np.bool_)
    if profile.match == "email":
        target = np.where(known, owners.owner[np.where(known, key, 0)] if owners.size else -1, -1)
        several = known & (owners.count[np.where(known, key, 0)] > 1) if owners.size else held
        odd[group[first[several]]] = True
        return target, held
    target = _linked(columns, first, group, odd)
    if profile.match == "stored_id_then_email" and owners.size:
        free = (target < 0) & known
        code = np.where(known, key, 0)
        sharing = np.bincount(key[known], minlength=owners.size)
        callers = np.zeros(len(columns), np.int64)
        np.add.at(callers, owners.row, sharing[owners.code])
        owner = owners.owner[code]
        unlinked = np.ones(len(columns), np.bool_)
        unlinked[target[target >= 0]] = False
        pairs = free & (owners.count[code] == 1) & (callers[owner] == 1) & unlinked[owner]
        held = free & ~pairs & ((owners.count[code] > 0) | (sharing[code] > 1))
        target = np.where(pairs, owner, target)
    return target, held


def _linked(columns: Columns, first: Index, group: Ints, odd: Flags) -> Index:
    """The counterpart by stored links, whichever side stores them; records with several are odd."""
    target = np.full(len(columns), -1, np.int64)
    links = columns.links.astype(np.int64)
    if len(links):
        swap = columns.side[links[:, 0]] == 1
        pairs = np.unique(np.where(swap[:, None], links[:, ::-1], links), axis=0)
        pairs = pairs[(columns.side[pairs[:, 0]] == 0) & (columns.side[pairs[:, 1]] == 1)]
        target[pairs[:, 0]] = pairs[:, 1]
        several = np.bincount(pairs[:, 0], minlength=len(columns)) > 1
        odd[group[several]] = True
    return target[first]
