"""The field map with its facts, edits that keep the file's comments, and filters tried before they are written."""

from __future__ import annotations

import difflib
import json
import os
import time
from pathlib import Path

import pytest

from reconcile_tui.cli.app import run
from reconcile_tui.errors import ProjectError, UsageError
from reconcile_tui.steps import check, mapping, project_edits, simulate
from reconcile_tui.workspace import Workspace

from .conftest import Box, contact


def test_facts_tell_fill_rate_notations_and_agreement(box: Box, tmp_path: Path) -> None:
    box.change("contacts", 0, telephone1="(0161) 496-0101")
    box.change("contacts", 1, telephone1=None)
    box.change("hubspot", 2, phone="+441614960199")
    with box.store(tmp_path) as ws:
        check.check(ws)
        phone = next(f for f in mapping.facts(ws) if f.field.name == "phone")
    first, second = phone.sides
    assert (first.system, first.filled, first.records) == ("dynamics", 2, 3)
    assert [n.pattern for n in first.notations] == ["(9) 9-9", "9 9 9"]
    assert second.fill_rate == 1.0
    assert (phone.pairs, phone.both_filled, phone.agree, phone.agreement) == (3, 2, 1, 0.5)
    assert phone.verdict == "clean_first"


def test_a_clean_field_is_ready_and_one_that_does_not_travel_says_so(stored: Workspace) -> None:
    check.check(stored)
    verdicts = {f.field.name: f.verdict for f in mapping.facts(stored)}
    assert (verdicts["phone"], verdicts["stage"], verdicts["job_title"]) == ("ready", "not_synced", "free_text")


COMMENTED = "# Q3: which fields travel?\n"


def test_an_edit_keeps_comments_and_order_and_is_read_back(box: Box, tmp_path: Path) -> None:
    with box.store(tmp_path) as ws:
        path = tmp_path / "reconcile.toml"
        path.write_text(COMMENTED + path.read_text(encoding="utf-8"), encoding="utf-8")
        before = path.read_text(encoding="utf-8").splitlines()
        project = project_edits.edit(
            ws, "contacts", "phone", blank="ignore", direction="dynamics_to_hubspot", transform={"phone_e164": "US"}
        )
        after = path.read_text(encoding="utf-8").splitlines()
    field = project.record_types["contacts"].field("phone")
    assert (field.blank, field.direction) == ("ignore", "forward")
    assert field.transform.forward("202 555 0101").value == "+12025550101"
    assert after[0] == COMMENTED.strip()
    changed = [line for line in difflib.ndiff(before, after) if line[:1] in "+-"]
    assert sorted(changed) == [
        '+ blank = "ignore"',
        '+ direction = "dynamics_to_hubspot"',
        '+ transform = {phone_e164 = "US"}',
        '- transform = "phone_e164"',
    ]


def test_a_wrong_edit_changes_nothing(stored: Workspace) -> None:
    path = stored.folder / "reconcile.toml"
    before = path.read_bytes()
    for changes in ({"direction": "sideways"}, {"transform": "trimm"}, {"blank": "perhaps"}):
        with pytest.raises(ProjectError):
            project_edits.edit(stored, "contacts", "phone", **changes)
    for record_type, field, changes in (("contacts", "nothing", {"blank": "ignore"}), ("contacts", "phone", {"columns": "x"})):
        with pytest.raises(UsageError):
            project_edits.edit(stored, record_type, field, **changes)
    assert path.read_bytes() == before


def test_a_predicate_is_tried_before_it_is_written(stored: Workspace) -> None:
    before = (stored.folder / "reconcile.toml").read_bytes()
    for predicate in ("nonsense = 1", "statecode = 0; DROP TABLE decision", "EXISTS (SELECT 1 FROM decision)"):
        with pytest.raises(ProjectError):
            project_edits.set_eligible(stored, "contacts", "dynamics", predicate, table="contact")
    assert (stored.folder / "reconcile.toml").read_bytes() == before
    project = project_edits.set_eligible(stored, "contacts", "dynamics", "statecode = 0 AND lastname IS NOT NULL", table="lead")
    assert project.record_types["contacts"].eligible["dynamics"] == {
        "contact": "statecode = 0",
        "lead": "statecode = 0 AND lastname IS NOT NULL",
    }


