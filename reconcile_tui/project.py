"""`reconcile.toml`: systems, record types, eligibility, field map, matching and the profile of the sync to be launched.

The file holds no secrets and is safe to commit. Outside data enters here, so pydantic validates it; every message names the key,
the line and, for a misspelt name, the nearest valid one.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from reconcile_tui import transforms
from reconcile_tui.errors import ProjectError
from reconcile_tui.model import Blank, Common, Direction, Native

FILE_NAME = "reconcile.toml"
EMBEDDED = "sandbox:"
"""A system whose `url` is this is the sandbox embedded in the workspace."""

FieldKind = Literal[
    "text",
    "first_name",
    "last_name",
    "full_name",
    "email",
    "phone",
    "company",
    "consent",  # true means: has opted out
    "lifecycle",
    "street",
    "city",
    "region",
    "postcode",
    "country",
    "date",
    "datetime",
    "number",
    "boolean",
    "choice",
    "multichoice",
    "identifier",
    "owner",
    "geography",
]

_KIND_BY_NAME: dict[str, FieldKind] = {
    "given_name": "first_name",
    "firstname": "first_name",
    "surname": "last_name",
    "lastname": "last_name",
    "name": "full_name",
    "mobile": "phone",
    "telephone": "phone",
    "opt_out": "consent",
    "lifecycle_stage": "lifecycle",
    "address": "street",
    "state": "region",
    "zip": "postcode",
    "birth_date": "date",
    "date_of_birth": "date",
}


_SECONDARY_EMAILS = {"dynamics": ("emailaddress2", "emailaddress3"), "hubspot": ("hs_additional_emails",)}

_SQL_WORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "is",
        "null",
        "in",
        "like",
        "between",
        "case",
        "when",
        "then",
        "else",
        "end",
        "exists",
        "glob",
        "true",
        "false",
        "lower",
        "upper",
        "length",
        "trim",
        "coalesce",
        "ifnull",
        "instr",
        "substr",
        "date",
        "datetime",
        "julianday",
        "abs",
        "nullif",
        "cast",
        "as",
        "text",
        "integer",
        "real",
        "collate",
        "nocase",
        "escape",
    ]
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, ignored_types=(cached_property,))


class SystemSettings(_Strict):
    """One CRM, or a folder of exports. `kind` defaults to the system's own name."""

    kind: Literal["dynamics", "hubspot", "files"]
    url: str = ""
    # Dynamics
    tenant: str = "organizations"
    client_id: str = ""
    auth: Literal["client_secret", "certificate", "device_code"] = "client_secret"
    secret_env: str = "DYNAMICS_CLIENT_SECRET"
    certificate: str = ""  # path of a PEM file with key and certificate
    authority: str = "https://login.microsoftonline.com"
    prefix: str = "new"  # the publisher's prefix for the link column
    # HubSpot
    token_env: str = "HUBSPOT_TOKEN"
    api_version: Literal["2026-09", "2026-03", "v3"] = "2026-09"
    # Files
    folder: str = ""
    id: str = "id"
    modified: str = ""  # the column with the time of the last change, if there is one
    link: str = ""  # the column that holds the counterpart's id; empty: the kind's usual name

    @property
    def embedded(self) -> bool:
        """Whether this is the sandbox inside the workspace."""
        return self.url == EMBEDDED


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _known_transform(value: Any) -> Any:
    try:
        transforms.build(value)
    except ProjectError as error:
        raise ValueError(str(error)) from error
    return value


class FieldSettings(_Strict):
    """One line of the field map, as written. `systems` holds what stands under the systems' names: column, or {table: column}."""

    name: str
    kind: FieldKind | None = None
    label: str = ""
    direction: str = "both"
    transform: Annotated[Any, BeforeValidator(_known_transform)] = "none"
    blank: Blank = "profile"
    survivorship: str = ""
    block: str = ""  # fields of one block (an address) take their golden values from one record
    create_only: bool = False
    systems: dict[str, str | dict[str, str]] = Field(default_factory=dict)


class RecordTypeSettings(_Strict):
    """A pairing of tables with eligibility and field map."""

    tables: dict[str, Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]]
    eligible: dict[str, str | dict[str, str]] = Field(default_factory=dict)
    fields: list[FieldSettings]


class ComparisonSettings(_Strict):
    """How one field, or several taken together, is compared. See `matching.compare` for the kinds."""

    field: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
    kind: str
    options: dict[str, Any] = Field(default_factory=dict)


