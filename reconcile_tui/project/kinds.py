"""What a field is about, and how that is guessed from its name."""

from __future__ import annotations

from typing import Literal

FieldKind = Literal[
    "text",
    "first_name",
    "last_name",
    "full_name",
    "email",
    "phone",
    "company",
    "consent",  # whether the person has opted out; which values say so: see MappedField.restricts
    "lifecycle",
    "street",
    "city",
    "region",
    "postcode",
    "country",
    "date",
    "datetime",
    "number",
    "boolean",
    "choice",
    "multichoice",
    "identifier",
    "owner",
    "geography",
]

OPTED_OUT = ("true", "1", "yes")
"""Values of a consent field, in the form of the second system, that say the person has opted out, where the field map names none."""

_KIND_BY_NAME: dict[str, FieldKind] = {
    "given_name": "first_name",
    "firstname": "first_name",
    "surname": "last_name",
    "lastname": "last_name",
    "name": "full_name",
    "mobile": "phone",
    "telephone": "phone",
    "opt_out": "consent",
    "lifecycle_stage": "lifecycle",
    "address": "street",
    "state": "region",
    "zip": "postcode",
    "birth_date": "date",
    "date_of_birth": "date",
}


def guess_kind(name: str) -> FieldKind:
    """The kind of a field that names none: by its name, by a part of it, else text."""
    if name in _KIND_BY_NAME:
        return _KIND_BY_NAME[name]
    for kind in FieldKind.__args__:  # type: ignore[attr-defined]
        if kind == name:
            return kind  # type: ignore[no-any-return]
    for part, kind in (("phone", "phone"), ("email", "email"), ("date", "date"), ("opt_out", "consent")):
        if part in name:
            return kind  # type: ignore[return-value]
    return "text"
