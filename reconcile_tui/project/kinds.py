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

_NAMES: dict[FieldKind, str] = {
    "first_name": "first firstname given_name given forename fname",
    "last_name": "last lastname surname family_name family lname",
    "full_name": "name fullname contact_name person_name",
    "phone": "mobile telephone cell fax",
    "company": "organisation organization employer account_name company_name",
    "consent": "opt_out",
    "lifecycle": "lifecycle_stage",
    "street": "address address1 address_1 street_address address_line1 address_line_1",
    "city": "town suburb locality municipality",
    "region": "state province county",
    "postcode": "zip zip_code zipcode postal_code post_code",
    "date": "birth_date birthdate birthday date_of_birth dob born",
    "identifier": "ssn soc_sec_id social_security_number national_id national_insurance_number tax_id vat_id passport_number",
}
"""Names that tell a kind, besides the kinds' own."""
_KIND_BY_NAME: dict[str, FieldKind] = {name: kind for kind, names in _NAMES.items() for name in names.split()}


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


def names_of(kind: FieldKind) -> list[str]:
    """Names of fields that tell a kind."""
    return [kind, *_NAMES.get(kind, "").split()]
