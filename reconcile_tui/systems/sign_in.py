"""The blocking HTTP client msal wants, over this package's own transport: its time-outs, its errors, no redirects."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from reconcile_tui.errors import SystemUnreachable
from reconcile_tui.systems.http import fetch

if TYPE_CHECKING:
    from reconcile_tui.systems.http import AsgiApp


@dataclass(frozen=True, slots=True)
class SignInReply:
    """An answer in the form msal reads."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Raise SystemUnreachable for an error status; msal asks after it has looked for errors it understands."""
        if self.status_code >= 400:
            raise SystemUnreachable(f"The sign-in service failed (HTTP {self.status_code}).", todo="Try again later.")


class SignInHttp:
    """What msal calls `http_client`.

    `rewrite` (secure, plain) stands for an origin on loopback: msal insists on https, a sandbox there has none. With an `app`, requests
    run on the given event loop, so msal must be called from another thread.
    """

    def __init__(
        self, *, app: AsgiApp | None = None, loop: AbstractEventLoop | None = None, rewrite: tuple[str, str] | None = None
    ) -> None:
        """Open nothing."""
        self._app, self._loop, self._rewrite = app, loop, rewrite

    def get(self, url: str, *, params: Any = None, headers: Any = None, **_: Any) -> SignInReply:
        """As `requests.get`, as far as msal uses it. Raises SystemUnreachable."""
        return self._request("GET", url, params, headers, None)

    def post(self, url: str, *, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> SignInReply:
        """As `requests.post`, as far as msal uses it: a form, some of whose values are bytes. Raises SystemUnreachable."""
        form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._request("POST", url, params, form, urlencode(data or {}))

    def close(self) -> None:
        """Nothing is kept open: sign-ins are rare."""

    def _request(self, method: str, url: str, params: Any, headers: Any, content: str | None) -> SignInReply:
        secure, plain = self._rewrite or ("", "")
        url = url.replace(secure, plain, 1) if secure and url.startswith(secure) else url
        reply = fetch(method, url, params=params, headers=headers or {}, content=content, app=self._app, loop=self._loop)
        text = reply.body.decode("utf-8", "replace")
        return SignInReply(reply.status, text.replace(plain, secure) if plain else text, reply.headers)
