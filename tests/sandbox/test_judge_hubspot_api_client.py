"""HubSpot's official generated client over loopback, through its normal calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hubspot
import pytest
from hubspot.crm.contacts import (
    BatchReadInputSimplePublicObjectId,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import ApiException
from hubspot.crm.properties import PropertyCreate

from reconcile_tui.sandbox import Sandbox, Server
from reconcile_tui.sandbox.generate import fill


@pytest.fixture
def base(sandbox: Sandbox) -> Iterator[str]:
    """The sandbox on loopback, with a few generated people."""
    fill(sandbox, 230, lead_count=0)
    with Server(sandbox) as server:
        yield server.url


@pytest.fixture
def client(base: str) -> Any:
    """The client, its base address changed and nothing else."""
    return hubspot.HubSpot(access_token="pat-eu1-test", host=base, base_url=base)


def create(client: Any, **properties: str) -> str:
    """Create a contact and return its id."""
    made = client.crm.contacts.basic_api.create(
        simple_public_object_input_for_create=SimplePublicObjectInputForCreate(properties=properties)
    )
    return str(made.id)


def test_every_contact_is_listed(client: Any) -> None:
    found = client.crm.contacts.get_all(properties=["email", "phone"])
    assert len({each.id for each in found}) == 230


def test_get_by_id_by_address_and_a_404(client: Any) -> None:
    id_ = create(client, email="sdk@ex.test", firstname="Sdk")
    api = client.crm.contacts.basic_api
    assert api.get_by_id(id_, properties=["firstname", "city"]).properties["firstname"] == "Sdk"
    assert api.get_by_id("sdk@ex.test", id_property="email", properties_with_history=["email"]).id == id_
    with pytest.raises(ApiException) as caught:
        api.get_by_id("99999999")
    assert caught.value.status == 404


def test_both_clashes(client: Any) -> None:
    owner, other = create(client, email="sdk@ex.test"), create(client, email="other@ex.test")
    with pytest.raises(ApiException) as created:
        create(client, email="sdk@ex.test")
    assert (created.value.status, f"Existing ID: {owner}" in created.value.body) == (409, True)
    with pytest.raises(ApiException) as changed:
        client.crm.contacts.basic_api.update(other, SimplePublicObjectInput(properties={"email": "sdk@ex.test"}))
    assert (changed.value.status, f"{owner} already has that value" in changed.value.body) == (400, True)


def test_a_batch_with_a_partial_failure(client: Any) -> None:
    id_ = create(client, email="sdk@ex.test")
    wanted = BatchReadInputSimplePublicObjectId(inputs=[{"id": id_}, {"id": "99999999"}], properties=["email"], properties_with_history=[])
    found = client.crm.contacts.batch_api.read(batch_read_input_simple_public_object_id=wanted)
    assert type(found).__name__ == "BatchResponseSimplePublicObjectWithErrors"
    assert (found.num_errors, found.errors[0].category, [each.id for each in found.results]) == (1, "OBJECT_NOT_FOUND", [id_])


def test_batch_create_update_upsert_and_archive(client: Any) -> None:
    batch = client.crm.contacts.batch_api
    made = batch.create({"inputs": [{"properties": {"email": f"b{n}@ex.test"}, "associations": []} for n in range(3)]})
    ids = [each.id for each in made.results]
    changed = batch.update({"inputs": [{"id": id_, "properties": {"city": "Leeds"}} for id_ in ids]})
    assert {each.properties["city"] for each in changed.results} == {"Leeds"}
    inputs = [{"id": f"b{n}@ex.test", "idProperty": "email", "properties": {"zip": "1"}} for n in (2, 3)]
    assert [each.new for each in batch.upsert({"inputs": inputs}).results] == [False, True]
    batch.archive({"inputs": [{"id": id_} for id_ in ids]})
    archived = client.crm.contacts.basic_api.get_page(archived=True).results
    assert {each.id for each in archived} == set(ids)


def test_search(client: Any) -> None:
    create(client, email="sdk@ex.test", city="Nowhere")
    filters = [{"propertyName": "city", "operator": "EQ", "value": "nowhere"}]
    request = PublicObjectSearchRequest(filter_groups=[{"filters": filters}], limit=10, properties=["email"])
    found = client.crm.contacts.search_api.do_search(public_object_search_request=request)
    assert (found.total, found.results[0].properties["email"]) == (1, "sdk@ex.test")


def test_merge_gives_the_id_to_go_on_with(client: Any) -> None:
    a, b = create(client, email="a@ex.test"), create(client, email="b@ex.test")
    merged = client.crm.contacts.basic_api.merge(public_merge_input=PublicMergeInput(primary_object_id=a, object_id_to_merge=b))
    assert merged.id not in (a, b)
    assert client.crm.contacts.basic_api.get_by_id(b).id == merged.id


def test_properties_and_groups(client: Any) -> None:
    api = client.crm.properties.core_api
    wanted = PropertyCreate(
        group_name="contactinformation",
        name="dynamics_contactid",
        label="Dynamics contact",
        type="string",
        field_type="text",
        has_unique_value=True,
    )
    assert api.create("contacts", wanted).has_unique_value is True
    assert "dynamics_contactid" in {each.name for each in api.get_all("contacts").results}
    assert api.get_by_name("contacts", "lifecyclestage").options[0].value == "subscriber"
    assert client.crm.properties.groups_api.get_all("contacts").results[0].name == "contactinformation"


def test_companies_and_associations(client: Any) -> None:
    id_ = create(client, email="sdk@ex.test")
    company = client.crm.companies.basic_api.create(
        simple_public_object_input_for_create={"properties": {"name": "Acme"}, "associations": []}
    ).id
    client.crm.associations.v4.basic_api.create_default("contacts", id_, "companies", company)
    found = client.crm.associations.v4.basic_api.get_page("contacts", id_, "companies").results
    assert [each.to_object_id for each in found] == [company]
    contact = client.crm.contacts.basic_api.get_by_id(id_, associations=["companies"])
    assert {each.id for each in contact.associations["companies"].results} == {company}


def test_owners(client: Any) -> None:
    assert client.crm.owners.owners_api.get_page().results[0].email


def test_a_dated_address_by_hand(client: Any) -> None:
    answer = client.api_request({"path": "/crm/objects/2026-09/contacts", "qs": {"limit": 1}})
    assert len(answer.json()["results"]) == 1
