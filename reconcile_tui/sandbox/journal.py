"""What was written to the sandbox, in order; and a short memory of every request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.store import Store

SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization")
REMEMBERED = 100_000
"""Requests in the short memory at most."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request without its content."""

    at: float  # seconds since 1970
    system: str
    method: str
    path: str
    status: int  # 0: the connection was dropped
    fault: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the control address."""
        return {"at": self.at, "system": self.system, "method": self.method, "path": self.path, "status": self.status, "fault": self.fault}


class Journal:
    """Requests that changed something are kept in the database, in the same transaction as the change."""

    def __init__(self, store: Store) -> None:
        """Go on with what the database holds."""
        self._store = store
        self.requests: list[Request] = []

    def note(self, request: Request) -> None:
        """Remember a request, and forget the oldest ones when there are too many."""
        self.requests.append(request)
        if len(self.requests) > REMEMBERED:
            del self.requests[: REMEMBERED // 2]

    def write(self, at: float, call: Call, answer: Answer) -> None:
        """Note a request that changed something; its token is left out."""
        headers = {name: value for name, value in call.headers.items() if name not in SECRET_HEADERS}
        row = {
            "at": at,
            "system": call.system,
            "method": call.method,
            "path": call.path,
            "query": call.query,
            "headers": orjson.dumps(headers).decode(),
            "body": call.body,
            "status": answer.status,
            "answer": answer.body,
        }
        self._store.insert("journal", row)

    def entries(self, after: int = 0) -> list[dict[str, Any]]:
        """The requests that changed something, oldest first, from after a sequence number."""
        rows = self._store.all("SELECT * FROM journal WHERE seq > ? ORDER BY seq", (after,))
        return [
            {**row, "headers": orjson.loads(row["headers"]), "body": _read(row["body"]), "answer": _read(row["answer"])} for row in rows
        ]

    def clear(self) -> None:
        """Forget everything."""
        self.requests.clear()
        self._store.run("DELETE FROM journal")


def _read(content: bytes) -> Any:
    try:
        return orjson.loads(content) if content else None
    except ValueError:
        return content.decode("utf-8", "replace")
