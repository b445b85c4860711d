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
class _Plan:
    """What is needed of one country's numbering plan."""

    calling: str
    trunk: str
    lengths: frozenset[int]
    national: re.Pattern[str]  # a whole national number
    prefix: re.Pattern[str] | None  # what the library may take off a national number
    abroad: re.Pattern[str] | None  # what dials out of the country


@lru_cache(maxsize=300)
def _plan(region: str) -> _Plan | None:
    from phonenumbers.phonemetadata import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.general_desc is None or not metadata.general_desc.national_number_pattern:
        return None
    lengths = frozenset(n for n in metadata.general_desc.possible_length if n > 0)
    taken_off = metadata.national_prefix_for_parsing
    plain = taken_off and taken_off == metadata.national_prefix and not metadata.national_prefix_transform_rule
    return _Plan(
        calling=str(metadata.country_code),
        trunk=str(metadata.national_prefix) if plain else "",
        lengths=lengths,
        national=re.compile(metadata.general_desc.national_number_pattern),
        prefix=re.compile(taken_off) if taken_off else None,
        abroad=re.compile(metadata.international_prefix) if metadata.international_prefix else None,
    )


@lru_cache(maxsize=1)
def _calling_codes() -> dict[str, str]:
    import phonenumbers

    return {str(code): regions[0] for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if regions[0] != "001"}


def _quick(value: str, country: str) -> str:
    """The library's answer for a plain shape; empty when the shape is not one of them."""
    compact = value.strip(" ").translate(_PUNCTUATION)
    if not compact.isascii():
        return ""
    if compact[:1] == "+":
        return _international(compact[1:])
    plan = _plan(country) if country else None
    if plan is None or not plan.trunk or not compact.isdigit() or not value[:1].isdigit() or not value[-1:].isdigit():
        return ""
    if not compact.startswith(plan.trunk) or (plan.abroad and plan.abroad.match(compact)) or compact.startswith(plan.calling):
        return ""
    national = compact[len(plan.trunk) :]
    if len(national) in plan.lengths and plan.national.fullmatch(national) and "(" not in value[1:] and "/" not in value:
        return f"+{plan.calling}{national}"
    return ""


def _international(rest: str) -> str:
    if not rest.isdigit() or len(rest) > 15:
        return ""
    codes = _calling_codes()
    calling = next((rest[:n] for n in (1, 2, 3) if rest[:n] in codes), "")
    plan = _plan(codes[calling]) if calling else None
    if plan is None:
        return ""
    national = rest[len(calling) :]
    if len(national) not in plan.lengths or (plan.prefix and plan.prefix.match(national)):
        return ""
    return f"+{rest}" if national[:1] != "0" else ""
