"""What another eligibility predicate would change: who enters, who leaves, who leaks, who collides, per direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reconcile_tui.forecast.columns import Columns, Flags, Longs
from reconcile_tui.forecast.counterparts import Index, counterparts
from reconcile_tui.forecast.profiles import Profile


@dataclass(frozen=True, slots=True)
class DirectionChange:
    """One direction; the arrays hold the callers' keys of records.

    enters: would leave their system from now on. leaves: would no longer. leaks: of those, the ones that keep syncing all the same,
    because the profile asks its filters for the first sync only. creates: of those that enter, the ones without a counterpart, for
    which the sync makes one. collides: of those that enter, the ones that meet another record of their system in one counterpart
    (from side 0), or whose saves are written to several records (from side 1).
    """

    before: int
    after: int
    enters: Longs
    leaves: Longs
    leaks: Longs
    creates: Longs
    collides: Longs


@dataclass(frozen=True, slots=True)
class EligibilityChange:
    """Both directions of a change."""

    forward: DirectionChange
    backward: DirectionChange


def what_if(columns: Columns, eligible: Flags, profile: Profile) -> EligibilityChange:
    """Compare the eligibility of `columns` with another one (an entry per row)."""
    first, target = counterparts(columns, profile)
    members = np.bincount(target[target >= 0], minlength=len(columns))
    paired = members > 0
    paired[first] = target >= 0
    sharing = _sharing(columns, first, target, eligible) | ((columns.side == 1) & (members > 1))
    keeps = (columns.synced | paired) & (profile.filters == "initial_only")
    creating = [~paired & (profile.creates in ("both", way)) for way in ("forward", "backward")]
    parts = [_direction(columns, eligible, side, keeps, creating[side], sharing) for side in (0, 1)]
    return EligibilityChange(*parts)


def _direction(columns: Columns, eligible: Flags, side: int, keeps: Flags, creating: Flags, sharing: Flags) -> DirectionChange:
    ours = columns.side == side
    before, after = columns.eligible & ours, eligible & ours
    enters, leaves = after & ~before, before & ~after
    picked = [columns.keys[marks] for marks in (enters, leaves, leaves & keeps, enters & creating, enters & sharing)]
    return DirectionChange(int(before.sum()), int(after.sum()), *picked)


def _sharing(columns: Columns, first: Index, target: Index, eligible: Flags) -> Flags:
    """Side-0 rows that share a counterpart, or an address, with another one in scope."""
    marks = np.zeros(len(columns), np.bool_)
    for place in (target, columns.email[first].astype(np.int64)):
        known = (place >= 0) & eligible[first]
        if known.any():
            marks[first[known]] |= np.bincount(place[known])[place[known]] > 1
    return marks
