"""Who shares a blocking key with whom, by digest, while records come, change and go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from reconcile_tui.matching.arrays import Longs
from reconcile_tui.matching.blocking import Key
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.fingerprints import of_key

Digests = frozenset[tuple[int, int]]
"""What a record can be found by: (number of the key, digest)."""


class Mates:
    """Blocking digests of the records of the start, by row, and of later ones, by key."""

    def __init__(self, records: Records, keys: Sequence[Key]) -> None:
        """Digest all records under all keys; one pass of the data per key, 8 bytes per record and key are kept."""
        self._records, self._wanted = records, list(keys)
        self._first = [of_key(records, key) for key in keys]
        self._alive = np.ones(len(records), dtype=bool)
        self._later: dict[int, Digests] = {}
        self._later_members: dict[tuple[int, int], set[int]] = defaultdict(set)
        self._found: dict[tuple[int, int], set[int]] = {}  # members asked for since the last change

    def row(self, key: int) -> int:
        """Where a record of the start stands, -1 if it has changed since, is gone or came later."""
        place = int(np.searchsorted(self._records.keys, key))
        known = place < len(self._records) and int(self._records.keys[place]) == key and bool(self._alive[place])
        return place if known else -1

    def has(self, key: int) -> bool:
        """Whether the record is there."""
        return key in self._later or self.row(key) >= 0

    def digests(self, key: int) -> Digests:
        """What a record can be found by; nothing when it is not there."""
        if key in self._later:
            return self._later[key]
        row = self.row(key)
        if row < 0:
            return frozenset()
        return frozenset((number, int(d[row])) for number, found in enumerate(self._first) for d in found if d[row])

    def members(self, number: int, digest: int) -> set[int]:
        """Keys of all records with a digest."""
        if (number, digest) in self._found:
            return self._found[number, digest]
        found = set(self._later_members.get((number, digest), ()))
        for digests in self._first[number]:
            rows = np.flatnonzero(digests == np.uint64(digest))
            found |= set(self._records.keys[rows[self._alive[rows]]].tolist())
        self._found[number, digest] = found
        return found

    def drop(self, keys: set[int]) -> None:
        """Forget records."""
        self._found.clear()
        for key in keys:
            for held in self._later.pop(key, frozenset()):
                self._later_members[held].discard(key)
            row = self.row(key)
            if row >= 0:
                self._alive[row] = False

    def add(self, records: Records) -> None:
        """Take in later records."""
        self._found.clear()
        found = [of_key(records, key) for key in self._wanted]
        for i, key in enumerate(records.keys.tolist()):
            held = frozenset((number, int(d[i])) for number, digests in enumerate(found) for d in digests if d[i])
            self._later[key] = held
            for one in held:
                self._later_members[one].add(key)

    def keys(self, number: int, records: Longs, allowed: set[int]) -> list[Longs]:
        """For some records (by key) which of the allowed digests each has, as small integers, -1 for none; once per column of the key."""
        place = {digest: i for i, digest in enumerate(sorted(allowed))}
        held = [sorted(place[d] for n, d in self.digests(key) if n == number and d in place) for key in records.tolist()]
        width = max([len(self._first[number]), *(len(found) for found in held)], default=1)
        result = [np.full(len(records), -1, dtype=np.int64) for _ in range(width)]
        for i, found in enumerate(held):
            for column, value in enumerate(found):
                result[column][i] = value
        return result
