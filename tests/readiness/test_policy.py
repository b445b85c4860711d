"""The policy's files: safe in a spreadsheet, true to the project, accepted by the vendors' stand-ins."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile_tui import project as project_file
from reconcile_tui.cli.app import run
from reconcile_tui.display import sheet_cell
from reconcile_tui.model import Column
from reconcile_tui.readiness.policy import dialects, duplicate_rules, predicates, sheets
from reconcile_tui.sandbox import Sandbox
from reconcile_tui.steps import check, decide, demo, policy
from reconcile_tui.steps.connect import SANDBOX_STATE
from reconcile_tui.steps.demo import sample_folder

from .conftest import Box, contact


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_no_cell_of_a_sheet_is_a_formula_or_active_and_every_row_stays_a_row(values: list[str]) -> None:
    text = sheets.sheet(["head"] * len(values), [values])
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    assert len(rows) == 2
    for value in rows[1]:
        assert value.lstrip()[:1] not in ("=", "+", "@", "|", "%") or value.startswith("'")
        assert not any(ord(c) < 32 and c not in "\t\r\n" for c in value)


@pytest.mark.parametrize("value", ['=HYPERLINK("x")', "+1-2", "-2+3", "@SUM(A1)", " =1+1", "\t=1", "\r=1", "|calc", "%x"])
def test_what_a_spreadsheet_would_evaluate_is_quoted(value: str) -> None:
    assert sheet_cell(value).startswith("'")


def test_numbers_and_plain_text_stay_as_they_are() -> None:
    assert [sheet_cell(v) for v in (7, -3, "0.5", "Ada", None, "a=b")] == ["7", "-3", "0.5", "Ada", "", "a=b"]


PREDICATE = "statecode = 0 AND (emailaddress1 IS NOT NULL OR NOT lastname LIKE 'O''%') AND stage IN ('a', 'b')"


def test_a_predicate_in_plain_english() -> None:
    tree = predicates.parse("statecode = 0 AND emailaddress1 IS NOT NULL")
    assert dialects.english(tree) == "statecode is 0 and emailaddress1 is filled"


def test_a_predicate_as_odata_filter() -> None:
    assert dialects.odata(predicates.parse(PREDICATE), {"statecode": Column("statecode", "choice")}) == (
        "statecode eq 0 and (emailaddress1 ne null or not startswith(lastname,'O''')) and (stage eq 'a' or stage eq 'b')"
    )


def test_a_predicate_as_fetch_xml_escapes_its_values() -> None:
    found = dialects.fetch_xml(predicates.parse("name = 'a<b\"c'"), "contact")
    assert '<condition attribute="name" operator="eq" value=\'a&lt;b"c\'/>' in found


def test_a_predicate_as_hubspot_filters_is_an_or_of_ands() -> None:
    found = dialects.hubspot(predicates.parse("a = 1 AND (b IS NULL OR NOT c IN ('x'))"))
    assert found == {
        "filterGroups": [
            {"filters": [{"propertyName": "a", "operator": "EQ", "value": "1"}, {"propertyName": "b", "operator": "NOT_HAS_PROPERTY"}]},
            {
                "filters": [
                    {"propertyName": "a", "operator": "EQ", "value": "1"},
                    {"propertyName": "c", "operator": "NOT_IN", "values": ["x"]},
                ]
            },
        ]
    }


@pytest.mark.parametrize("predicate", ["lower(x) = 'a'", "x = y", "x LIKE 'a%b'", "x =", "(x = 1", "x = 1 y", "a GLOB '*'", ";"])
def test_what_cannot_be_translated_whole_is_refused_rather_than_translated_half(predicate: str) -> None:
    with pytest.raises(predicates.NotTranslatable):
        dialects.odata(predicates.parse(predicate), {})


def test_hubspot_takes_only_so_many_alternatives() -> None:
    with pytest.raises(predicates.NotTranslatable):
        dialects.hubspot(predicates.parse(" OR ".join(f"a = {n}" for n in range(6))))


def read_sheet(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture
def written(box: Box, tmp_path: Path) -> Path:
    box.contacts.append(contact(3, firstname="=cmd|' /C calc'!A0", emailaddress1="ada.byron@analytical.example"))
    box.groups.append(("g", "differs", ["contact/c0", "contact/c3"]))
    with box.store(tmp_path / "ws") as ws:
        check.check(ws)
        check.accept(ws, "I1", "=1+1 agreed")
        decide.exclude(ws, "g", note="=HYPERLINK(1)")
        listed = policy.write(ws, tmp_path / "policy")
    assert {path.name for path, _ in listed} == {path.name for path in (tmp_path / "policy").iterdir()}
    return tmp_path / "policy"


def test_all_ten_artefacts_are_written_and_private(written: Path) -> None:
    assert {path.name.split("-")[0] for path in written.iterdir()} == {f"P{n}" for n in range(1, 11)}
    assert all(path.stat().st_mode & 0o777 == 0o600 and path.stat().st_size for path in written.iterdir())
    assert "\x1b" not in "".join(path.read_text(encoding="utf-8") for path in written.iterdir())


def test_no_sheet_of_the_policy_holds_a_formula(written: Path) -> None:
    cells = [c for path in written.glob("*.csv") for row in read_sheet(path) for c in row.values()]
    assert cells
    assert not [c for c in cells if c.lstrip()[:1] in ("=", "+", "@")]
    assert any(c == "'=1+1 agreed" for c in cells)


def test_records_excluded_by_decision_are_listed_for_the_filter(written: Path) -> None:
    rows = read_sheet(written / "P4-left-out.csv")
    assert {(row["system"], row["id"]) for row in rows} == {("dynamics", "c0"), ("dynamics", "c3")}
    filters = json.loads((written / "P4-eligibility.json").read_text(encoding="utf-8"))["filters"]
    assert {f["table"]: f.get("odata") or f.get("hubspot") for f in filters}["contact"] == "statecode eq 0"


def test_a_changed_or_missing_decision_shows_in_the_chain_of_hashes(written: Path) -> None:
    import hashlib

    link = ""
    for row in read_sheet(written / "P10-decisions.csv"):
        note = row["note"].removeprefix("'")
        line = json.dumps([int(row["seq"]), row["at"], row["author"], row["group"], row["kind"], row["payload"], note], ensure_ascii=False)
        link = hashlib.sha256(f"{link}\n{line}".encode()).hexdigest()
        assert row["sha256"] == link


def test_duplicate_rules_are_at_most_five_a_table_and_pair_contacts_and_leads_both_ways() -> None:
    rules = [rule for _, rule in duplicate_rules.duplicate_rules(project_file.load(sample_folder()))]
    assert {(r.table, r.matching) for r in rules} == {("contact", "contact"), ("contact", "lead"), ("lead", "contact"), ("lead", "lead")}
    for table in ("contact", "lead"):
        assert 0 < sum(table == rule.table for rule in rules) <= duplicate_rules.MOST_RULES
    assert all(rule.exclude_inactive and rule.ignore_blank and not rule.case_sensitive for rule in rules)


def test_companies_have_no_address_and_are_told_apart_by_name() -> None:
    text = """
