"""Faults: what goes wrong, for which requests, and what is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from reconcile_tui.errors import UsageError
from reconcile_tui.sandbox import ConnectionDropped, Sandbox, Server
from reconcile_tui.sandbox.generate import fill
from tests.sandbox.conftest import Api

CONTACTS = "/crm/v3/objects/contacts"


@pytest.mark.parametrize("policy", ["TEN_SECONDLY_ROLLING", "SECONDLY", "DAILY"])
def test_hubspot_throttles_under_each_policy(sandbox: Sandbox, hubspot: Api, policy: str) -> None:
    sandbox.faults.add("throttle", system="hubspot", policy=policy)
    first, second = hubspot("GET", CONTACTS), hubspot("GET", CONTACTS)
    assert (first.status_code, first.json()["policyName"], first.json()["errorType"]) == (429, policy, "RATE_LIMIT")
    assert "retry-after" not in first.headers
    assert second.status_code == 200


@pytest.mark.parametrize("policy", ["0x80072322", "0x80072321", "0x80072326"])
def test_dataverse_throttles_with_each_code(sandbox: Sandbox, dataverse: Api, policy: str) -> None:
    sandbox.faults.add("throttle", system="dynamics", policy=policy, retry_after=17)
    answer = dataverse("GET", "/contacts")
    assert (answer.status_code, answer.json()["error"]["code"], answer.headers["retry-after"]) == (429, policy, "17")


@pytest.mark.parametrize("status", [412, 414, 423, 477, 500, 502, 503, 504, 521])
def test_any_status_comes_in_each_vendors_shape(sandbox: Sandbox, hubspot: Api, dataverse: Api, status: int) -> None:
    sandbox.faults.add("status", status=status, count=2, retry_after=3)
    answers = hubspot("GET", CONTACTS), dataverse("GET", "/contacts")
    assert [a.status_code for a in answers] == [status, status]
    assert [a.headers["retry-after"] for a in answers] == ["3", "3"]
    assert answers[0].json()["status"] == "error"
    assert answers[1].json()["error"]["code"].startswith("0x")


def test_a_merge_is_refused_with_the_code_of_ones_choice(sandbox: Sandbox, dataverse: Api) -> None:
    sandbox.faults.add("status", path="Merge", code="0x80045302")
    answer = dataverse("POST", "/Merge", {})
    assert answer.json()["error"]["message"] == "Merge cannot be performed on sub-entity that has active quote."


def test_the_pattern_chooses_system_method_path_and_which_in_a_row(sandbox: Sandbox, hubspot: Api, dataverse: Api) -> None:
    fault = sandbox.faults.add("status", system="hubspot", method="GET|POST", path=r"contacts/\d+$", nth=2, count=2, status=500)
    dataverse("GET", "/contacts")
    hubspot("GET", CONTACTS)
    hubspot("PATCH", f"{CONTACTS}/1", {})
    assert [hubspot("GET", f"{CONTACTS}/1").status_code for _ in range(5)] == [404, 500, 500, 404, 404]
    assert (fault.seen, fault.hits) == (5, 2)


@pytest.mark.parametrize(("kind", "made"), [("drop_before", 0), ("drop_after_commit", 1)])
def test_a_dropped_connection_raises_in_process(sandbox: Sandbox, hubspot: Api, kind: str, made: int) -> None:
    sandbox.faults.add(kind, method="POST")
    with pytest.raises(ConnectionDropped):
        hubspot("POST", CONTACTS, {"properties": {"email": "a@ex.test"}})
    assert len(sandbox.snapshot()["hubspot"]["contacts"]) == made
    assert len(sandbox.journal()) == made
    assert sandbox.requests[-1].status == 0


@pytest.mark.parametrize(("kind", "made"), [("drop_before", 0), ("drop_after_commit", 1)])
def test_a_dropped_connection_closes_the_socket_on_loopback(sandbox: Sandbox, kind: str, made: int) -> None:
    sandbox.faults.add(kind, method="POST")
    headers = {"authorization": "Bearer pat"}
    with Server(sandbox) as server, httpx.Client(base_url=server.url, headers=headers, trust_env=False) as client:
        with pytest.raises(httpx.TransportError):
            client.post(CONTACTS, json={"properties": {"email": "a@ex.test"}})
        assert len(client.get(CONTACTS).json()["results"]) == made


def test_a_gateway_error_can_come_after_the_write(sandbox: Sandbox, dataverse: Api) -> None:
    sandbox.faults.add("status", method="POST", status=504, after_commit=True)
    assert dataverse("POST", "/contacts", {"lastname": "A"}).status_code == 504
    assert len(sandbox.snapshot()["dynamics"]["contact"]) == 1


def test_a_slow_answer_takes_the_sandboxs_time(sandbox: Sandbox, hubspot: Api) -> None:
    sandbox.faults.add("slow", seconds=40)
    before = sandbox.clock.now()
    assert hubspot("GET", CONTACTS).status_code == 200
    assert sandbox.clock.now() - before == 40


def test_a_truncated_body_is_no_json(sandbox: Sandbox, hubspot: Api) -> None:
    sandbox.faults.add("truncated")
    with pytest.raises(ValueError, match=r"delimiter|Expecting|Unterminated"):
        hubspot("GET", CONTACTS).json()


def test_a_web_page_comes_instead_of_the_answer(sandbox: Sandbox, hubspot: Api) -> None:
    sandbox.faults.add("wrong_content_type")
    answer = hubspot("GET", CONTACTS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_a_token_ends_in_the_middle_of_a_run(sandbox: Sandbox, hubspot: Api, dataverse: Api) -> None:
    sandbox.faults.add("expired_token", nth=3, count=2)
    assert [api("GET", path).status_code for api, path in [(hubspot, CONTACTS), (dataverse, "/contacts")] * 2] == [200, 200, 401, 401]


def test_the_next_link_points_elsewhere(sandbox: Sandbox, hubspot: Api, dataverse: Api) -> None:
    fill(sandbox, 5, lead_count=0)
    sandbox.faults.add("foreign_next_link", count=None)
    assert hubspot("GET", f"{CONTACTS}?limit=2").json()["paging"]["next"]["link"].startswith("https://attacker.example/crm/")
    page = dataverse("GET", "/contacts", headers={"prefer": "odata.maxpagesize=2"}).json()
    assert page["@odata.nextLink"].startswith("https://attacker.example/api/data/v9.2/contacts?")


def test_a_search_sees_an_old_index_once(sandbox: Sandbox, hubspot: Api, contact: Callable[..., str]) -> None:
    contact(firstname="Ada")
    sandbox.clock.advance(5)
    sandbox.faults.add("stale_search", path="/search", seconds=30)
    totals = [hubspot("POST", f"{CONTACTS}/search", {}).json()["total"] for _ in range(2)]
    assert totals == [0, 1]


def test_a_record_changes_between_reading_and_writing(
    sandbox: Sandbox, hubspot: Api, dataverse: Api, contact: Callable[..., str], row: Callable[..., str]
) -> None:
    person, other = contact(phone="1"), row(lastname="A", telephone1="1")
    etag = dataverse("GET", f"/contacts({other})").json()["@odata.etag"]
    sandbox.faults.add("change_record", method="PATCH", system="dynamics", values={"telephone1": "2"})
    sandbox.faults.add("change_record", method="GET", system="hubspot", nth=2, values={"phone": "2"})
    assert dataverse("PATCH", f"/contacts({other})", {"jobtitle": "CTO"}, headers={"if-match": etag}).status_code == 412
    reads = [hubspot("GET", f"{CONTACTS}/{person}?properties=phone").json()["properties"]["phone"] for _ in range(2)]
    assert reads == ["1", "2"]


def test_a_fault_on_a_record_named_by_itself(sandbox: Sandbox, dataverse: Api, row: Callable[..., str]) -> None:
    a, b = row(lastname="A"), row(lastname="B")
    sandbox.faults.add("change_record", path="Merge", record=f"dynamics/contact/{a}", values={"jobtitle": "CTO"})
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.contact"}
    body = {"Target": {**kind, "contactid": a}, "Subordinate": {**kind, "contactid": b}, "PerformParentingChecks": False}
    assert dataverse("POST", "/Merge", body).status_code == 204
    assert dataverse("GET", f"/contacts({a})").json()["jobtitle"] == "CTO"


@pytest.mark.parametrize("settings", [{"kind": "earthquake"}, {"kind": "status", "path": "("}])
def test_a_fault_that_cannot_be_is_refused(sandbox: Sandbox, settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        sandbox.faults.add(**settings)
