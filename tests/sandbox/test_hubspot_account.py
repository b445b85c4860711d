"""HubSpot's properties, associations, owners and limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconcile_tui.sandbox import Sandbox
from tests.sandbox.conftest import Api

PROPERTIES = "/crm/properties/2026-09/contacts"
LINK: dict[str, Any] = {
    "groupName": "contactinformation",
    "name": "dynamics_contactid",
    "label": "Dynamics contact",
    "type": "string",
    "fieldType": "text",
    "hasUniqueValue": True,
}


def test_a_property_tells_its_type_options_and_who_may_write_it(hubspot: Api) -> None:
    stage = hubspot("GET", f"{PROPERTIES}/lifecyclestage").json()
    assert (stage["type"], stage["fieldType"], stage["hubspotDefined"]) == ("enumeration", "radio", True)
    assert [option["value"] for option in stage["options"]][:2] == ["subscriber", "lead"]
    assert hubspot("GET", f"{PROPERTIES}/hs_object_id").json()["modificationMetadata"]["readOnlyValue"] is True


def test_a_unique_property_holds_its_values_apart_and_finds_by_them(hubspot: Api, contact: Callable[..., str]) -> None:
    made = hubspot("POST", PROPERTIES, LINK)
    assert (made.status_code, made.json()["hasUniqueValue"]) == (201, True)
    owner = contact(dynamics_contactid="c-1")
    clash = hubspot("POST", "/crm/v3/objects/contacts", {"properties": {"dynamics_contactid": "c-1"}})
    assert (clash.status_code, f"{owner} already has that value" in clash.json()["message"]) == (400, True)
    assert hubspot("GET", "/crm/v3/objects/contacts/c-1?idProperty=dynamics_contactid").json()["id"] == owner
    update = {"inputs": [{"id": "c-1", "idProperty": "dynamics_contactid", "properties": {"city": "Leeds"}}]}
    assert hubspot("POST", "/crm/v3/objects/contacts/batch/update", update).json()["results"][0]["id"] == owner


def test_the_other_wording_of_a_clash_is_an_option(sandbox: Sandbox, hubspot: Api, contact: Callable[..., str]) -> None:
    sandbox.set_options(hubspot_clash_code="conflicting_unique_value")
    hubspot("POST", PROPERTIES, LINK)
    contact(dynamics_contactid="c-1")
    clash = hubspot("POST", "/crm/v3/objects/contacts", {"properties": {"dynamics_contactid": "c-1"}})
    assert clash.json()["errors"][0]["code"] == "CONFLICTING_UNIQUE_VALUE"


def test_a_name_that_exists_is_a_409(hubspot: Api) -> None:
    assert [hubspot("POST", PROPERTIES, LINK).status_code for _ in range(2)] == [201, 409]


def test_an_object_type_has_at_most_ten_unique_properties(hubspot: Api) -> None:
    answers = [hubspot("POST", PROPERTIES, {**LINK, "name": f"key_{n}"}).status_code for n in range(11)]
    assert answers == [201] * 10 + [400]


@pytest.mark.parametrize("change", [{"name": "Upper"}, {"type": "text"}, {"groupName": "nope"}, {"label": ""}])
def test_a_definition_that_is_not_valid_is_refused(hubspot: Api, change: dict[str, Any]) -> None:
    assert hubspot("POST", PROPERTIES, {**LINK, **change}).status_code == 400


def test_an_archived_property_is_not_read_any_more_and_can_come_back(hubspot: Api, contact: Callable[..., str]) -> None:
    hubspot("POST", PROPERTIES, LINK)
    id_ = contact(dynamics_contactid="c-1")
    assert hubspot("DELETE", f"{PROPERTIES}/dynamics_contactid").status_code == 204
    assert hubspot("GET", f"{PROPERTIES}/dynamics_contactid").status_code == 404
    read = f"/crm/v3/objects/contacts/{id_}?properties=dynamics_contactid"
    assert "dynamics_contactid" not in hubspot("GET", read).json()["properties"]
    assert hubspot("POST", PROPERTIES, LINK).status_code == 201
    assert hubspot("GET", read).json()["properties"]["dynamics_contactid"] == "c-1"


def test_definitions_are_read_and_made_in_batches(hubspot: Api) -> None:
    inputs = [{**LINK, "name": name} for name in ("one", "two")]
    assert hubspot("POST", f"{PROPERTIES}/batch/create", {"inputs": inputs}).status_code == 201
    read = hubspot("POST", f"{PROPERTIES}/batch/read", {"archived": False, "inputs": [{"name": "one"}, {"name": "nope"}]}).json()
    assert [each["name"] for each in read["results"]] == ["one"]


def test_a_refused_definition_leaves_no_trace(hubspot: Api) -> None:
    inputs = [{**LINK, "name": "one"}, {**LINK, "name": "Bad"}]
    assert hubspot("POST", f"{PROPERTIES}/batch/create", {"inputs": inputs}).status_code == 400
    assert hubspot("GET", f"{PROPERTIES}/one").status_code == 404
    assert hubspot("POST", PROPERTIES, {**LINK, "name": "one"}).status_code == 201


def test_the_first_company_is_the_primary_one_until_another_is_made_it(hubspot: Api, contact: Callable[..., str]) -> None:
    id_ = contact()
    one, two = (hubspot("POST", "/crm/v3/objects/companies", {"properties": {"name": name}}).json()["id"] for name in "12")
    base = f"/crm/v4/objects/contacts/{id_}/associations"
    hubspot("PUT", f"{base}/default/companies/{one}")
    hubspot("PUT", f"{base}/companies/{two}", [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}])
    kinds = {
        each["toObjectId"]: {kind["typeId"] for kind in each["associationTypes"]}
        for each in hubspot("GET", f"{base}/companies").json()["results"]
    }
    assert kinds == {one: {279}, two: {1, 279}}
    assert hubspot("DELETE", f"{base}/companies/{two}").status_code == 204
    assert len(hubspot("GET", f"{base}/companies").json()["results"]) == 1


def test_a_contact_is_created_with_its_company(hubspot: Api) -> None:
    company = hubspot("POST", "/crm/v3/objects/companies", {"properties": {"name": "Acme"}}).json()["id"]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    made = hubspot("POST", "/crm/v3/objects/contacts", {"properties": {}, "associations": [{"to": {"id": company}, "types": types}]}).json()
    assert made["properties"]["associatedcompanyid"] == company


def test_owners_are_found_by_address(hubspot: Api) -> None:
    everybody = hubspot("GET", "/crm/v3/owners").json()["results"]
    one = hubspot("GET", f"/crm/v3/owners?email={everybody[0]['email']}").json()["results"]
    assert [each["id"] for each in one] == [everybody[0]["id"]]


def test_headers_count_down_and_are_not_sent_on_search(hubspot: Api) -> None:
    first, second = (hubspot("GET", "/crm/v3/objects/contacts").headers for _ in range(2))
    assert int(first["x-hubspot-ratelimit-remaining"]) - int(second["x-hubspot-ratelimit-remaining"]) == 1
    assert (first["x-hubspot-ratelimit-max"], first["x-hubspot-ratelimit-interval-milliseconds"]) == ("190", "10000")
    assert int(first["x-hubspot-ratelimit-daily"]) - int(first["x-hubspot-ratelimit-daily-remaining"]) == 1
    assert not [name for name in hubspot("POST", "/crm/v3/objects/contacts/search", {}).headers if "ratelimit" in name]


@pytest.mark.parametrize(
    ("option", "number", "policy", "method", "wait"),
    [
        ("hubspot_burst", 3, "TEN_SECONDLY_ROLLING", "GET", 10),
        ("hubspot_search_rate", 3, "SECONDLY", "POST", 1),
        ("hubspot_daily", 3, "DAILY", "GET", 86_500),
    ],
)
def test_limits_refuse_what_is_too_much_until_time_has_passed(
    make: Callable[..., Sandbox], option: str, number: int, policy: str, method: str, wait: float
) -> None:
    box = make(limits=True, **{option: number})
    api = Api(box.app, "https://api.hubapi.com")
    path = "/crm/v3/objects/contacts" + ("/search" if method == "POST" else "")
    answers = [api(method, path, {} if method == "POST" else None) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["policyName"] == policy
    box.clock.advance(wait)
    assert api(method, path, {} if method == "POST" else None).status_code == 200


@pytest.mark.parametrize(
    ("kind", "field", "given", "stored"),
    [
        ("number", "number", "12.50", "12.50"),
        ("number", "number", 7, "7"),
        ("number", "number", "1,000", None),
        ("bool", "booleancheckbox", True, "true"),
        ("date", "date", "2026-02-03", "2026-02-03"),
        ("date", "date", "1770076800000", "2026-02-03"),
        ("date", "date", "2026-02-03T10:00:00Z", None),
        ("datetime", "date", "2026-02-03T10:00:00+01:00", "2026-02-03T09:00:00.000Z"),
        ("datetime", "date", "1770109200000", "2026-02-03T09:00:00.000Z"),
        ("datetime", "date", "soon", None),
        ("string", "text", ["a"], None),
        ("string", "text", "x" * 65_536, "x" * 65_536),
        ("string", "text", "x" * 65_537, None),
    ],
)
def test_values_are_taken_by_the_type_of_their_property(hubspot: Api, kind: str, field: str, given: Any, stored: str | None) -> None:
    hubspot("POST", PROPERTIES, {**LINK, "name": "thing", "type": kind, "fieldType": field, "hasUniqueValue": False})
    answer = hubspot("POST", "/crm/v3/objects/contacts", {"properties": {"thing": given}})
    assert answer.json().get("properties", {}).get("thing") == stored
    assert answer.status_code == (400 if stored is None else 201)


def test_a_definition_of_ones_own_can_be_changed_and_a_standard_one_not(hubspot: Api) -> None:
    hubspot("POST", PROPERTIES, LINK)
    changed = hubspot("PATCH", f"{PROPERTIES}/dynamics_contactid", {"label": "Other", "hasUniqueValue": False}).json()
    assert (changed["label"], changed["hasUniqueValue"]) == ("Other", True)
    assert hubspot("PATCH", f"{PROPERTIES}/email", {"label": "Other"}).status_code == 400
    assert hubspot("DELETE", f"{PROPERTIES}/email").status_code == 400
    assert hubspot("POST", f"{PROPERTIES}/batch/archive", {"inputs": [{"name": "dynamics_contactid"}]}).status_code == 204


def test_groups_are_made_once(hubspot: Api) -> None:
    made = [hubspot("POST", f"{PROPERTIES}/groups", {"name": "sync", "label": "Sync"}).status_code for _ in range(2)]
    assert made == [201, 409]
    assert hubspot("GET", f"{PROPERTIES}/groups/sync").json()["label"] == "Sync"
    assert hubspot("GET", f"{PROPERTIES}/groups/nope").status_code == 404
    assert hubspot("POST", PROPERTIES, {**LINK, "groupName": "sync"}).status_code == 201


def test_associations_in_batches_and_at_the_older_address(hubspot: Api, contact: Callable[..., str]) -> None:
    id_, other = contact(), contact()
    company = hubspot("POST", "/crm/v3/objects/companies", {"properties": {"name": "Acme"}}).json()["id"]
    base = "/crm/v4/associations/contacts/companies/batch"
    link = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    pair = {"from": {"id": id_}, "to": {"id": company}}
    assert hubspot("POST", f"{base}/create", {"inputs": [{**pair, "types": link}]}).status_code == 201
    assert hubspot("POST", f"{base}/associate/default", {"inputs": [{**pair, "from": {"id": other}}]}).status_code == 200
    read = hubspot("POST", f"{base}/read", {"inputs": [{"id": id_}, {"id": other}]}).json()["results"]
    assert {each["from"]["id"]: each["to"][0]["toObjectId"] for each in read} == {id_: company, other: company}
    assert hubspot("POST", f"{base}/archive", {"inputs": [{"from": {"id": id_}, "to": [{"id": company}]}]}).status_code == 204
    older = f"/crm/v3/objects/contacts/{id_}/associations/companies"
    assert hubspot("GET", older).json() == {"results": []}
    assert hubspot("PUT", f"{older}/{company}/contact_to_company").json()["associations"]["companies"]["results"][0]["id"] == company
    assert hubspot("PUT", f"{older}/{company}/friend_of").status_code == 400


def test_the_account_and_the_tokens_scopes(hubspot: Api) -> None:
    assert hubspot("GET", "/account-info/v3/details").json()["accountType"] == "STANDARD"
    token = hubspot("POST", "/oauth/v2/private-apps/get/access-token-info", {"tokenKey": "pat"}).json()
    assert "crm.objects.contacts.write" in token["scopes"]
    assert hubspot("GET", "/crm/v3/owners/7001").json()["email"]
    assert hubspot("GET", "/crm/v3/owners/1").status_code == 404


def test_a_forgotten_contact_is_gone_for_good(hubspot: Api, contact: Callable[..., str]) -> None:
    id_ = contact(email="a@ex.test")
    wanted = {"objectId": "a@ex.test", "idProperty": "email"}
    assert [hubspot("POST", "/crm/v3/objects/contacts/gdpr-delete", wanted).status_code for _ in range(2)] == [204, 404]
    assert hubspot("GET", f"/crm/v3/objects/contacts/{id_}?archived=true").status_code == 404
