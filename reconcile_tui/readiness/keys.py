"""By which key the sync finds a record's counterpart: addresses, stored links, and the pairs that follow under the profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.project import MappedField, Project
from reconcile_tui.readiness import addresses
from reconcile_tui.readiness.snapshot import TableData, TypeData
from reconcile_tui.readiness.values import Bools, Codes, Keys, Values
from reconcile_tui.transforms.distinct import numbered

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


@dataclass(frozen=True)
class _Read:
    """One table's addresses by distinct value, in slices."""

    canonical: list[pa.Array]
    searched: list[pa.Array]  # only where it differs from the canonical one
    differs: Bools
    odd: Bools


def _read(values: Values, common: pa.Array) -> _Read:
    canonical, searched, differs, odd = [], [], [], []
    for start in range(0, len(values.distinct), _SLICE):
        spelt, sought = (pl.Series(values=pl.from_arrow(a.slice(start, _SLICE)), dtype=pl.String) for a in (values.distinct, common))
        plain, lower = addresses.canonical_series(spelt), sought.str.to_lowercase()
        other = (plain != lower).fill_null(value=True)
        differs.append(other.to_numpy())
        odd.append((plain != spelt).fill_null(value=False).to_numpy())
        canonical.append(plain.to_arrow().cast(pa.string()))
        searched.append(lower.filter(other).to_arrow().cast(pa.string()))
    none: Bools = np.zeros(0, dtype=np.bool_)
    return _Read(canonical, searched, np.concatenate([none, *differs]), np.concatenate([none, *odd]))


_SLICE = 100_000
"""Addresses read at a time, to need little memory."""


def _taken(numbers: Iterator[Codes], count: int) -> Codes:
    return np.concatenate([np.zeros(0, np.int32), *(next(numbers) for _ in range(count))])


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
        read = [_read(values, self._common(table, values)) for table, _, values in columns]
        held = self._held_further()
        further = [addresses.canonical_series(held["address"]).to_arrow()]
        parts = [*(chunk for part in read for chunk in [*part.canonical, *part.searched]), *further]
        numbers, texts = numbered(parts)
        rest = iter(numbers)
        own, sought = (np.full(len(self.data.keys), -1, np.int32) for _ in range(2))
        for part, (table, start, values) in zip(read, columns, strict=True):
            canonical = _taken(rest, len(part.canonical))
            looked_for = canonical.copy()
            looked_for[part.differs] = _taken(rest, len(part.searched))
            here = slice(start, start + len(table))
            own[here] = np.append(canonical, np.int32(-1))[values.codes]
            sought[here] = np.append(looked_for, np.int32(-1))[values.codes]
        return Vocabulary(
            texts=pl.Series(values=pl.from_arrow(texts), dtype=pl.String),
            own=_nullable(own),
            searched=_nullable(sought),
            odd=[part.odd for part in read],
            further=held.select("pos").with_columns(address=_nullable(next(rest))),
        )

    def _common(self, table: TableData, values: Values) -> pa.Array:
        """What the sync looks for, by distinct value: the address through its transform."""
        if self.email is None or (common := table.common(self.email)) is None:
            return values.distinct
        table.forget(self.email)
        return common.distinct

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

    def sharing(self, who: Bools, apart: NDArray[Any]) -> pl.DataFrame:
        """`key`, `apart`, `address` of those of the records that share their address with another one of the same part (`apart`)."""
        places = np.flatnonzero(who & self._vocabulary.own.is_not_null().to_numpy())
        numbers = self._vocabulary.own.gather(places).to_numpy().astype(np.uint64)
        shared = pl.Series(numbers << np.uint64(8) | apart[places].astype(np.uint64)).is_duplicated().to_numpy()
        places, numbers = places[shared], numbers[shared]
        return pl.DataFrame({"key": self.data.keys[places], "pos": places, "apart": apart[places], "address": numbers.astype(np.uint32)})

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
        stored = np.array(self.links, dtype=np.int64).reshape(-1, 2)
        here, there = self.data.positions(stored[:, 0]), self.data.positions(stored[:, 1])
        known = (here >= 0) & (there >= 0)
        here, there = here[known], there[known]
        turned = self.data.side[here] == 1
        pairs = pl.DataFrame({"first": np.where(turned, there, here), "second": np.where(turned, here, there)})
        across = pl.Series((self.data.side[here] != self.data.side[there]), dtype=pl.Boolean)
        return pairs.filter(across).unique(maintain_order=True).cast(pl.UInt32)

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
