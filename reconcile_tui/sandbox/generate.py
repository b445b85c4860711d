"""People by the million: seeded, streamed, and alike in both systems to a known degree.

Every number of this module is a share of people, chosen so that all kinds of duplicates occur; they are not measurements of real data.
"""

from __future__ import annotations

import csv
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.sandbox.dataverse.seed import load_rows
from reconcile_tui.sandbox.hubspot.seed import load_records

if TYPE_CHECKING:
    from reconcile_tui.sandbox.sandbox import Sandbox


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words("""
    Ada Ben Carla Dmitri Elif Farid Greta Hugo Ines Jonas Kaya Liam Mina Noah Olga Priya Quentin Rosa Samir Tessa Uma Viktor Wanda
    Xavier Yara Zoe Robert Rita Henrik Sofia Mateo Aisha Chen Yuki Femi Björn Chloé Łukasz Søren Zoë
""")
LAST = _words("""
    Adler Berg Costa Dubois Eriksen Fischer Garcia Haddad Ivanova Jansen Kowalski Lopez Müller Novak Okafor Petrov Quist Rossi Schmidt
    Tanaka Ueda Visser Weber Xu Yilmaz Zhang Byron Hale Nakamura Oyelaran Szczepanowski O'Neill Smith Jones Brown Lee
""")
COMPANIES = _words("Acme Contoso Fabrikam Globex Initech Northwind Tailspin Umbra Vandelay Wingtip")
TITLES = ("CTO", "Buyer", "Head of Sales", "Engineer", "Office Manager", "", "Managing Director", "Analyst")
CITIES = ("Berlin", "Boston", "Kraków", "Leeds", "Lyon", "Madrid", "Osaka", "Porto", "Utrecht", "Zürich")
STAGES = ("subscriber", "lead", "marketingqualifiedlead", "opportunity", "customer")

TWICE, LEAD, SHARED, NO_EMAIL, INACTIVE = 0.06, 0.15, 0.02, 0.05, 0.03
"""Shares of people: twice in Dynamics; also a lead; with a shared mailbox; without an address; inactive."""

CONTACT = (
    *("contactid", "firstname", "lastname", "emailaddress1", "telephone1", "mobilephone", "jobtitle", "company", "address1_city"),
    *("donotemail", "statecode", "createdon", "modifiedon"),
)
LEAD_COLUMNS = ("leadid", "subject", "firstname", "lastname", "emailaddress1", "telephone1", "companyname", "createdon", "modifiedon")
HUBSPOT = (
    *("id", "firstname", "lastname", "email", "phone", "mobilephone", "jobtitle", "company", "city", "hs_email_optout", "lifecyclestage"),
    *("createdate", "lastmodifieddate"),
)

_START = datetime(2019, 1, 1, tzinfo=UTC)
_DAYS = 2500


@dataclass(frozen=True, slots=True)
class Person:
    """One person, as they would write themselves."""

    number: int
    first: str
    last: str
    email: str
    phone: str
    mobile: str
    title: str
    company: str
    city: str
    created: str
    modified: str


