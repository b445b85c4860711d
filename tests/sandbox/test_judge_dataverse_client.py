"""Microsoft's Python SDK in process, through its normal calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.upsert import UpsertItem

from reconcile_tui.sandbox import Sandbox
from reconcile_tui.sandbox.generate import fill
from tests.sandbox.asgi import RequestsAdapter

URL = "https://contoso.crm4.dynamics.com"


class Credential:
    """A token of nobody's."""

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """A token for an hour."""
        return AccessToken("eyJ.fake", 4_000_000_000)


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[DataverseClient]:
    """The client, with an adapter in place of the network."""
    with DataverseClient(URL, Credential()) as made:
        made._session.mount(URL, RequestsAdapter(sandbox.app))
        yield made


def raw(client: DataverseClient, method: str, path: str, **content: Any) -> Any:
    """A request that the SDK has no wrapper for, over its own session."""
    od = client._get_odata()
    with od._call_scope():
        return od._request(method, f"{od.api}/{path}", **content)


def test_create_read_update_and_delete(client: DataverseClient) -> None:
    id_ = client.records.create("contact", {"firstname": "Ada", "lastname": "Byron"})
    client.records.update("contact", id_, {"jobtitle": "CTO"})
    found = client.records.retrieve("contact", id_, select=["fullname", "jobtitle"])
    assert found is not None
    assert (found["fullname"], found["jobtitle"]) == ("Ada Byron", "CTO")
    client.records.delete("contact", id_)
    assert client.records.retrieve("contact", id_) is None


def test_every_page_is_followed(sandbox: Sandbox, client: DataverseClient) -> None:
    fill(sandbox, 45, lead_count=0)
    pages = [list(page) for page in client.records.list_pages("contact", select=["fullname"], page_size=20)]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert len({each["contactid"] for page in pages for each in page}) == 45


def test_a_stale_etag_is_a_412(client: DataverseClient) -> None:
    id_ = client.records.create("contact", {"lastname": "Byron"})
    with pytest.raises(HttpError) as caught:
        raw(client, "patch", f"contacts({id_})", headers={"If-Match": 'W/"1"'}, json={"lastname": "Late"})
    assert caught.value.status_code == 412
    assert caught.value.details["service_error_code"] == "0x80060882"


def test_many_rows_at_once(sandbox: Sandbox, client: DataverseClient) -> None:
    ids = client.records.create("contact", [{"lastname": name} for name in "ABC"])
    client.records.update("contact", ids, [{"jobtitle": name} for name in "XYZ"])
    assert sorted(str(each["jobtitle"]) for each in client.records.list("contact", select=["jobtitle"])) == ["X", "Y", "Z"]
    client.records.delete("contact", ids)
    assert sandbox.snapshot()["dynamics"]["contact"] == []


def test_a_column_a_key_and_an_upsert_by_it(sandbox: Sandbox, client: DataverseClient) -> None:
    client.tables.add_columns("contact", {"new_HubSpotContactId": "string"})
    client.tables.create_alternate_key("contact", "new_HubSpotContactKey", ["new_hubspotcontactid"])
    sandbox.clock.advance(5)
    assert [key.status for key in client.tables.get_alternate_keys("contact")] == ["Active"]
    for name in ("Byron", "Lovelace"):
        client.records.upsert("contact", [UpsertItem(alternate_key={"new_hubspotcontactid": "501"}, record={"lastname": name})])
    assert [each["lastname"] for each in client.records.list("contact", select=["lastname"])] == ["Lovelace"]
    two = [UpsertItem(alternate_key={"new_hubspotcontactid": key}, record={"lastname": key}) for key in ("501", "502")]
    client.records.upsert("contact", two)
    assert len(client.records.list("contact", select=["lastname"])) == 2


def test_a_batch_and_a_change_set_that_fails_as_a_whole(sandbox: Sandbox, client: DataverseClient) -> None:
    batch = client.batch.new()
    batch.records.create("contact", {"lastname": "A"})
    with batch.changeset() as change_set:
        account = change_set.records.create("account", {"name": "Acme"})
        change_set.records.create("contact", {"lastname": "B", "parentcustomerid_account@odata.bind": account})
    assert not batch.execute().has_errors
    failing = client.batch.new()
    with failing.changeset() as change_set:
        change_set.records.create("contact", {"lastname": "C"})
        change_set.records.create("contact", {"lastname": "x" * 51})
    result = failing.execute(continue_on_error=True)
    assert result.has_errors
    assert {each["lastname"] for each in sandbox.snapshot()["dynamics"]["contact"]} == {"A", "B"}


def test_metadata(client: DataverseClient) -> None:
    table = client.tables.get("contact")
    assert table is not None
    assert table["entity_set_name"] == "contacts"
    columns = client.tables.list_columns("contact", select=["LogicalName", "AttributeType"])
    assert "emailaddress1" in {each["LogicalName"] for each in columns}
    assert "contact" in {each["LogicalName"] for each in client.tables.list(select=["LogicalName"])}


def test_sql_and_a_built_query(client: DataverseClient) -> None:
    client.records.create("contact", [{"lastname": name, "jobtitle": "CTO"} for name in "AB"])
    found = client.query.sql("SELECT TOP 1 lastname FROM contact WHERE jobtitle = 'CTO' ORDER BY lastname DESC")
    assert [each["lastname"] for each in found] == ["B"]


def test_labels_are_turned_into_options(client: DataverseClient) -> None:
    id_ = client.records.create("contact", {"lastname": "A", "gendercode": "Female"})
    found = client.records.retrieve("contact", id_, select=["gendercode"])
    assert found is not None
    assert found["gendercode"] == 2


def test_a_merge_over_its_session(client: DataverseClient) -> None:
    ids = client.records.create("contact", [{"lastname": name} for name in "AB"])
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.contact"}
    body = {"Target": {**kind, "contactid": ids[0]}, "Subordinate": {**kind, "contactid": ids[1]}, "PerformParentingChecks": False}
    assert raw(client, "post", "Merge", json=body).status_code == 204
    found = client.records.retrieve("contact", ids[1], select=["statecode", "merged"])
    assert found is not None
    assert (found["statecode"], found["merged"]) == (1, True)


def test_service_protection_is_seen_as_transient(sandbox: Sandbox, client: DataverseClient) -> None:
    client.tables.get("contact")
    sandbox.faults.add("throttle", system="dynamics", policy="0x80072321", retry_after=7)
    with pytest.raises(HttpError) as caught:
        client.records.create("contact", {"lastname": "A"})
    assert caught.value.is_transient
    assert (caught.value.status_code, caught.value.details["retry_after"]) == (429, 7)
