"""For each check one way to spoil a clean pair of systems, and a near miss that must not be found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reconcile_tui.model import Column, PulledRecord, Ref
from reconcile_tui.steps import decide
from reconcile_tui.workspace import Workspace

from .conftest import CONTACT, HUBSPOT, Box, contact, hubspot, lead, pull

Plant = Callable[[Box], None]
PLANTED: dict[str, tuple[Plant, int]] = {}
"""Check -> (how to plant it, how many findings it makes)."""
NEAR_MISS: dict[str, Plant] = {}
"""Check -> something that looks like it and is none."""


def planted(check: str, count: int = 1) -> Callable[[Plant], Plant]:
    def keep(plant: Plant) -> Plant:
        PLANTED[check] = (plant, count)
        return plant

    return keep


def near_miss(check: str) -> Callable[[Plant], Plant]:
    def keep(plant: Plant) -> Plant:
        NEAR_MISS[check] = plant
        return plant

    return keep


ADA = "ada.byron@analytical.example"


@planted("I1")
def _(box: Box) -> None:
    box.contacts.append(contact(3, emailaddress1=" ADA.byron@analytical.example."))


@near_miss("I1")
def _(box: Box) -> None:  # the second one is inactive and does not leave
    box.contacts.append(contact(3, emailaddress1=ADA, statecode=1))


@planted("I2")
def _(box: Box) -> None:
    box.leads.append(lead(0))


@near_miss("I2")
def _(box: Box) -> None:
    box.leads.append(lead(0, emailaddress1="somebody.else@analytical.example"))


@planted("I3")
def _(box: Box) -> None:
    box.change("contacts", 1, emailaddress2=ADA.upper())
    box.hubspot = [h for h in box.hubspot if h.native["email"] != ADA]


@near_miss("I3")
def _(box: Box) -> None:  # a secondary address of nobody else
    box.change("contacts", 1, emailaddress2="grace.private@compiler.example")


@planted("I4")
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1=None)
    box.groups.append(("g", "differs", ["contact/c0", "contacts/500"]))


@near_miss("I4")
def _(box: Box) -> None:  # found by its stored id
    box.change("contacts", 0, emailaddress1=None, new_hubspotcontactid="500")


@planted("I5")
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1="\u200bada.byron@analytical.example.")


@near_miss("I5")
def _(box: Box) -> None:  # oddly written, and meets nobody
    box.change("contacts", 0, emailaddress1="ADA@elsewhere.example ")


@planted("I6", 4)
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1="info@analytical.example")
    box.change("contacts", 1, emailaddress1="none@none.test")
    box.change("contacts", 2, emailaddress1="a@b..test")
    box.contacts.append(contact(3, emailaddress1="noreply@analytical.example"))


@near_miss("I6")
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1="o'neil+news@müller-gmbh.example")
    box.change("contacts", 1, emailaddress1="infotainment@analytical.example")


@planted("I7")
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1=f"{ADA}; ada@home.example")


@near_miss("I7")
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1="ada,byron@analytical.example")


@planted("I8")
def _(box: Box) -> None:
    box.contacts.append(contact(3, firstname="Robert", lastname="Hale", emailaddress1=ADA))


@near_miss("I8")
def _(box: Box) -> None:  # a nickname, an initial and swapped names
    box.contacts.append(contact(3, firstname="Byron", lastname="Ada", emailaddress1=ADA))
    box.contacts.append(contact(4, firstname="G.", lastname="Murray", emailaddress1="grace.murray@compiler.example"))


@planted("I9")
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1="ada@home.example")
    box.groups.append(("g", "differs", ["contact/c0", "contacts/500"]))


@near_miss("I9")
def _(box: Box) -> None:  # different people
    box.groups.append(("g", "shared_mailbox", ["contact/c0", "contact/c1"]))


@planted("I10")
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1="ada.byron@analytcial.example")


@near_miss("I10")
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1="ada.byron@difference.example")


@planted("I11")
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1="ada.byron+events@analytical.example")


@near_miss("I11")
def _(box: Box) -> None:  # a tag whose bare mailbox nobody has
    box.change("contacts", 0, emailaddress1="ada+events@elsewhere.example")


@planted("I12", 4)
def _(box: Box) -> None:
    box.change("contacts", 0, new_hubspotcontactid="999")  # nobody
    box.change("contacts", 1, new_hubspotcontactid="502")  # claimed twice, and not mutual
    box.change("contacts", 2, new_hubspotcontactid="502")
    box.change("hubspot", 2, dynamics_contactid="c2")
    box.hubspot.append(replace(hubspot(3, email="merged@compiler.example"), merged_into="501"))
    box.change("hubspot", 0, dynamics_contactid="c0")
    box.contacts.append(contact(3, emailaddress1="new@compiler.example", new_hubspotcontactid="503"))


@near_miss("I12")
def _(box: Box) -> None:
    box.change("contacts", 0, new_hubspotcontactid="500")
    box.change("hubspot", 0, dynamics_contactid="c0")


@planted("I13")
def _(box: Box) -> None:
    box.contacts.append(contact(3, emailaddress1="ada@home.example", firstname="Ada", lastname="Byron"))
    box.hubspot.append(hubspot(3, email="ada@home.example", firstname="Ada", lastname="Byron"))
    box.groups.append(("g", "differs", ["contact/c0", "contact/c3", "contacts/500"]))
    box.later = lambda ws: _survivor(ws, "g", "c0")


def _survivor(ws: Workspace, group: str, id_: str) -> None:
    decide.set_survivor(ws, group, Ref("dynamics", "contact", id_))
    decide.decide(ws, group, "merge")


@near_miss("I13")
def _(box: Box) -> None:  # the counterpart is merged as well
    box.contacts.append(contact(3, emailaddress1="ada@home.example", firstname="Ada", lastname="Byron"))
    box.hubspot.append(hubspot(3, email="ada@home.example", firstname="Ada", lastname="Byron"))
    box.groups.append(("g", "differs", ["contact/c0", "contact/c3", "contacts/500", "contacts/503"]))
    box.later = lambda ws: _survivor(ws, "g", "c0")


@planted("I14")
def _(box: Box) -> None:
    box.project = box.project.replace(
        'dynamics_to_hubspot.contact = "statecode = 0"', 'dynamics_to_hubspot.contact = "firstname IS NOT NULL"'
    )
    box.contacts.append(contact(3, emailaddress1="gone@analytical.example", statecode=1))


@near_miss("I14")
def _(box: Box) -> None:
    box.contacts.append(contact(3, emailaddress1="gone@analytical.example", statecode=1))


def _companies(box: Box, other: str) -> None:
    box.fields = {"company": {"kind": "company", "dynamics": "firstname", "hubspot": "firstname"}}
    box.change("contacts", 0, firstname="Acme GmbH")
    box.change("contacts", 1, firstname=other)


@planted("I15")
def _(box: Box) -> None:
    _companies(box, "ACME  Gmbh")


@near_miss("I15")
def _(box: Box) -> None:
    _companies(box, "Acme Ltd")


@planted("I16")
def _(box: Box) -> None:
    box.change("hubspot", 0, hs_merged_object_ids=";".join(map(str, range(205))))


@near_miss("I16")
def _(box: Box) -> None:
    box.change("hubspot", 0, hs_merged_object_ids="1;2;3")


@planted("I17")
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1="ada&charles@analytical.example")


@near_miss("I17")
def _(box: Box) -> None:
    box.change("contacts", 0, emailaddress1="ada.o'byron_1-2@analytical.example")


@planted("E1")
def _(box: Box) -> None:
    box.sync = {"profile": "hubspot-data-sync"}
    box.change("contacts", 0, statecode=1, new_hubspotcontactid="500")


@near_miss("E1")
def _(box: Box) -> None:  # this profile asks at every sync
    box.change("contacts", 0, statecode=1, new_hubspotcontactid="500")


@planted("E2")
def _(box: Box) -> None:
    box.change("contacts", 0, statecode=1)


@near_miss("E2")
def _(box: Box) -> None:  # active, only not allowed to leave: being written to is what it is there for
    box.change("hubspot", 0, lifecyclestage="lead")


@planted("E3", 9)
def _(box: Box) -> None:
    for number in range(3):
        box.change("hubspot", number, lifecyclestage="lead")


@near_miss("E3")
def _(box: Box) -> None:
    for number in range(2):
        box.change("hubspot", number, lifecyclestage="lead")


@planted("E4")
def _(box: Box) -> None:
    box.contacts.append(contact(3, emailaddress1=ADA, jobtitle=None, birthdate=None))
    box.change("contacts", 0, statecode=1)
    box.groups.append(("g", "differs", ["contact/c0", "contact/c3"]))


@near_miss("E4")
def _(box: Box) -> None:  # decided: the eligible one stays
    box.contacts.append(contact(3, emailaddress1=ADA, jobtitle=None, birthdate=None))
    box.change("contacts", 0, statecode=1)
    box.groups.append(("g", "differs", ["contact/c0", "contact/c3"]))
    box.later = lambda ws: _survivor(ws, "g", "c3")


@planted("E5")
def _(box: Box) -> None:
    box.sync = {"profile": "hubspot-data-sync"}
    box.change("hubspot", 0, jobtitle="Countess")


@near_miss("E5")
def _(box: Box) -> None:  # no comparison at launch
    box.change("hubspot", 0, jobtitle="Countess")


@planted("E6")
def _(box: Box) -> None:
    box.fields["street"]["create_only"] = True


@near_miss("E6")
def _(box: Box) -> None:
    box.fields["street"] |= {"create_only": True, "direction": "dynamics_to_hubspot"}


@planted("E7", 3)
def _(box: Box) -> None:
    box.hubspot = []


@near_miss("E7")
def _(box: Box) -> None:  # the profile creates nothing
    box.hubspot = []
    box.sync = {"creates": "none"}


@planted("F1")
def _(box: Box) -> None:
    box.change("hubspot", 0, jobtitle="x" * 101)


@near_miss("F1")
def _(box: Box) -> None:
    box.change("hubspot", 0, jobtitle="ü" * 100)


@planted("F2", 2)
def _(box: Box) -> None:
    box.change("contacts", 0, preferredcontactmethodcode=4)
    box.change("hubspot", 1, preferred="sms")


@near_miss("F2")
def _(box: Box) -> None:  # not eligible: nobody writes it
    box.change("hubspot", 1, preferred="sms", lifecyclestage="lead")


@planted("F3")
def _(box: Box) -> None:
    box.fields["preferred"]["transform"] = "none"
    box.change("hubspot", 0, preferred="1;2")


@near_miss("F3")
def _(box: Box) -> None:
    box.fields["preferred"]["transform"] = "none"
    box.change("hubspot", 0, preferred="2")


@planted("F4")
def _(box: Box) -> None:
    box.change("hubspot", 0, lastname=None)


@near_miss("F4")
def _(box: Box) -> None:
    box.fields["last_name"]["blank"] = "ignore"
    box.change("hubspot", 0, lastname=None)


@planted("F5", 2)
def _(box: Box) -> None:
    box.columns["contact"] = [replace(c, type="integer") if c.name == "jobtitle" else c for c in CONTACT]
    for number, title in enumerate(("7", "seven", "VII")):
        box.change("hubspot", number, jobtitle=title)


@near_miss("F5")
def _(box: Box) -> None:
    box.columns["contact"] = [replace(c, type="integer") if c.name == "jobtitle" else c for c in CONTACT]
    for number in range(3):
        box.change("hubspot", number, jobtitle=str(number))


@planted("F6")
def _(box: Box) -> None:
    box.columns["contacts"] = [replace(c, type="datetime") if c.name == "date_of_birth" else c for c in HUBSPOT]
    box.contacts = [contact(0)] + [contact(n, birthdate=None) for n in (1, 2)]


@near_miss("F6")
def _(box: Box) -> None:
    box.columns["contacts"] = [replace(c, type="datetime") if c.name == "date_of_birth" else c for c in HUBSPOT]
    box.fields["birth_date"]["transform"] = "midnight_utc"


@planted("F7", 6)
def _(box: Box) -> None:
    box.fields["first_name"]["transform"] = "upper"


@near_miss("F7")
def _(box: Box) -> None:  # written in another way, meaning the same
    box.change("contacts", 0, telephone1="(0161) 496-0101", firstname="  Ada ")


@planted("F8", 2)
def _(box: Box) -> None:
    box.change("contacts", 0, telephone1="ask reception")
    box.change("hubspot", 1, country="Great Britain")


@near_miss("F8")
def _(box: Box) -> None:
    box.fields["country"]["transform"] = "country_name"
    box.change("contacts", 0, address1_country="UK", telephone1="+1 202 555 0101 ext. 12")


@planted("F9")
def _(box: Box) -> None:
    _owners(box, {"lookup": {"Kari": "81"}})


@near_miss("F9")
def _(box: Box) -> None:
    _owners(box, {"lookup": {"Kari": "81", "Ola": "82"}})


def _owners(box: Box, transform: dict[str, dict[str, str]]) -> None:
    box.fields["owner"] = {
        "dynamics": {"contact": "owner"},
        "hubspot": "hubspot_owner",
        "transform": transform,
        "direction": "dynamics_to_hubspot",
    }
    box.columns["contact"] = [*CONTACT, Column("owner")]
    box.columns["contacts"] = [*HUBSPOT, Column("hubspot_owner")]
    for number, (name, id_) in enumerate((("Kari", "81"), ("Ola", "82"), ("kari", "81"))):
        box.change("contacts", number, owner=name)
        box.change("hubspot", number, hubspot_owner=id_)


@planted("F10")
def _(box: Box) -> None:
    box.columns["contact"] = [replace(c, type="lookup") if c.name == "jobtitle" else c for c in CONTACT]


@near_miss("F10")
def _(box: Box) -> None:
    box.columns["contact"] = [replace(c, type="lookup") if c.name == "jobtitle" else c for c in CONTACT]
    box.fields["job_title"]["transform"] = {"lookup": {"17": "Engineer"}}


@planted("F11")
def _(box: Box) -> None:
    box.change("hubspot", 0, jobtitle=None)


@near_miss("F11")
def _(box: Box) -> None:
    box.fields["job_title"]["blank"] = "ignore"
    box.change("hubspot", 0, jobtitle=None)


def _stages(box: Box, dynamics: str, hubspot_: str) -> None:
    box.fields["stage"] = {
        "kind": "lifecycle",
        "dynamics": {"contact": "jobtitle"},
        "hubspot": "lifecyclestage",
        "direction": "dynamics_to_hubspot",
    }
    box.fields.pop("job_title")
    for number in range(3):
        box.change("contacts", number, jobtitle="customer")
    box.change("contacts", 0, jobtitle=dynamics)
    box.change("hubspot", 0, lifecyclestage=hubspot_)


@planted("F12")
def _(box: Box) -> None:
    _stages(box, "opportunity", "customer")


@near_miss("F12")
def _(box: Box) -> None:
    _stages(box, "customer", "opportunity")


@planted("F13", 3)
def _(box: Box) -> None:
    box.columns["contacts"] = [replace(c, read_only=True) if c.name == "phone" else c for c in HUBSPOT]
    box.fields["city"]["dynamics"] = "address9_city"


@near_miss("F13")
def _(box: Box) -> None:  # read-only, and nothing is written to it
    box.columns["contacts"] = [replace(c, read_only=True) if c.name == "jobtitle" else c for c in HUBSPOT]


@planted("F14")
def _(box: Box) -> None:
    box.fields["nickname"] = {"dynamics": "lastname", "hubspot": "firstname", "direction": "dynamics_to_hubspot"}


@near_miss("F14")
def _(box: Box) -> None:  # one source for two targets contradicts nothing
    box.fields["copy_of_title"] = {"dynamics": "jobtitle", "hubspot": "city", "direction": "dynamics_to_hubspot"}
    box.fields.pop("city")


@planted("F15")
def _(box: Box) -> None:
    box.change("contacts", 0, address1_line1="1 Somewhere Else", address1_city="York")
    box.groups.append(("g", "differs", ["contact/c0", "contacts/500"]))


@near_miss("F15")
def _(box: Box) -> None:  # the same address, written differently
    box.change("contacts", 0, address1_line1="0 HIGH street", address1_country="GB")
    box.groups.append(("g", "differs", ["contact/c0", "contacts/500"]))


@planted("F16", 5)
def _(box: Box) -> None:
    box.change("contacts", 0, firstname="Eve\x1b[2J", lastname="Anna \u202egpj.exe")
    box.change("hubspot", 1, jobtitle='=HYPERLINK("http://evil.example","x")', address="one\ntwo", city="🌀")


@near_miss("F16")
def _(box: Box) -> None:
    box.change("contacts", 0, firstname="Søren-Ærøskøbing", lastname="李小龍 الخوارزمي")
    box.change("hubspot", 1, jobtitle="- Head of R&D (-5%)", address="+44 High Street", city="İstanbul")


@planted("F17", 2)
def _(box: Box) -> None:
    box.change("contacts", 0, firstname="Firstname", birthdate="1900-01-01")


@near_miss("F17")
def _(box: Box) -> None:
    box.change("contacts", 0, firstname="Firs", birthdate="1900-01-02")


@planted("T1", 2)
def _(box: Box) -> None:
    box.cells = [("contacts/500", "first_name", "order_dependent")]
    box.not_confluent = [["contact/c1", "contact/c2"]]


@near_miss("T1")
def _(box: Box) -> None:
    box.cells = [("contact/c0", "first_name", "certain")]


@planted("T2")
def _(box: Box) -> None:
    box.cells = [("contact/c0", "first_name", "certain")]


@near_miss("T2")
def _(box: Box) -> None:
    box.cells = [("contacts/500", "first_name", "certain")]


def _echoing(box: Box) -> None:  # each round resolves one more layer of entities
    box.fields["street"]["transform"] = "plain_text"
    box.change("contacts", 0, address1_line1="Smith &amp;amp; Sons Yard")


@planted("T3")
def _(box: Box) -> None:
    _echoing(box)


@near_miss("T3")
def _(box: Box) -> None:
    _echoing(box)
    box.sync = {"echo_suppression": True}


@planted("T5")
def _(box: Box) -> None:
    box.fields["street"]["survivorship"] = "system_of_record:dynamics"


@near_miss("T5")
def _(box: Box) -> None:
    box.sync = {"profile": "guarded"}
    box.fields["street"]["survivorship"] = "system_of_record:dynamics"


@planted("T6")
def _(box: Box) -> None:
    box.contacts.append(contact(3, emailaddress1=ADA))
    box.groups.append(("g", "differs", ["contact/c0", "contact/c3"]))

    def later(ws: Workspace) -> None:
        decide.decide(ws, "g", "merge")
        changed = replace(contact(3, emailaddress1=ADA, jobtitle="Countess"), modified_at="2099-01-01T00:00:00Z")
        pull(ws, "dynamics", "contact", [*box.contacts[:3], changed], CONTACT, "2026-11-21T00:00:00Z")

    box.later = later


@near_miss("T6")
def _(box: Box) -> None:
    box.contacts.append(contact(3, emailaddress1=ADA))
    box.groups.append(("g", "differs", ["contact/c0", "contact/c3"]))

    def later(ws: Workspace) -> None:  # saved again, as a run that writes links does, and no mapped value changed
        decide.decide(ws, "g", "merge")
        saved = replace(contact(3, emailaddress1=ADA, new_hubspotcontactid="500"), modified_at="2099-01-01T00:00:00Z")
        pull(ws, "dynamics", "contact", [*box.contacts[:3], saved], CONTACT, "2026-11-21T00:00:00Z")

    box.later = later


@planted("T7", 2)
def _(box: Box) -> None:
    box.contacts[0] = replace(box.contacts[0], modified_at="2026-11-20T02:00:00Z")
    box.hubspot[0] = replace(box.hubspot[0], modified_at="2026-03-01T00:00:00")


@near_miss("T7")
def _(box: Box) -> None:
    box.contacts[0] = replace(box.contacts[0], modified_at="2026-11-20T00:04:00Z")


@planted("L1")
def _(box: Box) -> None:
    box.contacts.append(contact(3, emailaddress1="other@analytical.example", donotbulkemail=True))
    box.groups.append(("g", "differs", ["contact/c0", "contact/c3", "contacts/500"]))


@near_miss("L1")
def _(box: Box) -> None:  # decided, and the most restrictive answer stands
    box.contacts.append(contact(3, emailaddress1="other@analytical.example", donotbulkemail=True))
    box.groups.append(("g", "differs", ["contact/c0", "contact/c3", "contacts/500"]))
    box.later = lambda ws: _survivor(ws, "g", "c0")


@planted("L2")
def _(box: Box) -> None:
    box.change("hubspot", 0, hs_email_optout="true")


@near_miss("L2")
def _(box: Box) -> None:  # an opt-out that travels, and a blank that faces no opt-out
    box.change("contacts", 0, donotbulkemail=True)
    box.change("contacts", 1, donotbulkemail=None)


@planted("L3")
def _(box: Box) -> None:
    box.fields["opt_out"]["direction"] = "both"


@near_miss("L3")
def _(box: Box) -> None:
    box.fields["opt_out"]["direction"] = "hubspot_to_dynamics"


def _consent_dates(box: Box, first: str, second: str) -> None:
    box.fields["consent_date"] = {"kind": "date", "dynamics": "jobtitle", "hubspot": "jobtitle", "direction": "dynamics_to_hubspot"}
    box.fields.pop("job_title")
    for records in ("contacts", "hubspot"):
        for number in range(3):
            box.change(records, number, jobtitle="2024-05-25")
    box.change("contacts", 0, jobtitle=first)
    box.change("hubspot", 0, jobtitle=second)


@planted("L4")
def _(box: Box) -> None:
    _consent_dates(box, "2018-05-25", "2024-05-25")


@near_miss("L4")
def _(box: Box) -> None:
    _consent_dates(box, "2024-05-25", "2018-05-25")


@planted("L5")
def _(box: Box) -> None:
    box.change("contacts", 0, new_hubspotcontactid="500")
    box.later = lambda ws: pull(ws, "hubspot", "contacts", box.hubspot[1:], HUBSPOT, "2026-11-21T00:00:00Z")


@near_miss("L5")
def _(box: Box) -> None:  # gone, and nothing was linked to it
    box.later = lambda ws: pull(ws, "hubspot", "contacts", box.hubspot[1:], HUBSPOT, "2026-11-21T00:00:00Z")


@planted("L6", 2)
def _(box: Box) -> None:
    box.suppressed = "# erased on request\nADA.Byron@analytical.example\n"


@near_miss("L6")
def _(box: Box) -> None:
    box.suppressed = "nobody@elsewhere.example\n"


@planted("L8")
def _(box: Box) -> None:
    box.change("contacts", 0, birthdate="2010-01-01")


@near_miss("L8")
def _(box: Box) -> None:
    box.change("contacts", 0, birthdate="2008-11-19")


def _many(box: Box, count: int) -> None:
    box.hubspot = []
    box.contacts = [
        PulledRecord(f"c{n}", {"firstname": "A", "lastname": "B", "emailaddress1": f"p{n}@x.example", "statecode": 0}) for n in range(count)
    ]


@planted("O1")
def _(box: Box) -> None:
    _many(box, 30)


@near_miss("O1")
def _(box: Box) -> None:
    _many(box, 20)
