"""Pulling both systems over the sandbox: complete, resumable, incremental, whatever goes wrong on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import aclosing
from typing import Any

import pytest

from reconcile_tui.errors import DailyLimitReached, SignInRefused, SystemUnreachable
from reconcile_tui.model import Page, PulledRecord
from reconcile_tui.sandbox import Sandbox
from tests.systems.virtual_time import run

Open = Callable[..., Any]
Make = Callable[..., Sandbox]
TABLES = {"hubspot": "contacts", "dynamics": "contact"}
COLUMNS = {"hubspot": ["firstname", "lastname", "email", "jobtitle"], "dynamics": ["firstname", "lastname", "emailaddress1", "jobtitle"]}
KINDS = pytest.mark.parametrize("kind", ["hubspot", "dynamics"])


@pytest.fixture
def opener(open_hubspot: Open, open_dynamics: Open) -> Callable[[str, Sandbox], Any]:
    return lambda kind, box: (open_hubspot if kind == "hubspot" else open_dynamics)(box.app)


async def pulled(system: Any, pages: int | None = None, **more: Any) -> list[Page]:
    found: list[Page] = []
    async with aclosing(system.pull(TABLES[system.kind], COLUMNS[system.kind], **more)) as stream:
        async for page in stream:
            found.append(page)
            if len(found) == pages:
                break
    return found


def stored(pages: Iterable[Page], before: dict[str, PulledRecord] | None = None) -> dict[str, PulledRecord]:
    """What a workspace would hold: the last word on each id."""
    kept = dict(before or {})
    for page in pages:
        kept |= {record.id: record for record in page.records}
    return kept


def live(records: dict[str, PulledRecord]) -> dict[str, dict[str, Any]]:
    """Records that count, with the columns asked for."""
    return {
        id_: {name: record.native.get(name) for name in [*COLUMNS["hubspot"], *COLUMNS["dynamics"]] if name in record.native}
        for id_, record in records.items()
        if not record.deleted and not record.merged_into
    }


async def truth(box: Sandbox, kind: str, opener: Any) -> dict[str, dict[str, Any]]:
    box.faults.clear()
    return live(stored(await pulled(opener(kind, box))))


def ids_in(box: Sandbox, kind: str) -> set[str]:
    table, key = ("contacts", "hs_object_id") if kind == "hubspot" else ("contact", "contactid")
    rows = box.snapshot()[kind][table]
    return {str(row.get(key) or row.get("_id")) for row in rows}


@KINDS
def test_a_full_pull_brings_every_record_once(sandbox: Make, opener: Any, kind: str) -> None:
    async def story() -> None:
        box = sandbox(dataverse_page_size=77)
        pages = await pulled(opener(kind, box))
        ids = [record.id for page in pages for record in page.records]
        assert len(ids) == len(set(ids))
        assert set(ids) == ids_in(box, kind)
        assert len(pages) > 3
        assert pages[0].total == len(ids)
        assert all(page.full for page in pages)

    run(story())


@KINDS
@pytest.mark.parametrize("after", [1, 2])
def test_a_stopped_pull_goes_on_in_a_new_process_from_its_cursor(sandbox: Make, opener: Any, kind: str, after: int) -> None:
    async def story() -> None:
        box = sandbox(dataverse_page_size=77)
        first = await pulled(opener(kind, box), pages=after)
        rest = await pulled(opener(kind, box), cursor=first[-1].cursor)
        ids = [record.id for page in [*first, *rest] for record in page.records]
        assert len(ids) == len(set(ids))
        assert set(ids) == ids_in(box, kind)

    run(story())


@KINDS
def test_nothing_is_lost_or_doubled_when_everything_goes_wrong_on_the_way(sandbox: Make, opener: Any, kind: str) -> None:
    async def story() -> None:
        box = sandbox(dataverse_page_size=77)
        expected = await truth(box, kind, opener)
        here: dict[str, Any] = {"system": kind, "path": "contacts"}
        box.faults.add("throttle", **here, count=5)
        box.faults.add("status", **here, status=503, nth=2, count=2)
        box.faults.add("truncated", **here, nth=6)
        box.faults.add("wrong_content_type", **here, nth=8)
        box.faults.add("drop_before", **here, nth=9)
        box.faults.add("drop_after_commit", **here, nth=11)
        box.faults.add("slow", **here, nth=12, seconds=20)
        box.faults.add("expired_token", **here, nth=13)
        pages = await pulled(opener(kind, box))
        ids = [record.id for page in pages for record in page.records]
        assert len(ids) == len(set(ids))
        assert live(stored(pages)) == expected
        assert sum(fault["hits"] for fault in box.faults.as_json()) >= 12

    run(story())


def test_hubspot_changes_since_the_last_pull_come_alone(sandbox: Make, open_hubspot: Open, opener: Any) -> None:
    async def story() -> None:
        box = sandbox()
        await asyncio.sleep(3600)
        system = open_hubspot(box.app)
        before = await pulled(system)
        since = before[-1].next_since
        await asyncio.sleep(3600)
        ids = sorted(live(stored(before)), key=int)
        await system.update("contacts", ids[0], {"firstname": "Changed"})
        merged = await system.merge("contacts", ids[1], ids[2], {})
        await asyncio.sleep(60)
        http = system._http
        await http.write("DELETE", f"/crm/v3/objects/contacts/{ids[3]}", parsed=False)
        await http.write("POST", "/crm/v3/objects/contacts", body={"properties": {"email": "new@person.test"}})
        await asyncio.sleep(60)
        changes = await pulled(system, since=since)
        brought = stored(changes)
        assert not any(page.full for page in changes)
        assert len(brought) < 20
        assert brought[ids[0]].native["firstname"] == "Changed"
        assert {brought[ids[1]].merged_into, brought[ids[2]].merged_into} == {merged.id}
        assert brought[ids[3]].deleted
        assert live(stored(changes, stored(before))) == await truth(box, "hubspot", opener)

    run(story())


def test_dynamics_changes_since_the_last_pull_come_alone(sandbox: Make, open_dynamics: Open, opener: Any) -> None:
    async def story() -> None:
        box = sandbox()
        system = open_dynamics(box.app)
        before = await pulled(system)
        ids = [id_ for id_, record in stored(before).items() if record.active]
        await system.update("contact", ids[0], {"firstname": "Changed"})
        await system.merge("contact", ids[1], ids[2], {"jobtitle": "Kept"})
        await system._http.write("DELETE", f"/api/data/v9.2/contacts({ids[3]})", parsed=False)
        changes = await pulled(system, since=before[-1].next_since)
        brought = stored(changes)
        assert not any(page.full for page in changes)
        assert brought[ids[0]].native["firstname"] == "Changed"
        assert (brought[ids[2]].merged_into, brought[ids[2]].active) == (ids[1], False)
        assert brought[ids[1]].native["jobtitle"] == "Kept"
        assert brought[ids[3]].deleted
        assert set(brought) == set(ids[:4])
        assert live(stored(changes, stored(before))) == await truth(box, "dynamics", opener)

    run(story())


def test_a_reactivated_loser_counts_again(sandbox: Make, open_dynamics: Open) -> None:
    async def story() -> None:
        box = sandbox()
        system = open_dynamics(box.app)
        keep, lose = list(live(stored(await pulled(system))))[:2]
        await system.merge("contact", keep, lose, {})
        await system.update("contact", lose, {"statecode": 0, "statuscode": 1})
        assert stored(await pulled(system))[lose].merged_into is None

    run(story())


def test_an_index_that_lags_behind_is_made_up_for_by_the_overlap(sandbox: Make, open_hubspot: Open, opener: Any) -> None:
    async def story() -> None:
        box = sandbox(hubspot_search_lag=30.0)
        await asyncio.sleep(3600)
        system = open_hubspot(box.app)
        before = await pulled(system)
        first, second, *_ = live(stored(before))
        await system.update("contacts", first, {"firstname": "One"})
        unseen = await pulled(system, since=before[-1].next_since)  # the index does not know yet
        await system.update("contacts", second, {"firstname": "Two"})
        await asyncio.sleep(120)
        seen = await pulled(system, since=unseen[-1].next_since)
        assert live(stored(seen, stored(unseen, stored(before)))) == await truth(box, "hubspot", opener)

    run(story())


@KINDS
def test_a_record_changed_while_paging_is_right_after_the_next_pull(sandbox: Make, opener: Any, kind: str) -> None:
    async def story() -> None:
        box = sandbox(dataverse_page_size=77)
        await asyncio.sleep(3600)
        system = opener(kind, box)
        first, *_, last = await truth(box, kind, opener)
        for number, id_ in enumerate((first, last)):
            record = f"{kind}/{TABLES[kind]}/{id_}"
            box.faults.add(
                "change_record", system=kind, path="contacts", method="GET", nth=3, record=record, values={"jobtitle": f"T{number}"}
            )
        pages = await pulled(system)
        assert all(fault["hits"] for fault in box.faults.as_json())
        box.faults.clear()
        changes = await pulled(system, since=pages[-1].next_since)
        assert live(stored(changes, stored(pages))) == await truth(box, kind, opener)

    run(story())


@KINDS
def test_a_change_behind_the_cursor_comes_with_the_next_pull(sandbox: Make, opener: Any, kind: str) -> None:
    async def story() -> None:
        box = sandbox(dataverse_page_size=77)
        await asyncio.sleep(3600)
        system = opener(kind, box)
        first = next(iter(await truth(box, kind, opener)))
        pages: list[Page] = []
        async with aclosing(system.pull(TABLES[kind], COLUMNS[kind])) as stream:
            async for page in stream:
                pages.append(page)
                if len(pages) == 2:
                    box.edit(f"{kind}/{TABLES[kind]}/{first}", {"jobtitle": "Changed behind"})
                await asyncio.sleep(60)
        changes = await pulled(system, since=pages[-1].next_since)
        assert live(stored(changes, stored(pages)))[first]["jobtitle"] == "Changed behind"

    run(story())


def test_a_next_link_to_another_host_is_refused(sandbox: Make, open_dynamics: Open) -> None:
    async def story() -> None:
        box = sandbox(dataverse_page_size=77)
        box.faults.add("foreign_next_link", system="dynamics", path="contacts", count=None)
        with pytest.raises(SystemUnreachable, match="another host"):
            await pulled(open_dynamics(box.app))

    run(story())


def test_the_daily_limit_stops_a_pull_that_goes_on_the_next_day(sandbox: Make, open_hubspot: Open) -> None:
    async def story() -> None:
        box = sandbox(limits=True, hubspot_daily=3)
        pages: list[Page] = []
        system = open_hubspot(box.app)

        async def until_the_limit() -> None:
            async with aclosing(system.pull("contacts", COLUMNS["hubspot"])) as stream:
                async for page in stream:
                    pages.append(page)  # noqa: PERF401 - what came before the failure is the point

        with pytest.raises(DailyLimitReached):
            await until_the_limit()
        assert pages
        await asyncio.sleep(86_400 + 60)
        rest = await pulled(open_hubspot(box.app), cursor=pages[-1].cursor)
        ids = [record.id for page in [*pages, *rest] for record in page.records]
        assert sorted(ids) == sorted(ids_in(box, "hubspot"))

    run(story())


def test_leads_are_absent_where_sales_is_not_installed(sandbox: Make, open_dynamics: Open) -> None:
    async def story() -> None:
        system = open_dynamics(sandbox(seed=False, dataverse_leads=False).app)
        assert await system.describe("lead") == ()
        findings = await system.check(["contact", "lead"])
        assert any(f.topic == "table" and f.level == "note" and "lead" in f.what for f in findings)

    run(story())


def test_an_expired_delta_token_means_a_full_pull(sandbox: Make, open_dynamics: Open) -> None:
    async def story() -> None:
        box = sandbox(dataverse_token_days=0.5)
        system = open_dynamics(box.app)
        since = (await pulled(system))[-1].next_since
        await asyncio.sleep(86_400)
        pages = await pulled(system, since=since)
        assert all(page.full for page in pages)
        assert set(stored(pages)) == ids_in(box, "dynamics")

    run(story())


@KINDS
def test_a_token_that_stays_refused_stops_the_run(sandbox: Make, opener: Any, kind: str) -> None:
    async def story() -> None:
        box = sandbox()
        box.faults.add("expired_token", system=kind, count=None)
        with pytest.raises(SignInRefused):
            await pulled(opener(kind, box))

    run(story())
