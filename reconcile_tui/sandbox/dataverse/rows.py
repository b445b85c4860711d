"""Reading and writing rows: row versions, computed columns, states, alternate keys, what points to a row."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from reconcile_tui.sandbox.dataverse.environment import USER, Environment
from reconcile_tui.sandbox.dataverse.errors import bad_status, exists, inactive, no_record, same_id
from reconcile_tui.sandbox.dataverse.schema import LOOKUPS, Column, Key, Table
from reconcile_tui.sandbox.store import Row, quoted

Values = Mapping[str, Any]

GUARDED = ("account", "contact", "lead")
"""Tables whose inactive rows refuse updates until they are activated."""


def fetch(env: Environment, table: Table, record_id: str) -> Row | None:
    """One row by primary key."""
    return env.store.one(f"SELECT * FROM {table.sql} WHERE {table.key} = ?", (record_id.lower(),))


def require(env: Environment, table: Table, record_id: str) -> Row:
    """One row. Raises Refusal 404."""
    row = fetch(env, table, record_id)
    if row is None:
        raise no_record(table.name, record_id)
    return row


def by_key(env: Environment, table: Table, values: Values) -> Row | None:
    """One row by the values of an alternate key."""
    where = " AND ".join(f"{quoted(name)} = ? COLLATE NOCASE" for name in values)
    return env.store.one(f"SELECT * FROM {table.sql} WHERE {where}", list(values.values()))


def etag(row: Row) -> str:
    """The row's version as an etag."""
    return f'W/"{row["versionnumber"]}"'


def create(env: Environment, table: Table, values: Values, record_id: str = "") -> str:
    """Store a new row and return its id. Raises Refusal for an id or key that is taken, or a status of another state."""
    new_id = (record_id or values.get(table.key) or str(uuid.uuid4())).lower()
    if fetch(env, table, new_id) is not None:
        raise same_id()
    now = env.now()
    row: Row = {
        **{name: 0 for name, column in table.columns.items() if column.type == "bool"},
        **_owned(table),
        **values,
        table.key: new_id,
        "createdon": values.get("overriddencreatedon") or now,
        "modifiedon": now,
        "versionnumber": env.next_version(),
    }
    row.update(_state(table, row, {"statecode": 0, **values}, new_id))
    row.update(_computed(table, row))
    _refuse_taken(env, table, row, "")
    env.store.insert(table.sql, row)
    return new_id


def _owned(table: Table) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("ownerid", "createdby", "modifiedby"):
        found[name] = USER
        found[table.columns[name].target_column] = "systemuser"
    return found


def update(env: Environment, table: Table, row: Row, values: Values, *, system: bool = False) -> None:
    """Change a row; every update makes a new version. `system` writes pass the guard on inactive rows."""
    record_id = row[table.key]
    changes = {name: value for name, value in values.items() if name != table.key}
    if not system and table.name in GUARDED and row["statecode"] != 0 and "statecode" not in changes and set(changes) - {"statuscode"}:
        raise inactive(table.name, record_id)
    changes.update(_state(table, row, changes, record_id))
    changes.update(_computed(table, {**row, **changes}))
    if not system:
        _refuse_taken(env, table, {**row, **changes}, record_id)
    stamp = {"modifiedon": env.now(), "modifiedby": USER, "versionnumber": env.next_version()}
    written = {**changes, **stamp}
    sets = ", ".join(f"{quoted(name)} = ?" for name in written)
    env.store.run(f"UPDATE {table.sql} SET {sets} WHERE {table.key} = ?", (*written.values(), record_id))


def _state(table: Table, row: Row, changes: Values, record_id: str) -> dict[str, Any]:
    """State and status reason fit together: a state alone brings its default reason, a reason must belong to the state."""
    if "statecode" not in table.columns or not {"statecode", "statuscode"} & set(changes):
        return {}
    states = {value: (label, default) for value, label, default in table.columns["statecode"].options}
    owners = {value: state for value, _, state in table.columns["statuscode"].options}
    state = next((found for found in (changes.get("statecode"), row.get("statecode")) if found is not None), 0)
    status = changes.get("statuscode")
    if status is None:
        return {"statecode": state, "statuscode": states[state][1]}
    if owners[status] != state:
        raise bad_status(table.name, table.schema_name, record_id, status, states[state][0])
    return {"statecode": state, "statuscode": status}


def _computed(table: Table, row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "fullname" in table.columns:
        names = [row.get(name) for name in ("firstname", "middlename", "lastname")]
        found["fullname"] = " ".join(name for name in names if name) or None
    if "address1_composite" in table.columns:
        place = " ".join(filter(None, (row.get(f"address1_{part}") for part in ("city", "stateorprovince", "postalcode"))))
        lines = [row.get("address1_line1"), row.get("address1_line2"), row.get("address1_line3"), place, row.get("address1_country")]
        found["address1_composite"] = "\r\n".join(line for line in lines if line) or None
    return found


def active_keys(env: Environment, table: Table) -> Iterator[Key]:
    """The alternate keys whose index is built."""
    now = env.clock.now()
    return (key for key in env.schema.keys[table.name].values() if not key.failed and key.active_at <= now)


def _refuse_taken(env: Environment, table: Table, row: Row, record_id: str) -> None:
    for key in active_keys(env, table):
        values = {name: row.get(name) for name in key.columns}
        if None in values.values():
            continue  # rows without a value are not held unique
        found = by_key(env, table, values)
        if found is not None and found[table.key] != record_id:
            raise exists()


def delete(env: Environment, table: Table, row: Row) -> None:
    """Remove a row, and the links that point to it."""
    record_id = row[table.key]
    for other, column in pointing(env, table):
        _repoint(env, other, column, record_id, None)
    env.store.run(f"DELETE FROM {table.sql} WHERE {table.key} = ?", (record_id,))
    env.store.run(
        "INSERT INTO dv_deleted VALUES (?, ?, ?, ?)",
        (env.next_version(), table.name, record_id, env.clock.now()),
    )


def pointing(env: Environment, table: Table) -> Iterator[tuple[Table, Column]]:
    """Every column of every table that can point to rows of this one."""
    for other in env.schema.tables.values():
        for column in other.columns.values():
            if column.type in LOOKUPS and table.name in column.targets:
                yield other, column


def repoint(env: Environment, table: Table, old: str, new: str) -> None:
    """Let everything that points to one row point to another; who was merged into whom stays written."""
    for other, column in pointing(env, table):
        if column.name != "masterid":
            _repoint(env, other, column, old, new)


def _repoint(env: Environment, table: Table, column: Column, old: str, new: str | None) -> None:
    where = f"{quoted(column.name)} = ? AND {quoted(column.name)} IS NOT NULL"
    for found in env.store.all(f"SELECT {table.key} AS id FROM {table.sql} WHERE {where}", (old,)):
        target = None if found["id"] == new else new  # no row becomes its own parent
        row = require(env, table, found["id"])
        kept = row[column.target_column] if target else None
        update(env, table, row, {column.name: target, column.target_column: kept}, system=True)
