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


def inputs_of(body: dict[str, Any], most: int = BATCH) -> list[dict[str, Any]]:
    """The inputs of a batch call. Raises Refusal when there are too many or one is no object."""
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(each, dict) for each in inputs):
        raise invalid("Invalid input JSON: some required fields were not set: [inputs]")
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
