"""What matching and the queue's order do not bring: records added by hand, groups opened again, everything found by name."""

from __future__ import annotations

from reconcile_tui.model import Ref
from reconcile_tui.steps import check
from reconcile_tui.tui.jobs import Job
from reconcile_tui.tui.review.view import GroupView
from reconcile_tui.tui.screens.review import Review
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, at_rest, group_titled, message, review, shows, text_of, typed, until


def view_of(screen: object) -> GroupView:
    assert isinstance(screen, Review)
    assert screen.view is not None
    return screen.view


async def test_a_record_is_found_and_added_to_the_open_group_and_z_takes_it_out_again(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f6")
        await at_rest(pilot)  # the index of words is there
        group = group_titled(app, "Harry Hill")
        other = group_titled(app, "Joanna Moore")
        screen = await review(pilot, group)
        before = {c.record.ref for c in view_of(screen).columns}
        more = len(app.workspace.matches.members(other))
        await pilot.press("plus")
        await shows(pilot, "Add a record to Harry Hill")
        await typed(pilot, "joanna moore", enter=False)
        await shows(pilot, "record")
        await pilot.press("enter")
        await until(pilot, lambda: len(view_of(screen).columns) == len(before) + more)
        assert app.workspace.matches.row(other) is None
        assert screen.queue.count == 278
        await pilot.press("z")
        await until(pilot, lambda: {c.record.ref for c in view_of(screen).columns} == before)
        assert app.workspace.matches.row(other) is not None
        assert screen.queue.count == 279


async def test_on_the_records_screen_the_group_one_was_in_is_offered_first(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        group = group_titled(app, "Harry Hill")
        app.workspace.settings.set("tui.group", group)
        lone = next(
            key
            for table in app.workspace.records.tables()
            for key in app.workspace.records.live_keys(table)
            if app.workspace.matches.group_of(key) is None
        )
        ref = app.workspace.records.ref_of(lone)
        await pilot.press("f6", "slash")
        await typed(pilot, ref.id, enter=False)
        await shows(pilot, "1 shown")
        await pilot.press("enter", "a")
        await shows(pilot, "to which group?")
        await shows(pilot, "Harry Hill")
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "review" and ref in {c.record.ref for c in view_of(app.screen).columns})
        assert app.workspace.decisions.in_force(group)[-1].kind == "add"


async def test_a_record_that_can_not_be_added_is_explained(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f6")
        await at_rest(pilot)
        screen = await review(pilot, group_titled(app, "Harry Hill"))
        ref: Ref = view_of(screen).columns[0].record.ref
        await pilot.press("plus")
        await typed(pilot, ref.id, enter=False)
        await shows(pilot, "record")
        await pilot.press("enter")
        await until(pilot, lambda: "is in this group already" in message(app))
        assert app.workspace.decisions.log() == []


async def test_from_history_a_group_is_opened_again_wherever_its_decision_stands(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        first = group_titled(app, "Harry Hill")
        screen = await review(pilot, first)
        await pilot.press("d")
        await until(pilot, lambda: view_of(screen).row.id != first)
        await pilot.press("s")
        await until(pilot, lambda: len(app.workspace.decisions.log()) == 2)
        await pilot.press("f9", "down", "R")
        await until(pilot, lambda: app.current_mode == "review" and view_of(app.screen).row.id == first)
        row = app.workspace.matches.row(first)
        assert row is not None
        assert (row.state, row.outcome) == ("open", "")
        assert app.workspace.matches.counts_by("state")["skipped"] == 1
        await pilot.press("R")
        await until(pilot, lambda: "Nothing is decided on this group" in message(app))


async def test_the_palette_finds_findings_and_records_and_opens_them(open_app: Open) -> None:
    app = open_app()
    count = next(finding.count for finding in check.check(app.workspace).findings if finding.check == "I8")
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f6")
        await at_rest(pilot)
        await pilot.press("ctrl+p")
        await shows(pilot, "Palette")
        await typed(pilot, "I8 ", enter=False)
        await shows(pilot, f"{count} row")
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "findings")
        await shows(pilot, "I8 One address, different people")
        await pilot.press("g")
        await shows(pilot, "Go to")
        await typed(pilot, "bob@acme.test")
        await until(pilot, lambda: app.current_mode == "review" and view_of(app.screen).row.title == "Robert Hale")


async def test_quitting_while_work_runs_asks_first_and_staying_is_the_safe_answer(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot)
        app.job = Job("match", "Match")
        await pilot.press("ctrl+q")
        await shows(pilot, "Match is running")
        await pilot.press("enter")
        await until(pilot, lambda: "Match is running" not in text_of(app))
        assert app.return_code is None
        await pilot.press("ctrl+q", "2")
        await until(pilot, lambda: "stopping" in text_of(app))
        app.job = None


async def test_stopping_work_that_has_ended_meanwhile_does_not_stop_what_runs_after_it(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot)
        app.job = Job("match", "Match")
        await pilot.press("ctrl+c")
        await shows(pilot, "Match is running")
        later = app.job = Job("simulate", "Forecast")
        await pilot.press("2")
        await shows(pilot, "Match had ended before it was stopped. Forecast goes on.")
        assert not later.stopping
        await pilot.press("ctrl+c", "2")
        await until(pilot, lambda: later.stopping)
        app.job = None
