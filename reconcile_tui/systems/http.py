"""The one place that speaks HTTP: connections, time-outs, limits, retries, redaction. Nothing else imports httpx.

What may be repeated is decided here, once. A refusal that happened before any work was done (429, 423, 477, 401, no connection) is
repeated for reads and writes alike; an answer that got lost (5xx, broken connection, unusable body) is repeated for reads only. A
write in that case raises AnswerLost, because nobody knows whether it took place.

The token goes to the configured origin and nowhere else: no redirect is followed, and an absolute URL of another origin is refused.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx
import orjson
import stamina

from reconcile_tui.errors import AnswerLost, SignInRefused, SystemUnreachable
from reconcile_tui.systems import redact
from reconcile_tui.systems.clock import Clock, RealClock
from reconcile_tui.systems.dialect import Dialect, Reply, Token, lenient, retry_after
from reconcile_tui.systems.pace import Pace, Ticket
from reconcile_tui.systems.patience import PATIENCE, Patience, Unauthorised, Unusable, Waiting
from reconcile_tui.systems.protocol import Exchange, Journal

if TYPE_CHECKING:
    from collections.abc import Awaitable, MutableMapping

    AsgiApp = Callable[
        [
            MutableMapping[str, Any],
            Callable[[], Awaitable[MutableMapping[str, Any]]],
            Callable[[MutableMapping[str, Any]], Awaitable[None]],
        ],
        Awaitable[None],
    ]

log = logging.getLogger("reconcile_tui.systems")
for _name in ("httpx", "httpcore", "stamina"):
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False  # they would write whole URLs, with the values in the query

TIMEOUT = httpx.Timeout(connect=10.0, read=130.0, write=60.0, pool=None)  # seconds; Dataverse itself gives up after 120
SIGN_IN_TIMEOUT = 30.0  # seconds
LOCKED = 2.0  # seconds; HubSpot asks to wait at least this long after a 423
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_UNAVAILABLE = frozenset({408, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Http:
    """Requests to one origin in the name of one system."""

    def __init__(
        self,
        system: str,
        base_url: str,
        token: Token,
        dialect: Dialect,
        *,
        app: AsgiApp | None = None,
        journal: Journal | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Prepare the pool; nothing is sent yet. Raises SystemUnreachable for a URL a token must not be sent to."""
        self.system = system
        self.clock = clock or RealClock()
        self.origin = _checked_origin(base_url)
        self._token = token
        self._dialect = dialect
        self._journal = journal
        self.pace = Pace(dialect.rates, parallel=dialect.parallel, clock=self.clock)
        self._skew = timedelta()
        limits = httpx.Limits(max_connections=dialect.parallel, max_keepalive_connections=dialect.parallel)
        self._client = httpx.AsyncClient(
            transport=_InProcess(app) if app else None,
            headers=dict(dialect.headers),
            timeout=TIMEOUT,
            limits=limits,
            follow_redirects=False,
            trust_env=not is_loopback(self.origin),  # what is meant for this machine goes through no proxy
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    def server_time(self) -> datetime:
        """The time of day by the system's own clock, as its last answer told it; this machine's before the first."""
        return self.clock.utc() + self._skew

    def unusable(self, reason: str) -> SystemUnreachable:
        """The error for an answer that is JSON and yet not what the API promises; `reason` ends the sentence."""
        return self._unreachable(reason)

    def url(self, target: str) -> str:
        """A path or a same-origin URL as an absolute URL. Raises SystemUnreachable for any other origin."""
        if target.startswith("/") and not target.startswith("//"):
            return self.origin + target
        url = httpx.URL(self.origin).join(target)
        if _origin(url) != self.origin:
            raise SystemUnreachable(
                f"{self._dialect.title} named a next page on another host ({redact.message(url.host)}); it was not asked.",
                kept="What was pulled before is kept, and the token was not sent there.",
                todo="Check the URL in reconcile.toml and whoever stands between you and the system.",
            )
        return str(url)

    async def read(
        self,
        target: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        body: Any = None,
        lane: str = "",
    ) -> dict[str, Any]:
        """Ask for a JSON object, as often as it takes. Raises SystemFailure errors and the dialect's refusals."""
        _, data = await self._request(method, target, params, headers, body, lane, repeatable=True, parsed=True)
        return data

    async def write(
        self, method: str, target: str, *, body: Any = None, headers: Mapping[str, str] | None = None, parsed: bool = True
    ) -> tuple[Reply, dict[str, Any]]:
        """Send a write exactly once as far as the system can have noticed. Raises AnswerLost and the dialect's refusals.

        `parsed` False: the answer's body does not matter.
        """
        return await self._request(method, target, None, headers, body, "", repeatable=False, parsed=parsed)

    async def _request(
        self,
        method: str,
        target: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        body: Any,
        lane: str,
        *,
        repeatable: bool,
        parsed: bool,
    ) -> tuple[Reply, dict[str, Any]]:
        url = self.url(target)
        if params:
            url = f"{url}?{urlencode(params, quote_via=quote, safe='$,')}"
        content = None if body is None else orjson.dumps(body)
        patience = Patience(repeatable)
        try:
            async for attempt in stamina.retry_context(
                on=patience, attempts=None, timeout=None, wait_initial=0.5, wait_max=30.0, wait_jitter=0.5
            ):
                with attempt:
                    sent = self._client.build_request(method, url, content=content, headers=await self._headers(headers, content))
                    reply = await self._once(sent, lane, attempt.num)
                    return reply, reply.json() if parsed and reply.status != 204 else {}
        except Unauthorised as error:
            raise SignInRefused(
                f"{self._dialect.title} does not accept the credentials of {self.system!r} (HTTP 401).",
                kept="What was done before is kept.",
                todo="Check that the token or the app registration is current; `reconcile-tui doctor` tells more.",
            ) from error
        except Waiting as error:
            raise self._too_long(error) from error
        except Unusable as error:
            if repeatable or not error.sent:
                raise self._unreachable(str(error)) from error
            raise AnswerLost(
                f"{self._dialect.title} {error} after a write was sent ({method} {redact.path(url)}).",
                kept="The write was not repeated.",
                todo="The record has to be read to know whether it took place.",
            ) from error
        raise AssertionError("the retry context ends by returning or raising")

    def _unreachable(self, reason: str) -> SystemUnreachable:
        return SystemUnreachable(
            f"{self._dialect.title} at {self.origin} {reason}.",
            kept="What was done before is kept.",
            todo="Try again later; the same command goes on from there.",
        )

    def _too_long(self, why: object) -> SystemUnreachable:
        return self._unreachable(f"has asked to wait for more than {PATIENCE / 60:.0f} minutes ({why})")

    async def _headers(self, extra: Mapping[str, str] | None, content: bytes | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {await self._token.get()}", **(extra or {})}
        if content is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        return headers

    async def _once(self, request: httpx.Request, lane: str, attempt: int) -> Reply:
        async with self.pace.gate.turn():
            ticket = await self.pace.enter(lane)
            async with self._journalled(request, attempt) as seen:
                response = await self._send(request)
                seen.append(response)
        return await self._judge(response, ticket)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._client.send(request)
        except _NEVER_SENT as error:
            raise Unusable(f"can't be reached ({redact.message(error) or type(error).__name__})", sent=False) from error
        except httpx.TimeoutException as error:
            raise Unusable("did not answer in time") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise Unusable(f"broke the connection ({type(error).__name__})") from error

    async def _judge(self, response: httpx.Response, ticket: Ticket) -> Reply:
        status, headers = response.status_code, response.headers
        if status < 300:
            self._note_time(headers.get("date"))
            self.pace.settle(self._dialect.limits(headers), ticket)
            return Reply(status, headers, response.content, headers.get(self._dialect.request_id_header, ""))
        if status < 400:
            raise self._unreachable(f"answered with a redirect (HTTP {status}), which is not followed")
        if status == 401:
            await self._token.renew()
            raise Unauthorised
        body = lenient(response.content)
        if (seconds := self._asked_to_wait(status, body, headers)) is not None:
            if seconds > PATIENCE:  # no pause: nobody shall sit it out
                raise self._too_long(f"HTTP {status}")
            self.pace.pause(seconds)
            raise Waiting(f"HTTP {status}", seconds)
        if status in _UNAVAILABLE:
            self.pace.gate.shrink()
            raise Unusable(f"is not available (HTTP {status})")
        raise self._dialect.refusal(status, body)

    def _note_time(self, date: str | None) -> None:
        with suppress(ValueError, TypeError):
            self._skew = parsedate_to_datetime(date or "") - self.clock.utc()

    def _asked_to_wait(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> float | None:
        """Seconds, when the request was turned away before any work was done; None otherwise."""
        if status == 429:
            return self._dialect.throttled(body, headers, self.pace.refusals)
        if status in (423, 477):
            return retry_after(headers) or LOCKED * (1 + self.pace.refusals)
        return None

    @asynccontextmanager
    async def _journalled(self, request: httpx.Request, attempt: int) -> AsyncIterator[list[httpx.Response]]:
        started = self.clock.now()
        seen: list[httpx.Response] = []
        note = ""
        try:
            yield seen
        except Unusable as error:
            note = str(error)
            raise
        finally:
            status = seen[0].status_code if seen else None
            request_id = seen[0].headers.get(self._dialect.request_id_header, "") if seen else ""
            exchange = Exchange(
                self.system,
                request.method,
                redact.path(str(request.url)),
                status,
                self.clock.now() - started,
                attempt,
                redact.message(request_id),
                note,
            )
            log.debug("%s %s %s -> %s in %.3f s %s", self.system, exchange.method, exchange.path, status, exchange.seconds, note)
            if self._journal:
                self._journal(exchange)


def is_loopback(url: str) -> bool:
    """Whether a URL points to this machine."""
    return httpx.URL(url).host in LOOPBACK


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL."""
    return _origin(httpx.URL(url))


def _origin(url: httpx.URL) -> str:
    default = {"https": 443, "http": 80}.get(url.scheme)
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{url.scheme}://{host}" + (f":{url.port}" if url.port and url.port != default else "")


def _checked_origin(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise SystemUnreachable(f"{redact.message(base_url)!r} is no URL.", todo="Correct `url` in reconcile.toml.") from error
    if url.scheme != "https" and not (url.scheme == "http" and url.host in LOOPBACK):
        raise SystemUnreachable(
            f"{redact.message(base_url)!r} is not an https address; a token is sent to no other (loopback excepted).",
            todo="Write the system's full https URL in reconcile.toml.",
        )
    return _origin(url)


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    content: str | None = None,
    app: AsgiApp | None = None,
    loop: asyncio.AbstractEventLoop | None = None,
) -> Reply:
    """One blocking request of a sign-in, with any status. With an `app`, it runs on `loop`, so call from another thread.

    Raises SystemUnreachable.
    """
    arguments: dict[str, Any] = {"headers": headers, "params": params, "content": content}
    try:
        if app is None or loop is None:
            response = httpx.request(
                method, url, timeout=SIGN_IN_TIMEOUT, follow_redirects=False, trust_env=not is_loopback(url), **arguments
            )
        else:
            response = asyncio.run_coroutine_threadsafe(_in_process(app, method, url, arguments), loop).result()
    except httpx.HTTPError as error:
        raise SystemUnreachable(
            f"The sign-in service at {redact.message(httpx.URL(url).host)} can't be reached ({type(error).__name__}).",
            todo="Check the network and `authority` in reconcile.toml.",
        ) from error
    return Reply(response.status_code, response.headers, response.content)


async def _in_process(app: AsgiApp, method: str, url: str, arguments: dict[str, Any]) -> httpx.Response:
    async with httpx.AsyncClient(transport=_InProcess(app)) as client:
        return await client.request(method, url, **arguments)


class _InProcess(httpx.AsyncBaseTransport):
    """An ASGI app as the other end. An app that fails in the middle is what a broken connection is on a wire."""

    def __init__(self, app: AsgiApp) -> None:
        self._inner = httpx.ASGITransport(app=app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._inner.handle_async_request(request)
        except Exception as error:  # whatever the app dies of, its client sees a closed connection
            raise httpx.RemoteProtocolError("the connection was closed", request=request) from error
