"""What HubSpot keeps of each property: the values it has had, since when, where each came from and who set it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile_tui.systems.protocol import FieldVersion

BATCH = 50
"""Records of one request with history: half of what a request without it may have."""

SOURCES = {
    "CRM_UI": "typed in HubSpot",
    "CRM_UI_BULK_ACTION": "a bulk edit in HubSpot",
    "CONTACTS_WEB": "typed in HubSpot",
    "MOBILE_IOS": "typed in HubSpot's app",
    "MOBILE_ANDROID": "typed in HubSpot's app",
    "IMPORT": "an import",
    "INTEGRATION": "an integration",
    "API": "a program, by the API",
    "FORM": "a form",
    "WORKFLOWS": "a workflow",
    "AUTOMATION_PLATFORM": "a workflow",
    "CALCULATED": "calculated by HubSpot",
    "MERGE_OBJECTS": "a merge",
    "MERGE_CONTACTS": "a merge",
    "MIGRATION": "a migration",
    "SALESFORCE": "the Salesforce integration",
    "EMAIL": "an e-mail",
    "EMAIL_INTEGRATION": "the e-mail integration",
    "MEETINGS": "a meeting",
    "CONVERSATIONS": "a conversation",
    "SALES": "HubSpot's sales tools",
    "ANALYTICS": "HubSpot's analytics",
}
"""`sourceType` in plain words; one that is not here is shown as HubSpot writes it."""


def versions(result: Mapping[str, Any], name: str) -> tuple[FieldVersion, ...]:
    """The values of a property, newest first; none where it was never set. Raises KeyError, TypeError, AttributeError."""
    kept = (result.get("propertiesWithHistory") or {}).get(name) or ()
    return tuple(sorted(map(_version, kept), key=lambda version: version.at, reverse=True))


def _version(kept: Mapping[str, Any]) -> FieldVersion:
    code = str(kept["sourceType"] or "")
    value = kept["value"]
    return FieldVersion(
        value=str(value) if value not in (None, "") else None,
        at=str(kept["timestamp"]),
        source=code,
        told=SOURCES.get(code, code.replace("_", " ").lower()),
        label=str(kept.get("sourceLabel") or ""),
        user=_user(kept),
    )


def _user(kept: Mapping[str, Any]) -> str:
    """The number of the user, from its own field or from the source's id (`userId:123`)."""
    if kept.get("updatedByUserId") is not None:
        return str(kept["updatedByUserId"])
    kind, _, number = str(kept.get("sourceId") or "").partition(":")
    return number if kind == "userId" else ""
