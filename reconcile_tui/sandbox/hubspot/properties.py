"""The properties API: read, create, change and archive definitions and groups."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.hubspot.errors import Refusal, invalid, success
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.hubspot.requests import body_of, flag, inputs_of, number_in, objects_in, type_of
from reconcile_tui.sandbox.hubspot.schema import Property
from reconcile_tui.sandbox.hubspot.shapes import times

TYPES = ("bool", "enumeration", "date", "datetime", "string", "number", "object_coordinates", "json", "phone_number")
FIELD_TYPES = (
    "text",
    "textarea",
    "number",
    "date",
    "select",
    "radio",
    "checkbox",
    "booleancheckbox",
    "phonenumber",
    "file",
    "html",
    "calculation_equation",
)
MOST_UNIQUE, MOST_CUSTOM = 10, 1000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
GROUPS = {
    "contacts": {"contactinformation": "Contact Information"},
    "companies": {"companyinformation": "Company Information"},
}


def listing(portal: Portal, call: Call, type: str) -> Answer:
    """Every definition; `archived=true` gives the archived ones instead."""
    archived = flag(call, "archived")
    found = [p.as_json() for p in portal.schema.properties[type_of(type)].values() if p.archived == archived]
    return success(200, {"results": found})


def get(portal: Portal, call: Call, type: str, name: str) -> Answer:
    """One definition."""
    return success(200, _require(portal, type_of(type), name, archived=flag(call, "archived")).as_json())


def _require(portal: Portal, object_type: str, name: str, *, archived: bool = False) -> Property:
    definition = portal.schema.properties[object_type].get(name.lower())
    if definition is None or definition.archived != archived:
        raise Refusal(
            404,
            f"Property {object_type}.{name} does not exist",
            category="OBJECT_NOT_FOUND",
            subCategory="PropertyValidationError.PROPERTY_NOT_FOUND",
            context={"propertyName": [name]},
        )
    return definition


def create(portal: Portal, call: Call, type: str) -> Answer:
    """A custom property; `hasUniqueValue` can only be set here."""
    return success(201, _created(portal, type_of(type), body_of(call)).as_json())


def _created(portal: Portal, object_type: str, body: dict[str, Any]) -> Property:
    definition = _defined(portal, object_type, body)
    known = portal.schema.properties[object_type].get(definition.name)
    if known is not None and not known.archived:
        raise Refusal(409, f"A property named '{definition.name}' already exists.", category="OBJECT_ALREADY_EXISTS")
    custom = [p for p in portal.schema.live(object_type).values() if not p.standard]
    if definition.unique and sum(p.unique for p in custom) >= MOST_UNIQUE:
        raise invalid(f"{object_type} can have at most {MOST_UNIQUE} properties with unique values")
    if len(custom) >= MOST_CUSTOM:
        raise invalid(f"{object_type} can have at most {MOST_CUSTOM} custom properties")
    portal.schema.add(object_type, definition)
    return definition


def _defined(portal: Portal, object_type: str, body: dict[str, Any]) -> Property:
    missing = [name for name in ("name", "label", "type", "fieldType", "groupName") if not body.get(name)]
    if missing:
        raise invalid(f"Invalid input JSON: some required fields were not set: [{', '.join(missing)}]")
    name, kind, field_type = str(body["name"]), str(body["type"]), str(body["fieldType"])
    if not _NAME.fullmatch(name):
        raise invalid(f"Property name '{name}' is invalid: lower-case letters, digits and underscores, starting with a letter")
    if kind not in TYPES or field_type not in FIELD_TYPES:
        raise invalid(f"'{kind}' with field type '{field_type}' is not a valid property type")
    if str(body["groupName"]) not in _groups(portal, object_type):
        raise invalid(f"The property group '{body['groupName']}' does not exist")
    now = portal.now()
    return Property(
        name=name,
        label=str(body["label"]),
        type=kind,
        field_type=field_type,
        options=_options(body),
        group=str(body["groupName"]),
        description=str(body.get("description") or ""),
        unique=body.get("hasUniqueValue") is True,
        standard=False,
        hidden=body.get("hidden") is True,
        form_field=body.get("formField") is True,
        display_order=number_in(body, "displayOrder", -1),
        created=now,
        updated=now,
    )


def _options(body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(option.get("value", "")), str(option.get("label", ""))) for option in objects_in(body, "options"))


def update(portal: Portal, call: Call, type: str, name: str) -> Answer:
    """Label, description, options, group or type of a custom property; name and uniqueness are for ever."""
    object_type, body = type_of(type), body_of(call)
    old = _require(portal, object_type, name)
    if old.standard:
        raise invalid(f"Property {name} is defined by HubSpot and can't be changed")
    new = replace(
        old,
        label=str(body.get("label") or old.label),
        description=str(body.get("description", old.description)),
        options=_options(body) if "options" in body else old.options,
        hidden=bool(body.get("hidden", old.hidden)),
        updated=portal.now(),
    )
    portal.schema.save(object_type, new)
    return success(200, new.as_json())


def archive(portal: Portal, call: Call, type: str, name: str) -> Answer:
    """Hide a custom property."""
    object_type = type_of(type)
    if _require(portal, object_type, name).standard:
        raise invalid(f"Property {name} is defined by HubSpot and can't be archived")
    portal.schema.archive(object_type, name, portal.now())
    return success(204)


def batch(portal: Portal, call: Call, type: str, verb: str) -> Answer:
    """Batch read, create and archive of definitions."""
    object_type, body = type_of(type), body_of(call)
    inputs = inputs_of(body)
    if verb == "create":
        results = [_created(portal, object_type, each).as_json() for each in inputs]
        return success(201, {"status": "COMPLETE", "results": results, **times(portal)})
    names = [str(each.get("name", "")) for each in inputs]
    if verb == "archive":
        for name in names:
            portal.schema.archive(object_type, _require(portal, object_type, name).name, portal.now())
        return success(204)
    if verb != "read":
        raise Refusal(404, "resource not found")
    known = portal.schema.properties[object_type]
    results = [known[name].as_json() for name in names if name in known and known[name].archived == bool(body.get("archived"))]
    return success(200, {"status": "COMPLETE", "results": results, **times(portal)})


def _groups(portal: Portal, object_type: str) -> dict[str, str]:
    rows = portal.store.all("SELECT name, label FROM hs_group WHERE object_type = ?", (object_type,))
    return {**GROUPS[object_type], **{row["name"]: row["label"] for row in rows}}


def _group(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "displayOrder": -1, "archived": False}


def groups(portal: Portal, call: Call, type: str) -> Answer:
    """The groups that properties stand in."""
    return success(200, {"results": [_group(*each) for each in _groups(portal, type_of(type)).items()]})


def group(portal: Portal, call: Call, type: str, name: str) -> Answer:
    """One group."""
    known = _groups(portal, type_of(type))
    if name not in known:
        raise Refusal(404, f"Property group {name} does not exist", category="OBJECT_NOT_FOUND")
    return success(200, _group(name, known[name]))


def create_group(portal: Portal, call: Call, type: str) -> Answer:
    """A group of one's own."""
    object_type, body = type_of(type), body_of(call)
    name, label = str(body.get("name") or ""), str(body.get("label") or "")
    if not name or not label:
        raise invalid("Invalid input JSON: some required fields were not set: [name, label]")
    if name in _groups(portal, object_type):
        raise Refusal(409, f"A property group named '{name}' already exists.", category="OBJECT_ALREADY_EXISTS")
    portal.store.insert("hs_group", {"object_type": object_type, "name": name, "label": label})
    return success(201, _group(name, label))
