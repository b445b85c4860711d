"""Planted cases of one person whose records look unlike, or are more than two."""

from __future__ import annotations

from dataclasses import replace

from locales import UNITED_KINGDOM
from people import Phone
from story import Story, case


@case(
    "lead-and-contact",
    "A lead and a contact are one person. They lie in different tables and can't be merged: keep, exclude or qualify.",
)
def lead_and_contact(story: Story) -> None:
    first, second, third = (story.world.person(UNITED_KINGDOM, phone=story.world.phone()) for _ in range(3))
    group = story.group("lead_contact")
    story.contact(group, first)
    story.lead(group, first, "same address as the contact")
    story.hubspot(group, first)
    group = story.group("lead_contact")
    story.contact(group, second)
    story.lead(group, second, "no HubSpot contact yet", telephone1=story.world.phone().written, jobtitle="")
    group = story.group("lead_contact")
    story.contact(group, third)
    story.lead(group, third, "private address, same name and phone", emailaddress1=f"{third.email.split('@')[0]}@webmail.test")


@case(
    "nickname",
    "Bill is William, Kate is Katherine, Sandy is Alexander: one person each, although the first names look unlike.",
)
def nickname(story: Story) -> None:
    for formal, short, last in (("William", "Bill", "Prentiss"), ("Katherine", "Kate", "Oakhampton"), ("Alexander", "Sandy", "Muir")):
        group = story.group("differs")
        person = story.world.person(
            UNITED_KINGDOM,
            first=formal,
            last=last,
            email=f"{formal}.{last}@tideway.example".lower(),
            company="Tideway Marine Ltd",
            phone=story.world.phone(),
        )
        story.contact(group, person)
        story.hubspot(group, person, firstname=short, email=f"{short}.{last}@tideway.example".lower())


@case("swapped-names", "First and last name stand in each other's place on one side: one person each.")
def swapped_names(story: Story) -> None:
    for first, last in (("Haruto", "Takeda"), ("Zsófia", "Balogh"), ("Minh Anh", "Tran")):
        group = story.group("differs")
        latin = f"{first}.{last}".lower().replace("ó", "o").replace(" ", "")
        person = story.world.person(UNITED_KINGDOM, first=first, last=last, email=f"{latin}@orrery.test", company="Orrery Software Ltd")
        story.contact(group, person, firstname=last, lastname=first)
        story.hubspot(group, person)


@case(
    "changed-employer",
    "One person before and after a change of job: other e-mail, company, title and landline; same rare name, mobile and birth date.",
)
def changed_employer(story: Story) -> None:
    for first, last, old, new in (
        ("Perpetua", "Quillinan", "alderwick.example", "northfieldwater.example"),
        ("Thaddeus", "Vantongeren", "orrery.test", "tideway.example"),
    ):
        group = story.group("differs")
        person = story.world.person(
            UNITED_KINGDOM,
            first=first,
            last=last,
            email=f"{first}.{last}@{old}".lower(),
            company="Alderwick Logistics Ltd" if old.startswith("alder") else "Orrery Software Ltd",
            title="Buyer",
            phone=story.world.phone(),
            mobile=story.world.mobile(),
            birth_date="1979-05-17" if first == "Perpetua" else "1983-12-02",
        )
        moved = replace(
            person,
            email=f"{first}.{last}@{new}".lower(),
            company="Northfield Water plc" if new.startswith("north") else "Tideway Marine Ltd",
            title="Head of Procurement",
            phone=story.world.phone(),
        )
        story.contact(group, person, "the old employer", 700)
        story.hubspot(group, moved, "the new employer", 8)


@case("changed-address", "One person who moved house: the address goes over as one block, not city by city.")
def changed_address(story: Story) -> None:
    for _ in range(2):
        group = story.group("differs")
        old = {"street": "3 Castle Terrace", "city": "Leeds", "region": "West Yorkshire", "postcode": "LS6 2AB"}
        person = story.world.person(UNITED_KINGDOM, country="United Kingdom", **old)
        moved = replace(person, street="88 Quayside", city="Cardiff", region="South Glamorgan", postcode="CF10 5LE")
        story.contact(group, person, "before the move", 500)
        story.hubspot(group, moved, "after the move", 3)