[systems.dynamics]
url = "sandbox:"
[systems.hubspot]
url = "sandbox:"
[record_types.companies]
dynamics = "account"
hubspot = "companies"
[[record_types.companies.fields]]
name = "company"
dynamics = "name"
hubspot = "name"
"""
    [(system, rule)] = duplicate_rules.duplicate_rules(project_file.parse(text))
    assert (system, rule.name, rule.conditions) == ("dynamics", "account to account by name", (("name", "name"),))


async def _played(app: Any, rules: list[dict[str, Any]]) -> list[int]:
    """Create and publish every rule over the sandbox's HTTP interface."""
    answers = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://org.crm.dynamics.com") as client:
        form = {
            "grant_type": "client_credentials",
            "client_id": "c",
            "client_secret": "s",
            "scope": "https://org.crm.dynamics.com/.default",
        }
        token = (await client.post("https://login.microsoftonline.com/organizations/oauth2/v2.0/token", data=form)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for rule in rules:
            made = await client.post(rule["create"]["url"], json=rule["create"]["body"])
            number = made.headers["OData-EntityId"].split("(")[1].rstrip(")")
            answers.append(made.status_code)
            for request in (*rule["conditions"], rule["publish"]):
                body = {k: v.replace("{id of the rule}", number) if isinstance(v, str) else v for k, v in request.get("body", {}).items()}
                answers.append((await client.post(request["url"].replace("{id of the rule}", number), json=body)).status_code)
    return answers


def test_the_duplicate_rules_are_accepted_by_the_sandbox(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "sandbox.db")
    try:
        rules = [duplicate_rules.requests(rule) for _, rule in duplicate_rules.duplicate_rules(project_file.load(sample_folder()))]
        answers = asyncio.run(_played(sandbox.app, rules))
    finally:
        sandbox.close()
    assert answers
    assert all(status < 300 for status in answers), answers


@pytest.fixture
def demo_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    demo.prepare(folder, fresh=True)
    assert run(["-C", str(folder), "pull"]) == 0
    return folder


def test_what_the_policy_sets_up_goes_through_a_plan_is_applied_and_taken_back(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at, file = ["-C", str(demo_folder)], str(tmp_path / "plan.json")
    assert run([*at, "plan", "--set-up", "-o", file]) == 0
    shown = capsys.readouterr().out
    assert "duplicate detection rule: contact to lead by e-mail" in shown
    document = json.loads(Path(file).read_text())
    kinds = [w["kind"] for w in document["writes"]]
    assert (kinds.count("rule"), kinds.count("schema"), document["records"]) == (6, 4, 0)
    assert run([*at, "apply", file]) == 2  # without a terminal the number has to be given
    assert run([*at, "apply", file, "--confirm", "0"]) == 0
    assert {r["name"]: r["statuscode"] for r in _rules(demo_folder)} == dict.fromkeys((w["id"] for w in document["writes"][4:]), 2)
    assert run([*at, "pull"]) == 0
    capsys.readouterr()
    assert run([*at, "plan", "--set-up", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert [w["kind"] for w in again["writes"]] == ["rule"] * 6  # columns and keys are known to be there; rules are looked at when applied
    assert run([*at, "undo", "1", "--confirm", "0"]) == 0
    assert _rules(demo_folder) == []


def _rules(folder: Path) -> list[dict[str, Any]]:
    sandbox = Sandbox(folder / SANDBOX_STATE)
    try:
        rules: list[dict[str, Any]] = sandbox.snapshot()["dynamics"]["duplicaterule"]
        return rules
    finally:
        sandbox.close()