def test_a_rule_that_is_kept_gives_the_forecast_the_what_if_told(box: Box, tmp_path: Path) -> None:
    box.contacts.append(contact(3, emailaddress1="ada.byron@analytical.example", firstname="Rita", lastname="Zed", jobtitle="Twin"))
    box.project = box.project.replace(
        'dynamics_to_hubspot.contact = "statecode = 0"', "dynamics_to_hubspot.contact = \"jobtitle = 'Engineer'\""
    )
    with box.store(tmp_path) as ws:
        simulate.simulate(ws)
        before = ((tmp_path / "reconcile.toml").read_bytes(), ws.forecasts.totals("now"))
        found = simulate.what_if(ws, {("dynamics", "contact"): "statecode = 0"})
        assert ((tmp_path / "reconcile.toml").read_bytes(), ws.forecasts.totals("now")) == before
        assert (found.directions[0].enters.count, found.after.cells > found.before.cells) == (1, True)
        project_edits.set_eligible(ws, "contacts", "dynamics", "statecode = 0", table="contact")
    with Workspace.open(tmp_path) as ws:
        assert simulate.simulate(ws).totals.cells == found.after.cells


def test_an_edit_with_an_unknown_survivorship_rule_is_refused(stored: Workspace) -> None:
    before = (stored.folder / "reconcile.toml").read_bytes()
    with pytest.raises(ProjectError, match="most_recent"):
        project_edits.edit(stored, "contacts", "phone", survivorship="most_recnt")
    assert (stored.folder / "reconcile.toml").read_bytes() == before


def test_facts_are_kept_until_records_or_map_change(box: Box, tmp_path: Path) -> None:
    with box.store(tmp_path) as ws:
        assert mapping.kept(ws) == (None, False)
        mapping.overview(ws)
        found, fresh = mapping.kept(ws)
        assert fresh
        assert found is not None
        assert [(e["table"], e["eligible"], e["records"]) for e in found["eligible"]] == [
            ("contact", 3, 3),
            ("lead", 0, 0),
            ("contacts", 3, 3),
        ]
        project_edits.edit(ws, "contacts", "phone", blank="ignore")
        assert mapping.kept(ws)[1] is False


def test_the_command_line_shows_edits_and_tries(box: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    box.store(tmp_path).close()
    at = ["-C", str(tmp_path)]
    assert run([*at, "mapping", "--json"]) == 0
    fields = {f["field"]: f for f in json.loads(capsys.readouterr().out)["fields"]}
    assert [side["fill_rate"] for side in fields["phone"]["sides"]] == [1.0, 1.0]
    assert run([*at, "mapping"]) == 0
    assert "every active record" not in capsys.readouterr().out
    assert run([*at, "edit", "phone", "--direction", "dynamics_to_hubspot", "--transform", '{"phone_e164": "US"}']) == 0
    assert 'transform = {phone_e164 = "US"}' in (tmp_path / "reconcile.toml").read_text(encoding="utf-8")
    assert run([*at, "edit", "phone"]) == 2
    assert run([*at, "edit", "phne", "--blank", "ignore"]) == 2
    assert run([*at, "edit", "phone", "--transform", "{oops"]) == 2
    capsys.readouterr()
    assert run([*at, "eligible", "dynamics", "contact", "no_such = 1"]) == 2
    assert run([*at, "eligible", "dynamics", "nothing", "1"]) == 2
    assert run([*at, "eligible", "dynamics", "contact", "firstname = 'Ada'"]) == 0
    assert "firstname = 'Ada'" in (tmp_path / "reconcile.toml").read_text(encoding="utf-8")


def test_a_check_after_an_edit_does_not_rest_on_the_forecast_of_the_old_map(box: Box, tmp_path: Path) -> None:
    box.contacts.append(contact(3, emailaddress1="ada.byron@analytical.example", firstname="Rita", lastname="Zed"))
    with box.store(tmp_path) as ws:
        simulate.simulate(ws)
        project_edits.edit(ws, "contacts", "first_name", direction="none")
        os.utime(tmp_path / "reconcile.toml", (time.time() + 5, time.time() + 5))
    with Workspace.open(tmp_path) as ws:
        found = next(f for f in check.check(ws, only=["T2"]).findings)
        assert {row.detail["field"] for row in check.rows(ws, "T2")} >= {"last_name"}
        assert "first_name" not in {row.detail["field"] for row in found.rows}
