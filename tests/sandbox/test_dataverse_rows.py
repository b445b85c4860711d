"""Dataverse's rows: create, read, update, upsert, delete, etags, states, alternate keys, bulk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconcile_tui.sandbox import Sandbox
from tests.sandbox.conftest import DATAVERSE, Api

COLUMN = {
    "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
    "SchemaName": "new_HubSpotContactId",
    "MaxLength": 100,
    "DisplayName": {"LocalizedLabels": [{"Label": "HubSpot contact id", "LanguageCode": 1033}]},
}
KEY = {"SchemaName": "new_HubSpotContactKey", "KeyAttributes": ["new_hubspotcontactid"]}


@pytest.fixture
def keyed(sandbox: Sandbox, dataverse: Api) -> None:
    """The contact table has an active alternate key on new_hubspotcontactid."""
    assert dataverse("POST", "/EntityDefinitions(LogicalName='contact')/Attributes", COLUMN).status_code == 204
    assert dataverse("POST", "/EntityDefinitions(LogicalName='contact')/Keys", KEY).status_code == 204
    sandbox.clock.advance(5)


def code(answer: Any) -> tuple[int, str]:
    """Status and vendor code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


def test_a_create_answers_204_with_the_rows_address(dataverse: Api) -> None:
    answer = dataverse("POST", "/contacts", {"firstname": "Ada", "lastname": "Byron"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["odata-entityid"].startswith(f"{DATAVERSE}/contacts(")
    assert answer.headers["odata-version"] == "4.0"


def test_a_create_answers_with_the_row_where_that_is_preferred(dataverse: Api) -> None:
    answer = dataverse(
        "POST", "/contacts?$select=fullname", {"firstname": "Ada", "lastname": "Byron"}, headers={"prefer": "return=representation"}
    )
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "return=representation"
    assert answer.json()["fullname"] == "Ada Byron"


def test_null_columns_are_there_and_computed_ones_follow(dataverse: Api, row: Callable[..., str]) -> None:
    id_ = row(firstname="Ada", lastname="Byron", address1_line1="1 High St", address1_city="Leeds")
    found = dataverse("GET", f"/contacts({id_})").json()
    assert found["telephone1"] is None
    assert (found["fullname"], found["address1_composite"]) == ("Ada Byron", "1 High St\r\nLeeds")
    assert (found["statecode"], found["statuscode"], found["donotemail"]) == (0, 1, False)
    assert found["createdon"] == "2026-01-01T00:00:00Z"


def test_the_etag_changes_with_every_update(dataverse: Api, row: Callable[..., str]) -> None:
    id_ = row(lastname="Byron")
    first = dataverse("GET", f"/contacts({id_})").json()["@odata.etag"]
    assert dataverse("PATCH", f"/contacts({id_})", {"lastname": "Byron"}, headers={"if-match": first}).status_code == 204
    answer = dataverse("PATCH", f"/contacts({id_})", {"lastname": "Late"}, headers={"if-match": first})
    assert code(answer) == (412, "0x80060882")
    assert dataverse("GET", f"/contacts({id_})").json()["lastname"] == "Byron"


def test_an_unchanged_row_is_a_304(dataverse: Api, row: Callable[..., str]) -> None:
    id_ = row(lastname="Byron")
    etag = dataverse("GET", f"/contacts({id_})").json()["@odata.etag"]
    assert dataverse("GET", f"/contacts({id_})", headers={"if-none-match": etag}).status_code == 304


def test_a_patch_creates_a_row_unless_if_match_forbids_it(dataverse: Api) -> None:
    id_ = "11111111-2222-4333-8444-555555555555"
    answer = dataverse("PATCH", f"/contacts({id_})", {"lastname": "New"}, headers={"if-match": "*"})
    assert code(answer) == (404, "0x80040217")
    assert answer.json()["error"]["message"] == f"Entity 'contact' With Id = {id_} Does Not Exist"
    assert dataverse("PATCH", f"/contacts({id_})", {"lastname": "New"}).status_code == 204
    again = dataverse("PATCH", f"/contacts({id_})", {"lastname": "Other"}, headers={"if-none-match": "*"})
    assert code(again) == (412, "0x80060892")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"firstname": "x" * 51}, "0x80044331"),
        ({"nope": 1}, "0x80048d19"),
        ({"gendercode": 9}, "0x8004431a"),
        ({"gendercode": "1"}, "0x80048d19"),
        ({"donotemail": "true"}, "0x80048d19"),
        ({"numberofchildren": -1}, "0x8004432f"),
        ({"annualincome": 1e18}, "0x80044330"),
        ({"birthdate": "soon"}, "0x80048d19"),
        ({"parentcustomerid": "x"}, "0x80048d19"),
        ({"statecode": 0, "statuscode": 2}, "0x80048408"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_code(dataverse: Api, values: dict[str, Any], expected: str) -> None:
    assert code(dataverse("POST", "/contacts", {"lastname": "L", **values})) == (400, expected)


def test_length_is_counted_as_the_vendor_counts_it(dataverse: Api) -> None:
    assert dataverse("POST", "/contacts", {"lastname": "😀" * 25}).status_code == 204
    assert dataverse("POST", "/contacts", {"lastname": "😀" * 26}).status_code == 400


def test_columns_that_cannot_be_set_are_ignored(dataverse: Api, row: Callable[..., str]) -> None:
    id_ = row(lastname="Byron")
    assert (
        dataverse("PATCH", f"/contacts({id_})", {"fullname": "X", "merged": True, "createdon": "2001-01-01T00:00:00Z"}).status_code == 204
    )
    found = dataverse("GET", f"/contacts({id_})").json()
    assert (found["fullname"], found["merged"], found["createdon"][:4]) == ("Byron", False, "2026")


def test_an_inactive_row_refuses_updates_until_it_is_activated(dataverse: Api, row: Callable[..., str]) -> None:
    id_ = row(lastname="Byron", statecode=1)
    assert dataverse("GET", f"/contacts({id_})").json()["statuscode"] == 2
    assert dataverse("PATCH", f"/contacts({id_})", {"jobtitle": "CTO"}).status_code == 400
    assert dataverse("PATCH", f"/contacts({id_})", {"statecode": 0, "statuscode": 1}).status_code == 204
    assert dataverse("PATCH", f"/contacts({id_})", {"jobtitle": "CTO"}).status_code == 204


def test_one_column_is_read_set_and_cleared(dataverse: Api, row: Callable[..., str]) -> None:
    column = f"/contacts({row(lastname='Byron')})/telephone1"
    assert dataverse("GET", column).status_code == 204
    assert dataverse("PUT", column, {"value": "123"}).status_code == 204
    assert dataverse("GET", column).json()["value"] == "123"
    assert dataverse("DELETE", column).status_code == 204
    assert dataverse("GET", column).status_code == 204


def test_lookups_are_bound_read_and_cleared(dataverse: Api, row: Callable[..., str]) -> None:
    account, id_ = row("accounts", name="Acme"), row(lastname="Byron")
    assert dataverse("PATCH", f"/contacts({id_})", {"parentcustomerid_account@odata.bind": f"/accounts({account})"}).status_code == 204
    prefer = {"prefer": 'odata.include-annotations="*"'}
    found = dataverse("GET", f"/contacts({id_})?$select=_parentcustomerid_value", headers=prefer).json()
    assert found["_parentcustomerid_value"] == account
    assert found["_parentcustomerid_value@OData.Community.Display.V1.FormattedValue"] == "Acme"
    assert found["_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "account"
    assert dataverse("DELETE", f"/contacts({id_})/parentcustomerid_account/$ref").status_code == 204
    assert dataverse("GET", f"/contacts({id_})").json()["_parentcustomerid_value"] is None


def test_a_lookup_to_nothing_is_refused(dataverse: Api) -> None:
    missing = "/accounts(11111111-2222-4333-8444-555555555555)"
    assert code(dataverse("POST", "/contacts", {"lastname": "L", "parentcustomerid_account@odata.bind": missing})) == (404, "0x80040217")


def test_a_deleted_row_is_gone_and_nothing_points_to_it(dataverse: Api, row: Callable[..., str]) -> None:
    account = row("accounts", name="Acme")
    id_ = row(lastname="L", **{"parentcustomerid_account@odata.bind": f"/accounts({account})"})
    assert dataverse("DELETE", f"/accounts({account})").status_code == 204
    assert code(dataverse("DELETE", f"/accounts({account})")) == (404, "0x80040217")
    assert dataverse("GET", f"/contacts({id_})").json()["_parentcustomerid_value"] is None


@pytest.mark.usefixtures("keyed")
def test_an_alternate_key_finds_creates_and_updates(dataverse: Api) -> None:
    address = "/contacts(new_hubspotcontactid='501')"
    assert code(dataverse("GET", address)) == (404, "0x80060891")
    assert dataverse("PATCH", address, {"lastname": "Byron"}).status_code == 204
    assert dataverse("PATCH", address, {"firstname": "Ada"}).status_code == 204
    assert dataverse("GET", address).json()["fullname"] == "Ada Byron"


@pytest.mark.usefixtures("keyed")
def test_an_alternate_key_holds_values_apart_but_not_empty_ones(dataverse: Api, row: Callable[..., str]) -> None:
    row(lastname="A", new_hubspotcontactid="501")
    row(lastname="B")
    other = row(lastname="C")
    assert code(dataverse("PATCH", f"/contacts({other})", {"new_hubspotcontactid": "501"})) == (412, "0x80060892")


@pytest.mark.usefixtures("keyed")
def test_a_key_value_with_a_reserved_character_breaks_the_address(dataverse: Api) -> None:
    assert dataverse("GET", "/contacts(new_hubspotcontactid='a%2Bb')").status_code == 400


def test_a_key_that_does_not_exist_is_named(dataverse: Api) -> None:
    answer = dataverse("GET", "/contacts(emailaddress1='a@ex.test')")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(
        "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.contact'"
    )


def test_a_keys_index_is_built_after_a_while(sandbox: Sandbox, dataverse: Api, row: Callable[..., str]) -> None:
    dataverse("POST", "/EntityDefinitions(LogicalName='contact')/Attributes", COLUMN)
    row(lastname="A", new_hubspotcontactid="501")
    dataverse("POST", "/EntityDefinitions(LogicalName='contact')/Keys", KEY)

    def status() -> str:
        url = "/EntityDefinitions(LogicalName='contact')/Keys?$select=SchemaName,KeyAttributes,EntityKeyIndexStatus"
        return str(dataverse("GET", url).json()["value"][0]["EntityKeyIndexStatus"])

    seen = [status()]
    assert dataverse("GET", "/contacts(new_hubspotcontactid='501')").status_code == 400
    for _ in range(2):
        sandbox.clock.advance(0.3)
        seen.append(status())
    assert seen == ["Pending", "InProgress", "Active"]


def test_a_key_over_rows_that_clash_fails(sandbox: Sandbox, dataverse: Api, row: Callable[..., str]) -> None:
    dataverse("POST", "/EntityDefinitions(LogicalName='contact')/Attributes", COLUMN)
    for name in "AB":
        row(lastname=name, new_hubspotcontactid="501")
    dataverse("POST", "/EntityDefinitions(LogicalName='contact')/Keys", KEY)
    sandbox.clock.advance(5)
    assert dataverse("GET", "/EntityDefinitions(LogicalName='contact')/Keys").json()["value"][0]["EntityKeyIndexStatus"] == "Failed"


def test_create_multiple_is_all_or_nothing(sandbox: Sandbox, dataverse: Api) -> None:
    url, kind = "/contacts/Microsoft.Dynamics.CRM.CreateMultiple", {"@odata.type": "Microsoft.Dynamics.CRM.contact"}
    good = dataverse("POST", url, {"Targets": [{**kind, "lastname": "A"}, {**kind, "lastname": "B"}]})
    assert (good.status_code, len(good.json()["Ids"])) == (200, 2)
    assert dataverse("POST", url, {"Targets": [{**kind, "lastname": "C"}, {**kind, "lastname": "x" * 51}]}).status_code == 400
    assert len(sandbox.snapshot()["dynamics"]["contact"]) == 2


@pytest.mark.usefixtures("keyed")
def test_update_and_upsert_multiple(dataverse: Api, row: Callable[..., str]) -> None:
    id_ = row(lastname="A", new_hubspotcontactid="1")
    update = {"Targets": [{"contactid": id_, "jobtitle": "CTO"}]}
    assert dataverse("POST", "/contacts/Microsoft.Dynamics.CRM.UpdateMultiple", update).status_code == 204
    targets = [{"@odata.id": f"contacts(new_hubspotcontactid='{n}')", "lastname": f"L{n}"} for n in (1, 2)]
    assert dataverse("POST", "/contacts/Microsoft.Dynamics.CRM.UpsertMultiple", {"Targets": targets}).status_code == 204
    found = dataverse("GET", "/contacts?$select=lastname,jobtitle&$orderby=lastname").json()["value"]
    assert [(each["lastname"], each["jobtitle"]) for each in found] == [("L1", "CTO"), ("L2", None)]


def test_where_sales_is_not_installed_there_are_no_leads(make: Callable[..., Sandbox]) -> None:
    api = Api(make(dataverse_leads=False).app, DATAVERSE)
    assert code(api("GET", "/leads")) == (404, "0x8006088a")
    assert api("GET", "/EntityDefinitions(LogicalName='lead')").status_code == 404
    assert api("GET", "/contacts").status_code == 200


def test_a_missing_privilege_is_named(sandbox: Sandbox, dataverse: Api) -> None:
    sandbox.set_options(dataverse_denied=["prvWriteContact", "prvCreateContact"])
    answer = dataverse("POST", "/contacts", {"lastname": "A"})
    assert code(answer) == (403, "0x80040220")
    assert "prvCreateContact" in answer.json()["error"]["message"]


def test_without_a_token_the_answer_says_where_to_sign_in(sandbox: Sandbox) -> None:
    answer = Api(sandbox.app, DATAVERSE)("GET", "/WhoAmI", headers={"authorization": ""})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["www-authenticate"].startswith("Bearer authorization_uri=https://login.microsoftonline.com/")
    assert "resource_id=https://contoso.crm4.dynamics.com/" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("name", ["WhoAmI", "WhoAmI()"])
def test_who_am_i(dataverse: Api, name: str) -> None:
    assert {"BusinessUnitId", "UserId", "OrganizationId"} <= set(dataverse("GET", f"/{name}").json())


def test_the_number_of_rows_of_several_tables(dataverse: Api, row: Callable[..., str]) -> None:
    row(lastname="A")
    url = "/RetrieveTotalRecordCount(EntityNames=@names)?@names=['contact','lead']"
    found = dataverse("GET", url).json()["EntityRecordCountCollection"]
    assert dict(zip(found["Keys"], found["Values"], strict=True)) == {"contact": 1, "lead": 0}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nonsense", 404),
        ("GET", "/contacts?fetchXml=%3Cfetch%2F%3E", 501),
        ("POST", "/contacts/Microsoft.Dynamics.CRM.DeleteMultiple", 501),
        ("PUT", "/contacts", 405),
        ("GET", "/RelationshipDefinitions", 501),
        ("GET", "/RetrieveDuplicates(BusinessEntity=@p1)?@p1=1", 501),
        ("GET", "/contacts(1)", 400),
        ("GET", "https://contoso.crm4.dynamics.com/api/data/v8.2/contacts", 404),
    ],
)
def test_what_is_not_served_fails_in_the_vendors_shape(dataverse: Api, method: str, path: str, status: int) -> None:
    answer = dataverse(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["code"].startswith("0x")


def test_errors_carry_annotations_where_they_are_asked_for(dataverse: Api) -> None:
    answer = dataverse("GET", "/nonsense", headers={"prefer": 'odata.include-annotations="*"'})
    assert "@Microsoft.PowerApps.CDS.HelpLink" in answer.json()["error"]
