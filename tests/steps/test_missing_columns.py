"""Mapped columns that a system doesn't have: said by doctor and pull, in a line per system, and no reason to stop."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from reconcile_tui.cli.app import run
from reconcile_tui.steps import demo, doctor
from reconcile_tui.steps.pull import Pulled, missing_lines
from reconcile_tui.workspace import Workspace
from tests.steps.conftest import pull


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A demo whose field map names two columns that Dynamics doesn't have, one of them on a lead."""
    folder = tmp_path / "demo"
    demo.prepare(folder, fresh=True)
    path = folder / "reconcile.toml"
    text = path.read_text(encoding="utf-8")
    for name in ("telephone1", "jobtitle"):
        text = text.replace(f'dynamics = "{name}"', f'dynamics = "{name}_gone"')
    path.write_text(text, encoding="utf-8")
    return folder


def test_doctor_warns_of_each_systems_mapped_columns_that_are_not_there_and_of_nothing_else(folder: Path) -> None:
    found = [one for one in asyncio.run(doctor.examine(folder, prompt=print)) if one.topic == "columns"]
    (warning,) = found
    assert (warning.where, warning.level, warning.exit_code) == ("dynamics", "warning", 0)
    assert "contact has no columns telephone1_gone, jobtitle_gone" in warning.what
    assert "reconcile.toml" in warning.todo


def test_doctor_says_nothing_of_columns_when_all_are_there(tmp_path: Path) -> None:
    demo.prepare(tmp_path / "demo", fresh=True)
    found = asyncio.run(doctor.examine(tmp_path / "demo", prompt=print))
    assert [one for one in found if one.topic == "columns"] == []


def test_a_pull_brings_the_rest_and_names_what_it_could_not_bring(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        pulled = [one for one in pull(workspace) if isinstance(one, Pulled)]
    missing = {(one.system, one.table): one.missing for one in pulled}
    assert missing["dynamics", "contact"] == ("telephone1_gone", "jobtitle_gone")
    assert missing["hubspot", "contacts"] == ()
    assert all(one.records for one in pulled)
    (line,) = missing_lines(pulled)
    assert line.startswith("dynamics: contact has no columns telephone1_gone, jobtitle_gone; lead has no")


def test_the_commands_say_it_beside_the_data_and_in_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(folder), "pull", "--json"]) == 0
    streams = capsys.readouterr()
    assert "! dynamics: contact has no columns telephone1_gone, jobtitle_gone" in streams.err
    contact = next(one for one in json.loads(streams.out) if one["table"] == "contact")
    assert contact["missing"] == ["telephone1_gone", "jobtitle_gone"]
    assert run(["-C", str(folder), "doctor"]) == 0
    assert "WARN" in capsys.readouterr().out


def test_names_of_columns_are_made_inert() -> None:
    line = missing_lines([Pulled("dynamics", "contact", "full", 1, 1, 0, missing=("a\x1b[31mb",))])[0]
    assert "\x1b" not in line
