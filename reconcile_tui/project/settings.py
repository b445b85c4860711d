"""The project file as written: pydantic models of its tables. Outside data enters here, so every name in it is checked."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from reconcile_tui import transforms
from reconcile_tui.errors import ProjectError
from reconcile_tui.model import Blank
from reconcile_tui.project.kinds import FieldKind, guess_kind

EMBEDDED = "sandbox:"
"""A system whose `url` is this is the sandbox embedded in the workspace."""


class Strict(BaseModel):
    """What the file does not know is refused; what was read is not changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, ignored_types=(cached_property,))


class SystemSettings(Strict):
    """One CRM, or a folder of exports. `kind` defaults to the system's own name."""

    kind: Literal["dynamics", "hubspot", "files"] = Field(description="What it is; left out: the system's own name.")
    url: str = Field("", description="`https://<org>.crm<N>.dynamics.com`, `https://api.hubapi.com`, or `sandbox:` for the embedded one.")
    tenant: str = Field("organizations", description="Dynamics: Entra tenant, id or domain.")
    client_id: str = Field("", description="Dynamics: client id of the app registration.")
    auth: Literal["client_secret", "certificate", "device_code"] = Field("client_secret", description="Dynamics: how to sign in.")
    secret_env: str = Field("DYNAMICS_CLIENT_SECRET", description="Dynamics: environment variable with the client secret.")
    certificate: str = Field("", description="Dynamics: path of a PEM file with key and certificate.")
    authority: str = Field("https://login.microsoftonline.com", description="Dynamics: where Entra is; another one in national clouds.")
    prefix: str = Field("new", description="Dynamics: the publisher's prefix of columns that are made.")
    token_env: str = Field("HUBSPOT_TOKEN", description="HubSpot: environment variable with the token.")
    api_version: Literal["2026-09", "2026-03", "v3"] = Field("2026-09", description="HubSpot: version of the API.")
    folder: str = Field("", description="Files: folder with one file a table, `<table>.csv`, `.jsonl` or `.parquet`.")
    id: str = Field("id", description="Files: the column with a record's id.")
    modified: str = Field("", description="Files: the column with the time of the last change, if there is one.")
    link: str = Field("", description="The column that holds the counterpart's id; left out: the kind's usual name.")

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


class FieldSettings(Strict):
    """One line of the field map, as written. `systems` holds what stands under the systems' names: column, or {table: column}."""

    name: str = Field(description="The field's name everywhere.")
    kind: FieldKind | None = Field(None, description="What it holds; left out: guessed from the name.")
    label: str = Field("", description="How it is shown; left out: the name.")
    direction: str = Field("both", description="`both`, `none` or `<system>_to_<system>`.")
    transform: Annotated[Any, BeforeValidator(_known_transform)] = Field("none", description="See [transforms](transforms.md).")
    blank: Blank = Field("profile", description="What an empty source does: `propagate`, `ignore`, or what the sync profile says.")
    survivorship: str = Field("", description="The rule that fills RESULT; left out: the usual one for its kind.")
    block: str = Field("", description="Fields of one block (an address) take their golden values from one record.")
    create_only: bool = Field(False, description="Copied when a counterpart is created, never after.")
    opted_out: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = Field(
        (), description="Consent: values of the second system that say the person has opted out."
    )
    systems: dict[str, str | dict[str, str]] = Field(
        default_factory=dict, description='`<system> = "column"`, or `{ table = "column" }` where tables differ.'
    )

    @model_validator(mode="after")
    def _says_what_an_opt_out_is(self) -> FieldSettings:
        """A consent that travels inverted holds true for opposite things in the two systems: guessing which could weaken an opt-out."""
        consent = (self.kind or guess_kind(self.name)) == "consent"
        if self.opted_out and not consent:
            raise ValueError("opted_out belongs to fields of the kind consent only")
        if consent and not self.opted_out and inverts(self.transform):
            raise ValueError('say which value of the second system is an opt-out, e.g. opted_out = ["false"]: the transform exchanges them')
        return self


def inverts(transform: Any) -> bool:
    """Whether a transform exchanges true and false."""
    return transforms.build(transform).forward("true").value == "false"


class RecordTypeSettings(Strict):
    """A pairing of tables with eligibility and field map."""

    tables: dict[str, Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]] = Field(
        description='`<system> = "table"` or a list of tables, the main one first.'
    )
    eligible: dict[str, str | dict[str, str]] = Field(
        default_factory=dict,
        description="`<system>_to_<system>`, or `….<table>`: an SQL condition over the table's own columns; left out: every record.",
    )
    fields: list[FieldSettings] = Field(description="The field map.")


class ComparisonSettings(Strict):
    """How one field, or several taken together, is compared. See `matching.compare` for the kinds."""

    field: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = Field(description="A field, or several taken together.")
    kind: str = Field(description="The kind of comparison.")
    options: dict[str, Any] = Field(default_factory=dict, description="What that kind lets one choose.")


class MatchingSettings(Strict):
    """Comparisons, blocking keys and thresholds of one record type; empty lists mean: the defaults for its fields."""

    comparisons: list[ComparisonSettings] = Field(default_factory=list, description="What is compared; empty: the defaults for the fields.")
    blocking: list[Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]] = Field(
        default_factory=list, description="Blocking keys; empty: the defaults for the fields."
    )
    match: float = Field(0.9, ge=0, le=1, description="Probability from which a pair is a match.")
    review: float = Field(0.5, ge=0, le=1, description="Probability from which a person is asked.")
    keep: float = Field(0.1, ge=0, le=1, description="Probability from which a pair is stored.")
    block_limit: int = Field(2000, ge=2, description="Records of the largest block; larger ones are left out and reported.")
    pairs_per_record: float = Field(4, gt=0, description="Pairs a blocking key may bring per record; its limit is lowered until it does.")
    seed: int = Field(1, description="Of the samples that training draws.")


class SyncSettings(Strict):
    """The sync to be launched: a preset and what differs from it (see `forecast.profiles`)."""

    profile: str = Field("good-faith-upsert", description="A preset; see [the forecast](forecast.md).")
    options: dict[str, Any] = Field(default_factory=dict, description="What differs from the preset.")


class ProjectSettings(Strict):
    """The whole file, validated."""

    name: str = Field("", description="Shown on the screens; left out: the folder's name.")
    country: str = Field("", description="ISO 3166-1 alpha-2: the region of phone numbers without a prefix.")
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
        raise ValueError(f"{where}: {name!r} is not known here. {nearest(name, options)}")


def nearest(name: str, options: list[str]) -> str:
    """The name that was probably meant, and all that are known."""
    near = difflib.get_close_matches(name, options, n=1, cutoff=0.5)
    listed = ", ".join(sorted(options))
    return f"Did you mean {near[0]!r}? Known: {listed}." if near else f"Known: {listed}."


def _direction_names(names: list[str]) -> list[str]:
    return [f"{a}_to_{b}" for a in names for b in names if a != b]
