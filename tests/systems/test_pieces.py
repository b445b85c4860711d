"""The small pieces: redaction, places of a pull, asking ahead, the rolling window."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile_tui.systems import redact, resume
from reconcile_tui.systems.clock import iso, moment
from reconcile_tui.systems.pace import Gate, Limits, Rate, Window
from reconcile_tui.systems.prefetch import ahead
from tests.systems.virtual_time import EPOCH, run


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.hubapi.com/crm/v3/objects/contacts/512?properties=email", "/crm/v3/objects/contacts/512"),
        ("https://api.hubapi.com/crm/v3/objects/contacts/ada%40ex.test?idProperty=email", "/crm/v3/objects/contacts/…"),
        ("/api/data/v9.2/contacts(new_key='Ada Byron')", "/api/data/v9.2/contacts(new_key='…')"),
    ],
)
def test_a_path_is_kept_without_its_query_and_without_personal_values(url: str, shown: str) -> None:
    assert redact.path(url) == shown


@pytest.mark.parametrize(
    "text",
    [
        "mail ada.byron+x@ex.test now",
        "value=ada@ex.test}",
        "token pat-eu1-0123abcd-99",
        "Bearer abc.def",
        "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.x",
        "bell\x07 and \x1b[31mred",
    ],
)
def test_a_message_loses_addresses_tokens_and_control_characters(text: str) -> None:
    shown = redact.message(text)
    for secret in ("ada", "0123abcd", "abc.def", "eyJ", "\x1b", "\x07"):
        assert secret not in shown


def test_a_message_of_a_megabyte_is_cut() -> None:
    assert len(redact.message("x" * 1_000_000)) <= 500


@given(
    columns=st.lists(st.text(min_size=1), max_size=5), place=st.dictionaries(st.sampled_from(["after", "at", "link"]), st.text(min_size=1))
)
def test_a_place_comes_back_for_the_same_columns_only(columns: list[str], place: dict[str, str]) -> None:
    text = resume.pack(columns, **place)
    assert resume.unpack(text, list(reversed(columns))) == place
    assert resume.unpack(text, [*columns, "one more"]) is None


@pytest.mark.parametrize("text", [None, "", "{", "[]", "7", '{"columns": 5}', "2026-01-01T00:00:00Z"])
def test_a_place_that_can_not_be_read_means_from_the_start(text: str | None) -> None:
    assert resume.unpack(text, ["a"]) is None


@pytest.mark.parametrize(
    "text", ["2026-11-01T12:00:00Z", "2026-11-01T12:00:00.000Z", "2026-11-01T12:00:00", "2026-11-01T13:00:00.0000000+01:00"]
)
def test_moments_of_both_vendors_are_understood(text: str) -> None:
    assert moment(text) == EPOCH
    assert iso(moment(text)) == "2026-11-01T12:00:00.000Z"


def test_asking_ahead_yields_every_step_in_order() -> None:
    async def step(number: int) -> int:
        await asyncio.sleep(1)
        return number

    async def story() -> list[int]:
        async with aclosing(ahead(step(1), lambda n: step(n + 1) if n < 5 else None)) as steps:  # type: ignore[type-var]
            return [n async for n in steps]

    assert run(story()) == [1, 2, 3, 4, 5]


def test_a_failure_ahead_comes_after_the_step_before_it() -> None:
    async def good() -> int:
        return 1

    async def bad() -> int:
        raise OSError("gone")

    async def story() -> list[int]:
        seen = []
        with pytest.raises(OSError, match="gone"):
            async with aclosing(ahead(good(), lambda _: bad())) as steps:  # type: ignore[type-var]
                seen = [n async for n in _noting(steps, seen)]
        return seen

    async def _noting(steps: object, seen: list[int]) -> object:  # type: ignore[misc]
        async for n in steps:  # type: ignore[attr-defined]
            seen.append(n)
            yield n

    assert run(story()) == [1]


@given(gaps=st.lists(st.floats(0, 4), min_size=1, max_size=80), most=st.integers(1, 9))
def test_no_stretch_of_the_windows_length_ever_holds_more_than_the_limit(gaps: list[float], most: int) -> None:
    window, now, sent = Window(Rate(most, 10.0)), 0.0, []
    for gap in gaps:
        now += gap
        while (delay := window.delay(now)) > 0:
            now += delay
        window.record(now)
        sent.append(now)
    for first, last in zip(sent, sent[most:], strict=False):
        assert last - first > 10.0


def test_what_others_use_is_forgotten_after_a_window() -> None:
    window = Window(Rate(10, 10.0))
    ticket = window.record(0.0)
    window.believe(Limits(remaining=0), ticket, 0.0)
    assert window.delay(0.1) > 9
    assert window.delay(11.0) == 0.0


def test_the_gate_grows_with_success_and_halves_under_strain() -> None:
    gate = Gate(most=8, start=4)
    for _ in range(100):
        gate.grow()
    assert gate.limit == 8
    gate.shrink()
    assert gate.limit == 4
    for _ in range(10):
        gate.shrink()
    assert gate.limit == 1


def test_the_gate_lets_no_more_through_than_its_limit() -> None:
    async def story() -> int:
        gate, busy, most = Gate(most=3, start=3), 0, 0

        async def work() -> None:
            nonlocal busy, most
            async with gate.turn():
                busy += 1
                most = max(most, busy)
                await asyncio.sleep(1)
                busy -= 1

        await asyncio.gather(*(work() for _ in range(20)))
        return most

    assert run(story()) == 3
