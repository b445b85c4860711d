"""People by the million: seeded, streamed, and alike in both systems to a known degree.

Every number of this module is a share of people, chosen so that all kinds of duplicates occur; they are not measurements of real data.
"""

from __future__ import annotations

import csv
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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

TWICE, LEAD, SHARED, NO_EMAIL, INACTIVE, MOBILE = 0.06, 0.15, 0.02, 0.05, 0.03, 0.6
"""Shares of people: twice in Dynamics; also a lead; with a shared mailbox; without an address; inactive; with a mobile number."""

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
_DAYS, _LATER = 2500, 300
_LOCAL = {name: name.lower().replace("'", "").translate(str.maketrans("öéłøëü", "oeloeu")) for name in (*FIRST, *LAST)}
"""Names as they stand in an address."""


class Person(NamedTuple):
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


def people(seed: int) -> Iterator[Person]:
    """The people of a seed, without end, always the same."""
    dice = random.Random(seed).random  # noqa: S311 - reproducible, not secret
    days = [(_START + timedelta(days=day)).strftime("%Y-%m-%dT") for day in range(_DAYS + _LATER)]
    for number in itertools.count(1):
        first, last, company = FIRST[int(dice() * len(FIRST))], LAST[int(dice() * len(LAST))], COMPANIES[int(dice() * len(COMPANIES))]
        kind, day, second = dice(), int(dice() * _DAYS), int(dice() * 86_400)
        time = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"
        yield Person(
            number,
            first,
            last,
            _email(number, first, last, company, kind),
            f"+49 30 {int(dice() * 10**7):07d}",
            f"+49 170 {int(dice() * 10**7):07d}" if dice() < MOBILE else "",
            TITLES[int(dice() * len(TITLES))],
            company,
            CITIES[int(dice() * len(CITIES))],
            days[day] + time,
            days[day + int(dice() * _LATER)] + time,
        )


def _email(number: int, first: str, last: str, company: str, kind: float) -> str:
    domain = f"{company.lower()}{number % 997}.test"
    if kind < NO_EMAIL:
        return ""
    return f"info@{domain}" if kind < NO_EMAIL + SHARED else f"{_LOCAL[first]}.{_LOCAL[last]}{number}@{domain}"


def guid(number: int, kind: int) -> str:
    """A row's id: it grows with the number, as sequential ids of Dataverse do."""
    text = f"{number:012x}"
    return f"{text[:8]}-{text[8:]}-4000-8000-{kind:012x}"


def contacts(count: int, seed: int = 1) -> Iterator[Sequence[Any]]:
    """Exactly `count` Dynamics contacts; some people come twice, with a changed name, address or number."""
    dice = random.Random(f"dynamics {seed}").random  # noqa: S311 - reproducible, not secret
    return itertools.islice((row for who in people(seed) for row in _recorded(who, dice)), count)


def _recorded(who: Person, dice: Callable[[], float]) -> Iterator[Sequence[Any]]:
    inactive = int(dice() < INACTIVE)
    for copy in range(2 if dice() < TWICE else 1):
        first = who.first[:1] + "." if copy and dice() < 0.3 else who.first
        email = who.email.upper() if copy and dice() < 0.3 else who.email
        phone = "" if copy and dice() < 0.5 else who.phone
        head = (guid(who.number, copy), first, who.last, email, phone, who.mobile, who.title, who.company, who.city)
        yield (*head, dice() < 0.1, inactive, who.created, who.modified)


def leads(count: int, seed: int = 1) -> Iterator[Sequence[Any]]:
    """Exactly `count` Dynamics leads; a share of them are people who are contacts too."""
    known, strangers = people(seed), people(-seed - 1)
    for number in range(1, count + 1):
        other, same = next(strangers), next(known)
        who = same if number % 100 < LEAD * 100 else other
        id_ = guid(number, 0xFFFF)
        yield (id_, f"Interest of {who.company}", who.first, who.last, who.email, who.phone, who.company, who.created, who.modified)


def hubspot_contacts(count: int, seed: int = 1) -> Iterator[Sequence[Any]]:
    """Exactly `count` HubSpot contacts, one per address."""
    dice = random.Random(f"hubspot {seed}").random  # noqa: S311 - reproducible, not secret
    return itertools.islice((_contact(who, dice) for who in _one_per_mailbox(people(seed))), count)


def _one_per_mailbox(everybody: Iterator[Person]) -> Iterator[Person]:
    mailboxes: set[str] = set()
    for who in everybody:
        if who.email.startswith("info@"):
            if who.email in mailboxes:
                continue
            mailboxes.add(who.email)
        yield who


def _contact(who: Person, dice: Callable[[], float]) -> Sequence[Any]:
    head = (
        1000 + who.number,
        who.first,
        who.last,
        who.email,
        who.phone,
        who.mobile if dice() < 0.5 else "",
        who.title,
        who.company,
        who.city,
    )
    return (*head, "true" if dice() < 0.1 else "", STAGES[int(dice() * len(STAGES))], who.created, who.modified)


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
