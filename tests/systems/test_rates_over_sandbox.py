"""With the vendors' limits on: close to the documented rate, and not one refusal once under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from reconcile_tui.sandbox import Sandbox
from reconcile_tui.sandbox.generate import fill
from reconcile_tui.systems.dynamics.dialect import DynamicsDialect
from reconcile_tui.systems.hubspot.dialect import SEARCH, HubSpotDialect
from reconcile_tui.systems.pace import Rate
from tests.systems.virtual_time import run

Open = Callable[..., Any]
Make = Callable[..., Sandbox]


def refused(box: Sandbox) -> int:
    return sum(request.status == 429 for request in box.requests)


def steady_rate(times: list[float], burst: int) -> float:
    """Requests per second over whole windows, from the second one on."""
    windows = (len(times) - 1) // burst
    assert windows >= 2
    return (windows - 1) * burst / (times[windows * burst] - times[burst])


@pytest.mark.parametrize("latency", [0.0, 0.2], ids=["near", "far"])
@pytest.mark.parametrize(("burst", "name"), [(190, "Pro"), (100, "Free"), (250, "add-on")])
def test_hubspot_updates_run_at_the_documented_rate_without_a_refusal(
    sandbox: Make, open_hubspot: Open, burst: int, name: str, latency: float
) -> None:
    async def story() -> None:
        box = sandbox(limits=True, hubspot_burst=burst, latency=latency)
        system = open_hubspot(box.app)
        ids = [str(row["_id"]) for row in box.snapshot()["hubspot"]["contacts"]]
        await system.describe("contacts")
        start = len(box.requests)

        async def work(part: list[str]) -> None:
            for id_ in part:
                await system.update("contacts", id_, {"jobtitle": name})

        lanes, many = 8, (ids * 4)[: 4 * burst]
        await asyncio.gather(*(work(many[n::lanes]) for n in range(lanes)))
        times = [request.at for request in box.requests[start:]]
        assert refused(box) == 0
        assert steady_rate(times, burst) >= 0.95 * burst / 10

    run(story())


@pytest.mark.parametrize("latency", [0.0, 0.1, 0.5], ids=["near", "far", "very-far"])
def test_a_hubspot_pull_runs_at_the_documented_rate_without_a_refusal(
    sandbox: Make, open_hubspot: Open, latency: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    burst = 20  # a fifth of the lowest documented limit, on both sides
    monkeypatch.setattr(HubSpotDialect, "rates", {"": Rate(burst, 10.0), SEARCH: Rate(5, 1.0)})

    async def story() -> None:
        box = sandbox(seed=False, limits=True, hubspot_burst=burst, latency=latency)
        fill(box, 9000)
        system = open_hubspot(box.app)
        async with aclosing(system.pull("contacts", ["firstname"])) as pages:
            seen = [record.id async for page in pages for record in page.records]
        times = [request.at for request in box.requests]
        assert len(seen) == len(set(seen)) == len(box.snapshot()["hubspot"]["contacts"])
        assert refused(box) == 0
        assert steady_rate(times, burst) >= 0.95 * burst / 10

    run(story())


def test_searches_run_at_five_a_second_without_a_refusal(sandbox: Make, open_hubspot: Open) -> None:
    async def story() -> None:
        box = sandbox(limits=True)
        system = open_hubspot(box.app)
        for _ in range(60):
            await system._http.read("/crm/v3/objects/contacts/search", method="POST", body={"limit": 1}, lane="search")
        times = [request.at for request in box.requests]
        assert refused(box) == 0
        assert steady_rate(times, 5) >= 0.95 * 5

    run(story())


@pytest.mark.parametrize("latency", [0.0, 0.1], ids=["near", "far"])
def test_dynamics_updates_run_at_the_documented_rate_without_a_refusal(
    sandbox: Make, open_dynamics: Open, latency: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DynamicsDialect, "rates", {"": Rate(600, 300.0)})  # a tenth of the documented limit, on both sides

    async def story() -> None:
        box = sandbox(limits=True, dataverse_requests=600, latency=latency)
        system = open_dynamics(box.app)
        ids = [str(row["contactid"]) for row in box.snapshot()["dynamics"]["contact"] if row["statecode"] == 0][:50]

        async def work(id_: str) -> None:
            for n in range(40):
                await system.update("contact", id_, {"jobtitle": f"{n}"})

        await asyncio.gather(*map(work, ids))
        times = [request.at for request in box.requests]
        assert refused(box) == 0
        assert steady_rate(times, 600) >= 0.95 * 600 / 300

    run(story())


def test_after_a_storm_of_refusals_nothing_is_lost_or_done_twice(sandbox: Make, open_hubspot: Open) -> None:
    async def story() -> None:
        box = sandbox(limits=True)
        box.faults.add("throttle", system="hubspot", method="PATCH", nth=40, count=30)
        box.faults.add("status", system="hubspot", method="PATCH", nth=120, count=5, status=423)
        system = open_hubspot(box.app)
        ids = [str(row["_id"]) for row in box.snapshot()["hubspot"]["contacts"]][:200]
        await asyncio.gather(*(system.update("contacts", id_, {"jobtitle": f"T{id_}"}) for id_ in ids))
        assert [entry["method"] for entry in box.journal()].count("PATCH") == len(ids)
        found = await system.read("contacts", ids, ["jobtitle"])
        assert all(found[id_].native["jobtitle"] == f"T{id_}" for id_ in ids)

    run(story())
