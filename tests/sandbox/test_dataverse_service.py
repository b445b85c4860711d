"""Dataverse's definitions, `$batch`, change tracking and service protection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconcile_tui.sandbox import Sandbox
from reconcile_tui.sandbox.generate import fill
from tests.sandbox.conftest import DATAVERSE, Api


def test_a_column_tells_its_length_and_a_choice_its_options(dataverse: Api) -> None:
    base = "/EntityDefinitions(LogicalName='contact')/Attributes/Microsoft.Dynamics.CRM"
    texts = dataverse("GET", f"{base}.StringAttributeMetadata?$select=LogicalName,MaxLength").json()["value"]
    assert {each["LogicalName"]: each["MaxLength"] for each in texts}["firstname"] == 50
    choices = dataverse("GET", f"{base}.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet($select=Options)").json()["value"]
    options = {each["LogicalName"]: each["OptionSet"]["Options"] for each in choices}["gendercode"]
    assert [(o["Value"], o["Label"]["UserLocalizedLabel"]["Label"]) for o in options] == [(1, "Male"), (2, "Female")]


def test_tables_are_found_by_filter(dataverse: Api) -> None:
    found = dataverse(
        "GET", "/EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute&$filter=LogicalName eq 'contact'"
    ).json()["value"]
    assert [(each["EntitySetName"], each["PrimaryIdAttribute"]) for each in found] == [("contacts", "contactid")]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 204),
        ({"SchemaName": "HubSpotId"}, 400),
        ({"@odata.type": "Microsoft.Dynamics.CRM.FileAttributeMetadata"}, 501),
        ({"@odata.type": "Microsoft.Dynamics.CRM.PicklistAttributeMetadata"}, 400),
    ],
)
def test_a_column_of_ones_own(dataverse: Api, change: dict[str, Any], status: int) -> None:
    body = {"@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_Link", "MaxLength": 5, **change}
    assert dataverse("POST", "/EntityDefinitions(LogicalName='contact')/Attributes", body).status_code == status


def test_a_column_of_ones_own_is_used_described_and_deleted(dataverse: Api, row: Callable[..., str]) -> None:
    body = {"@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_Link", "MaxLength": 5}
    base = "/EntityDefinitions(LogicalName='contact')/Attributes"
    assert [dataverse("POST", base, body).status_code for _ in range(2)] == [204, 400]
    id_ = row(lastname="A", new_link="12345")
    assert dataverse("PATCH", f"/contacts({id_})", {"new_link": "123456"}).status_code == 400
    assert dataverse("GET", f"{base}(LogicalName='new_link')").json()["IsCustomAttribute"] is True
    assert dataverse("DELETE", f"{base}(LogicalName='new_link')").status_code == 204
    assert "new_link" not in dataverse("GET", f"/contacts({id_})").json()
    assert dataverse("DELETE", f"{base}(LogicalName='lastname')").status_code == 400


def test_creating_a_column_needs_a_privilege(sandbox: Sandbox, dataverse: Api) -> None:
    sandbox.set_options(dataverse_denied=["prvCreateAttribute"])
    body = {"@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_Link"}
    assert dataverse("POST", "/EntityDefinitions(LogicalName='contact')/Attributes", body).status_code == 403


def request(method: str, path: str, body: str = "", content_id: str = "") -> str:
    """One part of a batch."""
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n" + (
        f"Content-ID: {content_id}\r\n" if content_id else ""
    )
    inner = f"{method} {path} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
    return f"{head}\r\n{inner}"


def multipart(boundary: str, parts: list[str]) -> str:
    """A multipart body."""
    return "".join(f"--{boundary}\r\n{part}" for part in parts) + f"--{boundary}--\r\n"


def change_set(*parts: str) -> str:
    """A change set as a part of a batch."""
    return "Content-Type: multipart/mixed;boundary=cs\r\n\r\n" + multipart("cs", list(parts))


@pytest.fixture
def batch(dataverse: Api) -> Callable[..., Any]:
    """Send a batch."""

    def sent(*parts: str, prefer: str = "") -> Any:
        headers = {"content-type": 'multipart/mixed;boundary="b 1"', **({"prefer": prefer} if prefer else {})}
        return dataverse("POST", "/$batch", content=multipart("b 1", list(parts)).encode(), headers=headers)

    return sent


def test_a_change_set_is_all_or_nothing(sandbox: Sandbox, batch: Callable[..., Any]) -> None:
    good, bad = request("POST", "/api/data/v9.2/contacts", '{"lastname":"A"}', "1"), request("POST", "contacts", '{"nope":1}', "2")
    answer = batch(change_set(good, bad))
    assert answer.status_code == 400
    assert "HTTP/1.1 400 Bad Request" in answer.text
    assert sandbox.snapshot()["dynamics"]["contact"] == []


def test_a_part_refers_back_to_what_another_made(dataverse: Api, batch: Callable[..., Any]) -> None:
    account = request("POST", "accounts", '{"name":"Acme"}', "1")
    contact = request("POST", "contacts", '{"lastname":"A","parentcustomerid_account@odata.bind":"$1"}', "2")
    answer = batch(change_set(account, contact, request("PATCH", "$2", '{"jobtitle":"CTO"}', "3")))
    assert (answer.status_code, answer.text.count("HTTP/1.1 204 No Content")) == (200, 3)
    found = dataverse("GET", "/contacts?$expand=parentcustomerid_account($select=name)").json()["value"][0]
    assert (found["jobtitle"], found["parentcustomerid_account"]["name"]) == ("CTO", "Acme")


@pytest.mark.parametrize(("prefer", "status", "made"), [("", 404, 1), ("odata.continue-on-error", 200, 2)])
def test_a_batch_stops_at_the_first_failure_unless_told_otherwise(
    sandbox: Sandbox, batch: Callable[..., Any], prefer: str, status: int, made: int
) -> None:
    create = request("POST", "contacts", '{"lastname":"A"}')
    answer = batch(create, request("GET", "contacts(11111111-2222-4333-8444-555555555555)"), create, prefer=prefer)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("multipart/mixed; boundary=batchresponse_")
    assert len(sandbox.snapshot()["dynamics"]["contact"]) == made


@pytest.mark.parametrize(
    "parts",
    [
        ["nonsense\r\n"],
        [change_set(request("GET", "contacts", "", "1"))],
        [change_set(request("POST", "contacts", "{}", "1"), request("POST", "contacts", "{}", "1"))],
        [request("GET", "WhoAmI")] * 1001,
    ],
)
def test_a_batch_that_is_not_one_is_refused(batch: Callable[..., Any], parts: list[str]) -> None:
    answer = batch(*parts)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"].startswith("0x")


def changes(dataverse: Api, url: str, *, size: int = 10) -> tuple[list[Any], str]:
    """All pages of a tracked read, and the link for the next time."""
    found: list[Any] = []
    while True:
        page = dataverse("GET", url, headers={"prefer": f"odata.track-changes,odata.maxpagesize={size}"}).json()
        found += page["value"]
        if "@odata.deltaLink" in page:
            return found, page["@odata.deltaLink"]
        url = page["@odata.nextLink"]


def test_change_tracking_tells_what_was_changed_and_deleted(sandbox: Sandbox, dataverse: Api) -> None:
    fill(sandbox, 25, lead_count=0)
    everything, link = changes(dataverse, "/contacts?$select=lastname")
    assert len(everything) == 25
    changed, deleted = everything[0]["contactid"], everything[1]["contactid"]
    dataverse("PATCH", f"/contacts({changed})", {"lastname": "Changed"})
    dataverse("DELETE", f"/contacts({deleted})")
    delta, link = changes(dataverse, link)
    assert delta[0]["lastname"] == "Changed"
    assert (delta[1]["id"], delta[1]["reason"]) == (deleted, "deleted")
    assert delta[1]["@odata.context"].endswith("/$metadata#contacts/$deletedEntity")
    assert changes(dataverse, link)[0] == []


def test_a_row_changed_between_two_pages_comes_with_the_next_delta(sandbox: Sandbox, dataverse: Api) -> None:
    fill(sandbox, 25, lead_count=0)
    prefer = {"prefer": "odata.track-changes,odata.maxpagesize=10"}
    first = dataverse("GET", "/contacts?$select=lastname", headers=prefer).json()
    dataverse("PATCH", f"/contacts({first['value'][0]['contactid']})", {"lastname": "Changed"})
    _, link = changes(dataverse, first["@odata.nextLink"])
    assert [each["lastname"] for each in changes(dataverse, link)[0]] == ["Changed"]


def test_a_token_expires_after_seven_days(sandbox: Sandbox, dataverse: Api) -> None:
    _, link = changes(dataverse, "/contacts?$select=lastname")
    sandbox.clock.advance(6.9 * 86_400)
    assert dataverse("GET", link).status_code == 200
    sandbox.clock.advance(0.2 * 86_400)
    answer = dataverse("GET", link)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "0x80044352")


@pytest.mark.parametrize("option", ["$filter=statecode eq 0", "$orderby=lastname", "$top=5"])
def test_change_tracking_takes_no_other_options(dataverse: Api, option: str) -> None:
    assert dataverse("GET", f"/contacts?{option}", headers={"prefer": "odata.track-changes"}).status_code == 400


def test_headers_tell_what_is_left(dataverse: Api) -> None:
    headers = dataverse("GET", "/WhoAmI").headers
    assert headers["x-ms-ratelimit-burst-remaining-xrm-requests"] == "5998"
    assert headers["x-ms-ratelimit-time-remaining-xrm-requests"].startswith("1,")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"dataverse_requests": 2}, "0x80072322"),
        ({"dataverse_execution": 0.5, "latency": 0.3}, "0x80072321"),
        ({"dataverse_concurrency": 0}, "0x80072326"),
    ],
)
def test_service_protection_says_how_long_to_wait(make: Callable[..., Sandbox], options: dict[str, Any], code: str) -> None:
    box = make(limits=True, **options)
    api = Api(box.app, DATAVERSE)
    answers = [api("GET", "/WhoAmI") for _ in range(3)]
    assert (answers[-1].status_code, answers[-1].json()["error"]["code"]) == (429, code)
    assert int(answers[-1].headers["retry-after"]) >= 1
    if code != "0x80072326":
        box.clock.advance(float(answers[-1].headers["retry-after"]))
        assert api("GET", "/WhoAmI").status_code == 200


def test_duplicate_rules_are_kept_and_published(dataverse: Api, row: Callable[..., str]) -> None:
    rule = row("duplicaterules", name="Same e-mail", baseentityname="contact", matchingentityname="contact")
    row(
        "duplicateruleconditions",
        baseattributename="emailaddress1",
        matchingattributename="emailaddress1",
        operatorcode=0,
        **{"regardingobjectid@odata.bind": f"/duplicaterules({rule})"},
    )
    assert dataverse("POST", f"/duplicaterules({rule})/Microsoft.Dynamics.CRM.PublishDuplicateRule", {}).status_code == 200
    assert dataverse("GET", f"/duplicaterules({rule})").json()["statuscode"] == 2


def test_definitions_are_found_by_id_filtered_and_expanded(dataverse: Api) -> None:
    contact = dataverse("GET", "/EntityDefinitions(LogicalName='contact')?$select=LogicalName&$expand=Keys").json()
    assert (contact["LogicalName"], contact["Keys"]) == ("contact", [])
    base = f"/EntityDefinitions({contact['MetadataId']})/Attributes"
    text = "contains(LogicalName,'email') and not startswith(LogicalName,'donot') and IsValidForUpdate eq true"
    found = dataverse("GET", f"{base}?$select=LogicalName&$filter={text}&$top=2").json()["value"]
    assert [each["LogicalName"] for each in found] == ["emailaddress1", "emailaddress2"]
    by_type = dataverse("GET", f"{base}?$filter=AttributeType eq 'Money' or AttributeTypeName/Value eq 'StateType'").json()["value"]
    assert {each["LogicalName"] for each in by_type} == {"annualincome", "statecode"}
    cast = f"{base}(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$expand=OptionSet"
    assert [each["State"] for each in dataverse("GET", cast).json()["OptionSet"]["Options"]] == [0, 1]
    assert dataverse("GET", f"{base}?$filter=Nonsense eq 1").status_code == 400
    assert dataverse("GET", f"{base}(LogicalName='nope')").status_code == 404
    assert dataverse("GET", "/EntityDefinitions(LogicalName='nope')").status_code == 404


def test_a_key_is_read_and_dropped(sandbox: Sandbox, dataverse: Api) -> None:
    base = "/EntityDefinitions(LogicalName='contact')/Keys"
    made = [dataverse("POST", base, {"SchemaName": "new_Key", "KeyAttributes": ["emailaddress1"]}).status_code for _ in range(2)]
    assert made == [204, 400]
    assert dataverse("GET", f"{base}(LogicalName='new_key')").json()["KeyAttributes"] == ["emailaddress1"]
    assert dataverse("DELETE", f"{base}(LogicalName='new_key')").status_code == 204
    assert dataverse("GET", f"{base}(LogicalName='new_key')").status_code == 404
    wide = {"SchemaName": "new_Wide", "KeyAttributes": ["description"]}
    assert dataverse("POST", base, wide).status_code == 400


def test_the_organisation_its_version_and_the_users_privileges(sandbox: Sandbox, dataverse: Api) -> None:
    assert dataverse("GET", "/RetrieveVersion()").json()["Version"].startswith("9.2.")
    assert dataverse("GET", "/RetrieveCurrentOrganization(AccessType='Default')").json()["Detail"]["State"] == "Enabled"
    sandbox.set_options(dataverse_denied=["prvMergeContact"])
    user = dataverse("GET", "/WhoAmI").json()["UserId"]
    found = dataverse("GET", f"/systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()").json()["RolePrivileges"]
    names = {each["PrivilegeName"] for each in found}
    assert "prvReadContact" in names
    assert "prvMergeContact" not in names


def test_bulk_delete_takes_a_list_of_ids_and_nothing_else(sandbox: Sandbox, dataverse: Api, row: Callable[..., str]) -> None:
    ids = [row(lastname=name) for name in "ABC"]

    def delete(condition: dict[str, Any]) -> int:
        return dataverse(
            "POST", "/BulkDelete", {"QuerySet": [{"EntityName": "contact", "Criteria": {"Conditions": [condition]}}]}
        ).status_code

    assert delete({"AttributeName": "lastname", "Operator": "In", "Values": ["A"]}) == 501
    assert delete({"AttributeName": "contactid", "Operator": "In", "Values": ids[:2]}) == 200
    assert [each["lastname"] for each in sandbox.snapshot()["dynamics"]["contact"]] == ["C"]
