"""What a vendor's client adds to the transport: a token, limits and the meaning of refusals; and what it gets back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from reconcile_tui.errors import ReconcileError
from reconcile_tui.systems.pace import Limits, Rate
from reconcile_tui.systems.patience import Unusable


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a status below 400."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    request_id: str = ""

    def json(self) -> dict[str, Any]:
        """The body as an object. Raises Unusable."""
        if "json" not in self.headers.get("content-type", ""):
            raise Unusable("answered with something that is not JSON")
        try:
            data = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise Unusable("broke off in the middle of its answer") from error
        if not isinstance(data, dict):
            raise Unusable("answered with JSON of an unknown shape")
        return data


class Token(Protocol):
    """Where a bearer token comes from."""

    async def get(self) -> str:
        """The token to send. Raises SignInRefused, SystemUnreachable."""
        ...

    async def renew(self) -> None:
        """The system refused the last one: forget it."""
        ...


class Dialect(Protocol):
    """What differs between vendors in the transport."""

    title: str
    rates: Mapping[str, Rate]
    parallel: int
    headers: Mapping[str, str]
    request_id_header: str

    def limits(self, headers: Mapping[str, str]) -> Limits | None:
        """What the headers tell of the limits."""
        ...

    def throttled(self, body: Mapping[str, Any], headers: Mapping[str, str], refusals: int) -> float:
        """Seconds to wait after a 429, the `refusals`-th in a row (0: the first). Raises DailyLimitReached."""
        ...

    def refusal(self, status: int, body: Mapping[str, Any]) -> ReconcileError:
        """The error a refused request raises. Every field of the body is optional."""
        ...


def retry_after(headers: Mapping[str, str]) -> float | None:
    """`Retry-After` in seconds; None when absent or not a finite number."""
    try:
        seconds = float(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def lenient(content: bytes) -> dict[str, Any]:
    """The body of a refusal as an object; empty when it is none."""
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}
