"""Reading and writing HubSpot records: ids that moved by a merge, unique values, history, and what the search index still shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconcile_tui.sandbox.hubspot.errors import (
    Refusal,
    already_exists,
    conflicting_unique_value,
    invalid,
    not_an_id,
    not_found,
    value_taken,
)
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.store import Row, quoted

Values = Mapping[str, str | None]

ADDITIONAL = "hs_additional_emails"
EDITOR = "hs_updated_by_user_id"
"""The user who saved a record last; a private app is none."""


def current_id(portal: Portal, object_type: str, record_id: int) -> int:
    """The id a record has now: that of the record it was merged into, or its own."""
    sql = "SELECT target FROM hs_moved WHERE object_type = ? AND id = ?"
    return int(portal.store.value(sql, (object_type, record_id)) or record_id)


def fetch(portal: Portal, object_type: str, record_id: int, *, archived: bool = False) -> Row | None:
    """One record by its current or a merged-away id; archived ones only when asked for."""
    row = portal.store.one(f"SELECT * FROM hs_{object_type} WHERE _id = ?", (current_id(portal, object_type, record_id),))
    return row if row is not None and (row["_archived"] is not None) == archived else None


def numeric(reference: str) -> int:
    """An id from a path or body. Raises Refusal when it is not a number."""
    if not (reference.isascii() and reference.isdigit() and len(reference) < 19):
        raise not_an_id(reference)
    return int(reference)


def unique_property(portal: Portal, object_type: str, name: str) -> str:
    """A name that may stand in `idProperty`. Raises Refusal otherwise."""
    definition = portal.schema.live(object_type).get(name)
    if definition is None or not (definition.unique or name == "hs_object_id"):
        raise invalid(f"idProperty {name} is not a unique property of {object_type}")
    return name


def owner_of(portal: Portal, object_type: str, name: str, value: str) -> int | None:
    """The live record that has a unique value, secondary e-mail addresses included."""
    sql = "SELECT id FROM hs_unique WHERE object_type = ? AND property = ? AND value = ?"
    found = portal.store.value(sql, (object_type, name, folded(name, value)))
    return None if found is None else int(found)


def find(portal: Portal, object_type: str, reference: str, id_property: str = "", *, archived: bool = False) -> Row | None:
    """One record by id or by a unique property. Raises Refusal for a reference that can't be one."""
    if not id_property or id_property == "hs_object_id":
        return fetch(portal, object_type, numeric(reference), archived=archived)
    owner = owner_of(portal, object_type, unique_property(portal, object_type, id_property), reference)
    return None if owner is None else fetch(portal, object_type, owner, archived=archived)


def require(portal: Portal, object_type: str, reference: str, id_property: str = "", *, archived: bool = False) -> Row:
    """One record. Raises Refusal 404."""
    row = find(portal, object_type, reference, id_property, archived=archived)
    if row is None:
        raise not_found()
    return row


def folded(name: str, value: str) -> str:
    """A unique value as it is compared: addresses without case, everything trimmed."""
    return value.strip().lower() if name == "email" else value.strip()


def refuse_taken(portal: Portal, object_type: str, values: Values, record_id: int, *, creating: bool) -> None:
    """Raise the Refusal for the first value that another record owns."""
    for name, value in values.items():
        definition = portal.schema.properties[object_type][name]
        if not value or not definition.unique:
            continue
        owner = owner_of(portal, object_type, name, value)
        if owner is not None and owner != record_id:
            raise _clash(portal, object_type, name, value, record_id, owner, creating=creating)


def _clash(portal: Portal, object_type: str, name: str, value: str, record_id: int, owner: int, *, creating: bool) -> Refusal:
    row = fetch(portal, object_type, owner)
    primary = name == "email" and row is not None and folded("email", row["email"] or "") == folded("email", value)
    if creating and primary and portal.options.hubspot_clash_on_create == "409":
        return already_exists(owner)
    if name != "email" and portal.options.hubspot_clash_code == "conflicting_unique_value":
        return conflicting_unique_value(name, value)
    return value_taken(portal.id, object_type, name, value, record_id or portal.new_id(), owner)


def insert(portal: Portal, object_type: str, values: Values, *, record_id: int | None = None) -> Row:
    """Store a new record; unique values must have been checked."""
    now = portal.now()
    row: Row = {"_id": record_id or portal.new_id(), "_created": now, "_updated": now, "_archived": None, **values}
    _remember(portal, object_type, row["_id"])
    portal.store.insert(f"hs_{object_type}", row)
    _note(portal, object_type, row["_id"], values)
    claim(portal, object_type, row)
    return _stored(portal, object_type, row["_id"])


