"""Batch calls of up to 100 inputs, and when one of them answers 207."""

from __future__ import annotations

from collections import Counter
from typing import Any

from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.hubspot import objects, records
from reconcile_tui.sandbox.hubspot.errors import LEGACY_TYPE, Refusal, invalid, success
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.hubspot.requests import body_of, inputs_of, object_in, texts_in, type_of
from reconcile_tui.sandbox.hubspot.shapes import Shape, history, times, written
from reconcile_tui.sandbox.store import Row

Results = list[dict[str, Any]]


def read(portal: Portal, call: Call, type: str) -> Answer:
    """Records by id or by one unique property; missing ones make it a 207."""
    object_type = type_of(type)
    body = body_of(call)
    id_property, with_history = str(body.get("idProperty") or ""), texts_in(body, "propertiesWithHistory")
    shape = Shape(portal, object_type, texts_in(body, "properties"))
    archived = call.parameter("archived", "false") == "true"
    results: dict[int, dict[str, Any]] = {}
    missing: list[str] = []
    for each in inputs_of(body):
        reference = str(each.get("id", ""))
        row = _look_up(portal, object_type, reference, id_property, archived=archived)
        if row is None:
            missing.append(reference)
            continue
        results[row["_id"]] = shape.of(row)
        if with_history:
            results[row["_id"]]["propertiesWithHistory"] = history(portal, object_type, row, with_history)
    return _complete(portal, 200, list(results.values()), _missing(object_type, missing))


def _look_up(portal: Portal, object_type: str, reference: str, id_property: str, *, archived: bool = False) -> Row | None:
    try:
        return records.find(portal, object_type, reference, id_property, archived=archived)
    except Refusal as refusal:
        if refusal.status == 404:
            return None
        raise


def _missing(object_type: str, ids: list[str]) -> Results:
    if not ids:
        return []
    message = f"Could not get some {LEGACY_TYPE[object_type]} objects, they may be deleted or not exist. Check that ids are valid."
    return [{"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": ids}}]


def _complete(portal: Portal, status: int, results: Results, errors: Results) -> Answer:
    body: dict[str, Any] = {"status": "COMPLETE", "results": results}
    if errors:
        body.update(numErrors=len(errors), errors=errors)
    return success(207 if errors else status, {**body, **times(portal)})


def create(portal: Portal, call: Call, type: str, version: str = "v3") -> Answer:
    """All or nothing, unless every input carries its own `objectWriteTraceId`."""
    object_type = type_of(type)
    inputs = inputs_of(body_of(call))
    traces = [str(each.get("objectWriteTraceId") or "") for each in inputs]
    partial = all(traces) and len(set(traces)) == len(traces)
    _refuse_twins([str(object_in(each, "properties").get("email") or "").lower() for each in inputs])
    results: Results = []
    errors: Results = []
    for each, trace in zip(inputs, traces, strict=True):
        try:
            with portal.store.transaction():
                body = written(portal, object_type, objects.created(portal, object_type, each, version))
                results.append({**body, "objectWriteTraceId": trace} if trace else body)
        except Refusal as refusal:
            if not partial:
                raise
            errors.append(_traced(refusal, trace))
    return _complete(portal, 201, results, errors)


def _traced(refusal: Refusal, trace: str) -> dict[str, Any]:
    body = {"status": "error", "category": "VALIDATION_ERROR", "message": refusal.message, "context": {"objectWriteTraceId": [trace]}}
    if refusal.extra.get("errors"):
        body["errors"] = refusal.extra["errors"]
    return body


def _refuse_twins(references: list[str]) -> None:
    twins = [reference for reference, count in Counter(filter(None, references)).items() if count > 1]
    if twins:
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(twins)}]. IDs must be unique")


def update(portal: Portal, call: Call, type: str) -> Answer:
    """Updates by id or custom unique property; ids that a merge has replaced are skipped without a word."""
    object_type = type_of(type)
    inputs = inputs_of(body_of(call))
    _refuse_twins([str(each.get("id", "")) for each in inputs])
    results: Results = []
    missing: list[str] = []
    for each in inputs:
        reference, id_property = str(each.get("id", "")), str(each.get("idProperty") or "")
        if id_property == "email":
            raise invalid("Unable to perform update/upsert by non-unique 0-1 property")
        row = _look_up(portal, object_type, reference, id_property)
        if row is None:
            missing.append(reference)
        elif id_property or str(row["_id"]) == reference:
            results.append(written(portal, object_type, objects.changed(portal, object_type, row, each.get("properties"))))
    return _complete(portal, 200, results, _missing(object_type, missing))


def upsert(portal: Portal, call: Call, type: str, version: str = "v3") -> Answer:
    """Update what exists by a unique property, create what doesn't; each result says whether it is new."""
    object_type = type_of(type)
    inputs = inputs_of(body_of(call))
    _refuse_twins([str(each.get("id", "")).lower() for each in inputs])
    results = [_upserted(portal, object_type, each, version) for each in inputs]
    return _complete(portal, 200, results, [])


def _upserted(portal: Portal, object_type: str, each: dict[str, Any], version: str) -> dict[str, Any]:
    reference, id_property = str(each.get("id", "")), str(each.get("idProperty") or "")
    if not id_property or id_property == "hs_object_id":
        raise invalid("idProperty must name a unique property for upsert")
    properties = {id_property: reference, **object_in(each, "properties")}
    row = records.find(portal, object_type, reference, id_property)
    if row is None:
        return {**written(portal, object_type, objects.created(portal, object_type, {"properties": properties}, version)), "new": True}
    if id_property == "email":
        properties.pop("email")  # found by a secondary address, the primary one stays
    return {**written(portal, object_type, objects.changed(portal, object_type, row, properties)), "new": False}


def archive(portal: Portal, call: Call, type: str) -> Answer:
    """Into the recycle bin."""
    object_type = type_of(type)
    for each in inputs_of(body_of(call)):
        row = _look_up(portal, object_type, str(each.get("id", "")), "")
        if row is not None:
            records.archive(portal, object_type, row)
    return success(204)
