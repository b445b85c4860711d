"""Both CRMs and their sign-in in one object: an ASGI application over one SQLite database."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reconcile_tui.errors import UsageError
from reconcile_tui.sandbox import seeding
from reconcile_tui.sandbox.clock import Clock
from reconcile_tui.sandbox.dataverse import rows as dataverse_rows
from reconcile_tui.sandbox.dataverse.address import relative, segments
from reconcile_tui.sandbox.dataverse.api import Api as DataverseApi
from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.seed import users
from reconcile_tui.sandbox.entra import Entra
from reconcile_tui.sandbox.exchange import Call
from reconcile_tui.sandbox.faults import Faults
from reconcile_tui.sandbox.gateway import Gateway
from reconcile_tui.sandbox.hubspot import records as hubspot_records
from reconcile_tui.sandbox.hubspot.api import Api as HubSpotApi
from reconcile_tui.sandbox.hubspot.api import one_form
from reconcile_tui.sandbox.hubspot.objects import derived
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.hubspot.schema import OBJECT_TYPES
from reconcile_tui.sandbox.hubspot.search import fold, has_token
from reconcile_tui.sandbox.journal import Journal
from reconcile_tui.sandbox.options import Options
from reconcile_tui.sandbox.store import Store


class Sandbox:
    """A stand-in for HubSpot, Dataverse and Entra.

    `app` is the ASGI callable; a path given at the start keeps the state between processes, `":memory:"` doesn't. The seed folder is
    read when the database is new, and again by `reset`.
    """

    def __init__(
        self,
        path: Path | str = ":memory:",
        *,
        seed_dir: Path | None = None,
        clock: Clock | Callable[[], float] = time.time,
        options: Options | None = None,
    ) -> None:
        """Open or create the database. Raises WorkspaceError, and UsageError for a seed that can't be read."""
        self.clock = clock if isinstance(clock, Clock) else Clock(clock)
        self._options = options or Options()
        self.store = Store(path)
        self._seed_dir = seed_dir
        self.faults = Faults()
        self.app = Gateway(self)
        self.journals = Journal(self.store)
        self.requests = self.journals.requests
        self.store.function("fold", 1, fold)
        self.store.function("has_token", 2, has_token)
        with self.store.transaction():
            self._build()

    def _build(self) -> None:
        if self.store.new:
            self.store.create()
        self.hubspot = HubSpotApi(Portal(self.store, self.clock, self._options))
        self.dynamics = DataverseApi(Environment(self.store, self.clock, self._options))
        self.entra = Entra(self.clock, self._options)
        self._revision = self.store.revision
        if self.store.new:
            users(self.dynamics.env)
            if self._seed_dir is not None:
                seeding.load_folder(self, self._seed_dir)
        self.store.new = False

    @property
    def options(self) -> Options:
        """The switches as they are now."""
        return self._options

    def set_options(self, **changes: Any) -> Options:
        """Change switches from now on. Raises UsageError."""
        self._options = self._options.changed(changes)
        self.hubspot.portal.options = self.dynamics.env.options = self.entra.options = self._options
        return self._options

    def seed(self, folder: Path) -> dict[str, int]:
        """Load a folder of exports; returns how many records each file brought. Raises UsageError naming file and line."""
        with self.store.transaction():
            return seeding.load_folder(self, folder)

    def reset(self) -> None:
        """Back to the seed: nothing that was written, no fault, an empty journal."""
        with self.store.transaction():
            self.store.clear()
            self._build()
        self.faults.clear()
        self.requests.clear()

    def is_empty(self) -> bool:
        """Whether neither CRM holds a contact or lead."""
        tables = ("dv_contact", "dv_lead", "hs_contacts")
        with self.store.lock:
            return not any(self.store.value(f"SELECT 1 FROM {table} LIMIT 1") for table in tables)

    def journal(self, after: int = 0) -> list[dict[str, Any]]:
        """Every request that changed something, in order; tokens are left out."""
        with self.store.lock:
            return self.journals.entries(after)

    def snapshot(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        """Everything that is stored: system, table, rows as they are in the database."""
        with self.store.lock:
            tables = self.dynamics.env.schema.tables
            dynamics = {name: self.store.all(f"SELECT * FROM {table.sql} ORDER BY {table.key}") for name, table in tables.items()}
            hubspot = {name: self.store.all(f"SELECT * FROM hs_{name} ORDER BY _id") for name in ("contacts", "companies")}
        for found in dynamics.values():
            for row in found:
                del row["_row"]
        return {"dynamics": dynamics, "hubspot": hubspot}

    def edit(self, record: str, values: dict[str, Any]) -> None:
        """Change a record as another user would, past the API: `system/table/id`. Raises UsageError, Refusal."""
        system, _, rest = record.partition("/")
        table_name, _, record_id = rest.partition("/")
        with self.store.transaction():
            if system == "hubspot":
                self._edit_hubspot(OBJECT_TYPES.get(table_name, ""), record_id, values)
            elif system == "dynamics" and (table := self.dynamics.env.table(table_name)) is not None:
                row = dataverse_rows.require(self.dynamics.env, table, record_id)
                dataverse_rows.update(self.dynamics.env, table, row, values, system=True)
            else:
                raise UsageError(f"{record!r} names no record of the sandbox.", todo="Write it as system/table/id.")

    def _edit_hubspot(self, object_type: str, record_id: str, values: dict[str, Any]) -> None:
        if not object_type:
            raise UsageError("The sandbox's HubSpot has contacts and companies.")
        portal = self.hubspot.portal
        row = hubspot_records.require(portal, object_type, record_id)
        hubspot_records.update(portal, object_type, row, {**derived(object_type, values), **values})

    def record_in(self, call: Call) -> str:
        """The record that a request's address names, as `system/table/id`; empty when it names none."""
        if call.system == "dynamics":
            parts = segments(relative(call.path))
            table = self.dynamics.env.schema.by_set.get(parts[0].name) if parts else None
            return f"dynamics/{table.name}/{parts[0].inside}" if table and parts[0].inside else ""
        _, path = one_form(call.path)
        match = re.fullmatch(r"/objects/([^/]+)/(\d+)", path)
        return f"hubspot/{match[1]}/{match[2]}" if match else ""

    def refresh(self) -> None:
        """Read definitions again when another process has changed the file."""
        if (revision := self.store.revision) != self._revision:
            self._revision = revision
            self.reread()

    def reread(self) -> None:
        """Read definitions again, after a change that was taken back."""
        self.hubspot.portal.schema.read()
        self.dynamics.env.schema.read()

    def close(self) -> None:
        """Close the database."""
        self.store.close()
