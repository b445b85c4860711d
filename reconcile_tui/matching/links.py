"""Pairs and groups by key, as a graph that can be changed: who is linked to whom, who stands in which group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import numpy as np
import pyarrow as pa

from reconcile_tui.matching.arrays import Bits, Codes, Longs
from reconcile_tui.matching.finding import Found


class Links:
    """The current pairs at or above `floor` bits, and the current groups."""

    def __init__(self, pairs: pa.Table, groups: pa.Table, floor: float) -> None:
        """Take over the result of a full run."""
        self._floor = floor
        left, right, bits = (pairs[name].to_numpy() for name in ("left", "right", "bits"))
        strong = bits >= floor
        self._first = _Side(left[strong], right[strong], bits[strong])
        self._second = _Side(right[strong], left[strong], bits[strong])
        self._later: dict[int, dict[int, float]] = defaultdict(dict)  # both directions
        self._gone: set[int] = set()  # keys whose earlier pairs no longer count
        self._group_of = dict(zip(groups["key"].to_pylist(), groups["group"].to_pylist(), strict=True))
        self._members: dict[str, set[int]] = defaultdict(set)
        for key, group in self._group_of.items():
            self._members[group].add(key)

    def neighbours(self, key: int) -> dict[int, float]:
        """Records linked to one, with bits."""
        found = dict(self._later.get(key, {}))
        if key not in self._gone:
            for side in (self._first, self._second):
                found |= {other: bits for other, bits in side.of(key) if other not in self._gone}
        return found

    def replace(self, touched: set[int], keys: Longs, found: Found) -> set[int]:
        """Put new pairs in the place of all those of the touched records; returns everybody concerned."""
        region = set(touched)
        for key in touched:
            region |= self.neighbours(key).keys()
            for other in self._later.pop(key, {}):
                self._later[other].pop(key, None)
        self._gone |= touched
        for a, b, bits in zip(keys[found.pairs.left].tolist(), keys[found.pairs.right].tolist(), found.bits.tolist(), strict=True):
            if bits >= self._floor:
                self._later[a][b] = self._later[b][a] = bits
                region |= {a, b}
        return region

    def reached(self, region: set[int]) -> set[int]:
        """The region and everybody linked to it by a pair, or standing in a group with it."""
        found = set(region)
        for key in region:
            found |= self.neighbours(key).keys()
            if key in self._group_of:
                found |= self._members[self._group_of[key]]
        return found

    def inside(self, keys: Longs) -> tuple[Codes, Codes, Bits]:
        """Pairs among some records, as positions in `keys` (ascending)."""
        place = {int(key): i for i, key in enumerate(keys)}
        rows = [
            (i, place[other], bits) for key, i in place.items() for other, bits in self.neighbours(key).items() if place.get(other, -1) > i
        ]
        rows.sort()
        left, right, bits = zip(*rows, strict=True) if rows else ((), (), ())
        return np.array(left, dtype=np.int32), np.array(right, dtype=np.int32), np.array(bits, dtype=np.float32)

    def groups_of(self, region: Iterable[int]) -> tuple[set[str], dict[int, str]]:
        """The groups of some records, and who stands in them."""
        dissolved = {self._group_of[key] for key in region if key in self._group_of}
        return dissolved, {key: group for group in dissolved for key in self._members[group]}

    @property
    def names(self) -> Collection[str]:
        """Ids of all groups."""
        return self._members.keys()

    def regroup(self, dissolved: set[str], groups: pa.Table) -> None:
        """Put new groups in the place of dissolved ones."""
        for group in dissolved:
            for key in self._members.pop(group, set()):
                self._group_of.pop(key, None)
        for key, group in zip(groups["key"].to_pylist(), groups["group"].to_pylist(), strict=True):
            self._group_of[key] = group
            self._members[group].add(key)


class _Side:
    """Pairs sorted by one end."""

    def __init__(self, one: Longs, other: Longs, bits: Longs) -> None:
        order = np.argsort(one, kind="stable")
        self._one, self._other, self._bits = one[order], other[order], bits[order]

    def of(self, key: int) -> list[tuple[int, float]]:
        start, stop = np.searchsorted(self._one, [key, key + 1])
        return list(zip(self._other[start:stop].tolist(), self._bits[start:stop].tolist(), strict=True))
