"""`POST …/search`: filter groups over an index that may lag behind, with its limits and its 10,000 cap."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson

from reconcile_tui.sandbox.clock import iso_milliseconds
from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.hubspot.errors import invalid, success
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.hubspot.requests import body_of, number_in, objects_in, texts_in, type_of
from reconcile_tui.sandbox.hubspot.schema import Property
from reconcile_tui.sandbox.hubspot.shapes import Shape
from reconcile_tui.sandbox.store import quoted

CAP, PAGE, GROUPS, FILTERS, ALL_FILTERS, QUERY = 10_000, 200, 5, 6, 18, 3000
SEARCHED = {
    "contacts": ("email", "firstname", "lastname", "phone", "mobilephone", "company", "hs_additional_emails"),
    "companies": ("name", "domain", "website", "phone"),
}
"""Properties that `query` looks in."""

Condition = tuple[str, list[Any]]


def search(portal: Portal, call: Call, type: str) -> Answer:
    """One page of what the index knows."""
    object_type = type_of(type)
    body = body_of(call)
    limit, after = number_in(body, "limit", 10), number_in(body, "after", 0)
    if not 1 <= limit <= PAGE:
        raise invalid(f"The limit must be between 1 and {PAGE}, received {limit}")
    if after < 0 or after + limit > CAP:
        raise invalid(f"Paging past {CAP} results is not supported; received after={after} and limit={limit}")
    where, values = _where(portal, object_type, body)
    order = _order(portal, object_type, body)
    shape = Shape(portal, object_type, texts_in(body, "properties"))
    source, extra = _index(portal, object_type)
    total = portal.store.value(f"SELECT count(*) FROM {source} WHERE {where}", [*extra, *values])
    sql = f"SELECT {shape.columns} FROM {source} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"
    rows = portal.store.all(sql, [*extra, *values, limit, after])
    found: dict[str, Any] = {"total": total, "results": [shape.of(row) for row in rows]}
    if after + limit < total:
        found["paging"] = {"next": {"after": str(after + limit)}}
    return success(200, found)


def _index(portal: Portal, object_type: str) -> Condition:
    """The records as the index shows them: for those written within the lag, what they were before."""
    lag = max(portal.options.hubspot_search_lag, portal.stale_seconds)
    since = portal.clock.now() - lag
    before = f"hs_{object_type}_before"
    if lag <= 0 or not portal.store.value(f"SELECT 1 FROM {before} WHERE _written > ? LIMIT 1", (since,)):
        return f"hs_{object_type}", []
    names = ", ".join(["_id", "_created", "_updated", "_archived", *map(quoted, portal.schema.columns(object_type))])
    recent = f"SELECT _id, min(_seq) AS _first FROM {before} WHERE _written > ? GROUP BY _id"
    sql = (
        f"(SELECT {names} FROM hs_{object_type} WHERE _id NOT IN (SELECT _id FROM ({recent})) UNION ALL "
        f"SELECT {names} FROM {before} WHERE _absent = 0 AND _seq IN (SELECT _first FROM ({recent})))"
    )
    return sql, [since, since]


def _order(portal: Portal, object_type: str, body: dict[str, Any]) -> str:
    sorts = body.get("sorts") or []
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise invalid("Only one sort is allowed")
    if not sorts:
        return "_id"
    first = _sort(sorts[0])
    definition = _property(portal, object_type, first.get("propertyName"))
    column = _numeric(definition) if definition.type == "number" else quoted(definition.column)
    direction = "DESC" if str(first.get("direction", "ASCENDING")).upper().startswith("DESC") else "ASC"
    return f"{column} {direction}, _id {direction}"


def _sort(given: Any) -> dict[str, Any]:
    """A sort as an object, as the same object in a string (the official Node client), or as a name with `-` for descending."""
    if isinstance(given, dict):
        return given
    text = str(given)
    if not text.startswith("{"):
        return {"propertyName": text.removeprefix("-"), "direction": "DESCENDING" if text.startswith("-") else "ASCENDING"}
    try:
        found = orjson.loads(text)
    except ValueError:
        raise invalid(f"Invalid sort: {text}") from None
    return dict(found)


def _property(portal: Portal, object_type: str, name: Any) -> Property:
    definition = portal.schema.live(object_type).get(str(name))
    if definition is None:
        raise invalid(f"There was a problem with the request: property {name} does not exist")
    return definition


def _where(portal: Portal, object_type: str, body: dict[str, Any]) -> Condition:
    groups = [objects_in(group, "filters") for group in objects_in(body, "filterGroups")]
    groups = groups or ([objects_in(body, "filters")] if body.get("filters") else [])
    counts = [len(group) for group in groups]
    if len(groups) > GROUPS or any(count > FILTERS for count in counts) or sum(counts) > ALL_FILTERS:
        raise invalid(f"Too many filters: at most {GROUPS} groups of {FILTERS}, {ALL_FILTERS} in all")
    conditions, values = ["_archived IS NULL"], []
    alternatives: list[str] = []
    for group in groups:
        parts = [_condition(portal, object_type, each) for each in group]
        alternatives.append("(" + " AND ".join(sql for sql, _ in parts or [("1", [])]) + ")")
        values += [value for _, found in parts for value in found]
    if alternatives:
        conditions.append("(" + " OR ".join(alternatives) + ")")
    query = str(body.get("query") or "")
    if len(query) > QUERY:
        raise invalid(f"The query must be at most {QUERY} characters long")
    for word in query.split():
        columns = SEARCHED[object_type]
        conditions.append("(" + " OR ".join(f"{quoted(name)} LIKE ? ESCAPE '\\'" for name in columns) + ")")
        values += [f"%{_escaped(word)}%"] * len(columns)
    return " AND ".join(conditions), values


def _escaped(text: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", text)


def _numeric(definition: Property) -> str:
    return "_id" if definition.column == "_id" else f"CAST({quoted(definition.column)} AS REAL)"


def _operand(definition: Property) -> tuple[str, Callable[[Any], Any]]:
    """How a property is compared: the SQL of its side, and what the filter's text becomes."""
    column = quoted(definition.column)
    if definition.column in ("_created", "_updated"):
        return column, _milliseconds
    if definition.type == "number":
        return _numeric(definition), _as_number
    if definition.type == "datetime":
        return column, lambda value: iso_milliseconds(_milliseconds(value))
    if definition.type == "date":
        return column, lambda value: iso_milliseconds(_milliseconds(value))[:10]
    if definition.type == "string":
        return f"fold({column})", lambda value: str(value).lower()
    return column, str


