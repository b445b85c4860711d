"""HubSpot's request limits: a burst over ten seconds per token, a number per day and account, a slower pace for search."""

from __future__ import annotations

from reconcile_tui.sandbox.exchange import Call
from reconcile_tui.sandbox.hubspot.errors import too_many
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.window import Window

BURST_SECONDS, DAY = 10.0, 86_400.0


class Limits:
    """Counts requests; refuses them only where the options say that limits are on."""

    def __init__(self, portal: Portal) -> None:
        """Start with nothing used."""
        self._portal = portal
        self.reset()

    def reset(self) -> None:
        """Forget what was used."""
        self._bursts: dict[str, Window] = {}
        self._searches = Window(1.0)
        self._day = Window(DAY, step=60.0)

    def take(self, call: Call) -> dict[str, str]:
        """Count a request and return the headers that tell what is left. Raises Refusal 429."""
        options, now = self._portal.options, self._portal.clock.now()
        burst = self._bursts.setdefault(call.bearer, Window(BURST_SECONDS))
        searching = call.path.endswith("/search")
        if options.limits:
            self._refuse(burst, now, searching=searching)
        used, today = burst.add(now), self._day.add(now)
        if searching:
            self._searches.add(now)
            return {}
        return {
            "x-hubspot-ratelimit-max": str(options.hubspot_burst),
            "x-hubspot-ratelimit-remaining": str(max(0, options.hubspot_burst - used)),
            "x-hubspot-ratelimit-interval-milliseconds": str(int(BURST_SECONDS * 1000)),
            "x-hubspot-ratelimit-daily": str(options.hubspot_daily),
            "x-hubspot-ratelimit-daily-remaining": str(max(0, options.hubspot_daily - today)),
        }

    def _refuse(self, burst: Window, now: float, *, searching: bool) -> None:
        options = self._portal.options
        if self._day.used(now) >= options.hubspot_daily:
            raise too_many("DAILY")
        if searching and self._searches.used(now) >= options.hubspot_search_rate:
            raise too_many("SECONDLY")
        if burst.used(now) >= options.hubspot_burst:
            raise too_many("TEN_SECONDLY_ROLLING")