def update(portal: Portal, object_type: str, row: Row, changes: Values) -> Row:
    """Change properties of a record; what is already as wanted stays untouched, and so does the modified time."""
    changed = {name: value for name, value in changes.items() if row.get(name) != value}
    if not changed:
        return row
    _remember(portal, object_type, row["_id"])
    owning = any(portal.schema.properties[object_type][name].unique or name == ADDITIONAL for name in changed)
    if owning:
        release(portal, object_type, row["_id"])  # what it owned so far, read from the row before it changes
    sets = ", ".join(f"{quoted(name)} = ?" for name in changed)
    if EDITOR in portal.schema.properties[object_type]:
        sets += f", {EDITOR} = NULL"
    portal.store.run(
        f"UPDATE hs_{object_type} SET {sets}, _updated = max(?, _updated + 1) WHERE _id = ?",
        (*changed.values(), portal.now(), row["_id"]),
    )
    _note_imported(portal, object_type, row, changed)
    _note(portal, object_type, row["_id"], changed)
    fresh = _stored(portal, object_type, row["_id"])
    if owning:
        claim(portal, object_type, fresh)
    return fresh


def archive(portal: Portal, object_type: str, row: Row) -> None:
    """Put a record into the recycle bin; its unique values become free."""
    _remember(portal, object_type, row["_id"])
    release(portal, object_type, row["_id"])
    now = portal.now()
    portal.store.run(f"UPDATE hs_{object_type} SET _archived = ?, _updated = ? WHERE _id = ?", (now, now, row["_id"]))


def erase(portal: Portal, object_type: str, record_id: int) -> None:
    """Remove a record for good."""
    _remember(portal, object_type, record_id)
    release(portal, object_type, record_id)
    portal.store.run(f"DELETE FROM hs_{object_type} WHERE _id = ?", (record_id,))


def claim(portal: Portal, object_type: str, row: Row) -> None:
    """Register a record's unique values as its own."""
    entries = [(object_type, name, value, row["_id"]) for name, value in claims(portal, object_type, row)]
    portal.store.run_many("INSERT OR IGNORE INTO hs_unique VALUES (?, ?, ?, ?)", entries)


def claims(portal: Portal, object_type: str, row: Row) -> Iterable[tuple[str, str]]:
    """The unique values of a record as (property, compared form)."""
    for name, definition in portal.schema.properties[object_type].items():
        if definition.unique and row.get(name):
            yield name, folded(name, row[name])
    for address in filter(None, (row.get(ADDITIONAL) or "").split(";")):
        yield "email", folded("email", address)


def release(portal: Portal, object_type: str, record_id: int) -> None:
    """Free a record's unique values."""
    row = portal.store.one(f"SELECT * FROM hs_{object_type} WHERE _id = ?", (record_id,))
    for name, value in claims(portal, object_type, row) if row else ():
        sql = "DELETE FROM hs_unique WHERE object_type = ? AND property = ? AND value = ? AND id = ?"
        portal.store.run(sql, (object_type, name, value, record_id))


def _stored(portal: Portal, object_type: str, record_id: int) -> Row:
    row = portal.store.one(f"SELECT * FROM hs_{object_type} WHERE _id = ?", (record_id,))
    if row is None:
        raise not_found()
    return row


def _note(portal: Portal, object_type: str, record_id: int, values: Values) -> None:
    now = portal.now()
    entries = [(object_type, record_id, name, value, now, "INTEGRATION") for name, value in values.items()]
    sql = "INSERT INTO hs_history (object_type, id, property, value, at, source) VALUES (?, ?, ?, ?, ?, ?)"
    portal.store.run_many(sql, entries)


def _note_imported(portal: Portal, object_type: str, row: Row, changed: Iterable[str]) -> None:
    """A value that came with the seed enters the history once another one follows it."""
    key = [(object_type, row["_id"], name) for name in changed if row.get(name) is not None]
    entries = [(*of, row[of[2]], row["_created"], "IMPORT", *of) for of in key]
    sql = (
        "INSERT INTO hs_history (object_type, id, property, value, at, source) SELECT ?, ?, ?, ?, ?, ?"
        " WHERE NOT EXISTS (SELECT 1 FROM hs_history WHERE object_type = ? AND id = ? AND property = ?)"
    )
    portal.store.run_many(sql, entries)


def _remember(portal: Portal, object_type: str, record_id: int) -> None:
    """Keep a record as it is before a write, for a search index that lags; older memories than ten minutes go."""
    table = f"hs_{object_type}_before"
    names = ["_id", "_created", "_updated", "_archived", *portal.schema.columns(object_type)]
    listed = ", ".join(quoted(name) for name in names)
    now = portal.clock.now()
    portal.store.run(f"DELETE FROM {table} WHERE _written < ?", (now - 600,))
    copied = portal.store.run(
        f"INSERT INTO {table} (_written, _absent, {listed}) SELECT ?, 0, {listed} FROM hs_{object_type} WHERE _id = ?",
        (now, record_id),
    )
    if not copied:
        portal.store.run(f"INSERT INTO {table} (_written, _absent, _id) VALUES (?, 1, ?)", (now, record_id))
