"""Who saved a record last: pulled with it over HTTP, shown to who reviews it, and kept apart from what the record itself says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconcile_tui.model import Record, Ref
from reconcile_tui.sandbox.dataverse.environment import USER
from reconcile_tui.steps import decide
from reconcile_tui.workspace.search import Search
from tests.stewardship.world import World, contact, hub
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, SMALL, at_rest, review, shows, text_of
from tests.tui.test_hostile_values import assert_inert


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """One person in three records; of the last one nobody tells who saved it."""
    made = World(tmp_path / "world")
    made.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", jobtitle="Analyst")
    made.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron", hs_updated_by_user_id="123")
    made.hub(502, email="ada@two.test", firstname="Ada", lastname="Byron")
    yield made
    made.close()


def record(world: World, ref: Ref) -> Record:
    found = world.ws.records.get(ref)
    assert found is not None
    return found


def show(world: World, group: str, *options: str) -> str:
    command = [sys.executable, "-m", "reconcile_tui", "show", group, *options]
    answer = subprocess.run(command, cwd=world.folder, env=dict(os.environ), capture_output=True, text=True, check=True, timeout=60)
    return answer.stdout


def named(world: World, first: str, last: str) -> None:
    world.edit(Ref("dynamics", "systemuser", USER), firstname=first, lastname=last)


def test_a_pull_brings_the_name_or_number_of_who_saved_a_record_or_nothing(world: World) -> None:
    world.start()
    told = [record(world, ref).modified_by for ref in (contact(1), hub(501), hub(502))]
    assert told == ["Sandbox Steward", "user 123", None]


def test_the_next_pull_brings_who_saved_it_since(world: World) -> None:
    world.start()
    named(world, "Ann", "Bell")
    world.edit(contact(1), jobtitle="Programmer")
    world.edit(hub(501), jobtitle="Programmer")
    world.pull()
    assert record(world, contact(1)).modified_by == "Ann Bell"
    assert record(world, hub(501)).modified_by is None  # the sandbox's edits are no user's


def test_after_a_run_nobody_is_named_who_saved_it_before(world: World) -> None:
    world.start()
    group = world.group(contact(1), hub(501))
    decide.decide(world.ws, group, "merge")
    report = world.apply()
    assert not report.left
    assert record(world, hub(501)).values["job_title"] == "Analyst"
    assert record(world, hub(501)).modified_by is None


def test_the_search_does_not_find_a_record_by_who_saved_it(world: World) -> None:
    world.start()
    search = Search(world.ws)
    search.build()
    assert search.find("byron")
    assert not search.find("steward")


def test_show_tells_it_in_text_and_json(world: World) -> None:
    world.start()
    group = world.group(contact(1), hub(501), hub(502))
    world.ws.close()
    [line] = [line for line in show(world, group).splitlines() if line.startswith("last saved")]
    assert "2025-01-01 by Sandbox Steward" in line
    assert "2025-01-02 by user 123" in line
    assert "2025-01-03, by whom not told" in line
    records = json.loads(show(world, group, "--json"))["records"]
    assert {r["modified_by"] for r in records} == {"Sandbox Steward", "user 123", None}


@pytest.fixture
def hostile(world: World) -> tuple[World, str]:
    """The world saved by somebody whose name would write to the clipboard, and a group in it."""
    named(world, "Ann", "Bell\x1b]52;c;aGk=\x07\u202e")
    world.start()
    group = world.group(contact(1), hub(501), hub(502))
    world.ws.close()
    return world, group


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_grid_and_records_tell_who_saved_each(hostile: tuple[World, str], open_app: Open, size: tuple[int, int]) -> None:
    world, group = hostile
    app = open_app(world.folder)
    async with app.run_test(size=size) as pilot:
        await review(pilot, group)
        await shows(pilot, "saved 2025-01-01 by Ann Bell␛")
        await shows(pilot, "saved 2025-01-02 by user 123")
        assert_inert(text_of(app), "group")
        await pilot.press("f6")
        await at_rest(pilot)
        await shows(pilot, "Saved by    Ann Bell␛")
        assert_inert(text_of(app), "records")
