"""How many records hold each value, kept up to date while records change, and lent to small tables cut from the whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from reconcile_tui.matching.arrays import Codes, Longs
from reconcile_tui.matching.columns import Column, Records
from reconcile_tui.matching.compare import Comparison
from reconcile_tui.matching.compare_people import Email, Phone, shared_level
from reconcile_tui.matching.fingerprints import Digests, of_records, of_texts, of_values
from reconcile_tui.matching.model import Model
from reconcile_tui.matching.rarity import WORLD, rounded_counts


def counted_columns(comparisons: Iterable[Comparison]) -> list[str]:
    """Names of the columns whose counts decide on weights or classes; phones count together under the first one's name."""
    names: list[str] = []
    for comparison in comparisons:
        if isinstance(comparison, Phone):
            names.append(comparison.fields[0])
            continue
        names += [frequency.column.name for frequency in comparison.frequencies().values()]
        if hasattr(comparison, "exact_level"):
            names.append(comparison.column.name)
        if isinstance(comparison, Email):
            names.append(f"{comparison.fields[0]}.written")
    return list(dict.fromkeys(names))


def holders_by_column(comparisons: Iterable[Comparison], model: Model) -> dict[str, set[int]]:
    """By counted column, how many records had a value when the weights of its levels were learnt; a count is held against that."""
    found: dict[str, set[int]] = defaultdict(set)
    for comparison in comparisons:
        known = model.field(comparison.name).frequency_holders
        for level, frequency in comparison.frequencies().items():
            found[frequency.column.name].add(known.get(comparison.levels[level], 0))
    return found


Held = set[tuple[str, int, str]]
"""What a record holds: (column, digest of the value, country)."""


