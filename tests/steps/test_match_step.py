"""The planted cases of the sample data come out as its answer key says."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pytest

from reconcile_tui.errors import UsageError
from reconcile_tui.model import Ref
from reconcile_tui.steps import match
from reconcile_tui.steps.matching.grouping import new_groups
from reconcile_tui.workspace import Workspace
from tests.steps.conftest import Key


def found_groups(workspace: Workspace) -> dict[str, frozenset[Key]]:
    members: dict[str, set[Key]] = defaultdict(set)
    for group, key in workspace.matches.all_members():
        ref = workspace.records.ref_of(key)
        members[group].add((ref.system, ref.table, ref.id))
    return {group: frozenset(keys) for group, keys in members.items() if workspace.matches.row(group).klass != "collision"}  # type: ignore[union-attr]


def expected_groups(truth: dict[Key, dict[str, str]]) -> dict[str, frozenset[Key]]:
    members: dict[str, set[Key]] = defaultdict(set)
    for key, row in truth.items():
        if row["group"]:
            members[row["group"]].add(key)
    return {group: frozenset(keys) for group, keys in members.items()}


def test_every_planted_group_is_found_and_no_other(loaded: Workspace, truth: dict[Key, dict[str, str]]) -> None:
    found, expected = set(found_groups(loaded).values()), expected_groups(truth)
    missed = {name for name, keys in expected.items() if keys not in found}
    assert missed == set()
    assert len(found) == len(expected)


def test_look_alikes_in_a_chain_are_not_one_group(loaded: Workspace, truth: dict[Key, dict[str, str]]) -> None:
    chain = {key for key, row in truth.items() if "chain-of-look-alikes" in row["cases"]}
    holding = [keys for keys in found_groups(loaded).values() if keys & chain]
    assert len(holding) == 2


def test_a_shared_mailbox_is_its_own_class(loaded: Workspace, truth: dict[Key, dict[str, str]]) -> None:
    expected = expected_groups(truth)
    for group, keys in found_groups(loaded).items():
        cases = {truth[key]["cases"] for key in keys}
        if cases & {"shared-mailbox", "family", "the-article"}:
            assert loaded.matches.row(group).klass == "shared_mailbox", cases  # type: ignore[union-attr]
            assert keys in expected.values()


def test_matching_again_keeps_the_groups_names(loaded: Workspace) -> None:
    before = found_groups(loaded)
    match.match(loaded)
    assert found_groups(loaded) == before


def test_the_export_has_the_documented_columns_in_every_format(loaded: Workspace, tmp_path: Path) -> None:
    count = match.export(loaded, tmp_path / "pairs.csv")
    head, *lines = (tmp_path / "pairs.csv").read_text(encoding="utf-8").splitlines()
    assert head == "left_system,left_table,left_id,right_system,right_table,right_id,score,probability,class,group,band"
    assert len(lines) == count
    assert match.export(loaded, tmp_path / "pairs.jsonl") == count
    assert set(json.loads((tmp_path / "pairs.jsonl").read_text().splitlines()[0])) == set(head.split(","))
    assert match.export(loaded, tmp_path / "pairs.parquet") == count
    with pytest.raises(UsageError, match=r"\.csv, \.parquet or \.jsonl"):
        match.export(loaded, tmp_path / "pairs.xlsx")


def test_two_records_that_were_never_compared_are_explained(loaded: Workspace) -> None:
    explained = match.why_records(loaded, Ref("hubspot", "contacts", "501"), _somebody_else(loaded))
    assert sum(field["bits"] for field in explained[0]["fields"]) == pytest.approx(explained[0]["score_bits"])
    assert explained[0]["note"]


def _somebody_else(workspace: Workspace) -> Ref:
    article = workspace.records.key_of(Ref("hubspot", "contacts", "501"))
    group = workspace.matches.group_of(int(article or 0))
    other = next(g for g, _ in workspace.matches.all_members() if g != group)
    return workspace.records.ref_of(workspace.matches.members(other)[0])


def test_a_group_says_which_of_a_hundred_fields_differ(loaded: Workspace) -> None:
    kind = loaded.project.record_types["contacts"]
    names = [f"field_{n}" for n in range(100)]
    kind = kind.model_copy(update={"fields": tuple(kind.fields[0].model_copy(update={"name": name}) for name in names)})
    unlike = {names[0], names[63], names[64], names[99]}
    columns = {name: ["one", "two"] if name in unlike else ["same", "same"] for name in names}
    table = pa.table({"key": [1, 2], "system": ["dynamics", "hubspot"], "modified": ["2026-01-01", "2026-01-02"], **columns})
    groups = pa.table({"group": ["g1", "g1"], "key": [1, 2], "class": ["differs", "differs"], "score": [0.9, 0.9]})
    [group] = new_groups(kind, table, groups)
    assert set(group.differs) == unlike
