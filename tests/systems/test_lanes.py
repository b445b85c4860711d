"""Reading a long HubSpot list from several places at once: complete, resumable, and given up when the order can't be trusted."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile_tui.model import Page
from reconcile_tui.sandbox import Sandbox
from reconcile_tui.sandbox.generate import fill
from reconcile_tui.systems.hubspot import lanes
from tests.systems.scripted import Say, ScriptedApp, Seen
from tests.systems.virtual_time import run

Open = Callable[..., Any]
Make = Callable[..., Sandbox]


class Account:
    """A list of contacts by id, as HubSpot pages it. `unlike` makes it behave in another way than observed."""

    def __init__(self, ids: list[int], unlike: str = "") -> None:
        self.ids = sorted(ids)
        self.unlike = unlike

    def __call__(self, seen: Seen) -> Say:
        return self._search(seen.json()) if seen.path.endswith("/search") else self._list(int(seen.query.get("after", "0")))

    def _list(self, after: int) -> Say:
        start = bisect_left(self.ids, after + 1 if self.unlike == "exclusive" and after else after)
        found = self.ids[start : start + 100]
        rest = self.ids[start + 100 :]
        if self.unlike == "unsorted":
            found = found[::-1]
        position = found[-1] if self.unlike == "exclusive" and found else rest[0] if rest else 0
        results = [{"id": str(i), "properties": {"firstname": "x"}, "updatedAt": "2026-10-01T00:00:00.000Z"} for i in found]
        return Say(data={"results": results, **({"paging": {"next": {"after": str(position)}}} if rest else {})})

    def _search(self, query: dict[str, Any]) -> Say:
        filters = query.get("filterGroups", [{"filters": []}])[0]["filters"]
        found = self.ids[bisect_left(self.ids, int(filters[0]["value"])) :] if filters else self.ids
        if query["sorts"][0]["direction"] == "DESCENDING":
            found = found[::-1]
        return Say(data={"total": len(found), "results": [{"id": str(i), "properties": {}} for i in found[:1]]})


async def pulled(system: Any, pages: int | None = None, **more: Any) -> list[Page]:
    found: list[Page] = []
    async with aclosing(system.pull("contacts", ["firstname"], **more)) as stream:
        async for page in stream:
            found.append(page)
            if len(found) == pages:
                break
    return found


def ids(pages: list[Page]) -> list[int]:
    return [int(record.id) for page in pages for record in page.records]


CLUMPS = [*range(1, 3000), *range(10**9, 10**9 + 5000), *range(5 * 10**10, 5 * 10**10 + 9000, 3)]


def test_every_record_of_a_long_list_comes_once_however_ids_lie(open_hubspot: Open) -> None:
    async def story() -> None:
        app = ScriptedApp(Account(CLUMPS))
        pages = await pulled(open_hubspot(app))
        assert sorted(ids(pages)) == CLUMPS
        assert [page.cursor is None for page in pages] == [False] * (len(pages) - 1) + [True]
        assert pages[-1].next_since
        assert all(page.full and page.total == len(CLUMPS) for page in pages)
        starts = [seen.query.get("after", "") for seen in app.seen if seen.method == "GET"]
        assert len(set(starts[:4])) == 4  # several places from the beginning

    run(story())


@pytest.mark.parametrize("stop", [1, 7, 60])
def test_a_pull_in_lanes_goes_on_where_it_stopped(open_hubspot: Open, stop: int) -> None:
    async def story() -> None:
        account = Account(CLUMPS)
        first = await pulled(open_hubspot(ScriptedApp(account)), pages=stop)
        app = ScriptedApp(account)
        rest = await pulled(open_hubspot(app), cursor=first[-1].cursor)
        assert sorted(ids(first) + ids(rest)) == CLUMPS
        assert not any(seen.path.endswith("/search") for seen in app.seen)

    run(story())


@pytest.mark.parametrize("unlike", ["exclusive", "unsorted"])
def test_an_order_that_can_not_be_trusted_sends_the_pull_back_to_one_lane(open_hubspot: Open, unlike: str) -> None:
    async def story() -> None:
        pages = await pulled(open_hubspot(ScriptedApp(Account(CLUMPS, unlike))))
        assert sorted(set(ids(pages))) == CLUMPS
        assert pages[-1].cursor is None
        assert pages[-1].next_since

    run(story())


def test_records_that_come_and_go_meanwhile_harm_nothing(open_hubspot: Open) -> None:
    async def story() -> None:
        account = Account(CLUMPS)
        found: list[int] = []
        async with aclosing(open_hubspot(ScriptedApp(account)).pull("contacts", [])) as pages:
            async for page in pages:
                found += ids([page])
                account.ids = [i for i in account.ids if i % 50 != len(found) % 50] + [account.ids[-1] + 7]
                await asyncio.sleep(1)
        assert set(found) >= set(account.ids) & set(CLUMPS)

    run(story())


def test_a_list_far_away_is_read_many_pages_at_a_time(sandbox: Make, open_hubspot: Open) -> None:
    async def story() -> None:
        box = sandbox(seed=False, latency=0.5)
        fill(box, 9000)
        began = asyncio.get_running_loop().time()
        await pulled(open_hubspot(box.app))
        assert asyncio.get_running_loop().time() - began < 15  # one after the other: 90 pages, 45 seconds

    run(story())


def test_a_failing_lane_fails_the_pull_and_leaves_nothing_running(open_hubspot: Open) -> None:
    async def story() -> None:
        account = Account(CLUMPS)

        def answer(seen: Seen) -> Say:
            return Say(data={"results": [{"id": "1"}]}) if int(seen.query.get("after", "0")) > 10**9 else account(seen)

        app = ScriptedApp(answer)
        with pytest.raises(Exception, match="unknown shape"):
            await pulled(open_hubspot(app))
        asked = len(app.seen)
        await asyncio.sleep(100)
        assert len(app.seen) == asked

    run(story())


@given(
    found=st.lists(st.integers(1, 10**11), min_size=1, max_size=60, unique=True).map(sorted),
    spread=st.sampled_from([1, 50, 400]),
)
def test_lanes_begin_at_known_records_and_cover_everything(found: list[int], spread: int) -> None:
    known = sorted({first + n for first in found for n in range(spread)})

    async def count(id_: str) -> tuple[int, str]:
        at = bisect_left(known, int(id_))
        return len(known) - at, str(known[at]) if at < len(known) else ""

    made = run(lanes.divide(len(known), str(known[-1]), count))
    assert made[0].after == made[-1].end == ""
    assert all(int(lane.after) in known for lane in made[1:])
    assert [lane.end for lane in made[:-1]] == [lane.after for lane in made[1:]]
    starts = [0, *(int(lane.after) for lane in made[1:]), known[-1] + 1]
    assert starts == sorted(set(starts))
    assert lanes.unpack(lanes.pack(made)) == made


@pytest.mark.parametrize("text", ["", "1", "a-b", "1-2-3", "1-2,x"])
def test_what_is_no_list_of_lanes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no lanes"):
        lanes.unpack(text)
