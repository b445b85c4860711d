"""HubSpot's error bodies. Every answer of this part of the sandbox that isn't a success is made here."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from reconcile_tui.sandbox.exchange import Answer, json_answer

CONTENT_TYPE = "application/json;charset=utf-8"


class Refusal(Exception):
    """A request that HubSpot refuses: status, message, and the fields that some refusals have and others lack."""

    def __init__(self, status: int, message: str, *, category: str = "", **extra: Any) -> None:
        """`extra` becomes part of the body: context, errors, links, subCategory, policyName."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.extra = extra

    def answer(self) -> Answer:
        """The refusal as it goes over the wire."""
        correlation = str(uuid.uuid4())
        body: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": correlation}
        body.update({name: value for name, value in self.extra.items() if value is not None})
        if self.category:
            body["category"] = self.category
        return json_answer(self.status, body, CONTENT_TYPE, {"x-hubspot-correlation-id": correlation})


def success(status: int, data: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
    """A successful answer; without data its body is empty."""
    extra = {"x-hubspot-correlation-id": str(uuid.uuid4()), **(headers or {})}
    return Answer(status, b"", extra) if data is None else json_answer(status, data, CONTENT_TYPE, extra)


@dataclass(frozen=True, slots=True)
class Invalid:
    """One property value that was not accepted."""

    name: str
    code: str
    message: str


def invalid_values(problems: Sequence[Invalid], portal_id: int) -> Refusal:
    """The refusal of a write for its values: the message repeats the problems as JSON, `errors` lists them."""
    told = [
        {
            "isValid": False,
            "message": p.message,
            "error": p.code,
            "name": p.name,
            "localizedErrorMessage": p.message,
            "portalId": portal_id,
        }
        for p in problems
    ]
    errors = [{"message": p.message, "code": p.code, "context": {"propertyName": [p.name]}} for p in problems]
    message = f"Property values were not valid: {orjson.dumps(told).decode()}"
    return Refusal(400, message, errors=errors, category="VALIDATION_ERROR")


def invalid(message: str, **extra: Any) -> Refusal:
    """A request that is wrong as a whole."""
    return Refusal(400, message, category="VALIDATION_ERROR", **extra)


def not_found() -> Refusal:
    """An unknown numeric id, or an unknown address; this one has no category."""
    return Refusal(404, "resource not found")


def not_an_id(reference: str) -> Refusal:
    """An id that is not a number; the two blanks are the vendor's."""
    message = "Object not found.  objectId are usually numeric."
    return Refusal(404, message, context={"id": [reference]}, category="OBJECT_NOT_FOUND")


def unauthenticated() -> Refusal:
    """No usable token."""
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at "
        "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return Refusal(401, message, category="INVALID_AUTHENTICATION")


def missing_scope(scope: str) -> Refusal:
    """A token without the scope that the request needs."""
    message = (
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
        "https://developers.hubspot.com/scopes."
    )
    errors = [{"message": "One or more of the following scopes are required.", "context": {"requiredGranularScopes": [scope]}}]
    links = {"scopes": "https://developers.hubspot.com/scopes"}
    return Refusal(403, message, errors=errors, links=links, category="MISSING_SCOPES")


def already_exists(owner: int, thing: str = "Contact") -> Refusal:
    """An address that another live contact has as its primary one."""
    return Refusal(409, f"{thing} already exists. Existing ID: {owner}", category="CONFLICT")


LEGACY_TYPE = {"contacts": "CONTACT", "companies": "COMPANY"}


def value_taken(portal_id: int, object_type: str, name: str, value: str, writing: int, owner: int) -> Refusal:
    """A unique value that another record owns, as the storage layer words it: the second number is the owner."""
    message = (
        f"Cannot set PropertyValueCoordinates{{portalId={portal_id}, objectTypeId=ObjectTypeId{{legacyObjectType="
        f"{LEGACY_TYPE[object_type]}}}, propertyName={name}, value={value}}} on {writing}. {owner} already has that value."
    )
    return Refusal(400, message, category="VALIDATION_ERROR")


def conflicting_unique_value(name: str, value: str) -> Refusal:
    """The same clash in the other wording that clients report."""
    problem = {"message": f"{value} is already used for {name}", "code": "CONFLICTING_UNIQUE_VALUE", "context": {"propertyName": [name]}}
    return Refusal(400, "Property values were not valid", errors=[problem], category="VALIDATION_ERROR")


LIMITS = {
    "TEN_SECONDLY_ROLLING": "You have reached your ten_secondly_rolling limit.",
    "SECONDLY": "You have reached your secondly limit.",
    "DAILY": "You have reached your daily limit.",
}
"""Message by policy."""


def too_many(policy: str) -> Refusal:
    """429 under one of the three policies."""
    return Refusal(429, LIMITS[policy], errorType="RATE_LIMIT", policyName=policy, requestId=str(uuid.uuid4()))
