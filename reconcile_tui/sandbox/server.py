"""The sandbox on a loopback port."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from types import TracebackType
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from reconcile_tui.errors import UsageError
from reconcile_tui.sandbox.fault_kinds import ConnectionDropped
from reconcile_tui.sandbox.sandbox import Sandbox

HOST = "127.0.0.1"

Scope = MutableMapping[str, Any]


class _Protocol(H11Protocol):
    """Keeps hold of each connection, so that a fault can break it."""

    open: dict[tuple[str, int] | None, asyncio.Transport]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.open.pop(self.client, None)
        super().connection_lost(exc)


class _Dropping:
    """The application, with a broken connection instead of an exception."""

    def __init__(self, sandbox: Sandbox, connections: dict[tuple[str, int] | None, asyncio.Transport]) -> None:
        self._sandbox = sandbox
        self._connections = connections

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[Scope]],
        send: Callable[[Scope], Awaitable[None]],
    ) -> None:
        try:
            await self._sandbox.app(scope, receive, send)
        except ConnectionDropped:
            client = scope.get("client")
            transport = self._connections.get(tuple(client)) if client else None
            if transport is not None:
                transport.abort()
            await asyncio.sleep(0)  # lets the loop notice that the connection is gone


class Server:
    """A running server: `url` is its base address. Use it as a context manager, or call `close`."""

    def __init__(self, sandbox: Sandbox, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one. Raises UsageError for a port that is taken."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # the number makes asyncio set TCP_NODELAY
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((HOST, port))
        except OSError as error:
            self._socket.close()
            raise UsageError(f"Port {port} can't be used: {error.strerror}.", todo="Name another one, or leave --port out.") from error
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        connections: dict[tuple[str, int] | None, asyncio.Transport] = {}
        protocol = type("Protocol", (_Protocol,), {"open": connections})
        config = uvicorn.Config(
            _Dropping(sandbox, connections),
            http=protocol,
            ws="none",
            lifespan="off",
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Answer requests until interrupted."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def start(self) -> Self:
        """Answer requests in a thread, until `close`."""
        self._socket.listen(128)  # a client may connect before the loop runs; it waits in the queue
        self._thread = threading.Thread(target=self._in_thread, daemon=True, name="sandbox")
        self._thread.start()
        return self

    def _in_thread(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def close(self) -> None:
        """Stop, and wait until it has."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def serve(port: int, sandbox: Sandbox, *, announce: Callable[[str], None] = print) -> None:
    """Serve until interrupted; `announce` is given the base address once the port is taken."""
    server = Server(sandbox, port)
    announce(server.url)
    server.run()
