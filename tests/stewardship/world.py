"""A small world: both sandbox CRMs with records named by the test, a workspace over them, and groups as a match run would leave them."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from reconcile_tui.model import Ref
from reconcile_tui.sandbox import Sandbox
from reconcile_tui.sandbox.options import Options
from reconcile_tui.steps import apply, plan
from reconcile_tui.steps.pull import pull
from reconcile_tui.stewardship.document import Plan
from reconcile_tui.stewardship.outcomes import RunReport
from reconcile_tui.systems import open_system
from reconcile_tui.systems.protocol import System
from reconcile_tui.workspace import Workspace
from reconcile_tui.workspace.matches import NewGroup
from tests.systems.virtual_time import VirtualClock, VirtualLoop

PROJECT = """
[project]
name = "small"
country = "GB"
[systems.dynamics]
url = "sandbox:"
[systems.hubspot]
url = "sandbox:"
[record_types.contacts]
dynamics = ["contact", "lead"]
hubspot = "contacts"
[record_types.contacts.eligible]
dynamics_to_hubspot = "statecode = 0 AND emailaddress1 IS NOT NULL"
[[record_types.contacts.fields]]
name = "first_name"
dynamics = "firstname"
hubspot = "firstname"
[[record_types.contacts.fields]]
name = "last_name"
dynamics = "lastname"
hubspot = "lastname"
[[record_types.contacts.fields]]
name = "email"
dynamics = "emailaddress1"
hubspot = "email"
transform = "email"
[[record_types.contacts.fields]]
name = "phone"
dynamics = "telephone1"
hubspot = "phone"
transform = "phone_e164"
[[record_types.contacts.fields]]
name = "job_title"
dynamics = "jobtitle"
hubspot = "jobtitle"
[[record_types.contacts.fields]]
name = "street"
dynamics = "address1_line1"
hubspot = "address"
block = "address"
[[record_types.contacts.fields]]
name = "city"
dynamics = "address1_city"
hubspot = "city"
block = "address"
[[record_types.contacts.fields]]
name = "opt_out"
dynamics = "donotbulkemail"
hubspot = "hs_email_optout"
transform = "boolean"
[[record_types.contacts.fields]]
name = "lifecycle"
hubspot = "lifecyclestage"
direction = "none"
"""

CONTACT = [
    "contactid",
    "firstname",
    "lastname",
    "emailaddress1",
    "emailaddress2",
    "telephone1",
    "jobtitle",
    "address1_line1",
    "address1_city",
    "donotbulkemail",
    "statecode",
    "statuscode",
    "createdon",
    "modifiedon",
]
LEAD = ["leadid", "subject", *CONTACT[1:]]
HUBSPOT = [
    "hs_object_id",
    "email",
    "hs_additional_emails",
    "firstname",
    "lastname",
    "phone",
    "jobtitle",
    "address",
    "city",
    "hs_email_optout",
    "lifecyclestage",
    "createdate",
    "lastmodifieddate",
]

Result = TypeVar("Result")


def guid(number: int) -> str:
    """A Dataverse id that is easy to recognise."""
    return f"{number:08d}-0000-4000-8000-000000000000"


def contact(number: int) -> Ref:
    """A Dynamics contact of the world."""
    return Ref("dynamics", "contact", guid(number))


def lead(number: int) -> Ref:
    """A Dynamics lead of the world."""
    return Ref("dynamics", "lead", guid(number))


def hub(number: int | str) -> Ref:
    """A HubSpot contact of the world."""
    return Ref("hubspot", "contacts", str(number))


def run(story: Coroutine[Any, Any, Result]) -> Result:
    """Run a story on a loop on which waiting takes no time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)


