from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reconcile_tui.project import SystemSettings
from reconcile_tui.sandbox import Options, Sandbox
from reconcile_tui.systems import open_system
from tests.systems.virtual_time import EPOCH, VirtualClock

SAMPLES = Path(__file__).parents[2] / "sample_data"


@pytest.fixture
def open_hubspot() -> Callable[..., Any]:
    """A HubSpot client that talks to an app."""

    def opened(app: Any, **more: Any) -> Any:
        settings = SystemSettings(kind="hubspot", url="sandbox:", **more.pop("settings", {}))
        return open_system("hubspot", settings, transport=app, clock=VirtualClock(), **more)

    return opened


@pytest.fixture
def open_dynamics() -> Callable[..., Any]:
    """A Dynamics client that talks to an app."""

    def opened(app: Any, **more: Any) -> Any:
        settings = SystemSettings(kind="dynamics", url="sandbox:", **more.pop("settings", {}))
        return open_system("dynamics", settings, transport=app, clock=VirtualClock(), **more)

    return opened


@pytest.fixture
def sandbox() -> Iterator[Callable[..., Sandbox]]:
    """Makes sandboxes whose clock is the test's loop, seeded with the sample data unless told otherwise."""
    made: list[Sandbox] = []

    def make(*, seed: bool = True, **options: Any) -> Sandbox:
        seeded = SAMPLES if seed else None
        made.append(Sandbox(":memory:", seed_dir=seeded, clock=seconds, options=Options().changed(options)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def seconds() -> float:
    """Seconds since 1970 on the running virtual loop."""
    try:
        waited = asyncio.get_running_loop().time()
    except RuntimeError:
        waited = 0.0
    return EPOCH.timestamp() + waited
