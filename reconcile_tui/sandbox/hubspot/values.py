"""Which property values HubSpot accepts, and the form it stores them in: everything is text or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from reconcile_tui.sandbox.clock import iso_milliseconds, milliseconds, parse_moment
from reconcile_tui.sandbox.hubspot.errors import Invalid, invalid_values
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.hubspot.schema import Property
from reconcile_tui.sandbox.store import Row

LONGEST = 65_536
"""Characters in one value."""

STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
"""Lifecycle stages from the top of the funnel down; the API moves a record forward only."""

_EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]+@[^@\s,;<>()\[\]\\\"]+\.[^@\s.,;<>()\[\]\\\"]{2,}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


class _NotAccepted(Exception):
    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


def _string(value: str, definition: Property, before: str) -> str:
    if len(value) > LONGEST:
        raise _NotAccepted("PROPERTY_VALUE_TOO_LONG", f"{definition.name} is longer than {LONGEST} characters")
    if definition.name == "email":
        if not _EMAIL.fullmatch(value.strip()):
            raise _NotAccepted("INVALID_EMAIL", f"Email address {value} is invalid")
        return value.strip().lower()
    return value


def _number(value: str, definition: Property, before: str) -> str:
    if not _NUMBER.fullmatch(value):
        raise _NotAccepted("INVALID_INTEGER", f"{value} was not a valid number.")
    return value


def _bool(value: str, definition: Property, before: str) -> str:
    if value not in ("true", "false"):
        raise _NotAccepted("INVALID_OPTION", f"{value} was not one of the allowed options: [true, false]")
    return value


def _moment(value: str) -> int:
    if re.fullmatch(r"-?\d{11,14}", value):
        return int(value)
    return milliseconds(parse_moment(value))


def _datetime(value: str, definition: Property, before: str) -> str:
    try:
        return iso_milliseconds(_moment(value))
    except (ValueError, OverflowError, OSError):
        raise _NotAccepted("INVALID_DATE", f"{value} was not a valid date.") from None


def _date(value: str, definition: Property, before: str) -> str:
    text = _datetime(value, definition, before)
    if not text.endswith("T00:00:00.000Z"):
        raise _NotAccepted("INVALID_DATE", f"{value} is at {text[11:19]} UTC, not midnight!")
    return text[:10]


def _enumeration(value: str, definition: Property, before: str) -> str:
    many = definition.field_type == "checkbox"
    wanted = value.split(";") if many else [value]
    if many and value.startswith(";"):
        wanted = [*filter(None, before.split(";")), *wanted[1:]]
    allowed = dict(definition.options)
    if definition.name == "hubspot_owner_id":
        allowed = dict.fromkeys(wanted, "") if value.isdigit() else {}
    for part in wanted:
        if part not in allowed:
            listed = ", ".join(f'label: "{label}" value: "{option}"' for option, label in definition.options)
            raise _NotAccepted("INVALID_OPTION", f"{part} was not one of the allowed options: [{listed}]")
    return ";".join(dict.fromkeys(wanted))


_ACCEPT: dict[str, Callable[[str, Property, str], str]] = {
    "string": _string,
    "number": _number,
    "bool": _bool,
    "enumeration": _enumeration,
    "datetime": _datetime,
    "date": _date,
}


def accept(portal: Portal, object_type: str, properties: Any, row: Row | None = None) -> dict[str, str | None]:
    """The values of a create (`row` is None) or update, as they will be stored. Raises Refusal naming every bad one."""
    problems: list[Invalid] = []
    stored: dict[str, str | None] = {}
    known = portal.schema.live(object_type)
    for name, value in _as_mapping(properties).items():
        try:
            stored[name] = _accepted(known.get(name), name, value, row or {})
        except _NotAccepted as problem:
            problems.append(Invalid(name, problem.code, problem.message))
    if problems:
        raise invalid_values(problems, portal.id)
    return _forward_only(stored, row)


def _as_mapping(properties: Any) -> Mapping[str, Any]:
    if not isinstance(properties, dict):
        raise invalid_values([], 0)
    return properties


def _accepted(definition: Property | None, name: str, value: Any, row: Row) -> str | None:
    if definition is None:
        raise _NotAccepted("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if definition.read_only:
        raise _NotAccepted("READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
    text = _as_text(value)
    if text == "":
        return None
    if definition.type != "string" and text != text.strip():
        raise _NotAccepted("INVALID_VALUE", f'"{text}" has leading or trailing whitespace')
    return _ACCEPT[definition.type](text, definition, row.get(name) or "")


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise _NotAccepted("INVALID_VALUE", "a value must be text")


def _forward_only(stored: dict[str, str | None], row: Row | None) -> dict[str, str | None]:
    """Drop a lifecycle stage that would move the record back; clearing it is allowed."""
    new, old = stored.get("lifecyclestage"), (row or {}).get("lifecyclestage")
    if new and old and STAGES.index(new) < STAGES.index(old):
        return {name: value for name, value in stored.items() if name != "lifecyclestage"}
    return stored


def further(left: str | None, right: str | None) -> str | None:
    """The lifecycle stage that is further down the funnel."""
    known = [stage for stage in (left, right) if stage in STAGES]
    return max(known, key=STAGES.index) if known else left or right
