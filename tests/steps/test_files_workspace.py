"""A folder of exports goes the same way; its plan comes out as import-ready files."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

from reconcile_tui.model import Ref
from reconcile_tui.steps import decide, import_files, match, plan
from reconcile_tui.steps.connect import systems
from reconcile_tui.steps.field_history import UNTOLD, field_history
from reconcile_tui.steps.pull import pull
from reconcile_tui.workspace import Workspace
from reconcile_tui.workspace.matches import NewGroup

PROJECT = """
[systems.people]
kind = "files"
folder = "exports"
id = "rec_id"
[record_types.people]
people = "people"
[[record_types.people.fields]]
name = "given_name"
people = "given_name"
[[record_types.people.fields]]
name = "surname"
people = "surname"
[[record_types.people.fields]]
name = "birth_date"
people = "birth_date"
[[record_types.people.fields]]
name = "street"
people = "street"
"""

PEOPLE = """rec_id,given_name,surname,birth_date,street
1,Anna,Szczepanowska,1980-02-03,"1 High St, flat 2"
2,Anna,Szczepanowska,1980-02-03,
3,Bob,Jones,1990-01-01,=5 Low Rd
"""


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_folder_of_exports_is_pulled_matched_decided_and_planned_as_files(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "reconcile.toml").write_text(PROJECT, encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:

        async def load() -> None:
            async with systems(workspace) as opened:
                await pull(workspace, opened)

        asyncio.run(load())
        match.match(workspace)
        group = workspace.matches.page(limit=10)
        assert len(group) == 1
        decide.decide(workspace, group[0].id, "merge")
        decide.set_value(workspace, group[0].id, "given_name", "Hanna")
        made = plan.make(workspace)
        written = import_files.write(workspace, made, tmp_path / "import")
    assert {path.name for path in written} == {"people-merges.csv", "people-updates.csv"}
    head, merge = rows(tmp_path / "import" / "people-merges.csv")
    assert head == ["keep", "lose"]
    assert sorted(merge) == ["1", "2"]
    head, update = rows(tmp_path / "import" / "people-updates.csv")
    assert head[0] == "rec_id"
    assert dict(zip(head, update, strict=True))["given_name"] == "Hanna"
    assert update[0] == merge[0]
    assert (tmp_path / "import" / "people-updates.csv").stat().st_mode & 0o777 == 0o600


def test_an_import_names_nothing_but_what_the_plan_changes(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "reconcile.toml").write_text(PROJECT, encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:

        async def load() -> None:
            async with systems(workspace) as opened:
                await pull(workspace, opened)

        asyncio.run(load())
        keys = [workspace.records.key_of(Ref("people", "people", id_)) or 0 for id_ in "123"]
        workspace.matches.add_groups(NewGroup(f"g{n}", "people", "differs", 0.9, (key,), "", "", (), 0.1, "") for n, key in enumerate(keys))
        for group, field, value in (("g0", "street", None), ("g1", "street", "=1 New Rd"), ("g2", "surname", "Johns")):
            decide.set_value(workspace, group, field, value)
            decide.decide(workspace, group, "merge")
        paths = import_files.write(workspace, plan.make(workspace), tmp_path / "import")
    assert [path.name for path in paths] == ["people-updates-01.csv", "people-updates-02.csv"]
    assert rows(paths[0]) == [["rec_id", "street"], ["1", ""], ["2", "=1 New Rd"]]  # exact values: an import wizard reads them
    assert rows(paths[1]) == [["rec_id", "surname"], ["3", "Johns"]]


def test_who_changed_a_value_is_nothing_a_folder_of_exports_can_tell(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "reconcile.toml").write_text(PROJECT, encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:

        async def asked() -> list[str]:
            async with systems(workspace) as opened:
                await pull(workspace, opened)
                keys = tuple(workspace.records.key_of(Ref("people", "people", id_)) or 0 for id_ in ("1", "2"))
                workspace.matches.add_groups([NewGroup("g1", "people", "differs", 0.9, keys, "P+P", "Anna", (), 0.1, "")])
                return [told.note for told in await field_history(workspace, "g1", "street", opened)]

        assert asyncio.run(asked()) == [UNTOLD["files"]] * 2
