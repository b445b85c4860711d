"""By which key the sync finds a record's counterpart: addresses, stored links, and the pairs that follow under the profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.project import MappedField, Project
from reconcile_tui.readiness import addresses
from reconcile_tui.readiness.snapshot import Bools, Codes, Keys, TableData, TypeData, Values, numbered

Links = list[tuple[int, int]]
"""(key of the record that stores the link, key of the record it means); -1 where that record is not in the workspace."""


@dataclass(frozen=True)
class Vocabulary:
    """All addresses as numbers: comparing a million of them is then comparing numbers."""

    texts: pl.Series
    own: pl.Series  # per record
    searched: pl.Series  # per record
    odd: list[Bools]  # per table and way of writing
    further: pl.DataFrame  # pos, address


def _nullable(numbers: Codes) -> pl.Series:
    """Numbers of addresses, null where there is none."""
    found = pl.Series(numbers)
    return found.set(found < 0, None).cast(pl.UInt32)


@dataclass
class Counterparts:
    """Addresses and counterparts of one record type. Positions run over all its tables."""

    data: TypeData
    project: Project
    profile: Profile
    links: Links

    @cached_property
    def email(self) -> MappedField | None:
        """The field that holds the address, if one is mapped."""
        return next(iter(self.data.record_type.fields_of_kind("email")), None)

    def _spellings(self) -> list[tuple[TableData, int, Values]]:
        """The address columns: table, position of its first record, values."""
        starts = zip(self.data.tables, self.data.starts, strict=False)
        return [(t, start, v) for t, start in starts if self.email and (v := t.values(self.email)) is not None]

    def written(self, positions: pl.Series | NDArray[Any]) -> pl.Series:
        """Addresses of some records as stored."""
        wanted = np.asarray(positions).astype(np.int64)
        found = pl.Series([None] * len(wanted), dtype=pl.String)
        for table, start, values in self._spellings():
            mine = np.flatnonzero((wanted >= start) & (wanted < start + len(table)))
            if len(mine):
                found = found.scatter(mine, values.at(wanted[mine] - start))
        return found

    def spelt(self, pattern: str) -> Bools:
        """Whose address, as stored, contains a regular expression."""
        return self._by_spelling(lambda values, _: values.containing(pattern))

    def _by_spelling(self, marks: Callable[[Values, int], Bools]) -> Bools:
        found = np.zeros(len(self.data.keys), dtype=np.bool_)
        for number, (table, start, values) in enumerate(self._spellings()):
            found[start : start + len(table)] = values.where(marks(values, number))
        return found

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        """Canonical addresses are numbered; what the sync looks for gets a number of its own only where it differs from that."""
        columns = self._spellings()
        canonical = [addresses.canonical_series(v.series_of_distinct()) for _, _, v in columns]
        searched = [self._searched(table, values) for table, _, values in columns]
        differs = [(s != c).fill_null(value=True).to_numpy() for s, c in zip(searched, canonical, strict=True)]
        others = [s.filter(pl.Series(d)) for s, d in zip(searched, differs, strict=True)]
        held = self._held_further()
        parts = [*canonical, *others, addresses.canonical_series(held["address"])]
        numbers, texts = numbered([part.to_arrow() for part in parts])
        own, sought = (np.full(len(self.data.keys), -1, np.int32) for _ in range(2))
        for n, (table, start, values) in enumerate(columns):
            here = slice(start, start + len(table))
            own[here] = np.append(numbers[n], np.int32(-1))[values.codes]
            looked_for = numbers[n].copy()
            looked_for[differs[n]] = numbers[len(columns) + n]
            sought[here] = np.append(looked_for, np.int32(-1))[values.codes]
        return Vocabulary(
            texts=pl.Series(values=pl.from_arrow(texts), dtype=pl.String),
            own=_nullable(own),
            searched=_nullable(sought),
            odd=[(v.series_of_distinct() != c).fill_null(value=False).to_numpy() for (_, _, v), c in zip(columns, canonical, strict=True)],
            further=held.select("pos").with_columns(address=_nullable(numbers[-1])),
        )

    def _searched(self, table: TableData, values: Values) -> pl.Series:
        """What the sync looks for, by distinct value: the address through its transform, without regard to case."""
        common = table.common(self.email) if self.email else None
        return (common or values).series_of_distinct().str.to_lowercase()

    @property
    def addresses(self) -> pl.Series:
        """Every canonical address, at the place of its number."""
        return self._vocabulary.texts

    def texts(self, numbers: pl.Series) -> pl.Series:
        """Canonical addresses by their numbers."""
        return self.addresses.gather(numbers)

    @property
    def searched(self) -> pl.Series:
        """What the sync looks for: the number of each record's address through its transform, without regard to case."""
        return self._vocabulary.searched

    @cached_property
    def oddly_written(self) -> Bools:
        """Whose address is not written in its canonical form."""
        return self._by_spelling(lambda _, number: self._vocabulary.odd[number])

    @cached_property
    def frame(self) -> pl.DataFrame:
        """`pos`, `key`, `side`, `table`, `eligible`, `active`, `live` and `address` (number of the canonical one) of all records."""
        data = self.data
        return pl.DataFrame(
            {
                "pos": np.arange(len(data.keys), dtype=np.uint32),
                "key": data.keys,
                "side": data.side,
                "table": data.table_no,
                "eligible": data.eligible,
                "active": data.active,
                "live": data.live,
                "address": self._vocabulary.own,
            }
        )

    @cached_property
    def secondary(self) -> pl.DataFrame:
        """`pos`, `address`: every further address of every record."""
        return self._vocabulary.further.unique(maintain_order=True)

    def _held_further(self) -> pl.DataFrame:
        parts = []
        for table, start in zip(self.data.tables, self.data.starts, strict=False):
            for name in self.project.secondary_email_columns(table.system):
                if (values := table.column(name)) is not None:
                    filled = np.flatnonzero(values.codes >= 0)
                    texts = values.at(filled)
                    held = pl.DataFrame({"pos": (filled + start).astype(np.uint32), "address": texts})
                    parts.append(held.with_columns(pl.col("address").str.split(";")).explode("address"))
        found = pl.concat(parts) if parts else pl.DataFrame(schema={"pos": pl.UInt32, "address": pl.String})
        return found.filter(pl.col("address").str.strip_chars().str.len_chars() > 0)

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """`first`, `second` (positions): who the sync takes for whose counterpart at launch."""
        by_link = self._by_link()
        if self.profile.match == "stored_id":
            return by_link
        by_email = self._by_email()
        if self.profile.match == "email":
            return by_email
        return pl.concat([by_link, by_email.join(by_link, on="first", how="anti")])

    def _by_link(self) -> pl.DataFrame:
        place = {int(key): position for position, key in enumerate(self.data.keys)} if self.links else {}
        found = []
        for source, target in self.links:
            here, there = place.get(source), place.get(target)
            if here is not None and there is not None:
                found.append((here, there) if self.data.side[here] == 0 else (there, here))
        kept = [(a, b) for a, b in dict.fromkeys(found) if self.data.side[a] == 0 and self.data.side[b] == 1]
        return pl.DataFrame(kept, schema={"first": pl.UInt32, "second": pl.UInt32}, orient="row")

    def _by_email(self) -> pl.DataFrame:
        base = pl.DataFrame({"pos": self.frame["pos"], "key": self.searched, "side": self.data.side}).filter(pl.Series(self.data.live))
        firsts = base.filter((pl.col("side") == 0) & pl.col("key").is_not_null()).select(first="pos", key="key")
        own = base.filter((pl.col("side") == 1) & pl.col("key").is_not_null()).select(second="pos", key="key")
        seconds_side = base.filter(pl.col("side") == 1).select("pos")
        further = self.secondary.join(seconds_side, on="pos").select(second="pos", key="address")
        owners = pl.concat([own, further]).unique("key", keep="first", maintain_order=True)
        return firsts.join(owners, on="key", how="inner").select("first", "second")

    @cached_property
    def linked(self) -> Keys:
        """Positions of records that store a link, or that one points at: the sync has copied them before."""
        wanted = np.array(sorted({key for link in self.links for key in link if key >= 0}), dtype=np.int64)
        return np.flatnonzero(np.isin(self.data.keys, wanted))

    def reaching(self, side: int) -> dict[int, Bools]:
        """{table of the other side: which records of this side are written there}: to their counterparts, or created in the main table."""
        here, there = ("first", "second") if side == 0 else ("second", "first")
        own, others = self.pairs[here].to_numpy(), self.pairs[there].to_numpy()
        targets = [i for i, table in enumerate(self.data.tables) if table.side != side]
        found = {i: np.zeros(len(self.data.keys), dtype=np.bool_) for i in targets}
        for i in targets:
            found[i][own[self.data.table_no[others] == i]] = True
        if targets and self.profile.creates in ("both", "forward" if side == 0 else "backward"):
            found[targets[0]] |= self.unpaired(side)
        return found

    def unpaired(self, side: int) -> Bools:
        """Which records of a side have no counterpart."""
        lone: Bools = self.data.side == side
        lone = lone.copy()
        lone[self.pairs["first" if side == 0 else "second"].to_numpy()] = False
        return lone
