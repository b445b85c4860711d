"""The rows the two systems would export, and the answer key that goes with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from people import COMPANIES, Person, World

ADDRESS = ("address1_line1", "address1_city", "address1_stateorprovince", "address1_postalcode", "address1_country")
CONTACT = (
    *("contactid", "fullname", "firstname", "lastname", "emailaddress1", "emailaddress2", "telephone1", "mobilephone"),
    *("jobtitle", "new_companyname", "_parentcustomerid_value", *ADDRESS, "donotbulkemail", "donotemail"),
    *("preferredcontactmethodcode", "accountrolecode", "gendercode", "birthdate", "websiteurl", "description"),
    *("statecode", "statuscode", "createdon", "modifiedon"),
)
LEAD = (
    *("leadid", "subject", "fullname", "firstname", "lastname", "companyname", "jobtitle", "emailaddress1"),
    *("telephone1", "mobilephone", *ADDRESS, "donotbulkemail", "donotemail", "leadsourcecode"),
    *("statecode", "statuscode", "createdon", "modifiedon"),
)
HUBSPOT = (
    *("hs_object_id", "email", "hs_additional_emails", "firstname", "lastname", "phone", "mobilephone", "jobtitle"),
    *("company", "address", "city", "state", "zip", "country", "hs_email_optout", "lifecyclestage", "hs_lead_status"),
    *("salutation", "date_of_birth", "website", "preferred_contact_method", "createdate", "lastmodifieddate"),
)
ACCOUNT = ("accountid", "name")
TRUTH = ("person", "system", "table", "id", "cases", "group", "class", "note")

CONTACT_BY = {"1": "any", "2": "email", "3": "phone", "5": "mail"}
"""Dynamics' preferredcontactmethodcode in HubSpot's words; 4 (fax) has none, on purpose."""

LEAD_STATES = (("0", "1"), ("0", "1"), ("0", "1"), ("0", "2"), ("1", "3"), ("2", "4"), ("2", "5"))
"""(statecode, statuscode): open and new, open and contacted, qualified, lost, cannot contact."""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Records a reviewer should see together. An empty `name` is a record that should stay alone."""

    name: str
    klass: str
    case: str


