"""Invented people: consistent in themselves, unlike each other, and the same for the same seed."""

from __future__ import annotations

import random
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from locales import LOCALES, UNITED_KINGDOM, Locale, Place

TODAY = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
"""The moment of the two exports."""

COMPANIES: tuple[tuple[str, str], ...] = (
    ("Acme Instruments", "acme.test"),
    ("Alderwick Logistics Ltd", "alderwick.example"),
    ("Kestrel Foods Ltd", "kestrel-foods.example"),
    ("Halden & Moss LLP", "haldenmoss.example"),
    ("Glenburn Distillers Ltd", "glenburn.test"),
    ("Northfield Water plc", "northfieldwater.example"),
    ("Tideway Marine Ltd", "tideway.example"),
    ("Orrery Software Ltd", "orrery.test"),
    ("Pennine Textiles Ltd", "penninetextiles.example"),
    ("Larkspur Care Homes", "larkspur.example"),
    ("Quillfeather Press", "quillfeather.test"),
    ("Brightwater Solar Inc.", "brightwater.example"),
    ("Cobalt Ridge Mining Corp.", "cobaltridge.test"),
    ("Mapleton Credit Union", "mapleton.example"),
    ("Redwood & Finch LLC", "redwoodfinch.example"),
    ("Brügelmann & Söhne GmbH", "bruegelmann.example"),
    ("Hanse Kontor AG", "hansekontor.test"),
    ("Société Beaulieu SARL", "beaulieu.example"),
    ("Atelier Pâquet SAS", "paquet.test"),
    ("Nordljus AB", "nordljus.example"),
    ("Shannon Peat Works Ltd", "shannonpeat.example"),
    ("Wattle Creek Wines Pty Ltd", "wattlecreek.test"),
    ("株式会社さくら精機", "sakura-seiki.example"),
    ("上海晨星贸易有限公司", "chenxing.example"),
    ("شركة النخيل للتجارة", "alnakheel.example"),
    ("ТОВ «Дніпро Метал»", "dnipro-metal.example"),
    ("Żubr Logistyka Sp. z o.o.", "zubr.example"),
    ("Nilgiri Tea Exports Pvt. Ltd.", "nilgiri.example"),
    ("Faro del Norte S.L.", "farodelnorte.example"),
)
FREE_MAIL = ("postbox.example", "webmail.test", "brightmail.example")
TITLES = (
    "Account Manager",
    "Buyer",
    "Head of Procurement",
    "Operations Director",
    "Managing Director",
    "Finance Manager",
    "Marketing Manager",
    "Office Manager",
    "Sales Executive",
    "Chief Technology Officer",
    "Warehouse Supervisor",
    "Quality Engineer",
    "HR Business Partner",
    "Facilities Manager",
    "Project Lead",
    "Geschäftsführer",
    "Directrice commerciale",
    "営業部長",
    "مدير المشتريات",
    "Керівник відділу",
)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Phone:
    """One number as a person writes it and in E.164."""

    written: str = ""
    e164: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A real person, as well as anybody knows them. Blank means unknown."""

    id: str
    first: str
    last: str
    email: str = ""
    phone: Phone = Phone()
    mobile: Phone = Phone()
    title: str = ""
    company: str = ""
    website: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    birth_date: str = ""
    gender: str = ""  # Dynamics' gendercode
    contact_by: str = "1"  # Dynamics' preferredcontactmethodcode
    opted_out: bool = False


@dataclass(slots=True)
class World:
    """Hands out people, ids and times, and never the same name, address, number or id twice."""

    rng: random.Random
    taken: set[str] = field(default_factory=set)
    people: int = 0

    def person(self, locale: Locale | None = None, **known: object) -> Person:
        """Somebody new; what is `known` overrides what would be drawn."""
        home = locale or self.rng.choices(LOCALES, [entry.weight for entry in LOCALES])[0]
        lives_in = UNITED_KINGDOM if home is not UNITED_KINGDOM and self.rng.random() < 0.3 else home
        gender = self.rng.choice("12")
        (first, first_latin), (last, last_latin) = self._unused(lambda: self._name(home, gender), str)
        company, domain = self.rng.choice(COMPANIES)
        place = self.rng.choice(lives_in.places)
        drawn: dict[str, object] = {
            "first": first,
            "last": last,
            "email": self._email(first_latin, last_latin, domain),
            "phone": self._phone(lives_in, place.landline, 0.85),
            "mobile": self._phone(lives_in, lives_in.mobile, 0.6),
            "title": self.rng.choice(TITLES[:15] if home is UNITED_KINGDOM else TITLES),
            "company": company,
            "website": f"https://www.{domain}" if self.rng.random() < 0.5 else "",
            "birth_date": self._birth_date() if self.rng.random() < 0.35 else "",
            "gender": gender if self.rng.random() < 0.6 else "",
            "contact_by": self.rng.choices("1235", (12, 4, 3, 1))[0],
            "opted_out": self.rng.random() < 0.12,
            **self._address(lives_in, place),
        }
        return Person(id=self._person_id(), **{**drawn, **known})  # type: ignore[arg-type]

    def somebody_else(self, person: Person, **differs: object) -> Person:
        """Another person, who shares with this one what does not differ."""
        return replace(person, id=self._person_id(), **differs)  # type: ignore[arg-type]

    def phone(self, country: str = "United Kingdom", city: str = "") -> Phone:
        """A landline nobody has yet."""
        home = next(entry for entry in LOCALES if entry.country == country)
        places = [p for p in home.places if p.city == city] or list(home.places)
        return self._phone(home, places[0].landline, 1)

    def mobile(self, country: str = "United Kingdom") -> Phone:
        """A mobile number nobody has yet."""
        home = next(entry for entry in LOCALES if entry.country == country)
        return self._phone(home, home.mobile, 1)

    def guid(self) -> str:
        """An id as Dynamics gives it."""
        return self._unused(lambda: str(uuid.UUID(int=self.rng.getrandbits(128), version=4)), str)

    def number(self) -> str:
        """An id as HubSpot gives it."""
        return self._unused(lambda: str(self.rng.randrange(1_001, 99_999)), str)

    def times(self, *, days_since_change: int | None = None) -> tuple[datetime, datetime]:
        """When a record was created and when it was last changed."""
        ago = self.rng.randrange(1, 900) if days_since_change is None else days_since_change
        changed = TODAY - timedelta(days=ago, seconds=self.rng.randrange(80_000))
        created = changed - timedelta(days=self.rng.randrange(1, 1800), seconds=self.rng.randrange(80_000))
        return created, changed

    def _person_id(self) -> str:
        self.people += 1
        return f"p{self.people:04}"

    def _name(self, home: Locale, gender: str) -> tuple[tuple[str, str], tuple[str, str]]:
        first = self.rng.choice(home.men if gender == "1" else home.women)
        return _spelling(first), _spelling(self.rng.choice(home.last))

    def _email(self, first: str, last: str, domain: str) -> str:
        host = self.rng.choice(FREE_MAIL) if self.rng.random() < 0.25 else domain
        shapes = (f"{first}.{last}", f"{first[0]}.{last}", f"{first}{last[:1]}", f"{first}.{last}{self.rng.randrange(2, 99)}")
        return self._unused(lambda: f"{self.rng.choices(shapes, (6, 2, 1, 1))[0]}@{host}", str)

    def _phone(self, home: Locale, pattern: str, chance: float) -> Phone:
        if not pattern or self.rng.random() >= chance:
            return Phone()
        national = self._unused(lambda: self._fill(pattern), lambda digits: home.dial + digits.replace(" ", ""))
        written = f"0{national}" if home is UNITED_KINGDOM else f"+{home.dial} {national}"
        return Phone(written, f"+{home.dial}{national.replace(' ', '')}")

    def _address(self, home: Locale, place: Place) -> dict[str, object]:
        if self.rng.random() < 0.2:
            return {}
        return {
            "street": self.rng.choice(home.streets).format(self.rng.randrange(1, 199)),
            "city": place.city,
            "region": place.region,
            "postcode": self._fill(place.postcode),
            "country": home.country,
        }

    def _birth_date(self) -> str:
        return (datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=self.rng.randrange(18_000))).date().isoformat()

    def _fill(self, pattern: str) -> str:
        drawn = {"#": "0123456789", "&": "123456789", "@": "ABDEFGHJLNPQRSTUWXYZ"}
        return "".join(self.rng.choice(drawn[sign]) if sign in drawn else sign for sign in pattern)

    def _unused(self, draw: Callable[[], _T], key: Callable[[_T], str]) -> _T:
        for _ in range(2_000):
            value = draw()
            if (name := key(value)) not in self.taken:
                self.taken.add(name)
                return value
        raise RuntimeError("the pools are used up; add names or ranges to locales.py")


def _spelling(entry: str) -> tuple[str, str]:
    """A name and its Latin letters: `陽子=yoko` carries them, other names lose their accents."""
    native, _, latin = entry.partition("=")
    return native, latin or latin_letters(native)


def latin_letters(text: str) -> str:
    """Lower-case ASCII letters of a name in Latin script."""
    for letter, plain in (("ß", "ss"), ("ł", "l"), ("Ł", "l"), ("ø", "o")):
        text = text.replace(letter, plain)
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in decomposed if sign.isascii() and sign.isalpha())
