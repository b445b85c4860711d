"""What resolving and planning need to know besides records and decisions: the project, the columns, who stands behind a link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconcile_tui.model import Column, Ref
from reconcile_tui.project import MappedField, Project, RecordType
from reconcile_tui.stewardship.entities import Place


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

    def bound(self, field_: MappedField, place: Place) -> tuple[str, Column | None] | None:
        """A field's column in a table with its metadata; None when it is not mapped there or the table lacks it."""
        name = field_.column(*place)
        known = self.columns.get(place, {})
        if name is None or (known and name not in known):
            return None
        return name, known.get(name)

    def places(self) -> list[Place]:
        """Every (system, table) of the record type."""
        return [(system, table) for system, tables in self.record_type.tables.items() for table in tables]
