"""HubSpot's records: shapes, uniqueness, validation, batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconcile_tui.sandbox import Sandbox
from tests.sandbox.conftest import HUBSPOT, Api

CONTACTS = "/crm/objects/2026-09/contacts"


@pytest.mark.parametrize("path", ["/crm/v3/objects/contacts", "/crm/objects/2026-03/contacts", "/crm/objects/2026-09/0-1"])
def test_one_record_is_the_same_at_every_version_of_the_address(hubspot: Api, contact: Callable[..., str], path: str) -> None:
    id_ = contact(email="ada@ex.test")
    assert hubspot("GET", f"{path}/{id_}").json()["properties"]["email"] == "ada@ex.test"


def test_an_unknown_version_is_no_address(hubspot: Api) -> None:
    assert hubspot("GET", "/crm/objects/2031-03/contacts").status_code == 404


def test_unset_properties_are_null_and_unknown_ones_are_left_out(hubspot: Api, contact: Callable[..., str]) -> None:
    found = hubspot("GET", f"{CONTACTS}/{contact(email='a@ex.test')}?properties=phone,nope").json()["properties"]
    assert found["phone"] is None
    assert "nope" not in found


def test_unset_properties_are_left_out_where_the_option_says_so(sandbox: Sandbox, hubspot: Api, contact: Callable[..., str]) -> None:
    sandbox.set_options(hubspot_unset_values="omit")
    assert "phone" not in hubspot("GET", f"{CONTACTS}/{contact(email='a@ex.test')}?properties=phone").json()["properties"]


def test_lists_of_properties_may_be_joined_or_repeated(hubspot: Api, contact: Callable[..., str]) -> None:
    id_ = contact(email="a@ex.test", phone="1")
    joined = hubspot("GET", f"{CONTACTS}/{id_}?properties=phone,city").json()
    assert joined == hubspot("GET", f"{CONTACTS}/{id_}?properties=phone&properties=city").json()


def test_a_create_answers_with_every_stored_value_and_the_place(hubspot: Api) -> None:
    answer = hubspot("POST", CONTACTS, {"properties": {"email": "Ada@Ex.Test"}})
    assert answer.status_code == 201
    assert answer.headers["location"].endswith(f"/contacts/{answer.json()['id']}")
    properties = answer.json()["properties"]
    assert properties["email"] == "ada@ex.test"
    assert {"hs_object_id", "lifecyclestage", "hs_email_domain", "createdate"} <= set(properties)
    assert None not in properties.values()


def test_paging_gives_every_record_once_in_the_order_of_ids(hubspot: Api, contact: Callable[..., str]) -> None:
    made = [contact(firstname=f"N{n}") for n in range(7)]
    seen: list[str] = []
    url = f"{HUBSPOT}{CONTACTS}?limit=3&properties=firstname"
    while url:
        page = hubspot("GET", url).json()
        seen += [each["id"] for each in page["results"]]
        url = page.get("paging", {}).get("next", {}).get("link", "")
    assert seen == made


def test_a_page_holds_at_most_a_hundred_and_fifty_with_history(hubspot: Api) -> None:
    assert hubspot("GET", f"{CONTACTS}?limit=101").status_code == 400
    assert hubspot("GET", f"{CONTACTS}?limit=51&propertiesWithHistory=email").status_code == 400


def test_the_second_contact_with_an_address_is_a_409_that_names_the_first(hubspot: Api, contact: Callable[..., str]) -> None:
    id_ = contact(email="ada@ex.test")
    answer = hubspot("POST", CONTACTS, {"properties": {"email": "ADA@ex.test"}})
    assert answer.status_code == 409
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {id_}"
    assert answer.json()["category"] == "CONFLICT"


def test_a_clash_in_a_patch_speaks_of_coordinates_and_names_the_owner_last(hubspot: Api, contact: Callable[..., str]) -> None:
    owner, other = contact(email="ada@ex.test"), contact(email="b@ex.test")
    answer = hubspot("PATCH", f"{CONTACTS}/{other}", {"properties": {"email": "ada@ex.test"}})
    assert answer.status_code == 400
    assert f"value=ada@ex.test}} on {other}. {owner} already has that value." in answer.json()["message"]


def test_a_secondary_address_blocks_a_new_contact_too(hubspot: Api, contact: Callable[..., str]) -> None:
    first, second = contact(email="a@ex.test"), contact(email="b@ex.test")
    merged = hubspot("POST", f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json()
    answer = hubspot("POST", CONTACTS, {"properties": {"email": "b@ex.test"}})
    assert answer.status_code == 400
    assert f"{merged['id']} already has that value." in answer.json()["message"]


def test_an_archived_contact_frees_its_address(hubspot: Api, contact: Callable[..., str]) -> None:
    id_ = contact(email="a@ex.test")
    assert hubspot("DELETE", f"{CONTACTS}/{id_}").status_code == 204
    assert contact(email="a@ex.test") != id_
    assert hubspot("GET", f"{CONTACTS}/{id_}").status_code == 404
    archived = hubspot("GET", f"{CONTACTS}?archived=true").json()["results"]
    assert [each["id"] for each in archived] == [id_]
    assert archived[0]["archived"] is True
    assert archived[0]["archivedAt"]


def test_two_contacts_swap_addresses_through_a_free_value(hubspot: Api, contact: Callable[..., str]) -> None:
    a, b = contact(email="a@ex.test"), contact(email="b@ex.test")
    for id_, email in ((a, ""), (b, "a@ex.test"), (a, "b@ex.test")):
        assert hubspot("PATCH", f"{CONTACTS}/{id_}", {"properties": {"email": email}}).status_code == 200
    assert hubspot("GET", f"{CONTACTS}/a@ex.test?idProperty=email").json()["id"] == b


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("nope", "1", "PROPERTY_DOESNT_EXIST"),
        ("email", "not an address", "INVALID_EMAIL"),
        ("lifecyclestage", "king", "INVALID_OPTION"),
        ("hs_object_id", "7", "READ_ONLY_VALUE"),
        ("hs_email_optout", "yes", "INVALID_OPTION"),
        ("hs_email_optout", " true", "INVALID_VALUE"),
    ],
)
def test_a_value_that_is_not_valid_is_named_with_its_code(hubspot: Api, name: str, value: str, code: str) -> None:
    answer = hubspot("POST", CONTACTS, {"properties": {name: value}})
    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"
    assert [(e["code"], e["context"]["propertyName"]) for e in answer.json()["errors"]] == [(code, [name])]


def test_the_lifecycle_stage_goes_forward_only_unless_cleared_first(hubspot: Api, contact: Callable[..., str]) -> None:
    id_ = contact(lifecyclestage="customer")

    def stage(value: str) -> Any:
        answer = hubspot("PATCH", f"{CONTACTS}/{id_}", {"properties": {"lifecyclestage": value}})
        return answer.json()["properties"].get("lifecyclestage")

    assert stage("lead") == "customer"
    assert stage("") is None
    assert stage("lead") == "lead"


def test_a_leading_semicolon_appends_to_a_checkbox(hubspot: Api, contact: Callable[..., str]) -> None:
    id_ = contact(hs_buying_role="CHAMPION")
    answer = hubspot("PATCH", f"{CONTACTS}/{id_}", {"properties": {"hs_buying_role": ";END_USER"}})
    assert answer.json()["properties"]["hs_buying_role"] == "CHAMPION;END_USER"


def test_writing_what_is_there_changes_nothing(sandbox: Sandbox, hubspot: Api, contact: Callable[..., str]) -> None:
    id_ = contact(phone="1")
    before = hubspot("GET", f"{CONTACTS}/{id_}").json()["updatedAt"]
    sandbox.clock.advance(60)
    assert hubspot("PATCH", f"{CONTACTS}/{id_}", {"properties": {"phone": "1"}}).json()["updatedAt"] == before
    assert hubspot("PATCH", f"{CONTACTS}/{id_}", {"properties": {"phone": "2"}}).json()["updatedAt"] > before


def test_history_has_the_newest_value_first(sandbox: Sandbox, hubspot: Api, contact: Callable[..., str]) -> None:
    id_ = contact(phone="1")
    sandbox.clock.advance(1)
    hubspot("PATCH", f"{CONTACTS}/{id_}", {"properties": {"phone": "2"}})
    changes = hubspot("GET", f"{CONTACTS}/{id_}?propertiesWithHistory=phone").json()["propertiesWithHistory"]["phone"]
    assert [change["value"] for change in changes] == ["2", "1"]


def test_an_unknown_number_and_a_word_are_two_different_404s(hubspot: Api) -> None:
    unknown, word = hubspot("GET", f"{CONTACTS}/999").json(), hubspot("GET", f"{CONTACTS}/abc").json()
    assert unknown["message"] == "resource not found"
    assert "category" not in unknown
    assert word["message"] == "Object not found.  objectId are usually numeric."
    assert word["category"] == "OBJECT_NOT_FOUND"


def test_without_a_token_nothing_is_answered(sandbox: Sandbox) -> None:
    answer = Api(sandbox.app, HUBSPOT)("GET", CONTACTS, headers={"authorization": ""})
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_a_missing_scope_is_named(sandbox: Sandbox, hubspot: Api) -> None:
    sandbox.set_options(hubspot_scopes=["crm.objects.contacts.read"])
    answer = hubspot("POST", CONTACTS, {"properties": {}})
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.contacts.write"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/crm/v3/quotes", 404), ("GET", "/marketing/v3/emails", 404), ("PUT", CONTACTS, 405)]
)
def test_what_is_not_served_fails_in_the_vendors_shape(hubspot: Api, method: str, path: str, status: int) -> None:
    answer = hubspot(method, path)
    assert answer.status_code == status
    assert answer.json()["status"] == "error"
    assert answer.json()["correlationId"]


def test_only_the_newest_version_enforces_required_properties(sandbox: Sandbox, hubspot: Api) -> None:
    sandbox.set_options(hubspot_required=["lastname"])
    assert hubspot("POST", CONTACTS, {"properties": {"email": "a@ex.test"}}).status_code == 400
    assert hubspot("POST", "/crm/v3/objects/contacts", {"properties": {"email": "a@ex.test"}}).status_code == 201


def test_batch_read_answers_207_when_some_are_missing(hubspot: Api, contact: Callable[..., str]) -> None:
    id_ = contact(email="a@ex.test")
    answer = hubspot("POST", f"{CONTACTS}/batch/read", {"properties": ["email"], "inputs": [{"id": id_}, {"id": "999"}]})
    assert answer.status_code == 207
    body = answer.json()
    assert (body["status"], body["numErrors"], len(body["results"])) == ("COMPLETE", 1, 1)
    assert body["errors"][0]["context"]["ids"] == ["999"]


def test_batch_read_finds_by_address(hubspot: Api, contact: Callable[..., str]) -> None:
    id_ = contact(email="a@ex.test")
    answer = hubspot("POST", f"{CONTACTS}/batch/read", {"idProperty": "email", "properties": [], "inputs": [{"id": "A@ex.test"}]})
    assert [each["id"] for each in answer.json()["results"]] == [id_]


def test_batch_create_is_all_or_nothing_without_trace_ids(sandbox: Sandbox, hubspot: Api, contact: Callable[..., str]) -> None:
    contact(email="a@ex.test")
    inputs = [{"properties": {"email": "new@ex.test"}}, {"properties": {"email": "a@ex.test"}}]
    assert hubspot("POST", f"{CONTACTS}/batch/create", {"inputs": inputs}).status_code == 409
    assert len(sandbox.snapshot()["hubspot"]["contacts"]) == 1


def test_batch_create_with_trace_ids_tells_which_failed(hubspot: Api, contact: Callable[..., str]) -> None:
    contact(email="a@ex.test")
    inputs = [
        {"properties": {"email": "new@ex.test"}, "objectWriteTraceId": "t1"},
        {"properties": {"email": "a@ex.test"}, "objectWriteTraceId": "t2"},
    ]
    answer = hubspot("POST", f"{CONTACTS}/batch/create", {"inputs": inputs})
    assert answer.status_code == 207
    assert [each["properties"]["email"] for each in answer.json()["results"]] == ["new@ex.test"]
    assert answer.json()["errors"][0]["context"]["objectWriteTraceId"] == ["t2"]


def test_batch_update_skips_ids_that_a_merge_replaced(hubspot: Api, contact: Callable[..., str]) -> None:
    first, second, third = contact(email="a@ex.test"), contact(email="b@ex.test"), contact(email="c@ex.test")
    hubspot("POST", f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second})
    inputs = [{"id": id_, "properties": {"city": "Leeds"}} for id_ in (first, third)]
    answer = hubspot("POST", f"{CONTACTS}/batch/update", {"inputs": inputs})
    assert answer.status_code == 200
    assert [each["id"] for each in answer.json()["results"]] == [third]


def test_batch_update_does_not_take_addresses(hubspot: Api, contact: Callable[..., str]) -> None:
    contact(email="a@ex.test")
    inputs = [{"id": "a@ex.test", "idProperty": "email", "properties": {"city": "Leeds"}}]
    answer = hubspot("POST", f"{CONTACTS}/batch/update", {"inputs": inputs})
    assert (answer.status_code, "non-unique 0-1 property" in answer.text) == (400, True)


def test_batch_upsert_says_which_are_new(hubspot: Api, contact: Callable[..., str]) -> None:
    contact(email="a@ex.test")
    inputs = [{"id": email, "idProperty": "email", "properties": {"city": "Leeds"}} for email in ("a@ex.test", "b@ex.test")]
    answer = hubspot("POST", f"{CONTACTS}/batch/upsert", {"inputs": inputs}).json()
    assert [each["new"] for each in answer["results"]] == [False, True]


@pytest.mark.parametrize("verb", ["read", "create", "update", "archive"])
def test_a_batch_takes_at_most_a_hundred(hubspot: Api, verb: str) -> None:
    assert hubspot("POST", f"{CONTACTS}/batch/{verb}", {"inputs": [{"id": "1", "properties": {}}] * 101}).status_code == 400


def test_the_same_record_twice_in_a_batch_is_refused(hubspot: Api, contact: Callable[..., str]) -> None:
    inputs = [{"id": contact(), "properties": {}}] * 2
    assert hubspot("POST", f"{CONTACTS}/batch/update", {"inputs": inputs}).status_code == 400


def test_hostile_text_is_kept_as_it_is(hubspot: Api, contact: Callable[..., str]) -> None:
    text = "\x1b]0;x\x07 \u202e[red]'; DROP TABLE hs_contacts;--\x00"
    id_ = contact(firstname=text)
    assert hubspot("GET", f"{CONTACTS}/{id_}").json()["properties"]["firstname"] == text
