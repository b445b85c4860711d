"""Transforms are pure and total, settle, and have the inverse they say they have."""

from __future__ import annotations

import random
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile_tui import transforms
from reconcile_tui.errors import ProjectError
from reconcile_tui.readiness import reference
from reconcile_tui.transforms import MAKERS, REGISTRY, Result, build, chain
from reconcile_tui.transforms import phones as phone_numbers

EXAMPLES = {
    "phone_e164": "phone_e164",
    "choice": {"choice": {"1": "any", "2": "email"}},
    "multichoice": {"multichoice": {"10": "news", "20": "events"}},
    "lookup": {"lookup": {"Kari Nordmann": "81"}},
    "region_code": {"region_code": "US"},
    "date_written": {"date_written": "%d/%m/%Y"},
    "local_time": {"local_time": "Europe/Oslo"},
    "cut": {"cut": 5},
}
ALL = {**REGISTRY, **{name: build(spec, country="GB") for name, spec in EXAMPLES.items()}}
ANYTHING = (
    st.text() | st.from_regex(r"[+0-9 ().-]{1,20}") | st.sampled_from(["true", "0", "2024-02-29", "2024-05-01T10:00:00Z", "UK", "1;2"])
)
SETTLING = sorted(set(ALL) - {"plain_text"})  # entities written twice take a round each: finding F7


def test_every_transform_with_an_argument_is_tried_here() -> None:
    assert set(EXAMPLES) == set(MAKERS)


@pytest.mark.parametrize("name", sorted(ALL))
@given(value=ANYTHING)
def test_nothing_raises_and_the_same_value_gives_the_same_result(name: str, value: str) -> None:
    transform = ALL[name]
    for way in (transform.forward, transform.backward):
        result = way(value)
        assert result == way(value)
        assert result.value is None or (isinstance(result.value, str) and result.value != "")
        assert not result.problem or result.value == (value or None)


@pytest.mark.parametrize("name", sorted(ALL))
def test_blank_stays_blank(name: str) -> None:
    for value in (None, ""):
        assert ALL[name].forward(value) == ALL[name].backward(value) == Result(None)


@pytest.mark.parametrize("name", SETTLING)
@given(value=ANYTHING)
def test_a_value_settles_after_one_round(name: str, value: str) -> None:
    transform = ALL[name]
    there = transform.forward(value)
    back = transform.backward(there.value)
    if not there.problem and not back.problem:
        assert transform.forward(back.value) == there


@pytest.mark.parametrize("name", ["boolean", "invert", "choice", "multichoice", "lookup", "region_code", "epoch_ms", "midnight_utc"])
@given(value=ANYTHING)
def test_an_inverse_leads_back_to_a_value_that_means_the_same(name: str, value: str) -> None:
    transform = ALL[name]
    there = transform.forward(value)
    if not there.problem and there.value is not None:
        back = transform.backward(there.value)
        assert not back.problem
        assert transform.forward(back.value) == there


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("trim", "  Ada \t Byron\n", "Ada Byron"),
        ("visible", "\u200bEve\x1b[2J\u202e", "Eve[2J"),
        ("email", " Ada@X.Example ", "ada@x.example"),
        ("name", "ANNA VAN DYK-MCDONALD", "Anna van Dyk-Mcdonald"),
        ("name", "mcdonald", "McDonald"),
        ("name", "DiCaprio", "DiCaprio"),
        ("plain_text", "<p>Head of <b>R&amp;D</b></p>", "Head of R&D"),
        ("invert", "true", "false"),
        ("country_code", "Great Britain", "GB"),
        ("country_code", "Deutschland", "DE"),
        ("country_code", "日本", "JP"),
        ("country_name", "uk", "United Kingdom"),
        ("date", "2024-05-01T23:30:00+02:00", "2024-05-01"),
        ("utc", "2024-05-01T00:30:00+02:00", "2024-04-30T22:30:00Z"),
        ("epoch_ms", "2024-05-01T00:00:00Z", "1714521600000"),
        ("midnight_utc", "2024-05-01", "1714521600000"),
        ("phone_e164", "0161 496 0179", "+441614960179"),
        ("phone_e164", "+1 (202) 555-0101 ext. 12", "+12025550101 ext 12"),
        ("choice", "2", "email"),
        ("multichoice", "20,10", "news;events"),
        ("lookup", "kari  NORDMANN", "81"),
        ("region_code", "new york", "NY"),
        ("date_written", "31/12/2024", "2024-12-31"),
        ("local_time", "2024-07-01T12:00:00", "2024-07-01T10:00:00Z"),
        ("cut", "abcdefg", "abcde"),
    ],
)
def test_a_value_becomes(name: str, value: str, result: str) -> None:
    assert ALL[name].forward(value) == Result(result)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("boolean", "perhaps"),
        ("country_code", "Atlantis"),
        ("date", "2024-02-30"),
        ("utc", "2024-05-01T00:00:00"),
        ("phone_e164", "ask reception"),
        ("phone_e164", "12"),
        ("choice", "4"),
        ("local_time", "2024-03-31T02:30:00"),  # the clocks go forward
        ("digits", "none"),
    ],
)
def test_a_value_that_cannot_be_transformed_stays_and_says_why(name: str, value: str) -> None:
    result = ALL[name].forward(value)
    assert result.value == value
    assert result.problem


