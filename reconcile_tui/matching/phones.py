"""Phone numbers: E.164 with the record's country, extension apart.

The vendors' data of `phonenumbers` gives calling codes and trunk prefixes; the plain shapes are then read by vectorised rules,
because parsing a million distinct numbers one by one takes half a minute. Whatever those rules can't read is parsed for itself.
"""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
import polars as pl
from phonenumbers.phonemetadata import PhoneMetadata

from reconcile_tui.matching.text import ascii_lower, on_some, words

_EXTENSION = r"(?:\s*(?:ext\.?|extension|x|#|durchwahl|dw|poste|int\.?)\s*[:.]?\s*\d{1,6})\s*$"
_SLOW_LIMIT = 20_000
"""Distinct numbers parsed one by one at most (about 40 microseconds each)."""


@lru_cache(maxsize=300)
def _rules(country: str) -> tuple[str, str]:
    """Calling code and trunk prefix of a country (ISO 3166-1 alpha-2); empty where it is unknown."""
    metadata = PhoneMetadata.metadata_for_region(country.upper(), None)
    if metadata is None:
        return "", ""
    trunk = metadata.national_prefix or ""
    return str(metadata.country_code), trunk if trunk.isdigit() else ""


def country_code(text: str) -> str:
    """A country as ISO 3166-1 alpha-2: the code itself, or one of the names in the table below; empty when unknown."""
    plain = text.strip()
    if len(plain) == 2 and plain.isascii() and plain.isalpha():
        return {"UK": "GB", "EL": "GR"}.get(plain.upper(), plain.upper())
    return _COUNTRIES.get(plain.casefold(), "")


def country_codes(values: pl.Series) -> pl.Series:
    """Countries as ISO codes; a name the table below doesn't know stays folded text."""
    known = [country_code(text) if text else "" for text in values.to_list()]
    if all(known):
        return pl.Series(known, dtype=pl.String)
    folded = words(values)
    return pl.Series([code or other for code, other in zip(known, folded.to_list(), strict=True)], dtype=pl.String)


def numbers(values: pl.Series, countries: pl.Series) -> pl.DataFrame:
    """`e164` (digits with calling code where it is known) and `tail` (last nine digits) of each value; extensions are left out."""
    lettered = values.str.contains(r"[^0-9+()/. -]").fill_null(value=False)
    plain = on_some(values, r"[^0-9+()/. -]", lambda some: ascii_lower(some).str.replace(_EXTENSION, ""))
    trunkless = on_some(plain, r"\(0\)", lambda some: some.str.replace(r"\(0\)", ""))
    digits = trunkless.str.replace_many([" ", "-", "(", ")", ".", "/", "+"], [""] * 7)
    digits = on_some(digits, r"[^0-9]", lambda some: some.str.replace_all(r"[^0-9]", ""))
    start = plain.str.strip_chars(" (")
    rules = {name: _rules(country_code(name)) for name in countries.drop_nulls().unique().to_list()}
    frame = pl.DataFrame({"v": plain, "c": countries, "digits": digits, "lettered": lettered}).with_columns(
        abroad=(start.str.starts_with("+") | start.str.starts_with("00")).fill_null(value=False),
        calling=pl.col("c").replace_strict({n: r[0] for n, r in rules.items()}, default="", return_dtype=pl.String),
        trunk=pl.col("c").replace_strict({n: r[1] for n, r in rules.items()}, default="", return_dtype=pl.String),
    )
    frame = frame.with_columns(e164=_international())
    frame = frame.with_columns(e164=_spelt_out(frame))
    telling = pl.col("e164").str.len_chars().is_between(6, 20)
    frame = frame.with_columns(e164=pl.when(telling).then(pl.col("e164")))
    e164 = on_some(frame["e164"], r"^0+$|(?:0{7}|1{8}|9{8})$", lambda some: pl.Series([None] * len(some), dtype=pl.String))
    return pl.DataFrame({"e164": e164, "tail": e164.str.slice(-9)})


def _international() -> pl.Expr:
    foreign = pl.col("digits").str.strip_prefix("00")
    trunk, calling, digits = pl.col("trunk"), pl.col("calling"), pl.col("digits")
    national = pl.when(digits.str.starts_with(trunk)).then(digits.str.slice(trunk.str.len_bytes())).otherwise(digits)
    already = (calling != "") & (digits.str.len_bytes() > 10) & digits.str.starts_with(calling)
    return pl.when(pl.col("abroad")).then(foreign).when(already).then(digits).otherwise(calling + national)


def _spelt_out(frame: pl.DataFrame) -> pl.Series:
    """Numbers with letters (`0800 FLOWERS`) read by the library, the first ones of many."""
    result = frame["e164"]
    odd = (frame["lettered"] & frame["v"].str.contains(r"\d.*[a-z]{3,}")).fill_null(value=False).arg_true()[:_SLOW_LIMIT]
    if not len(odd):
        return result
    rows = frame[odd]
    read = [_parsed(v or "", country_code(c or "")) or e for v, c, e in zip(rows["v"], rows["c"], rows["e164"], strict=True)]
    return result.clone().scatter(odd, pl.Series(read, dtype=pl.String))


def _parsed(text: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    return f"{number.country_code}{phonenumbers.national_significant_number(number)}"


_COUNTRIES = {
    "united states": "US", "united states of america": "US", "usa": "US", "u.s.a.": "US", "u.s.": "US", "america": "US",
    "canada": "CA", "mexico": "MX", "méxico": "MX", "brazil": "BR", "brasil": "BR", "argentina": "AR", "chile": "CL", "colombia": "CO",
    "united kingdom": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "u.k.": "GB", "gbr": "GB",
    "ireland": "IE", "germany": "DE", "deutschland": "DE", "austria": "AT", "österreich": "AT", "switzerland": "CH", "schweiz": "CH",
    "suisse": "CH", "france": "FR", "spain": "ES", "españa": "ES", "portugal": "PT", "italy": "IT", "italia": "IT", "netherlands": "NL",
    "the netherlands": "NL", "nederland": "NL", "belgium": "BE", "belgië": "BE", "belgique": "BE", "luxembourg": "LU", "denmark": "DK",
    "danmark": "DK", "sweden": "SE", "sverige": "SE", "norway": "NO", "norge": "NO", "finland": "FI", "suomi": "FI", "iceland": "IS",
    "poland": "PL", "polska": "PL", "czechia": "CZ", "czech republic": "CZ", "slovakia": "SK", "hungary": "HU", "romania": "RO",
    "bulgaria": "BG", "greece": "GR", "turkey": "TR", "türkiye": "TR", "ukraine": "UA", "russia": "RU", "israel": "IL", "india": "IN",
    "china": "CN", "japan": "JP", "日本": "JP", "south korea": "KR", "korea": "KR", "singapore": "SG", "malaysia": "MY", "indonesia": "ID",
    "thailand": "TH", "vietnam": "VN", "philippines": "PH", "australia": "AU", "new zealand": "NZ", "south africa": "ZA",
    "egypt": "EG", "nigeria": "NG", "kenya": "KE", "morocco": "MA", "united arab emirates": "AE", "uae": "AE", "saudi arabia": "SA",
    "pakistan": "PK", "bangladesh": "BD", "sri lanka": "LK", "croatia": "HR", "serbia": "RS", "slovenia": "SI", "estonia": "EE",
    "latvia": "LV", "lithuania": "LT",
}  # fmt: skip
