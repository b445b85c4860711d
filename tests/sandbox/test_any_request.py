"""Whatever is sent, the sandbox answers in the vendor's shape and never fails inside."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile_tui.sandbox import Sandbox
from tests.sandbox.conftest import Api

LINK = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
FILTER = {"propertyName": "email", "operator": "EQ", "value": "a@ex.test", "values": ["a"], "highValue": "b"}
PROPERTY = {
    "groupName": "contactinformation",
    "name": "colour",
    "label": "Colour",
    "type": "enumeration",
    "fieldType": "select",
    "options": [{"label": "Red", "value": "red"}],
    "displayOrder": 1,
    "hasUniqueValue": False,
}
PERSON = {"properties": {"email": "x@ex.test", "lifecyclestage": "lead", "hs_buying_role": "CHAMPION"}, "objectWriteTraceId": "t"}
OBJECTS, PROPERTIES = "/crm/v3/objects/contacts", "/crm/properties/2026-09/contacts"
HUBSPOT: list[tuple[str, str, Any]] = [
    ("POST", OBJECTS, {**PERSON, "associations": [{"to": {"id": "103"}, "types": [LINK]}]}),
    ("PATCH", f"{OBJECTS}/101", PERSON),
    ("POST", f"{OBJECTS}/merge", {"primaryObjectId": "101", "objectIdToMerge": "102"}),
    ("POST", f"{OBJECTS}/gdpr-delete", {"objectId": "a@ex.test", "idProperty": "email"}),
    (
        "POST",
        f"{OBJECTS}/search",
        {"filterGroups": [{"filters": [FILTER]}], "sorts": ["-createdate"], "limit": 5, "after": "0", "query": "a"},
    ),
    (
        "POST",
        f"{OBJECTS}/search",
        {"filters": [FILTER], "sorts": [{"propertyName": "email", "direction": "DESCENDING"}], "properties": ["email"]},
    ),
    ("POST", f"{OBJECTS}/batch/read", {"properties": ["email"], "propertiesWithHistory": ["email"], "inputs": [{"id": "101"}]}),
    ("POST", f"{OBJECTS}/batch/create", {"inputs": [{**PERSON, "associations": []}]}),
    ("POST", f"{OBJECTS}/batch/update", {"inputs": [{"id": "101", "idProperty": None, **PERSON}]}),
    ("POST", f"{OBJECTS}/batch/upsert", {"inputs": [{"id": "y@ex.test", "idProperty": "email", **PERSON}]}),
    ("POST", f"{OBJECTS}/batch/archive", {"inputs": [{"id": "101"}]}),
    ("PUT", "/crm/v4/objects/contacts/101/associations/companies/103", [LINK]),
    ("POST", "/crm/v4/associations/contacts/companies/batch/read", {"inputs": [{"id": "101"}]}),
    (
        "POST",
        "/crm/v4/associations/contacts/companies/batch/create",
        {"inputs": [{"from": {"id": "101"}, "to": {"id": "103"}, "types": [LINK]}]},
    ),
    ("POST", "/crm/v4/associations/contacts/companies/batch/associate/default", {"inputs": [{"from": {"id": "101"}, "to": {"id": "103"}}]}),
    ("POST", "/crm/v4/associations/contacts/companies/batch/archive", {"inputs": [{"from": {"id": "101"}, "to": [{"id": "103"}]}]}),
    ("POST", PROPERTIES, PROPERTY),
    ("POST", f"{PROPERTIES}/batch/create", {"inputs": [PROPERTY]}),
    ("POST", f"{PROPERTIES}/batch/read", {"archived": False, "inputs": [{"name": "email"}]}),
    ("POST", f"{PROPERTIES}/batch/archive", {"inputs": [{"name": "made"}]}),
    ("PATCH", f"{PROPERTIES}/made", {"label": "L", "description": "d", "options": [{"label": "a", "value": "b"}]}),
    ("POST", f"{PROPERTIES}/groups", {"name": "g", "label": "G"}),
]
"""Good requests to every address that takes a body."""

ID = "11111111-2222-4333-8444-555555555555"
KIND = {"@odata.type": "Microsoft.Dynamics.CRM.contact"}
ROW = {
    "lastname": "A",
    "statecode": 0,
    "birthdate": "2000-01-01",
    "donotemail": True,
    "parentcustomerid_account@odata.bind": f"/accounts({ID})",
}
LABEL = {"LocalizedLabels": [{"Label": "x", "LanguageCode": 1033}]}
OPTIONS = {"Options": [{"Value": 1, "Label": LABEL}]}
QUERY = {"EntityName": "contact", "Criteria": {"Conditions": [{"AttributeName": "contactid", "Operator": "In", "Values": [{"Value": ID}]}]}}
ATTRIBUTES, KEYS = (f"/EntityDefinitions(LogicalName='contact')/{name}" for name in ("Attributes", "Keys"))
CRM = "Microsoft.Dynamics.CRM."


def column(kind: str, **more: Any) -> dict[str, Any]:
    """The definition of a column."""
    head = {"@odata.type": f"{CRM}{kind}AttributeMetadata", "SchemaName": "new_Thing", "DisplayName": LABEL}
    return {**head, "RequiredLevel": {"Value": "None"}, **more}


DATAVERSE: list[tuple[str, str, Any]] = [
    ("POST", "/contacts", ROW),
    ("PATCH", f"/contacts({ID})", ROW),
    ("PUT", f"/contacts({ID})/lastname", {"value": "B"}),
    ("PUT", f"/contacts({ID})/parentcustomerid_account/$ref", {"@odata.id": f"/accounts({ID})"}),
    ("POST", "/Merge", {"Target": {**KIND, "contactid": ID}, "Subordinate": {**KIND, "contactid": ID}, "UpdateContent": ROW}),
    ("POST", f"/contacts/{CRM}CreateMultiple", {"Targets": [{**KIND, **ROW}]}),
    ("POST", f"/contacts/{CRM}UpdateMultiple", {"Targets": [{**KIND, **ROW, "contactid": ID}]}),
    ("POST", f"/contacts/{CRM}UpsertMultiple", {"Targets": [{**KIND, **ROW, "@odata.id": f"contacts({ID})"}]}),
    ("POST", ATTRIBUTES, column("String", MaxLength=9)),
    ("POST", ATTRIBUTES, column("Integer", MinValue=0, MaxValue=9)),
    ("POST", ATTRIBUTES, column("Picklist", OptionSet=OPTIONS)),
    (
        "POST",
        ATTRIBUTES,
        column("Boolean", OptionSet={"TrueOption": {"Value": 1, "Label": LABEL}, "FalseOption": {"Value": 0, "Label": LABEL}}),
    ),
    ("POST", KEYS, {"SchemaName": "new_Key", "DisplayName": LABEL, "KeyAttributes": ["emailaddress1"]}),
    ("POST", "/BulkDelete", {"QuerySet": [QUERY]}),
    ("POST", "/PublishDuplicateRule", {"DuplicateRuleId": ID}),
    ("POST", f"/duplicaterules({ID})/{CRM}PublishDuplicateRule", {}),
]
"""Good requests to every address that takes a body."""

LEAVES: list[Any] = [None, True, False, 0, -1, 7, 2**62, 1.5, 1e300, "", "x", "\x00", "a@ex.test", "101", ID, "é" * 300]
LEAVES += ["/accounts(1)", "$1", "2026-13-45", "9" * 30, "contact", "{", "-createdate"]
ANY = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["id", "email", "x"]), inner, max_size=2)),
    max_leaves=3,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of every part of a JSON value."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


@st.composite
def spoilt(draw: st.DrawFn, requests: list[tuple[str, str, Any]]) -> tuple[str, str, Any]:
    """A good request with one or two parts of its body replaced by anything."""
    method, path, body = draw(st.sampled_from(requests))
    found = {"body": copy.deepcopy(body)}
    for _ in range(draw(st.integers(1, 2))):
        *way, last = ("body", *draw(st.sampled_from(list(places(found["body"])))))
        holder: Any = found
        for step in way:
            holder = holder[step]
        holder[last] = draw(ANY)
    return method, path, found["body"]


def fill_hubspot(api: Api) -> None:
    """Two contacts, a company and a property of one's own."""
    for name in "ab":
        api("POST", OBJECTS, {"properties": {"firstname": name, "email": f"{name}@ex.test"}})
    api("POST", "/crm/v3/objects/companies", {"properties": {"name": "Acme"}})
    api("POST", PROPERTIES, {**PROPERTY, "name": "made"})