def person(number: int, seed: int) -> tuple[Person, random.Random]:
    """Person `number` of a seed, and the dice that decide how they were recorded."""
    dice = random.Random(seed * 1_000_003 + number)  # noqa: S311 - reproducible, not secret
    first, last = dice.choice(FIRST), dice.choice(LAST)
    company = dice.choice(COMPANIES)
    domain = f"{company.lower()}{number % 997}.test"
    local = f"{first}.{last}{number % 10_000 or ''}".lower().replace("'", "")
    email = "" if dice.random() < NO_EMAIL else f"info@{domain}" if dice.random() < SHARED else f"{_ascii(local)}@{domain}"
    created = _START + timedelta(days=dice.randrange(_DAYS), seconds=dice.randrange(86_400))
    modified = created + timedelta(days=dice.randrange(300))
    phone, mobile = f"+49 30 {dice.randrange(10**7):07d}", f"+49 170 {dice.randrange(10**7):07d}" if dice.random() < 0.6 else ""
    times = (created.strftime("%Y-%m-%dT%H:%M:%SZ"), modified.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return Person(number, first, last, email, phone, mobile, dice.choice(TITLES), company, dice.choice(CITIES), *times), dice


def _ascii(text: str) -> str:
    return text.translate(str.maketrans("öéłøëü", "oeloeu"))


def guid(number: int, kind: int) -> str:
    """A row's id: it grows with the number, as sequential ids of Dataverse do."""
    return str(uuid.UUID(int=(number << 80) | (0x4 << 76) | (0x8 << 60) | kind))


def contacts(count: int, seed: int = 1) -> Iterator[Sequence[Any]]:
    """Exactly `count` Dynamics contacts; some people come twice, with a changed name, address or number."""
    made = number = 0
    while made < count:
        number += 1
        who, dice = person(number, seed)
        inactive = int(dice.random() < INACTIVE)
        for copy in range(2 if dice.random() < TWICE else 1):
            if made < count:
                made += 1
                yield _contact(who, dice, copy, inactive)


def _contact(who: Person, dice: random.Random, copy: int, inactive: int) -> Sequence[Any]:
    first = who.first[:1] + "." if copy and dice.random() < 0.3 else who.first
    email = who.email.upper() if copy and dice.random() < 0.3 else who.email
    phone = "" if copy and dice.random() < 0.5 else who.phone
    head = (guid(who.number, copy), first, who.last, email, phone, who.mobile, who.title, who.company, who.city)
    return (*head, dice.random() < 0.1, inactive, who.created, who.modified)


def leads(count: int, seed: int = 1) -> Iterator[Sequence[Any]]:
    """Exactly `count` Dynamics leads; a share of them are people who are contacts too."""
    for made in range(count):
        same = made % 100 < LEAD * 100
        who, _ = person(made + 1 if same else made + 10_000_000, seed)
        yield (
            guid(who.number, 7),
            f"Interest of {who.company}",
            who.first,
            who.last,
            who.email,
            who.phone,
            who.company,
            who.created,
            who.modified,
        )


def hubspot_contacts(count: int, seed: int = 1) -> Iterator[Sequence[Any]]:
    """Exactly `count` HubSpot contacts, one per address."""
    mailboxes: set[str] = set()
    made = number = 0
    while made < count:
        number += 1
        who, dice = person(number, seed)
        if who.email.startswith("info@"):
            if who.email in mailboxes:
                continue
            mailboxes.add(who.email)
        made += 1
        head = (1000 + number, who.first, who.last, who.email, who.phone, who.mobile if dice.random() < 0.5 else "", who.title)
        yield (*head, who.company, who.city, "true" if dice.random() < 0.1 else "", dice.choice(STAGES), who.created, who.modified)


def fill(sandbox: Sandbox, count: int, *, seed: int = 1, lead_count: int | None = None) -> dict[str, int]:
    """Put `count` contacts into each CRM, and a tenth as many leads unless told otherwise, in one transaction."""
    lead_total = count // 10 if lead_count is None else lead_count
    env, portal = sandbox.dynamics.env, sandbox.hubspot.portal
    with sandbox.store.transaction():
        return {
            "contact": load_rows(env, "contact", CONTACT, contacts(count, seed)),
            "lead": load_rows(env, "lead", LEAD_COLUMNS, leads(lead_total, seed)),
            "contacts": load_records(portal, "contacts", HUBSPOT, hubspot_contacts(count, seed)),
        }


def write_folder(folder: Path, count: int, *, seed: int = 1, lead_count: int | None = None) -> None:
    """The same people as seed files."""
    lead_total = count // 10 if lead_count is None else lead_count
    folder.mkdir(parents=True, exist_ok=True)
    for name, header, lines in (
        ("dynamics_contacts.csv", CONTACT, contacts(count, seed)),
        ("dynamics_leads.csv", LEAD_COLUMNS, leads(lead_total, seed)),
        ("hubspot_contacts.csv", HUBSPOT, hubspot_contacts(count, seed)),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(lines)
