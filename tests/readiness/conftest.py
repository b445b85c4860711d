"""A pair of systems without a single finding, which each test spoils in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from reconcile_tui.model import Column, Page, PulledRecord
from reconcile_tui.workspace import Workspace
from reconcile_tui.workspace.forecasts import LedgerCell, LedgerGroup
from reconcile_tui.workspace.matches import NewGroup

PROJECT = """
[project]
name = "planted"
country = "GB"
[systems.dynamics]
url = "sandbox:"
[systems.hubspot]
url = "sandbox:"
[record_types.contacts]
dynamics = ["contact", "lead"]
hubspot = "contacts"
[record_types.contacts.eligible]
dynamics_to_hubspot.contact = "statecode = 0"
dynamics_to_hubspot.lead = "statecode = 0"
hubspot_to_dynamics = "lifecyclestage IN ('customer', 'opportunity')"
"""

FIELDS: dict[str, dict[str, Any]] = {
    "first_name": {"dynamics": "firstname", "hubspot": "firstname", "transform": "trim"},
    "last_name": {"dynamics": "lastname", "hubspot": "lastname", "transform": "trim"},
    "email": {"dynamics": "emailaddress1", "hubspot": "email", "transform": "email"},
    "phone": {"dynamics": "telephone1", "hubspot": "phone", "transform": "phone_e164"},
    "job_title": {"dynamics": "jobtitle", "hubspot": "jobtitle", "direction": "hubspot_to_dynamics"},
    "street": {"dynamics": "address1_line1", "hubspot": "address", "block": "address"},
    "city": {"dynamics": "address1_city", "hubspot": "city", "block": "address"},
    "country": {"dynamics": "address1_country", "hubspot": "country", "block": "address"},
    "opt_out": {
        "kind": "consent",
        "dynamics": "donotbulkemail",
        "hubspot": "hs_email_optout",
        "transform": "boolean",
        "direction": "dynamics_to_hubspot",
    },
    "birth_date": {"dynamics": {"contact": "birthdate"}, "hubspot": "date_of_birth", "direction": "dynamics_to_hubspot"},
    "preferred": {
        "kind": "choice",
        "dynamics": {"contact": "preferredcontactmethodcode"},
        "hubspot": "preferred",
        "transform": {"choice": {"1": "any", "2": "email"}},
    },
    "stage": {"kind": "lifecycle", "hubspot": "lifecyclestage", "direction": "none"},
}

CONTACT = [
    Column("firstname", max_length=50),
    Column("lastname", max_length=50, required=True),
    Column("emailaddress1", max_length=100),
    Column("emailaddress2", max_length=100),
    Column("telephone1", max_length=50),
    Column("jobtitle", max_length=100),
    Column("address1_line1", max_length=250),
    Column("address1_city", max_length=80),
    Column("address1_country", max_length=80),
    Column("donotbulkemail", "boolean"),
    Column("birthdate", "date"),
    Column("preferredcontactmethodcode", "choice", options=(("1", "Any"), ("2", "Email"), ("4", "Fax"))),
    Column("statecode", "choice"),
    Column("new_hubspotcontactid"),
]
LEAD = [c for c in CONTACT if c.name not in ("birthdate", "preferredcontactmethodcode")]
HUBSPOT = [
    Column("firstname"),
    Column("lastname"),
    Column("email", unique=True),
    Column("hs_additional_emails"),
    Column("hs_merged_object_ids"),
    Column("phone"),
    Column("jobtitle"),
    Column("address"),
    Column("city"),
    Column("country"),
    Column("hs_email_optout", "boolean"),
    Column("date_of_birth", "date"),
    Column("preferred", "choice", options=(("any", "Any"), ("email", "E-mail"), ("sms", "SMS"))),
    Column("lifecyclestage", "choice"),
    Column("dynamics_contactid"),
    Column("dynamics_leadid"),
]
PEOPLE = [
    ("Ada", "Byron", "ada.byron@analytical.example", "0161 496 0101", "+441614960101"),
    ("Grace", "Murray", "grace.murray@compiler.example", "0161 496 0102", "+441614960102"),
    ("Edsger", "Wybe", "edsger.wybe@structured.example", "0161 496 0103", "+441614960103"),
]


def contact(number: int, **changes: Any) -> PulledRecord:
    first, last, email, phone, _ = PEOPLE[number % len(PEOPLE)]
    native = {
        **{"firstname": first, "lastname": last, "emailaddress1": email, "telephone1": phone, "jobtitle": "Engineer"},
        **{"address1_line1": f"{number} High Street", "address1_city": "Leeds", "address1_country": "United Kingdom"},
        **{"donotbulkemail": False, "birthdate": f"198{number % 10}-03-04", "preferredcontactmethodcode": 1, "statecode": 0},
    } | changes
    return PulledRecord(f"c{number}", native, "1", "2025-01-01T00:00:00Z", "2026-02-01T00:00:00Z", active=native["statecode"] == 0)


def lead(number: int, **changes: Any) -> PulledRecord:
    record = contact(number, **changes)
    native = {k: v for k, v in record.native.items() if k not in ("birthdate", "preferredcontactmethodcode")}
    return replace(record, id=f"l{number}", native=native)


def hubspot(number: int, **changes: Any) -> PulledRecord:
    first, last, email, _, phone = PEOPLE[number % len(PEOPLE)]
    native = {
        **{"firstname": first, "lastname": last, "email": email, "phone": phone, "jobtitle": "Engineer"},
        **{"address": f"{number} High Street", "city": "Leeds", "country": "United Kingdom", "hs_email_optout": "false"},
        **{"date_of_birth": f"198{number % 10}-03-04", "preferred": "any", "lifecyclestage": "customer"},
    } | changes
    return PulledRecord(f"{500 + number}", native, None, "2025-01-01T00:00:00Z", "2026-03-01T00:00:00Z")


@dataclass
class Box:
    """Two systems that agree, and everything a test may change about them."""

    contacts: list[PulledRecord] = field(default_factory=lambda: [contact(n) for n in range(3)])
    leads: list[PulledRecord] = field(default_factory=list)
    hubspot: list[PulledRecord] = field(default_factory=lambda: [hubspot(n) for n in range(3)])
    fields: dict[str, dict[str, Any]] = field(default_factory=lambda: {name: dict(settings) for name, settings in FIELDS.items()})
    sync: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, list[Column]] = field(default_factory=lambda: {"contact": CONTACT, "lead": LEAD, "contacts": HUBSPOT})
    groups: list[tuple[str, str, list[str]]] = field(default_factory=list)  # id, class, records as table/id
    cells: list[tuple[str, str, str]] = field(default_factory=list)  # record, field, certainty
    not_confluent: list[list[str]] = field(default_factory=list)
    project: str = PROJECT
    suppressed: str | None = ""
    later: Callable[[Workspace], None] | None = None
    pulled_at: str = "2026-11-20T00:00:00Z"

    def change(self, records: str, number: int, **changes: Any) -> None:
        """Change columns of one record."""
        held = getattr(self, records)
        held[number] = replace(held[number], native={**held[number].native, **changes})
        if "statecode" in changes:
            held[number] = replace(held[number], active=changes["statecode"] == 0)

    def toml(self) -> str:
        lines = [self.project]
        for name, settings in self.fields.items():
            lines.append(f'[[record_types.contacts.fields]]\nname = "{name}"')
            lines += [f"{key} = {_toml(value)}" for key, value in settings.items()]
        if self.sync:
            lines.append(f'[sync]\nprofile = "{self.sync.get("profile", "good-faith-upsert")}"')
            options = {k: v for k, v in self.sync.items() if k != "profile"}
            if options:
                lines.append("[sync.options]")
                lines += [f"{key} = {_toml(value)}" for key, value in options.items()]
        return "\n".join(lines)

    def store(self, folder: Path) -> Workspace:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "reconcile.toml").write_text(self.toml(), encoding="utf-8")
        if self.suppressed is not None:
            (folder / "suppressed.txt").write_text(self.suppressed, encoding="utf-8")
        ws = Workspace.open(folder)
        tables = (("dynamics", "contact", self.contacts), ("dynamics", "lead", self.leads), ("hubspot", "contacts", self.hubspot))
        for system, table, records in tables:
            pull(ws, system, table, records, self.columns[table], self.pulled_at)
        self._groups(ws)
        ws.forecasts.replace("now", self._ledger(ws), totals(len(self.cells)), profile=self.sync.get("profile", "good-faith-upsert"))
        if self.later:
            self.later(ws)
        return ws

    def _groups(self, ws: Workspace) -> None:
        groups = [
            NewGroup(name, "contacts", klass, 0.99, tuple(sorted(key_of(ws, r) for r in records)), "D+H", name, (), 0.1, "")
            for name, klass, records in self.groups
        ]
        ws.match_runs.replace("contacts", [], groups, model={}, report={}, at="2026-11-20T00:00:00Z")

    def _ledger(self, ws: Workspace) -> list[LedgerGroup]:
        found = [
            LedgerGroup(f"g{n}", "contacts", None, True, True, (key_of(ws, r),), (LedgerCell(key_of(ws, r), f, c, "a", ("b",), ()),))
            for n, (r, f, c) in enumerate(self.cells)
        ]
        return found + [
            LedgerGroup(f"u{n}", "contacts", None, False, True, tuple(key_of(ws, r) for r in refs))
            for n, refs in enumerate(self.not_confluent)
        ]


def totals(cells: int) -> dict[str, Any]:
    return {"groups": 3, "confluent_groups": 3, "cells_certain": cells, "cells_order_dependent": 0, "records_at_risk": cells}


def pull(ws: Workspace, system: str, table: str, records: list[PulledRecord], columns: list[Column], at: str) -> None:
    ws.records.define(system, table, columns)
    number = ws.records.start_pull(system, table, since=None, at=at)
    ws.records.store_page(system, Page(table, tuple(records), None), number)
    ws.records.finish_pull(number, next_since="x", at=at, full=True)


def key_of(ws: Workspace, text: str) -> int:
    from reconcile_tui.model import Ref

    table, id_ = text.split("/")
    key = ws.records.key_of(Ref("hubspot" if table == "contacts" else "dynamics", table, id_))
    assert key is not None, text
    return key


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{k}" = {_toml(v)}' for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def stored(box: Box, tmp_path: Path) -> Iterator[Workspace]:
    ws = box.store(tmp_path / "clean")
    yield ws
    ws.close()
