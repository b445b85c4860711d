"""The project ready for use: fields bound to columns with their transforms built, record types, systems in their order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconcile_tui import transforms
from reconcile_tui.model import Blank, Common, Direction, Native
from reconcile_tui.project.kinds import OPTED_OUT, FieldKind, guess_kind
from reconcile_tui.project.settings import FieldSettings, MatchingSettings, ProjectSettings, RecordTypeSettings, Strict

_SECONDARY_EMAILS = {"dynamics": ("emailaddress2", "emailaddress3"), "hubspot": ("hs_additional_emails",)}
_MODIFIED_BY = {"dynamics": "modifiedbyname", "hubspot": "hs_updated_by_user_id"}

_SQL_WORDS = frozenset({
    "and", "or", "not", "is", "null", "in", "like", "between", "case", "when", "then", "else", "end", "exists", "glob", "true",
    "false", "lower", "upper", "length", "trim", "coalesce", "ifnull", "instr", "substr", "date", "datetime", "julianday", "abs",
    "nullif", "cast", "as", "text", "integer", "real", "collate", "nocase", "escape",
})  # fmt: skip


class MappedField(Strict):
    """A field ready for use: bound to columns, with its transform built."""

    name: str
    kind: FieldKind
    label: str
    direction: Direction
    transform: Any  # transforms.Transform
    blank: Blank
    survivorship: str
    block: str
    create_only: bool
    opted_out: tuple[str, ...]  # consent: values in common form that say the person has opted out, in lower case
    columns: dict[str, dict[str, str]]  # system -> table -> column

    def restricts(self, value: Common) -> bool:
        """Whether a consent value says the person has opted out. A blank says nothing: it neither opts out nor allows."""
        return value is not None and value.strip().lower() in self.opted_out

    def column(self, system: str, table: str) -> str | None:
        """The column this field is bound to in a table; None when it is not mapped there."""
        return self.columns.get(system, {}).get(table)

    def common(self, native: Native, *, first: bool) -> Common:
        """A native value in common form; `first` says whether it comes from the project's first system."""
        text = transforms.as_text(native)
        return self.transform.forward(text).value if first else text


class RecordType(Strict):
    """A record type ready for use."""

    name: str
    tables: dict[str, tuple[str, ...]]  # system -> tables, the first one being the main table
    eligible: dict[str, dict[str, str]]  # system -> table -> SQL predicate for leaving that system
    fields: tuple[MappedField, ...]

    def field(self, name: str) -> MappedField:
        """A field by name. Raises KeyError."""
        return next(f for f in self.fields if f.name == name)

    def fields_of_kind(self, *kinds: FieldKind) -> tuple[MappedField, ...]:
        """All fields of the kinds, in the map's order."""
        return tuple(f for f in self.fields if f.kind in kinds)


