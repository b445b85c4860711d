"""Everything the rules may look at: columns of the records, groups, the forecast's ledger, decisions taken, answers given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.model import Common
from reconcile_tui.project import MappedField, Project, RecordType
from reconcile_tui.readiness.check import Found, NotComputable
from reconcile_tui.readiness.copying import Copying, copyings, sides
from reconcile_tui.readiness.keys import Counterparts, Links
from reconcile_tui.readiness.snapshot import TableData, TypeData

_FEW = 10_000
"""Records up to which the marks of all copyings (some bytes a record and field) are kept."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a decided group, as the decisions will leave it."""

    group: str
    members: tuple[int, ...]  # keys
    merges: tuple[tuple[int, int], ...]  # (stays, is merged into it)
    golden: Mapping[str, Common]
    writes: bool  # golden values are written
    weaker_allowed: frozenset[str]  # consent fields a person let become weaker


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell the sync would overwrite, from the forecast's ledger."""

    group: str
    review_group: str
    key: int
    field: str
    certainty: str
    now: str
    after: str
    by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The forecast of launching today: exact counts, the first cells."""

    counts: tuple[int, int]  # overwritten cells of the first and of the second system
    cells: tuple[Cell, ...]
    unsettled: int  # groups with more than one final state in which no cell of the second system is listed
    unsettled_groups: tuple[tuple[int, ...], ...]  # keys of the first of them


@dataclass(frozen=True, slots=True)
class PullFact:
    """When a table was last pulled."""

    system: str
    table: str
    started: str
    finished: str
    records: int


@dataclass(frozen=True, slots=True)
class LinkFact:
    """A stored link. `target` -1: no such record; `state`: live, merged, gone, unknown."""

    source: int
    target: int
    stored: str
    state: str


@dataclass(frozen=True, slots=True)
class ChangeFact:
    """A value of a decided group that is no longer what it was decided on."""

    group: str
    key: int
    field: str
    decided_on: Common
    now: Common
    decided_at: str


@dataclass
class Context:
    """What the rules read. Built by `steps.check` from the workspace; tests build it from workspaces of their own."""

    project: Project
    profile: Profile
    types: Mapping[str, TypeData]
    groups: pl.DataFrame  # group, key, class, probability, state of every group
    ledger: Ledger | None = None
    people: Sequence[Person] = ()
    links: Mapping[str, Sequence[LinkFact]] = field(default_factory=dict)  # by record type
    pulls: Sequence[PullFact] = ()
    changed_since_decided: Sequence[ChangeFact] = ()
    beyond_filter: Mapping[str, frozenset[int]] = field(default_factory=dict)  # keys the bare predicate lets leave though they are inactive
    gone: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)  # (key of a gone record, key of its live counterpart)
    suppressed: frozenset[str] | None = None  # SHA-256 of canonical addresses; None: no list was given
    answers: Mapping[str, str] = field(default_factory=dict)
    matched: bool = True  # whether matching has been run
    remembered: dict[str, Found] = field(default_factory=dict)  # what several rules ask for
    _copyings: list[Copying] | None = None

    def each_type(self) -> Iterator[tuple[RecordType, TypeData, Counterparts]]:
        """Record types with their columns and counterparts."""
        for name, data in self.types.items():
            yield data.record_type, data, self.counterparts(name)

    def counterparts(self, name: str) -> Counterparts:
        """Addresses and pairs of a record type."""
        if name not in self._counterparts:
            links: Links = [(link.source, link.target) for link in self.links.get(name, ()) if link.state in ("live", "merged")]
            self._counterparts[name] = Counterparts(self.types[name], self.project, self.profile, links)
        return self._counterparts[name]

    def copyings(self) -> Iterable[Copying]:
        """Every copying the map asks for whose target column is known. Kept for the next rule where there are few records."""
        found = (copying for _, data, known in self.each_type() for copying in copyings(data, known))
        if sum(len(table) for _, table in self.tables()) > _FEW:
            return found
        if self._copyings is None:
            self._copyings = list(found)
        return self._copyings

    def forget_transformed(self) -> None:
        """Give back what transforms made of whole columns."""
        for _, table in self.tables():
            table.forget()

    @cached_property
    def side_of(self) -> dict[int, int]:
        """Side by number of table."""
        return {table.table.no: table.side for _, table in self.tables()}

    @cached_property
    def _counterparts(self) -> dict[str, Counterparts]:
        return {}

    def tables(self) -> Iterator[tuple[RecordType, TableData]]:
        """Every pulled table."""
        for data in self.types.values():
            for table in data.tables:
                yield data.record_type, table

    def directed(self) -> Iterator[tuple[RecordType, MappedField, int]]:
        """Every field with each side it is copied from."""
        for data in self.types.values():
            for mapped in data.record_type.fields:
                yield from ((data.record_type, mapped, side) for side in sides(mapped))

    def needs_forecast(self) -> Ledger:
        """The ledger. Raises NotComputable."""
        if self.ledger is None:
            raise NotComputable("There is no forecast yet. Run `reconcile-tui simulate`.")
        return self.ledger

    def needs_groups(self) -> pl.DataFrame:
        """The groups. Raises NotComputable when nothing was matched yet."""
        if not self.matched:
            raise NotComputable("The records have not been matched yet. Run `reconcile-tui match`.")
        return self.groups

    def blank_propagates(self, mapped: MappedField) -> bool:
        """Whether an empty source empties the target, by the field's own policy or the profile's."""
        return mapped.blank == "propagate" or (mapped.blank == "profile" and self.profile.blank == "propagates")

    def system(self, side: int) -> str:
        """A side's name."""
        return list(self.project.systems)[side]
