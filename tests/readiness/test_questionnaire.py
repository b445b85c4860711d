"""What no data can tell is asked, kept with who answered, and said as open until then; what is not known never passes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconcile_tui.cli.app import run
from reconcile_tui.errors import UsageError
from reconcile_tui.readiness.questionnaire import ASKED
from reconcile_tui.readiness.registry import CHECKS
from reconcile_tui.steps import check, policy, questionnaire, report
from reconcile_tui.workspace import Workspace

from .conftest import Box


def test_an_answer_is_kept_with_who_gave_it_and_the_newest_stands(stored: Workspace) -> None:
    questionnaire.answer(stored, "O4", "none")
    answered = questionnaire.answer(stored, "o4", "Nightly backup; IT restores")
    assert (answered.answer, answered.author) == ("Nightly backup; IT restores", "steward")
    kept = {asked.id: asked.answer for asked in questionnaire.questions(stored)}
    assert kept["O4"] == "Nightly backup; IT restores"
    assert kept["S1"] == ""


@pytest.mark.parametrize(("name", "text"), [("I1", "yes"), ("O4", " "), ("X9", "yes")])
def test_what_is_no_question_and_no_answer_is_refused(name: str, text: str, stored: Workspace) -> None:
    with pytest.raises(UsageError):
        questionnaire.answer(stored, name, text)


def test_every_check_without_a_rule_asks_and_the_connector_is_asked_about() -> None:
    assert {one.id for one in CHECKS.values() if not one.rule} < set(ASKED)
    assert {"T3", "T4", "T8", "L5", "L6", "L7", "L8", "O2", "O3", "O4", "O5", "S1", "S4", "S7"} <= set(ASKED)
    assert all(text.strip() for q in ASKED.values() for text in (q.title, q.text, q.why))


def test_open_questions_are_said_and_do_not_hide_behind_a_clean_result(stored: Workspace) -> None:
    result = check.check(stored)
    assert result.ready
    assert f"{len(result.open_questions)} questions" in result.headline()
    document = result.as_json()
    assert document["open_questions"] == len(result.open_questions) > 5
    for asked in result.open_questions:
        questionnaire.answer(stored, asked.id, "agreed")
    assert check.stored(stored).open_questions == ()


def test_an_answer_stands_in_report_and_policy(box: Box, tmp_path: Path) -> None:
    with box.store(tmp_path) as ws:
        check.check(ws)
        questionnaire.answer(ws, "L5", "Nothing is deleted <b>anywhere</b>")
        policy.write(ws, tmp_path / "policy")
        report.write(ws, tmp_path / "report.html")
        report.write(ws, tmp_path / "report.json")
    assert "Nothing is deleted" in (tmp_path / "policy" / "P7-connector.md").read_text()
    assert "Nothing is deleted" in (tmp_path / "policy" / "P8-questionnaire.md").read_text()
    page = (tmp_path / "report.html").read_text()
    assert "Nothing is deleted &lt;b&gt;anywhere" in page
    assert "not answered" in page
    asked = {q["id"]: q for q in json.loads((tmp_path / "report.json").read_text())["readiness"]["questions"]}
    assert (asked["L5"]["answered"], asked["S1"]["answered"]) == (True, False)


def test_people_who_must_not_come_back_are_asked_for_until_a_file_or_a_person_names_them(box: Box, tmp_path: Path) -> None:
    box.suppressed = None
    with box.store(tmp_path) as ws:
        assert "L6" in check.check(ws).unknown
        assert not check.stored(ws).fails("medium")  # an open question is said, it is no finding
        questionnaire.answer(ws, "L6", "Nobody, says data protection")
        assert check.check(ws).unknown == {}
        (tmp_path / "suppressed.txt").write_text("ada.byron@analytical.example\n")
        assert [f.check for f in check.check(ws).findings] == ["L6"]


def test_what_can_not_be_computed_fails_a_pipeline_as_a_finding_would(box: Box, tmp_path: Path) -> None:
    with box.store(tmp_path) as ws:
        ws.db.execute("DELETE FROM match_run")
        ws.db.commit()
        result = check.check(ws)
        assert set(result.unknown) == {"F15", "I9"}
        assert result.fails("high")
        assert not result.fails("blocker")
        assert not result.ready


def test_a_check_that_was_never_run_is_unknown_and_the_verdict_of_some_is_that_of_all(box: Box, tmp_path: Path) -> None:
    with box.store(tmp_path) as ws:
        some = check.check(ws, only=["T6"])
        assert some.findings == ()
        assert not some.ready
        assert "T1" in check.stored(ws).unknown
        check.check(ws)
        assert check.check(ws, only=["T6"]).ready


def test_the_command_line_lists_answers_and_gates(box: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    box.store(tmp_path).close()
    at = ["-C", str(tmp_path)]
    assert run([*at, "answer", "L5", "\x1b[2JNothing is deleted"]) == 0
    assert run([*at, "questions", "--open"]) == 0
    listed = capsys.readouterr().out
    assert "\x1b" not in listed
    assert "L5" not in {line.split()[0] for line in listed.splitlines() if line and not line.startswith(" ")}
    assert run([*at, "questions", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["open"] == len(ASKED) - 2  # answered, and suppressed.txt
    assert run([*at, "check"]) == 0
    assert run([*at, "check", "--answered"]) == 1
    assert run([*at, "answer", "I1", "yes"]) == 2
    assert run([*at, "answer", "S1"]) == 2  # no terminal to ask on
    assert "reconcile-tui answer" in capsys.readouterr().err
