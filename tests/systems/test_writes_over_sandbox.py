"""Writing over the sandbox: each write once, each outcome told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconcile_tui.errors import AnswerLost, RecordChanged, RecordGone, RequestRefused, ValueTaken
from reconcile_tui.sandbox import Sandbox
from tests.systems.virtual_time import run

Open = Callable[..., Any]
Make = Callable[..., Sandbox]


async def hubspot_contact(system: Any, **values: str) -> str:
    _, data = await system._http.write("POST", "/crm/v3/objects/contacts", body={"properties": values})
    return str(data["id"])


async def dynamics_contact(system: Any, **values: Any) -> str:
    reply, _ = await system._http.write("POST", "/api/data/v9.2/contacts", body={"lastname": "X", **values}, parsed=False)
    return str(reply.headers["odata-entityid"].rpartition("(")[2].rstrip(")"))


async def only(system: Any, table: str, id_: str, *columns: str) -> Any:
    return (await system.read(table, [id_], columns))[id_]


@pytest.mark.parametrize("mode", ["new", "preserve"])
def test_a_hubspot_merge_is_rekeyed_by_the_id_it_returns(sandbox: Make, open_hubspot: Open, mode: str) -> None:
    async def story() -> None:
        system = open_hubspot(sandbox(seed=False, hubspot_merge_ids=mode).app)
        keep, lose = [await hubspot_contact(system, email=f"{n}@ex.test", firstname=n) for n in ("a", "b")]
        answer = await system.merge("contacts", keep, lose, {})
        assert (answer.id == keep) is (mode == "preserve")
        found = await system.read("contacts", [keep, lose, answer.id, "999"], ["email", "hs_additional_emails"])
        assert {id_: reading and reading.id for id_, reading in found.items()} == {
            keep: answer.id,
            lose: answer.id,
            answer.id: answer.id,
            "999": None,
        }
        assert found[keep].native["hs_additional_emails"] == "b@ex.test"

    run(story())


def test_hubspot_tells_who_owns_an_address(sandbox: Make, open_hubspot: Open) -> None:
    async def story() -> None:
        system = open_hubspot(sandbox(seed=False).app)
        owner, other = [await hubspot_contact(system, email=f"{n}@ex.test") for n in ("a", "b")]
        with pytest.raises(ValueTaken) as clash:
            await system.update("contacts", other, {"email": "a@ex.test"})
        assert clash.value.owner == owner
        with pytest.raises(ValueTaken) as clash:
            await hubspot_contact(system, email="a@ex.test")
        assert clash.value.owner == owner

    run(story())


def test_hubspot_refusals_name_the_property(sandbox: Make, open_hubspot: Open) -> None:
    async def story() -> None:
        system = open_hubspot(sandbox(seed=False).app)
        id_ = await hubspot_contact(system, email="a@ex.test")
        with pytest.raises(RequestRefused, match="nope"):
            await system.update("contacts", id_, {"nope": "x"})
        with pytest.raises(RecordGone):
            await system.update("contacts", "999", {"firstname": "x"})

    run(story())


@pytest.mark.parametrize("kind", ["hubspot", "dynamics"])
def test_a_merge_whose_answer_got_lost_happened_once(sandbox: Make, open_hubspot: Open, open_dynamics: Open, kind: str) -> None:
    async def story() -> None:
        box = sandbox(seed=False)
        hubspot = kind == "hubspot"
        system = (open_hubspot if hubspot else open_dynamics)(box.app)
        table, create = ("contacts", hubspot_contact) if hubspot else ("contact", dynamics_contact)
        keep, lose = [await create(system, firstname=n) for n in ("a", "b")]
        before = len(box.journal())
        box.faults.add("drop_after_commit", system=kind, path="[Mm]erge")
        with pytest.raises(AnswerLost):
            await system.merge(table, keep, lose, {})
        assert len(box.journal()) == before + 1
        now = await only(system, table, lose, "firstname")  # reading tells what became of it
        assert (now.id != lose) if hubspot else (now.merged_into == keep)

    run(story())


@pytest.mark.parametrize("kind", ["hubspot", "dynamics"])
def test_a_merge_that_was_turned_away_at_first_happens_once(sandbox: Make, open_hubspot: Open, open_dynamics: Open, kind: str) -> None:
    async def story() -> None:
        box = sandbox(seed=False)
        hubspot = kind == "hubspot"
        system = (open_hubspot if hubspot else open_dynamics)(box.app)
        table, create = ("contacts", hubspot_contact) if hubspot else ("contact", dynamics_contact)
        keep, lose = [await create(system, firstname=n) for n in ("a", "b")]
        before = len(box.journal())
        box.faults.add("throttle", system=kind, path="[Mm]erge", count=3)
        if hubspot:
            box.faults.add("status", system=kind, path="[Mm]erge", status=423, count=2)
        await system.merge(table, keep, lose, {})
        assert len(box.journal()) == before + 1

    run(story())


def test_too_many_identities_is_a_refusal_of_this_merge_only(sandbox: Make, open_hubspot: Open) -> None:
    async def story() -> None:
        box = sandbox(seed=False)
        system = open_hubspot(box.app)
        keep, lose = [await hubspot_contact(system, firstname=n) for n in ("a", "b")]
        box.faults.add("status", system="hubspot", path="merge", status=414)
        with pytest.raises(RequestRefused, match="250 identities") as refused:
            await system.merge("contacts", keep, lose, {})
        assert refused.value.status == 414

    run(story())


def test_a_dynamics_update_is_refused_when_the_record_changed_meanwhile(sandbox: Make, open_dynamics: Open) -> None:
    async def story() -> None:
        box = sandbox(seed=False)
        system = open_dynamics(box.app)
        await system.describe("contact")
        id_ = await dynamics_contact(system, firstname="Ada")
        seen = await only(system, "contact", id_, "firstname")
        box.edit(f"dynamics/contact/{id_}", {"jobtitle": "CTO"})
        with pytest.raises(RecordChanged):
            await system.update("contact", id_, {"firstname": "Eda"}, etag=seen.etag)
        now = await only(system, "contact", id_, "firstname")
        assert now.native["firstname"] == "Ada"
        answer = await system.update("contact", id_, {"firstname": "Eda"}, etag=now.etag)
        assert answer.native == {"firstname": "Eda"}
        again = await only(system, "contact", id_, "firstname")
        assert again.etag == answer.etag != now.etag

    run(story())


def test_a_dynamics_update_never_creates(sandbox: Make, open_dynamics: Open) -> None:
    async def story() -> None:
        box = sandbox(seed=False)
        system = open_dynamics(box.app)
        unknown = "11111111-2222-4333-8444-555555555555"
        with pytest.raises(RecordGone):
            await system.update("contact", unknown, {"lastname": "Ghost"})
        assert await only(system, "contact", unknown, "lastname") is None

    run(story())


def test_a_dynamics_merge_writes_all_final_values_and_deactivates_the_loser(sandbox: Make, open_dynamics: Open) -> None:
    async def story() -> None:
        system = open_dynamics(sandbox(seed=False).app)
        keep = await dynamics_contact(system, firstname="Ada", telephone1="1")
        lose = await dynamics_contact(system, firstname="Adah", telephone1="2")
        await system.merge("contact", keep, lose, {"firstname": "Adah", "telephone1": None})
        found = await system.read("contact", [keep, lose], ["firstname", "telephone1"])
        assert (found[keep].native["firstname"], found[keep].native["telephone1"]) == ("Adah", None)
        assert (found[lose].active, found[lose].merged_into) == (False, keep)
        with pytest.raises(RequestRefused, match="inactive"):
            await system.merge("contact", keep, lose, {})
        with pytest.raises(RequestRefused, match="itself"):
            await system.merge("contact", keep, keep, {})

    run(story())


def test_many_records_are_read_in_few_requests(sandbox: Make, open_hubspot: Open, open_dynamics: Open) -> None:
    async def story() -> None:
        box = sandbox()
        for system, table, key in ((open_hubspot(box.app), "contacts", "_id"), (open_dynamics(box.app), "contact", "contactid")):
            ids = [str(row[key]) for row in box.snapshot()[system.kind][table]][:230]
            await system.describe(table)
            before = len(box.requests)
            found = await system.read(table, ids, ["firstname"])
            assert list(found) != []
            assert all(found[id_].id == id_ for id_ in ids)
            assert len(box.requests) - before == -(-len(ids) // system.capabilities.batch_read)

    run(story())


def test_a_link_of_companies_goes_into_the_group_companies_have(sandbox: Make, open_hubspot: Open) -> None:
    async def story() -> None:
        system = open_hubspot(sandbox(seed=False).app)
        assert (await system.ensure_link("companies", "dynamics_accountid", label="Link")).status == "ready"
        assert "dynamics_accountid" in {c.name for c in await system.describe("companies") if c.unique}

    run(story())


@pytest.mark.parametrize(
    ("kind", "table", "column"), [("hubspot", "contacts", "dynamics_contactid"), ("dynamics", "contact", "new_hubspotcontactid")]
)
def test_a_link_is_created_once_and_then_holds_values_unique(
    sandbox: Make, open_hubspot: Open, open_dynamics: Open, kind: str, table: str, column: str
) -> None:
    async def story() -> None:
        box = sandbox(seed=False, dataverse_key_delay=45.0)
        hubspot = kind == "hubspot"
        system = (open_hubspot if hubspot else open_dynamics)(box.app)
        assert (await system.link_state(table, column)).status == "missing"
        assert (await system.ensure_link(table, column, label="Link")).status == "ready"
        written = len(box.journal())
        assert (await system.ensure_link(table, column)).status == "ready"
        assert len(box.journal()) == written
        assert column in {c.name for c in await system.describe(table) if c.unique}
        create = hubspot_contact if hubspot else dynamics_contact
        first, second = [await create(system, firstname=n) for n in ("a", "b")]
        await system.update(table, first, {column: "77"})
        with pytest.raises(ValueTaken):
            await system.update(table, second, {column: "77"})

    run(story())


@pytest.mark.parametrize("kind", ["hubspot", "dynamics"])
def test_doctor_tells_what_is_in_order_and_what_is_not(sandbox: Make, open_hubspot: Open, open_dynamics: Open, kind: str) -> None:
    async def story() -> None:
        scopes = ["crm.objects.contacts.read", "crm.schemas.contacts.read"]
        box = sandbox(hubspot_scopes=scopes, dataverse_denied=["prvWriteContact"])
        hubspot = kind == "hubspot"
        table, link = ("contacts", "dynamics_contactid") if hubspot else ("contact", "new_hubspotcontactid")
        system = (open_hubspot if hubspot else open_dynamics)(box.app, links={table: [link]})
        before = len(box.journal())
        findings = {(f.topic, f.level): f for f in await system.check([table])}
        assert ("sign-in", "ok") in findings
        assert ("link", "note") in findings
        assert ("limits", "ok") in findings
        denied = findings["privileges", "failed" if hubspot else "warning"]
        assert ("crm.objects.contacts.write" if hubspot else "prvWriteContact") in f"{denied.what} {denied.todo}"
        assert len(box.journal()) == before  # nothing was written

        box.faults.add("expired_token", system=kind, count=None)
        last = (await system.check([table]))[-1]
        assert (last.topic, last.level) == ("sign-in", "failed")
        assert last.todo

    run(story())
