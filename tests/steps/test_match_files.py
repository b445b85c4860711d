"""Columns other than a CRM's are matched through a project file that only names them; and the model learns from what is decided there."""

from __future__ import annotations

import asyncio
import csv
import random
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import pytest

from reconcile_tui import matching
from reconcile_tui.cli.app import run
from reconcile_tui.steps import decide, match
from reconcile_tui.steps.connect import systems
from reconcile_tui.steps.matching.basis import table_of
from reconcile_tui.steps.pull import pull
from reconcile_tui.workspace import Workspace
from tests.matching.people import crowd

COLUMNS = {
    "given_name": "first_name",
    "surname": "last_name",
    "e_mail": "email",
    "telephone": "phone",
    "employer": "company",
    "town": "city",
}


def project(folder: Path) -> str:
    fields = "".join(f'[[record_types.people.fields]]\nname = "{name}"\nold = "{name}"\nnew = "{name}"\n' for name in COLUMNS)
    fields = fields.replace('name = "e_mail"\n', 'name = "e_mail"\nkind = "email"\n')
    both = "".join(f'[systems.{name}]\nkind = "files"\nfolder = "{folder / "exports"}"\nid = "number"\n' for name in ("old", "new"))
    return f'country = "GB"\n{both}[record_types.people]\nold = "old"\nnew = "new"\n{fields}'


@pytest.fixture
def people(tmp_path: Path) -> Iterator[tuple[Workspace, dict[str, int]]]:
    """A workspace over two exports with other columns, and who each record is."""
    rows, who = crowd(400, seed=21, again=0.5)
    (tmp_path / "exports").mkdir()
    for system, file in (("dynamics", "old"), ("hubspot", "new")):
        with (tmp_path / "exports" / f"{file}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["number", *COLUMNS])
            writer.writerows([row["key"], *(row[name] for name in COLUMNS.values())] for row in rows if row["system"] == system)
    (tmp_path / "reconcile.toml").write_text(project(tmp_path), encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:

        async def load() -> None:
            async with systems(workspace) as opened:
                await pull(workspace, opened)

        asyncio.run(load())
        yield workspace, {str(row["key"]): person for row, person in zip(rows, who, strict=True)}


def test_an_export_of_pairs_is_what_the_engine_finds_in_the_same_values(people: tuple[Workspace, dict[str, int]], tmp_path: Path) -> None:
    workspace, who = people
    match.match(workspace)
    match.export(workspace, tmp_path / "pairs.csv")
    with (tmp_path / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    record_type = workspace.project.record_types["people"]
    assert [field.kind for field in record_type.fields] == list(COLUMNS.values())
    result = matching.run(table_of(workspace, record_type), record_type.fields, workspace.project.matching("people"))
    refs = workspace.records.refs({*result.pairs["left"].to_pylist(), *result.pairs["right"].to_pylist()})
    found = {(refs[row["left"]].id, refs[row["right"]].id): row["probability"] for row in result.pairs.to_pylist()}
    assert {(row["left_id"], row["right_id"]): float(row["probability"]) for row in rows} == pytest.approx(found)
    taken = [(row["left_id"], row["right_id"]) for row in rows if float(row["probability"]) >= 0.5]
    true = sum(who[a] == who[b] for a, b in taken)
    total = sum(person == other for person, other in combinations(who.values(), 2))
    assert 2 * true / (len(taken) + total) > 0.93


def decide_all(workspace: Workspace, who: dict[str, int]) -> None:
    """Decide every group as somebody who knows who is who, and takes a group with a stranger in it for different people altogether."""
    for row in workspace.matches.page(order="uncertainty", limit=1000):
        refs = workspace.records.refs(workspace.matches.members(row.id)).values()
        decide.decide(workspace, row.id, "merge" if len({who[ref.id] for ref in refs}) == 1 else "different")


def agree_with_the_model(workspace: Workspace, _: dict[str, int]) -> None:
    """Judge every stored pair just as often the same as its probability says: nothing is to be learnt from that."""
    rng = random.Random(7)
    pairs = [(row[0], row[1], rng.random() < row[3]) for row in workspace.matches.all_pairs()]
    workspace.decisions.judge(1, pairs)


def loosened(workspace: Workspace) -> Workspace:
    """The same with groups from a tenth of probability on, so that different people come up for review too."""
    path = workspace.folder / "reconcile.toml"
    path.write_text(path.read_text(encoding="utf-8") + "[matching.people]\nreview = 0.002\nkeep = 0.002\n", encoding="utf-8")
    workspace.close()
    return Workspace.open(workspace.folder)


@pytest.mark.parametrize(("judge", "used"), [(decide_all, True), (agree_with_the_model, False)])
def test_from_a_hundred_judgements_on_the_model_is_re_weighed_only_if_that_predicts_held_back_ones_better(
    people: tuple[Workspace, dict[str, int]],
    judge: Callable[[Workspace, dict[str, int]], None],
    used: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    workspace, who = people
    with loosened(workspace) as again:
        match.match(again)
        judge(again, who)
    assert run(["-C", str(workspace.folder), "match"]) == 0
    told = capsys.readouterr().out
    with Workspace.open(workspace.folder) as again:
        last = again.match_runs.last("people")
        assert last is not None
        learning = last["report"]["learning"]
        assert learning["judgements"] >= 100
        assert (learning["used"], learning["held_back_after"] < learning["held_back_before"]) == (used, used)
        assert ("the re-weighed model is used" if used else "the model stays as trained") in told
        assert ({field["factor"] for field in last["model"]["comparisons"]} != {1.0}) == used
        [matched] = match.match(again)
        assert matched.mode == "none"  # the same judgements teach once


def test_a_few_judgements_do_not_re_weigh_the_model_and_match_says_how_many_are_needed(
    people: tuple[Workspace, dict[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, _ = people
    match.match(workspace)
    for row in workspace.matches.page(limit=5):
        decide.decide(workspace, row.id, "different")
    workspace.close()
    assert run(["-C", str(workspace.folder), "match", "--full"]) == 0
    assert "At least 100 judgements are needed" in capsys.readouterr().out


def test_the_queue_can_begin_with_what_a_judgement_would_teach_most(people: tuple[Workspace, dict[str, int]]) -> None:
    workspace, _ = people
    match.match(workspace)
    rows = workspace.matches.page(order="uncertainty", limit=1000)
    assert [row.uncertainty for row in rows] == sorted((row.uncertainty for row in rows), reverse=True)
    assert abs(rows[0].score - 0.5) <= abs(rows[-1].score - 0.5)
