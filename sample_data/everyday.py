"""The bulk: clean pairs, ordinary differences, ordinary duplicates, and people only one system knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from people import TITLES, Person, World
from story import Story, case

CONTACTS, LEADS, HUBSPOTS = 400, 80, 350
"""How many records each export holds; people known to one system fill up what the cases leave."""


@case("clean-pair", "A contact and a HubSpot contact, identical after the transforms: accepted and linked in one go.")
def clean_pair(story: Story) -> None:
    for _ in range(105):
        group, person = story.group("identical"), story.world.person()
        story.contact(group, person)
        story.hubspot(group, person)


@case("clean-lead-pair", "An open lead and its HubSpot contact, identical after the transforms: accepted and linked in one go.")
def clean_lead_pair(story: Story) -> None:
    for _ in range(20):
        group, person = story.group("identical"), story.world.person(birth_date="", website="")
        story.lead(group, person)
        story.hubspot(group, person, lifecyclestage="lead", hs_lead_status="NEW", preferred_contact_method="")


@case("everyday-differences", "A contact and its HubSpot contact that differ in one or two ordinary fields.")
def everyday_differences(story: Story) -> None:
    for _ in range(48):
        group, person = story.group("differs"), story.world.person()
        story.contact(group, person)
        story.hubspot(group, _as_known_elsewhere(story.world, person))


@case("everyday-duplicates", "Two Dynamics contacts of one person with one e-mail, most of them with a HubSpot contact.")
def everyday_duplicates(story: Story) -> None:
    for number in range(22):
        group, person = story.group("differs"), story.world.person()
        story.contact(group, person)
        story.contact(group, _as_known_elsewhere(story.world, person))
        if number % 4:
            story.hubspot(group, person)


@case("everyday-lead-and-contact", "An open lead of somebody who is a contact already.")
def everyday_lead_and_contact(story: Story) -> None:
    for _ in range(5):
        group, person = story.group("lead_contact"), story.world.person()
        story.contact(group, person)
        story.lead(group, _as_known_elsewhere(story.world, person))


@case("known-once", "People only one system knows, some of them inactive: nothing to review.")
def known_once(story: Story) -> None:
    exports, world = story.exports, story.world
    while len(exports.contacts) < CONTACTS:
        story.contact(story.alone(), world.person(), statecode="1" if world.rng.random() < 0.1 else "0")
    while len(exports.leads) < LEADS:
        exports.lead(story.alone(), world.person())
    while len(exports.hubspots) < HUBSPOTS:
        optout = world.rng.choice(("", "", "false", "true"))
        exports.hubspot(story.alone(), world.person(), hs_email_optout=optout)


def _as_known_elsewhere(world: World, person: Person) -> Person:
    """The person as another record has them: one or two fields differ, the e-mail does not."""
    changes: tuple[Callable[[Person], Person], ...] = (
        lambda known: replace(known, phone=world.phone()),
        lambda known: replace(known, mobile=world.mobile()),
        lambda known: replace(known, title=world.rng.choice([title for title in TITLES if title != known.title])),
        lambda known: replace(known, first=f"{known.first[0]}."),
        lambda known: replace(known, company=known.company.rsplit(" ", 1)[0] if known.company.isascii() else ""),
        lambda known: replace(known, street="PO Box 7", city="London", region="", postcode="EC1A 1AA", country="United Kingdom"),
    )
    for change in world.rng.sample(changes, world.rng.choice((1, 1, 2))):
        person = change(person)
    return person
