"""Reading the body of a write: which columns there are, what they take, where lookups point."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from reconcile_tui.sandbox.clock import iso_seconds, parse_moment
from reconcile_tui.sandbox.dataverse import address, rows
from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.errors import Refusal, bad_option, bad_payload, no_record, out_of_range, too_long
from reconcile_tui.sandbox.dataverse.schema import CHOICES, LOOKUPS, TEXTS, Column, Table

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def accept(env: Environment, table: Table, body: dict[str, Any], *, creating: bool) -> dict[str, Any]:
    """The body's values as they will be stored. Columns that can't be set are ignored, as the vendor does. Raises Refusal."""
    stored: dict[str, Any] = {}
    navigations = {name: (column, target) for name, column, target in table.navigations()}
    for name, value in body.items():
        if name.endswith("@odata.bind"):
            stored.update(_bound(env, table, navigations, name.removesuffix("@odata.bind"), value))
        elif "@" in name:
            continue  # annotations say nothing new
        elif name in navigations and value is None:
            column, _ = navigations[name]
            stored.update({column.name: None, column.target_column: None})
        else:
            stored.update(_value(table, name, value, creating=creating))
    return stored


def _value(table: Table, name: str, value: Any, *, creating: bool) -> dict[str, Any]:
    column = table.columns.get(name)
    if column is None or column.type in LOOKUPS:
        if column is not None or table.by_wire(name) is not None:
            text = "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead."
            raise bad_payload(table.entity_set, text)
        text = (
            f"The property '{name}' does not exist on type 'Microsoft.Dynamics.CRM.{table.name}'. Make sure to only use property "
            "names that are defined by the type."
        )
        raise bad_payload(table.entity_set, text)
    if not (column.creatable if creating else column.updatable):
        return {}
    return {name: None if value is None or value == "" else stored_form(table, column, value)}


def stored_form(table: Table, column: Column, value: Any) -> Any:
    """One value as it is stored. Raises Refusal for what the column doesn't take."""
    return _FORMS[column.type](table, column, value)


def _mismatch(table: Table, column: Column, value: Any, expected: str) -> Refusal:
    text = f"Cannot convert the literal '{value}' to the expected type '{expected}'."
    return bad_payload(table.entity_set, f"{text} Property: {column.name}")


def _text(table: Table, column: Column, value: Any) -> str:
    if not isinstance(value, str):
        raise _mismatch(table, column, value, "Edm.String")
    if column.max_length is not None and len(value.encode("utf-16-le")) // 2 > column.max_length:
        raise too_long(table.name, column.name, column.max_length)
    return value


def _whole(table: Table, column: Column, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _mismatch(table, column, value, "Edm.Int32")
    if not column.least <= value <= column.most:
        raise out_of_range(table.name, column.name, column.least, column.most, whole=True)
    return value


def _amount(table: Table, column: Column, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _mismatch(table, column, value, "Edm.Decimal")
    if not column.least <= value <= column.most:
        raise out_of_range(table.name, column.name, column.least, column.most, whole=False)
    return value


def _bool(table: Table, column: Column, value: Any) -> int:
    if not isinstance(value, bool):
        raise _mismatch(table, column, value, "Edm.Boolean")
    return int(value)


def _choice(table: Table, column: Column, value: Any) -> int:
    number = _whole(table, column, value)
    allowed = [option for option, _, _ in column.options]
    if number not in allowed:
        raise bad_option(table.name, column.name, value, allowed)
    return number


def _datetime(table: Table, column: Column, value: Any) -> str:
    try:
        return iso_seconds(parse_moment(str(value)))
    except (ValueError, OverflowError):
        raise _mismatch(table, column, value, "Edm.DateTimeOffset") from None


def _date(table: Table, column: Column, value: Any) -> str:
    return _datetime(table, column, value)[:10]


def _guid(table: Table, column: Column, value: Any) -> str:
    if not GUID.fullmatch(str(value)):
        raise _mismatch(table, column, value, "Edm.Guid")
    return str(value).lower()


_FORMS: dict[str, Callable[[Table, Column, Any], Any]] = {
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(CHOICES, _choice),
    "integer": _whole,
    "bigint": _whole,
    "money": _amount,
    "decimal": _amount,
    "bool": _bool,
    "datetime": _datetime,
    "date": _date,
    "key": _guid,
}


def _bound(env: Environment, table: Table, navigations: dict[str, tuple[Column, str]], name: str, value: Any) -> dict[str, Any]:
    """A lookup written as `navigation@odata.bind`."""
    if name not in navigations:
        text = f"An undeclared property '{name}' which only has property annotations in the payload but no property value was found."
        raise bad_payload(table.entity_set, text)
    column, target = navigations[name]
    if not column.creatable:
        return {}
    if value is None:
        return {column.name: None, column.target_column: None}
    other, row = referenced(env, table, str(value))
    if other.name != target:
        raise bad_payload(table.entity_set, f"The reference of '{name}' must be to '{target}', not to '{other.name}'.")
    return {column.name: row[other.key], column.target_column: other.name}


def referenced(env: Environment, table: Table, reference: str) -> tuple[Table, dict[str, Any]]:
    """The row that `/accounts(<guid>)`, an alternate key or a full address points to. Raises Refusal."""
    segments = address.segments(address.relative(reference))
    if not segments or segments[-1].inside is None:
        raise bad_payload(table.entity_set, f"The URI '{reference}' is not valid.")
    other = env.table_of_set(segments[-1].name)
    found = address.find_row(env, other, segments[-1].inside)
    if found is None:
        raise no_record(other.name, segments[-1].inside)
    return other, rows.require(env, other, found[other.key])
