"""Planted cases about consent, lengths, choices, hostile and foreign text."""

from __future__ import annotations

from dataclasses import replace

from locales import UNITED_KINGDOM
from people import Phone
from story import Story, case

LINK = "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\"
"""An OSC 8 hyperlink, as a terminal would take it."""


@case(
    "opt-out-one-side",
    "Opted out in one record, not in the other. The most restrictive answer wins; a sync as mapped would weaken it.",
)
def opt_out_one_side(story: Story) -> None:
    out, back, both = (story.world.person(UNITED_KINGDOM, opted_out=False) for _ in range(3))
    group = story.group("differs")
    story.contact(group, out, "opted out in Dynamics", donotbulkemail="true")
    story.hubspot(group, out)
    group = story.group("differs")
    story.contact(group, back, "Dynamics' default answer")
    story.hubspot(group, back, "opted out in HubSpot", hs_email_optout="true")
    group = story.group("differs")
    story.contact(group, both, "opted out", 300, donotbulkemail="true")
    story.contact(group, both, "changed later, not opted out", 10)
    story.hubspot(group, both, hs_email_optout="")


@case(
    "too-long-value",
    "HubSpot's value does not fit the Dynamics column (first name 50, job title 100 characters): the write is blocked.",
)
def too_long_value(story: Story) -> None:
    person, other = (story.world.person(UNITED_KINGDOM, title="Facilities Manager") for _ in range(2))
    group = story.group("differs")
    story.contact(group, person)
    name = f"{person.first} Maximiliana Wilhelmina Theodora Josephine Bernadette"
    story.hubspot(group, person, f"first name of {len(name)} characters", firstname=name)
    group = story.group("differs")
    story.contact(group, other)
    title = "Senior Vice President for Facilities, Fleet, Catering and Health & Safety, " * 2 + "Europe and the Middle East"
    story.hubspot(group, other, f"job title of {len(title)} characters", jobtitle=title)


@case(
    "unmapped-choice",
    "`preferredcontactmethodcode` 4 (fax) and HubSpot's `sms` have no entry in the choice map: nothing to write until they do.",
)
def unmapped_choice(story: Story) -> None:
    fax, sms = (story.world.person(UNITED_KINGDOM, contact_by="1") for _ in range(2))
    group = story.group("differs")
    story.contact(group, fax, "fax", preferredcontactmethodcode="4")
    story.hubspot(group, fax)
    group = story.group("differs")
    story.contact(group, sms)
    story.hubspot(group, sms, "sms", preferred_contact_method="sms")


HOSTILE = (
    ("markup that closes nothing", "Bob [/]", "Marlowe-Quince", "[bold red]Buyer[/bold red]"),
    ("markup with an action", "[@click=app.quit]x[/]", "Dragonette", "[link=http://evil.example]title[/link]"),
    ("terminal escapes", "Eve\x1b[31m\x1b[2J", "Escapade\x07", LINK),
    ("C1 control, backspaces, title change", "Mal\x9b2J", "Lory\x08\x08\x08\x08Root", "\x1b]0;owned\x07Title"),
    ("right-to-left override", "Anna \u202egpj.exe", "Reversby", "\u2067Buyer\u2069"),
    ("joined emoji", "👩\u200d👩\u200d👧\u200d👦 Ana", "Zero\u200dwidth\u200b", "🏴\u200d☠\ufe0f Captain"),
    ("spreadsheet formula", '=HYPERLINK("http://evil.example","Sam")', "@SUM(1+1)*cmd|' /C calc'!A0", "+1-2"),
    ("marks piled on letters", "Z̷̛̳a̴͖̓l̸͙̈́g̵͚̈o̶̰͝", "Stackwell", "—\u0301\u0301\u0301\u0301\u0301"),
    ("SQL and quotes", "Robert'); DROP TABLE contact;--", 'O"Quote,Comma', "line one\nline two"),
)
"""(what it is, first name, last name, job title)"""


@case(
    "hostile-text",
    "Markup, escape sequences, direction overrides, formulas: every one is inert text that stays in its cell. Each Dynamics "
    "contact has its HubSpot contact, which carries the text unchanged.",
)
def hostile_text(story: Story) -> None:
    for number, (what, first, last, title) in enumerate(HOSTILE, 1):
        group = story.group("differs")
        person = story.world.person(UNITED_KINGDOM, first=first, last=last, email=f"hostile{number}@quillfeather.test", title=title)
        story.contact(group, person, what, description=f"{LINK}\r\n[reverse]{what}[/]")
        story.hubspot(group, person, what, phone=story.world.phone().e164)
    group = story.group("differs")
    person = story.world.person(UNITED_KINGDOM, company="[/][/][/] \x1b[8mhidden", email="hostile.lead@quillfeather.test")
    story.lead(group, person, "a lead with a hostile company", subject="[@click=app.quit]Enquiry[/]")
    story.hubspot(group, person, jobtitle="")


INTERNATIONAL = (
    ("accents", "Zoë-Élodie", "Müller-Lüdenscheidt", "zoe.mueller"),
    ("CJK", "欧阳", "思远", "ouyang.siyuan"),
    ("Hangul", "지우", "김", "jiwoo.kim"),
    ("Arabic", "عبد الرحمن", "بن خلدون", "abdulrahman.ibnkhaldun"),
    ("Hebrew", "רבקה", "בן־דוד", "rivka.bendavid"),
    ("Cyrillic", "Анастасія", "Підмогильна", "anastasiia.pidmohylna"),
    ("Greek", "Αικατερίνη", "Παπαδοπούλου", "aikaterini.papadopoulou"),
    ("Thai", "ณัฐพล", "ศรีสุวรรณ", "nattapon.srisuwan"),
    ("Devanagari", "लक्ष्मी", "कृष्णमूर्ति", "lakshmi.krishnamurthy"),
    ("emoji", "Joy 🎉", "Sunshine ☀️", "joy.sunshine"),
    ("dotless i", "Işıl", "Yıldırım-Iğdır", "isil.yildirim"),
    ("very long", "Adolph Blaine Charles David Earl Frederick Gerald H", "Wolfeschlegelsteinhausenbergerdorffwelchevoraltern"),
    ("one letter", "Ö", "Å", "o.a"),
    ("particles", "Jan-Willem", "van ’t Hoff-de la Cruz y Mendoza", "jw.vanthoff"),
)
"""(what it is, first name, last name, local part of the address)"""


@case("international-names", "Names in many scripts, identical on both sides: linked as they are, and shown in full.")
def international_names(story: Story) -> None:
    for what, first, last, *local in INTERNATIONAL:
        group = story.group("identical")
        mail = f"{local[0] if local else 'adolph.wolfe'}@hansekontor.test"
        person = story.world.person(first=first[:50].strip(), last=last, email=mail, company="Hanse Kontor AG", gender="")
        story.contact(group, person, what)
        story.hubspot(group, person, what)


@case("no-phone-number", "A phone field that holds words or too few digits: kept as it is and reported.")
def no_phone_number(story: Story) -> None:
    for text in ("ask reception", "ext. 12", "0"):
        person = story.world.person(UNITED_KINGDOM, phone=Phone())
        story.contact(story.alone(), replace(person, phone=Phone(text)))