@dataclass(slots=True)
class Exports:
    """Collects rows; each call of `contact`, `lead` and `hubspot` writes one record and its line of the answer key."""

    world: World
    contacts: list[Row] = field(default_factory=list)
    leads: list[Row] = field(default_factory=list)
    hubspots: list[Row] = field(default_factory=list)
    truth: list[Row] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.accounts = {name: self.world.guid() for name, _ in COMPANIES}

    def contact(self, group: Group, person: Person, note: str = "", changed: int | None = None, **columns: str) -> Row:
        """A Dynamics contact of the person, `changed` days ago; `columns` say what differs from what is known of them."""
        world = self.world
        row = {
            "contactid": world.guid(),
            "firstname": person.first,
            "lastname": person.last,
            "emailaddress1": person.email,
            "telephone1": person.phone.written,
            "mobilephone": person.mobile.written,
            "jobtitle": person.title,
            "new_companyname": person.company,
            "_parentcustomerid_value": self.accounts.get(person.company, ""),
            **_dynamics_address(person),
            "donotbulkemail": _flag(person.opted_out),
            "donotemail": "false",
            "preferredcontactmethodcode": person.contact_by,
            "accountrolecode": world.rng.choice(("", "", "1", "2", "3")),
            "gendercode": person.gender,
            "birthdate": person.birth_date,
            "websiteurl": person.website,
            "statecode": "0",
            **_dynamics_times(world.times(days_since_change=changed)),
            **columns,
        }
        row["fullname"] = f"{row['firstname']} {row['lastname']}".strip()
        row.setdefault("statuscode", "2" if row["statecode"] == "1" else "1")
        self.contacts.append(row)
        self._key(group, person, "dynamics", "contact", row["contactid"], note)
        return row

    def lead(self, group: Group, person: Person, note: str = "", changed: int | None = None, **columns: str) -> Row:
        """A Dynamics lead of the person."""
        world = self.world
        state, status = world.rng.choice(LEAD_STATES) if not group.name else ("0", "1")
        row = {
            "leadid": world.guid(),
            "subject": world.rng.choice(("Web enquiry", "Trade show visit", "Price list request", "Demo request")),
            "firstname": person.first,
            "lastname": person.last,
            "companyname": person.company,
            "jobtitle": person.title,
            "emailaddress1": person.email,
            "telephone1": person.phone.written,
            "mobilephone": person.mobile.written,
            **_dynamics_address(person),
            "donotbulkemail": _flag(person.opted_out),
            "donotemail": "false",
            "leadsourcecode": world.rng.choice(("1", "3", "4", "6", "7", "8", "8", "9")),
            "statecode": state,
            "statuscode": status,
            **_dynamics_times(world.times(days_since_change=changed)),
            **columns,
        }
        row["fullname"] = f"{row['firstname']} {row['lastname']}".strip()
        self.leads.append(row)
        self._key(group, person, "dynamics", "lead", row["leadid"], note)
        return row

    def hubspot(self, group: Group, person: Person, note: str = "", changed: int | None = None, **columns: str) -> Row:
        """A HubSpot contact of the person."""
        world = self.world
        created, modified = world.times(days_since_change=changed)
        row = {
            "hs_object_id": world.number(),
            "email": person.email.strip().lower(),
            "firstname": person.first,
            "lastname": person.last,
            "phone": person.phone.e164,
            "mobilephone": person.mobile.e164,
            "jobtitle": person.title,
            "company": person.company,
            "address": person.street,
            "city": person.city,
            "state": person.region,
            "zip": person.postcode,
            "country": person.country,
            "hs_email_optout": _flag(person.opted_out),
            "lifecyclestage": world.rng.choice(
                ("subscriber", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "customer")
            ),
            "salutation": {"1": "Mr", "2": "Ms"}.get(person.gender, ""),
            "date_of_birth": person.birth_date,
            "website": person.website,
            "preferred_contact_method": CONTACT_BY.get(person.contact_by, ""),
            "createdate": _milliseconds(created),
            "lastmodifieddate": _milliseconds(modified),
            **columns,
        }
        self.hubspots.append(row)
        self._key(group, person, "hubspot", "contacts", row["hs_object_id"], note)
        return row

    def files(self) -> dict[str, str]:
        """File name -> content, sorted by id as a steward would find them: in no order that gives a case away."""
        return {
            "dynamics_accounts.csv": table(ACCOUNT, ({"accountid": i, "name": n} for n, i in self.accounts.items())),
            "dynamics_contacts.csv": table(CONTACT, sorted(self.contacts, key=lambda row: row["contactid"])),
            "dynamics_leads.csv": table(LEAD, sorted(self.leads, key=lambda row: row["leadid"])),
            "hubspot_contacts.csv": table(HUBSPOT, sorted(self.hubspots, key=lambda row: int(row["hs_object_id"]))),
            "truth.csv": table(TRUTH, self.truth),
        }

    def _key(self, group: Group, person: Person, system: str, table_: str, id_: str, note: str) -> None:
        row = {"person": person.id, "system": system, "table": table_, "id": id_, "cases": group.case}
        self.truth.append({**row, "group": group.name, "class": group.klass, "note": note})


def table(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> str:
    """CSV (RFC 4180 quoting, LF line ends) with a header of column names."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _dynamics_address(person: Person) -> Row:
    values = (person.street, person.city, person.region, person.postcode, person.country)
    return dict(zip(ADDRESS, values, strict=True))


def _dynamics_times(times: tuple[datetime, datetime]) -> Row:
    created, modified = times
    return {"createdon": f"{created:%Y-%m-%dT%H:%M:%SZ}", "modifiedon": f"{modified:%Y-%m-%dT%H:%M:%SZ}"}


def _milliseconds(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.second * 13 % 1000:03}Z"
