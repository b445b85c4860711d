"""A small workspace with two Dynamics contacts and one HubSpot contact of one e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconcile_tui.model import Column, Page, PulledRecord
from reconcile_tui.workspace import Workspace

PROJECT = """
[project]
name = "small"
country = "GB"
[systems.dynamics]
url = "sandbox:"
[systems.hubspot]
url = "sandbox:"
[record_types.contacts]
dynamics = ["contact"]
hubspot = "contacts"
[record_types.contacts.eligible]
dynamics_to_hubspot.contact = "statecode = 0 AND emailaddress1 IS NOT NULL"
[[record_types.contacts.fields]]
name = "first_name"
dynamics = "firstname"
hubspot = "firstname"
[[record_types.contacts.fields]]
name = "email"
dynamics = "emailaddress1"
hubspot = "email"
transform = "email"
[[record_types.contacts.fields]]
name = "opt_out"
dynamics = "donotbulkemail"
hubspot = "hs_email_optout"
transform = "boolean"
"""

DYNAMICS = [Column("firstname"), Column("emailaddress1"), Column("donotbulkemail", "boolean"), Column("statecode", "choice")]
HUBSPOT = [Column("firstname"), Column("email"), Column("hs_email_optout", "boolean"), Column("dynamics_contactid")]


def dynamics_record(id_: str, name: str | None, email: str | None, *, etag: str = "1", statecode: int = 0) -> PulledRecord:
    native = {"firstname": name, "emailaddress1": email, "donotbulkemail": False, "statecode": statecode}
    return PulledRecord(id_, native, etag, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", active=statecode == 0)


def hubspot_record(id_: str, name: str | None, email: str | None, link: str | None = None) -> PulledRecord:
    native = {"firstname": name, "email": email, "hs_email_optout": "true", "dynamics_contactid": link}
    return PulledRecord(id_, native, None, "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z")


def store(workspace: Workspace, system: str, table: str, records: list[PulledRecord], *, full: bool = True) -> int:
    workspace.records.define(system, table, DYNAMICS if system == "dynamics" else HUBSPOT)
    pull = workspace.records.start_pull(system, table, since=None if full else "x", at="2026-04-01T00:00:00Z")
    workspace.records.store_page(system, Page(table, tuple(records), None), pull)
    return workspace.records.finish_pull(pull, next_since="later", at="2026-04-01T00:00:01Z", full=full)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reconcile.toml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    with Workspace.open(folder) as opened:
        store(
            opened,
            "dynamics",
            "contact",
            [dynamics_record("C-1", "Robert", "Bob@Acme.test"), dynamics_record("C-2", "Rita", "bob@acme.test")],
        )
        store(opened, "hubspot", "contacts", [hubspot_record("501", "Robert", "bob@acme.test", "C-1")])
        yield opened
