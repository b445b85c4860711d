"""Init: from answers to the four questions and the systems' metadata to a `reconcile.toml` with a proposed field map."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import tomlkit

from reconcile_tui.errors import SystemFailure, UsageError
from reconcile_tui.model import Column
from reconcile_tui.project import EMBEDDED, FILE_NAME, Project, parse


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person said to the four questions."""

    name: str = "launch"
    country: str = ""
    dynamics: Mapping[str, str] = field(default_factory=dict)  # url, tenant, client_id, auth
    hubspot: Mapping[str, str] = field(default_factory=dict)  # url
    leads: bool = True  # Q1
    two_way: bool = True  # Q1
    dynamics_filter: str = "statecode = 0 AND emailaddress1 IS NOT NULL"  # Q2
    lead_filter: str = "statecode = 0 AND emailaddress1 IS NOT NULL"  # Q2
    hubspot_filter: str = "email IS NOT NULL"  # Q2
    profile: str = "good-faith-upsert"


@dataclass(frozen=True, slots=True)
class Written:
    """The file and what was found on the way."""

    path: Path
    fields: int
    findings: list[str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair of columns that usually belong together."""

    name: str
    contact: str
    lead: str
    hubspot: str
    extra: Mapping[str, str] = field(default_factory=dict)


PROPOSALS = (
    Proposal("first_name", "firstname", "firstname", "firstname", {"transform": "trim"}),
    Proposal("last_name", "lastname", "lastname", "lastname", {"transform": "trim"}),
    Proposal("email", "emailaddress1", "emailaddress1", "email", {"transform": "email"}),
    Proposal("phone", "telephone1", "telephone1", "phone", {"transform": "phone_e164", "blank": "ignore"}),
    Proposal("mobile", "mobilephone", "mobilephone", "mobilephone", {"transform": "phone_e164", "blank": "ignore"}),
    Proposal("job_title", "jobtitle", "jobtitle", "jobtitle", {"blank": "ignore"}),
    Proposal("company", "", "companyname", "company", {"blank": "ignore"}),
    Proposal("street", "address1_line1", "address1_line1", "address", {"block": "address"}),
    Proposal("city", "address1_city", "address1_city", "city", {"block": "address"}),
    Proposal("region", "address1_stateorprovince", "address1_stateorprovince", "state", {"block": "address"}),
    Proposal("postcode", "address1_postalcode", "address1_postalcode", "zip", {"block": "address"}),
    Proposal("country", "address1_country", "address1_country", "country", {"block": "address"}),
    Proposal("website", "websiteurl", "websiteurl", "website", {"blank": "ignore"}),
    Proposal("opt_out", "donotbulkemail", "donotbulkemail", "hs_email_optout", {"kind": "consent", "transform": "boolean"}),
)
"""Columns both vendors ship with, paired by meaning (field documentation of Dataverse `contact` and HubSpot contacts)."""


def refuse_existing(folder: Path) -> None:
    """Never write over a project file. Raises UsageError."""
    if (folder / FILE_NAME).exists():
        raise UsageError(f"{folder / FILE_NAME} exists already.", kept="Nothing was changed.", todo="Edit it, or name another folder.")


async def init(folder: Path, answers: Answers, *, prompt: Callable[[str], None]) -> Written:
    """Test the sign-in, read metadata, propose a field map, write the file. Raises UsageError, SystemFailure.

    A system that can't be reached yet does not stop the proposal: it is then made from the columns both vendors ship with.
    """
    refuse_existing(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    first = _document(answers, metadata={})
    project = parse(tomlkit.dumps(first), folder / FILE_NAME)
    metadata, findings = await _metadata(project, folder, prompt)
    document = _document(answers, metadata)
    text = tomlkit.dumps(document)
    proposed = parse(text, folder / FILE_NAME)
    target = folder / FILE_NAME
    with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644), "w", encoding="utf-8") as file:
        file.write(text)
    return Written(target, len(proposed.record_types["contacts"].fields), findings)


async def _metadata(
    project: Project, folder: Path, prompt: Callable[[str], None]
) -> tuple[dict[tuple[str, str], tuple[Column, ...]], list[str]]:
    from reconcile_tui.steps.connect import systems_of

    found: dict[tuple[str, str], tuple[Column, ...]] = {}
    findings: list[str] = []
    async with systems_of(project, folder, prompt=prompt) as opened:
        for name, table in project.tables():
            try:
                found[name, table] = await opened[name].describe(table)
                findings.append(
                    f"{name} {table}: {len(found[name, table])} columns" if found[name, table] else f"{name} has no table {table}"
                )
            except SystemFailure as error:
                findings.append(f"{name} {table}: {error}")
    return found, findings


def _document(answers: Answers, metadata: Mapping[tuple[str, str], tuple[Column, ...]]) -> tomlkit.TOMLDocument:
    document = tomlkit.document()
    document.add(tomlkit.comment("What reconcile-tui knows of your two systems. No secrets belong here: they come from the"))
    document.add(tomlkit.comment("environment (HUBSPOT_TOKEN, DYNAMICS_CLIENT_SECRET) or the system's keyring."))
    document["project"] = {"name": answers.name, **({"country": answers.country} if answers.country else {})}
    document["systems"] = {
        "dynamics": {key: value for key, value in answers.dynamics.items() if value},
        "hubspot": {key: value for key, value in answers.hubspot.items() if value},
    }
    leads = answers.leads and metadata.get(("dynamics", "lead"), (Column("leadid"),)) != ()
    contacts = tomlkit.table()
    contacts.add(tomlkit.comment("Q1: which record types are copied, each way"))
    contacts["dynamics"] = ["contact", "lead"] if leads else ["contact"]
    contacts["hubspot"] = "contacts"
    contacts["eligible"] = _eligible(answers, leads)
    contacts["fields"] = _fields(answers, metadata, leads)
    document["record_types"] = {"contacts": contacts}
    document["sync"] = {"profile": answers.profile}
    return document


def _eligible(answers: Answers, leads: bool) -> tomlkit.items.Table:
    table = tomlkit.table()
    table.add(tomlkit.comment("Q2: which records qualify: SQL conditions over the table's own columns"))
    forward = {"contact": answers.dynamics_filter, **({"lead": answers.lead_filter} if leads else {})}
    table["dynamics_to_hubspot"] = forward
    table["hubspot_to_dynamics"] = answers.hubspot_filter if answers.two_way else "0"
    return table


def _fields(answers: Answers, metadata: Mapping[tuple[str, str], tuple[Column, ...]], leads: bool) -> tomlkit.items.AoT:
    known = {key: {column.name for column in columns} for key, columns in metadata.items() if columns}

    def exists(system: str, table: str, column: str) -> bool:
        return bool(column) and ((system, table) not in known or column in known[system, table])

    fields = tomlkit.aot()
    for proposal in PROPOSALS:
        bound = {"contact": proposal.contact, **({"lead": proposal.lead} if leads else {})}
        present = {table: column for table, column in bound.items() if exists("dynamics", table, column)}
        if not present or not exists("hubspot", "contacts", proposal.hubspot):
            continue
        entry = tomlkit.table()
        if not fields:
            entry.add(tomlkit.comment("Q3: which fields, in which direction, with which transform"))
        entry["name"] = proposal.name
        entry["dynamics"] = next(iter(present.values())) if len(set(present.values())) == 1 and len(present) == len(bound) else present
        entry["hubspot"] = proposal.hubspot
        entry["direction"] = "both" if answers.two_way else "dynamics_to_hubspot"
        for key, value in proposal.extra.items():
            entry[key] = value
        fields.append(entry)
    return fields


def embedded(answers: Answers) -> Answers:
    """The same answers over the sandbox in the workspace."""
    from dataclasses import replace

    return replace(answers, dynamics={"url": EMBEDDED}, hubspot={"url": EMBEDDED})
