"""One Dataverse environment: what its handlers share."""

from __future__ import annotations

from reconcile_tui.sandbox.clock import Clock, iso_seconds
from reconcile_tui.sandbox.dataverse.errors import denied, no_segment
from reconcile_tui.sandbox.dataverse.schema import Schema, Table
from reconcile_tui.sandbox.options import Options
from reconcile_tui.sandbox.store import Store

ROOT = "/api/data/"
VERSIONS = ("v9.0", "v9.1", "v9.2")
ORGANIZATION = "b4c3a1f0-52e1-4a0e-9d7c-0a8c3d2e1f00"
BUSINESS_UNIT = "5f9d1c7e-30b2-4c8d-8a11-6e2b7f4d9c01"
USER = "2e6c8f14-9b3a-4d57-b0c2-71f5a3e8d602"
TENANT = "8d1f6b2c-4e7a-49d3-a5b8-c0f2e4d6a703"
PUBLISHER = "c7d9e2a1-6f45-4b38-9e0d-82b1f3a5c604"
FIRST_VERSION = 1_000_000
LEADS = ("lead",)


class Environment:
    """State and rules of the environment."""

    def __init__(self, store: Store, clock: Clock, options: Options) -> None:
        """Read the definitions; `options` is replaced whole when a switch is changed."""
        self.store = store
        self.clock = clock
        self.options = options
        self.schema = Schema(store)
        self.in_flight = 0  # requests being answered right now, counted by whoever takes them in

    def now(self) -> str:
        """The time as stored: UTC, whole seconds."""
        return iso_seconds(self.clock.now())

    def next_version(self) -> int:
        """A row version never used before; they only grow."""
        self.store.raise_to("dataverse_version", FIRST_VERSION)
        return self.store.take("dataverse_version")

    def version(self) -> int:
        """The newest row version."""
        return max(FIRST_VERSION, self.store.counter("dataverse_version"))

    def table(self, name: str) -> Table | None:
        """A table by logical name; leads only where the Sales app is installed."""
        found = self.schema.tables.get(name)
        return None if found is None or (name in LEADS and not self.options.dataverse_leads) else found

    def table_of_set(self, entity_set: str) -> Table:
        """A table by the name of its set. Raises Refusal 404."""
        found = self.schema.by_set.get(entity_set)
        if found is None or self.table(found.name) is None:
            raise no_segment(entity_set)
        return found

    def demand(self, verb: str, table: Table) -> None:
        """Check the caller's privilege, e.g. `prvReadContact`. Raises Refusal 403."""
        privilege = f"prv{verb}{table.schema_name}"
        if privilege in self.options.dataverse_denied:
            raise denied(privilege)