@case("three-way", "Two Dynamics contacts and one HubSpot contact are one person: merge in Dynamics, then link.")
def three_way(story: Story) -> None:
    for _ in range(2):
        group = story.group("differs")
        person = story.world.person(UNITED_KINGDOM, phone=story.world.phone(), title="Office Manager")
        story.contact(group, person, changed=30)
        story.contact(group, person, changed=200, telephone1=story.world.phone().written, jobtitle="Receptionist", birthdate="")
        story.hubspot(group, person, changed=90, phone="")


@case(
    "five-way",
    "Three Dynamics and two HubSpot contacts are one person: two merges in Dynamics, one in HubSpot (final), one link.",
)
def five_way(story: Story) -> None:
    group = story.group("differs")
    person = story.world.person(
        UNITED_KINGDOM,
        first="Bartholomew",
        last="Featherstonehaugh",
        email="b.featherstonehaugh@alderwick.example",
        company="Alderwick Logistics Ltd",
        phone=story.world.phone(),
        mobile=story.world.mobile(),
        birth_date="1968-01-29",
    )
    private = "bart.featherstonehaugh@postbox.example"
    story.contact(group, person, changed=15)
    story.contact(group, person, changed=400, firstname="Bart", mobilephone="")
    story.contact(group, person, changed=800, emailaddress1=private, telephone1="")
    story.hubspot(group, person, changed=60)
    story.hubspot(group, person, changed=250, firstname="Bart", email=private, phone="")


@case(
    "inactive-survivor",
    "The best record (complete, changed last) is inactive in Dynamics. Merging needs an active one: activate it first, or "
    "keep the other. An inactive survivor would also not be eligible while the record merged into it was.",
)
def inactive_survivor(story: Story) -> None:
    for with_hubspot in (True, False):
        group = story.group("differs")
        person = story.world.person(UNITED_KINGDOM, phone=story.world.phone(), mobile=story.world.mobile(), birth_date="1966-07-08")
        story.contact(group, person, "inactive, complete, changed last", 2, statecode="1")
        sparse = replace(person, title="", street="", city="", region="", postcode="", country="", birth_date="", mobile=Phone())
        story.contact(group, sparse, "active, sparse, older", 600)
        if with_hubspot:
            story.hubspot(group, person, changed=100)


@case("spelling-across-scripts", "One side writes the name without accents or in Latin letters: one person each.")
def spelling_across_scripts(story: Story) -> None:
    for native, latin, mail in (
        (("José Ramón", "Ibáñez Núñez"), ("Jose Ramon", "Ibanez Nunez"), "jr.ibanez@farodelnorte.example"),
        (("Jürgen", "Größmann"), ("Juergen", "Groessmann"), "j.groessmann@bruegelmann.example"),
        (("Соломія", "Крушельницька"), ("Solomiia", "Krushelnytska"), "s.krushelnytska@dnipro-metal.example"),
        (("陽子", "勅使河原"), ("Yoko", "Teshigawara"), "yoko.t@sakura-seiki.example"),
    ):
        group = story.group("differs")
        person = story.world.person(first=native[0], last=native[1], email=mail, phone=story.world.phone())
        story.contact(group, person)
        story.hubspot(group, person, firstname=latin[0], lastname=latin[1])


@case("country-label", "The same address with another word for the country (UK, GB, Great Britain): one person, one address.")
def country_label(story: Story) -> None:
    for label in ("UK", "GB", "Great Britain"):
        group = story.group("differs")
        place = {"street": "21 Mill Lane", "city": "Leeds", "region": "West Yorkshire", "postcode": "LS9 8AG"}
        person = story.world.person(UNITED_KINGDOM, country="United Kingdom", **place)
        story.contact(group, person)
        story.hubspot(group, person, country=label)
