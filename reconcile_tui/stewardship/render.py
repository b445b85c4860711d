"""What a write looks like on the wire: method, URL and body, as the plan shows them and the clients send them.

Sources: HubSpot CRM API 2026-09 (contacts, properties), Microsoft Dataverse Web API 9.2 (update, Merge, column definitions).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconcile_tui.model import Native
from reconcile_tui.project import SystemSettings

RATES = {"hubspot": 10.0, "dynamics": 20.0, "files": 1000.0}
"""Documented steady requests a second: HubSpot 100 in 10 s (Free, Starter), Dataverse 6,000 in 300 s per user."""

_HUBSPOT = "https://api.hubapi.com"


@dataclass(frozen=True, slots=True)
class Target:
    """A system as a plan knows it; no secret."""

    kind: str
    url: str
    version: str = ""
    prefix: str = ""

    @property
    def rate(self) -> float:
        """Requests a second the system's documentation allows in the long run."""
        return RATES[self.kind]

    @property
    def base(self) -> str:
        """The URL's fixed part; none for the embedded sandbox, which has no host."""
        if self.url.startswith("sandbox:"):
            return ""
        return self.url.rstrip("/") or (_HUBSPOT if self.kind == "hubspot" else "")

    def as_json(self) -> dict[str, str]:
        """For the plan file."""
        return {"kind": self.kind, "url": self.url, "version": self.version, "prefix": self.prefix}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Target:
        """Inverse of `as_json`."""
        return cls(data["kind"], data["url"], data.get("version", ""), data.get("prefix", ""))

    @classmethod
    def of(cls, settings: SystemSettings) -> Target:
        """From the project's settings."""
        version = {"hubspot": settings.api_version, "dynamics": "v9.2"}.get(settings.kind, "")
        return cls(settings.kind, settings.url, version, settings.prefix if settings.kind == "dynamics" else "")


Request = tuple[str, str, dict[str, Any]]


def render(target: Target, kind: str, table: str, id_: str, lose: str, values: Mapping[str, Native]) -> Request:
    """Method, URL and body of one write."""
    if target.kind == "hubspot":
        return _hubspot(target, kind, table, id_, lose, values)
    if target.kind == "dynamics":
        return _dynamics(target, kind, table, id_, lose, values)
    return ("FILE", f"{table}.csv", {"id": id_, **values, **({"merge": lose} if lose else {})})


def _hubspot(target: Target, kind: str, table: str, id_: str, lose: str, values: Mapping[str, Native]) -> Request:
    dated = target.version != "v3"
    objects = f"{target.base}/crm/objects/{target.version}/{table}" if dated else f"{target.base}/crm/v3/objects/{table}"
    if kind in ("schema", "drop_schema"):
        path = f"/crm/properties/{target.version}/{table}" if dated else f"/crm/v3/properties/{table}"
        if kind == "drop_schema":
            return ("DELETE", f"{target.base}{path}/{id_}", {})
        return ("POST", target.base + path, {"name": id_, "type": "string", "fieldType": "text", "hasUniqueValue": True})
    if kind == "merge":
        return ("POST", f"{objects}/merge", {"primaryObjectId": id_, "objectIdToMerge": lose})
    return ("PATCH", f"{objects}/{id_}", {"properties": {name: "" if value is None else value for name, value in values.items()}})


def _dynamics(target: Target, kind: str, table: str, id_: str, lose: str, values: Mapping[str, Native]) -> Request:
    base = f"{target.base}/api/data/v9.2"
    definition = f"{base}/EntityDefinitions(LogicalName='{table}')"
    if kind == "schema":
        body = {"SchemaName": id_, "AttributeType": "String", "MaxLength": 100, "then": "an alternate key on it"}
        return ("POST", f"{definition}/Attributes", body)
    if kind == "key":
        return ("POST", f"{definition}/Keys", {"SchemaName": f"{id_}_key", "KeyAttributes": [id_]})
    if kind == "drop_schema":
        return ("DELETE", f"{definition}/Attributes(LogicalName='{id_}')", {"before": "its alternate key"})
    if kind == "drop_key":
        return ("DELETE", f"{definition}/Keys(LogicalName='{id_}_key')", {})
    if kind in ("rule", "drop_rule"):
        body = {"name": id_, "baseentityname": table, **values, "then": "published" if kind == "rule" else "unpublished before"}
        return ("POST" if kind == "rule" else "DELETE", f"{base}/duplicaterules", body)
    if kind == "merge":
        type_ = {"@odata.type": f"Microsoft.Dynamics.CRM.{table}"}
        key = f"{table}id"
        body = {
            "Target": {**type_, key: id_}, "Subordinate": {**type_, key: lose},
            "UpdateContent": {**type_, **values}, "PerformParentingChecks": False,
        }  # fmt: skip
        return ("POST", f"{base}/Merge", body)
    return ("PATCH", f"{base}/{plural(table)}({id_})", dict(values))


def plural(table: str) -> str:
    """The entity set of a table, as Dataverse names those of its own tables."""
    return f"{table[:-1]}ies" if table.endswith("y") else f"{table}s"
