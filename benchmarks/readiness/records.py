"""Two large CRMs with everyday data and some of everything that can go wrong, straight into a workspace. Seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reconcile_tui.model import Column, Page, PulledRecord
from reconcile_tui.workspace import Workspace

SAMPLE = Path(__file__).parents[2] / "sample_data" / "reconcile.toml"
PAGE = 5_000
RAW = b"x" * 700
"""Payloads are kept beside the columns; this is about what a contact weighs compressed to its selected columns."""

FIRST = ["Oliver", "Amelia", "George", "Isla", "Jack", "Ava", "Harry", "Mia", "Noah", "Ivy", "Leo", "Lily", "Søren", "Zoë", "José", "Anaïs"]
LAST = [
    f"{a}{b}"
    for a in ("Hart", "Wood", "Lang", "Berg", "Stone", "Ash", "Kirk", "Dal")
    for b in ("ley", "son", "man", "ford", "by", "ton", "well")
]
CITIES = ["London", "Leeds", "York", "Bristol", "Cardiff", "Glasgow", "Oslo", "Berlin", "Paris", "Madrid", "Lisbon", "Vienna"]
TITLES = ["Buyer", "Head of IT", "Engineer", "Account Manager", "Finance Director", "Owner", "Operations Manager", "Assistant"]
COUNTRIES = ["United Kingdom"] * 17 + ["UK", "Germany", "Norway"]
STAGES = ["customer"] * 6 + ["lead", "opportunity", "subscriber", "salesqualifiedlead"]


def person(number: int, rng: random.Random) -> dict[str, Any]:
    """The truth behind one record of each system."""
    first, last = rng.choice(FIRST), rng.choice(LAST)
    domain = f"company{rng.randrange(20_000)}.example" if rng.random() < 0.7 else "mailbox.example"
    return {
        "first": first, "last": last, "email": f"{first}.{last}{number}@{domain}".lower(), "phone": 1614960000 + number % 9_999_999,
        "mobile": 7700900000 + number, "title": rng.choice(TITLES), "company": f"Company {rng.randrange(50_000)} Ltd",
        "street": f"{rng.randrange(1, 400)} {rng.choice(LAST)} Road", "city": rng.choice(CITIES), "zip": f"LS{number % 90} {number % 9}AB",
        "country": rng.choice(COUNTRIES), "opt_out": rng.random() < 0.1,
        "born": f"19{rng.randrange(40, 99)}-0{rng.randrange(1, 9)}-1{rng.randrange(9)}",
        "choice": rng.choice((1, 2, 3, 5)), "stage": rng.choice(STAGES),
    }  # fmt: skip


def dynamics(number: int, p: dict[str, Any], rng: random.Random) -> PulledRecord:
    """The person as Dynamics has it: nationally written phones, now and then a fault."""
    email = p["email"]
    if rng.random() < 0.05:
        email = f"shared{number % 20_000}@mailbox.example"
    elif rng.random() < 0.01:
        email = rng.choice((email.upper(), f" {email}.", "info@company1.example", "none@none.test", "broken@", None))
    state = int(rng.random() < 0.03)
    native = {
        "firstname": p["first"], "lastname": p["last"], "emailaddress1": email, "emailaddress2": None, "telephone1": _national(p["phone"]),
        "mobilephone": _national(p["mobile"]), "jobtitle": p["title"], "new_companyname": p["company"], "address1_line1": p["street"],
        "address1_city": p["city"], "address1_stateorprovince": None, "address1_postalcode": p["zip"], "address1_country": p["country"],
        "donotbulkemail": p["opt_out"], "birthdate": p["born"], "websiteurl": f"https://www.{p['company'][8:-4]}.example",
        "preferredcontactmethodcode": p["choice"], "statecode": state,
    }  # fmt: skip
    return PulledRecord(
        f"{number:08x}-0000-4000-8000-000000000000", native, "1", _when(number), _when(number + 7), active=not state, raw=RAW
    )


def _national(number: int) -> str:
    digits = str(number)
    return f"0{digits[:3]} {digits[3:6]} {digits[6:]}" if digits[0] == "1" else f"0{digits[:4]} {digits[4:]}"


def _when(number: int) -> str:
    return f"20{15 + number % 11}-0{1 + number % 9}-1{number % 9}T0{number % 10}:00:00Z"


def hubspot(number: int, p: dict[str, Any], rng: random.Random) -> PulledRecord:
    """The person as HubSpot has it: E.164 phones, everything text."""
    native = {
        "firstname": p["first"], "lastname": p["last"] if rng.random() > 0.01 else p["last"].upper(), "email": p["email"],
        "hs_additional_emails": None, "phone": f"+44{p['phone']}", "mobilephone": f"+44{p['mobile']}", "jobtitle": p["title"],
        "company": p["company"], "address": p["street"], "city": p["city"] if rng.random() > 0.02 else rng.choice(CITIES), "state": None,
        "zip": p["zip"], "country": p["country"], "hs_email_optout": "true" if p["opt_out"] and rng.random() > 0.05 else "false",
        "date_of_birth": p["born"], "website": f"https://www.{p['company'][8:-4]}.example", "lifecyclestage": p["stage"],
        "preferred_contact_method": {1: "any", 2: "email", 3: "phone", 5: "mail"}[p["choice"]],
    }  # fmt: skip
    return PulledRecord(str(10_000 + number), native, None, _when(number), _when(number + 3), raw=RAW)


def build(folder: Path, records: int, *, seed: int = 2026) -> Workspace:
    """A workspace with so many records per system: four in five people stand in both. Groups and forecast are left empty."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reconcile.toml").write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "suppressed.txt").write_text("erased@company7.example\n", encoding="utf-8")
    ws = Workspace.open(folder)
    ws.db.execute("PRAGMA synchronous = OFF")
    _store(ws, "dynamics", "lead", iter(()), dynamics)
    _store(ws, "dynamics", "contact", _people(range(records), seed), dynamics)
    _store(ws, "hubspot", "contacts", _people(range(records // 5, records + records // 5), seed), hubspot)
    return ws


def _people(numbers: range, seed: int) -> Iterator[tuple[int, dict[str, Any], random.Random]]:
    for number in numbers:
        rng = random.Random(seed * 10_000_019 + number)
        yield number, person(number, rng), rng


def _store(ws: Workspace, system: str, table: str, people: Iterator[Any], make: Any) -> None:
    sample = make(0, person(0, random.Random(0)), random.Random(0)).native
    ws.records.define(system, table, [_column(name, value) for name, value in sample.items()])
    pull = ws.records.start_pull(system, table, since=None, at="2026-11-20T00:00:00Z")
    page: list[PulledRecord] = []
    for number, p, rng in people:
        page.append(make(number, p, rng))
        if len(page) == PAGE:
            ws.records.store_page(system, Page(table, tuple(page), None), pull)
            page.clear()
    ws.records.store_page(system, Page(table, tuple(page), None), pull)
    ws.records.finish_pull(pull, next_since="x", at="2026-11-20T01:00:00Z", full=True)


def _column(name: str, value: Any) -> Column:
    kind = "boolean" if isinstance(value, bool) else "choice" if isinstance(value, int) else "text"
    lengths = {"firstname": 50, "lastname": 50, "emailaddress1": 100, "telephone1": 50, "jobtitle": 100, "address1_line1": 250}
    return Column(name, kind, max_length=lengths.get(name), required=name == "lastname")  # type: ignore[arg-type]
