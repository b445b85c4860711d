"""Reading the parts of a body, each of the kind that is expected."""

from __future__ import annotations

from typing import Any

from reconcile_tui.sandbox.dataverse.errors import Refusal, bad_payload
from reconcile_tui.sandbox.exchange import Call


def body_of(call: Call, name: str = "") -> dict[str, Any]:
    """The body as an object. Raises Refusal for anything else."""
    try:
        body = call.json()
    except ValueError as error:
        raise bad_payload(name, f"An error occurred while validating input parameters: {error}") from error
    if not isinstance(body, dict):
        raise bad_payload(name, "A StartObject node was expected.")
    return body


def object_in(body: dict[str, Any], name: str) -> dict[str, Any]:
    """A member that is an object; empty when it is missing. Raises Refusal."""
    found = body.get(name)
    if found is not None and not isinstance(found, dict):
        raise _unreadable(name, "an object")
    return found or {}


def objects_in(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A member that is a list of objects; empty when it is missing. Raises Refusal."""
    found = list_in(body, name)
    if not all(isinstance(each, dict) for each in found):
        raise _unreadable(name, "a list of objects")
    return found


def list_in(body: dict[str, Any], name: str) -> list[Any]:
    """A member that is a list; empty when it is missing. Raises Refusal."""
    found = body.get(name)
    if found is not None and not isinstance(found, list):
        raise _unreadable(name, "a list")
    return found or []


def number_in(body: dict[str, Any], name: str, default: float, least: float, most: float) -> float:
    """A number within limits. Raises Refusal."""
    found = body.get(name)
    found = default if found is None else found
    if isinstance(found, bool) or not isinstance(found, int | float) or not least <= found <= most:
        raise _unreadable(name, f"a number from {least:g} to {most:g}")
    return found


def text_in(body: dict[str, Any], name: str) -> str:
    """A text; empty when it is missing. Raises Refusal."""
    found = body.get(name)
    if found is not None and not isinstance(found, str):
        raise _unreadable(name, "a text")
    return found or ""


def label_in(body: dict[str, Any], name: str) -> str:
    """The text of a label; empty when it is missing. Raises Refusal."""
    data = object_in(body, name)
    listed = objects_in(data, "LocalizedLabels") or [object_in(data, "UserLocalizedLabel")]
    return text_in(listed[0], "Label")


def _unreadable(name: str, expected: str) -> Refusal:
    return bad_payload("", f"The property '{name}' must be {expected}.")
