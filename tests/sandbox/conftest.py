"""A sandbox with a clock of its own, and short ways to talk to it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from reconcile_tui.sandbox import Clock, Options, Sandbox
from tests.sandbox.asgi import send

HUBSPOT = "https://api.hubapi.com"
DATAVERSE = "https://contoso.crm4.dynamics.com/api/data/v9.2"
START = 1_767_225_600.0  # 2026-01-01


class Api:
    """Requests to one of the systems, with a token."""

    def __init__(self, app: Any, base: str) -> None:
        self.app, self.base = app, base

    def __call__(self, method: str, path: str, json: Any = None, **content: Any) -> httpx.Response:
        """One request; `path` is relative to the system's base address, or a whole address."""
        url = path if path.startswith("https://") else self.base + path
        headers = {"authorization": "Bearer pat-eu1-test", **content.pop("headers", {})}
        extra = {"json": json} if json is not None else {}
        return send(self.app, method, url, headers=headers, **extra, **content)


@pytest.fixture
def make(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[..., Sandbox]]:
    """Make sandboxes whose clock stands still at the start of 2026; none may fail inside."""
    made: list[Sandbox] = []

    def new(**options: Any) -> Sandbox:
        clock = Clock()
        clock.freeze(START)
        made.append(Sandbox(":memory:", clock=clock, options=Options().changed(options)))
        return made[-1]

    yield new
    for box in made:
        box.close()
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR and r.name.startswith("reconcile_tui.sandbox")]


@pytest.fixture
def sandbox(make: Callable[..., Sandbox]) -> Sandbox:
    """An empty sandbox."""
    return make()


@pytest.fixture
def hubspot(sandbox: Sandbox) -> Api:
    """Requests to the empty sandbox's HubSpot."""
    return Api(sandbox.app, HUBSPOT)


@pytest.fixture
def dataverse(sandbox: Sandbox) -> Api:
    """Requests to the empty sandbox's Dataverse."""
    return Api(sandbox.app, DATAVERSE)


@pytest.fixture
def contact(hubspot: Api) -> Callable[..., str]:
    """Create a HubSpot contact and return its id."""

    def create(**properties: str) -> str:
        answer = hubspot("POST", "/crm/objects/2026-09/contacts", {"properties": properties})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    return create


@pytest.fixture
def row(dataverse: Api) -> Callable[..., str]:
    """Create a Dataverse row and return its id."""

    def create(entity_set: str = "contacts", **values: Any) -> str:
        answer = dataverse("POST", f"/{entity_set}", values)
        assert answer.status_code == 204, answer.text
        return str(answer.headers["odata-entityid"]).rpartition("(")[2][:-1]

    return create
