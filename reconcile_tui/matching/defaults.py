"""What is compared and blocked on when the project file says nothing: by the kinds of the mapped fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from itertools import combinations
from typing import Any, Protocol

from reconcile_tui.errors import ProjectError
from reconcile_tui.matching.blocking import Key, composite, pairs_in_blocks
from reconcile_tui.matching.columns import COUNTRY, Records
from reconcile_tui.matching.compare import Builder, Code, Comparison, Country, Date, Exact, Geography, Members, Number, Text
from reconcile_tui.matching.compare_names import FamilyName, GivenName
from reconcile_tui.matching.compare_people import Email, Identifier, Phone


class ComparisonLike(Protocol):
    """One entry of `[[matching.<type>.comparisons]]`."""

    @property
    def kind(self) -> str: ...
    @property
    def options(self) -> dict[str, Any]: ...
    @property
    def field(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Wanted:
    """A comparison to be built."""

    field: tuple[str, ...]
    kind: str
    options: dict[str, Any] = attribute(default_factory=dict)


KINDS: dict[str, Builder] = {
    "first_name": GivenName,
    "last_name": FamilyName,
    "email": Email,
    "phone": Phone,
    "company": Text,
    "text": Text,
    "exact": Exact,
    "country": Country,
    "code": Code,
    "postcode": Code,
    "date": Date,
    "identifier": Identifier,
    "number": Number,
    "set": Members,
    "geography": Geography,
}
"""Comparison kinds a project file can name, besides `name` (given and family name together)."""

BY_FIELD_KIND = {
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "company": "company",
    "street": "text",
    "city": "text",
    "text": "text",
    "region": "exact",
    "postcode": "postcode",
    "date": "date",
    "number": "number",
    "identifier": "identifier",
    "geography": "geography",
}
"""Field kinds compared by default; consent, lifecycle, owner, choices and times say how a record is used, not whom it is about."""


def comparisons(records: Records, wanted: Sequence[ComparisonLike]) -> list[Comparison]:
    """The comparisons a project file asks for, or the defaults. Raises ProjectError on an unknown kind or field."""
    built: list[Comparison] = []
    for entry in wanted or by_default(records):
        built.extend(_build(records, tuple(entry.field), entry.kind, entry.options))
    return built


def alike(records: Records, comparisons_: Sequence[Comparison]) -> list[Comparison]:
    """The same comparisons over other records, which have the same forms."""
    made = []
    for c in comparisons_:
        fields = (c.fields[0], c.other) if isinstance(c, GivenName | FamilyName) and c.other else c.fields
        made.append(type(c)(records, c.name, fields, c.kind, c.options))
    return made


def _build(records: Records, fields: tuple[str, ...], kind: str, options: dict[str, Any]) -> list[Comparison]:
    if kind == "name":
        return _names(records, fields, options)
    builder = KINDS.get(kind)
    if builder is None:
        raise ProjectError(f"There is no comparison kind {kind!r}.", todo=f"Known: {', '.join(sorted([*KINDS, 'name']))}.")
    if kind == "country" and COUNTRY in records.columns:
        return [builder(records, "country", fields, kind, options)]
    present = tuple(name for name in fields if name in records.columns or kind == "geography")
    if not present:
        _check_mapped(records, fields)
        return []  # mapped, but without a single value
    return [builder(records, "phone" if kind == "phone" else fields[0], present, kind, options)]


def _names(records: Records, fields: tuple[str, ...], options: dict[str, Any]) -> list[Comparison]:
    _check_mapped(records, fields)
    if len(fields) == 1:
        fields = (f"{fields[0]}.first", f"{fields[0]}.last")
    first, last = fields
    if first in records.columns and last in records.columns:
        return [GivenName(records, first, (first, last), "name", options), FamilyName(records, last, (last, first), "name", options)]
    alone: list[Comparison] = [GivenName(records, first, (first,), "name", options)] if first in records.columns else []
    return alone + ([FamilyName(records, last, (last,), "name", options)] if last in records.columns else [])


def _check_mapped(records: Records, fields: Sequence[str]) -> None:
    known = {f.name for f in records.fields}
    for name in fields:
        if name.removesuffix(".first").removesuffix(".last") not in known:
            raise ProjectError(f"There is no field {name!r} to compare.", todo=f"Mapped: {', '.join(sorted(known))}.")


def name_fields(records: Records) -> tuple[str, str] | None:
    """The forms that hold given and family name: mapped fields, or the parts of a full name."""
    first, last = records.of_kind("first_name"), records.of_kind("last_name")
    if first and last:
        return first[0], last[0]
    full = [f.name for f in records.fields if f.kind == "full_name" and f"{f.name}.last" in records.columns]
    return (f"{full[0]}.first", f"{full[0]}.last") if full else None


def by_default(records: Records) -> list[Wanted]:
    """One comparison per field that identifies; names together, phones together."""
    wanted: list[Wanted] = []
    names = name_fields(records)
    if names:
        wanted.append(Wanted((names[0].removesuffix(".first"),) if "." in names[0] else names, "name"))
    if phones := records.of_kind("phone"):
        wanted.append(Wanted(tuple(phones), "phone"))
    if COUNTRY in records.columns:
        wanted.append(Wanted(("country",), "country"))
    taken = set(names or ())
    for mapped in records.fields:
        kind = BY_FIELD_KIND.get(mapped.kind)
        present = mapped.name in records.columns or mapped.kind == "geography"
        if kind and present and mapped.name not in taken:
            wanted.append(Wanted((mapped.name,), kind))
    return wanted


def blocking_keys(records: Records) -> list[Key]:
    """Keys by kind, the most telling first, because each one may use half of the pairs the ones before it have left."""
    emails, names = records.of_kind("email"), name_fields(records)
    keys: list[Key] = [(name,) for name in records.of_kind("identifier")]
    keys += [(f"{email}.mailbox",) for email in emails]
    keys += [("phone.tail",)] if records.of_kind("phone") else []
    keys += _name_keys(records, *names) if names else _lone_name_keys(records)
    keys += [(f"{email}.local",) for email in emails]
    keys += _place_keys(records, *names) if names else [(company,) for company in records.of_kind("company")[:1]]
    towns = _towns(records)
    keys += [(street, town) for street in records.of_kind("street")[:1] for town in towns]
    keys += [(date, town) for date in records.of_kind("date") for town in towns]
    return [key for key in dict.fromkeys(keys) if all(part in records.columns or part == "phone.tail" for part in key)]


def _towns(records: Records) -> list[str]:
    return [*records.of_kind("postcode")[:1], *records.of_kind("city")[:1]]


def _lone_name_keys(records: Records) -> list[Key]:
    places = [*records.of_kind("company")[:1], *_towns(records)]
    return [(name, other) for name in records.of_kind("first_name", "last_name") for other in places]


def _name_keys(records: Records, first: str, last: str) -> list[Key]:
    root, sound = f"{first}.root", f"{last}.sound"
    keys: list[Key] = [(last, root)]
    keys += [key for company in records.of_kind("company")[:1] for key in ((last, company), (root, company))]
    for date in records.of_kind("date"):
        keys += [(date, root), (date, last), (sound, f"{date}.year"), (root, f"{date}.day")]
    return [*keys, *((last, root, town) for town in _towns(records)), (f"{last}.either",), (sound, root)]


def _place_keys(records: Records, first: str, last: str) -> list[Key]:
    keys: list[Key] = [(f"{last}.sound", f"{first}.initial", place) for place in records.of_kind("city", "postcode")[:1]]
    for place in _towns(records):
        keys += [(last, place), (f"{first}.root", place)]
    return keys


BROAD_KEYS = 60
"""Blocking keys of two or three fields that are added where they cost little: they find pairs with errors in several places."""
BROAD_PAIRS = 3.0
"""Pairs per record such a key may bring."""
SMALL = 20_000
"""Records up to which such keys are looked for; beyond, the keys by kind do, and each further one costs a pass over all records."""


def broad_keys(records: Records, given: Sequence[Key]) -> list[Key]:
    """Coarse forms of two different fields together, or of three where two are too common, as far as they stay cheap."""
    if len(records) > SMALL:
        return []
    forms = _coarse_forms(records)
    budget = BROAD_PAIRS * len(records)
    cheap, common = _priced(records, [pair for pair in combinations(forms, 2) if _differ(pair)], budget)
    threes = list({frozenset((*pair, form)): (*pair, form) for pair in common for form in forms if _differ((*pair, form))}.values())
    more, _ = _priced(records, threes[:MOST_TRIED], budget)
    keys = [tuple(form for form, _ in combination) for _, combination in sorted(cheap)[-BROAD_KEYS:] + sorted(more)[-BROAD_KEYS // 2 :]]
    return [key for key in keys if key not in given and key[::-1] not in given]


MOST_TRIED = 300
Form = tuple[str, str]  # a form and the field it comes from


def _differ(combination: Sequence[Form]) -> bool:
    return len({name for _, name in combination}) == len(combination)


def _priced(
    records: Records, combinations_: Sequence[tuple[Form, ...]], budget: float
) -> tuple[list[tuple[int, tuple[Form, ...]]], list[tuple[Form, ...]]]:
    """Combinations within the budget with their number of pairs, and those above it."""
    cheap, common = [], []
    for combination in combinations_:
        pairs = pairs_in_blocks(composite([records.column(form).codes for form, _ in combination]))
        if pairs > budget:
            common.append(combination)
        elif pairs:
            cheap.append((pairs, combination))
    return cheap, common


def _coarse_forms(records: Records) -> list[Form]:
    """Forms that survive an error elsewhere in the value, with the field they come from."""
    forms: list[Form] = []
    names = name_fields(records) or ()
    for name in [*names, *(f.name for f in records.fields if f.kind in BY_FIELD_KIND and f.name not in names)]:
        suffixes = ("root", "sound", "start", "year", "day", "local", "tail")
        found = [f"{name}.{suffix}" for suffix in suffixes if f"{name}.{suffix}" in records.columns]
        forms += [(form, name) for form in found or [name] if form in records.columns]
    return forms
