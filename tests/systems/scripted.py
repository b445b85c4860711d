"""An ASGI app that answers from a script and remembers what it was asked: the other end of a wire, byte by byte as told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson


@dataclass
class Seen:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: float
    host: str
    raw_query: str = ""

    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Say:
    """One answer. `drop` breaks the connection after the request was taken in."""

    status: int = 200
    data: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    drop: bool = False
    content_type: str = "application/json;charset=utf-8"


class ScriptedApp:
    """Answers in the order of the script; the last entry repeats. An entry may be a function of the request."""

    def __init__(self, *script: Say | Callable[[Seen], Say]) -> None:
        self.script = list(script)
        self.seen: list[Seen] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        raw = scope["query_string"].decode()
        seen = Seen(
            scope["method"],
            scope["path"],
            dict(parse_qsl(raw)),
            headers,
            message.get("body", b""),
            asyncio.get_running_loop().time(),
            headers.get("host", ""),
            raw,
        )
        self.seen.append(seen)
        entry = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        say = entry(seen) if callable(entry) else entry
        if say.drop:
            raise ConnectionResetError("closed by the script")
        body = orjson.dumps(say.data) if say.body is None else say.body
        head = [(b"content-type", say.content_type.encode()), *((k.encode(), v.encode()) for k, v in say.headers.items())]
        await send({"type": "http.response.start", "status": say.status, "headers": head})
        await send({"type": "http.response.body", "body": b"" if say.status == 204 else body})
