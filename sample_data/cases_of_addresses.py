"""Planted cases about what stands in an e-mail field."""

from __future__ import annotations

from locales import UNITED_KINGDOM
from people import Person
from story import Story, case


@case(
    "case-and-whitespace",
    "One person each; the values differ in letter case, blanks, a trailing dot or an invisible sign. The first pair is "
    "identical once transformed; in the last group two Dynamics contacts collide only after the e-mail is made canonical.",
)
def case_and_whitespace(story: Story) -> None:
    first, capitals, dotted, twice = (story.world.person(UNITED_KINGDOM) for _ in range(4))
    group = story.group("identical")
    raw = first.email.title()
    story.contact(group, first, emailaddress1=f" {raw} ", firstname=f" {first.first}", lastname=f"{first.last}  ")
    story.hubspot(group, first)
    group = story.group("differs")
    story.contact(group, capitals, firstname=capitals.first.upper(), lastname=capitals.last.upper())
    story.hubspot(group, capitals)
    group = story.group("differs")
    story.contact(group, dotted, "trailing dot, zero-width space", emailaddress1=f"\u200b{dotted.email}.")
    story.hubspot(group, dotted)
    group = story.group("differs")
    story.contact(group, twice, emailaddress1=twice.email.upper(), jobtitle="")
    story.contact(group, twice, emailaddress1=f"{twice.email} ", lastname=f"{twice.last}\u00a0")
    story.hubspot(group, twice)


def _pair(story: Story, person: Person, mail: str, note: str = "") -> None:
    """A contact with another spelling of its HubSpot contact's address."""
    group = story.group("differs")
    story.contact(group, person, note, emailaddress1=mail)
    story.hubspot(group, person)


@case("typo-domain", "The domain is misspelt or has changed; the rest says one person. A sync by e-mail would create a second one.")
def typo_domain(story: Story) -> None:
    for first, last, right, wrong in (
        ("Petra", "Nováková", "petra.novakova@postbox.example", "petra.novakova@postbxo.example"),
        ("Gwendolen", "Ashcombe", "g.ashcombe@postbox.example", "g.ashcombe@postbx.example"),
        ("Leopold", "Stanhope-Wray", "l.stanhope@tideway.example", "l.stanhope@tideway.test"),
    ):
        person = story.world.person(UNITED_KINGDOM, first=first, last=last, email=right, phone=story.world.phone())
        _pair(story, person, wrong)


@case("plus-tag", "`name+tag@` is the same person and another address: one person for the steward, two for HubSpot.")
def plus_tag(story: Story) -> None:
    for first, last in (("Tabitha", "Wexcombe"), ("Cornelius", "Huddlestone")):
        mail = f"{first}.{last}@brightmail.example".lower()
        person = story.world.person(UNITED_KINGDOM, first=first, last=last, email=mail, phone=story.world.phone())
        _pair(story, person, mail.replace("@", "+events@"))


@case(
    "secondary-email",
    "The Dynamics address is a secondary one of the HubSpot contact (`hs_additional_emails`): the same person, and taken. In the "
    "other two an assistant's `emailaddress2` is her manager's address: two people.",
)
def secondary_email(story: Story) -> None:
    person, manager, assistant = (story.world.person(UNITED_KINGDOM, phone=story.world.phone()) for _ in range(3))
    old = "former.name@brightmail.example"
    group = story.group("differs")
    story.contact(group, person, "uses the secondary address", emailaddress1=old)
    story.hubspot(group, person, hs_additional_emails=f"{old};old.{person.email}")
    group = story.group("identical")
    story.contact(group, manager)
    story.hubspot(group, manager, "the manager")
    group = story.group("identical")
    story.contact(group, assistant, "her second address is her manager's", emailaddress2=manager.email)
    story.hubspot(group, assistant, "the assistant")


@case("invalid-email", "No mail can reach these addresses; HubSpot refuses them. To be corrected or left out.")
def invalid_email(story: Story) -> None:
    for mail in ("no at sign.example", "ana@@beaulieu.example", "josef@", "@orrery.test", "li wei@chenxing.example", "a@b..test"):
        story.contact(story.alone(), story.world.person(email=mail))
    story.lead(story.alone(), story.world.person(email="ask at reception"))


@case("several-addresses-in-one-field", "Two addresses in one Dynamics field: the first is the HubSpot contact's.")
def several_addresses(story: Story) -> None:
    for separator in ("; ", ", "):
        person = story.world.person(UNITED_KINGDOM, phone=story.world.phone())
        _pair(story, person, f"{person.email}{separator}{person.email.replace('@', '.home@')}")


@case("blank-email", "No e-mail on the Dynamics side: a sync by e-mail can't find the HubSpot contact and may create another.")
def blank_email(story: Story) -> None:
    for _ in range(2):
        person = story.world.person(UNITED_KINGDOM, phone=story.world.phone(), mobile=story.world.mobile())
        _pair(story, person, "", "name and phones say who it is")
    for _ in range(2):
        story.contact(story.alone(), story.world.person(UNITED_KINGDOM, email=""))
