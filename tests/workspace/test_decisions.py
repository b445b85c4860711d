"""The log only grows; undo and redo are entries too."""

from __future__ import annotations

import sqlite3

import pytest

from reconcile_tui.workspace import Workspace


def test_entries_can_be_neither_changed_nor_removed(workspace: Workspace) -> None:
    workspace.decisions.append("g", "outcome", {"outcome": "merge"})
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        workspace.db.execute("DELETE FROM decision")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        workspace.db.execute("UPDATE decision SET note = 'x'")


def test_what_was_undone_is_not_in_force_until_it_is_redone(workspace: Workspace) -> None:
    log = workspace.decisions
    first = log.append("g", "outcome", {"outcome": "merge"})
    undo = log.append("g", "undo", {"of": first.seq})
    log.mark_undone(first.seq, undo.seq)
    assert log.in_force("g") == []
    assert log.last_redoable() == first
    log.mark_redone(first.seq)
    assert log.in_force("g") == [first]


def test_a_new_decision_ends_the_chance_to_redo(workspace: Workspace) -> None:
    log = workspace.decisions
    first = log.append("g", "outcome", {"outcome": "merge"})
    log.mark_undone(first.seq, log.append("g", "undo", {"of": first.seq}).seq)
    log.append("h", "outcome", {"outcome": "link"})
    assert log.last_redoable() is None


def test_the_newest_word_on_a_pair_stands_and_a_group_can_take_its_words_back(workspace: Workspace) -> None:
    workspace.decisions.judge(1, [(5, 3, True)], group="g")
    workspace.decisions.judge(2, [(3, 5, False)], group="h")
    assert workspace.decisions.judgements() == [(3, 5, False)]
    workspace.decisions.judge(3, [], group="h")
    assert workspace.decisions.judgements() == [(3, 5, True)]