def test_a_time_other_than_midnight_is_refused_on_the_way_back_rather_than_shifted() -> None:
    assert "a day would shift" in ALL["midnight_utc"].backward("1714521600001").problem


def test_a_chain_runs_forward_in_order_and_back_in_the_opposite_order() -> None:
    both = chain([build({"choice": {"a": "true", "b": "false"}}), REGISTRY["invert"]])
    assert (both.forward("a").value, both.backward("false").value) == ("false", "a")


@pytest.mark.parametrize(
    "spec", ["trimm", {"choice": {}}, "choice", {"phone_e164": "XX"}, {"cut": 0}, {"local_time": "Mars/Base"}, {"a": 1, "b": 2}, 7]
)
def test_a_wrong_transform_is_refused_with_what_to_write(spec: object) -> None:
    with pytest.raises(ProjectError) as refused:
        build(spec)
    assert refused.value.todo


def test_a_misspelt_name_shows_the_nearest_one() -> None:
    with pytest.raises(ProjectError, match="Did you mean 'country_code'"):
        build("contry_code")


def _any_number(random_: random.Random) -> tuple[str, str]:
    country = random_.choice(sorted(phonenumbers.SUPPORTED_REGIONS))
    example = phonenumbers.example_number_for_type(country, random_.randrange(11)) or phonenumbers.example_number("GB")
    text = phonenumbers.format_number(example, random_.randrange(4))
    if random_.random() < 0.6:
        place = random_.randrange(len(text))
        text = text[:place] + random_.choice("0123456789 -.()/") + text[place + random_.randrange(2) :]
    return text, country


def test_the_quick_way_answers_as_the_library_does_or_not_at_all() -> None:
    random_ = random.Random(2026)
    quick = 0
    for _ in range(20_000):
        text, country = _any_number(random_)
        if found := phone_numbers._quick(text, country):
            quick += 1
            assert found == phone_numbers._parsed.__wrapped__(text, country), (text, country)
    assert quick > 5_000


def test_the_project_starts_without_the_phone_library() -> None:
    import subprocess
    import sys

    code = "import sys; from reconcile_tui.transforms import build; build('phone_e164', country='GB'); print('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


@pytest.mark.parametrize("page", ["checks", "transforms"])
def test_the_page_of_the_documentation_is_current(page: str) -> None:
    written = (Path(__file__).parents[2] / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert written == reference.PAGES[page](), f"python -m reconcile_tui.readiness.reference {page} > docs/{page}.md"


def test_as_text_writes_values_as_hubspot_does() -> None:
    assert [transforms.as_text(v) for v in (True, False, 3.0, 3.5, 7, "", None, "x")] == ["true", "false", "3", "3.5", "7", None, None, "x"]
