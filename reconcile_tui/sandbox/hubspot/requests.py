"""Reading HubSpot requests: bodies, page sizes, object types."""

from __future__ import annotations

from typing import Any

from reconcile_tui.sandbox.exchange import Call
from reconcile_tui.sandbox.hubspot.errors import Refusal, invalid
from reconcile_tui.sandbox.hubspot.schema import OBJECT_TYPES

BATCH = 100
"""Inputs in one batch call."""


def type_of(name: str) -> str:
    """The object type a path names. Raises Refusal."""
    known = OBJECT_TYPES.get(name.lower())
    if known is None:
        raise Refusal(400, f"Unable to infer object type from: {name}", category="VALIDATION_ERROR")
    return known


def body_of(call: Call) -> dict[str, Any]:
    """The body as an object. Raises Refusal for anything else."""
    try:
        body = call.json()
    except ValueError as error:
        raise invalid(f"Invalid input JSON on line 1, column 1: {error}") from error
    if not isinstance(body, dict):
        raise invalid("Invalid input JSON on line 1, column 1: Cannot deserialize value")
    return body


def objects_in(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A member that is a list of objects; empty when it is missing. Raises Refusal for anything else."""
    found = body.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise _unreadable(name)
    return found


def object_in(body: dict[str, Any], name: str) -> dict[str, Any]:
    """A member that is an object; empty when it is missing. Raises Refusal for anything else."""
    found = body.get(name)
    if found is not None and not isinstance(found, dict):
        raise _unreadable(name)
    return found or {}


def texts_in(body: dict[str, Any], name: str) -> list[str]:
    """A member that is a list of texts; empty when it is missing. Raises Refusal for anything else."""
    found = body.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _unreadable(name)
    return found


def number_in(body: dict[str, Any], name: str, default: int) -> int:
    """A whole number, also as text. Raises Refusal for anything else."""
    found = body.get(name)
    text = str(default if found in (None, "") else found)
    if not (text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 19):
        raise _unreadable(name)
    return int(text)


def _unreadable(name: str) -> Refusal:
    return invalid(f"Invalid input JSON on line 1, column 1: Cannot deserialize value of {name}")


def inputs_of(body: dict[str, Any], most: int = BATCH) -> list[dict[str, Any]]:
    """The inputs of a batch call. Raises Refusal when there are too many or one is no object."""
    if body.get("inputs") is None:
        raise invalid("Invalid input JSON: some required fields were not set: [inputs]")
    inputs = objects_in(body, "inputs")
    if len(inputs) > most:
        raise invalid(f"The maximum number of inputs supported in a batch request is {most}, received {len(inputs)}")
    return inputs


def limit_of(call: Call, default: int, most: int) -> int:
    """The page size. Raises Refusal beyond what is allowed."""
    text = call.parameter("limit", str(default))
    if not text.lstrip("-").isdigit() or not 1 <= int(text) <= most:
        raise invalid(f"The limit must be between 1 and {most}, received {text}")
    return int(text)


def flag(call: Call, name: str) -> bool:
    """A true/false parameter."""
    return call.parameter(name, "false").lower() == "true"
