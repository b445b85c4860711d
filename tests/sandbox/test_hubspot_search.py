"""HubSpot's search: operators, limits, and an index that lags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconcile_tui.sandbox import Sandbox
from reconcile_tui.sandbox.generate import fill
from tests.sandbox.conftest import Api

SEARCH = "/crm/objects/2026-09/contacts/search"


@pytest.fixture
def search(hubspot: Api) -> Callable[..., list[str]]:
    """First names that one filter finds, in the order of ids."""

    def found(name: str, operator: str, **given: Any) -> list[str]:
        body = {"filterGroups": [{"filters": [{"propertyName": name, "operator": operator, **given}]}], "limit": 200}
        answer = hubspot("POST", SEARCH, body)
        assert answer.status_code == 200, answer.text
        return [each["properties"]["firstname"] for each in answer.json()["results"]]

    return found


@pytest.mark.parametrize(
    ("name", "operator", "given", "expected"),
    [
        ("city", "EQ", {"value": "LEEDS"}, ["Ada"]),
        ("city", "NEQ", {"value": "Leeds"}, ["Ben"]),
        ("city", "IN", {"values": ["leeds", "lyon"]}, ["Ada", "Ben"]),
        ("city", "IN", {"values": ["Leeds"]}, []),
        ("city", "NOT_IN", {"values": ["leeds"]}, ["Ben"]),
        ("city", "HAS_PROPERTY", {}, ["Ada", "Ben"]),
        ("city", "NOT_HAS_PROPERTY", {}, ["Cy"]),
        ("email", "CONTAINS_TOKEN", {"value": "*@ex.test"}, ["Ada", "Ben"]),
        ("email", "NOT_CONTAINS_TOKEN", {"value": "ada"}, ["Ben", "Cy"]),
        ("lifecyclestage", "EQ", {"value": "customer"}, ["Ada"]),
        ("hs_object_id", "GT", {"value": "102"}, ["Cy"]),
        ("hs_object_id", "BETWEEN", {"value": "101", "highValue": "102"}, ["Ada", "Ben"]),
        ("createdate", "GTE", {"value": "1767225600000"}, ["Ada", "Ben", "Cy"]),
        ("createdate", "LT", {"value": "2026-01-01"}, []),
    ],
)
def test_operators(
    contact: Callable[..., str], search: Callable[..., list[str]], name: str, operator: str, given: Any, expected: list[str]
) -> None:
    contact(firstname="Ada", city="Leeds", email="ada@ex.test", lifecyclestage="customer")
    contact(firstname="Ben", city="Lyon", email="ben@ex.test")
    contact(firstname="Cy")
    assert search(name, operator, **given) == expected


def test_groups_are_alternatives_and_filters_must_all_hold(hubspot: Api, contact: Callable[..., str]) -> None:
    for first, city in (("Ada", "Leeds"), ("Ben", "Lyon"), ("Cy", "Leeds")):
        contact(firstname=first, city=city)
    equal = lambda name, value: {"propertyName": name, "operator": "EQ", "value": value}  # noqa: E731
    groups = [{"filters": [equal("city", "Leeds"), equal("firstname", "Cy")]}, {"filters": [equal("city", "Lyon")]}]
    body = {"filterGroups": groups, "sorts": [{"propertyName": "firstname", "direction": "DESCENDING"}]}
    assert [each["properties"]["firstname"] for each in hubspot("POST", SEARCH, body).json()["results"]] == ["Cy", "Ben"]


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [{"propertyName": "city", "operator": "HAS_PROPERTY"}] * 7}]},
        {"sorts": ["city", "zip"]},
        {"query": "x" * 3001},
        {"after": "10000", "limit": 1},
        {"filterGroups": [{"filters": [{"propertyName": "nope", "operator": "EQ", "value": "1"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "city", "operator": "LIKE", "value": "1"}]}]},
    ],
)
def test_what_search_does_not_take(hubspot: Api, body: Any) -> None:
    answer = hubspot("POST", SEARCH, body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_paging_ends_at_ten_thousand_and_goes_on_with_a_moved_filter(sandbox: Sandbox, hubspot: Api) -> None:
    fill(sandbox, 10_150, lead_count=0)
    sort = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    last = hubspot("POST", SEARCH, {"sorts": sort, "limit": 200, "after": "9800"}).json()
    assert last["total"] == 10_150
    beyond = {"propertyName": "hs_object_id", "operator": "GT", "value": last["results"][-1]["id"]}
    rest = hubspot("POST", SEARCH, {"sorts": sort, "limit": 200, "filterGroups": [{"filters": [beyond]}]}).json()
    assert (rest["total"], len(rest["results"])) == (150, 150)


def test_a_lagging_index_shows_the_state_before_a_write(
    sandbox: Sandbox, hubspot: Api, contact: Callable[..., str], search: Callable[..., list[str]]
) -> None:
    id_ = contact(firstname="Ada", city="Leeds")
    sandbox.clock.advance(100)
    sandbox.set_options(hubspot_search_lag=10)
    contact(firstname="New", city="Leeds")
    hubspot("PATCH", f"/crm/v3/objects/contacts/{id_}", {"properties": {"firstname": "Adah"}})
    assert search("city", "EQ", value="leeds") == ["Ada"]
    sandbox.clock.advance(11)
    assert search("city", "EQ", value="leeds") == ["Adah", "New"]


def test_an_archived_or_merged_record_stays_in_a_lagging_index(
    sandbox: Sandbox, hubspot: Api, contact: Callable[..., str], search: Callable[..., list[str]]
) -> None:
    a, b, c = contact(firstname="A"), contact(firstname="B"), contact(firstname="C")
    sandbox.clock.advance(100)
    sandbox.set_options(hubspot_search_lag=10)
    hubspot("DELETE", f"/crm/v3/objects/contacts/{a}")
    hubspot("POST", "/crm/v3/objects/contacts/merge", {"primaryObjectId": b, "objectIdToMerge": c})
    assert search("firstname", "HAS_PROPERTY") == ["A", "B", "C"]
    sandbox.clock.advance(11)
    assert search("firstname", "HAS_PROPERTY") == ["B"]
