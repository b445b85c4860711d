"""The screens in a browser: on 127.0.0.1, behind a one-time token, with a page that loads nothing from the net.

Every tab is a process of its own over the same workspace; the first one writes, the others are open for reading.
"""

from __future__ import annotations

import secrets
import shlex
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import UsageError

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.typedefs import Handler

HOST = "127.0.0.1"
COOKIE = "reconcile_session"

FOREIGN = {
    "what": "This address is not served here",
    "why": "The screens are at 127.0.0.1 of this machine alone, and no page of another origin gets to them.",
    "todo": "Open the address that reconcile-tui serve has printed in its terminal.",
}
UNKNOWN = {
    "what": "This page needs the token of its address",
    "why": "The address that reconcile-tui serve prints holds a token. It works once, for the browser that opens it first; "
    "the address without it, with an old one or in another browser opens nothing.",
    "todo": "Go to the tab in which the screens are open. If there is none, end reconcile-tui serve with ctrl+c in its terminal, "
    "start it again, and open the address it prints then.",
}
"""Why somebody doesn't get in, and what to do. Nothing of the request is in it."""

HARDENED = {
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer."""


def serve(folder: Path, *, port: int = 0, open_browser: bool = True) -> None:
    """Serve until ctrl+c. The address with the token goes to stderr once. Raises UsageError when the port is taken."""
    server = make_server(folder, port)
    print(f"The screens are at {server.address}\nThe address works once. ctrl+c ends.", file=sys.stderr)
    if open_browser:
        import webbrowser

        webbrowser.open(server.address)
    server.serve()


def make_server(folder: Path, port: int = 0) -> Any:
    """A server with its token, not yet running; `address` is where to go."""
    import aiohttp.web
    import aiohttp_jinja2
    from textual_serve.server import Server

    class Guarded(Server):
        """Nobody gets in without the token, and no page of another origin through this browser."""

        def __init__(self, command: str, chosen: int) -> None:
            super().__init__(command, host=HOST, port=chosen, title="reconcile", templates_path=Path(__file__).parent / "web")
            self.token = secrets.token_urlsafe(32)
            self.session = secrets.token_urlsafe(32)
            self.address = f"{self.public_url}/?token={self.token}"

        def initialize_logging(self) -> None:
            """Nothing is logged: addresses hold the token."""

        async def on_startup(self, app: web.Application) -> None:
            """Nothing to say here."""

        async def _make_app(self) -> web.Application:
            app = await super()._make_app()

            @aiohttp.web.middleware
            async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
                return await self._guard(request, handler)

            app.middlewares.append(guard)
            return app

        async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
            own = {f"{HOST}:{self.port}", f"localhost:{self.port}"}
            if request.host not in own or request.headers.get("Origin", f"http://{request.host}") not in {f"http://{h}" for h in own}:
                return self._refused(request, FOREIGN)
            if self._token_fits(request):
                answer = aiohttp.web.HTTPSeeOther("/")
                answer.set_cookie(COOKIE, self.session, httponly=True, samesite="Strict")
                raise answer
            if not secrets.compare_digest(request.cookies.get(COOKIE, ""), self.session):
                return self._refused(request, UNKNOWN)
            answered = await handler(request)
            if not answered.prepared:
                answered.headers.update(HARDENED)
            return answered

        def _refused(self, request: web.Request, told: dict[str, str]) -> web.Response:
            """A page that says why and what to do; it loads nothing."""
            answer = aiohttp_jinja2.render_template("refused.html", request, told, status=403)
            answer.headers.update({**HARDENED, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})
            return answer

        def _token_fits(self, request: web.Request) -> bool:
            given = request.query.get("token", "")
            if not given or not self.token or not secrets.compare_digest(given, self.token):
                return False
            self.token = ""
            return True

    command = shlex.join([sys.executable, "-m", "reconcile_tui.tui.serve", str(folder.absolute())])
    return Guarded(command, _free_port(port))


def _free_port(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UsageError(f"Port {port} is taken.", todo="Name another one with --port, or 0 for a free one.") from error
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    from reconcile_tui.tui import run

    sys.exit(run(Path(sys.argv[1]), or_read=True))
