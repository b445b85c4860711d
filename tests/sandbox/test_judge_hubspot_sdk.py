"""HubSpot's new official SDK, in process, through its normal calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import hubspot_sdk
import pytest
from hubspot_sdk import AsyncHubSpot

from reconcile_tui.sandbox import Sandbox
from reconcile_tui.sandbox.generate import fill

Story = Callable[[Any], Awaitable[None]]


@pytest.fixture
def tell(sandbox: Sandbox) -> Callable[..., None]:
    """Run a story with the SDK's contacts resource."""

    def run(story: Story, **settings: Any) -> None:
        async def told() -> None:
            transport = httpx.ASGITransport(app=sandbox.app)
            http = httpx.AsyncClient(transport=transport, base_url="https://api.hubapi.com")
            settings.setdefault("max_retries", 0)
            async with AsyncHubSpot(access_token="pat-eu1-test", base_url="https://api.hubapi.com", http_client=http, **settings) as client:
                await story(client)

        asyncio.run(told())

    return run


def test_every_contact_is_listed_page_by_page(sandbox: Sandbox, tell: Callable[..., None]) -> None:
    fill(sandbox, 230, lead_count=0)

    async def story(client: Any) -> None:
        found = [each.id async for each in client.crm.objects.contacts.list(limit=100, properties=["email", "phone"])]
        assert len(set(found)) == 230

    tell(story)


def test_create_get_update_clash_and_delete(tell: Callable[..., None]) -> None:
    async def story(client: Any) -> None:
        contacts = client.crm.objects.contacts
        made = await contacts.create(properties={"email": "sdk@ex.test", "firstname": "Sdk"}, associations=[])
        assert (await contacts.get(made.id, properties=["firstname", "city"])).properties["firstname"] == "Sdk"
        assert (await contacts.update(made.id, properties={"city": "Leeds"})).properties["city"] == "Leeds"
        with pytest.raises(hubspot_sdk.ConflictError):
            await contacts.create(properties={"email": "sdk@ex.test"}, associations=[])
        await contacts.delete(made.id)
        with pytest.raises(hubspot_sdk.NotFoundError):
            await contacts.get(made.id)

    tell(story)


def test_strict_validation_passes_on_answers_without_null(sandbox: Sandbox, tell: Callable[..., None]) -> None:
    sandbox.set_options(hubspot_unset_values="omit")

    async def story(client: Any) -> None:
        contacts = client.crm.objects.contacts
        made = [await contacts.create(properties={"email": f"{name}@ex.test"}, associations=[]) for name in "ab"]
        assert [each.id async for each in contacts.list(limit=1)] == [each.id for each in made]
        merged = await contacts.merge(primary_object_id=made[0].id, object_id_to_merge=made[1].id)
        assert (await contacts.get(made[1].id)).id == merged.id

    tell(story, _strict_response_validation=True)


def test_a_batch_with_a_partial_failure(tell: Callable[..., None]) -> None:
    async def story(client: Any) -> None:
        contacts = client.crm.objects.contacts
        made = await contacts.create(properties={"email": "sdk@ex.test"}, associations=[])
        found = await contacts.batch.get(
            inputs=[{"id": made.id}, {"id": "99999999"}], properties=["email"], properties_with_history=[], id_property="hs_object_id"
        )
        assert [each.id for each in found.results] == [made.id]
        changed = await contacts.batch.update(inputs=[{"id": made.id, "properties": {"city": "Leeds"}}])
        assert changed.results[0].properties["city"] == "Leeds"

    tell(story)


def test_search_and_properties(tell: Callable[..., None]) -> None:
    async def story(client: Any) -> None:
        contacts = client.crm.objects.contacts
        await contacts.create(properties={"email": "sdk@ex.test", "city": "Nowhere"}, associations=[])
        filters = [{"propertyName": "city", "operator": "EQ", "value": "nowhere"}]
        found = await contacts.search(
            filter_groups=[{"filters": filters}], limit=10, after="0", properties=["email"], sorts=["createdate"], query=""
        )
        assert (found.total, found.results[0].properties["email"]) == (1, "sdk@ex.test")
        link = {"group_name": "contactinformation", "label": "Dynamics", "type": "string", "field_type": "text", "has_unique_value": True}
        made = await client.crm.properties.create("contacts", name="dynamics_contactid", **link)
        assert made.has_unique_value is True
        with pytest.raises(hubspot_sdk.ConflictError):
            await client.crm.properties.create("contacts", name="dynamics_contactid", **link)

    tell(story)


def test_its_own_retries_get_through_a_throttle(sandbox: Sandbox, tell: Callable[..., None]) -> None:
    fault = sandbox.faults.add("throttle", system="hubspot", count=1, retry_after=0)

    async def story(client: Any) -> None:
        await client.crm.objects.contacts.create(properties={"email": "sdk@ex.test"}, associations=[])

    tell(story, max_retries=2)
    assert (fault.hits, len(sandbox.snapshot()["hubspot"]["contacts"])) == (1, 1)
