"""List, get, create, update and archive single records."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.hubspot import associations, records
from reconcile_tui.sandbox.hubspot.errors import LEGACY_TYPE, Invalid, Refusal, invalid, invalid_values, not_found, success
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.hubspot.requests import body_of, flag, limit_of, objects_in, type_of
from reconcile_tui.sandbox.hubspot.shapes import Shape, history, written
from reconcile_tui.sandbox.hubspot.values import accept
from reconcile_tui.sandbox.store import Row

PAGE, PAGE_WITH_HISTORY = 100, 50
NEW_CONTACT = {
    "lifecyclestage": "lead",
    "hs_is_contact": "true",
    "hs_is_unworked": "true",
    "hs_marketable_status": "false",
    "hs_marketable_until_renewal": "false",
    "hs_pipeline": "contacts-lifecycle-pipeline",
    "hs_object_source": "INTEGRATION",
    "hs_object_source_label": "INTEGRATION",
    "hs_object_source_id": "sandbox",
}
"""What a contact made through the API has besides what was sent."""


def listing(portal: Portal, call: Call, type: str) -> Answer:
    """One page in the order of ids; `after` is the id of the next record. No total and no cap."""
    object_type = type_of(type)
    with_history = call.listed("propertiesWithHistory")
    limit = limit_of(call, 10, PAGE_WITH_HISTORY if with_history else PAGE)
    after = call.parameter("after", "0")
    if not after.isdigit():
        raise invalid(f"Invalid paging cursor: {after}")
    shape = Shape(portal, object_type, call.listed("properties"))
    state = "IS NOT NULL" if flag(call, "archived") else "IS NULL"
    columns = "*" if with_history else shape.columns
    sql = f"SELECT {columns} FROM hs_{object_type} WHERE _id >= ? AND _archived {state} ORDER BY _id LIMIT ?"
    rows = portal.store.all(sql, (int(after), limit + 1))
    body: dict[str, Any] = {"results": _objects(portal, call, object_type, rows[:limit], shape)}
    if len(rows) > limit:
        body["paging"] = {"next": {"after": str(rows[limit]["_id"]), "link": next_link(call, str(rows[limit]["_id"]))}}
    return success(200, body)


def next_link(call: Call, after: str) -> str:
    """The address of the next page: this one's, with another cursor."""
    kept = [(name, value) for name, values in call.parameters().items() if name != "after" for value in values]
    return f"{call.origin}{call.path}?{urlencode([*kept, ('after', after)])}"


def _objects(portal: Portal, call: Call, object_type: str, rows: list[Row], shape: Shape) -> list[dict[str, Any]]:
    with_history, associated = call.listed("propertiesWithHistory"), call.listed("associations")
    results = []
    for row in rows:
        body = shape.of(row)
        if with_history:
            body["propertiesWithHistory"] = history(portal, object_type, row, with_history)
        if associated and (found := associations.of(portal, object_type, row["_id"], associated)):
            body["associations"] = found
        results.append(body)
    return results


def get(portal: Portal, call: Call, type: str, id: str) -> Answer:
    """One record by id, a merged-away id, an address or another unique value."""
    object_type = type_of(type)
    row = records.require(portal, object_type, id, call.parameter("idProperty"), archived=flag(call, "archived"))
    shape = Shape(portal, object_type, call.listed("properties"))
    return success(200, _objects(portal, call, object_type, [row], shape)[0])


def create(portal: Portal, call: Call, type: str, version: str = "v3") -> Answer:
    """A new record, and its associations."""
    object_type = type_of(type)
    row = created(portal, object_type, body_of(call), version)
    location = f"{call.origin}{call.path}/{row['_id']}"
    return success(201, written(portal, object_type, row), {"location": location})


def created(portal: Portal, object_type: str, body: dict[str, Any], version: str) -> Row:
    """Store what one create input says. Raises Refusal."""
    values = accept(portal, object_type, body.get("properties", {}))
    _demand(portal, object_type, values, version)
    records.refuse_taken(portal, object_type, values, 0, creating=True)
    defaults = NEW_CONTACT if object_type == "contacts" else {}
    row = records.insert(portal, object_type, {**defaults, **derived(object_type, values), **values})
    for wanted in objects_in(body, "associations"):
        associations.add_from_create(portal, object_type, row["_id"], wanted)
    return records.require(portal, object_type, str(row["_id"]))


def _demand(portal: Portal, object_type: str, values: records.Values, version: str) -> None:
    """Required properties; only the newest version of the API enforces the account's own rules."""
    if version != "2026-09" or object_type != "contacts":
        return
    missing = [name for name in portal.options.hubspot_required if not values.get(name)]
    if missing:
        problems = [Invalid(name, "REQUIRED_FIELD", f'Property "{name}" is required') for name in missing]
        raise invalid_values(problems, portal.id)


def derived(object_type: str, values: records.Values) -> dict[str, str | None]:
    """Properties that follow from others."""
    if object_type != "contacts":
        return {}
    found: dict[str, str | None] = {}
    if "email" in values:
        found["hs_email_domain"] = (values["email"] or "").partition("@")[2] or None
    return found


def update(portal: Portal, call: Call, type: str, id: str) -> Answer:
    """Change some properties of a record; a merged-away id changes the record it went into."""
    object_type = type_of(type)
    row = records.require(portal, object_type, id, call.parameter("idProperty"))
    return success(200, written(portal, object_type, changed(portal, object_type, row, body_of(call).get("properties"))))


def changed(portal: Portal, object_type: str, row: Row, properties: Any) -> Row:
    """Store what one update says. Raises Refusal."""
    values = accept(portal, object_type, properties, row)
    records.refuse_taken(portal, object_type, values, row["_id"], creating=False)
    return records.update(portal, object_type, row, {**derived(object_type, values), **values})


def archive(portal: Portal, call: Call, type: str, id: str) -> Answer:
    """Into the recycle bin; an id that is not there is no error."""
    object_type = type_of(type)
    row = records.find(portal, object_type, id)
    if row is not None:
        records.archive(portal, object_type, row)
    return success(204)


def forget(portal: Portal, call: Call, type: str) -> Answer:
    """`gdpr-delete`: gone for good."""
    object_type = type_of(type)
    if LEGACY_TYPE[object_type] != "CONTACT":
        raise not_found()
    body = body_of(call)
    row = records.find(portal, object_type, str(body.get("objectId", "")), str(body.get("idProperty") or ""))
    if row is None:
        raise Refusal(404, "resource not found")
    records.erase(portal, object_type, row["_id"])
    return success(204)
