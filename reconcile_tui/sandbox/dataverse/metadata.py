"""`EntityDefinitions`: reading tables, columns, options and keys; creating columns and keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from reconcile_tui.sandbox.dataverse import customize
from reconcile_tui.sandbox.dataverse.address import Segment
from reconcile_tui.sandbox.dataverse.definitions import NAMES, column_definition, key_definition, option_set, table_definition
from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.errors import CONTENT_TYPE, Refusal, no_segment, unsupported
from reconcile_tui.sandbox.dataverse.evaluate import matches
from reconcile_tui.sandbox.dataverse.expressions import GUID_TEXT, literal, parse
from reconcile_tui.sandbox.dataverse.query import options_of
from reconcile_tui.sandbox.dataverse.schema import Column, Table
from reconcile_tui.sandbox.exchange import Answer, Call, json_answer

ODATA = {"odata-version": "4.0"}


def definitions(env: Environment, call: Call, segments: list[Segment]) -> Answer:
    """Everything below `EntityDefinitions`."""
    if segments[0].inside is None:
        return _tables(env, call)
    table = _table(env, segments[0].inside)
    if len(segments) == 1:
        return _one_table(env, call, table)
    collections: dict[str, Callable[..., Answer]] = {"Attributes": _attributes, "Keys": _keys}
    handler = collections.get(segments[1].name)
    if handler is None:
        raise unsupported(f"EntityDefinitions/{segments[1].name}")
    return handler(env, call, table, segments[1:])


def _table(env: Environment, inside: str) -> Table:
    """The table that `LogicalName='contact'` or an id names. Raises Refusal."""
    if GUID_TEXT.fullmatch(inside):
        found = next((table for table in env.schema.tables.values() if table.id == inside.lower()), None)
    else:
        name, _, value = inside.partition("=")
        if name.strip() != "LogicalName":
            raise Refusal(400, "0x80060888", f"The key '{name}' is not valid for resource 'Microsoft.Dynamics.CRM.EntityMetadata'.")
        found = env.table(str(literal(value)))
    if found is None or env.table(found.name) is None:
        raise Refusal(404, "0x80060888", f"Could not find an entity with {inside.replace('=', ' = ')}.")
    return found


def _tables(env: Environment, call: Call) -> Answer:
    if call.method != "GET":
        raise unsupported(f"{call.method} EntityDefinitions")
    found = [table_definition(table) for table in env.schema.tables.values() if env.table(table.name)]
    return _listed(call, "EntityDefinitions", found)


def _listed(call: Call, name: str, found: list[dict[str, Any]]) -> Answer:
    """`$filter`, `$select` and `$top` over definitions."""
    options = options_of(call)
    if options.get("$filter"):
        node = parse(options["$filter"])
        found = [each for each in found if matches(node, each)]
    if options.get("$top", "").isdigit():
        found = found[: int(options["$top"])]
    body = {"@odata.context": _context(call, name, options), "value": [_chosen(each, options) for each in found]}
    return json_answer(200, body, CONTENT_TYPE, ODATA)


def _context(call: Call, name: str, options: dict[str, str]) -> str:
    root = call.path[: call.path.index("/", len("/api/data/"))]
    select = f"({options['$select']})" if options.get("$select") else ""
    return f"{call.origin}{root}/$metadata#{name}{select}"


def _chosen(definition: dict[str, Any], options: dict[str, str]) -> dict[str, Any]:
    names = [name.strip() for name in options.get("$select", "").split(",") if name.strip()]
    if not names:
        return definition
    expanded = re.findall(r"(\w+)(?:\(|,|$)", options.get("$expand", ""))
    kept = {"@odata.type", "MetadataId", *names, *expanded}
    return {name: value for name, value in definition.items() if name in kept}


def _one_table(env: Environment, call: Call, table: Table) -> Answer:
    if call.method != "GET":
        raise unsupported(f"{call.method} of a table definition")
    options = options_of(call)
    body = table_definition(table)
    for name in re.findall(r"(Attributes|Keys)", options.get("$expand", "")):
        body[name] = _all_columns(table) if name == "Attributes" else _all_keys(env, table)
    return json_answer(
        200, {"@odata.context": _context(call, "EntityDefinitions/$entity", {}), **_chosen(body, options)}, CONTENT_TYPE, ODATA
    )


def _all_columns(table: Table) -> list[dict[str, Any]]:
    return [column_definition(table, column) for column in table.columns.values()]


def _all_keys(env: Environment, table: Table) -> list[dict[str, Any]]:
    return [key_definition(env, key) for key in env.schema.keys[table.name].values()]


def _attributes(env: Environment, call: Call, table: Table, segments: list[Segment]) -> Answer:
    cast = next((s.name.rpartition(".")[2] for s in segments[1:] if s.name.startswith("Microsoft.Dynamics.CRM.")), "")
    options = options_of(call)
    if segments[0].inside is not None:
        column = _column(table, segments[0].inside)
        if call.method == "DELETE":
            return customize.delete_column(env, table, column)
        if call.method != "GET":
            raise unsupported(f"{call.method} of a column definition")
        named = f"EntityDefinitions('{table.name}')/Attributes/$entity"
        body = {"@odata.context": _context(call, named, {}), **_chosen(_expanded(table, column, options), options)}
        return json_answer(200, body, CONTENT_TYPE, ODATA)
    if call.method == "POST":
        return customize.create_column(env, call, table)
    if call.method != "GET":
        raise unsupported(f"{call.method} of column definitions")
    columns = [column for column in table.columns.values() if not cast or NAMES[column.type][2] == cast]
    if cast and cast not in {names[2] for names in NAMES.values()}:
        raise no_segment(f"Microsoft.Dynamics.CRM.{cast}")
    return _listed(call, f"EntityDefinitions('{table.name}')/Attributes", [_expanded(table, column, options) for column in columns])


def _expanded(table: Table, column: Column, options: dict[str, str]) -> dict[str, Any]:
    body = column_definition(table, column)
    if "OptionSet" in options.get("$expand", "") and column.options:
        body["OptionSet"] = option_set(table, column)
    if "GlobalOptionSet" in options.get("$expand", ""):
        body["GlobalOptionSet"] = None
    return body


def _column(table: Table, inside: str) -> Column:
    wanted = inside.lower() if GUID_TEXT.fullmatch(inside) else str(literal(inside.partition("=")[2]))
    for column in table.columns.values():
        if wanted in (column.name, table.column_id(column.name)):
            return column
    raise Refusal(404, "0x80060888", f"Could not find an attribute with {inside.replace('=', ' = ')} of entity '{table.name}'.")


def _keys(env: Environment, call: Call, table: Table, segments: list[Segment]) -> Answer:
    known = env.schema.keys[table.name]
    if segments[0].inside is not None:
        inside = segments[0].inside
        wanted = inside.lower() if GUID_TEXT.fullmatch(inside) else str(literal(inside.partition("=")[2])).lower()
        key = next((key for key in known.values() if wanted in (key.id, key.name)), None)
        if key is None:
            raise Refusal(404, "0x80060888", f"Could not find a key with {inside} of entity '{table.name}'.")
        if call.method == "DELETE":
            customize.demand(env, "prvWriteEntity")
            env.schema.drop_key(key)
            return Answer(204, b"", dict(ODATA))
        body = _chosen(key_definition(env, key), options_of(call))
        return json_answer(200, {"@odata.context": _context(call, "Keys/$entity", {}), **body}, CONTENT_TYPE, ODATA)
    if call.method == "POST":
        return customize.create_key(env, call, table)
    return _listed(call, f"EntityDefinitions('{table.name}')/Keys", _all_keys(env, table))
