"""The registry: every transform a project file can name, with what it takes, what it does and an example."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconcile_tui.errors import ProjectError
from reconcile_tui.transforms import choices, columns, places, texts, times
from reconcile_tui.transforms.core import Step, Transform, chain


@dataclass(frozen=True, slots=True)
class Maker:
    """A transform that takes an argument: `transform = { name = argument }`. `make` raises ValueError for a bad one."""

    name: str
    summary: str
    argument: str  # what it takes, in words
    make: Callable[[Any, str], Transform]  # (argument or None, the project's country) -> transform
    optional: bool = False  # the bare name will do
    example: str = ""


def _simple(name: str, summary: str, forward: Step, backward: Step | None = None, *, lossy: bool = False) -> Transform:
    return Transform(name, summary, forward, backward, lossy)


REGISTRY: dict[str, Transform] = {
    t.name: t
    for t in (
        _simple("none", "the value as it is", texts.identity, texts.identity),
        _simple("trim", "outer blanks removed, inner ones single", columns.unchanged(texts.trim, r"^[!-~]+(?: [!-~]+)*$")),
        _simple("visible", "invisible and control characters removed, blanks trimmed", texts.visible),
        _simple("lower", "lower case", texts.lower, lossy=True),
        _simple("upper", "upper case", texts.upper, lossy=True),
        _simple("name", "a name written in one case only gets its capitals; others stay", texts.name, lossy=True),
        _simple("email", "an e-mail address trimmed, in lower case", columns.unchanged(texts.email, columns.LOWER)),
        _simple("plain_text", "HTML as plain text", texts.plain_text, lossy=True),
        _simple("digits", "digits only", texts.digits, lossy=True),
        _simple("boolean", "yes/no, 1/0 and true/false as true/false", choices.boolean, choices.boolean),
        _simple("invert", "true and false exchanged (may contact <-> do not contact)", choices.invert, choices.invert),
        _simple("country_code", "a country by name in many languages <-> ISO 3166 code", places.country_code, places.country_name),
        _simple("country_name", "a country by code or name in many languages as its English name", places.country_name),
        _simple("date", "the calendar day of a date or moment", times.day, lossy=True),
        _simple("utc", "a moment with any offset as the same moment in UTC", times.utc),
        _simple("epoch_ms", "an ISO moment <-> milliseconds since 1970", times.to_epoch, times.from_epoch),
        _simple("midnight_utc", "a day <-> milliseconds of its midnight in UTC", times.to_midnight, times.from_midnight),
    )
}
"""Transforms without an argument, by name."""


def _phone(argument: Any, country: str) -> Transform:
    region = str(argument if argument is not None else country).upper()
    if argument is not None:
        from phonenumbers import SUPPORTED_REGIONS  # costs 30 ms: not on the way of every start

        if region not in SUPPORTED_REGIONS:
            raise ValueError(f"{argument!r} is no country code (ISO 3166-1 alpha-2)")
    return Transform("phone_e164", "a phone number in international form", columns.phone(region))


def _table(argument: Any) -> dict[str, str]:
    if not isinstance(argument, Mapping) or not argument:
        raise ValueError('takes a table, e.g. { 1 = "a", 2 = "b" }')
    return {str(first): str(second) for first, second in argument.items()}


def _choice(argument: Any, _: str) -> Transform:
    return Transform("choice", "a choice by the project's table", *choices.table_steps(_table(argument)))


def _multichoice(argument: Any, _: str) -> Transform:
    return Transform("multichoice", "several choices by the project's table", *choices.several_steps(_table(argument)))


def _lookup(argument: Any, _: str) -> Transform:
    return Transform("lookup", "a record's id by its name", *choices.name_steps(_table(argument)))


def _region(argument: Any, _: str) -> Transform:
    if str(argument) not in places.REGION_COUNTRIES:
        raise ValueError(f"knows the states of {', '.join(places.REGION_COUNTRIES)}")
    return Transform("region_code", f"a state of {argument} by name <-> code", *places.region_steps(str(argument)))


def _written(argument: Any, _: str) -> Transform:
    if not isinstance(argument, str) or "%" not in argument:
        raise ValueError('takes a pattern, e.g. "%d/%m/%Y"')
    return Transform("date_written", f"a date written as {argument} <-> ISO", *times.written_as(argument))


def _local_time(argument: Any, _: str) -> Transform:
    return Transform("local_time", f"wall-clock time of {argument} <-> UTC", *times.local_to_utc(str(argument)))


def _cut(argument: Any, _: str) -> Transform:
    if not isinstance(argument, int) or isinstance(argument, bool) or argument < 1:
        raise ValueError("takes a number of characters")
    return Transform("cut", f"the first {argument} characters", lambda value: value[:argument], None, True)


MAKERS: dict[str, Maker] = {
    m.name: m
    for m in (
        Maker("phone_e164", "a phone number in international form (ITU-T E.164), an extension kept", "a country for numbers without a "
              "prefix (default: the project's `country`)", _phone, True, '"phone_e164"'),
        Maker("choice", "a choice by a table", "a table: first system's value = second system's value", _choice, False,
              '{ choice = { 1 = "any", 2 = "email" } }'),
        Maker("multichoice", "several choices at once by a table", "a table, as `choice`", _multichoice, False,
              '{ multichoice = { 10 = "news", 20 = "events" } }'),
        Maker("lookup", "the id of a record by its name", "a table: name = id", _lookup, False, '{ lookup = { "Kari Nordmann" = "81" } }'),
        Maker("region_code", "a state or province by name <-> code", f"a country: {', '.join(places.REGION_COUNTRIES)}", _region, False,
              '{ region_code = "US" }'),
        Maker("date_written", "a date in another notation <-> ISO", "a pattern of `strptime`", _written, False,
              '{ date_written = "%d/%m/%Y" }'),
        Maker("local_time", "wall-clock time of a zone <-> UTC", "an IANA time zone", _local_time, False, '{ local_time = "Europe/Oslo" }'),
        Maker("cut", "the first so many characters", "a number of characters", _cut, False, "{ cut = 50 }"),
    )
}  # fmt: skip
"""Transforms that take an argument, by name."""

PARAMETERISED = tuple(MAKERS)
"""Names that take the project's country or an argument: `transform = "phone_e164"`, `transform = { choice = { 1 = "a" } }`."""


def build(spec: Any, *, country: str = "") -> Transform:
    """The transform a project file names: a name, a one-entry table, or a list of these. Raises ProjectError."""
    if isinstance(spec, Transform):
        return spec
    if isinstance(spec, Sequence) and not isinstance(spec, str):
        return chain([build(part, country=country) for part in spec])
    if isinstance(spec, str) and spec in REGISTRY:
        return REGISTRY[spec]
    name, argument = next(iter(spec.items())) if isinstance(spec, Mapping) and len(spec) == 1 else (spec, None)
    maker = MAKERS.get(name) if isinstance(name, str) else None
    if maker is None:
        raise ProjectError(f"There is no transform {spec!r}.", todo=_known(str(name)))
    if argument is None and not maker.optional:
        raise ProjectError(f"The transform {name!r} takes {maker.argument}.", todo=f"E.g. transform = {maker.example}")
    try:
        return maker.make(argument, country)
    except ValueError as error:
        raise ProjectError(f"The transform {name!r}: {error}.", todo=f"E.g. transform = {maker.example}") from error


def _known(name: str) -> str:
    names = [*REGISTRY, *MAKERS]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"{f'Did you mean {near[0]!r}? ' if near else ''}Known: {', '.join(names)}."
