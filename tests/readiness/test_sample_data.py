"""The planted cases of the sample data are found by the right checks, through the command line."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reconcile_tui.steps import demo
from reconcile_tui.workspace import Workspace

CASES = {
    "the-article": {"I1", "I8", "F11", "T2"},
    "names-one-way-phones-other": {"I1", "I8"},
    "shared-mailbox": {"I1", "I2", "I6", "I8", "L2"},
    "family": {"I1", "I8"},
    "placeholder-email": {"I6"},
    "lead-and-contact": {"I2"},
    "three-way": {"I1"},
    "five-way": {"I1", "I9"},
    "changed-employer": {"I9"},
    "changed-address": {"F15"},
    "inactive-survivor": {"E4"},
    "country-label": {"F8"},
    "case-and-whitespace": {"I5"},
    "typo-domain": {"I10"},
    "plus-tag": {"I11", "I17"},
    "secondary-email": {"I3"},
    "invalid-email": {"I6"},
    "several-addresses-in-one-field": {"I7"},
    "blank-email": {"I4"},
    "opt-out-one-side": {"L1", "L2"},
    "too-long-value": {"F1"},
    "unmapped-choice": {"F2"},
    "hostile-text": {"F16"},
    "no-phone-number": {"F8"},
    "form-defaults": {"F17"},
}
"""Case -> checks of which each must name one of its records."""
QUIET = {
    "namesakes": {"I1", "I8", "I9"},
    "switchboard": {"I1", "I8", "I9", "F17"},
    "international-names": {"F8", "I8"},
    "clean-pair": {"I8", "I9", "L2", "F1", "F2"},
}
"""Case -> checks that must not name its records."""


def _command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reconcile_tui", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"}, timeout=120)


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("sample") / "demo"
    demo.prepare(folder, fresh=True)
    with Workspace.open(folder) as ws:
        demo.load(ws)
    done = _command(folder, "check", "--json")
    assert done.returncode == 1, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def named(answer: dict[str, Any]) -> dict[str, set[str]]:
    return {finding["check"]: {record["id"] for row in finding["rows"] for record in row["records"]} for finding in answer["findings"]}


def records(case: str) -> set[str]:
    with (demo.sample_folder() / "truth.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"] for row in csv.DictReader(file) if case in row["cases"].split(";")}


@pytest.mark.parametrize("case", CASES)
def test_a_planted_case_is_found_by_its_checks(case: str, named: dict[str, set[str]]) -> None:
    assert {check for check in CASES[case] if not named.get(check, set()) & records(case)} == set()


@pytest.mark.parametrize("case", QUIET)
def test_what_is_no_problem_is_not_found(case: str, named: dict[str, set[str]]) -> None:
    assert {check for check in QUIET[case] if named.get(check, set()) & records(case)} == set()


def test_the_answer_has_the_promised_shape(answer: dict[str, Any]) -> None:
    assert answer["ready"] is False
    for finding in answer["findings"]:
        assert {"check", "question", "severity", "count", "accepted", "rows"} <= set(finding)
        assert finding["question"] in ("Q1", "Q2", "Q3", "Q4", "ops")
        assert finding["severity"] in ("blocker", "high", "medium")
        assert all(set(row) == {"records", "detail"} for row in finding["rows"])
        assert all(set(record) == {"system", "table", "id"} for row in finding["rows"] for record in row["records"])


def test_all_three_countries_and_all_four_odd_addresses_are_named(named: dict[str, set[str]]) -> None:
    assert len(named["F8"] & records("country-label")) == 3
    assert len(named["I5"] & records("case-and-whitespace")) >= 6
