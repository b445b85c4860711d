"""The findings screen: counts, rows and the way from them, acceptance by name, the questionnaire."""

from __future__ import annotations

from reconcile_tui.readiness.questionnaire import ASKED
from reconcile_tui.steps import check, questionnaire
from reconcile_tui.tui.findings.list import FindingsList
from reconcile_tui.tui.screens.findings import FindingsScreen
from reconcile_tui.tui.screens.review import Review
from tests.tui.conftest import Open
from tests.tui.seeing import LARGE, SMALL, message, shows, text_of, typed, until


def checked(app: object) -> check.Readiness:
    return check.check(app.workspace)  # type: ignore[attr-defined]


async def test_counts_by_question_and_severity_are_those_of_the_checks(open_app: Open) -> None:
    app = open_app()
    found = checked(app).counts()
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f4")
        await shows(pilot, "open findings")
        lines = {line.split()[0]: line for line in text_of(app).splitlines() if line.strip()}
        assert [int(n.replace(",", "").replace("·", "0")) for n in lines["duplicates"].split()[1:4]] == list(found["Q4"].values())
        assert "not ready to launch" in text_of(app)


async def test_at_80x24_the_counts_take_one_line(open_app: Open) -> None:
    app = open_app()
    checked(app)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("f4")
        await shows(pilot, " open  ")
        assert "open findings" not in text_of(app)


async def test_from_a_finding_to_its_rows_and_from_a_row_to_its_group(open_app: Open) -> None:
    app = open_app()
    checked(app)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.screen, FindingsScreen) and app.screen.query_one(FindingsList).count > 0)
        screen = app.screen
        assert isinstance(screen, FindingsScreen)
        screen.show_check("I8")
        await shows(pilot, "I8 One address, different people")
        row = check.rows(app.workspace, "I8", limit=1)[0]
        await pilot.press("enter")
        await shows(pilot, "enter opens its group or record")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Review) and app.screen.view is not None)
        assert {c.record.ref for c in app.screen.view.columns} & set(row.records)  # type: ignore[attr-defined]


async def test_a_finding_is_accepted_with_a_reason_and_an_empty_one_is_not_taken(open_app: Open) -> None:
    app = open_app()
    name = checked(app).findings[-1].check
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.screen, FindingsScreen) and app.screen.query_one(FindingsList).count > 0)
        app.screen.show_check(name)  # type: ignore[attr-defined]
        await pilot.press("a")
        await typed(pilot, " ")
        await shows(pilot, "A reason is needed")
        await typed(pilot, "agreed with sales")
        await until(pilot, lambda: f"{name} accepted" in message(app))
        found = next(f for f in check.stored(app.workspace).findings if f.check == name)
        assert (found.accepted, found.reason) == (True, "agreed with sales")
        app.screen.show_check(name)  # type: ignore[attr-defined]
        await shows(pilot, "agreed with sales")
        await pilot.press("a")
        await until(pilot, lambda: "taken back" in message(app))
        assert not next(f for f in check.stored(app.workspace).findings if f.check == name).accepted


async def test_the_questionnaire_is_answered_question_by_question(open_app: Open) -> None:
    app = open_app()
    checked(app)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f4")
        await shows(pilot, f"{len(ASKED)} open questions")
        await pilot.press("Q")
        await shows(pilot, "Questionnaire")
        await pilot.press("1")
        await shows(pilot, "Does the connector ignore changes")
        await typed(pilot, "Yes, on both sides")
        await until(pilot, lambda: "T3 answered" in message(app))
        await shows(pilot, f"{len(ASKED) - 1} questions open")  # back in the list, the next one on top
        await pilot.press("escape")
        await shows(pilot, f"{len(ASKED) - 1} open questions")
    assert {one.id: one.answer for one in questionnaire.questions(app.workspace)}["T3"] == "Yes, on both sides"
