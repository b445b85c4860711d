"""The ledger: every cell at risk of a whole forecast, compact enough for a million records, and the difference of two ledgers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from reconcile_tui.forecast.columns import BLANK, Columns, Flags, Ints, Longs
from reconcile_tui.forecast.counterparts import Index
from reconcile_tui.forecast.fieldmap import MapProblem
from reconcile_tui.forecast.group import GroupForecast
from reconcile_tui.forecast.judge import native
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.values import FieldRule
from reconcile_tui.forecast.verdict import Totals
from reconcile_tui.model import Certainty, Common


@dataclass(frozen=True, slots=True)
class LedgerCell:
    """One cell at risk. `now` and `after` are in the form in which the sync would write them; records by the caller's key."""

    key: int
    field: str
    certainty: Certainty
    now: Common
    after: tuple[Common, ...]
    overwritten_by: tuple[int, ...]
    intended: bool = False


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One group of the ledger: its records' keys, the verdict and its cells."""

    keys: tuple[int, ...]
    confluent: bool
    exhaustive: bool
    collision: bool
    cells: tuple[LedgerCell, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells at risk as parallel arrays. `stars`: from, to (exclusive) of the stars whose values can stand there; see `Alive`."""

    row: Ints
    field: npt.NDArray[np.int16]
    star: Ints
    star_end: Ints
    certain: Flags
    intended: Flags
    wiped: Flags

    def __len__(self) -> int:
        return len(self.row)

    def take(self, which: Index | Flags) -> Cells:
        """Some of the cells."""
        return Cells(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Alive:
    """Per field, sorted by star: whose values can stand in its hub in the end. Row -1: the blank of a record the sync creates."""

    star: Ints
    row: Ints

    def rows(self, star: int, end: int) -> list[int]:
        """The rows of some stars."""
        first, last = self.star.searchsorted(np.array([star, end], np.int32))
        rows: list[int] = self.row[first:last].tolist()
        return rows


@dataclass
class Ledger:
    """A whole forecast. Groups are numbered 0.. in no particular order; `searched` are those the search decided."""

    profile: Profile
    fields: tuple[FieldRule, ...]
    columns: Columns
    group: Ints  # per row
    confluent: Flags  # per group
    exhaustive: Flags  # per group
    collision: Flags  # per group
    cells: Cells
    alive: tuple[Alive, ...]  # per field
    held: Index  # rows held for a person
    refused: Index  # rows whose counterpart can't be created, in some order at least
    searched: Mapping[int, GroupForecast] = field(default_factory=dict)
    problems: tuple[MapProblem, ...] = ()

    @cached_property
    def totals(self) -> Totals:
        """Counts over all groups."""
        sizes = np.bincount(self.group, minlength=len(self.confluent))
        several = sizes > 1
        certain = int(self.cells.certain.sum())
        ours = Totals(
            groups=int(several.sum()),
            confluent_groups=int((several & self.confluent).sum()),
            collision_groups=int(self.collision.sum()),
            cells_certain=certain,
            cells_order_dependent=len(self.cells) - certain,
            cells_intended=int(self.cells.intended.sum()),
            cells_wiped=int(self.cells.wiped.sum()),
            records_at_risk=int(np.count_nonzero(np.bincount(self.cells.row, minlength=1))),
            blocked=len(self.held) + len(self.refused),
            not_exhausted=int(np.count_nonzero(~self.exhaustive)),
        )
        for forecast in self.searched.values():
            found = forecast.totals
            ours = ours + Totals(
                cells_certain=found.cells_certain, cells_order_dependent=found.cells_order_dependent,
                cells_intended=found.cells_intended, cells_wiped=found.cells_wiped, records_at_risk=found.records_at_risk,
            )  # fmt: skip
        return ours

    @cached_property
    def blocked(self) -> Index:
        """Per group: records that are held for a person or whose counterpart can't be created."""
        return np.bincount(self.group[np.concatenate([self.held, self.refused])], minlength=len(self.confluent))

    def rows(self, group: int) -> Ints:
        """The rows of a group."""
        return self.by_group[self._starts[group] : self._starts[group + 1]]

    def rows_of(self, groups: Index) -> tuple[Index, Index]:
        """From where to where (exclusive) the rows of some groups stand in `by_group`."""
        return self._starts[groups], self._starts[groups + 1]

    def cells_of(self, groups: Index) -> tuple[Index, Index]:
        """From where to where (exclusive) the cells of some groups stand in `cell_order`."""
        return self._cell_group.searchsorted(groups.astype(np.int32)), self._cell_group.searchsorted(groups.astype(np.int32), "right")

    def entries(self, groups: Sequence[int] | None = None) -> Iterator[LedgerEntry]:
        """Groups with cells at risk or more than one outcome; or those asked for."""
        for group in self.at_stake() if groups is None else groups:
            yield self.entry(int(group))

    def by_field(self) -> dict[str, tuple[int, int]]:
        """Per field: cells overwritten in every order, in some."""
        size = len(self.fields)
        sums = [np.bincount(self.cells.field[marks], minlength=size) for marks in (self.cells.certain, ~self.cells.certain)]
        found = {rule.name: [int(sums[0][n]), int(sums[1][n])] for n, rule in enumerate(self.fields)}
        for cell in (cell for forecast in self.searched.values() for cell in forecast.cells):
            found[cell.field][cell.certainty != "certain"] += 1
        return {name: (certain, some) for name, (certain, some) in found.items()}

    @property
    def first_cells(self) -> int:
        """Cells at risk of side 0."""
        ours = int(np.count_nonzero(self.columns.side[self.cells.row] == 0))
        sides = [{r.ref: r.side for r in forecast.records}[c.record] for forecast in self.searched.values() for c in forecast.cells]
        return ours + sides.count(0)

    def at_stake(self) -> Index:
        """Groups with cells at risk, most cells first, then those without one outcome."""
        counts = self.cell_counts
        wanted = np.flatnonzero((counts > 0) | ~self.confluent)
        return wanted[np.argsort(-counts[wanted], kind="stable")]

    def with_cells(self) -> Index:
        """Groups with cells at risk, most cells first."""
        wanted = self.at_stake()
        return wanted[self.cell_counts[wanted] > 0]

    @cached_property
    def cell_counts(self) -> Index:
        """Per group: cells at risk."""
        counts = np.bincount(self.group[self.cells.row], minlength=len(self.confluent))
        for group, forecast in self.searched.items():
            counts[group] = len(forecast.cells)
        return counts

    def entry(self, group: int) -> LedgerEntry:
        """One group in full."""
        keys = tuple(self.columns.keys[self.rows(group)].tolist())
        verdict = bool(self.confluent[group]), bool(self.exhaustive[group]), bool(self.collision[group])
        if group in self.searched:
            return LedgerEntry(keys, *verdict, tuple(self._told(self.searched[group])))
        first, last = self._cell_group.searchsorted(np.array([group, group + 1], np.int32))
        numbers = self.cell_order[first:last]
        ordered = numbers[np.lexsort((self.cells.field[numbers], self.cells.row[numbers]))].tolist()
        return LedgerEntry(keys, *verdict, tuple(self._cell(number) for number in ordered))

    def _cell(self, number: int) -> LedgerCell:
        cells = self.cells
        row, which = int(cells.row[number]), int(cells.field[number])
        column, rule, side = self.columns.fields[which], self.fields[which], int(self.columns.side[row])
        own = int(column.codes[row])
        others = self.alive[which].rows(int(cells.star[number]), int(cells.star_end[number]))
        codes = [(int(column.codes[other]) if other >= 0 else BLANK, other) for other in others]
        after = [native(rule, side, column.text(code)) for code in {code for code, _ in codes if code != own}]  # type: ignore[arg-type]
        by = sorted({other for code, other in codes if code != own and other >= 0})
        return LedgerCell(
            key=int(self.columns.keys[row]),
            field=rule.name,
            certainty="certain" if cells.certain[number] else "order_dependent",
            now=native(rule, side, column.text(own)),  # type: ignore[arg-type]
            after=tuple(sorted(after, key=lambda value: (value is None, value or ""))),
            overwritten_by=tuple(int(self.columns.keys[other]) for other in by),
            intended=bool(cells.intended[number]),
        )

    def _told(self, forecast: GroupForecast) -> Iterator[LedgerCell]:
        key = {record.ref: record.key for record in forecast.records}
        for cell in forecast.cells:
            by = tuple(key[ref] for ref in cell.overwritten_by)
            yield LedgerCell(key[cell.record], cell.field, cell.certainty, cell.now, cell.after, by, cell.intended)

    @cached_property
    def by_group(self) -> Ints:
        """All rows, group by group."""
        return np.argsort(self.group, kind="stable").astype(np.int32)

    @cached_property
    def _starts(self) -> Index:
        """Where each group begins in `by_group`; one more for the end."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.group, minlength=len(self.confluent)))])

    @cached_property
    def cell_order(self) -> Ints:
        """Cells by group; a group's own order is made when it is asked for."""
        return np.argsort(self.group[self.cells.row], kind="stable").astype(np.int32)

    @cached_property
    def _cell_group(self) -> Ints:
        return self.group[self.cells.row[self.cell_order]]

    def certainties(self) -> dict[str, tuple[Longs, Flags]]:
        """Per field: the keys of the records at risk, sorted, and whether each is certain."""
        found: dict[str, tuple[Longs, Flags]] = {}
        extra = [(r.key, c) for f in self.searched.values() for r in f.records for c in f.cells if c.record == r.ref]
        for number, rule in enumerate(self.fields):
            of_field = self.cells.field == number
            more = [(key, cell.certainty == "certain") for key, cell in extra if cell.field == rule.name]
            keys = np.concatenate([self.columns.keys[self.cells.row[of_field]], np.array([k for k, _ in more], np.int64)])
            certain = np.concatenate([self.cells.certain[of_field], np.array([c for _, c in more], np.bool_)])
            order = np.argsort(keys)
            found[rule.name] = keys[order], certain[order]
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    """What is otherwise in the second of two ledgers: another profile, or the launch after cleaning. Cells are (key, field)."""

    before: Totals
    after: Totals
    gone: tuple[tuple[int, str], ...]
    new: tuple[tuple[int, str], ...]
    now_certain: tuple[tuple[int, str], ...]
    now_order_dependent: tuple[tuple[int, str], ...]


def difference(before: Ledger, after: Ledger) -> Difference:
    """Compare two ledgers cell by cell. Records are told apart by their keys; those that exist in one only have their cells there."""
    first, second = before.certainties(), after.certainties()
    parts: dict[str, list[tuple[int, str]]] = {"gone": [], "new": [], "now_certain": [], "now_order_dependent": []}
    none = np.empty(0, np.int64), np.empty(0, np.bool_)
    for name in dict.fromkeys([*first, *second]):
        (keys, certain), (others, other_certain) = first.get(name, none), second.get(name, none)
        both, here, there = np.intersect1d(keys, others, assume_unique=True, return_indices=True)
        parts["gone"] += [(key, name) for key in np.setdiff1d(keys, others, assume_unique=True).tolist()]
        parts["new"] += [(key, name) for key in np.setdiff1d(others, keys, assume_unique=True).tolist()]
        changed = certain[here] != other_certain[there]
        parts["now_certain"] += [(key, name) for key in both[changed & other_certain[there]].tolist()]
        parts["now_order_dependent"] += [(key, name) for key in both[changed & certain[here]].tolist()]
    return Difference(before.totals, after.totals, **{name: tuple(cells) for name, cells in parts.items()})
