"""Laws that no order of HubSpot writes may break."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile_tui.sandbox import Sandbox
from tests.sandbox.conftest import HUBSPOT, Api

CONTACTS = "/crm/v3/objects/contacts"
EMAILS = ["a@ex.test", "B@ex.test", "c@ex.test", ""]

writes = st.one_of(
    st.tuples(st.just("create"), st.sampled_from(EMAILS), st.just(0)),
    st.tuples(st.just("patch"), st.sampled_from(EMAILS), st.integers(0, 5)),
    st.tuples(st.just("archive"), st.just(""), st.integers(0, 5)),
    st.tuples(st.just("merge"), st.integers(0, 5), st.integers(0, 5)),
)


def carry_out(api: Api, ids: list[str], write: Any) -> None:
    """One write; what HubSpot refuses is refused."""
    kind, what, which = write
    if kind == "create":
        answer = api("POST", CONTACTS, {"properties": {"email": what}})
    elif which >= len(ids) or (kind == "merge" and what >= len(ids)):
        return
    elif kind == "patch":
        answer = api("PATCH", f"{CONTACTS}/{ids[which]}", {"properties": {"email": what}})
    elif kind == "archive":
        answer = api("DELETE", f"{CONTACTS}/{ids[which]}")
    else:
        answer = api("POST", f"{CONTACTS}/merge", {"primaryObjectId": ids[what], "objectIdToMerge": ids[which]})
    assert answer.status_code in (200, 201, 204, 400, 404, 409)
    if answer.status_code in (200, 201):
        ids.append(answer.json()["id"])


@settings(max_examples=40)
@given(story=st.lists(writes, max_size=14), mode=st.sampled_from(["new", "preserve"]))
def test_an_address_has_one_owner_and_every_old_id_leads_to_one_record(story: list[Any], mode: str) -> None:
    box = Sandbox()
    box.set_options(hubspot_merge_ids=mode)
    api, ids = Api(box.app, HUBSPOT), []
    for write in story:
        carry_out(api, ids, write)
    live = [each for each in box.snapshot()["hubspot"]["contacts"] if each["_archived"] is None]
    owned = [
        (email, str(each["_id"])) for each in live for email in [each["email"], *(each["hs_additional_emails"] or "").split(";")] if email
    ]
    assert len({email for email, _ in owned}) == len(owned)
    for email, id_ in owned:
        assert api("GET", f"{CONTACTS}/{email}?idProperty=email").json()["id"] == id_
    for id_ in ids:
        found = api("GET", f"{CONTACTS}/{id_}")
        assert found.status_code == 404 or found.json()["id"] in {str(each["_id"]) for each in live}
    for email in {"a@ex.test", "b@ex.test", "c@ex.test"} - {email for email, _ in owned}:
        assert api("POST", CONTACTS, {"properties": {"email": email}}).status_code == 201
    box.close()
