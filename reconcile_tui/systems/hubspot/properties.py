"""HubSpot properties as columns, and the link property.

A property can be made unique only when it is created, and its name is fixed for ever: a property that exists but is not unique, or is
not text, can't become a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from reconcile_tui.model import Column, Common, Native
from reconcile_tui.systems.protocol import LinkState

ColumnType = Literal["text", "integer", "number", "boolean", "date", "datetime", "choice", "multichoice", "lookup"]
TEXT_LENGTH = 65_536  # characters a string property holds
_TYPES: dict[str, ColumnType] = {"number": "number", "bool": "boolean", "date": "date", "datetime": "datetime"}


def columns(results: Iterable[Mapping[str, Any]]) -> tuple[Column, ...]:
    """All properties. Raises KeyError, TypeError, AttributeError for a shape that is not HubSpot's."""
    return tuple(column(result) for result in results)


def column(result: Mapping[str, Any]) -> Column:
    """One property."""
    options = tuple((str(o["value"]), str(o.get("label", ""))) for o in result.get("options") or ())
    kind = _kind(str(result.get("type", "")), str(result.get("fieldType", "")))
    modification = result.get("modificationMetadata") or {}
    return Column(
        name=str(result["name"]),
        type=kind,
        max_length=TEXT_LENGTH if kind == "text" else None,
        options=options if kind in ("choice", "multichoice") else (),
        read_only=bool(modification.get("readOnlyValue") or result.get("calculated")),
        unique=bool(result.get("hasUniqueValue")) or result["name"] in ("email", "hs_object_id"),
        label=str(result.get("label") or ""),
    )


def _kind(type_: str, field_type: str) -> ColumnType:
    if type_ == "enumeration":
        return "boolean" if field_type == "booleancheckbox" else "multichoice" if field_type == "checkbox" else "choice"
    return _TYPES.get(type_, "text")


def link_state(name: str, result: Mapping[str, Any] | None) -> LinkState:
    """Whether a property (None: absent) can serve as link."""
    if result is None:
        return LinkState("missing", name, "The property does not exist yet.")
    if result.get("type") != "string":
        return LinkState("unfit", name, f"The property exists with type {result.get('type')}, but a link is text.")
    if not result.get("hasUniqueValue"):
        return LinkState("unfit", name, "The property exists without unique values, which HubSpot can't add afterwards.")
    return LinkState("ready", name)


GROUPS = {"contacts": "contactinformation", "companies": "companyinformation", "deals": "dealinformation"}
"""The property group every account has for an object type."""


def link_definition(table: str, name: str, label: str) -> dict[str, Any]:
    """The body that creates a link property."""
    return {
        "groupName": GROUPS.get(table, f"{table.rstrip('s')}information"),
        "name": name,
        "label": label or name,
        "type": "string",
        "fieldType": "text",
        "hasUniqueValue": True,
        "formField": False,
        "description": "Id of the same record in the other system. Kept by the sync; do not edit.",
    }


def to_native(column: Column, value: Common) -> Native:
    """A value as text HubSpot accepts for the property. Raises ValueError."""
    if value is None or value == "":
        return None
    if column.type == "text":
        if column.max_length and len(value) > column.max_length:
            raise ValueError(f"is longer than {column.max_length} characters")
        return value
    trimmed = value.strip()  # HubSpot refuses blanks around values that are not text
    known = {option for option, _ in column.options}
    chosen = [part for part in trimmed.split(";") if part] if column.type == "multichoice" else [trimmed]
    if known and (unknown := [c for c in chosen if c not in known]):
        raise ValueError(f"{unknown[0]!r} is no option of {column.name}")
    if column.type == "boolean" and trimmed not in ("true", "false"):
        raise ValueError("is neither true nor false")
    if column.type in ("number", "integer"):
        float(trimmed)
    return trimmed
