"""Which contact belongs to which company, and which company is its primary one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reconcile_tui.sandbox.hubspot import records
from reconcile_tui.sandbox.hubspot.errors import invalid
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.hubspot.requests import object_in, objects_in, type_of

UNLABELED = {("contacts", "companies"): 279, ("companies", "contacts"): 280}
PRIMARY = {("contacts", "companies"): 1, ("companies", "contacts"): 2}
NAMES = {279: "contact_to_company_unlabeled", 280: "company_to_contact_unlabeled", 1: "contact_to_company", 2: "company_to_contact"}
"""Association types as lists of records name them."""


def of(portal: Portal, object_type: str, record_id: int, to_types: Iterable[str]) -> dict[str, Any]:
    """What `associations=` adds to a record; types without any are left out."""
    found: dict[str, Any] = {}
    for to_type in map(type_of, to_types):
        results = [{"id": str(row["to_id"]), "type": NAMES[row["type_id"]]} for row in rows(portal, object_type, record_id, to_type)]
        if results:
            found[to_type] = {"results": results}
    return found


def rows(portal: Portal, object_type: str, record_id: int, to_type: str) -> list[dict[str, Any]]:
    """A record's associations to one type: `to_id` and `type_id`."""
    sql = "SELECT to_id, type_id FROM hs_association WHERE from_type = ? AND from_id = ? AND to_type = ? ORDER BY to_id, type_id"
    return portal.store.all(sql, (object_type, record_id, to_type))


def connect(portal: Portal, from_type: str, from_id: int, to_type: str, to_id: int, *, primary: bool) -> None:
    """Associate two records both ways; the first company of a contact becomes its primary one."""
    pair, back = (from_type, to_type), (to_type, from_type)
    if pair not in UNLABELED:
        raise invalid(f"No association type exists from {from_type} to {to_type}")
    contact, company = (from_id, to_id) if from_type == "contacts" else (to_id, from_id)
    first = not rows(portal, "contacts", contact, "companies")
    _put(portal, pair, from_id, to_id, UNLABELED)
    _put(portal, back, to_id, from_id, UNLABELED)
    if primary or first:
        make_primary(portal, contact, company)


def _put(portal: Portal, pair: tuple[str, str], from_id: int, to_id: int, kinds: dict[tuple[str, str], int]) -> None:
    values = (pair[0], from_id, pair[1], to_id, kinds[pair])
    portal.store.run("INSERT OR IGNORE INTO hs_association VALUES (?, ?, ?, ?, ?)", values)


def make_primary(portal: Portal, contact: int, company: int) -> None:
    """A contact has one primary company."""
    pair, back = ("contacts", "companies"), ("companies", "contacts")
    portal.store.run("DELETE FROM hs_association WHERE from_type = 'contacts' AND from_id = ? AND type_id = 1", (contact,))
    portal.store.run("DELETE FROM hs_association WHERE to_type = 'contacts' AND to_id = ? AND type_id = 2", (contact,))
    _put(portal, pair, contact, company, PRIMARY)
    _put(portal, back, company, contact, PRIMARY)
    portal.store.run("UPDATE hs_contacts SET associatedcompanyid = ? WHERE _id = ?", (str(company), contact))


def disconnect(portal: Portal, from_type: str, from_id: int, to_type: str, to_id: int) -> None:
    """Take every association between two records away."""
    sql = "DELETE FROM hs_association WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id = ?"
    portal.store.run(sql, (from_type, from_id, to_type, to_id))
    portal.store.run(sql, (to_type, to_id, from_type, from_id))
    contact, company = (from_id, to_id) if from_type == "contacts" else (to_id, from_id)
    sql = "UPDATE hs_contacts SET associatedcompanyid = NULL WHERE _id = ? AND associatedcompanyid = ?"
    portal.store.run(sql, (contact, str(company)))


def move(portal: Portal, object_type: str, old: int, target: int) -> None:
    """Give a merged record's associations to the record it went into; a primary company that is there stays."""
    for row in portal.store.all("SELECT * FROM hs_association WHERE from_type = ? AND from_id = ?", (object_type, old)):
        disconnect(portal, object_type, old, row["to_type"], row["to_id"])
        connect(portal, object_type, target, row["to_type"], row["to_id"], primary=False)


def add_from_create(portal: Portal, object_type: str, record_id: int, wanted: dict[str, Any]) -> None:
    """One entry of `associations` in a create body."""
    kinds = {str(kind.get("associationTypeId")) for kind in objects_in(wanted, "types")}
    pair = next((pair for pair in UNLABELED if pair[0] == object_type and {str(UNLABELED[pair]), str(PRIMARY[pair])} & kinds), None)
    if pair is None:
        raise invalid(f"Invalid association types for {object_type}: {sorted(kinds)}")
    target = records.require(portal, pair[1], str(object_in(wanted, "to").get("id", "")))
    connect(portal, object_type, record_id, pair[1], target["_id"], primary=str(PRIMARY[pair]) in kinds)
