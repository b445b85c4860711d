"""One HTTP exchange as two plain values, so that a part of a `$batch` and a request from a socket take the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote

import orjson

System = Literal["hubspot", "dynamics", "entra", "control"]


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `path` and `query` are still percent-encoded, because an encoded quote or slash in a key is not a separator."""

    system: System
    method: str
    origin: str  # scheme and authority of the request; links in answers point back to it
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""

    @property
    def plain_path(self) -> str:
        """The path, decoded."""
        return unquote(self.path)

    @property
    def bearer(self) -> str:
        """The token of the Authorization header; empty when there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def parameters(self) -> dict[str, list[str]]:
        """The query's parameters; one that is given several times keeps all its values in order."""
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            found.setdefault(name, []).append(value)
        return found

    def parameter(self, name: str, default: str = "") -> str:
        """The last value of one parameter."""
        return self.parameters().get(name, [default])[-1]

    def listed(self, name: str) -> list[str]:
        """A list parameter, given comma-joined, repeated, or both (HubSpot's two Python SDKs differ here)."""
        joined = ",".join(self.parameters().get(name, []))
        return [part.strip() for part in joined.split(",") if part.strip()]

    def json(self) -> Any:
        """The body as JSON; an empty body is an empty object. Raises ValueError."""
        return orjson.loads(self.body) if self.body.strip() else {}

    def at(self, path: str, query: str = "") -> Call:
        """The same request for another address."""
        return replace(self, path=path, query=query)


@dataclass(slots=True)
class Answer:
    """A response."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)


def json_answer(status: int, data: Any, content_type: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, orjson.dumps(data), {"content-type": content_type, **(headers or {})})
