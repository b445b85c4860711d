"""Shared mailboxes: one address held by people with unlike names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reconcile_tui.matching.arrays import Codes, Flags
from reconcile_tui.matching.cluster import Judgements
from reconcile_tui.matching.compare import DIFFERENT, Comparison
from reconcile_tui.matching.compare_names import GivenName
from reconcile_tui.matching.compare_people import Email


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
