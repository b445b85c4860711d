"""Create, read, update, upsert and delete single rows and columns, with etags."""

from __future__ import annotations

from typing import Any

from reconcile_tui.sandbox.dataverse import address, query, rows, tracking
from reconcile_tui.sandbox.dataverse.bodies import body_of
from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.errors import CONTENT_TYPE, bad_payload, changed, exists, no_key_record, no_record, no_segment
from reconcile_tui.sandbox.dataverse.expressions import GUID_TEXT
from reconcile_tui.sandbox.dataverse.payload import accept, referenced
from reconcile_tui.sandbox.dataverse.preferences import Preferences
from reconcile_tui.sandbox.dataverse.present import Presentation
from reconcile_tui.sandbox.dataverse.schema import Table
from reconcile_tui.sandbox.exchange import Answer, Call, json_answer
from reconcile_tui.sandbox.store import Row

ODATA = {"odata-version": "4.0"}


def listing(env: Environment, call: Call, table: Table) -> Answer:
    """A page of the table."""
    env.demand("Read", table)
    body = tracking.read(env, call, table) if tracking.tracked(call) else query.collection(env, call, table)
    return shown(200, body, call)


def counted(env: Environment, call: Call, table: Table) -> Answer:
    """`…/$count` as text."""
    env.demand("Read", table)
    total, _ = query.count(env, table, query.where(env, table, query.options_of(call).get("$filter", "")))
    return Answer(200, str(total).encode(), {"content-type": "text/plain", **ODATA})


def shown(status: int, body: Any, call: Call) -> Answer:
    """A JSON answer that says which preferences were applied."""
    preferences = Preferences.of(call)
    applied = {"preference-applied": preferences.text} if preferences.text and status in (200, 201) else {}
    return json_answer(status, body, CONTENT_TYPE, {**ODATA, **applied})


def located(call: Call, table: Table, record_id: str) -> dict[str, str]:
    """The headers that name a written row."""
    root = call.path[: call.path.index("/", len("/api/data/"))]
    url = f"{call.origin}{root}/{table.entity_set}({record_id})"
    return {"odata-entityid": url, **ODATA}


def present(env: Environment, call: Call, table: Table, record_id: str) -> dict[str, Any]:
    """One row as its own answer."""
    options = query.options_of(call)
    preferences = Preferences.of(call)
    row = rows.require(env, table, record_id)
    presentation = Presentation(env, table, query.selected(table, options.get("$select", "")), preferences)
    found = presentation.of([row])
    if "$expand" in options:
        query.expand(env, table, [row], found, options["$expand"], preferences)
    return {"@odata.context": query.context(call, table, options.get("$select", ""), "/$entity"), **found[0]}


def create(env: Environment, call: Call, table: Table) -> Answer:
    """204 with the row's address, or 201 with the row."""
    env.demand("Create", table)
    values = accept(env, table, body_of(call, table.entity_set), creating=True)
    return _created(env, call, table, rows.create(env, table, values))


def _created(env: Environment, call: Call, table: Table, record_id: str) -> Answer:
    headers = located(call, table, record_id)
    headers["location"] = headers["odata-entityid"]
    return _written(env, call, table, record_id, 201, headers)


def _written(env: Environment, call: Call, table: Table, record_id: str, status: int, headers: dict[str, str]) -> Answer:
    if not Preferences.of(call).representation:
        return Answer(204, b"", headers)
    answer = shown(status, present(env, call, table, record_id), call)
    answer.headers = {**headers, **answer.headers}
    return answer


def find(env: Environment, table: Table, inside: str) -> Row:
    """The row that a key names. Raises Refusal."""
    row = address.find_row(env, table, inside)
    if row is None:
        raise no_record(table.name, inside.strip("{}")) if GUID_TEXT.fullmatch(inside.strip("{}")) else no_key_record()
    return row


def get(env: Environment, call: Call, table: Table, inside: str) -> Answer:
    """One row; 304 when the client has this version."""
    env.demand("Read", table)
    row = find(env, table, inside)
    if call.headers.get("if-none-match") == rows.etag(row):
        return Answer(304, b"", {"etag": rows.etag(row), **ODATA})
    return shown(200, present(env, call, table, row[table.key]), call)


def upsert(env: Environment, call: Call, table: Table, inside: str) -> Answer:
    """PATCH: update, or create a row that isn't there unless `If-Match` forbids it."""
    row = address.find_row(env, table, inside)
    if_match, if_none = call.headers.get("if-match"), call.headers.get("if-none-match")
    if row is None:
        if if_match is not None:
            find(env, table, inside)
        return _create_at(env, call, table, inside)
    if if_none == "*":
        raise exists()
    check_version(row, if_match)
    env.demand("Write", table)
    rows.update(env, table, row, accept(env, table, body_of(call, table.entity_set), creating=False))
    return _written(env, call, table, row[table.key], 200, located(call, table, row[table.key]))


def check_version(row: Row, if_match: str | None) -> None:
    """Raise the 412 for an etag that is not the row's."""
    if if_match not in (None, "*", rows.etag(row)):
        raise changed()


def _create_at(env: Environment, call: Call, table: Table, inside: str) -> Answer:
    env.demand("Create", table)
    values = accept(env, table, body_of(call, table.entity_set), creating=True)
    text = inside.strip("{}")
    if GUID_TEXT.fullmatch(text):
        return _created(env, call, table, rows.create(env, table, values, text))
    keyed = address.key_values(env, table, inside)
    return _created(env, call, table, rows.create(env, table, {**values, **keyed}, str(keyed.get(table.key) or "")))


def delete(env: Environment, call: Call, table: Table, inside: str) -> Answer:
    """Remove a row."""
    row = find(env, table, inside)
    check_version(row, call.headers.get("if-match"))
    env.demand("Delete", table)
    rows.delete(env, table, row)
    return Answer(204, b"", dict(ODATA))


def property_of(env: Environment, call: Call, table: Table, inside: str, name: str) -> Answer:
    """One column or lookup of one row: GET, PUT and DELETE."""
    row = find(env, table, inside)
    column = table.by_wire(name)
    if column is None:
        raise no_segment(name)
    if call.method == "GET":
        value = row[column.name]
        if value is None:
            return Answer(204, b"", dict(ODATA))
        root = query.context(call, table, "", f"({row[table.key]})/{name}")
        return json_answer(200, {"@odata.context": root, "value": bool(value) if column.type == "bool" else value}, CONTENT_TYPE, ODATA)
    body = body_of(call, table.entity_set)
    if call.method == "PUT" and "value" not in body:
        raise bad_payload(table.entity_set, "A property with name 'value' was expected.")
    check_version(row, call.headers.get("if-match"))
    env.demand("Write", table)
    value = body["value"] if call.method == "PUT" else None
    rows.update(env, table, row, accept(env, table, {name: value}, creating=False))
    return Answer(204, b"", dict(ODATA))


def reference_of(env: Environment, call: Call, table: Table, inside: str, name: str) -> Answer:
    """`…/parentcustomerid_account/$ref`: set a lookup, or clear it."""
    row = find(env, table, inside)
    match = next((column for nav, column, _ in table.navigations() if nav == name), None)
    if match is None:
        raise no_segment(name)
    env.demand("Write", table)
    if call.method == "DELETE":
        body: dict[str, Any] = {f"{name}@odata.bind": None}
    else:
        target = str(body_of(call, table.entity_set).get("@odata.id", ""))
        referenced(env, table, target)
        body = {f"{name}@odata.bind": target}
    rows.update(env, table, row, accept(env, table, body, creating=False))
    return Answer(204, b"", dict(ODATA))
