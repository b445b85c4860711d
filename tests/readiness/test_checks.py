"""Every check finds what is planted for it, and is silent on a clean pair of systems and on what only looks like it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from reconcile_tui.cli.app import run
from reconcile_tui.errors import UsageError
from reconcile_tui.model import Column
from reconcile_tui.readiness.registry import CHECKS
from reconcile_tui.readiness.rules import times_and_people
from reconcile_tui.steps import check
from reconcile_tui.workspace import Workspace

from .conftest import CONTACT, Box, hubspot, pull
from .planted import NEAR_MISS, PLANTED

COMPUTED = [one.id for one in CHECKS.values() if one.rule]


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(times_and_people.DAILY_REQUESTS, "hubspot", 25)


def found(box: Box, folder: Path, name: str) -> check.Readiness:
    with box.store(folder) as ws:
        return check.check(ws, only=[name])


def test_every_computed_check_is_planted_and_has_a_near_miss() -> None:
    assert set(PLANTED) == set(NEAR_MISS) == set(COMPUTED)


@pytest.mark.parametrize("name", COMPUTED)
def test_a_check_finds_what_is_planted(name: str, box: Box, tmp_path: Path) -> None:
    plant, count = PLANTED[name]
    plant(box)
    result = found(box, tmp_path, name)
    assert result.unknown == {}
    assert [(f.check, f.count) for f in result.findings] == [(name, count)]
    finding = result.findings[0]
    assert finding.rows
    assert all(set(row.detail) <= set(CHECKS[name].columns) for row in finding.rows)
    assert any(row.records for row in finding.rows) == (CHECKS[name].scope == "records")


@pytest.mark.parametrize("name", COMPUTED)
def test_a_check_is_silent_on_what_only_looks_like_it(name: str, box: Box, tmp_path: Path) -> None:
    NEAR_MISS[name](box)
    result = found(box, tmp_path, name)
    assert result.unknown == {}
    assert [(f.check, f.count, f.rows) for f in result.findings] == []


def test_a_clean_pair_of_systems_has_no_finding_and_is_ready(stored: Workspace) -> None:
    result = check.check(stored)
    assert [(f.check, f.count, f.rows) for f in result.findings] == []
    assert result.unknown == {}
    assert result.ready
    assert not result.fails("medium")
    assert result.as_json()["findings"] == []


@pytest.mark.parametrize("name", ["I4", "I9", "F15"])
def test_what_needs_matching_says_so_instead_of_passing(name: str, box: Box, tmp_path: Path) -> None:
    with box.store(tmp_path) as ws:
        ws.db.execute("DELETE FROM match_run")
        result = check.check(ws, only=[name])
    assert (name in result.unknown) == (name != "I4")  # a blank address of an eligible record needs no matching
    assert result.findings == ()


def test_without_a_list_of_suppressed_people_the_check_is_unknown_and_not_passed(box: Box, tmp_path: Path) -> None:
    box.suppressed = None
    result = found(box, tmp_path, "L6")
    assert "suppressed.txt" in result.unknown["L6"]


def test_an_address_may_be_listed_by_its_digest(box: Box, tmp_path: Path) -> None:
    box.suppressed = times_and_people.digest("ada.byron@analytical.example").upper()
    assert found(box, tmp_path, "L6").findings[0].count == 2


def test_a_check_that_is_only_asked_has_a_question_and_every_check_has_texts() -> None:
    for one in CHECKS.values():
        assert one.rule or one.question
        assert all(text.strip() for text in (one.title, one.summary, one.remedy, one.docs))
        assert one.id[0] in "IEFTLO"


def test_every_check_that_computes_names_a_rule_that_exists_and_no_rule_computes_two_checks() -> None:
    rules = [CHECKS[name].computed_by() for name in COMPUTED]
    assert all(callable(rule) for rule in rules)
    assert len(set(rules)) == len(rules)


def test_reading_what_checks_there_are_imports_nothing_that_computes_on_columns() -> None:
    code = "import sys, reconcile_tui.readiness.registry; print([name for name in ('numpy', 'polars', 'pyarrow') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_values_in_findings_stay_as_they_are_in_json_and_are_inert_as_text(box: Box, tmp_path: Path) -> None:
    box.change("contacts", 0, firstname="Eve\x1b[2J")
    result = found(box, tmp_path, "F16")
    assert result.as_json()["findings"][0]["rows"][0]["detail"]["value"] == "Eve\x1b[2J"
    assert "\x1b" not in result.text()
    assert "␛[2J" in result.text()


def test_more_findings_than_are_kept_are_counted_exactly(box: Box, tmp_path: Path) -> None:
    from .conftest import contact

    box.contacts += [contact(n, emailaddress1=f"person{n}@x.example", firstname="Firstname") for n in range(3, 700)]
    result = found(box, tmp_path, "F17")
    finding = result.findings[0]
    assert (finding.count, len(finding.rows), finding.left_out) == (697, 500, 197)


def test_the_small_workspace_is_checked_in_well_under_a_second(stored: Workspace) -> None:
    check.check(stored)
    start = time.perf_counter()
    check.check(stored)
    assert time.perf_counter() - start < 1.0


def test_a_required_column_no_field_is_mapped_to_is_found_for_each_record_that_would_be_created(box: Box, tmp_path: Path) -> None:
    box.columns["contact"] = [*CONTACT, Column("governmentid", required=True), Column("statecode_reason", required=True, read_only=True)]
    assert found(box, tmp_path / "nobody", "F4").findings == ()  # every record has its counterpart: nothing is created
    box.hubspot.append(hubspot(3, email="new@analytical.example"))
    finding = found(box, tmp_path / "one", "F4").findings[0]
    assert finding.count == 1
    assert finding.rows[0].detail["to"] == "dynamics/contact.governmentid"
    assert [ref.id for ref in finding.rows[0].records] == ["503"]


def test_a_required_column_that_is_mapped_the_other_way_only_is_brought_by_nobody(box: Box, tmp_path: Path) -> None:
    box.fields["last_name"]["direction"] = "dynamics_to_hubspot"
    box.hubspot.append(hubspot(3, email="new@analytical.example"))
    assert [row.detail["to"] for row in found(box, tmp_path, "F4").findings[0].rows] == ["dynamics/contact.lastname"]


def test_without_records_there_is_nothing_to_check_and_it_is_said(box: Box, tmp_path: Path) -> None:
    (tmp_path / "reconcile.toml").write_text(box.toml(), encoding="utf-8")
    with Workspace.open(tmp_path) as ws, pytest.raises(UsageError, match="Nothing is pulled"):
        check.check(ws)
    for command in (["check"], ["mapping"], ["report"], ["policy", "-o", str(tmp_path / "policy")]):
        assert run(["-C", str(tmp_path), *command]) == 2


def test_a_table_and_a_record_type_that_were_not_pulled_are_no_error(box: Box, tmp_path: Path) -> None:
    box.project += """
[record_types.companies]
dynamics = "account"
hubspot = "companies"
[[record_types.companies.fields]]
name = "company"
dynamics = "name"
hubspot = "name"
"""
    with box.store(tmp_path) as ws:
        assert check.check(ws).findings == ()
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "reconcile.toml").write_text(box.toml(), encoding="utf-8")
    with Workspace.open(folder) as ws:
        pull(ws, "dynamics", "contact", box.contacts, CONTACT, box.pulled_at)
        assert {f.check for f in check.check(ws).findings} <= {"E7", "T2"}  # all would be created, and some values come back changed
