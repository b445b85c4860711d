"""Phone numbers in E.164 (ITU-T E.164), through Google's libphonenumber data.

The library needs about 50 microseconds a number. The two plain shapes that make up nearly all of a CRM (`+441614960179`,
`0161 496 0179`) are read from its tables directly, and only where the library provably answers the same; everything else goes to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_PUNCTUATION = str.maketrans("", "", " -.()/")
_CACHED = 1 << 16


def phone_e164(value: str, country: str) -> str:
    """A phone number in E.164, an extension kept as ` ext N`. `country` (ISO 3166-1 alpha-2) reads numbers without a prefix.

    Raises ValueError when it is no possible number.
    """
    return _quick(value, country) or _parsed(value, country)


@lru_cache(maxsize=_CACHED)
def _parsed(value: str, country: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(value, country or None)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"is no phone number ({_reason(error)})") from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError("is no possible phone number")
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{text} ext {number.extension}" if number.extension else text


def _reason(error: Any) -> str:
    reasons = {0: "unknown country prefix", 1: "no number in it", 2: "too short", 3: "too short", 4: "too long"}
    return reasons.get(int(error.error_type), "can't be read")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is needed of one country's numbering plan."""

    calling: str
    lengths: frozenset[int]
    national: re.Pattern[str]  # a whole national number
    prefix: re.Pattern[str] | None  # what is taken off a national number
    rewrites: bool  # taking it off may put something else in its place
    abroad: re.Pattern[str] | None  # what dials out of the country


@lru_cache(maxsize=300)
def plan_of(region: str) -> Plan | None:
    """A country's numbering plan; None for an unknown one."""
    from phonenumbers.phonemetadata import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.general_desc is None or not metadata.general_desc.national_number_pattern:
        return None
    return Plan(
        calling=str(metadata.country_code),
        lengths=frozenset(n for n in metadata.general_desc.possible_length if n > 0),
        national=re.compile(metadata.general_desc.national_number_pattern),
        prefix=re.compile(metadata.national_prefix_for_parsing) if metadata.national_prefix_for_parsing else None,
        rewrites=bool(metadata.national_prefix_transform_rule),
        abroad=re.compile(metadata.international_prefix) if metadata.international_prefix else None,
    )


@lru_cache(maxsize=1)
def _calling_codes() -> dict[str, str]:
    import phonenumbers

    return {str(code): regions[0] for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if regions[0] != "001"}


def _quick(value: str, country: str) -> str:
    """The library's answer for a plain shape; empty when the shape is not one of them."""
    compact = value.translate(_PUNCTUATION)
    if not compact.isascii():
        return ""
    if compact[:1] == "+":
        return _international(compact[1:])
    plan = plan_of(country) if country else None
    if plan is None or not compact.isdigit() or not value[0].isdigit() or not value[-1].isdigit() or "/" in value or "(" in value:
        return ""
    if compact.startswith(plan.calling) or (plan.abroad and plan.abroad.match(compact)):
        return ""
    taken_off = plan.prefix.match(compact) if plan.prefix else None
    if taken_off and plan.rewrites:
        return ""
    national = compact[taken_off.end() :] if taken_off else compact
    if national[:1] != "0" and len(national) in plan.lengths and plan.national.fullmatch(national):
        return f"+{plan.calling}{national}"
    return ""


@lru_cache(maxsize=1 << 12)
def abroad_of(start: str) -> tuple[str, Plan] | None:
    """The calling code at the start of an international number, and its plan."""
    codes = _calling_codes()
    calling = next((start[:n] for n in (1, 2, 3) if start[:n] in codes), "")
    plan = plan_of(codes[calling]) if calling else None
    return (calling, plan) if plan else None


def _international(rest: str) -> str:
    if not rest.isdigit() or len(rest) > 15:
        return ""
    found = abroad_of(rest[:3])
    if found is None:
        return ""
    calling, plan = found
    national = rest[len(calling) :]
    if len(national) not in plan.lengths or (plan.prefix and plan.prefix.match(national)):
        return ""
    return f"+{rest}" if national[:1] != "0" else ""
