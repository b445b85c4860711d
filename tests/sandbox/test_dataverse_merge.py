"""Dataverse's Merge: effects and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconcile_tui.sandbox import Sandbox
from tests.sandbox.conftest import Api


@pytest.fixture
def merge(dataverse: Api) -> Callable[..., Any]:
    """Send a merge of two rows of one table."""

    def sent(target: str, subordinate: str, content: dict[str, Any] | None = None, *, table: str = "contact", checks: bool = False) -> Any:
        kind = {"@odata.type": f"Microsoft.Dynamics.CRM.{table}"}
        body = {
            "Target": {**kind, f"{table}id": target},
            "Subordinate": {**kind, f"{table}id": subordinate},
            "UpdateContent": {**kind, **(content or {})},
            "PerformParentingChecks": checks,
        }
        return dataverse("POST", "/Merge", body)

    return sent


def test_the_subordinate_is_deactivated_and_says_where_it_went(dataverse: Api, row: Callable[..., str], merge: Callable[..., Any]) -> None:
    winner, loser = row(lastname="A", telephone1="1"), row(lastname="B", telephone1="2", jobtitle="CTO")
    etag = dataverse("GET", f"/contacts({winner})").json()["@odata.etag"]
    assert merge(winner, loser, {"telephone1": "+44", "mobilephone": None}).status_code == 204
    kept, gone = (dataverse("GET", f"/contacts({id_})").json() for id_ in (winner, loser))
    assert (kept["telephone1"], kept["jobtitle"], kept["statecode"]) == ("+44", None, 0)
    assert kept["@odata.etag"] != etag
    assert (gone["statecode"], gone["statuscode"], gone["merged"], gone["_masterid_value"]) == (1, 2, True, winner)
    assert gone["telephone1"] == "2"


def test_values_fill_gaps_where_the_option_says_so(
    sandbox: Sandbox, dataverse: Api, row: Callable[..., str], merge: Callable[..., Any]
) -> None:
    sandbox.set_options(dataverse_merge_flow="fill_empty")
    winner, loser = row(lastname="A", telephone1="1"), row(lastname="B", telephone1="2", jobtitle="CTO")
    merge(winner, loser)
    kept = dataverse("GET", f"/contacts({winner})").json()
    assert (kept["telephone1"], kept["jobtitle"]) == ("1", "CTO")


def test_what_pointed_to_the_subordinate_points_to_the_target(dataverse: Api, row: Callable[..., str], merge: Callable[..., Any]) -> None:
    winner, loser = row(lastname="A"), row(lastname="B")
    task = row("tasks", subject="Call", **{"regardingobjectid_contact@odata.bind": f"/contacts({loser})"})
    lead = row("leads", subject="S", lastname="L", **{"parentcontactid@odata.bind": f"/contacts({loser})"})
    merge(winner, loser)
    assert dataverse("GET", f"/tasks({task})").json()["_regardingobjectid_value"] == winner
    assert dataverse("GET", f"/leads({lead})").json()["_parentcontactid_value"] == winner


def test_a_merged_lead_is_disqualified(dataverse: Api, row: Callable[..., str], merge: Callable[..., Any]) -> None:
    winner, loser = (row("leads", subject="S", lastname=name) for name in "AB")
    assert merge(winner, loser, table="lead").status_code == 204
    assert dataverse("GET", f"/leads({loser})").json()["statecode"] == 2


def test_a_subordinate_can_be_activated_again_and_stays_merged(dataverse: Api, row: Callable[..., str], merge: Callable[..., Any]) -> None:
    winner, loser = row(lastname="A"), row(lastname="B")
    merge(winner, loser)
    assert dataverse("PATCH", f"/contacts({loser})", {"statecode": 0, "statuscode": 1}).status_code == 204
    found = dataverse("GET", f"/contacts({loser})").json()
    assert (found["statecode"], found["merged"], found["_masterid_value"]) == (0, True, winner)


def test_refusals_have_the_documented_codes(sandbox: Sandbox, dataverse: Api, row: Callable[..., str], merge: Callable[..., Any]) -> None:
    one, two = (row("accounts", name=name) for name in "12")
    parent = lambda id_: {"parentcustomerid_account@odata.bind": f"/accounts({id_})"}  # noqa: E731
    a, b, c = row(lastname="A", **parent(one)), row(lastname="B", **parent(two)), row(lastname="C")
    inactive = row(lastname="D", statecode=1)
    child = row(lastname="E", **{"parentcustomerid_contact@odata.bind": f"/contacts({c})"})
    refusals = [
        (merge(a, a), 400, "0x80045305"),
        (merge(a, inactive), 400, "0x80045304"),
        (merge(inactive, a), 400, "0x80045304"),
        (merge(a, b, checks=True), 400, "0x80045316"),
        (merge(c, a, checks=True), 400, "0x80045317"),
        (merge(child, c), 400, "0x80045300"),
        (merge(a, "11111111-2222-4333-8444-555555555555"), 404, "0x80040217"),
        (merge(a, b, {"jobtitle": "x" * 101}), 400, "0x80044331"),
    ]
    for answer, status, code in refusals:
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    sandbox.set_options(dataverse_denied=["prvMerge"])
    assert merge(a, b).json()["error"]["code"] == "0x80045301"


def test_a_refused_merge_changes_nothing(sandbox: Sandbox, row: Callable[..., str], merge: Callable[..., Any]) -> None:
    a, b = row(lastname="A"), row(lastname="B")
    before, entries = sandbox.snapshot(), len(sandbox.journal())
    assert merge(a, b, {"nope": 1}).status_code == 400
    assert sandbox.snapshot() == before
    assert len(sandbox.journal()) == entries


def test_a_merge_takes_no_etag(dataverse: Api, row: Callable[..., str]) -> None:
    a, b = row(lastname="A"), row(lastname="B")
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.contact"}
    body = {"Target": {**kind, "contactid": a}, "Subordinate": {**kind, "contactid": b}, "PerformParentingChecks": False}
    assert dataverse("POST", "/Merge", body, headers={"if-match": 'W/"1"'}).status_code == 204
