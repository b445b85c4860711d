"""The forms of a value: what is compared, and what records are blocked on. One entry per kind of field."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from reconcile_tui.matching import emails, names, phones, places, text

Forms = dict[str, pl.Series]
"""Suffix of the form ('' is the value that is compared) -> values beside the distinct raw ones."""


def given_forms(values: pl.Series) -> Forms:
    """A given name: the whole, its first word, its initial."""
    plain = names.given(values)
    forms = {"": plain, "token": plain.str.extract(r"^([^ ]+)", 1), "initial": plain.str.slice(0, 1)}
    return {**forms, **_ideographic(values)}


def family_forms(values: pl.Series) -> Forms:
    """A family name and its sound."""
    plain = names.family(values)
    return {"": plain, "sound": text.sound(plain), **_ideographic(values)}


def _ideographic(values: pl.Series) -> Forms:
    """Marks names in Chinese characters: how they are read can't be told from them (安 is An, Yasu, Ahn)."""
    marked = values.str.contains(r"\p{Han}").fill_null(value=False)
    return {"ideographic": pl.Series(["yes"]).extend_constant(None, 1)[(~marked).cast(pl.UInt32)]} if marked.any() else {}


def _email(values: pl.Series) -> Forms:
    written = emails.written(values)
    address = emails.address(written)
    parts = emails.parts(address)
    return {"": address, "written": written, "local": parts["local"], "domain": parts["domain"], "mailbox": parts["mailbox"]}


def _text(values: pl.Series) -> Forms:
    plain = text.words(values)
    return {"": plain, "start": plain.str.slice(0, 6)}


def _street(values: pl.Series) -> Forms:
    plain = places.street(values)
    return {"": plain, "start": plain.str.replace_all("[^a-z]", "").str.slice(0, 6)}


def _postcode(values: pl.Series) -> Forms:
    plain = places.compact(values)
    return {"": plain, "start": plain.str.slice(0, 3)}


def _date(values: pl.Series) -> Forms:
    plain = places.date(values)
    return {"": plain, "year": plain.str.slice(0, 4), "day": plain.str.slice(4)}


def _company(values: pl.Series) -> Forms:
    plain = places.company(values)
    return {"": plain, "start": plain.str.replace_all(" ", "").str.slice(0, 6)}


def _plain(function: Callable[[pl.Series], pl.Series]) -> Callable[[pl.Series], Forms]:
    return lambda values: {"": function(values)}


FORMS: dict[str, Callable[[pl.Series], Forms]] = {
    "first_name": given_forms,
    "last_name": family_forms,
    "email": _email,
    "company": _company,
    "street": _street,
    "city": _text,
    "text": _text,
    "postcode": _postcode,
    "date": _date,
    "datetime": _date,
    "number": _plain(places.number),
    "identifier": _plain(places.compact),
    "multichoice": _plain(places.members),
    "country": _plain(phones.country_codes),
}
"""Field kind -> its forms. Kinds not named here (region, choice, boolean, owner, geography …) are folded text."""


def folded(values: pl.Series) -> Forms:
    """Any other text, folded."""
    return {"": text.words(values)}