class World:
    """Records by reference, then `start()`; groups by `group()`."""

    def __init__(
        self, folder: Path, *, options: Options | None = None, extra_columns: Sequence[str] = (), clock: Callable[[], float] | None = None
    ) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.options = options or Options(dataverse_key_delay=0.0)
        self.rows: dict[Ref, dict[str, Any]] = {}
        self.extra = list(extra_columns)
        (folder / "reconcile.toml").write_text(PROJECT)
        self.sandbox = Sandbox(options=self.options, clock=clock) if clock else Sandbox(options=self.options)
        self.ws: Workspace

    # -- records

    def contact(self, number: int, **columns: Any) -> Ref:
        """A Dynamics contact; columns by their own names."""
        return self._row(
            contact(number), {"contactid": guid(number), "statecode": 0, "statuscode": 1, "donotbulkemail": "false", **columns}
        )

    def lead(self, number: int, **columns: Any) -> Ref:
        """A Dynamics lead."""
        base = {"leadid": guid(number), "subject": "A lead", "statecode": 0, "statuscode": 1, "donotbulkemail": "false"}
        return self._row(lead(number), {**base, **columns})

    def hub(self, number: int, **columns: Any) -> Ref:
        """A HubSpot contact."""
        return self._row(hub(number), {"hs_object_id": str(number), **columns})

    def _row(self, ref: Ref, columns: dict[str, Any]) -> Ref:
        day = len(self.rows) % 28 + 1
        stamps = ("createdate", "lastmodifieddate") if ref.system == "hubspot" else ("createdon", "modifiedon")
        defaults = {stamps[0]: f"2024-01-{day:02d}T08:00:00Z", stamps[1]: f"2025-01-{day:02d}T08:00:00Z"}
        self.rows[ref] = {**defaults, **columns}
        return ref

    def start(self) -> World:
        """Seed the sandbox, open the workspace, pull."""
        seed = self.folder / "seed"
        seed.mkdir(exist_ok=True)
        self._write(seed / "dynamics_contacts.csv", CONTACT, ("dynamics", "contact"))
        self._write(seed / "dynamics_leads.csv", LEAD, ("dynamics", "lead"))
        self._write(seed / "hubspot_contacts.csv", HUBSPOT, ("hubspot", "contacts"))
        self.sandbox.seed(seed)
        self.ws = Workspace.open(self.folder)
        self.pull()
        return self

    def _write(self, path: Path, header: list[str], place: tuple[str, str]) -> None:
        rows = [row for ref, row in self.rows.items() if (ref.system, ref.table) == place]
        names = list(dict.fromkeys([*header, *(name for row in rows for name in row)]))
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names, restval="")
            writer.writeheader()
            writer.writerows(rows)

    def group(self, *refs: Ref, klass: str = "differs", id_: str = "") -> str:
        """A group of these records, as a match run would leave it."""
        return self.groups([(id_ or f"g{sum(1 for _ in self.ws.matches.page(limit=10_000)) + 1:04d}", klass, refs)])[0]

    def groups(self, named: Iterable[tuple[str, str, Sequence[Ref]]]) -> list[str]:
        """Several groups at once."""
        new = [
            NewGroup(id_, "contacts", klass, 0.99, tuple(self.ws.records.key_of(ref) or 0 for ref in refs), "", id_, (), 0.1, "")
            for id_, klass, refs in named
        ]
        self.ws.matches.add_groups(new)
        return [group.id for group in new]

    def close(self) -> None:
        if hasattr(self, "ws"):
            self.ws.close()
        self.sandbox.close()

    # -- what is in the CRMs

    def state(self) -> dict[Ref, dict[str, Any]]:
        """Every live and merged record of both CRMs, straight from the sandbox, without times and etags."""
        found: dict[Ref, dict[str, Any]] = {}
        snapshot = self.sandbox.snapshot()
        for table in ("contact", "lead"):
            for row in snapshot["dynamics"][table]:
                found[Ref("dynamics", table, str(row[f"{table}id"]))] = _plain(row)
        for row in snapshot["hubspot"]["contacts"]:
            found[hub(row["_id"])] = _plain(row)
        return found

    def record(self, ref: Ref) -> dict[str, Any]:
        """One record as the sandbox stores it."""
        return self.state()[ref]

    def edit(self, ref: Ref, **values: Any) -> None:
        """Somebody else changes a record in its CRM."""
        self.sandbox.edit(str(ref), values)

    def writes(self, *, merges: bool = False) -> list[dict[str, Any]]:
        """Requests that changed something, in order."""
        entries = self.sandbox.journal()
        return [e for e in entries if e["path"].lower().endswith("/merge")] if merges else entries

    # -- the way

    @asynccontextmanager
    async def systems(self) -> AsyncIterator[Mapping[str, System]]:
        """Both clients over the sandbox, in process, on a clock that costs nothing."""
        opened = {
            name: open_system(name, settings, folder=self.folder, transport=self.sandbox.app, clock=VirtualClock())
            for name, settings in self.ws.project.systems.items()
        }
        try:
            yield opened
        finally:
            for system in opened.values():
                await system.close()

    def pull(self, *, full: bool = False) -> None:
        async def story() -> None:
            async with self.systems() as systems:
                await pull(self.ws, systems, full=full)

        run(story())

    def plan(self) -> Plan:
        return plan.make(self.ws)

    def apply(self, made: Plan | None = None, **options: Any) -> RunReport:
        chosen = made if made is not None else self.plan()

        async def story() -> RunReport:
            async with self.systems() as systems:
                return await apply.apply(self.ws, chosen, systems, **{"confirm": chosen.records, **options})

        return run(story())

    def with_systems(self, act: Any) -> Any:
        """Run `act(systems)` with open systems."""

        async def story() -> Any:
            async with self.systems() as systems:
                return await act(systems)

        return run(story())


_NOISE = {
    "createdon", "modifiedon", "createdate", "lastmodifieddate", "versionnumber", "_etag", "_row", "_created", "_modified",
    "_updated", "_version", "hs_calculated_merged_vids",
}  # fmt: skip


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _NOISE and value not in (None, "")}
