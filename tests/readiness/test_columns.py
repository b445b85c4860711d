"""Whole columns come out of the workspace exactly as the records themselves, whatever the values hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile_tui.errors import WorkspaceError
from reconcile_tui.model import Column
from reconcile_tui.readiness.rules import roundtrips
from reconcile_tui.transforms import REGISTRY, as_text
from reconcile_tui.transforms.distinct import numbered
from reconcile_tui.workspace import columns
from reconcile_tui.workspace.columns import extract

from .conftest import Box, contact

HOSTILE = ["a\x1fb", "x\x1e", "a\x00b", "\r\nline", " lead ", '"quoted"', "", None, "tail\\", "=1+1", "é\u202e🌀", "1e5", "x" * 70_000]
TEXT = st.text(st.characters(blacklist_categories=["Cs"])) | st.none()


def _stored(box: Box, folder: Path, values: list[str | None]) -> list[str | None]:
    box.contacts = [contact(n, firstname=value, emailaddress1=f"p{n}@x.example") for n, value in enumerate(values)]
    with box.store(folder) as ws:
        found = extract(ws, ws.records.table("dynamics", "contact"), ["firstname", "donotbulkemail", "statecode", "no_such_column"])
    assert set(found.columns) == {*columns.OWN, "firstname", "donotbulkemail", "statecode"}
    assert set(found.columns["donotbulkemail"].to_pylist()) == {"false"}
    assert set(found.columns["statecode"].to_pylist()) == {"0"}
    assert len(found.eligible) == len(found.keys) == len(values)
    return found.columns["firstname"].to_pylist()  # type: ignore[no-any-return]


def test_values_with_separators_controls_and_a_great_length_stay_as_they_are(box: Box, tmp_path: Path) -> None:
    assert _stored(box, tmp_path, HOSTILE) == [as_text(value) for value in HOSTILE]


def test_a_large_table_read_by_a_process_beside_has_the_same_columns(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "LARGE", 1)
    values = [f"value {n % 4}" for n in range(10)] + HOSTILE
    assert _stored(box, tmp_path, values) == [as_text(value) for value in values]


@pytest.mark.parametrize("large", [1, 1000])
def test_numbers_are_written_as_everywhere_else(box: Box, tmp_path: Path, large: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "LARGE", large)
    numbers = [0.1, 5.0, -2.5e-7, 1e22, 0.1 + 0.2, 7, None, "", "12,5", "\x1fabc", "r5", "other", " "]
    box.contacts = [contact(n, emailaddress1=f"p{n}@x.example", jobtitle=value) for n, value in enumerate(numbers)]
    with box.store(tmp_path) as ws:
        table = ws.records.table("dynamics", "contact")
        typed = {**table.columns, "jobtitle": Column("jobtitle", "number")}
        found = extract(ws, replace(table, columns=typed), ["jobtitle"]).columns["jobtitle"].to_pylist()
    assert found == [as_text(value) for value in numbers]


def test_a_reader_that_stops_in_the_middle_leaves_no_process_behind(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "LARGE", 1)
    started = []
    popen = columns.subprocess.Popen
    monkeypatch.setattr(columns.subprocess, "Popen", lambda *args, **kwargs: started.append(popen(*args, **kwargs)) or started[-1])
    box.contacts = [contact(n, emailaddress1=f"p{n}@x.example") for n in range(3)]
    with box.store(tmp_path) as ws:
        table = ws.records.table("dynamics", "contact")
        read = columns.stream(ws, table, [["firstname"], ["lastname"], ["emailaddress1"], ["jobtitle"]])
        next(read)
        read.close()
    assert [process.poll() is not None for process in started] == [True]


def test_a_file_that_cannot_be_read_is_told_in_a_sentence(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "LARGE", 1)
    box.contacts = [contact(n, emailaddress1=f"p{n}@x.example") for n in range(3)]
    with box.store(tmp_path) as ws:
        table = ws.records.table("dynamics", "contact")
        read = columns.stream(ws, table, [["firstname"]])
        ws.db.execute(f"DROP TABLE {table.storage}")
        with pytest.raises(WorkspaceError, match="no such table"):
            next(read)


def test_an_empty_table_has_empty_columns(box: Box, tmp_path: Path) -> None:
    with box.store(tmp_path) as ws:
        found = extract(ws, ws.records.table("dynamics", "lead"), ["firstname"])
    assert (len(found.keys), len(found.eligible), found.columns["firstname"].to_pylist()) == (0, 0, [])


@settings(max_examples=200)
@given(st.lists(st.lists(TEXT, max_size=8), max_size=4))
def test_numbers_stand_for_the_same_text_everywhere_and_for_no_other(parts: list[list[str | None]]) -> None:
    import pyarrow as pa

    numbers, texts = numbered([pa.array(part, pa.string()) for part in parts])
    spoken = [[texts[int(n)].as_py() if n >= 0 else None for n in found] for found in numbers]
    assert spoken == parts
    used = {int(n) for found in numbers for n in found if n >= 0}
    assert len({texts[n].as_py() for n in used}) == len(used)


def test_two_texts_of_one_hash_are_still_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np
    import polars as pl
    import pyarrow as pa

    from reconcile_tui.transforms import distinct as module

    class Colliding:
        """A series whose texts all have one hash."""

        def __init__(self, texts: pl.Series) -> None:
            self.texts = texts

        def hash(self, seed: int = 0) -> pl.Series:
            return self.texts.hash(seed) if seed else pl.Series(np.zeros(len(self.texts), np.uint64))

    plain = module.as_series
    monkeypatch.setattr(module, "as_series", lambda values: Colliding(plain(values)))
    (numbers,), texts = numbered([pa.array(["a", "b", None, "a"])])
    assert [texts[int(n)].as_py() if n >= 0 else None for n in numbers] == ["a", "b", None, "a"]


@given(TEXT)
def test_what_the_round_trip_check_says_of_a_value_does_not_depend_on_the_way_it_is_asked(value: str | None) -> None:
    if not value:
        return
    for name in ("trim", "email", "upper", "plain_text"):
        transform = REGISTRY[name]
        sent = transform.forward(value).value
        assert bool(roundtrips._from_first(transform, value, sent)) == (
            transform.forward(sent).value != sent or (transform.lossy and sent != value)
        )
