"""What was written, told afterwards: as JSON values and as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from reconcile_tui.steps import decide
from reconcile_tui.steps.audit import audit
from reconcile_tui.stewardship.tables import AUDIT, save_audit, write_audit
from tests.stewardship.conftest import Maker
from tests.stewardship.crash import populate
from tests.stewardship.world import World, contact, hub


def test_every_written_value_is_told_with_time_author_decision_and_request_id(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", jobtitle="Analyst")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron", jobtitle="Analyst")
    world.start()
    group = world.group(contact(1), hub(501))
    decide.set_value(world.ws, group, "job_title", "=Countess()")
    decision = decide.decide(world.ws, group, "merge")
    report = world.apply()
    rows = list(audit(world.ws, report.run))
    written = {(row["system"], row["column"]): row for row in rows if row["kind"] == "update"}
    row = written["dynamics", "jobtitle"]
    assert (row["before"], row["after"], row["author"], row["decision"]) == ("Analyst", "=Countess()", "steward", decision.seq)
    assert (row["decided_by"], row["decided_at"]) == (decision.author, decision.at)
    assert row["request_id"]
    assert row["at"]
    assert all(row["request_id"] for row in rows if row["kind"] != "schema")
    out = io.StringIO()
    assert write_audit(rows, out) == len(rows)
    table = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert tuple(table[0]) == AUDIT
    assert {r["after"] for r in table if r["column"] == "jobtitle"} == {"'=Countess()"}


def test_no_token_or_secret_is_in_journal_plan_or_audit(make_world: Maker) -> None:
    world = populate(make_world(), 2)
    made = world.plan()
    report = world.apply(made)
    told = made.to_json() + json.dumps(list(audit(world.ws, report.run))) + json.dumps(world.ws.runs.journal(report.run))
    assert "Bearer" not in told
    assert "authorization" not in told.lower()


def test_an_audit_is_saved_as_csv_or_json_lines_for_the_owner_alone(world: World, tmp_path: Path) -> None:
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="\t@SUM(1)", jobtitle="Analyst")
    world.start()
    group = world.group(hub(501))
    decide.set_value(world.ws, group, "job_title", " =cmd|' /C calc'!A0")
    decide.set_value(world.ws, group, "last_name", None)
    decide.decide(world.ws, group, "merge")
    assert world.apply().exit_code == 0
    rows = list(audit(world.ws))
    for name in ("audit.csv", "audit.jsonl"):
        assert save_audit(rows, tmp_path / name) == len(rows) == 2
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()] == rows
    with (tmp_path / "audit.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_what_was_found_as_planned_is_not_told_as_written(world: World) -> None:
    world.hub(501, email="ada@ex.test", firstname="Ada", jobtitle="Analyst", city="London")
    world.start()
    group = world.group(hub(501))
    decide.set_value(world.ws, group, "job_title", "Countess")
    decide.set_value(world.ws, group, "first_name", "Augusta")
    decide.decide(world.ws, group, "merge")
    made = world.plan()
    world.edit(hub(501), firstname="Augusta")
    assert world.apply(made).exit_code == 0
    assert [row["column"] for row in audit(world.ws)] == ["jobtitle"]
