"""Service protection: requests, work and concurrency of one user over a sliding five minutes."""

from __future__ import annotations

from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.errors import protected
from reconcile_tui.sandbox.window import Window

SECONDS = 300.0


class Protection:
    """Counts what a user has used; refuses only where the options say that limits are on."""

    def __init__(self, env: Environment) -> None:
        """Start with nothing used."""
        self._env = env
        self.reset()

    def reset(self) -> None:
        """Forget what was used."""
        self._requests = Window(SECONDS)
        self._work = Window(SECONDS)

    def take(self) -> None:
        """Count a request. Raises Refusal 429 with Retry-After."""
        options, now = self._env.options, self._env.clock.now()
        if options.limits:
            if self._env.in_flight > options.dataverse_concurrency:
                raise protected("0x80072326", 1, concurrency=options.dataverse_concurrency)
            if self._requests.used(now) >= options.dataverse_requests:
                raise protected("0x80072322", self._requests.frees_in(now), requests=options.dataverse_requests)
            if self._work.used(now) >= options.dataverse_execution:
                milliseconds = f"{options.dataverse_execution * 1000:,.0f}"
                raise protected("0x80072321", self._work.frees_in(now), milliseconds=milliseconds)
        self._requests.add(now)

    def worked(self, seconds: float) -> None:
        """Count how long a request took."""
        self._work.add(self._env.clock.now(), seconds)

    def headers(self) -> dict[str, str]:
        """What is left, in the vendor's notation: a comma for thousands and two decimals for seconds."""
        options, now = self._env.options, self._env.clock.now()
        return {
            "x-ms-ratelimit-burst-remaining-xrm-requests": str(max(0, int(options.dataverse_requests - 1 - self._requests.used(now)))),
            "x-ms-ratelimit-time-remaining-xrm-requests": f"{max(0.0, options.dataverse_execution - self._work.used(now)):,.2f}",
            "x-ms-dop-hint": "4",
        }
