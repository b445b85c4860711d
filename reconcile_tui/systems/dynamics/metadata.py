"""A Dataverse table's metadata: its entity set, columns, lengths, options and keys, as the environment reports them.

Two kinds of column are not what they seem in the Web API. A lookup `parentcustomerid` is read as `_parentcustomerid_value` (an id), and
the display text of a lookup or choice, which the metadata calls `parentcustomeridname`, travels as an annotation. Both are offered under
these names, read only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from reconcile_tui.errors import RecordGone, RequestRefused
from reconcile_tui.model import Column
from reconcile_tui.systems.http import Http

ColumnType = Literal["text", "integer", "number", "boolean", "date", "datetime", "choice", "multichoice", "lookup"]
FORMATTED = "@OData.Community.Display.V1.FormattedValue"
_CAST = "Microsoft.Dynamics.CRM."
_TYPES: dict[str, ColumnType] = {
    "String": "text",
    "Memo": "text",
    "Uniqueidentifier": "text",
    "Integer": "integer",
    "BigInt": "integer",
    "Decimal": "number",
    "Double": "number",
    "Money": "number",
    "Boolean": "boolean",
    "DateTime": "datetime",
    "Picklist": "choice",
    "State": "choice",
    "Status": "choice",
    "Lookup": "lookup",
    "Customer": "lookup",
    "Owner": "lookup",
}
_DETAILS = {
    "StringAttributeMetadata": {"$select": "LogicalName,MaxLength,FormatName"},
    "MemoAttributeMetadata": {"$select": "LogicalName,MaxLength"},
    "DateTimeAttributeMetadata": {"$select": "LogicalName,Format"},
    "PicklistAttributeMetadata": {"$select": "LogicalName", "$expand": "OptionSet($select=Options)"},
    "MultiSelectPicklistAttributeMetadata": {"$select": "LogicalName", "$expand": "OptionSet($select=Options)"},
    "StateAttributeMetadata": {"$select": "LogicalName", "$expand": "OptionSet($select=Options)"},
    "StatusAttributeMetadata": {"$select": "LogicalName", "$expand": "OptionSet($select=Options)"},
}


@dataclass(frozen=True, slots=True)
class Key:
    """An alternate key."""

    name: str
    columns: tuple[str, ...]
    status: str  # Pending, InProgress, Active, Failed


@dataclass(frozen=True, slots=True)
class Schema:
    """One table."""

    table: str
    entity_set: str
    id_column: str
    tracks_changes: bool
    has_etags: bool
    columns: tuple[Column, ...]
    keys: tuple[Key, ...]
    formatted: Mapping[str, str] = field(default_factory=dict)  # name of a display text -> the property it annotates
    attributes: Mapping[str, str] = field(default_factory=dict)  # logical name -> attribute type, all of them

    def selectable(self, names: Iterable[str]) -> list[str]:
        """The properties a `$select` needs for these columns, unknown ones left out."""
        plain = {column.name for column in self.columns} - self.formatted.keys()
        wanted = [self.formatted.get(name, name) for name in names]
        return [name for name in dict.fromkeys(wanted) if name in plain]


async def load(http: Http, base: str, table: str, *, fresh: bool = False) -> Schema | None:
    """A table's schema; None when the environment has no such table. `fresh` reads past the server's metadata cache."""
    headers = {"Consistency": "Strong"} if fresh else None
    entity = f"{base}/EntityDefinitions(LogicalName='{table}')"
    select = "LogicalName,EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled,IsOptimisticConcurrencyEnabled"
    try:
        head = await http.read(entity, params={"$select": select}, headers=headers)
    except RequestRefused as error:
        if error.status == 404:
            return None
        raise
    attributes, keys, *details = await asyncio.gather(
        http.read(f"{entity}/Attributes", params={"$select": _ATTRIBUTE}, headers=headers),
        http.read(f"{entity}/Keys", params={"$select": "SchemaName,KeyAttributes,EntityKeyIndexStatus"}, headers=headers),
        *(_detail(http, f"{entity}/Attributes/{_CAST}{cast}", params, headers) for cast, params in _DETAILS.items()),
    )
    try:
        return _schema(table, head, attributes["value"], keys["value"], details)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise http.unusable(f"described {table} in an unknown shape ({type(error).__name__})") from error


_ATTRIBUTE = "LogicalName,AttributeType,AttributeTypeName,AttributeOf,RequiredLevel,IsValidForRead,IsValidForUpdate,DisplayName"


async def _detail(http: Http, url: str, params: Mapping[str, str], headers: Mapping[str, str] | None) -> dict[str, Mapping[str, Any]]:
    """What a typed view adds, by column; nothing when the environment does not know the type."""
    try:
        data = await http.read(url, params=params, headers=headers)
    except RecordGone:
        return {}
    except RequestRefused as error:
        if error.status in (400, 404, 501):
            return {}
        raise
    return {str(item["LogicalName"]): item for item in data.get("value", ())}


def _schema(
    table: str,
    head: Mapping[str, Any],
    attributes: list[Mapping[str, Any]],
    keys: list[Mapping[str, Any]],
    details: list[dict[str, Mapping[str, Any]]],
) -> Schema:
    merged: dict[str, Mapping[str, Any]] = {}
    for part in details:
        merged |= part
    found_keys = tuple(Key(str(k["SchemaName"]), tuple(map(str, k["KeyAttributes"])), str(k.get("EntityKeyIndexStatus", ""))) for k in keys)
    unique = {k.columns[0] for k in found_keys if len(k.columns) == 1 and k.status == "Active"}
    unique.add(str(head["PrimaryIdAttribute"]))
    columns: list[Column] = []
    formatted: dict[str, str] = {}
    for attribute in attributes:
        name = str(attribute["LogicalName"])
        for column, annotates in _columns(attribute, merged.get(name, {}), name in unique):
            columns.append(column)
            if annotates:
                formatted[column.name] = annotates
    return Schema(
        table,
        str(head["EntitySetName"]),
        str(head["PrimaryIdAttribute"]),
        bool(head.get("ChangeTrackingEnabled")),
        bool(head.get("IsOptimisticConcurrencyEnabled", True)),
        tuple({column.name: column for column in columns}.values()),
        found_keys,
        formatted,
        {str(a["LogicalName"]): str(a.get("AttributeType", "")) for a in attributes},
    )


def _columns(attribute: Mapping[str, Any], detail: Mapping[str, Any], unique: bool) -> Iterator[tuple[Column, str]]:
    """An attribute as columns, each with the property it annotates when it is a display text."""
    name, kind = str(attribute["LogicalName"]), _kind(attribute, detail)
    if kind is None or attribute.get("AttributeOf") or attribute.get("IsValidForRead") is False:
        return
    label = _label(attribute.get("DisplayName"))
    if kind == "lookup":
        property_ = f"_{name}_value"
        yield Column(property_, "lookup", read_only=True, label=label), ""
        yield Column(f"{name}name", "text", read_only=True, label=f"{label} (name)"), property_
        return
    level = attribute.get("RequiredLevel")
    yield (
        Column(
            name,
            kind,
            max_length=detail.get("MaxLength"),
            options=_options(detail),
            required=isinstance(level, Mapping) and level.get("Value") == "ApplicationRequired",  # Dataverse fills what the system requires
            read_only=attribute.get("IsValidForUpdate") is False,
            unique=unique,
            label=label,
        ),
        "",
    )
    if kind == "choice":
        yield Column(f"{name}name", "text", read_only=True, label=f"{label} (label)"), name


def _kind(attribute: Mapping[str, Any], detail: Mapping[str, Any]) -> ColumnType | None:
    type_name = attribute.get("AttributeTypeName")
    if isinstance(type_name, Mapping) and type_name.get("Value") == "MultiSelectPicklistType":
        return "multichoice"
    kind = _TYPES.get(str(attribute.get("AttributeType")))
    return "date" if kind == "datetime" and detail.get("Format") == "DateOnly" else kind


def _options(detail: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    options = (detail.get("OptionSet") or {}).get("Options") or ()
    return tuple((str(option["Value"]), _label(option.get("Label"))) for option in options)


def _label(label: object) -> str:
    if not isinstance(label, Mapping):
        return ""
    best = label.get("UserLocalizedLabel") or next(iter(label.get("LocalizedLabels") or ()), None)
    return str(best.get("Label") or "") if isinstance(best, Mapping) else ""