class MatchingSettings(_Strict):
    """Comparisons, blocking keys and thresholds of one record type; empty lists mean: the defaults for its fields."""

    comparisons: list[ComparisonSettings] = Field(default_factory=list)
    blocking: list[Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]] = Field(default_factory=list)
    match: float = Field(0.9, ge=0, le=1)  # probability from which a pair is a match
    review: float = Field(0.5, ge=0, le=1)  # probability from which a person is asked
    keep: float = Field(0.1, ge=0, le=1)  # probability from which a pair is stored
    block_limit: int = Field(2000, ge=2)  # records; larger blocks are cut and reported
    pairs_per_record: float = Field(4, gt=0)  # pairs a blocking key may bring per record; its limit is lowered until it does
    seed: int = 1


class SyncSettings(_Strict):
    """The sync to be launched: a preset and what differs from it (see `forecast.profiles`)."""

    profile: str = "good-faith-upsert"
    options: dict[str, Any] = Field(default_factory=dict)


class ProjectSettings(_Strict):
    """The whole file, validated."""

    name: str = ""
    country: str = ""  # ISO 3166-1 alpha-2: the region of phone numbers without a prefix
    systems: dict[str, SystemSettings]
    record_types: dict[str, RecordTypeSettings]
    matching: dict[str, MatchingSettings] = Field(default_factory=dict)
    sync: SyncSettings = Field(default_factory=SyncSettings)

    @model_validator(mode="after")
    def _names_fit(self) -> ProjectSettings:
        _check_names(self)
        return self


def _check_names(settings: ProjectSettings) -> None:
    names = list(settings.systems)
    if not 1 <= len(names) <= 2:
        raise ValueError(f"systems: one or two systems are worked with, not {len(names)}")
    directions = {"both", "none", *_direction_names(names)}
    for type_name, record_type in settings.record_types.items():
        for system in record_type.tables:
            _require(system, names, f"record_types.{type_name}.{system}")
        for key in record_type.eligible:
            _require(key, _direction_names(names), f"record_types.{type_name}.eligible.{key}")
        seen: set[str] = set()
        for mapped in record_type.fields:
            where = f"record_types.{type_name}.fields.{mapped.name}"
            if mapped.name in seen:
                raise ValueError(f"{where}: this field is defined twice")
            seen.add(mapped.name)
            _require(mapped.direction, directions, f"{where}.direction")
            for system in mapped.systems:
                _require(system, names, f"{where}.{system}")
    for type_name in settings.matching:
        _require(type_name, settings.record_types, f"matching.{type_name}")


def _require(name: str, known: Iterable[str], where: str) -> None:
    if name not in (options := list(known)):
        raise ValueError(f"{where}: {name!r} is not known here. {_nearest(name, options)}")


def _nearest(name: str, options: list[str]) -> str:
    near = difflib.get_close_matches(name, options, n=1, cutoff=0.5)
    listed = ", ".join(sorted(options))
    return f"Did you mean {near[0]!r}? Known: {listed}." if near else f"Known: {listed}."


def _direction_names(names: list[str]) -> list[str]:
    return [f"{a}_to_{b}" for a in names for b in names if a != b]


class MappedField(_Strict):
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
    columns: dict[str, dict[str, str]]  # system -> table -> column

    def column(self, system: str, table: str) -> str | None:
        """The column this field is bound to in a table; None when it is not mapped there."""
        return self.columns.get(system, {}).get(table)

    def common(self, native: Native, *, first: bool) -> Common:
        """A native value in common form; `first` says whether it comes from the project's first system."""
        text = transforms.as_text(native)
        return self.transform.forward(text).value if first else text


class RecordType(_Strict):
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

    def wanted_columns(self, system: str, table: str) -> tuple[str, ...]:
        """Columns a pull needs: mapped ones, links, further addresses and every name the eligibility predicate mentions."""
        record_type = self.record_type_of(system, table)
        mapped = [column for field in record_type.fields if (column := field.column(system, table))]
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
            kind=raw.kind or _guess_kind(raw.name),
            label=raw.label or raw.name.replace("_", " "),
            direction=self._direction(raw.direction),
            transform=transforms.build(raw.transform, country=self.country),
            blank=raw.blank,
            survivorship=raw.survivorship,
            block=raw.block,
            create_only=raw.create_only,
            columns=columns,
        )

    def _direction(self, text: str) -> Direction:
        if text == "both":
            return "both"
        if text == "none":
            return "none"
        return "forward" if text == f"{self.first}_to_{self.second}" else "backward"


def _guess_kind(name: str) -> FieldKind:
    if name in _KIND_BY_NAME:
        return _KIND_BY_NAME[name]
    for kind in FieldKind.__args__:  # type: ignore[attr-defined]
        if kind == name:
            return kind  # type: ignore[no-any-return]
    for part, kind in (("phone", "phone"), ("email", "email"), ("date", "date"), ("opt_out", "consent")):
        if part in name:
            return kind  # type: ignore[return-value]
    return "text"


