"""What resolving and planning need to know besides records and decisions: the project, the columns, who stands behind a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from reconcile_tui.model import Column, Ref
from reconcile_tui.project import MappedField, Project, RecordType
from reconcile_tui.stewardship.entities import Golden, Place
from reconcile_tui.stewardship.survivorship import Rule, rule_for


@dataclass(frozen=True)
class Spec:
    """How fields get their golden value."""

    fields: tuple[MappedField, ...]
    rule: Rule
    argument: str

    @cached_property
    def name(self) -> str:
        """The (first) field."""
        return self.fields[0].name

    @cached_property
    def blank(self) -> Golden:
        """What it is when no record has a value."""
        return Golden(None, None, self.rule.name, reason="blank everywhere")

    @cached_property
    def unanimous(self) -> bool:
        """Whether a value all records share is the answer, whatever the rule."""
        return self.rule.name != "concatenate"


@dataclass(frozen=True, slots=True)
class Binding:
    """A field's column in one table."""

    field: MappedField
    name: str
    column: Column | None  # None: nothing is known of it
    first: bool  # the table belongs to the system transforms map from
    writable: bool


def _itself(ref: Ref) -> Ref | None:
    return ref


@dataclass(frozen=True)
class Context:
    """One record type of a project with its tables' metadata."""

    project: Project
    record_type: RecordType
    columns: Mapping[Place, Mapping[str, Column]] = field(default_factory=dict)
    standing: Callable[[Ref], Ref | None] = _itself  # the live record behind a link: itself, what it was merged into, None when gone

    def kind(self, system: str) -> str:
        """`dynamics`, `hubspot` or `files`."""
        return self.project.systems[system].kind

    def column(self, place: Place, name: str) -> Column | None:
        """Metadata of a column, None when nothing is known of it."""
        return self.columns.get(place, {}).get(name)

    @cached_property
    def fields(self) -> dict[str, MappedField]:
        """Fields by name."""
        return {field.name: field for field in self.record_type.fields}

    @cached_property
    def specs(self) -> tuple[Spec, ...]:
        """Fields that take their value together, with their rule: those of a block, every other one by itself. Raises ProjectError."""
        grouped: dict[str, list[MappedField]] = {}
        for field_ in self.record_type.fields:
            grouped.setdefault(f"block {field_.block}" if field_.block else f"field {field_.name}", []).append(field_)
        return tuple(Spec(tuple(fields), *rule_for(fields[0], self.project.first)) for fields in grouped.values())

    @cached_property
    def consents(self) -> tuple[MappedField, ...]:
        """Fields that say whether a person has opted out."""
        return self.record_type.fields_of_kind("consent")

    @cached_property
    def unsettled(self) -> tuple[str, ...]:
        """Fields whose values can have more than one form: a transform stands between the systems."""
        first = self.project.first
        return tuple(f.name for f in self.record_type.fields if f.transform.name != "none" and first in f.columns)

    @cached_property
    def bindings(self) -> dict[Place, tuple[Binding, ...]]:
        """Mapped columns per table, those the table is known to lack left out."""
        return {place: tuple(self._bindings(place)) for place in self.places()}

    @cached_property
    def writable(self) -> dict[Place, tuple[str, ...]]:
        """Mapped columns per table that can be written."""
        return {place: tuple(bound.name for bound in bindings if bound.writable) for place, bindings in self.bindings.items()}

    @cached_property
    def unique(self) -> dict[Place, frozenset[str]]:
        """Columns per table in which no two live records may hold the same value; the record's own id, which nobody writes, left out."""
        return {place: frozenset(self._unique(place)) for place in self.places()}

    @cached_property
    def field_names(self) -> dict[Place, dict[str, str]]:
        """Column -> field name, per table."""
        return {place: {bound.name: bound.field.name for bound in bindings} for place, bindings in self.bindings.items()}

    def _bindings(self, place: Place) -> Iterator[Binding]:
        known = self.columns.get(place, {})
        first = place[0] == self.project.first
        for field_ in self.record_type.fields:
            name = field_.column(*place)
            if name is not None and (name in known or not known):
                column = known.get(name)
                writable = column is None or not (column.read_only or column.type == "lookup")
                yield Binding(field_, name, column, first, writable)

    def _unique(self, place: Place) -> Iterator[str]:
        system, table = place
        yield from (name for name, column in self.columns.get(place, {}).items() if column.unique and not column.read_only)
        yield from self.project.link_columns(system, table).values()
        if self.kind(system) == "hubspot":
            yield from (name for f in self.record_type.fields_of_kind("email") if (name := f.column(system, table)))

    def places(self) -> list[Place]:
        """Every (system, table) of the record type."""
        return [(system, table) for system, tables in self.record_type.tables.items() for table in tables]
