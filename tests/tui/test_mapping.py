"""The mapping screen: facts of both sides, edits kept in the project file, another filter tried in the simulator."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from reconcile_tui.tui.mapping.fields import Fields
from reconcile_tui.tui.screens.mapping import Mapping
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, SMALL, message, shows, text_of, typed, until


def put_on(screen: Mapping, field: str) -> None:
    """The cursor on a field."""
    board = screen.query_one(Fields)
    board.move(next(n for n, (_, mapped) in enumerate(board.fields) if mapped.name == field))


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_the_facts_of_both_sides_are_read_and_shown(open_app: Open, size: tuple[int, int]) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("f5")
        await shows(pilot, "pairs filled on both sides hold the same")
        screen = app.screen
        assert isinstance(screen, Mapping)
        put_on(screen, "phone")
        await shows(pilot, "phone_e164: a phone number")
        seen = text_of(app)
        facts = screen.query_one(Fields).facts[("contacts", "phone")]
        for side in facts["sides"]:
            assert f"{side['fill_rate']:.0%}" in seen
        assert "305 of 350" in seen
        assert "numbers of an earlier" not in seen


async def test_an_edit_is_kept_in_the_file_with_its_comments_and_used_at_once(open_app: Open, folder: Path) -> None:
    before = (folder / "reconcile.toml").read_text(encoding="utf-8").splitlines()
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f5")
        await shows(pilot, "pairs filled on both sides hold the same")
        put_on(app.screen, "job_title")  # type: ignore[arg-type]
        await pilot.press("d")
        await shows(pilot, "Which way?")
        await pilot.press("2")
        await until(pilot, lambda: "Dynamics to HubSpot" in message(app))
        await pilot.press("b")
        await shows(pilot, "What does an empty value do?")
        await pilot.press("3")
        await until(pilot, lambda: "copies" in message(app))
        field = app.workspace.project.record_types["contacts"].field("job_title")
        assert (field.direction, field.blank) == ("forward", "propagate")
    after = (folder / "reconcile.toml").read_text(encoding="utf-8").splitlines()
    changed = sorted(line for line in difflib.ndiff(before, after) if line[:1] in "+-")
    assert changed == [
        '+ blank = "propagate"',
        '+ direction = "dynamics_to_hubspot"',
        '- blank = "ignore"',
        '- direction = "hubspot_to_dynamics"',
    ]


async def test_a_transform_is_chosen_or_typed_and_a_wrong_one_is_told_before_it_is_kept(open_app: Open, folder: Path) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f5")
        await shows(pilot, "pairs filled on both sides hold the same")
        put_on(app.screen, "city")  # type: ignore[arg-type]
        await pilot.press("t")
        await shows(pilot, "which transform?")
        await pilot.press("end", "enter")
        await shows(pilot, "transform as JSON")
        before = (folder / "reconcile.toml").read_bytes()
        await typed(pilot, '["visible", "trimm"]')
        await shows(pilot, "Did you mean 'trim'")
        assert (folder / "reconcile.toml").read_bytes() == before
        await typed(pilot, '["visible", {"cut": 40}]')
        await until(pilot, lambda: "city: transform" in message(app))
        assert app.workspace.project.record_types["contacts"].field("city").transform.forward("x" * 50).value == "x" * 40


async def test_another_rule_is_tried_in_the_simulator_before_it_is_kept(open_app: Open, folder: Path) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f5")
        await shows(pilot, "pairs filled on both sides hold the same")
        await pilot.press("w")
        await shows(pilot, "for which records?")
        await pilot.press("1")
        await shows(pilot, "Who of Dynamics contact may travel?")
        await typed(pilot, "no_such = 1")
        await shows(pilot, "no such column: no_such")
        before = (folder / "reconcile.toml").read_bytes()
        await typed(pilot, "statecode = 0 AND jobtitle IS NOT NULL")
        await until(pilot, lambda: "With this filter:" in text_of(app), rounds=2000)
        assert (folder / "reconcile.toml").read_bytes() == before
        await pilot.press("3")
        await until(pilot, lambda: "rule kept" in message(app))
        assert app.workspace.project.record_types["contacts"].eligible["dynamics"]["contact"] == "statecode = 0 AND jobtitle IS NOT NULL"