def fill_dataverse(api: Api) -> None:
    """A row of several kinds under one id."""
    for entity_set, values in (("accounts", {"name": "Acme"}), ("contacts", {"lastname": "A"}), ("duplicaterules", {"name": "R"})):
        api("PATCH", f"/{entity_set}({ID})", values)


@pytest.fixture
def hubspot_filled(hubspot: Api) -> Api:
    """A HubSpot with something in it."""
    fill_hubspot(hubspot)
    return hubspot


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=spoilt(HUBSPOT))
def test_hubspot_answers_anything(hubspot_filled: Api, request: tuple[str, str, Any]) -> None:
    answer = hubspot_filled(*request)
    assert answer.status_code != 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["status"] == "error"


@pytest.fixture
def dataverse_filled(dataverse: Api) -> Api:
    """A Dataverse with something in it."""
    fill_dataverse(dataverse)
    return dataverse


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=spoilt(DATAVERSE))
def test_dataverse_answers_anything(dataverse_filled: Api, request: tuple[str, str, Any]) -> None:
    answer = dataverse_filled(*request)
    assert answer.status_code != 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["error"]["code"].startswith("0x")


def test_the_good_requests_are_good(sandbox: Sandbox, hubspot: Api, dataverse: Api) -> None:
    """Otherwise the tests above would spoil what is refused anyway. A row can't be merged with itself; that one may be refused."""
    refused = []
    for api, fill, requests in ((hubspot, fill_hubspot, HUBSPOT), (dataverse, fill_dataverse, DATAVERSE)):
        for method, path, body in requests:
            sandbox.reset()
            fill(api)
            answer = api(method, path, body)
            refused += [(path, answer.text)] if answer.status_code >= 400 and path != "/Merge" else []
    assert refused == []


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.text(alphabet="contas()'=,/$%27@0123456789abcdef-.;EntityDefinitions", max_size=40),
    query=st.text(alphabet="$selctfilrobydkpn=,()'%2<> ", max_size=30),
)
def test_dataverse_answers_any_address(dataverse: Api, path: str, query: str) -> None:
    answer = dataverse("GET", f"/{path}?{query}")
    assert answer.status_code != 500, answer.text


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe", b'"text"', b"nul"])
def test_a_body_that_is_no_object_is_refused(hubspot: Api, dataverse: Api, content: bytes) -> None:
    assert hubspot("POST", "/crm/v3/objects/contacts", content=content).status_code == 400
    assert dataverse("POST", "/contacts", content=content).status_code == 400