class Project:
    """A validated project file. `systems` keeps the file's order: the first one is the side transforms map from."""

    def __init__(self, settings: ProjectSettings, path: Path | None = None) -> None:
        """Bind fields and directions to the systems' names."""
        self.settings = settings
        self.path = path
        self.name = settings.name or (path.parent.name if path else "")
        self.country = settings.country
        self.systems = settings.systems
        self.sync = settings.sync
        self.record_types = {name: self._record_type(name, raw) for name, raw in settings.record_types.items()}

    @property
    def first(self) -> str:
        """The system transforms map from (Dynamics)."""
        return next(iter(self.systems))

    @property
    def second(self) -> str | None:
        """The system transforms map to (HubSpot); None in a one-system workspace."""
        return list(self.systems)[1] if len(self.systems) > 1 else None

    def other(self, system: str) -> str | None:
        """The system that is not this one."""
        return next((name for name in self.systems if name != system), None)

    def matching(self, record_type: str) -> MatchingSettings:
        """The matching settings of a record type, defaults where the file says nothing."""
        return self.settings.matching.get(record_type, MatchingSettings())

    def record_type_of(self, system: str, table: str) -> RecordType:
        """The record type a table belongs to. Raises KeyError."""
        for record_type in self.record_types.values():
            if table in record_type.tables.get(system, ()):
                return record_type
        raise KeyError(f"{system}/{table}")

    def tables(self) -> list[tuple[str, str]]:
        """Every (system, table) of the project, in the file's order."""
        pairs = [(s, t) for rt in self.record_types.values() for s, tables in rt.tables.items() for t in tables]
        return list(dict.fromkeys(pairs))

    def link_column(self, system: str, other_table: str) -> str:
        """The column in which records of `system` keep the id of their counterpart in `other_table` of the other system."""
        settings = self.systems[system]
        if settings.link:
            return settings.link
        if settings.kind == "dynamics":
            return f"{settings.prefix}_hubspotcontactid"
        return f"dynamics_{other_table}id" if settings.kind == "hubspot" else f"{other_table}_link"

    def link_columns(self, system: str, table: str) -> dict[str, str]:
        """All link columns of a table: {table of the other system: column}."""
        other = self.other(system)
        if other is None:
            return {}
        targets = self.record_type_of(system, table).tables.get(other, ())
        return {target: self.link_column(system, target) for target in targets}

    def secondary_email_columns(self, system: str) -> tuple[str, ...]:
        """Columns that hold further e-mail addresses of a record; several in one value are separated by `;`."""
        return _SECONDARY_EMAILS.get(self.systems[system].kind, ())

    def modified_by_column(self, system: str) -> str:
        """The column that tells who saved a record last: a name in Dynamics, the number of a user in HubSpot; empty for files."""
        return _MODIFIED_BY.get(self.systems[system].kind, "")

    def mapped_columns(self, system: str, table: str) -> tuple[str, ...]:
        """Columns that a field is mapped to."""
        fields = self.record_type_of(system, table).fields
        return tuple(dict.fromkeys(column for field in fields if (column := field.column(system, table))))

    def wanted_columns(self, system: str, table: str) -> tuple[str, ...]:
        """Columns a pull needs: mapped ones, links, further addresses and every name the eligibility predicate mentions."""
        record_type = self.record_type_of(system, table)
        mapped = self.mapped_columns(system, table)
        predicate = re.sub(r"'[^']*'", "", record_type.eligible.get(system, {}).get(table, ""))
        named = [word for word in re.findall(r"[a-z_][a-z0-9_]*", predicate) if word not in _SQL_WORDS]
        links = self.link_columns(system, table).values()
        return tuple(dict.fromkeys([*mapped, *links, *self.secondary_email_columns(system), *named]))

    def direction_name(self, direction: Direction) -> str:
        """A direction in the file's words, e.g. `dynamics_to_hubspot`."""
        if direction in ("both", "none") or self.second is None:
            return direction
        pair = (self.first, self.second) if direction == "forward" else (self.second, self.first)
        return "{}_to_{}".format(*pair)

    def _record_type(self, name: str, raw: RecordTypeSettings) -> RecordType:
        eligible: dict[str, dict[str, str]] = {}
        for key, value in raw.eligible.items():
            source = next(s for s in self.systems if key == f"{s}_to_{self.other(s)}")
            tables = raw.tables.get(source, ())
            eligible[source] = dict(value) if isinstance(value, Mapping) else dict.fromkeys(tables, value)
        fields = tuple(self._field(field, raw) for field in raw.fields)
        return RecordType(name=name, tables=dict(raw.tables), eligible=eligible, fields=fields)

    def _field(self, raw: FieldSettings, record_type: RecordTypeSettings) -> MappedField:
        columns = {
            system: dict(bound) if isinstance(bound, Mapping) else dict.fromkeys(record_type.tables.get(system, ()), bound)
            for system, bound in raw.systems.items()
        }
        return MappedField(
            name=raw.name,
            kind=raw.kind or guess_kind(raw.name),
            label=raw.label or raw.name.replace("_", " "),
            direction=self._direction(raw.direction),
            transform=transforms.build(raw.transform, country=self.country),
            blank=raw.blank,
            survivorship=raw.survivorship,
            block=raw.block,
            create_only=raw.create_only,
            opted_out=tuple(value.strip().lower() for value in raw.opted_out) or OPTED_OUT,
            columns=columns,
        )

    def _direction(self, text: str) -> Direction:
        if text == "both":
            return "both"
        if text == "none":
            return "none"
        return "forward" if text == f"{self.first}_to_{self.second}" else "backward"