class Census:
    """Counts by digest of a value, overall and by country, for the columns that matter."""

    def __init__(self, records: Records, comparisons: list[Comparison]) -> None:
        """Count the records as they are."""
        self.names = counted_columns(comparisons)
        self.phones = phones_of(comparisons)
        self._sorted = {name: value_counts(columns_of(records, self.phones, name)) for name in self.names}
        self._more: dict[str, defaultdict[int, int]] = {name: defaultdict(int) for name in self.names}
        self._more_home: dict[str, defaultdict[tuple[int, str], int]] = {name: defaultdict(int) for name in self.names}
        self._base = records
        self._codes: dict[str, tuple[Digests, Longs]] = {}
        self._rows: dict[str, list[tuple[Codes, Codes]]] = {}  # codes of each column, and the records in their order

    def count(self, name: str, digest: int) -> int:
        """How many records hold a value."""
        keys, counts = self._sorted[name]
        place = int(np.searchsorted(keys, np.uint64(digest)))
        base = int(counts[place]) if place < len(keys) and int(keys[place]) == digest else 0
        return base + self._more[name].get(digest, 0)

    def count_home(self, name: str, digest: int, country: str) -> int:
        """How many records of a country hold a value."""
        base = 0
        if country in self._base.country_names:
            home = self._base.country_names.index(country)
            base = int(np.count_nonzero(self._base.countries[self.rows(name, digest)] == home))
        return base + self._more_home[name].get((digest, country), 0)

    def base_code(self, name: str, digest: int) -> int:
        """The code of a value in the records first counted; -1 if none of them has it."""
        if name not in self._codes:
            digests = of_values(self._base.columns[name])
            order = np.argsort(digests)
            self._codes[name] = (digests[order], order)
        keys, order = self._codes[name]
        place = int(np.searchsorted(keys, np.uint64(digest)))
        return int(order[place]) if place < len(keys) and int(keys[place]) == digest else -1

    def rows(self, name: str, digest: int) -> Longs:
        """Where the records first counted that hold a value stand."""
        code = self.base_code(name, digest)
        if code < 0:
            return np.zeros(0, dtype=np.int64)
        if name not in self._rows:
            self._rows[name] = [(c.codes, np.argsort(c.codes).astype(np.int32)) for c in columns_of(self._base, self.phones, name)]
        found = []
        for codes, order in self._rows[name]:
            start, stop = (int(np.searchsorted(codes, np.int32(code), side=side, sorter=order)) for side in ("left", "right"))
            found.append(order[start:stop].astype(np.int64))
        return found[0] if len(found) == 1 else np.unique(np.concatenate(found))

    def held(self, records: Records, row: int) -> Held:
        """What a record holds."""
        country = records.country_names[records.countries[row]] if records.countries[row] >= 0 else ""
        named = [
            (name, text)
            for name in self.names
            for column in columns_of(records, self.phones, name)
            if (text := column.text(row)) is not None
        ]
        digests = of_texts([text for _, text in named]).tolist()
        return {(name, digest, country) for (name, _), digest in zip(named, digests, strict=True)}

    def change(self, held: Held, by: int) -> None:
        """Count a record in (+1) or out (-1)."""
        for name, digest, country in held:
            self._more[name][digest] += by
            if country:
                self._more_home[name][digest, country] += by

    def signature(self, holders: Mapping[str, set[int]], name: str, digest: int) -> tuple[object, ...]:
        """What a value's counts come down to in weights and levels; pairs need no new look as long as it stays."""
        count = self.count(name, digest)
        homes = self._homes(name, digest) if name in self._base.in_country else {}
        blended = [home + count * WORLD / max(several, 1) for home in homes.values() for several in sorted(holders.get(name, ()))]
        weights = rounded_counts(np.array([count, *blended], dtype=np.float64)).tolist()
        return (tuple(homes), *weights, float(shared_level(np.array([count]), 9)[0]))

    def _homes(self, name: str, digest: int) -> dict[str, int]:
        """By country, how many of its records hold a value, where that is more than one."""
        rows = self.rows(name, digest)
        found = np.bincount(self._base.countries[rows] + 1, minlength=1)[1:]
        homes = Counter({self._base.country_names[i]: int(n) for i, n in enumerate(found.tolist()) if n})
        for (held, country), more in self._more_home[name].items():
            if held == digest:
                homes[country] += more
        return {country: homes[country] for country in sorted(homes) if homes[country] > 1}

    def lend(self, records: Records, comparisons: list[Comparison], rows: Codes) -> None:
        """Put the counts of the whole into a small table's columns; `rows`: where each record stood first, -1 for a later one."""
        for name in self.names:
            for column in columns_of(records, self.phones, name):
                digests = of_values(column)
                column.__dict__["counts"] = self._counts(name, digests)
                if name not in self.phones and name in self._base.in_country:
                    records.in_country[name] = self._home_counts(records, column, digests, rows)
        for comparison in comparisons:
            if isinstance(comparison, Phone):
                comparison.__dict__["holders"] = comparison.numbers[0].counts

    def _counts(self, name: str, digests: Digests) -> Longs:
        """How many records hold each of some values."""
        keys, counts = self._sorted[name]
        more = np.array([self._more[name].get(digest, 0) for digest in digests.tolist()], dtype=np.int64)
        if not len(keys):
            return more
        place = np.minimum(np.searchsorted(keys, digests), len(keys) - 1)
        return np.where(keys[place] == digests, counts[place], 0) + more

    def _home_counts(self, records: Records, column: Column, digests: Digests, rows: Codes) -> Codes:
        known, more = self._base.in_country[column.name], self._more_home[column.name]
        moved = np.array([digest for digest, _ in more], dtype=np.uint64)
        held = (column.codes >= 0) & (records.countries >= 0)
        result = np.where(held & (rows >= 0), known[rows], np.int32(0))
        of_record = np.append(digests, np.uint64(0))[column.codes]
        for i in np.flatnonzero(held & ((rows < 0) | np.isin(of_record, moved))).tolist():
            digest, country = int(of_record[i]), records.country_names[records.countries[i]]
            result[i] = self.count_home(column.name, digest, country) if rows[i] < 0 else result[i] + more.get((digest, country), 0)
        return result


def phones_of(comparisons: Iterable[Comparison]) -> tuple[str, ...]:
    """The phone fields, which are counted together."""
    return next((c.fields for c in comparisons if isinstance(c, Phone)), ())


def columns_of(records: Records, phones: Sequence[str], name: str) -> list[Column]:
    """The columns that count under a name, as far as there are any."""
    return [records.columns[n] for n in (phones if name in phones else (name,)) if n in records.columns]


def value_counts(columns: Sequence[Column]) -> tuple[Digests, Longs]:
    """Digests of values, ascending, with the number of records that hold each; a record that holds one twice counts once."""
    digests = [of_records(column) for column in columns]
    for i, later in enumerate(digests):
        for earlier in digests[:i]:
            later[later == earlier] = np.uint64(0)
    every = np.concatenate(digests) if digests else np.zeros(0, dtype=np.uint64)
    every = np.sort(every[every > 0])
    starts = np.flatnonzero(np.append(True, every[1:] != every[:-1])) if len(every) else np.zeros(0, dtype=np.int64)
    return every[starts], np.diff(np.append(starts, len(every))).astype(np.int64)
