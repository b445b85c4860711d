"""Countries and their parts: names in many languages to ISO 3166 codes and back.

Country names come from the CLDR-derived table of the `phonenumbers` package; states and provinces are written out for the countries
whose addresses use codes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

_ALIASES = {
    "GB": "uk|u.k.|great britain|britain|gt britain|england|scotland|wales|northern ireland|gbr|united kingdom of great britain and "
    "northern ireland",
    "US": "usa|u.s.a.|u.s.|united states of america|the united states|america|estados unidos de america",
    "NL": "holland|the netherlands|nld",
    "DE": "deu|ger|federal republic of germany|brd",
    "FR": "fra",
    "ES": "esp",
    "IT": "ita",
    "IE": "republic of ireland|irl|eire",
    "GR": "el|hellas",
    "CZ": "czech republic|cesko|cze",
    "AE": "uae|u.a.e.",
    "KR": "south korea|republic of korea|korea",
    "KP": "north korea",
    "RU": "russian federation",
    "TR": "turkey|türkiye|turkiye",
    "CN": "people's republic of china|prc|mainland china",
    "CH": "che|swiss|confoederatio helvetica",
    "VN": "viet nam",
    "IR": "islamic republic of iran",
    "TW": "republic of china",
    "MK": "macedonia|north macedonia|fyrom",
    "BO": "plurinational state of bolivia",
    "VE": "bolivarian republic of venezuela",
    "CI": "cote d'ivoire|ivory coast",
    "CV": "cape verde",
    "SZ": "swaziland|eswatini",
    "MM": "burma|myanmar",
    "VA": "holy see|vatican",
    "HK": "hong kong",
    "MO": "macao|macau",
    "CD": "dr congo|democratic republic of the congo",
    "CG": "republic of the congo|congo",
    "AU": "aus",
    "CA": "can",
    "AT": "aut",
    "BE": "bel",
    "SE": "swe",
    "NO": "nor",
    "DK": "dnk",
    "FI": "fin",
    "PL": "pol",
    "PT": "prt",
    "NZ": "nzl|aotearoa",
    "ZA": "zaf|rsa",
    "IN": "ind|bharat",
    "JP": "jpn",
    "BR": "bra",
    "MX": "mex",
}


def folded(text: str) -> str:
    """Letters without accents, in one case, single blanks."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().replace("&", " and ").replace("’", "'").split())


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Every known way to write a country -> its ISO 3166-1 alpha-2 code. A name two countries share is left out."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    meant: dict[str, set[str]] = {}
    for code, names in LOCALE_DATA.items():
        for name in names.values():
            if not name.startswith("*"):
                meant.setdefault(folded(name), set()).add(code)
    found = {name: next(iter(codes)) for name, codes in meant.items() if len(codes) == 1}
    found.update({folded(alias): code for code, aliases in _ALIASES.items() for alias in aliases.split("|")})
    found.update({code.casefold(): code for code in LOCALE_DATA if len(code) == 2 and code.isalpha()})
    return {**found, "uk": "GB", "el": "GR"}


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    from phonenumbers.geodata.locale import LOCALE_DATA

    found = {code: str(names["en"]) for code, names in LOCALE_DATA.items() if len(code) == 2 and code.isalpha() and "en" in names}
    return {code: str(LOCALE_DATA[code][name[1:]]) if name.startswith("*") else name for code, name in found.items()}


@lru_cache(maxsize=1 << 14)
def country_code(value: str) -> str:
    """A country's ISO 3166-1 alpha-2 code. Raises ValueError for what names no country."""
    code = _codes().get(folded(value)) or _codes().get(folded(value).replace(".", ""))
    if code is None:
        raise ValueError("is no country that is known by that name")
    return code


def country_name(value: str) -> str:
    """A country's English name. Raises ValueError for what names no country."""
    code = country_code(value)
    return _names().get(code, code)


_REGIONS = {
    "US": "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|DC District of Columbia|"
    "FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|"
    "MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|"
    "NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|"
    "PR Puerto Rico|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|"
    "WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming",
    "CA": "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NS Nova Scotia|"
    "NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon",
    "AU": "ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|SA South Australia|TAS Tasmania|"
    "VIC Victoria|WA Western Australia",
    "DE": "BW Baden-Württemberg|BY Bayern|BE Berlin|BB Brandenburg|HB Bremen|HH Hamburg|HE Hessen|MV Mecklenburg-Vorpommern|"
    "NI Niedersachsen|NW Nordrhein-Westfalen|RP Rheinland-Pfalz|SL Saarland|SN Sachsen|ST Sachsen-Anhalt|SH Schleswig-Holstein|"
    "TH Thüringen",
}
REGION_COUNTRIES = tuple(_REGIONS)
"""Countries whose states or provinces `region_code` knows."""


def region_steps(country: str) -> tuple[Callable[[str], str], Callable[[str], str]]:
    """(name or code -> code, code or name -> name) for the states of a country in REGION_COUNTRIES. Raises KeyError."""
    pairs = [entry.split(" ", 1) for entry in _REGIONS[country].split("|")]
    code_of = {folded(written): code for code, name in pairs for written in (code, name)}
    name_of = {pair[0]: pair[1] for pair in pairs}

    def to_code(value: str) -> str:
        code = code_of.get(folded(value).replace(".", ""))
        if code is None:
            raise ValueError(f"is no state or province of {country}")
        return code

    return to_code, lambda value: name_of[to_code(value)]
