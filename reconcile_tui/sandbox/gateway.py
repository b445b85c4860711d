"""The ASGI application: takes a request in, finds who it is for, lets faults act, and answers.

Whom a request is for is told by its path, so one origin serves both CRMs and sign-in; in process the vendors' own host names may be
used, they all lead here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reconcile_tui.errors import UsageError
from reconcile_tui.sandbox import entra
from reconcile_tui.sandbox.dataverse import errors as dataverse_errors
from reconcile_tui.sandbox.dataverse.environment import ROOT
from reconcile_tui.sandbox.exchange import Answer, Call, System, json_answer
from reconcile_tui.sandbox.fault_kinds import KINDS, ConnectionDropped
from reconcile_tui.sandbox.faults import Fault
from reconcile_tui.sandbox.hubspot import errors as hubspot_errors
from reconcile_tui.sandbox.journal import Request

if TYPE_CHECKING:
    from reconcile_tui.sandbox.sandbox import Sandbox

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CONTROL = "/__sandbox__"
log = logging.getLogger(__name__)


class Gateway:
    """An ASGI callable over one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Answer for this sandbox."""
        self._sandbox = sandbox

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """ASGI: HTTP requests, and the lifespan events that servers send."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"The sandbox speaks HTTP, not {scope['type']}.")
        answer = await self.handle(await _call(scope, receive))
        headers = {**answer.headers, "content-length": str(len(answer.body))}
        if answer.status in (204, 304):
            del headers["content-length"]
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        await send({"type": "http.response.body", "body": answer.body})

    async def handle(self, call: Call) -> Answer:
        """Answer one request. Raises ConnectionDropped where a fault breaks the connection."""
        if call.system == "control":
            from reconcile_tui.sandbox.control import control

            return control(self._sandbox, call)
        faults = self._sandbox.faults.hitting(call)
        named = ",".join(fault.kind for fault in faults)
        try:
            answer = await self._answer(call, faults)
        except ConnectionDropped:
            self._note(call, 0, named)
            raise
        self._note(call, answer.status, named)
        return answer

    def _note(self, call: Call, status: int, fault: str) -> None:
        now = self._sandbox.clock.now()
        self._sandbox.journals.note(Request(now, call.system, call.method, call.path, status, fault))

    async def _answer(self, call: Call, faults: list[Fault]) -> Answer:
        sandbox = self._sandbox
        crm = call.system in ("hubspot", "dynamics")
        sandbox.dynamics.env.in_flight += call.system == "dynamics"
        try:
            for fault in faults:
                replaced = await KINDS[fault.kind].before(sandbox, call, fault)
                if replaced is not None:
                    return replaced
            if crm and sandbox.options.latency:
                await sandbox.clock.sleep(sandbox.options.latency)
            answer = self._carry_out(call)
            for fault in faults:
                answer = KINDS[fault.kind].after(call, answer, fault)
            return answer
        finally:
            sandbox.dynamics.env.in_flight -= call.system == "dynamics"
            sandbox.hubspot.portal.stale_seconds = 0.0

    def _carry_out(self, call: Call) -> Answer:
        """One transaction: the change and its entry in the journal."""
        sandbox = self._sandbox
        if call.system == "entra":
            return _safely(sandbox.entra.answer, call)
        started = time.perf_counter()
        api = sandbox.hubspot if call.system == "hubspot" else sandbox.dynamics
        with sandbox.store.lock:
            sandbox.refresh()
            if call.method == "GET":
                answer = _safely(api.answer, call)
            else:
                with sandbox.store.transaction():
                    before = sandbox.store.changes
                    answer = _safely(api.answer, call)
                    if answer.status >= 400:
                        sandbox.reread()
                    elif sandbox.store.changes > before:
                        sandbox.journals.write(sandbox.clock.now(), call, answer)
        if call.system == "dynamics":
            sandbox.dynamics.protection.worked(time.perf_counter() - started + sandbox.options.latency)
        return answer


def _safely(handler: Callable[[Call], Answer], call: Call) -> Answer:
    """A defect of the sandbox looks like one of the vendor's: a 500 in its own shape, and a line in the log."""
    try:
        return handler(call)
    except Exception:
        log.exception("the sandbox failed to answer %s %s", call.method, call.path)
    if call.system == "dynamics":
        return dataverse_errors.Refusal(500, "0x80040216", "An unexpected error occurred.").answer()
    if call.system == "entra":
        return entra.Refusal(500, "server_error", 90033, "A transient error has occurred. Please try again.").answer()
    return hubspot_errors.Refusal(500, "internal error").answer()


def system_of(path: str, host: str) -> System:
    """Whom a request is for."""
    if path.startswith(CONTROL):
        return "control"
    if path.startswith(ROOT):
        return "dynamics"
    if host == "login.microsoftonline.com" or entra.serves(path):
        return "entra"
    return "dynamics" if host.endswith(".dynamics.com") else "hubspot"


async def _call(scope: MutableMapping[str, Any], receive: Receive) -> Call:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host") or ":".join(map(str, scope.get("server") or ("sandbox",)))
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    path = raw.decode("latin-1").partition("?")[0]
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionDropped("the client went away")
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return Call(
        system=system_of(path, host.partition(":")[0]),
        method=scope["method"],
        origin=f"{scope.get('scheme', 'http')}://{host}",
        path=path,
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=headers,
        body=body,
    )


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def refusal(error: UsageError) -> Answer:
    """A control request that can't be done."""
    return json_answer(400, {"error": str(error)}, "application/json")
