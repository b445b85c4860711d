"""HubSpot objects as records: one JSON object in, one value out. The hot path of a pull."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconcile_tui.model import Native, PulledRecord
from reconcile_tui.systems.protocol import Reading

MERGED = "hs_merged_object_ids"
MERGED_AT = "hs_calculated_merged_vids"
STANDING = ("createdate", "lastmodifieddate", MERGED, MERGED_AT, "hs_updated_by_user_id")
_PLAIN = {str, int, float, bool, type(None)}


def pulled(results: Iterable[dict[str, Any]]) -> list[PulledRecord]:
    """Live records, each followed by the records that were merged into it. Raises KeyError, TypeError, ValueError, AttributeError."""
    records: list[PulledRecord] = []
    for result in results:
        properties = result["properties"]
        if not _PLAIN.issuperset(map(type, properties.values())):
            raise TypeError("a property is no plain value")
        id_ = result["id"]
        records.append(PulledRecord(id_, properties, None, result.get("createdAt"), result.get("updatedAt")))
        if properties.get(MERGED) or properties.get(MERGED_AT):
            records += [PulledRecord(loser, {}, active=False, merged_into=id_) for loser in merged_ids(id_, properties)]
    return records


def archived(results: Iterable[dict[str, Any]], since: str) -> list[PulledRecord]:
    """Records that went to the recycle bin after `since` (ISO 8601)."""
    return [
        PulledRecord(result["id"], {}, modified_at=result.get("archivedAt"), active=False, deleted=True)
        for result in results
        if (result.get("archivedAt") or "9") >= since
    ]


def merged_ids(id_: str, properties: Mapping[str, Any]) -> Iterator[str]:
    """Ids that now resolve to this record, each once and never its own (with preserved ids HubSpot may list that, too)."""
    listed = str(properties.get(MERGED) or "").split(";")
    listed += [entry.partition(":")[0] for entry in str(properties.get(MERGED_AT) or "").split(";")]
    seen = {id_, ""}
    for entry in listed:
        if (loser := entry.strip()) not in seen:
            seen.add(loser)
            yield loser


def reading(result: Mapping[str, Any]) -> Reading:
    """One record as read before or after a write. Raises KeyError, TypeError, AttributeError."""
    properties: dict[str, Native] = dict(result["properties"])
    return Reading(str(result["id"]), properties, modified_at=result.get("updatedAt"))


def wire(value: Native) -> str:
    """A value as HubSpot wants it in a write: text always, empty to clear."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
