"""The project file says what is wrong with it, where, and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconcile_tui import project
from reconcile_tui.errors import ProjectError

GOOD = """
[project]
name = "contoso"
country = "NL"

[systems.dynamics]
url = "https://contoso.crm4.dynamics.com"
prefix = "cr1"

[systems.hubspot]
token_env = "HS"

[record_types.contacts]
dynamics = ["contact", "lead"]
hubspot = "contacts"

[record_types.contacts.eligible]
dynamics_to_hubspot.contact = "statecode = 0 AND emailaddress1 IS NOT NULL"
hubspot_to_dynamics = "lifecyclestage IN ('customer')"

[[record_types.contacts.fields]]
name = "email"
dynamics = "emailaddress1"
hubspot = "email"
transform = "email"

[[record_types.contacts.fields]]
name = "company"
dynamics = { contact = "new_companyname", lead = "companyname" }
hubspot = "company"
direction = "dynamics_to_hubspot"

[[record_types.contacts.fields]]
name = "mobile"
dynamics = "mobilephone"
hubspot = "mobilephone"
transform = ["trim", "phone_e164"]
"""


def test_a_good_file_binds_fields_to_the_columns_of_each_table() -> None:
    contacts = project.parse(GOOD).record_types["contacts"]
    assert contacts.tables == {"dynamics": ("contact", "lead"), "hubspot": ("contacts",)}
    assert contacts.field("company").column("dynamics", "lead") == "companyname"
    assert contacts.field("email").column("dynamics", "lead") == "emailaddress1"
    assert contacts.field("company").direction == "forward"
    assert contacts.field("mobile").kind == "phone"
    assert contacts.eligible["dynamics"] == {"contact": "statecode = 0 AND emailaddress1 IS NOT NULL"}


def test_values_of_the_first_system_are_transformed_into_the_seconds_form() -> None:
    mobile = project.parse(GOOD).record_types["contacts"].field("mobile")
    assert mobile.common(" 06 1234 5678", first=True) == "+31612345678"
    assert mobile.common("06 1234 5678", first=False) == "06 1234 5678"


def test_a_pull_wants_mapped_link_and_predicate_columns() -> None:
    loaded = project.parse(GOOD)
    wanted = loaded.wanted_columns("dynamics", "contact")
    assert {"emailaddress1", "new_companyname", "statecode", "cr1_hubspotcontactid", "emailaddress2"} <= set(wanted)
    assert "customer" not in loaded.wanted_columns("hubspot", "contacts")
    assert {"lifecyclestage", "dynamics_contactid", "dynamics_leadid"} <= set(loaded.wanted_columns("hubspot", "contacts"))


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ('transform = "email"', 'transform = "emial"', "no transform 'emial'"),
        ("direction = ", "directoin = ", "Did you mean 'direction'"),
        ('"dynamics_to_hubspot"', '"dynamics_to_hubspott"', "Did you mean 'dynamics_to_hubspot'"),
        ("country = ", "contry = ", "Did you mean 'country'"),
        ('token_env = "HS"', 'token = "secret"', "unknown key 'token'"),
        ("dynamics_to_hubspot.contact", "hubspot_to_hubspot.contact", "not known here"),
        ('url = "https://contoso.crm4.dynamics.com"', "url = 5", "valid string"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_line(good: str, bad: str, says: str) -> None:
    assert good in GOOD
    text = GOOD.replace(good, bad, 1)
    line = 1 + next(number for number, written in enumerate(text.splitlines()) if bad in written)
    with pytest.raises(ProjectError) as caught:
        project.parse(text)
    assert says in str(caught.value)
    assert f"line {line}:" in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_field_defined_twice_is_named() -> None:
    with pytest.raises(ProjectError, match=r"fields\.email.*defined twice"):
        project.parse(GOOD.replace('name = "company"', 'name = "email"'))


def test_text_that_is_not_toml_is_refused_with_the_parsers_line() -> None:
    with pytest.raises(ProjectError, match=r"not valid TOML.*line 2"):
        project.parse("[systems]\ndynamics = = 3\n")


def test_a_missing_file_points_to_init_and_demo(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="init"):
        project.load(tmp_path)


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "reconcile.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProjectError, match="can't be read"):
        project.load(tmp_path)


def test_one_folder_of_exports_makes_a_project_of_one_system() -> None:
    loaded = project.parse(
        """
        [systems.people]
        kind = "files"
        folder = "exports"
        id = "rec_id"
        [record_types.people]
        people = "febrl"
        [[record_types.people.fields]]
        name = "given_name"
        people = "given_name"
        """
    )
    assert loaded.second is None
    assert loaded.tables() == [("people", "febrl")]
    assert loaded.record_types["people"].field("given_name").kind == "first_name"
    assert loaded.link_columns("people", "febrl") == {}


def test_three_systems_are_refused() -> None:
    with pytest.raises(ProjectError, match="one or two systems"):
        project.parse(GOOD + '\n[systems.third]\nkind = "files"\n')