def _milliseconds(value: Any) -> int:
    from reconcile_tui.sandbox.hubspot.values import _moment

    try:
        return int(value) if re.fullmatch(r"-?\d+", str(value)) else _moment(str(value))
    except ValueError:
        raise invalid(f"{value} was not a valid date.") from None


def _as_number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise invalid(f"{value} was not a valid number.") from None


COMPARISONS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">=", "EQ": "=", "NEQ": "<>"}


def _condition(portal: Portal, object_type: str, each: dict[str, Any]) -> Condition:
    definition = _property(portal, object_type, each.get("propertyName"))
    operator = str(each.get("operator", ""))
    column = quoted(definition.column)
    side, convert = _operand(definition)
    if operator in COMPARISONS:
        value = convert(_given(each, "value"))
        if definition.type == "string" and value.isascii():
            side = f"{column} COLLATE NOCASE"  # the same comparison, with an index where there is one
        return f"{side} {COMPARISONS[operator]} ?", [value]
    if operator == "BETWEEN":
        return f"{side} BETWEEN ? AND ?", [convert(_given(each, "value")), convert(_given(each, "highValue"))]
    if operator in ("IN", "NOT_IN"):
        listed = _given(each, "values")
        values = [str(v) if definition.type == "string" else convert(v) for v in listed]  # text: taken as it is, lower case or not
        return f"{side} {operator.replace('_', ' ')} ({', '.join('?' * len(values))})", values
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return f"{column} IS {'NOT ' if operator == 'HAS_PROPERTY' else ''}NULL", []
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        return f"has_token({column}, ?) = {int(operator == 'CONTAINS_TOKEN')}", [str(_given(each, "value"))]
    raise invalid(f"Invalid input JSON: operator {operator} is unknown")


def _given(each: dict[str, Any], name: str) -> Any:
    if each.get(name) in (None, []):
        raise invalid(f"operator {each.get('operator')} requires {name}")
    return each[name]


def fold(text: str | None) -> str | None:
    """A text as the index compares it: without case."""
    return None if text is None else text.lower()


def has_token(text: str | None, pattern: str) -> int:
    """Whether a text holds the words of a pattern, `*` standing for the rest of a word."""
    words = [re.escape(word).replace(r"\*", r"[^\s]*") for word in pattern.lower().split()]
    subject = (text or "").lower()
    return int(all(re.search(rf"(?<![^\W_]){word}(?![^\W_])", subject) for word in words))
