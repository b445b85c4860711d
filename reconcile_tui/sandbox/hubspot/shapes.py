"""A HubSpot record as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from reconcile_tui.sandbox.clock import iso_milliseconds
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.hubspot.schema import MODIFIED, OBJECT_CODES, VIRTUAL
from reconcile_tui.sandbox.store import Row, quoted

DEFAULTS = {
    "contacts": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    "companies": ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
}
"""Properties that come when none are asked for."""

_ALWAYS = {t: ("createdate", "hs_object_id", MODIFIED[t]) for t in DEFAULTS}


class Shape:
    """Which properties an answer shows, and how a row becomes an object. Unknown names are left out without a word."""

    def __init__(self, portal: Portal, object_type: str, asked: Iterable[str] = (), *, everything: bool = False) -> None:
        """`everything`: all properties that have a value, as answers to writes have them."""
        known = portal.schema.live(object_type)
        names = list(known) if everything else [*asked, *_ALWAYS[object_type]] if asked else list(DEFAULTS[object_type])
        self.names = sorted(name for name in set(names) if name in known)
        self._omit_null = everything or portal.options.hubspot_unset_values == "omit"
        self._url = f"https://app.hubspot.com/contacts/{portal.id}/record/{OBJECT_CODES[object_type]}/"
        self._read: dict[str, Callable[[Row], str | None]] = {name: _reader(name) for name in self.names}

    @property
    def columns(self) -> str:
        """The SQL columns that are needed."""
        stored = [quoted(name) for name in self.names if name not in VIRTUAL]
        return ", ".join(["_id", "_created", "_updated", "_archived", *stored])

    def of(self, row: Row) -> dict[str, Any]:
        """The object."""
        properties = {name: read(row) for name, read in self._read.items()}
        if self._omit_null:
            properties = {name: value for name, value in properties.items() if value is not None}
        record_id = str(row["_id"])
        body: dict[str, Any] = {
            "id": record_id,
            "properties": properties,
            "createdAt": iso_milliseconds(row["_created"]),
            "updatedAt": iso_milliseconds(row["_updated"]),
            "archived": row["_archived"] is not None,
            "url": self._url + record_id,
        }
        if row["_archived"] is not None:
            body["archivedAt"] = iso_milliseconds(row["_archived"])
        return body


def _reader(name: str) -> Callable[[Row], str | None]:
    column = VIRTUAL.get(name, name)
    if column == "_id":
        return lambda row: str(row["_id"])
    if column in ("_created", "_updated"):
        return lambda row: iso_milliseconds(row[column])
    return lambda row: row[column]


def times(portal: Portal) -> dict[str, str]:
    """When a batch was worked on."""
    now = iso_milliseconds(portal.now())
    return {"startedAt": now, "completedAt": now}


def written(portal: Portal, object_type: str, row: Row) -> dict[str, Any]:
    """The object as create, update and merge answer it: every value there is, whether it was sent or not."""
    return Shape(portal, object_type, everything=True).of(row)


def history(portal: Portal, object_type: str, row: Row, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """`propertiesWithHistory` of one record, newest value first."""
    known = portal.schema.live(object_type)
    return {name: _changes(portal, object_type, row, name) for name in names if name in known}


def _changes(portal: Portal, object_type: str, row: Row, name: str) -> list[dict[str, Any]]:
    sql = "SELECT value, at, source FROM hs_history WHERE object_type = ? AND id = ? AND property = ? ORDER BY at DESC, seq DESC"
    found = portal.store.all(sql, (object_type, row["_id"], name))
    if not found and (value := _reader(name)(row)) is not None:
        found = [{"value": value, "at": row["_created"], "source": "IMPORT"}]
    return [
        {
            "value": change["value"] or "",
            "timestamp": iso_milliseconds(change["at"]),
            "sourceType": change["source"],
            "sourceId": "sandbox",
            "sourceLabel": None,
            "updatedByUserId": None,
        }
        for change in found
    ]
