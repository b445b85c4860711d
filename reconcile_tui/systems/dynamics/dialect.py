"""How Dataverse limits and refuses. Sources: Microsoft's pages on service protection limits, Web API errors and merge error codes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from reconcile_tui.errors import ReconcileError, RecordChanged, RecordGone, RequestRefused, ValueTaken
from reconcile_tui.systems import redact
from reconcile_tui.systems.dialect import retry_after
from reconcile_tui.systems.pace import Limits, Rate

EXECUTION = 1200.0  # seconds of work a user may cause in 300 s on one web server
_TAKEN = frozenset({"0x80040237", "0x80060892", "0x80040333"})
_MISSING = frozenset({"0x80040217", "0x80060891"})
_PLAIN_WORDS = {
    "0x80045304": "one of the two records is inactive, and Dataverse merges active records only",
    "0x80045305": "a record can't be merged into itself",
    "0x80045300": "the merge would make a record its own parent",
    "0x80045301": "the user lacks the privilege to merge, or access to one of the records",
    "0x80045302": "the record to be merged away has an active quote",
    "0x80040220": "the user lacks a privilege for this",
    "0x80048306": "the user lacks a privilege for this",
    "0x80044331": "a value is longer than its column allows",
    "0x8004431a": "a value is no option of its column",
}
_FORBIDDEN = "Give the user (or application user) a security role that allows it."


class DynamicsDialect:
    """Limits, headers and refusals of Dataverse."""

    title = "Dynamics"
    rates: Mapping[str, Rate] = {"": Rate(6000, 300.0)}
    parallel = 52
    headers: Mapping[str, str] = {
        "Accept": "application/json",
        "OData-MaxVersion": "4.0",
        "OData-Version": "4.0",
    }
    request_id_header = "x-ms-service-request-id"

    def limits(self, headers: Mapping[str, str]) -> Limits | None:
        """Requests and execution time left, and how many at once the server would like."""
        remaining = _number(headers.get("x-ms-ratelimit-burst-remaining-xrm-requests"))
        seconds = _number(headers.get("x-ms-ratelimit-time-remaining-xrm-requests"))
        hint = _number(headers.get("x-ms-dop-hint"))
        if remaining is None and seconds is None and hint is None:
            return None
        return Limits(
            remaining=None if remaining is None else int(remaining),
            parallel=None if not hint else max(1, min(52, int(hint))),
            strain=0.0 if seconds is None else 1.0 - min(1.0, seconds / EXECUTION),
        )

    def throttled(self, body: Mapping[str, Any], headers: Mapping[str, str], refusals: int) -> float:
        """`Retry-After`, which Dataverse always sends; doubling from five seconds should it be missing."""
        del body
        return retry_after(headers) or min(300.0, 5.0 * 2**refusals)

    def refusal(self, status: int, body: Mapping[str, Any]) -> ReconcileError:
        """One of the RequestRefused family, by status and code."""
        error = body.get("error")
        code = str(error.get("code", "")) if isinstance(error, Mapping) else ""
        text = redact.message(error.get("message", "")) if isinstance(error, Mapping) else ""
        if code in _TAKEN:
            return ValueTaken("Dynamics: a value that must be unique belongs to another record.", status=status, code=code)
        if status == 412:
            return RecordChanged("Dynamics: the record was changed since it was read.", status=status, code=code)
        if status == 404 and (code in _MISSING or not code):
            return RecordGone("Dynamics has no such record.", status=status, code=code)
        reason = _PLAIN_WORDS.get(code) or text or "no reason given"
        todo = _FORBIDDEN if status == 403 else ""
        named = f", {code}" if code else ""
        return RequestRefused(f"Dynamics refused the request (HTTP {status}{named}): {reason}.", status=status, code=code, todo=todo)


def _number(text: str | None) -> float | None:
    """A header's number; Dataverse writes `1,200.00`."""
    try:
        number = float(text.replace(",", "")) if text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
