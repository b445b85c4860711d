"""Creating columns and alternate keys."""

from __future__ import annotations

import re
from typing import Any

from reconcile_tui.sandbox.dataverse.bodies import body_of, label_in, list_in, number_in, object_in, objects_in, text_in
from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.errors import Refusal, bad_payload, denied, unsupported
from reconcile_tui.sandbox.dataverse.schema import AMOUNT, LEAST, MOST, TEXTS, Column, Key, Table
from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.store import quoted

ODATA = {"odata-version": "4.0"}
MOST_KEYS, MOST_KEY_COLUMNS, MOST_KEY_BYTES = 10, 16, 900
_SCHEMA_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{1,7}_[A-Za-z0-9_]{1,80}")


def demand(env: Environment, privilege: str) -> None:
    """Check a privilege that belongs to no table. Raises Refusal 403."""
    if privilege in env.options.dataverse_denied:
        raise denied(privilege)


def create_column(env: Environment, call: Call, table: Table) -> Answer:
    """POST …/Attributes: a column of one's own. Raises Refusal."""
    demand(env, "prvCreateAttribute")
    body = body_of(call, "Attributes")
    schema_name = text_in(body, "SchemaName")
    if not _SCHEMA_NAME.fullmatch(schema_name):
        raise Refusal(400, "0x8004701a", f"The schema name '{schema_name}' needs the publisher's prefix, e.g. new_{schema_name or 'Name'}.")
    name = schema_name.lower()
    if name in table.columns:
        raise Refusal(400, "0x80047013", f"An attribute with the specified name {name} already exists for entity {table.name}.")
    env.schema.add_column(table, _column_from(body, name, schema_name))
    root = call.path[: call.path.index("/", len("/api/data/"))]
    url = f"{call.origin}{root}/EntityDefinitions({table.id})/Attributes({table.column_id(name)})"
    return Answer(204, b"", {"odata-entityid": url, "location": url, **ODATA})


def delete_column(env: Environment, table: Table, column: Column) -> Answer:
    """DELETE …/Attributes(…): only a column of one's own that no key uses. Raises Refusal."""
    demand(env, "prvDeleteAttribute")
    if not column.custom:
        raise Refusal(400, "0x8004f026", f"The attribute {column.name} can't be deleted: it is not a custom attribute.")
    if any(column.name in key.columns for key in env.schema.keys[table.name].values()):
        raise Refusal(400, "0x8004f01f", f"The attribute {column.name} can't be deleted: a key uses it.")
    env.schema.drop_column(table, column)
    return Answer(204, b"", dict(ODATA))


_CREATABLE = {
    "StringAttributeMetadata": "text",
    "MemoAttributeMetadata": "memo",
    "IntegerAttributeMetadata": "integer",
    "DecimalAttributeMetadata": "decimal",
    "MoneyAttributeMetadata": "money",
    "BooleanAttributeMetadata": "bool",
    "PicklistAttributeMetadata": "choice",
    "DateTimeAttributeMetadata": "datetime",
}


def _column_from(body: dict[str, Any], name: str, schema_name: str) -> Column:
    cls = text_in(body, "@odata.type").rpartition(".")[2]
    kind = _CREATABLE.get(cls)
    if kind is None:
        raise unsupported(f"creating a column of type {cls or 'unknown'}")
    if kind == "datetime" and body.get("Format") == "DateOnly":
        kind = "date"
    level = object_in(body, "RequiredLevel").get("Value")
    return Column(
        name,
        kind,
        max_length=int(number_in(body, "MaxLength", 2000 if kind == "memo" else 100, 1, 1_048_576)) if kind in TEXTS else None,
        options=_new_options(kind, object_in(body, "OptionSet")),
        least=number_in(body, "MinValue", LEAST, -AMOUNT, AMOUNT),
        most=number_in(body, "MaxValue", MOST, -AMOUNT, AMOUNT),
        flags="R" if level == "ApplicationRequired" else "",
        schema_name=schema_name,
        label=label_in(body, "DisplayName") or schema_name,
        custom=True,
    )


def _new_options(kind: str, option_set: dict[str, Any]) -> tuple[tuple[int, str, int | None], ...]:
    if kind == "bool":
        texts = [label_in(object_in(option_set, name), "Label") for name in ("FalseOption", "TrueOption")]
        return ((0, texts[0] or "No", None), (1, texts[1] or "Yes", None))
    if kind != "choice":
        return ()
    listed = objects_in(option_set, "Options")
    if not listed:
        raise bad_payload("Attributes", "A choice column needs an OptionSet with Options.")
    return tuple(
        (int(number_in(option, "Value", 100_000_000 + place, LEAST, MOST)), label_in(option, "Label"), None)
        for place, option in enumerate(listed)
    )


def create_key(env: Environment, call: Call, table: Table) -> Answer:
    """The key is there at once, its index after a while; rows that already clash make it fail."""
    demand(env, "prvWriteEntity")
    body = body_of(call, "Keys")
    schema_name, names = text_in(body, "SchemaName"), [str(name).lower() for name in list_in(body, "KeyAttributes")]
    if not _SCHEMA_NAME.fullmatch(schema_name) or not 1 <= len(names) <= MOST_KEY_COLUMNS or set(names) - set(table.columns):
        raise Refusal(400, "0x80040203", f"The key '{schema_name}' with the columns {names} is not valid for {table.name}.")
    widths = [(table.columns[name].max_length or 8) * 2 for name in names]
    if sum(widths) > MOST_KEY_BYTES:
        raise Refusal(400, "0x80060890", f"The key is {sum(widths)} bytes long; at most {MOST_KEY_BYTES} bytes are allowed.")
    known = env.schema.keys[table.name]
    if len(known) >= MOST_KEYS or schema_name.lower() in known:
        raise Refusal(400, "0x80060889", f"The key '{schema_name}' can't be added: it exists, or the table has {MOST_KEYS} keys.")
    key = Key(
        table.name,
        schema_name,
        label_in(body, "DisplayName") or schema_name,
        tuple(names),
        active_at=env.clock.now() + env.options.dataverse_key_delay,
        failed=_clashes(env, table, names),
    )
    env.schema.add_key(key)
    root = call.path[: call.path.index("/", len("/api/data/"))]
    url = f"{call.origin}{root}/EntityDefinitions({table.id})/Keys({key.id})"
    return Answer(204, b"", {"odata-entityid": url, "location": url, **ODATA})


def _clashes(env: Environment, table: Table, names: list[str]) -> bool:
    columns = ", ".join(f"{quoted(name)} COLLATE NOCASE" for name in names)
    present = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in names)
    sql = f"SELECT 1 FROM {table.sql} WHERE {present} GROUP BY {columns} HAVING count(*) > 1 LIMIT 1"
    return env.store.value(sql) is not None
