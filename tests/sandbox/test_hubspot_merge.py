"""HubSpot's merge, in both id modes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconcile_tui.sandbox import Sandbox
from tests.sandbox.conftest import Api

CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture
def merge(hubspot: Api) -> Callable[[str, str], Any]:
    """Merge two contacts and return the answer's body."""

    def merged(primary: str, other: str) -> Any:
        answer = hubspot("POST", f"{CONTACTS}/merge", {"primaryObjectId": primary, "objectIdToMerge": other})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return merged


@pytest.mark.parametrize("mode", ["new", "preserve"])
def test_both_old_ids_lead_to_the_merged_record(
    sandbox: Sandbox, hubspot: Api, contact: Callable[..., str], merge: Callable[..., Any], mode: str
) -> None:
    sandbox.set_options(hubspot_merge_ids=mode)
    a, b = contact(email="a@ex.test"), contact(email="b@ex.test")
    merged = merge(a, b)["id"]
    assert (merged == a) == (mode == "preserve")
    assert {hubspot("GET", f"{CONTACTS}/{id_}").json()["id"] for id_ in (a, b, merged)} == {merged}
    assert [each["id"] for each in hubspot("GET", CONTACTS).json()["results"]] == [merged]


def test_ids_still_resolve_after_a_second_merge(hubspot: Api, contact: Callable[..., str], merge: Callable[..., Any]) -> None:
    a, b, c = contact(), contact(), contact()
    last = merge(c, merge(a, b)["id"])["id"]
    assert {hubspot("GET", f"{CONTACTS}/{id_}").json()["id"] for id_ in (a, b, c)} == {last}


def test_the_primary_wins_and_the_other_fills_what_is_empty(contact: Callable[..., str], merge: Callable[..., Any]) -> None:
    a = contact(email="a@ex.test", firstname="Ada", lifecyclestage="lead")
    b = contact(email="b@ex.test", firstname="Adah", city="Leeds", lifecyclestage="customer")
    found = merge(a, b)["properties"]
    assert (found["firstname"], found["city"], found["lifecyclestage"]) == ("Ada", "Leeds", "customer")
    assert (found["email"], found["hs_additional_emails"]) == ("a@ex.test", "b@ex.test")
    assert found["hs_merged_object_ids"] == f"{a};{b}"


def test_the_oldest_create_date_is_kept(sandbox: Sandbox, hubspot: Api, contact: Callable[..., str], merge: Callable[..., Any]) -> None:
    old = contact(email="a@ex.test")
    created = hubspot("GET", f"{CONTACTS}/{old}").json()["createdAt"]
    sandbox.clock.advance(3600)
    assert merge(contact(email="b@ex.test"), old)["createdAt"] == created


def test_a_primary_without_an_address_takes_the_others(contact: Callable[..., str], merge: Callable[..., Any]) -> None:
    found = merge(contact(firstname="A"), contact(email="b@ex.test"))["properties"]
    assert found["email"] == "b@ex.test"
    assert "hs_additional_emails" not in found


def test_a_record_is_not_merged_with_itself_also_under_an_old_id(
    hubspot: Api, contact: Callable[..., str], merge: Callable[..., Any]
) -> None:
    a, b = contact(), contact()
    merge(a, b)
    for pair in ((a, a), (a, b)):
        answer = hubspot("POST", f"{CONTACTS}/merge", {"primaryObjectId": pair[0], "objectIdToMerge": pair[1]})
        assert answer.status_code == 400


def test_an_unknown_id_is_a_404(hubspot: Api, contact: Callable[..., str]) -> None:
    answer = hubspot("POST", f"{CONTACTS}/merge", {"primaryObjectId": contact(), "objectIdToMerge": "999"})
    assert (answer.status_code, answer.json()["message"]) == (404, "resource not found")


def test_more_than_250_identities_are_a_414(sandbox: Sandbox, hubspot: Api, contact: Callable[..., str]) -> None:
    a, b = contact(), contact()
    sandbox.edit(f"hubspot/contacts/{a}", {"hs_merged_object_ids": ";".join(str(n) for n in range(1000, 1249))})
    answer = hubspot("POST", f"{CONTACTS}/merge", {"primaryObjectId": a, "objectIdToMerge": b})
    assert (answer.status_code, answer.json()["message"]) == (414, "Cannot have more than 250 identities on a profile")


def test_companies_of_both_are_kept_and_the_primarys_stays_primary(
    hubspot: Api, contact: Callable[..., str], merge: Callable[..., Any]
) -> None:
    a, b = contact(), contact()
    companies = [hubspot("POST", "/crm/v3/objects/companies", {"properties": {"name": name}}).json()["id"] for name in ("One", "Two")]
    for id_, company in zip((a, b), companies, strict=True):
        hubspot("PUT", f"/crm/v4/objects/contacts/{id_}/associations/default/companies/{company}")
    id_ = merge(a, b)["id"]
    found = hubspot("GET", f"{CONTACTS}/{id_}?associations=companies&properties=associatedcompanyid").json()
    assert {each["id"] for each in found["associations"]["companies"]["results"]} == set(companies)
    assert found["properties"]["associatedcompanyid"] == companies[0]
