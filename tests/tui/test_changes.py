"""Who changed a value: asked of both systems, told in the screens and on the command line, kept nowhere."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconcile_tui.errors import UsageError
from reconcile_tui.sandbox import Sandbox
from reconcile_tui.steps.connect import SANDBOX_STATE
from reconcile_tui.steps.field_history import CHANGED, GONE, NOT_MAPPED, UNTOLD, RecordHistory, field_history
from tests.stewardship.world import World, contact, hub, run
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, SMALL, message, review, shows, text_of, until
from tests.tui.test_hostile_values import assert_inert

ATTACK = "Head\x1b]52;c;aGk=\x07\u202e[@click=app.quit]of[/] IT"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """One person in Dynamics and twice in HubSpot, all over the sandbox inside the workspace; the second's title was changed since."""
    made = World(tmp_path / "world")
    made.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", jobtitle="Analyst")
    made.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron", jobtitle="Analyst")
    made.hub(502, email="ada@two.test", firstname="Ada", lastname="Byron", jobtitle="Analyst")
    made.start()
    made.group(contact(1), hub(501), hub(502), id_="g1")
    with_state(made.folder, {str(hub(502)): {"jobtitle": ATTACK}})
    yield made
    made.close()


def with_state(folder: Path, edits: dict[str, dict[str, Any]]) -> None:
    """The sandbox that the workspace's own file holds: the seed, and what others changed since."""
    box = Sandbox(folder / SANDBOX_STATE)
    box.seed(folder / "seed")
    for record, values in edits.items():
        box.edit(record, values)
    box.close()


def told(world: World, field: str) -> dict[str, RecordHistory]:
    async def story() -> list[RecordHistory]:
        async with world.systems() as systems:
            return await field_history(world.ws, "g1", field, systems)

    return {record.ref.id: record for record in run(story())}


def show(world: World, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reconcile_tui", "show", "g1", *options]
    return subprocess.run(command, cwd=world.folder, env=dict(os.environ), capture_output=True, text=True, check=False, timeout=60)


def test_each_hubspot_record_tells_its_values_and_dynamics_says_what_it_does_not_tell(world: World) -> None:
    world.edit(hub(501), jobtitle="Programmer")
    found = told(world, "job_title")
    assert [version.value for version in found["501"].versions] == ["Programmer", "Analyst"]
    assert found["501"].note == CHANGED
    assert [version.value for version in found["502"].versions] == ["Analyst"]
    assert not found["502"].note
    dynamics = found[contact(1).id]
    assert (dynamics.versions, dynamics.note, dynamics.saved_by) == ((), UNTOLD["dynamics"], "Sandbox Steward")


def test_a_record_that_is_gone_and_a_field_that_is_not_mapped_are_said(world: World) -> None:
    async def archive() -> None:
        async with world.systems() as systems:
            http = systems["hubspot"]._http  # type: ignore[attr-defined]
            await http.write("DELETE", "/crm/objects/2026-09/contacts/501", parsed=False)

    run(archive())
    assert told(world, "job_title")["501"].note == GONE
    assert told(world, "lifecycle")[contact(1).id].note == NOT_MAPPED


def test_asking_changes_nothing_and_keeps_nothing(world: World) -> None:
    before = (world.state(), "\n".join(world.ws.db.iterdump()))
    told(world, "job_title")
    assert (world.state(), "\n".join(world.ws.db.iterdump())) == before
    assert not world.writes()


def test_a_field_or_group_that_is_not_there_is_an_error_with_what_is_known(world: World) -> None:
    with pytest.raises(UsageError, match="There is no field 'shoe_size'"):
        told(world, "shoe_size")
    with pytest.raises(UsageError, match="There is no group 'g9'"):
        asyncio.run(field_history(world.ws, "g9", "email", {}))


def test_show_tells_it_in_inert_text_and_in_json(world: World) -> None:
    world.ws.close()
    text = show(world, "--history", "job_title").stdout
    assert_inert(text, "show --history")
    assert "Head␛]52;c;aGk=" in text
    assert text.index("hubspot contacts 502") < text.index("Head") < text.rindex("Analyst  an import")
    assert "The record was saved last" in text
    document = json.loads(show(world, "--history", "job_title", "--json").stdout)
    assert (document["group"], document["field"]) == ("g1", "job_title")
    [newest, oldest] = next(record for record in document["records"] if record["id"] == "502")["versions"]
    assert (newest["value"], oldest["value"], oldest["source"]) == (ATTACK, "Analyst", "IMPORT")
    assert show(world, "--history", "shoe_size").returncode == 2


def test_without_a_token_show_says_what_to_do_and_needs_none_of_dynamics(world: World) -> None:
    world.ws.close()
    project = world.folder / "reconcile.toml"
    project.write_text(project.read_text().replace('[systems.hubspot]\nurl = "sandbox:"', '[systems.hubspot]\nurl = "http://127.0.0.1:9"'))
    answer = show(world, "--history", "job_title")
    assert answer.returncode not in (0, 2)
    assert "HUBSPOT_TOKEN" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_the_key_shows_who_changed_the_selected_field_and_nothing_acts_on_the_terminal(
    world: World, open_app: Open, size: tuple[int, int]
) -> None:
    world.ws.close()
    app = open_app(world.folder)
    async with app.run_test(size=size) as pilot:
        screen = await review(pilot, "g1")
        await pilot.press("t")  # the title is the same in all records as pulled, and so folded
        while screen.grid.field_row is None or screen.grid.field_row.field.name != "job_title":
            await pilot.press("j")
        await pilot.press("W")
        await shows(pilot, f"Who changed {screen.grid.field_row.field.label}: g1")
        await shows(pilot, "Head␛]52;c;aGk=")
        await shows(pilot, "an import")
        assert_inert(text_of(app), "who changed it")
        assert app.is_running
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)


async def test_a_system_that_can_not_be_asked_is_said_in_sentences(world: World, open_app: Open) -> None:
    world.ws.close()
    project = world.folder / "reconcile.toml"
    project.write_text(project.read_text().replace('[systems.hubspot]\nurl = "sandbox:"', '[systems.hubspot]\nurl = "http://127.0.0.1:9"'))
    app = open_app(world.folder)
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot, "g1")
        await pilot.press("W")
        await shows(pilot, "HUBSPOT_TOKEN")
        await pilot.press("escape")
        await shows(pilot, "No answer came.")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert "Who changed" not in message(app)
