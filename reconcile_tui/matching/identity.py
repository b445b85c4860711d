"""Ids of groups that stay while records come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import numpy as np

from reconcile_tui.matching.arrays import Codes, Longs


def stable_ids(keys: Longs, rows: Codes, starts: Longs, previous: Mapping[int, str] | None, reserved: Collection[str] = ()) -> list[str]:
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
    taken |= set(previous.values())
    for i, group in enumerate(members):
        if ids[i] is None:
            ids[i] = next(name for name in _names_of(group) if name not in taken and name not in reserved)
            taken.add(str(ids[i]))
    return [str(name) for name in ids]


def _olds(group: list[int], previous: Mapping[int, str]) -> Counter[str]:
    return Counter(previous[key] for key in group if key in previous)


def _names_of(group: list[int]) -> list[str]:
    names = [f"g{key:x}" for key in sorted(group)]
    return names + [f"{names[0]}-{n}" for n in range(2, 1000)]
