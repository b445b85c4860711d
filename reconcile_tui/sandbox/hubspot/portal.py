"""One HubSpot account: what its handlers share."""

from __future__ import annotations

from reconcile_tui.sandbox.clock import Clock, milliseconds
from reconcile_tui.sandbox.hubspot.schema import Schema
from reconcile_tui.sandbox.options import Options
from reconcile_tui.sandbox.store import Store

PORTAL_ID = 891936587
"""The account's number, as it appears in messages and record links."""

FIRST_ID = 100
"""Ids that no seed names start after this."""


class Portal:
    """State and rules of the account."""

    def __init__(self, store: Store, clock: Clock, options: Options) -> None:
        """Read the definitions; `options` is replaced whole when a switch is changed."""
        self.store = store
        self.clock = clock
        self.options = options
        self.schema = Schema(store)
        self.stale_seconds = 0.0  # a fault's answer for one request: how far the search index is behind

    @property
    def id(self) -> int:
        """The account's number."""
        return PORTAL_ID

    def now(self) -> int:
        """Milliseconds since 1970."""
        return milliseconds(self.clock.now())

    def new_id(self) -> int:
        """A record id never used before, for any object type."""
        self.store.raise_to("hubspot_id", FIRST_ID)
        return self.store.take("hubspot_id")
