"""The addresses of associations. `v3` shows them as id and type name, `v4` and the dated versions with all their labels."""

from __future__ import annotations

from typing import Any

from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.hubspot import associations, records
from reconcile_tui.sandbox.hubspot.associations import NAMES, PRIMARY, UNLABELED
from reconcile_tui.sandbox.hubspot.errors import invalid, success
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.hubspot.requests import body_of, inputs_of, object_in, objects_in, type_of
from reconcile_tui.sandbox.hubspot.schema import OBJECT_CODES
from reconcile_tui.sandbox.hubspot.shapes import Shape, times

Record = tuple[str, int]
"""Object type and id."""

READ, CREATE, ARCHIVE = 1000, 2000, 100
"""Inputs in one batch call."""


def listing(portal: Portal, call: Call, type: str, id: str, to_type: str, version: str = "v4") -> Answer:
    """A record's associations to one type."""
    from_type, target = type_of(type), type_of(to_type)
    row = records.require(portal, from_type, id)
    if version == "v3":
        found = associations.of(portal, from_type, row["_id"], [target])
        return success(200, found.get(target, {"results": []}))
    return success(200, {"results": _labelled(portal, from_type, row["_id"], target)})


def _labelled(portal: Portal, from_type: str, record_id: int, to_type: str) -> list[dict[str, Any]]:
    kinds: dict[int, list[int]] = {}
    for row in associations.rows(portal, from_type, record_id, to_type):
        kinds.setdefault(row["to_id"], []).append(row["type_id"])
    return [{"toObjectId": str(to_id), "associationTypes": [_kind(kind) for kind in types]} for to_id, types in kinds.items()]


def _kind(type_id: int) -> dict[str, Any]:
    return {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": "Primary" if type_id in PRIMARY.values() else None}


def put(portal: Portal, call: Call, type: str, id: str, to_type: str, to_id: str) -> Answer:
    """Associate two records as what the body's list says."""
    left, right = _both(portal, type, id, to_type, to_id)
    try:
        body = call.json()
    except ValueError as error:
        raise invalid(f"Invalid input JSON on line 1, column 1: {error}") from error
    kinds = _kinds({"types": body} if isinstance(body, list) else {})
    _connect(portal, left, right, kinds)
    labels = ["Primary"] if kinds & set(map(str, PRIMARY.values())) else []
    body = {
        "fromObjectTypeId": OBJECT_CODES[left[0]],
        "fromObjectId": str(left[1]),
        "toObjectTypeId": OBJECT_CODES[right[0]],
        "toObjectId": str(right[1]),
        "labels": labels,
    }
    return success(201, body)


def _connect(portal: Portal, left: Record, right: Record, kinds: set[str]) -> None:
    pair = (left[0], right[0])
    known = {str(UNLABELED.get(pair)), str(PRIMARY.get(pair))}
    if kinds - known:
        raise invalid(f"Invalid association types from {left[0]} to {right[0]}: {sorted(kinds - known)}")
    associations.connect(portal, *left, *right, primary=str(PRIMARY.get(pair)) in kinds)


def put_default(portal: Portal, call: Call, type: str, id: str, to_type: str, to_id: str) -> Answer:
    """Associate two records without a label."""
    left, right = _both(portal, type, id, to_type, to_id)
    return success(200, {"status": "COMPLETE", "results": _defaults(portal, left, right), **times(portal)})


def _defaults(portal: Portal, left: Record, right: Record) -> list[dict[str, Any]]:
    _connect(portal, left, right, set())
    pairs = ((left, right), (right, left))
    return [
        {
            "from": {"id": str(one[1])},
            "to": {"id": str(other[1])},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": UNLABELED[one[0], other[0]]},
        }
        for one, other in pairs
    ]


def put_named(portal: Portal, call: Call, type: str, id: str, to_type: str, to_id: str, kind: str) -> Answer:
    """The `v3` address: the type's name or number ends the path, and the answer is the record."""
    left, right = _both(portal, type, id, to_type, to_id)
    numbers = {name: number for number, name in NAMES.items()}
    _connect(portal, left, right, {str(numbers.get(kind, kind))})
    body = Shape(portal, left[0]).of(records.require(portal, left[0], str(left[1])))
    return success(200, {**body, "associations": associations.of(portal, left[0], left[1], [right[0]])})


def delete(portal: Portal, call: Call, type: str, id: str, to_type: str, to_id: str, kind: str = "") -> Answer:
    """Take an association away."""
    left, right = _both(portal, type, id, to_type, to_id)
    associations.disconnect(portal, *left, *right)
    return success(204)


def _both(portal: Portal, type: str, id: str, to_type: str, to_id: str) -> tuple[Record, Record]:
    from_type, target = type_of(type), type_of(to_type)
    left, right = records.require(portal, from_type, id), records.require(portal, target, to_id)
    return (from_type, left["_id"]), (target, right["_id"])


def batch_read(portal: Portal, call: Call, type: str, to_type: str) -> Answer:
    """The associations of many records; those without any are left out."""
    from_type, target = type_of(type), type_of(to_type)
    results = []
    for each in inputs_of(body_of(call), READ):
        record_id = records.current_id(portal, from_type, records.numeric(str(each.get("id", ""))))
        if found := _labelled(portal, from_type, record_id, target):
            results.append({"from": {"id": str(each["id"])}, "to": found})
    return success(200, {"status": "COMPLETE", "results": results, **times(portal)})


def batch_create(portal: Portal, call: Call, type: str, to_type: str) -> Answer:
    """Associate many pairs, as what each says."""
    results = []
    for each in inputs_of(body_of(call), CREATE):
        left, right = _both(portal, type, _end(each, "from"), to_type, _end(each, "to"))
        _connect(portal, left, right, _kinds(each))
        results.append({"fromObjectId": str(left[1]), "toObjectId": str(right[1]), "labels": []})
    return success(201, {"status": "COMPLETE", "results": results, **times(portal)})


def batch_default(portal: Portal, call: Call, type: str, to_type: str) -> Answer:
    """Associate many pairs without a label."""
    results = []
    for each in inputs_of(body_of(call), CREATE):
        results += _defaults(portal, *_both(portal, type, _end(each, "from"), to_type, _end(each, "to")))
    return success(200, {"status": "COMPLETE", "results": results, **times(portal)})


def batch_archive(portal: Portal, call: Call, type: str, to_type: str) -> Answer:
    """Take the associations of many records to others away."""
    for each in inputs_of(body_of(call), ARCHIVE):
        for to in objects_in(each, "to"):
            left, right = _both(portal, type, _end(each, "from"), to_type, str(to.get("id", "")))
            associations.disconnect(portal, *left, *right)
    return success(204)


def _end(each: dict[str, Any], name: str) -> str:
    return str(object_in(each, name).get("id", ""))


def _kinds(each: dict[str, Any]) -> set[str]:
    return {str(kind.get("associationTypeId")) for kind in objects_in(each, "types")}
