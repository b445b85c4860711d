"""Records are found as one types: by any word, by its beginning, by part of a number; what is gone or changed is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile_tui.workspace import Workspace
from reconcile_tui.workspace.search import Search
from reconcile_tui.workspace.search_words import query, words
from tests.workspace.conftest import dynamics_record, hubspot_record, store


@pytest.fixture
def find(workspace: Workspace) -> Callable[[str], list[str]]:
    """Ids found, the index brought up to date first."""

    def found(text: str) -> list[str]:
        search = Search(workspace)
        if search.stale():
            search.build()
        return sorted(hit.ref.id for hit in search.find(text))

    return found


@pytest.mark.parametrize(
    "text",
    [
        "quinn",
        "QUINN",
        "quinn@orchard.example",
        "orchard.example",
        "orchard",
        "example",
        "quinn@or",
        "orch",
        "Zoë",
        "zoe",
        "zo",
        "orchard zo",
        "ex qu zoe",
        "O'Hara",
        "hara",
        "ohara x",
    ],
)
def test_a_record_is_found_by_any_word_and_its_beginning(workspace: Workspace, find: Callable[[str], list[str]], text: str) -> None:
    store(
        workspace,
        "dynamics",
        "contact",
        [dynamics_record("one", "Zoë O'Hara", "quinn@orchard.example"), dynamics_record("two", "Ann", "ann@else.org")],
    )
    assert find(text) == ([] if text == "ohara x" else ["one"])


@pytest.mark.parametrize("text", ["+47 22 11 09 87", "22110987", "2211 0987", "1109", "(47) 2211", "0987", "zoe 1109", "+4722110987"])
def test_any_part_of_a_number_is_found_however_it_is_grouped(workspace: Workspace, find: Callable[[str], list[str]], text: str) -> None:
    store(
        workspace,
        "dynamics",
        "contact",
        [dynamics_record("one", "+47 2211 0987", "zoe@a.test"), dynamics_record("two", "+47 2211 5555", "zoe@b.test")],
    )
    assert "one" in find(text)
    assert ("two" in find(text)) == (text == "(47) 2211")


def test_an_id_is_found_by_its_beginning(workspace: Workspace, find: Callable[[str], list[str]]) -> None:
    store(workspace, "hubspot", "contacts", [hubspot_record("5521077", "Ann", None), hubspot_record("990", "Bob", None)])
    assert find("5521") == ["5521077"]


def test_a_changed_record_is_found_by_what_it_says_now_alone(workspace: Workspace, find: Callable[[str], list[str]]) -> None:
    store(workspace, "dynamics", "contact", [dynamics_record("one", "Anna", "anna@a.test")])
    assert find("anna") == ["one"]
    for name in ("Berta", "Clara"):
        store(workspace, "dynamics", "contact", [dynamics_record("one", name, "x@a.sample", etag=name)], full=False)
        assert (find("anna"), find(name), find("sample")) == ([], ["one"], ["one"])


def test_a_record_that_is_gone_is_found_no_more(workspace: Workspace, find: Callable[[str], list[str]]) -> None:
    kept = dynamics_record("two", "Anton", "a@b.test")
    store(workspace, "dynamics", "contact", [dynamics_record("one", "Anna", "anna@a.test"), kept])
    assert find("an") == ["one", "two"]
    store(workspace, "dynamics", "contact", [kept])
    assert find("an") == ["two"]


def test_what_a_running_pull_brings_later_is_found_once_it_has_ended(workspace: Workspace, find: Callable[[str], list[str]]) -> None:
    from reconcile_tui.model import Page

    store(workspace, "dynamics", "contact", [dynamics_record("one", "Anna", None)])
    pull = workspace.records.start_pull("dynamics", "contact", since="x", at="2026-04-02T00:00:00Z")
    assert find("anna") == ["one"]
    workspace.records.store_page("dynamics", Page("contact", (dynamics_record("two", "Anna", None),), None), pull)
    workspace.records.finish_pull(pull, next_since="y", at="2026-04-02T00:00:01Z", full=False)
    assert find("anna") == ["one", "two"]


def test_an_index_that_was_not_finished_is_made_anew(workspace: Workspace, find: Callable[[str], list[str]]) -> None:
    store(workspace, "dynamics", "contact", [dynamics_record("one", "Anna", None)])
    store(workspace, "hubspot", "contacts", [hubspot_record("9", "Anna", None)])

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Search(workspace).build(stop)
    assert find("anna") == ["9", "one"]


@given(text=st.text(min_size=1))
def test_every_word_of_a_value_finds_it_and_no_text_is_an_error(text: str) -> None:
    import sqlite3

    from reconcile_tui.workspace.search_words import indexed

    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE w USING fts5(content, content='', columnsize=0, detail=none, prefix='1 2 3', tokenize=ascii)")
    db.execute("INSERT INTO w (rowid, content) VALUES (1, ?)", (indexed([text]),))
    for asked in (text, *words(text), *(word[: len(word) // 2] for word in words(text))):
        if query(asked):
            assert db.execute("SELECT rowid FROM w WHERE w MATCH ?", (query(asked),)).fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("text", "limit", "count"), [("orchards", 1, 1), ("orchards", 2, 2), ("orchards", 9, 3), ("orchard", 2, 2), ("orchar", 9, 3)]
)
def test_of_many_that_fit_those_that_have_the_very_word_come_first(workspace: Workspace, text: str, limit: int, count: int) -> None:
    names = {"one": "Orchardson", "two": "Orchards", "three": "Orchards"}
    store(workspace, "dynamics", "contact", [dynamics_record(id_, name, f"{id_}@a.test") for id_, name in names.items()])
    search = Search(workspace)
    search.build()
    found = {hit.ref.id for hit in search.find(text, limit=limit)}
    assert len(found) == count
    assert found <= {"two", "three"} or text != "orchards" or limit > 2


def test_nothing_is_found_before_there_is_an_index(workspace: Workspace) -> None:
    assert Search(workspace).find("anna") == []
