"""Folders of exports: every format, hostile content, and sentences for what is wrong."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Callable
from contextlib import aclosing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile_tui.errors import RequestRefused, SystemUnreachable
from reconcile_tui.model import Page
from reconcile_tui.project import SystemSettings
from reconcile_tui.systems import files, open_system

ROWS = [{"id": "1", "name": "Ada\nByron", "note": 'a,b;"c"'}, {"id": "2", "name": "", "note": "[red]x[/] \x1b[31m \u202e"}]


def write_csv(folder: Path, rows: list[dict[str, str]], table: str = "people") -> None:
    with (folder / f"{table}.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_jsonl(folder: Path, rows: list[dict[str, Any]]) -> None:
    (folder / "people.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n", encoding="utf-8")


def write_parquet(folder: Path, rows: list[dict[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), folder / "people.parquet")


WRITERS: dict[str, Callable[[Path, list[dict[str, Any]]], None]] = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}


def exports(folder: Path, **more: Any) -> Any:
    return open_system("old", SystemSettings(kind="files", folder=str(folder), **more))


def pulled(system: Any, columns: list[str], **more: Any) -> list[Page]:
    async def story() -> list[Page]:
        async with aclosing(system.pull("people", columns, **more)) as pages:
            return [page async for page in pages]

    return asyncio.run(story())


@pytest.mark.parametrize("ending", list(WRITERS))
def test_every_format_brings_the_same_rows(tmp_path: Path, ending: str) -> None:
    WRITERS[ending](tmp_path, ROWS)
    system = exports(tmp_path)
    assert [c.name for c in asyncio.run(system.describe("people"))] == ["id", "name", "note"]
    [page] = pulled(system, ["name", "note"])
    assert [record.id for record in page.records] == ["1", "2"]
    assert [{name: record.native[name] or "" for name in ROWS[0]} for record in page.records] == ROWS
    assert (page.full, page.cursor, page.next_since) == (True, None, None)


def test_a_pull_resumes_at_its_row_unless_the_file_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH", 10)
    write_csv(tmp_path, [{"id": str(n)} for n in range(35)])
    system = exports(tmp_path)
    pages = pulled(system, ["id"])
    assert [len(page.records) for page in pages] == [10, 10, 10, 5]
    rest = pulled(system, ["id"], cursor=pages[1].cursor)
    assert [record.id for page in rest for record in page.records] == [str(n) for n in range(20, 35)]
    write_csv(tmp_path, [{"id": str(n)} for n in range(36)])
    assert sum(len(page.records) for page in pulled(system, ["id"], cursor=pages[1].cursor)) == 36


def test_a_table_without_a_file_is_empty_and_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    assert pulled(exports(tmp_path), []) == []
    with pytest.raises(SystemUnreachable, match="is no folder"):
        pulled(exports(tmp_path / "absent"), [])


def test_a_missing_id_column_is_named(tmp_path: Path) -> None:
    write_csv(tmp_path, [{"key": "1"}])
    with pytest.raises(SystemUnreachable, match="no column 'id'"):
        pulled(exports(tmp_path), [])
    assert pulled(exports(tmp_path, id="key"), [])[0].records[0].id == "1"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("people.csv", b"id,name\n1,\xff\xfe\n"),
        ("people.csv", b""),
        ("people.jsonl", b'{"id": 1}\n{"id": '),
        ("people.jsonl", b"[1]\n7\n"),
        ("people.parquet", b"PAR1 not really"),
        ("people.parquet", b""),
    ],
)
def test_a_broken_file_is_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SystemUnreachable, match=r"can't be read|no column"):
        pulled(exports(tmp_path), ["name"])


def test_types_beyond_text_become_plain_values(tmp_path: Path) -> None:
    write_parquet(
        tmp_path,
        [
            {
                "id": 7,
                "born": date(1990, 2, 3),
                "at": datetime(2026, 1, 2, 3, 4),
                "score": 1.5,
                "ok": True,
                "tags": ["a", "b"],
                "raw": b"\x01",
            }
        ],
    )
    [page] = pulled(exports(tmp_path), ["born", "at", "score", "ok", "tags", "raw"])
    [record] = page.records
    assert record.id == "7"
    assert dict(record.native) == {
        "born": "1990-02-03",
        "at": "2026-01-02T03:04:00",
        "score": 1.5,
        "ok": True,
        "tags": '["a","b"]',
        "raw": "01",
        "id": 7,
    }


def test_short_and_blank_lines_and_enormous_values_are_taken_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(f"id,name,note\n1,Ada\n\n2,{'x' * 1_000_000},y,surplus\n", encoding="utf-8")
    [page] = pulled(exports(tmp_path), ["name", "note"])
    assert [(r.id, len(str(r.native["name"])), r.native["note"]) for r in page.records] == [("1", 3, None), ("2", 1_000_000, "y")]


def test_doctor_counts_ids_that_are_blank_or_stand_twice(tmp_path: Path) -> None:
    write_csv(tmp_path, [{"id": i} for i in ("1", "1", "2", "")])
    findings = asyncio.run(exports(tmp_path).check(["people", "absent"]))
    said = " ".join(f.what for f in findings if f.level == "failed")
    assert "1 rows repeat" in said
    assert "1 rows have no id" in said
    assert [f.level for f in findings][-1] == "note"


def test_a_folder_takes_no_writes(tmp_path: Path) -> None:
    system = exports(tmp_path)
    assert not system.capabilities.can_write
    with pytest.raises(RequestRefused, match="no requests"):
        asyncio.run(system.update("people", "1", {}))
    with pytest.raises(RequestRefused, match="no requests"):
        system.draft_merge("people", "1", "2", {})


def test_records_are_read_by_id(tmp_path: Path) -> None:
    write_csv(tmp_path, [{"id": "1", "name": "Ada", "changed": "2026-01-01"}, {"id": "2", "name": "Bob", "changed": ""}])
    found = asyncio.run(exports(tmp_path, modified="changed").read("people", ["1", "9"], ["name"]))
    assert (found["1"].native["name"], found["1"].modified_at, found["9"]) == ("Ada", "2026-01-01", None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(values=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=20))
def test_any_text_survives_the_way_through_a_csv_file(tmp_path: Path, values: list[str]) -> None:
    write_csv(tmp_path, [{"id": str(n), "name": value} for n, value in enumerate(values)])
    [page] = pulled(exports(tmp_path), ["name"])
    assert [record.native["name"] or "" for record in page.records] == values
