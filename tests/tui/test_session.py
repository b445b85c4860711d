"""What a steward does, key by key."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from reconcile_tui.tui.review.view import GroupView
from reconcile_tui.workspace.matches import Filter
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, SMALL, group_titled, message, review, shows, text_of, typed, until


def view_of(screen: object) -> GroupView:
    view = screen.view  # type: ignore[attr-defined]
    assert isinstance(view, GroupView)
    return view


async def test_enter_accepts_the_group_as_shown_and_opens_the_next_undecided_one(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot, group_titled(app, "Harry Hill"))
        first = view_of(screen).row.id
        await pilot.press("enter")
        await until(pilot, lambda: view_of(screen).row.id != first)
        row = app.workspace.matches.row(first)
        assert row is not None
        assert (row.state, row.outcome) == ("decided", "merge")
        assert "merge + link: Harry Hill" in message(app)
        assert screen.grid.has_focus
        assert view_of(screen).row.state == "open"


async def test_undo_takes_the_decision_back_and_shows_its_group_and_redo_puts_it_back(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot, group_titled(app, "Harry Hill"))
        first = view_of(screen).row.id
        await pilot.press("enter")
        await pilot.press("z")
        await until(pilot, lambda: view_of(screen).row.id == first)
        assert app.workspace.matches.row(first).state == "open"  # type: ignore[union-attr]
        await pilot.press("Z")
        await until(pilot, lambda: app.workspace.matches.row(first).state == "decided")  # type: ignore[union-attr]
        await pilot.press("z", "z")
        await until(pilot, lambda: "Nothing left to undo" in message(app))


async def test_undo_reaches_across_a_restart(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot, group_titled(app, "Harry Hill"))
        first = view_of(screen).row.id
        await pilot.press("d")
        await until(pilot, lambda: app.workspace.matches.row(first).outcome == "different")  # type: ignore[union-attr]
    app.workspace.close()
    again = open_app()
    async with again.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: again.current_mode == "home" and again.is_open)
        await pilot.press("z")
        await until(pilot, lambda: again.workspace.matches.row(first).state == "open")  # type: ignore[union-attr]


@pytest.mark.parametrize(("key", "state", "outcome"), [("d", "decided", "different"), ("s", "skipped", "skip"), ("u", "unsure", "unsure")])
async def test_one_key_gives_an_outcome(open_app: Open, key: str, state: str, outcome: str) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot, group_titled(app, "Harry Hill"))
        first = view_of(screen).row.id
        await pilot.press(key)
        await until(pilot, lambda: view_of(screen).row.id != first)
        row = app.workspace.matches.row(first)
        assert row is not None
        assert (row.state, row.outcome) == (state, outcome)


async def test_space_takes_the_selected_records_value_and_r_goes_back_to_the_rule(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot, group_titled(app, "S. Żółkiewska"))
        field = screen.grid.field_row
        assert field is not None
        before = field.results[0].value
        other = next(n for n, cell in enumerate(field.cells, 1) if cell.mark == "differs")
        await pilot.press(*["right"] * other, "space")
        await until(pilot, lambda: screen.grid.field_row.results[0].value != before)  # type: ignore[union-attr]
        assert screen.grid.field_row.results[0].rule == "chosen"  # type: ignore[union-attr]
        assert screen.grid.column == other
        await pilot.press("r")
        await until(pilot, lambda: screen.grid.field_row.results[0].value == before)  # type: ignore[union-attr]


async def test_a_digit_takes_the_field_from_that_record(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot, group_titled(app, "S. Żółkiewska"))
        await pilot.press("2")
        await until(pilot, lambda: screen.grid.field_row.results[0].rule == "chosen")  # type: ignore[union-attr]
        assert screen.grid.field_row.cells[1].mark == "taken"  # type: ignore[union-attr]
        await pilot.press("9")
        await until(pilot, lambda: "no record 9" in message(app))


async def test_a_typed_value_is_marked_as_typed(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot, group_titled(app, "S. Żółkiewska"))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await typed(pilot, "Sławka")
        await until(pilot, lambda: screen.grid.field_row.results[0].value == "Sławka")  # type: ignore[union-attr]
        assert "✎ Sławka" in text_of(app)


async def test_an_opt_out_is_dropped_only_after_a_question_that_starts_on_keeping_it(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot, group_titled(app, "Harry Hill"))
        assert screen.grid.field_row.field.name == "opt_out"  # type: ignore[union-attr]
        await pilot.press("2")
        await shows(pilot, "A record has opted out")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        assert screen.grid.field_row.results[0].value == "true"  # type: ignore[union-attr]
        await pilot.press("2")
        await shows(pilot, "A record has opted out")
        await pilot.press("2")
        await until(pilot, lambda: screen.grid.field_row.results[0].value == "false")  # type: ignore[union-attr]


async def test_a_shared_mailbox_asks_for_the_owner_and_a_remedy_before_anything_is_decided(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        group = group_titled(app, "Robert Hale")
        screen = await review(pilot, group)
        await pilot.press("b")
        await shows(pilot, "Who keeps the address?")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert app.workspace.decisions.log() == []
        await pilot.press("b")
        await shows(pilot, "Who keeps the address?")
        await pilot.press("1")
        await shows(pilot, "What becomes of the address of Robert Hale")
        await pilot.press("2")
        await until(pilot, lambda: app.workspace.matches.row(group).outcome == "shared_mailbox")  # type: ignore[union-attr]
        payload = app.workspace.decisions.in_force(group)[-1].payload
        assert payload["owner"]["id"].startswith("c0000002")
        assert [item["remedy"] for item in payload["remedies"]] == ["blank"]


async def test_a_lead_that_is_a_contact_is_asked_about_before_the_group_is_accepted(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        row = app.workspace.matches.page(Filter(klass="lead_contact"), limit=1)[0]
        await review(pilot, row.id)
        await pilot.press("enter")
        await shows(pilot, "What becomes of the lead?")
        await pilot.press("3")
        await until(pilot, lambda: app.workspace.matches.row(row.id).state == "decided")  # type: ignore[union-attr]
        assert app.workspace.decisions.in_force(row.id)[-1].payload["lead"] == "qualify"


async def test_marked_records_are_split_into_a_person_of_their_own(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot, group_titled(app, "Joanna Moore"))
        assert view_of(screen).people == 1
        await pilot.press("right", "x", "X")
        await until(pilot, lambda: view_of(screen).people == 2)
        assert "person A of 2" in text_of(app)


async def test_all_identical_groups_are_accepted_only_after_their_number_was_typed(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot)
        await pilot.press("B")
        await until(pilot, lambda: "Accept" in text_of(app) and "identical group" in text_of(app))
        await pilot.press("7", "enter")
        await until(pilot, lambda: "Nothing was sent" in text_of(app) or "That is not" in text_of(app))
        assert app.workspace.matches.counts_by("state") == {"open": app.workspace.matches.count()}
        await pilot.press("backspace")
        number = app.screen.number  # type: ignore[attr-defined]
        await pilot.press(*str(number), "enter")
        await until(pilot, lambda: app.workspace.matches.counts_by("state").get("decided") == number)
        assert number > 50


async def test_marking_limits_the_bulk_decision_to_the_marked_identical_groups(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot)
        screen.filter_by("class:identical")
        await until(pilot, lambda: screen.queue.count > 2)
        await pilot.press("space", "space", "B")
        await shows(pilot, "Accept 2 identical groups")
        await pilot.press("2", "enter")
        await until(pilot, lambda: app.workspace.matches.counts_by("state").get("decided") == 2)


async def test_a_key_that_can_not_be_used_now_says_why(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot, group_titled(app, "Harry Hill"))
        await pilot.press("space")
        await until(pilot, lambda: "The cursor is on RESULT" in message(app))
        await pilot.press("X")
        await until(pilot, lambda: "Mark records with x first" in message(app))
        await pilot.press("f8", "v")
        await until(pilot, lambda: "Nothing was applied yet" in message(app))
        await pilot.press("f7", "A")
        await until(pilot, lambda: "There is no plan yet" in message(app))
        assert app.workspace.decisions.log() == []


async def test_a_workspace_open_for_reading_refuses_decisions_with_the_reason(open_app: Open) -> None:
    app = open_app(mode="read")
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot, group_titled(app, "Harry Hill"))
        await pilot.press("enter")
        await until(pilot, lambda: "reading only" in message(app))
        assert "READ ONLY" in text_of(app)


async def test_escape_goes_back_step_by_step_and_never_decides(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot, group_titled(app, "Harry Hill"))
        await pilot.press("escape")
        await until(pilot, lambda: screen.queue.has_focus)
        await pilot.press("escape")
        await until(pilot, lambda: app.current_mode == "home")
        await pilot.press("escape", "escape")
        assert app.current_mode == "home"
        assert app.workspace.decisions.log() == []


async def test_on_a_narrow_terminal_the_queue_folds_to_a_ribbon_and_comes_back(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SMALL) as pilot:
        screen = await review(pilot)
        assert screen.queue.display
        await pilot.press("enter")
        await until(pilot, lambda: screen.grid.has_focus)
        assert "1 of 279" in text_of(app)
        assert screen.query_one("#queue-pane").size.width == 0
        await pilot.press("escape")
        await until(pilot, lambda: screen.query_one("#queue-pane").size.width > 0)


async def test_below_sixty_by_sixteen_a_message_says_so(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(50, 14)) as pilot:
        await shows(pilot, "The screens need 60 x 16.")


async def test_filter_order_theme_and_group_are_there_after_a_restart(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot)
        await pilot.press("slash")
        await shows(pilot, "Filter the queue")
        await typed(pilot, "class:differs")
        await until(pilot, lambda: screen.filter_text == "class:differs")
        await pilot.press("o")
        await until(pilot, lambda: screen.order_name == "uncertainty")
        await pilot.press("down", "down", "enter", "ctrl+t")
        await until(pilot, lambda: screen.grid.has_focus)
        group = view_of(screen).row.id
    app.workspace.close()
    again = open_app()
    async with again.run_test(size=LARGE) as pilot:
        screen = await review(pilot)
        assert (screen.filter_text, screen.order_name, again.theme) == ("class:differs", "uncertainty", "reconcile-light")
        assert view_of(screen).row.id == group


async def test_a_filter_that_can_not_be_understood_is_explained_and_changes_nothing(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot)
        await pilot.press("slash")
        await shows(pilot, "Filter the queue")
        await typed(pilot, "colour:red")
        await shows(pilot, "colour: is not known here")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert screen.queue.count == 279


async def test_the_palette_finds_actions_groups_and_fields(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        screen = await review(pilot)
        await pilot.press("ctrl+p")
        await shows(pilot, "Palette")
        await typed(pilot, "hale", enter=False)
        await shows(pilot, "Robert Hale (")
        await pilot.press("enter")
        await until(pilot, lambda: view_of(screen).row.title == "Robert Hale" and screen.grid.has_focus)
        await pilot.press("ctrl+p")
        await typed(pilot, "skip for now", enter=False)
        await shows(pilot, "Skip for now")
        await pilot.press("enter")
        await until(pilot, lambda: app.workspace.matches.counts_by("state").get("skipped") == 1)


async def test_remapped_keys_work_and_are_what_footer_and_help_show(open_app: Open, folder: object) -> None:
    (folder / "keys.toml").write_text('[keys]\n"group.accept" = "f12"\n"group.acept" = "x"\n')  # type: ignore[operator]
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: "Did you mean group.accept?" in message(app))
        screen = await review(pilot, group_titled(app, "Harry Hill"))
        first = view_of(screen).row.id
        assert "F12 accept" in text_of(app)
        await pilot.press("enter")
        assert app.workspace.decisions.log() == []
        await pilot.press("f12")
        await until(pilot, lambda: view_of(screen).row.id != first)
        await pilot.press("question_mark")
        await shows(pilot, "Keys of this screen")


async def test_records_are_found_as_one_types_and_lead_to_their_group(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f6", "slash")
        await typed(pilot, "bob@acme", enter=False)
        await shows(pilot, "3 shown")
        await pilot.press("enter", "down", "o")
        await until(pilot, lambda: app.current_mode == "review")
        await until(pilot, lambda: view_of(app.screen).row.title == "Robert Hale")


async def test_copying_says_which_way_it_went(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=LARGE) as pilot:
        await review(pilot, group_titled(app, "S. Żółkiewska"))
        await pilot.press("y")
        await until(pilot, lambda: "OSC 52" in message(app))
        assert app.clipboard == "S."


async def test_the_guided_path_opens_on_the_articles_group_and_follows_what_one_does(open_app: Open) -> None:
    app = open_app(guided=True)
    async with app.run_test(size=LARGE) as pilot:
        await shows(pilot, "1 of 5  Two people, one e-mail")
        assert view_of(app.screen).row.title == "Robert Hale"
        await pilot.press("d")
        await shows(pilot, "3 of 5")


async def test_on_a_small_terminal_the_selected_records_value_is_the_one_that_is_told_in_full(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SMALL) as pilot:
        screen = await review(pilot, group_titled(app, "Robert Hale"))
        last = len(view_of(screen).columns)
        await pilot.press(*["right"] * last)
        await until(pilot, lambda: screen.grid.column == last)
        ref = view_of(screen).columns[-1].record.ref
        await shows(pilot, f"{ref.table} {ref.id[:8]}, saved")
