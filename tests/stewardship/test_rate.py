"""A long run uses what the APIs' documented limits allow, on a clock that costs nothing."""

from __future__ import annotations

import asyncio

from reconcile_tui.sandbox.options import Options
from reconcile_tui.steps import apply, decide
from tests.stewardship.conftest import Maker
from tests.stewardship.world import hub, run

PEOPLE = 450
BURST, WINDOW = 190, 10.0
"""Requests in so many seconds: HubSpot Professional and Enterprise, as the sandbox's headers tell and its limits enforce."""


def moment() -> float:
    """The sandbox's clock: the loop's, while one runs."""
    try:
        return 1_800_000_000.0 + asyncio.get_running_loop().time()
    except RuntimeError:
        return 1_800_000_000.0


def test_a_run_sends_at_least_95_percent_of_the_documented_rate(make_world: Maker) -> None:
    world = make_world(options=Options(dataverse_key_delay=0.0, limits=True), clock=moment)
    for n in range(PEOPLE):
        world.hub(500 + n, email=f"p{n}@ex.test", firstname="Ada", jobtitle="Analyst")
    world.start()
    world.groups((f"g{n:04d}", "differs", [hub(500 + n)]) for n in range(PEOPLE))
    for n in range(PEOPLE):
        decide.set_value(world.ws, f"g{n:04d}", "job_title", "Countess")
        decide.decide(world.ws, f"g{n:04d}", "merge")
    made = world.plan()

    async def story() -> float:
        async with world.systems() as systems:
            start, before = asyncio.get_running_loop().time(), len(world.sandbox.requests)
            report = await apply.apply(world.ws, made, systems, confirm=made.records)
            assert report.exit_code == 0, report.text()
            seconds = asyncio.get_running_loop().time() - start
            sent = len(world.sandbox.requests) - before
            assert not [request for request in world.sandbox.requests if request.status == 429]
            return (sent - 1) // BURST * WINDOW / seconds

    assert run(story()) >= 0.95
