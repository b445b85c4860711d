"""The same over a real socket: what in-process tests can't show."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest
import stamina

from reconcile_tui.errors import AnswerLost, SystemUnreachable
from reconcile_tui.project import SystemSettings
from reconcile_tui.sandbox import Options, Sandbox, Server
from reconcile_tui.systems import open_system
from tests.systems.conftest import SAMPLES

ENV = {"HUBSPOT_TOKEN": "pat-eu1-test", "DYNAMICS_CLIENT_SECRET": "secret"}
KINDS = pytest.mark.parametrize(("kind", "table"), [("hubspot", "contacts"), ("dynamics", "contact")])


@pytest.fixture
def box() -> Iterator[Sandbox]:
    sandbox = Sandbox(":memory:", seed_dir=SAMPLES, options=Options().changed({"dataverse_page_size": 100}))
    yield sandbox
    sandbox.close()


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100):
        yield


def opened(kind: str, url: str) -> Any:
    return open_system(kind, SystemSettings(kind=kind, url=url, client_id="app", tenant="contoso.test"), env=ENV)


async def ids(system: Any, table: str) -> list[str]:
    async with aclosing(system.pull(table, ["firstname"])) as pages:
        return [record.id async for page in pages for record in page.records]


@KINDS
def test_a_pull_survives_broken_connections_and_brings_every_record_once(box: Sandbox, kind: str, table: str) -> None:
    box.faults.add("drop_after_commit", system=kind, path="contacts", nth=2)
    box.faults.add("truncated", system=kind, path="contacts", nth=3)
    box.faults.add("drop_before", system=kind, path="contacts", nth=4)

    async def story(url: str) -> list[str]:
        system = opened(kind, url)
        try:
            return await ids(system, table)
        finally:
            await system.close()

    with Server(box) as server:
        found = asyncio.run(story(server.url))
    assert len(found) == len(set(found)) == len(box.snapshot()[kind][table])
    assert all(fault["hits"] for fault in box.faults.as_json())


@KINDS
def test_a_merge_whose_connection_broke_is_lost_and_happened_once(box: Sandbox, kind: str, table: str) -> None:
    box.faults.add("drop_after_commit", system=kind, method="POST", path="/[Mm]erge$")

    async def story(url: str) -> None:
        system = opened(kind, url)
        keep, lose = (await ids(system, table))[:2]
        with pytest.raises(AnswerLost):
            await system.merge(table, keep, lose, {})
        await system.close()

    with Server(box) as server:
        asyncio.run(story(server.url))
    assert len(box.journal()) == 1


@KINDS
def test_a_port_where_nobody_listens_is_a_sentence(kind: str, table: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        async def story() -> None:
            system = opened(kind, url)
            with pytest.raises(SystemUnreachable, match="can't be reached"):
                await system.read(table, ["11111111-2222-4333-8444-555555555555"], ["firstname"])
            await system.close()

        asyncio.run(story())


def test_a_proxy_in_the_environment_is_not_used_for_this_machine(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    async def story(url: str) -> int:
        system = opened("hubspot", url)
        try:
            return len(await system.describe("contacts"))
        finally:
            await system.close()

    with Server(box) as server:
        assert asyncio.run(story(server.url)) > 10
