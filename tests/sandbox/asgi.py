"""Ways into an ASGI application for clients that only know sockets."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import httpx
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse


def send(app: Any, method: str, url: str, **content: Any) -> httpx.Response:
    """One request, answered in process."""

    async def exchange() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as client:
            return await client.request(method, url, **content)

    return asyncio.run(exchange())


class RequestsAdapter(BaseAdapter):
    """A `requests` adapter that calls the application, so that an https URL needs neither TLS nor a socket."""

    def __init__(self, app: Any) -> None:
        super().__init__()
        self.app = app

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """Carry a prepared request over."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        try:
            found = send(self.app, request.method or "GET", request.url or "", headers=dict(request.headers), content=body)
        except ConnectionError as error:
            raise requests.exceptions.ConnectionError(error, request=request) from error
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = found.status_code, request.url or "", request
        answer.headers = requests.structures.CaseInsensitiveDict(found.headers)
        answer.raw = HTTPResponse(body=io.BytesIO(found.content), preload_content=False, status=found.status_code)
        answer._content = found.content
        return answer

    def close(self) -> None:
        """Nothing is kept open."""


class MsalHttpClient:
    """What msal wants of an HTTP client."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        """GET."""
        return send(self.app, "GET", url, params=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        """POST a form."""
        form = {name: value.decode() if isinstance(value, bytes) else value for name, value in (data or {}).items()}
        return send(self.app, "POST", url, params=params, data=form, headers=headers)

    def close(self) -> None:
        """Nothing is kept open."""
