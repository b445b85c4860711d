"""Whatever goes wrong on the way: the same result, or an item that is reported as not done; never a silent difference."""

from __future__ import annotations

from typing import Any

import pytest

from reconcile_tui.errors import SystemFailure
from reconcile_tui.steps import verify
from tests.stewardship.conftest import Maker
from tests.stewardship.crash import canonical, populate
from tests.stewardship.world import World

FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("throttle", {"retry_after": 1}),
    ("status", {"status": 412}),
    ("status", {"status": 414}),
    ("status", {"status": 423}),
    ("status", {"status": 477, "retry_after": 1}),
    ("status", {"status": 500}),
    ("status", {"status": 503}),
    ("status", {"status": 500, "after_commit": True}),
    ("drop_before", {}),
    ("drop_after_commit", {}),
    ("slow", {"seconds": 0.01}),
    ("truncated", {}),
    ("wrong_content_type", {}),
    ("expired_token", {}),
]

WRITES = {"method": "PATCH|POST", "path": "^(?!.*batch/read).*(/contacts|/leads|/Merge|/merge|/properties|/Attributes|/Keys)"}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The final state of an undisturbed run, and how many requests it sends that write."""
    world = populate(World(tmp_path_factory.mktemp("undisturbed")), 2)
    assert world.apply().exit_code == 0
    found = {"state": canonical(world), "writes": len(world.writes())}
    world.close()
    return found


def _settled(world: World, expected: dict[str, Any], **fault: Any) -> None:
    """Apply under a fault, go on until nothing is left to go on with, and look."""
    made = world.plan()
    try:
        report = world.apply(made, settle=(0.0, 0.0))
    except SystemFailure:
        report = world.apply(made, settle=(0.0, 0.0), resume=True)
    done = report.count("done", "already") == len(made.writes)
    state = canonical(world)
    if done:
        assert state == expected["state"], fault
        assert report.verified is not None
        assert report.verified.as_planned, (fault, report.text())
    else:
        assert report.exit_code != 0, fault
        assert any(item.detail for item in report.items if item.outcome not in ("done", "already")), fault
        again = world.with_systems(lambda systems: verify.verify(world.ws, report.run, systems))
        assert again.as_planned, (fault, again.text())  # what counts as done is as planned
    merges = [entry["body"] for entry in world.writes(merges=True)]
    assert len(merges) == len({str(body) for body in merges}), fault


@pytest.mark.parametrize(
    ("kind", "settings"), FAULTS, ids=lambda value: str(value) if isinstance(value, str) else "-".join(map(str, value.values()))
)
def test_a_fault_at_any_write_never_ends_in_a_silent_difference(
    make_world: Maker, expected: dict[str, Any], kind: str, settings: dict[str, Any]
) -> None:
    offset = [k for k, _ in FAULTS].index(kind)
    for nth in sorted({1 + (offset + 5 * step) % expected["writes"] for step in range(4)}):
        world = populate(make_world(), 2)
        world.sandbox.faults.add(kind, nth=nth, **WRITES, **settings)
        _settled(world, expected, kind=kind, nth=nth)
        world.close()


@pytest.mark.campaign
@pytest.mark.parametrize(("kind", "settings"), FAULTS)
def test_every_fault_at_every_write(make_world: Maker, expected: dict[str, Any], kind: str, settings: dict[str, Any]) -> None:
    for nth in range(1, expected["writes"] + 1):
        world = populate(make_world(), 2)
        world.sandbox.faults.add(kind, nth=nth, **WRITES, **settings)
        _settled(world, expected, kind=kind, nth=nth)
        world.close()


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop_before"])
def test_a_system_that_loses_every_other_answer_still_ends_as_planned(make_world: Maker, expected: dict[str, Any], kind: str) -> None:
    world = populate(make_world(), 2)
    for nth in range(1, 40, 3):
        world.sandbox.faults.add(kind, nth=nth, **WRITES)
    made = world.plan()
    report = world.apply(made, settle=(0.0, 0.0))
    for _ in range(20):
        if report.count("done", "already") == len(made.writes):
            break
        report = world.apply(made, settle=(0.0, 0.0), resume=True)
    assert canonical(world) == expected["state"]


def test_a_system_that_is_down_stops_the_run_which_goes_on_later(make_world: Maker, expected: dict[str, Any]) -> None:
    world = populate(make_world(), 6)
    made = world.plan()
    fault = world.sandbox.faults.add("status", status=503, count=None, nth=12, system="hubspot")
    with pytest.raises(SystemFailure):
        world.apply(made, settle=(0.0,))
    fault.count = 0
    report = world.apply(made, settle=(0.0,), resume=True)
    assert report.count("done", "already") == len(made.writes), report.text()
    assert report.verified is not None
    assert report.verified.as_planned
