"""Who shares a blocking key with whom, by digest, while records come, change and go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from reconcile_tui.cores import spread
from reconcile_tui.matching.arrays import Codes, Longs
from reconcile_tui.matching.blocking import Key
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.fingerprints import Digests as Column
from reconcile_tui.matching.fingerprints import of_key

Digests = frozenset[tuple[int, int]]
"""What a record can be found by: (number of the key, digest)."""


class Mates:
    """Blocking digests of the records of the start, by row and sorted, and of later ones, by key."""

    def __init__(self, records: Records, keys: Sequence[Key]) -> None:
        """Digest all records under all keys; one pass of the data per key, 12 bytes per record and key are kept."""
        self._records, self._wanted = records, list(keys)
        self._first = list(spread(lambda key: of_key(records, key), keys, len(records)))
        ordered = spread(lambda columns: [np.argsort(column).astype(np.int32) for column in columns], self._first, len(records))
        self._order = list(ordered)
        self._alive = np.ones(len(records), dtype=bool)
        self._later: dict[int, Digests] = {}
        self._later_members: dict[tuple[int, int], set[int]] = defaultdict(set)
        self._found: dict[tuple[int, int], set[int]] = {}  # members asked for since the last change

    def rows(self, keys: Iterable[int]) -> Codes:
        """Where records of the start stand, -1 for those that have changed since, are gone or came later."""
        wanted = np.fromiter(keys, dtype=np.int64)
        if not len(self._records):
            return np.full(len(wanted), -1, dtype=np.int32)
        place = np.minimum(np.searchsorted(self._records.keys, wanted), len(self._records) - 1)
        known = (self._records.keys[place] == wanted) & self._alive[place]
        return np.where(known, place, -1).astype(np.int32)

    def row(self, key: int) -> int:
        """Where one record of the start stands, else -1."""
        return int(self.rows([key])[0])

    def has(self, key: int) -> bool:
        """Whether the record is there."""
        return key in self._later or self.row(key) >= 0

    def here(self, keys: Iterable[int]) -> set[int]:
        """Those of some records that are there."""
        wanted = list(keys)
        return {key for key, row in zip(wanted, self.rows(wanted).tolist(), strict=True) if row >= 0 or key in self._later}

    def digests(self, key: int) -> Digests:
        """What a record can be found by; nothing when it is not there."""
        if key in self._later:
            return self._later[key]
        row = self.row(key)
        if row < 0:
            return frozenset()
        return frozenset((number, int(d[row])) for number, found in enumerate(self._first) for d in found if d[row])

    def held(self, keys: Iterable[int], numbers: range) -> set[tuple[int, int]]:
        """What any of some records can be found by under some of the keys."""
        wanted = list(keys)
        rows = self.rows(wanted)
        found = {
            one for key, row in zip(wanted, rows.tolist(), strict=True) if row < 0 for one in self._later.get(key, ()) if one[0] in numbers
        }
        here = rows[rows >= 0]
        for number in numbers:
            for digests in self._first[number] if len(here) else ():
                found.update((number, digest) for digest in set(digests[here].tolist()) if digest)
        return found

    def members(self, number: int, digest: int) -> set[int]:
        """Keys of all records with a digest."""
        if (number, digest) not in self._found:
            self.look_up({(number, digest)})
        return self._found[number, digest]

    def look_up(self, held: set[tuple[int, int]]) -> None:
        """Find the members of many digests at once, so that asking for them costs no search each."""
        wanted: dict[int, list[int]] = defaultdict(list)
        for number, digest in held - self._found.keys():
            wanted[number].append(digest)
            self._found[number, digest] = set(self._later_members.get((number, digest), ()))
        for number, digests in wanted.items():
            for column, order in zip(self._first[number], self._order[number], strict=True):
                starts, stops = _runs(column, order, np.array(digests, dtype=np.uint64))
                sizes = stops - starts
                rows = order[np.arange(sizes.sum()) + np.repeat(starts - np.append(0, np.cumsum(sizes)[:-1]), sizes)]
                alive, keys = self._alive[rows], self._records.keys[rows]
                ends = np.cumsum(np.bincount(np.repeat(np.arange(len(sizes)), sizes)[alive], minlength=len(sizes))).tolist()
                members = keys[alive].tolist()
                for digest, start, stop in zip(digests, [0, *ends], ends, strict=False):
                    self._found[number, digest].update(members[start:stop])

    def drop(self, keys: set[int]) -> None:
        """Forget records."""
        self._found.clear()
        for key in keys:
            for held in self._later.pop(key, frozenset()):
                self._later_members[held].discard(key)
        rows = self.rows(keys)
        self._alive[rows[rows >= 0]] = False

    def add(self, records: Records) -> None:
        """Take in later records."""
        self._found.clear()
        found = [of_key(records, key) for key in self._wanted]
        for i, key in enumerate(records.keys.tolist()):
            held = frozenset((number, int(d[i])) for number, digests in enumerate(found) for d in digests if d[i])
            self._later[key] = held
            for one in held:
                self._later_members[one].add(key)

    def keys(self, number: int, records: Longs, rows: Codes, allowed: set[int]) -> list[Longs]:
        """For some records which of the allowed digests each has, as small integers, -1 for none; once per column of the key.

        `rows`: where each record stands among those of the start, -1 for a later one.
        """
        wanted = np.array(sorted(allowed), dtype=np.uint64)
        earlier, later = np.flatnonzero(rows >= 0), np.flatnonzero(rows < 0)
        held = [[d for n, d in self._later[int(records[i])] if n == number and d in allowed] for i in later]
        result = []
        for column in range(max([len(self._first[number]), *(len(found) for found in held)], default=1)):
            digests = np.zeros(len(records), dtype=np.uint64)
            if column < len(self._first[number]):
                digests[earlier] = self._first[number][column][rows[earlier]]
            digests[later] = np.array([sorted(found)[column] if column < len(found) else 0 for found in held], dtype=np.uint64)
            result.append(_places(digests, wanted))
        return result


def _runs(digests: Column, order: Codes, wanted: Column) -> tuple[Longs, Longs]:
    """Where the records with each digest start and stop in the sorted order."""
    return np.searchsorted(digests, wanted, side="left", sorter=order), np.searchsorted(digests, wanted, side="right", sorter=order)


def _places(digests: Column, wanted: Column) -> Longs:
    if not len(wanted):
        return np.full(len(digests), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(wanted, digests), len(wanted) - 1)
    return np.where(wanted[place] == digests, place, -1)
