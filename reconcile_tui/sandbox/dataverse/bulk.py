"""CreateMultiple, UpdateMultiple and UpsertMultiple: many rows of one standard table, all or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconcile_tui.sandbox.dataverse import address, rows
from reconcile_tui.sandbox.dataverse.bodies import body_of, text_in
from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.errors import CONTENT_TYPE, bad_payload, no_key_record, no_record, unsupported
from reconcile_tui.sandbox.dataverse.payload import accept
from reconcile_tui.sandbox.dataverse.schema import Table
from reconcile_tui.sandbox.exchange import Answer, Call, json_answer
from reconcile_tui.sandbox.store import Row

ODATA = {"odata-version": "4.0"}


def multiple(env: Environment, call: Call, table: Table, name: str) -> Answer:
    """Run one of `_KNOWN` over the body's Targets; the surrounding transaction makes it all or none."""
    handler = _KNOWN.get(name)
    if handler is None:
        raise unsupported(f"{table.entity_set}/Microsoft.Dynamics.CRM.{name}")
    targets = body_of(call, table.entity_set).get("Targets")
    if not isinstance(targets, list) or not targets or not all(isinstance(each, dict) for each in targets):
        raise bad_payload(table.entity_set, "The parameter 'Targets' must be a list of rows.")
    return handler(env, call, table, targets)


def _create(env: Environment, call: Call, table: Table, targets: list[dict[str, Any]]) -> Answer:
    env.demand("Create", table)
    ids = [rows.create(env, table, accept(env, table, each, creating=True)) for each in targets]
    root = call.path[: call.path.index("/", len("/api/data/"))]
    body = {"@odata.context": f"{call.origin}{root}/$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse", "Ids": ids}
    return json_answer(200, body, CONTENT_TYPE, ODATA)


def _update(env: Environment, call: Call, table: Table, targets: list[dict[str, Any]]) -> Answer:
    env.demand("Write", table)
    for each in targets:
        rows.update(env, table, _existing(env, table, each), accept(env, table, each, creating=False))
    return Answer(204, b"", dict(ODATA))


def _existing(env: Environment, table: Table, each: dict[str, Any]) -> Row:
    row, reference = _found(env, table, each)
    if row is None:
        raise no_key_record() if "=" in reference else no_record(table.name, reference)
    return row


def _found(env: Environment, table: Table, each: dict[str, Any]) -> tuple[Row | None, str]:
    if each.get(table.key):
        return rows.fetch(env, table, str(each[table.key])), str(each[table.key])
    segments = address.segments(address.relative(text_in(each, "@odata.id")))
    if not segments or segments[-1].inside is None:
        raise bad_payload(table.entity_set, f"Each target needs '{table.key}' or '@odata.id'.")
    return address.find_row(env, table, segments[-1].inside), segments[-1].inside


def _upsert(env: Environment, call: Call, table: Table, targets: list[dict[str, Any]]) -> Answer:
    env.demand("Create", table)
    env.demand("Write", table)
    for each in targets:
        row, reference = _found(env, table, each)
        if row is not None:
            rows.update(env, table, row, accept(env, table, each, creating=False))
            continue
        keyed = {} if each.get(table.key) else address.key_values(env, table, reference)
        rows.create(env, table, {**accept(env, table, each, creating=True), **keyed})
    return Answer(204, b"", dict(ODATA))


_KNOWN: dict[str, Callable[[Environment, Call, Table, list[dict[str, Any]]], Answer]] = {
    "CreateMultiple": _create,
    "UpdateMultiple": _update,
    "UpsertMultiple": _upsert,
}
