"""Whatever is sent, the sandbox answers in the vendor's shape and never fails inside."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile_tui.sandbox import Sandbox
from reconcile_tui.sandbox.hubspot.api import ROUTES
from tests.sandbox.conftest import Api

WORDS = ["email", "firstname", "name", "101", "a@ex.test", "EQ", "IN", "contacts", "id", "lifecyclestage", "customer", "0-1", "", "\x00"]
HUBSPOT_KEYS = [
    *("properties", "inputs", "id", "idProperty", "filterGroups", "filters", "propertyName", "operator", "value", "values", "highValue"),
    *("sorts", "limit", "after", "query", "associations", "to", "from", "types", "associationTypeId", "primaryObjectId", "objectIdToMerge"),
    *("objectId", "name", "label", "type", "fieldType", "groupName", "options", "displayOrder", "objectWriteTraceId", "email", "archived"),
]
DATAVERSE_KEYS = [
    *("Target", "Subordinate", "UpdateContent", "PerformParentingChecks", "@odata.type", "contactid", "lastname", "statecode", "birthdate"),
    *("parentcustomerid_account@odata.bind", "Targets", "@odata.id", "SchemaName", "KeyAttributes", "MaxLength", "OptionSet", "Options"),
    *("DisplayName", "RequiredLevel", "MinValue", "QuerySet", "Criteria", "Conditions", "EntityName", "Values", "DuplicateRuleId", "value"),
]
DATAVERSE_WORDS = [
    *("contact", "Microsoft.Dynamics.CRM.contact", "Microsoft.Dynamics.CRM.StringAttributeMetadata", "new_Thing", "lastname", "/accounts(1)"),
    *("11111111-2222-4333-8444-555555555555", "/contacts(11111111-2222-4333-8444-555555555555)", "$1", "", "\x00", "2026-01-01"),
]


def bodies(keys: list[str], words: list[str]) -> st.SearchStrategy[Any]:
    """JSON made of names and values that mean something to the API, in any arrangement."""
    leaf = st.one_of(st.none(), st.booleans(), st.integers(-5, 300), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(words))
    inner = lambda part: st.one_of(st.lists(part, max_size=3), st.dictionaries(st.sampled_from(keys), part, max_size=4))  # noqa: E731
    return st.dictionaries(st.sampled_from(keys), st.recursive(leaf, inner, max_leaves=8), min_size=1, max_size=6)


PLACES = st.sampled_from(["contacts", "companies", "101", "102", "name", "email", "firstname", "read", "groups", "1", "%00", "x"])
hubspot_requests = st.tuples(
    st.sampled_from([(route.method, route.pattern) for _, route in ROUTES._compiled]),
    st.lists(PLACES, min_size=5, max_size=5),
    bodies(HUBSPOT_KEYS, WORDS),
)


@pytest.fixture
def filled(sandbox: Sandbox, hubspot: Api) -> Api:
    """A HubSpot with two contacts and a company."""
    for name in "AB":
        hubspot("POST", "/crm/v3/objects/contacts", {"properties": {"firstname": name, "email": f"{name}@ex.test"}})
    hubspot("POST", "/crm/v3/objects/companies", {"properties": {"name": "Acme"}})
    return hubspot


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=hubspot_requests)
def test_hubspot_answers_anything(filled: Api, request: Any) -> None:
    (method, pattern), places, body = request
    path = pattern
    for name, place in zip(["{type}", "{id}", "{to_type}", "{to_id}", "{kind}"], places, strict=True):
        path = path.replace(name, "contacts" if name == "{type}" else place)
    path = path.replace("{name}", places[0]).replace("{verb}", places[1])
    area, _, rest = path.removeprefix("/").partition("/")
    address = path if area in ("oauth", "account-info") else f"/crm/v3/{area}" + (f"/{rest}" if rest else "")
    answer = filled(method, address, None if method == "GET" else body)
    assert answer.status_code != 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["status"] == "error"


dataverse_requests = st.tuples(
    st.sampled_from(
        [
            ("POST", "/contacts"),
            ("PATCH", "/contacts(11111111-2222-4333-8444-555555555555)"),
            ("PUT", "/contacts(11111111-2222-4333-8444-555555555555)/lastname"),
            ("PUT", "/contacts(11111111-2222-4333-8444-555555555555)/parentcustomerid_account/$ref"),
            ("POST", "/Merge"),
            ("POST", "/contacts/Microsoft.Dynamics.CRM.CreateMultiple"),
            ("POST", "/contacts/Microsoft.Dynamics.CRM.UpdateMultiple"),
            ("POST", "/contacts/Microsoft.Dynamics.CRM.UpsertMultiple"),
            ("POST", "/EntityDefinitions(LogicalName='contact')/Attributes"),
            ("POST", "/EntityDefinitions(LogicalName='contact')/Keys"),
            ("POST", "/BulkDelete"),
            ("POST", "/PublishDuplicateRule"),
            ("POST", "/$batch"),
        ]
    ),
    bodies(DATAVERSE_KEYS, DATAVERSE_WORDS),
)


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=dataverse_requests)
def test_dataverse_answers_anything(dataverse: Api, request: Any) -> None:
    (method, path), body = request
    answer = dataverse(method, path, body)
    assert answer.status_code != 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["error"]["code"].startswith("0x")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(alphabet="contas()'=,/$%27@0123456789abcdef-.;EntityDefinitions", max_size=40), query=st.text(alphabet="$selctfilrobydkpn=,()'%2<> ", max_size=30))
def test_dataverse_answers_any_address(dataverse: Api, path: str, query: str) -> None:
    answer = dataverse("GET", f"/{path}?{query}")
    assert answer.status_code != 500, answer.text


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe", b'"text"', b"nul"])
def test_a_body_that_is_no_object_is_refused(hubspot: Api, dataverse: Api, content: bytes) -> None:
    assert hubspot("POST", "/crm/v3/objects/contacts", content=content).status_code == 400
    assert dataverse("POST", "/contacts", content=content).status_code == 400
