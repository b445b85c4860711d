"""`POST …/merge`: two records become one, for ever."""

from __future__ import annotations

from typing import Any

from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.hubspot import associations, records
from reconcile_tui.sandbox.hubspot.errors import Refusal, invalid, success
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.hubspot.requests import body_of, type_of
from reconcile_tui.sandbox.hubspot.schema import record_values
from reconcile_tui.sandbox.hubspot.shapes import written
from reconcile_tui.sandbox.hubspot.values import further
from reconcile_tui.sandbox.store import Row

MOST = 250
"""Identities one profile can hold."""

_OWN = {"hs_merged_object_ids", "hs_calculated_merged_vids", "hs_all_contact_vids", records.ADDITIONAL}


def merge(portal: Portal, call: Call, type: str) -> Answer:
    """Merge `objectIdToMerge` into `primaryObjectId`; the answer's id may be neither of them."""
    object_type = type_of(type)
    body = body_of(call)
    primary = records.require(portal, object_type, _id(body, "primaryObjectId"))
    secondary = records.require(portal, object_type, _id(body, "objectIdToMerge"))
    if primary["_id"] == secondary["_id"]:
        raise invalid(f"Cannot merge an object with itself: {primary['_id']}")
    return success(200, written(portal, object_type, merged(portal, object_type, primary, secondary)))


def _id(body: dict[str, Any], name: str) -> str:
    if body.get(name) in (None, ""):
        raise invalid(f"Invalid input JSON: some required fields were not set: [{name}]")
    return str(body[name])


def merged(portal: Portal, object_type: str, primary: Row, secondary: Row) -> Row:
    """Write the merged record and forward both old ids to it. Raises Refusal 414 past the limit."""
    identities = _joined(_merged_ids(primary), str(primary["_id"]), _merged_ids(secondary), str(secondary["_id"]))
    if len(identities) > MOST:
        raise Refusal(414, f"Cannot have more than {MOST} identities on a profile")
    values = _values(object_type, primary, secondary)
    keeps = portal.options.hubspot_merge_ids == "preserve"
    target = primary["_id"] if keeps else portal.new_id()
    values["hs_merged_object_ids"] = ";".join(i for i in identities if i != str(target))
    if object_type == "contacts":
        stamped = _joined(primary["hs_calculated_merged_vids"], secondary["hs_calculated_merged_vids"])
        for row in (primary, secondary):
            stamped = _joined(*stamped, f"{row['_id']}:{portal.now()}")
        values["hs_calculated_merged_vids"] = ";".join(stamped)
        values["hs_all_contact_vids"] = ";".join(_joined(str(target), *identities))
    _replace(portal, object_type, primary, secondary, target, values)
    return records.require(portal, object_type, str(target))


def _replace(portal: Portal, object_type: str, primary: Row, secondary: Row, target: int, values: records.Values) -> None:
    records.erase(portal, object_type, secondary["_id"])
    if target == primary["_id"]:
        records.update(portal, object_type, primary, values)
    else:
        records.erase(portal, object_type, primary["_id"])
        records.insert(portal, object_type, values, record_id=target)
    created = min(primary["_created"], secondary["_created"])
    portal.store.run(f"UPDATE hs_{object_type} SET _created = ? WHERE _id = ?", (created, target))
    for old in {primary["_id"], secondary["_id"]} - {target}:
        portal.store.run("UPDATE hs_moved SET target = ? WHERE object_type = ? AND target = ?", (target, object_type, old))
        portal.store.run("INSERT OR REPLACE INTO hs_moved VALUES (?, ?, ?)", (object_type, old, target))
        portal.store.run("UPDATE hs_history SET id = ? WHERE object_type = ? AND id = ?", (target, object_type, old))
    for old in (primary["_id"], secondary["_id"]):  # the primary's first: its primary company stays the primary one
        if old != target:
            associations.move(portal, object_type, old, target)


def _values(object_type: str, primary: Row, secondary: Row) -> dict[str, str | None]:
    """The primary's values, the secondary's where the primary has none, and the exceptions to that rule."""
    own, other = record_values(primary), record_values(secondary)
    values = {name: other[name] if value is None and name not in _OWN else value for name, value in own.items()}
    values["lifecyclestage"] = further(own["lifecyclestage"], other["lifecyclestage"])
    if object_type == "contacts":
        emails = _joined(own[records.ADDITIONAL], other["email"], other[records.ADDITIONAL])
        values[records.ADDITIONAL] = ";".join(e for e in emails if e != values["email"]) or None
    return values


def _merged_ids(row: Row) -> str | None:
    found: str | None = row["hs_merged_object_ids"]
    return found


def _joined(*lists: str | None) -> list[str]:
    """`;`-joined lists as one, each entry once."""
    return list(dict.fromkeys(part for text in lists for part in (text or "").split(";") if part))
