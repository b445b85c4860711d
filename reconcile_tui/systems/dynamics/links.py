"""The link column of a Dataverse table and the alternate key that makes it unique.

A key's index is built in the background: the key exists at once and holds values unique only when it is `Active`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from reconcile_tui.errors import AnswerLost, RecordGone, RequestRefused, ValueTaken
from reconcile_tui.systems.dynamics.metadata import Schema, load
from reconcile_tui.systems.http import Http
from reconcile_tui.systems.protocol import LinkState

LENGTH = 100  # characters of a link column
POLL, SLOWEST_POLL = 0.5, 10.0  # seconds between looks at a key being built: the first, and as it grows
LONGEST_WAIT = 300.0  # seconds; a large table's index takes longer, and is then reported as pending


def state(schema: Schema, column: str) -> LinkState:
    """How the column and its key stand."""
    kind = schema.attributes.get(column)
    if kind is None:
        return LinkState("missing", column, "The column does not exist yet.")
    if kind != "String":
        return LinkState("unfit", column, f"The column exists with type {kind}, but a link is text.")
    key = next((k for k in schema.keys if k.columns == (column,)), None)
    if key is None:
        return LinkState("keyless", column, "The column has no alternate key yet.")
    if key.status == "Active":
        return LinkState("ready", column)
    if key.status == "Failed":
        return LinkState("unfit", column, f"The index of key {key.name} failed: values are not unique, or too long.")
    return LinkState("pending", column, f"The index of key {key.name} is being built ({key.status}).")


async def ensure(http: Http, base: str, table: str, column: str, label: str) -> LinkState:
    """Create what is missing and wait for the key."""
    entity = f"{base}/EntityDefinitions(LogicalName='{table}')"
    now = await look(http, base, table, column)
    if now.status == "missing":
        await _create(http, f"{entity}/Attributes", column_definition(column, label))
        now = await look(http, base, table, column)
    if now.status == "keyless":
        await _create(http, f"{entity}/Keys", key_definition(column, label))
        now = await look(http, base, table, column)
    deadline, pause = http.clock.now() + LONGEST_WAIT, POLL
    while now.status == "pending" and http.clock.now() < deadline:
        await http.clock.sleep(pause)
        pause = min(SLOWEST_POLL, pause * 2)
        now = await look(http, base, table, column)
    return now


async def look(http: Http, base: str, table: str, column: str) -> LinkState:
    """How column and key stand at this moment, past the server's metadata cache."""
    schema = await load(http, base, table, fresh=True)
    return state(schema, column) if schema else LinkState("unfit", column, f"There is no table {table}.")


async def drop(http: Http, base: str, table: str, column: str, *, key_only: bool) -> LinkState:
    """Delete the key, and the column unless a record holds a value in it: a deleted column takes its values along."""
    schema = await load(http, base, table, fresh=True)
    if schema is None or column not in schema.attributes:
        return LinkState("missing", column)
    if not key_only:
        used = await http.read(
            f"{base}/{schema.entity_set}", params={"$select": schema.id_column, "$filter": f"{column} ne null", "$top": "1"}
        )
        if used.get("value"):
            return LinkState("unfit", column, "Records still hold values in the column, so it stays.")
    entity = f"{base}/EntityDefinitions(LogicalName='{table}')"
    for key in schema.keys:
        if key.columns == (column,):
            await _delete(http, f"{entity}/Keys(LogicalName='{key.name.lower()}')")
    if not key_only:
        await _delete(http, f"{entity}/Attributes(LogicalName='{column}')")
    return await look(http, base, table, column)


async def _delete(http: Http, url: str) -> None:
    """Delete a piece of metadata. That it is gone, or the answer got lost, is for the next look to tell."""
    with suppress(AnswerLost, RecordGone):
        await http.write("DELETE", url, parsed=False)


async def _create(http: Http, url: str, body: dict[str, Any]) -> None:
    """Create a piece of metadata. That it exists, or the answer got lost, is for the next look to tell."""
    with suppress(ValueTaken, AnswerLost):
        try:
            await http.write("POST", url, body=body, parsed=False)
        except RequestRefused as error:
            if error.status not in (409, 412):
                raise


def column_definition(column: str, label: str) -> dict[str, Any]:
    """The body that creates the link column."""
    return {
        "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
        "AttributeType": "String",
        "AttributeTypeName": {"Value": "StringType"},
        "SchemaName": column,
        "MaxLength": LENGTH,
        "FormatName": {"Value": "Text"},
        "RequiredLevel": {"Value": "None", "CanBeChanged": True, "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings"},
        "DisplayName": _label(label or column),
    }


def key_definition(column: str, label: str) -> dict[str, Any]:
    """The body that creates the key on it."""
    return {"SchemaName": f"{column}_key", "DisplayName": _label(f"{label or column} key"), "KeyAttributes": [column]}


def _label(text: str) -> dict[str, Any]:
    return {
        "@odata.type": "Microsoft.Dynamics.CRM.Label",
        "LocalizedLabels": [{"@odata.type": "Microsoft.Dynamics.CRM.LocalizedLabel", "Label": text, "LanguageCode": 1033}],
    }
