"""`match`, `match --export` and `why` as a person at a terminal meets them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from reconcile_tui.cli.app import run
from reconcile_tui.steps import demo
from reconcile_tui.workspace import Workspace


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("matching") / "demo"
    demo.prepare(where, fresh=True)
    with Workspace.open(where) as workspace:
        demo.load(workspace)
    return where


def told(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    assert run(["-C", str(folder), *arguments]) == 0
    return capsys.readouterr().out


def group_of(capsys: pytest.CaptureFixture[str], folder: Path, klass: str) -> str:
    lines = told(capsys, folder, "groups", "--class", klass, "--order", "size", "--json").splitlines()
    return str(json.loads(lines[0])["group"])


def test_why_is_a_waterfall_whose_last_sum_is_the_score(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, folder, "why", group_of(capsys, folder, "differs"))
    for block in text.split("~  ")[1:]:
        score = re.search(r": ([+-][\d.]+) bits", block)
        sums = re.findall(r"[+-][\d.]+ +([+-][\d.]+) ", block)
        if score and sums:
            assert sums[-1] == score.group(1)
    assert "to begin with" in text
    assert "Compared because of the same" in text


def test_why_names_the_weakest_link_of_a_larger_group(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, folder, "why", group_of(capsys, folder, "lead_contact"))
    links = [float(bits) for bits in re.findall(r"^ +([+-][\d.]+) bits  ", text, flags=re.MULTILINE)]
    assert links == sorted(links, reverse=True)
    assert "Weakest link: " in text


def test_two_people_at_one_address_are_told_apart_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, folder, "why", group_of(capsys, folder, "shared_mailbox"))
    assert "different people until somebody says otherwise" in text
    assert "Weakest link" not in text


def test_two_records_that_are_no_group_are_told_what_speaks_against_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Workspace.open(folder, "read") as workspace:
        keys = workspace.records.live_keys(workspace.records.table("hubspot", "contacts"))
        refs = workspace.records.refs([keys[0], keys[-1]])
        left, right = (str(ref) for ref in refs.values())
    text = told(capsys, folder, "why", left, right)
    assert "Against it: " in text
    assert "never compared" in text


def test_a_record_that_is_not_there_is_said_in_a_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(folder), "why", "hubspot/contacts/1", "hubspot/contacts/2"]) == 2
    assert "There is no record hubspot/contacts/1" in capsys.readouterr().err


def test_match_says_what_was_looked_at_and_exports_every_stored_pair(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "nothing has changed since the last run" in told(capsys, folder, "match")
    assert "everything was matched: asked for" in told(capsys, folder, "match", "--full", "--export", str(tmp_path / "pairs.csv"))
    with (tmp_path / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with Workspace.open(folder, "read") as workspace:
        assert len(rows) == workspace.match_runs.counts("contacts")[0]
    bands = {row["band"]: float(row["probability"]) for row in rows}
    assert bands["match"] >= 0.9
    assert min(float(row["probability"]) for row in rows) >= 0.1
    grouped = [bool(row["group"]) for row in rows if row["band"] == "match" and row["class"] != "shared_mailbox"]
    assert sum(grouped) > 0.95 * len(grouped)  # the others were parted, because the whole of their group would not hold together


def test_a_file_that_pairs_can_not_be_written_to_is_refused_before_anything_is_matched(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, word in ((tmp_path / "pairs.xlsx", "ending"), (tmp_path / "nowhere" / "pairs.csv", "folder")):
        assert run(["-C", str(folder), "match", "--full", "--export", str(path)]) == 2
        error = capsys.readouterr().err
        assert word in error
        assert "standardise" not in error
