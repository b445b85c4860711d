"""What has changed since the last run is matched again, through pulls from both systems, with the result of a full run."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconcile_tui import matching
from reconcile_tui.errors import Interrupted
from reconcile_tui.model import Ref
from reconcile_tui.steps import decide, demo, match
from reconcile_tui.steps.connect import systems
from reconcile_tui.steps.matching.basis import judgements_of, table_of
from reconcile_tui.steps.pull import pull
from reconcile_tui.workspace import Workspace

COLUMNS = {"dynamics": ("firstname", "lastname", "emailaddress1"), "hubspot": ("firstname", "lastname", "email")}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    demo.prepare(tmp_path / "demo", fresh=True)
    with Workspace.open(tmp_path / "demo") as opened:
        demo.load(opened)
        yield opened


def change_in_the_systems(workspace: Workspace, edits: list[tuple[Ref, dict[str, str]]], merges: list[tuple[Ref, Ref]] = []) -> None:  # noqa: B006
    async def work() -> None:
        async with systems(workspace) as opened:
            for ref, values in edits:
                await opened[ref.system].update(ref.table, ref.id, values)
            for keep, lose in merges:
                await opened[keep.system].merge(keep.table, keep.id, lose.id, {})
            await pull(workspace, opened)

    asyncio.run(work())


def stored(workspace: Workspace) -> tuple[dict[tuple[int, int], tuple[float, str]], dict[str, tuple[frozenset[int], str]]]:
    pairs = {(row[0], row[1]): (row[2], row[4]) for row in workspace.matches.all_pairs()}
    rows = [workspace.matches.row(group) for group in {group for group, _ in workspace.matches.all_members()}]
    groups = {row.id: (frozenset(workspace.matches.members(row.id)), row.klass) for row in rows if row and row.klass != "collision"}
    return pairs, groups


def everything_matched_with_the_same_model(workspace: Workspace, previous: list[tuple[str, int]]) -> object:
    record_type = workspace.project.record_types["contacts"]
    last = workspace.match_runs.last("contacts")
    assert last is not None
    result = matching.run(
        table_of(workspace, record_type),
        record_type.fields,
        workspace.project.matching("contacts"),
        judgements=judgements_of(workspace),
        model=last["model"],
        previous_groups=match._groups(previous),
    )
    rows = result.pairs.to_pylist()
    groups: dict[str, tuple[frozenset[int], str]] = {}
    for row in result.groups.to_pylist():
        members, _ = groups.get(row["group"], (frozenset(), ""))
        groups[row["group"]] = (members | {row["key"]}, row["class"])
    return {(row["left"], row["right"]): (row["bits"], row["class"]) for row in rows}, groups


def random_edits(workspace: Workspace, rng: random.Random, count: int) -> list[tuple[Ref, dict[str, str]]]:
    """Values of other records, so that people become alike who were not, and unlike who were."""
    edits = []
    for system, table in (("dynamics", "contact"), ("hubspot", "contacts")):
        every = workspace.records.load(workspace.records.live_keys(workspace.records.table(system, table)))
        records = rng.sample([record for record in every if record.active], 2 * count)
        for record, donor in zip(records[:count], records[count:], strict=True):
            column = rng.choice(COLUMNS[system][:2] if system == "hubspot" else COLUMNS[system])
            if value := donor.native.get(column):
                edits.append((record.ref, {column: str(value)}))
    return edits


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pulled_changes_matched_again_give_what_matching_everything_would(workspace: Workspace, seed: int) -> None:
    rng = random.Random(seed)
    for step in range(3):
        previous = list(workspace.matches.all_members())
        merges = [pair_to_merge(workspace)] if step == 1 else []
        change_in_the_systems(workspace, random_edits(workspace, rng, rng.choice([1, 4])), merges)
        [matched] = match.match(workspace)
        assert matched.mode == "changes", matched.reason
        assert 0 < matched.looked_at < matched.records / 2
        assert stored(workspace) == everything_matched_with_the_same_model(workspace, previous)


def pair_to_merge(workspace: Workspace) -> tuple[Ref, Ref]:
    """Two HubSpot contacts of one group."""
    for row in workspace.matches.page(limit=500):
        refs = [ref for ref in workspace.records.refs(workspace.matches.members(row.id)).values() if ref.system == "hubspot"]
        if len(refs) > 1:
            return refs[0], refs[1]
    raise AssertionError("the sample data has such a group")


def test_when_nothing_has_changed_nothing_is_matched(workspace: Workspace) -> None:
    before = stored(workspace)
    [matched] = match.match(workspace)
    assert (matched.mode, matched.looked_at) == ("none", 0)
    assert stored(workspace) == before


def test_a_judgement_regroups_only_its_own_records(workspace: Workspace) -> None:
    previous = list(workspace.matches.all_members())
    group = next(row for row in workspace.matches.page(limit=500) if row.klass == "differs" and row.size == 2)
    members = set(workspace.matches.members(group.id))
    decide.decide(workspace, group.id, "different")
    [matched] = match.match(workspace)
    assert matched.mode == "changes"
    assert not any(members <= keys for keys, _ in stored(workspace)[1].values())
    assert stored(workspace) == everything_matched_with_the_same_model(workspace, previous)
    decide.undo(workspace)
    match.match(workspace)
    assert any(members <= keys for keys, _ in stored(workspace)[1].values())


def test_everything_is_matched_when_asked_for_and_after_other_settings(workspace: Workspace) -> None:
    [matched] = match.match(workspace, full=True)
    assert (matched.mode, matched.reason) == ("full", "asked for")
    path = workspace.folder / "reconcile.toml"
    written = path.read_text(encoding="utf-8").replace("review = 0.5", "review = 0.6")
    path.write_text(written, encoding="utf-8")
    workspace.close()
    with Workspace.open(workspace.folder) as again:
        [matched] = match.match(again)
    assert matched.mode == "full"
    assert "settings" in matched.reason


def test_what_an_older_way_of_training_has_matched_is_matched_anew(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconcile_tui.matching.model.TRAINING", 0)
    match.match(workspace, full=True)
    monkeypatch.undo()
    (matched,) = match.match(workspace)
    assert matched.mode == "full"
    assert "version" in matched.reason
    (again,) = match.match(workspace)
    assert again.mode == "none"


def test_a_stop_at_any_moment_leaves_the_previous_result_and_the_next_run_catches_up(workspace: Workspace) -> None:
    before, previous = stored(workspace), list(workspace.matches.all_members())
    change_in_the_systems(workspace, random_edits(workspace, random.Random(5), 3))
    for full in (False, True):
        for limit in (0, 1, 3):
            calls = iter(range(100_000))
            with pytest.raises(Interrupted):
                match.match(workspace, full=full, stop=lambda calls=calls, limit=limit: next(calls) >= limit)
            assert stored(workspace) == before
    [matched] = match.match(workspace)
    assert matched.mode == "changes"
    assert stored(workspace) == everything_matched_with_the_same_model(workspace, previous)
