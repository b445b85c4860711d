"""Records keep their keys across pulls; predicates read their own table and nothing else."""

from __future__ import annotations

import pytest

from reconcile_tui.errors import ProjectError
from reconcile_tui.model import Page, Ref
from reconcile_tui.workspace import Workspace, columns, common_form
from tests.workspace.conftest import dynamics_record, hubspot_record, store

BOB = Ref("dynamics", "contact", "C-1")


def test_a_record_comes_back_with_common_values_links_and_eligibility(workspace: Workspace) -> None:
    bob = workspace.records.get(BOB)
    assert bob is not None
    assert bob.values == {"first_name": "Robert", "email": "bob@acme.test", "opt_out": "false"}
    assert bob.native["emailaddress1"] == "Bob@Acme.test"
    assert bob.eligible
    other = workspace.records.get(Ref("hubspot", "contacts", "501"))
    assert other is not None
    assert other.links == (BOB,)
    assert other.values["opt_out"] == "true"


def test_keys_stay_when_a_record_is_pulled_again(workspace: Workspace) -> None:
    before = workspace.records.key_of(BOB)
    store(
        workspace,
        "dynamics",
        "contact",
        [dynamics_record("C-2", "Rita", "r@x.test", etag="2"), dynamics_record("C-1", "Bob", None, etag="2")],
    )
    assert workspace.records.key_of(BOB) == before
    bob = workspace.records.get(BOB)
    assert bob is not None
    assert bob.values["first_name"] == "Bob"
    assert not bob.eligible


def test_only_what_changed_counts_as_changed(workspace: Workspace) -> None:
    records = workspace.records
    last = records.last_pull("hubspot", "contacts")
    assert last is not None
    pull = records.start_pull("dynamics", "contact", since=None, at="t")
    page = Page(
        "contact", (dynamics_record("C-1", "Robert", "Bob@Acme.test"), dynamics_record("C-2", "Ritva", "bob@acme.test", etag="9")), None
    )
    assert records.store_page("dynamics", page, pull) == 1
    records.finish_pull(pull, next_since=None, at="t", full=True)
    assert records.changed_since(last["id"]) == [records.key_of(Ref("dynamics", "contact", "C-2"))]


def test_what_a_full_pull_does_not_bring_is_gone_and_a_pull_of_changes_removes_nothing(workspace: Workspace) -> None:
    store(workspace, "dynamics", "contact", [dynamics_record("C-3", "Ann", "ann@x.test")], full=False)
    assert workspace.records.counts()["dynamics", "contact"] == 3
    assert store(workspace, "dynamics", "contact", [dynamics_record("C-3", "Ann", "ann@x.test")]) == 2
    assert workspace.records.counts()["dynamics", "contact"] == 1
    gone = workspace.records.get(BOB)
    assert gone is not None
    assert not gone.active


def test_a_page_and_its_cursor_are_stored_together(workspace: Workspace) -> None:
    records = workspace.records
    pull = records.start_pull("hubspot", "contacts", since=None, at="t")
    records.store_page("hubspot", Page("contacts", (hubspot_record("502", "Ann", "a@x.test"),), "next"), pull)
    unfinished = records.unfinished_pull("hubspot", "contacts")
    assert unfinished is not None
    assert (unfinished["cursor"], unfinished["records"]) == ("next", 1)


def test_columns_come_as_text_in_common_form(workspace: Workspace) -> None:
    table = common_form.table_of(workspace, workspace.project.record_types["contacts"])
    assert table.column("email").to_pylist() == ["bob@acme.test"] * 3
    assert table.column("opt_out").to_pylist() == ["false", "false", "true"]
    assert table.column("system").to_pylist() == ["dynamics", "dynamics", "hubspot"]


@pytest.mark.parametrize("large", [1, 1000])
def test_columns_in_common_form_are_the_values_of_the_records(workspace: Workspace, large: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "LARGE", large)
    record_type = workspace.project.record_types["contacts"]
    table = common_form.table_of(workspace, record_type)
    rows = table.to_pylist()
    records = workspace.records.load([row["key"] for row in rows])
    assert [row["key"] for row in rows] == [key for t in workspace.records.tables(record_type) for key in workspace.records.live_keys(t)]
    for row, record in zip(rows, records, strict=True):
        assert {field.name: row[field.name] for field in record_type.fields} == {
            f.name: record.values.get(f.name) for f in record_type.fields
        }
        assert row["modified"] == record.modified_at


@pytest.mark.parametrize(
    "predicate",
    [
        "1) UNION SELECT seq FROM decision --",
        "(SELECT count(*) FROM setting) = 0",
        "nosuchcolumn = 1",
        "1; DELETE FROM rec_dynamics_contact",
        "load_extension('x')",
        "_row IN (SELECT _row FROM rec_hubspot_contacts)",
    ],
)
def test_a_predicate_that_reaches_beyond_its_table_or_is_wrong_is_named(workspace: Workspace, predicate: str) -> None:
    with pytest.raises(ProjectError) as caught:
        workspace.records.eligible_keys("dynamics", "contact", predicate)
    assert predicate in str(caught.value)
    assert workspace.records.counts()["dynamics", "contact"] == 2


def test_column_names_of_the_systems_are_quoted(workspace: Workspace) -> None:
    from reconcile_tui.model import Column, PulledRecord

    nasty = 'a"b; DROP TABLE pull; --'
    workspace.records.define("dynamics", "lead", [Column(nasty)])
    pull = workspace.records.start_pull("dynamics", "lead", since=None, at="t")
    workspace.records.store_page("dynamics", Page("lead", (PulledRecord("L-1", {nasty: "x"}),), None), pull)
    assert workspace.db.execute("SELECT count(*) FROM pull").fetchone()[0] == 3


def test_the_last_values_of_a_record_merged_away_are_kept(workspace: Workspace) -> None:
    from reconcile_tui.model import PulledRecord

    store(workspace, "dynamics", "contact", [PulledRecord("C-2", {}, active=False, merged_into="C-1")], full=False)
    rita = workspace.records.get(Ref("dynamics", "contact", "C-2"))
    assert rita is not None
    assert (rita.merged_into, rita.active, rita.values["first_name"]) == ("C-1", False, "Rita")
    assert workspace.records.counts()["dynamics", "contact"] == 1