def load(folder: Path) -> Project:
    """Read `reconcile.toml` of a workspace folder. Raises ProjectError."""
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ProjectError(
            f"There is no {FILE_NAME} in {folder}.",
            todo="Run `reconcile-tui init` there, `reconcile-tui demo` to try it out, or name a workspace with -C DIR.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path} can't be read: {error}.", todo="Check the file and its permissions.") from error
    return parse(text, path)


def parse(text: str, path: Path | None = None) -> Project:
    """Validate the text of a project file. Raises ProjectError naming key and line."""
    shown = str(path or FILE_NAME)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(f"{shown} is not valid TOML: {error}.", todo="Correct that line; nothing was changed.") from error
    try:
        return Project(ProjectSettings.model_validate(_shaped(data)), path)
    except ValidationError as error:
        raise ProjectError(_explain(error, text, shown), todo="Correct the file; nothing was changed.") from error


def _shaped(data: dict[str, Any]) -> dict[str, Any]:
    """Move what stands under system names (`dynamics = …`) into one mapping each, and fill the defaults of kinds."""
    head = data.pop("project", {})
    shaped: dict[str, Any] = {**(head if isinstance(head, dict) else {"project": head}), **data}
    systems = shaped.get("systems")
    if not isinstance(systems, dict):
        return shaped
    shaped["systems"] = {name: {"kind": name, **settings} if isinstance(settings, dict) else settings for name, settings in systems.items()}
    types = shaped.get("record_types")
    if isinstance(types, dict):
        shaped["record_types"] = {name: _shaped_type(raw, list(systems)) for name, raw in types.items()}
    return shaped


def _shaped_type(raw: Any, systems: list[str]) -> Any:
    if not isinstance(raw, dict):
        return raw
    rest = {key: value for key, value in raw.items() if key not in systems}
    rest["tables"] = {key: raw[key] for key in systems if key in raw}
    fields = rest.get("fields")
    if isinstance(fields, list):
        rest["fields"] = [_shaped_field(f, systems) for f in fields]
    return rest


def _shaped_field(raw: Any, systems: list[str]) -> Any:
    if not isinstance(raw, dict):
        return raw
    rest = {key: value for key, value in raw.items() if key not in systems}
    rest["systems"] = {key: raw[key] for key in systems if key in raw}
    return rest


def _explain(error: ValidationError, text: str, shown: str) -> str:
    lines = []
    for problem in error.errors():
        path = tuple(str(part) for part in problem["loc"] if part != "systems" or problem["loc"][0] == "systems")
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = f"unknown key {path[-1]!r}. {_nearest(path[-1], _valid_keys(path))}"
        elif not path and ": " in message:
            where, message = message.split(": ", 1)
            path = tuple(where.split("."))
        line = _line_of(text, path)
        lines.append(f"{shown}{f', line {line}' if line else ''}: {'.'.join(path)}: {message}")
    return "\n".join(lines)


def _valid_keys(path: tuple[str, ...]) -> list[str]:
    by_place: list[tuple[str, type[BaseModel]]] = [
        (r"record_types\.[^.]+\.fields\..*", FieldSettings),
        (r"record_types\.[^.]+\..*", RecordTypeSettings),
        (r"systems\.[^.]+\..*", SystemSettings),
        (r"matching\.[^.]+\.comparisons\..*", ComparisonSettings),
        (r"matching\.[^.]+\..*", MatchingSettings),
        (r"sync\..*", SyncSettings),
    ]
    joined = ".".join(path)
    model = next((m for pattern, m in by_place if re.fullmatch(pattern, joined)), ProjectSettings)
    return list(model.model_fields)


def _line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line a key path is written on, as well as a scan of headers and keys can tell (TOML parsers drop positions)."""
    best: tuple[int, int | None] = (0, None)
    table: list[str] = []
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if header := re.match(r"\[\[(.+?)\]\]|\[(.+?)\]", stripped):
            name = header.group(1) or header.group(2)
            table = [part.strip().strip("\"'") for part in name.split(".")]
            if header.group(1):
                counts[name] = counts.get(name, -1) + 1
                table.append(str(counts[name]))
            table = [] if table == ["project"] else table
            here = table
        elif key := re.match(r"([\w\-.\"']+)\s*=\s*(\"[^\"]*\")?", stripped):
            here = [*table, *(part.strip("\"'") for part in key.group(1).split("."))]
            if here[-1] == "name" and key.group(2) and "fields" in here:
                table = [*table[:-1], key.group(2).strip('"')] if path[-2:-1] == (key.group(2).strip('"'),) else table
        else:
            continue
        depth = 0
        while depth < min(len(here), len(path)) and here[depth] == path[depth]:
            depth += 1
        if depth > best[0]:
            best = (depth, number)
    return best[1]
