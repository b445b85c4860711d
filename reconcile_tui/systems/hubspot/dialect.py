"""How HubSpot limits and refuses. Sources: its usage guidelines and error-handling pages; bodies captured from the live service.

Every field of an error body is optional, by HubSpot's own word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from reconcile_tui.errors import DailyLimitReached, ReconcileError, RecordGone, RequestRefused, ValueTaken
from reconcile_tui.systems import redact
from reconcile_tui.systems.dialect import retry_after
from reconcile_tui.systems.pace import Limits, Rate

SEARCH = "search"  # the lane of search requests, which have a limit of their own
_EXISTING = re.compile(r"Existing ID: (\d+)")
_OWNER = re.compile(r"propertyName=(\w+),.* on \d+\. (\d+) already has that value", re.DOTALL)
_PROBLEM = re.compile(r'"error":"(\w+)","name":"(\w+)"')
_POLICY_WAIT = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}  # seconds, times the number of refusals in a row


class HubSpotDialect:
    """Limits, headers and refusals of HubSpot."""

    title = "HubSpot"
    rates: Mapping[str, Rate] = {"": Rate(100, 10.0), SEARCH: Rate(5, 1.0)}  # the lowest tier, until the headers tell more
    parallel = 12
    headers: Mapping[str, str] = {"Accept": "application/json"}
    request_id_header = "x-hubspot-correlation-id"

    def limits(self, headers: Mapping[str, str]) -> Limits | None:
        """The burst limit and what is left of it; searches carry no such headers."""
        try:
            most = int(headers["x-hubspot-ratelimit-max"])
            remaining = int(headers["x-hubspot-ratelimit-remaining"])
            seconds = int(headers.get("x-hubspot-ratelimit-interval-milliseconds", "10000")) / 1000
        except (KeyError, ValueError):
            return None
        return Limits(Rate(most, seconds), remaining) if most > 0 and seconds > 0 else None

    def throttled(self, body: Mapping[str, Any], headers: Mapping[str, str], refusals: int) -> float:
        """`Retry-After` where given, else by policy. Raises DailyLimitReached."""
        policy = str(body.get("policyName", ""))
        if policy == "DAILY":
            raise DailyLimitReached(
                "HubSpot allows this account no more requests today.",
                kept="What was done before is kept.",
                todo="Run the same command again after midnight in the account's time zone; it goes on from here.",
            )
        return retry_after(headers) or _POLICY_WAIT.get(policy, 10.0) * (refusals + 1)

    def refusal(self, status: int, body: Mapping[str, Any]) -> ReconcileError:
        """One of the RequestRefused family, by status and by what of the body is there."""
        category = str(body.get("category", ""))
        text = str(body.get("message", ""))[:10_000]
        details = [d for d in _listed(body.get("errors")) if isinstance(d, Mapping)]
        if taken := _taken(status, text, details):
            return taken
        if status == 404:
            return RecordGone("HubSpot has no such record.", status=status, code=category)
        if status == 403:
            return RequestRefused(
                "HubSpot says the token lacks a permission for this.",
                status=status,
                code=category or "MISSING_SCOPES",
                todo=_scopes(details),
            )
        code, where = _first_problem(text, details)
        named = f" ({where}: {code})" if where else f" ({code})" if code else ""
        said = "" if where else f": {redact.message(text)}" if text else ""
        return RequestRefused(f"HubSpot refused the request with HTTP {status}{named}{said}.", status=status, code=code or category)


def _taken(status: int, text: str, details: list[Mapping[str, Any]]) -> ValueTaken | None:
    """The three shapes in which HubSpot says that a unique value belongs to another record."""
    if match := _OWNER.search(text):
        return _value_taken(status, match.group(1), match.group(2))
    if match := _EXISTING.search(text):
        return _value_taken(status, "email", match.group(1))
    for detail in details:
        if "CONFLICTING_UNIQUE_VALUE" in f"{detail.get('code')} {detail.get('message')}":
            return _value_taken(status, _names(detail) or "a unique property", "")
    if "CONFLICTING_UNIQUE_VALUE" in text or status == 409:
        return _value_taken(status, "a unique property", "")
    return None


def _value_taken(status: int, name: str, owner: str) -> ValueTaken:
    return ValueTaken(
        f"HubSpot: the value for {name} belongs to {f'contact {owner}' if owner else 'another record'}.",
        status=status,
        code="CONFLICT",
        owner=owner,
    )


def _first_problem(text: str, details: list[Mapping[str, Any]]) -> tuple[str, str]:
    for detail in details:
        if detail.get("code"):
            return str(detail["code"]), _names(detail)
    if match := _PROBLEM.search(text):
        return match.group(1), match.group(2)
    return "", ""


def _names(detail: Mapping[str, Any]) -> str:
    context = detail.get("context")
    names = context.get("propertyName") if isinstance(context, Mapping) else None
    return redact.message(", ".join(str(n) for n in _listed(names)))


def _scopes(details: list[Mapping[str, Any]]) -> str:
    contexts = [d["context"] for d in details if isinstance(d.get("context"), Mapping)]
    scopes = [str(s) for c in contexts for s in _listed(c.get("requiredGranularScopes"))]
    return f"Grant the token one of these scopes: {', '.join(scopes)}." if scopes else "Look at the scopes of the token's app."


def _listed(value: object) -> Iterable[Any]:
    return value if isinstance(value, list) else ()
