"""Filling the account from exported records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reconcile_tui.sandbox.clock import milliseconds, parse_moment
from reconcile_tui.sandbox.hubspot import associations, records
from reconcile_tui.sandbox.hubspot.objects import NEW_CONTACT, derived
from reconcile_tui.sandbox.hubspot.portal import FIRST_ID, Portal
from reconcile_tui.sandbox.hubspot.schema import MODIFIED, Property
from reconcile_tui.sandbox.insertion import insert_all
from reconcile_tui.sandbox.store import Row

ID_COLUMNS = ("id", "hs_object_id", "Record ID")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LINK = re.compile(r"dynamics_[a-z]+id")


def load_records(portal: Portal, object_type: str, header: Sequence[str], lines: Iterable[Sequence[Any]]) -> int:
    """Insert HubSpot records; a column that isn't known becomes a custom property. Raises ValueError, KeyError."""
    for name in header:
        if name not in portal.schema.properties[object_type] and name not in ID_COLUMNS:
            _add_property(portal, object_type, name)
    claimed: dict[tuple[str, str], int] = {}
    count = insert_all(portal.store, f"hs_{object_type}", _records(portal, object_type, header, lines, claimed))
    entries = [(object_type, name, value, record_id) for (name, value), record_id in claimed.items()]
    portal.store.run_many("INSERT INTO hs_unique VALUES (?, ?, ?, ?)", entries)
    if object_type == "contacts" and "associatedcompanyid" in header:
        _associate(portal)
    return count


def _add_property(portal: Portal, object_type: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} can't be the name of a property")
    now = portal.now()
    group = "contactinformation" if object_type == "contacts" else "companyinformation"
    unique = bool(_LINK.fullmatch(name))
    definition = Property(name, name, "string", "text", group=group, unique=unique, standard=False, created=now, updated=now)
    portal.schema.add(object_type, definition)


def _records(
    portal: Portal, object_type: str, header: Sequence[str], lines: Iterable[Sequence[Any]], claimed: dict[tuple[str, str], int]
) -> Iterator[Row]:
    stored = set(portal.schema.columns(object_type))
    given_columns = [name for name in header if name in stored]
    contact = object_type == "contacts"
    defaults: Row = {**(NEW_CONTACT if contact else {}), "lifecyclestage": None, **dict.fromkeys(given_columns)}
    if contact:
        defaults["hs_email_domain"] = None
    unique = [name for name, p in portal.schema.properties[object_type].items() if p.unique]
    highest = max(FIRST_ID, portal.store.counter("hubspot_id"))
    for line in lines:
        if not line:
            continue
        given = dict(zip(header, line, strict=True))
        record_id = int(next((given.pop(name) for name in ID_COLUMNS if given.get(name)), 0)) or highest + 1
        highest = max(highest, record_id)
        row = _record(portal, object_type, record_id, given, defaults)
        for name, value in _claims(unique, row):
            if claimed.setdefault((name, value), record_id) != record_id:
                raise ValueError(f"{name} {value!r} belongs to record {claimed[name, value]} already")
        for old in filter(None, (row.get("hs_merged_object_ids") or "").split(";")):
            portal.store.run("INSERT OR REPLACE INTO hs_moved VALUES (?, ?, ?)", (object_type, int(old), record_id))
            highest = max(highest, int(old))
        yield row
    portal.store.raise_to("hubspot_id", highest)


def _claims(unique: Sequence[str], row: Row) -> Iterator[tuple[str, str]]:
    for name in unique:
        if row.get(name):
            yield name, records.folded(name, row[name])
    for address in filter(None, (row.get(records.ADDITIONAL) or "").split(";")):
        yield "email", records.folded("email", address)


def _record(portal: Portal, object_type: str, record_id: int, given: dict[str, Any], defaults: Row) -> Row:
    now = portal.now()
    created, updated = given.pop("createdate", ""), given.pop(MODIFIED[object_type], "")
    values = {name: str(value) for name, value in given.items() if value not in ("", None) and name in defaults}
    if values.get("email"):
        values["email"] = values["email"].strip().lower()
    times = {
        "_created": milliseconds(parse_moment(created)) if created else now,
        "_updated": milliseconds(parse_moment(updated)) if updated else now,
    }
    return {"_id": record_id, **times, "_archived": None, **defaults, **derived(object_type, values), **values}


def _associate(portal: Portal) -> None:
    known = "CAST(associatedcompanyid AS INTEGER) IN (SELECT _id FROM hs_companies)"
    sql = f"SELECT _id, associatedcompanyid FROM hs_contacts WHERE associatedcompanyid IS NOT NULL AND {known}"
    for row in portal.store.all(sql):
        associations.connect(portal, "contacts", row["_id"], "companies", int(row["associatedcompanyid"]), primary=True)
