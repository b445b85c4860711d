"""Planted cases of several people who look like one, or whom a sync by e-mail takes for one."""

from __future__ import annotations

from locales import UNITED_KINGDOM
from people import Phone
from story import Story, case


@case(
    "the-article",
    "Two people, one e-mail address, one empty HubSpot contact. Every save overwrites the other one's name and number; "
    "Robert Hale's can vanish from both systems. Not the same person: an owner of the address is to be picked.",
)
def the_article(story: Story) -> None:
    group = story.group("shared_mailbox")
    robert = story.world.person(
        UNITED_KINGDOM,
        first="Robert",
        last="Hale",
        email="bob@acme.test",
        phone=Phone("+1 202-555-0101", "+12025550101"),
        mobile=Phone(),
        title="Buyer",
        company="Acme Instruments",
        opted_out=False,
        contact_by="1",
        birth_date="",
        website="",
        gender="",
    )
    rita = story.world.somebody_else(robert, first="Rita", phone=Phone("+1 202-555-0202", "+12025550202"))
    story.contact(group, robert, "C-1 of the article", 40, contactid="c0000001-0000-4000-8000-000000000001")
    story.contact(group, rita, "C-2 of the article", 39, contactid="c0000002-0000-4000-8000-000000000002")
    empty = dict.fromkeys(("firstname", "lastname", "phone", "jobtitle", "company", "address", "city", "state", "zip", "country"), "")
    blank = {**empty, "preferred_contact_method": "any"}
    story.hubspot(group, robert, "empty at first; the address was Robert's", 300, hs_object_id="501", **blank)


@case(
    "names-one-way-phones-other",
    "Two people at one reception address. With names from Dynamics and phones from HubSpot only (`one_way/reconcile.toml`), "
    "both records end up with the one HubSpot number and different names. In `reconcile.toml` their mobile numbers do.",
)
def names_one_way_phones_other(story: Story) -> None:
    group = story.group("shared_mailbox")
    mail = "reception.leeds@haldenmoss.example"
    tom = story.world.person(
        UNITED_KINGDOM,
        first="Tom",
        last="Avery",
        email=mail,
        company="Halden & Moss LLP",
        phone=story.world.phone(city="Leeds"),
        mobile=story.world.mobile(),
    )
    sofia = story.world.somebody_else(
        tom,
        first="Sofia",
        last="Brandt",
        birth_date="",
        phone=story.world.phone(city="Leeds"),
        mobile=story.world.mobile(),
    )
    story.contact(group, tom, changed=20)
    story.contact(group, sofia, changed=12)
    story.hubspot(group, tom, "its numbers win", 5, phone=story.world.phone().e164, mobilephone=story.world.mobile().e164)


@case(
    "shared-mailbox",
    "Four different people behind `info@`: shown as a shared mailbox, never merged; the address gets one owner.",
)
def shared_mailbox(story: Story) -> None:
    group = story.group("shared_mailbox")
    mail = "info@kestrel-foods.example"
    known = {"email": mail, "company": "Kestrel Foods Ltd"}
    for first, last in (("Priya", "Nair"), ("Oliver", "Grantchester"), ("Meilin", "Zhao")):
        story.contact(group, story.world.person(UNITED_KINGDOM, first=first, last=last, **known))
    story.lead(group, story.world.person(UNITED_KINGDOM, first="Ignatius", last="Popplewell", **known))
    team = story.world.person(UNITED_KINGDOM, first="Kestrel Foods", last="Office", birth_date="", **known)
    story.hubspot(group, team, "stands for the office, not for a person")


@case(
    "family",
    "Three people with one address, one last name, one home and one landline: a family, not duplicates.",
)
def family(story: Story) -> None:
    group = story.group("shared_mailbox")
    known = {"last": "Lindgren-Fry", "email": "the.lindgren-frys@postbox.example", "company": "", "title": "", "website": ""}
    home = {
        "street": "14 Orchard Way",
        "city": "Bristol",
        "region": "",
        "postcode": "BS6 5QA",
        "country": "United Kingdom",
        "phone": story.world.phone(city="Bristol"),
    }
    people = [
        story.world.person(UNITED_KINGDOM, first=first, birth_date=born, mobile=story.world.mobile(), **known, **home)
        for first, born in (("Erik", "1974-02-11"), ("Anna", "1976-09-30"), ("Elsa", "2004-06-21"))
    ]
    for person in people:
        story.contact(group, person)
    story.hubspot(group, people[0])


@case(
    "placeholder-email",
    "`none@none.test` and its like stand for *no address*: four different people, and a test record, in one HubSpot contact.",
)
def placeholder_email(story: Story) -> None:
    group = story.group("shared_mailbox")
    for _ in range(4):
        story.contact(group, story.world.person(UNITED_KINGDOM, email="none@none.test"))
    test = story.world.person(UNITED_KINGDOM, first="Test", last="Record", email="none@none.test", company="")
    story.hubspot(group, test, "nobody")
    for mail in ("noreply@example.com", "test@test.test", "x@x.test"):
        story.contact(story.alone(), story.world.person(UNITED_KINGDOM, email=mail))


@case(
    "chain-of-look-alikes",
    "A and B are Jonathan Marsh, C and D are Joanne Marsh; B (Jon) and C (Joan) look alike and share a switchboard. "
    "Two groups: A and D must never stand in one.",
)
def chain_of_look_alikes(story: Story) -> None:
    switchboard = story.world.phone(city="Manchester")
    known = {"last": "Marsh", "company": "Pennine Textiles Ltd", "phone": switchboard}
    jonathan = story.world.person(
        UNITED_KINGDOM,
        first="Jonathan",
        email="jonathan.marsh@penninetextiles.example",
        birth_date="1971-03-04",
        mobile=story.world.mobile(),
        title="Managing Director",
        gender="1",
        **known,
    )
    joanne = story.world.person(
        UNITED_KINGDOM,
        first="Joanne",
        email="joanne.marsh@penninetextiles.example",
        birth_date="1988-11-20",
        mobile=story.world.mobile(),
        title="Quality Engineer",
        gender="2",
        **known,
    )
    group = story.group("chain")
    story.contact(group, jonathan, "A")
    story.hubspot(group, jonathan, "B", firstname="Jon", email="jon.marsh@penninetextiles.example", jobtitle="")
    group = story.group("chain")
    story.contact(group, joanne, "C", firstname="Joan", emailaddress1="joan.marsh@penninetextiles.example", birthdate="")
    story.hubspot(group, joanne, "D")


@case("namesakes", "Different people with one common name, in different places, with nothing else in common: stay apart.")
def namesakes(story: Story) -> None:
    for _ in range(2):
        story.contact(story.alone(), story.world.person(UNITED_KINGDOM, first="John", last="Smith"))
    story.hubspot(story.alone(), story.world.person(UNITED_KINGDOM, first="John", last="Smith"))


@case("switchboard", "Four colleagues with one telephone number: a shared phone is no evidence of one person.")
def switchboard(story: Story) -> None:
    number = story.world.phone(city="Edinburgh")
    for _ in range(3):
        story.contact(story.alone(), story.world.person(UNITED_KINGDOM, company="Glenburn Distillers Ltd", phone=number))
    story.hubspot(story.alone(), story.world.person(UNITED_KINGDOM, company="Glenburn Distillers Ltd", phone=number))


@case("form-defaults", "What a form fills in by itself: `Firstname`, 1900-01-01. Different people; the repeats are no evidence.")
def form_defaults(story: Story) -> None:
    for _ in range(4):
        story.contact(story.alone(), story.world.person(UNITED_KINGDOM, first="Firstname", birth_date="1900-01-01"))
