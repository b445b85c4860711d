"""What a step does to a whole column at once is what it does to each value."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile_tui.transforms import build
from reconcile_tui.transforms.columns import ColumnStep, applied

COUNTRIES = ["GB", "US", "DE", "NO", "FR", "IT", "BR", "AR", "MX", "CN", "SG", "SM", "RU", ""]
NUMBERS = st.from_regex(r"\+?[0-9][0-9 ().\-/]{2,16}", fullmatch=True)
NUMBERS |= st.from_regex(r"\+(44|1|49|47|39|55|54|7|65|378)[0-9]{4,13}", fullmatch=True)
TEXTS = st.text(max_size=12) | st.sampled_from(["A b", "a@x.test", "A@X.test", " a", "a  b", "a\tb", "İ", "ß@x.test", "a\u00a0b", ""])


def told(step: object, texts: list[str]) -> list[str | None]:
    """What a step makes of the texts by the column; None where it has to be asked."""
    assert isinstance(step, ColumnStep)
    column = pl.Series(texts, dtype=pl.String)
    made = step.many(column).to_list() if step.many else [None] * len(texts)
    return [text if kept else other for text, kept, other in zip(texts, step.keeps(column), made, strict=True)]


def asked(step: object, texts: list[str]) -> None:
    assert isinstance(step, ColumnStep)
    by_the_column = told(step, texts)
    for text, made in zip(texts, by_the_column, strict=True):
        assert made is None or step(text) == made
    made, refused = applied(step, pa.array(texts, pa.large_string()))
    for text, found, bad in zip(texts, made.to_pylist(), refused, strict=True):
        assert (found, bool(bad)) == alone(step, text)


def alone(step: ColumnStep, text: str) -> tuple[str, bool]:
    try:
        return (step(text) if text else ""), False
    except ValueError:
        return "", True


@settings(max_examples=400)
@given(st.sampled_from(COUNTRIES), st.lists(NUMBERS | TEXTS, min_size=1, max_size=8))
def test_phones_by_the_column_are_phones_one_by_one(country: str, texts: list[str]) -> None:
    asked(build("phone_e164", country=country).forward_step, texts)


@pytest.mark.parametrize("name", ["trim", "email"])
@given(texts=st.lists(TEXTS, min_size=1, max_size=8))
def test_plain_text_by_the_column_is_plain_text_one_by_one(name: str, texts: list[str]) -> None:
    asked(build(name).forward_step, texts)


def test_the_usual_shapes_are_done_by_the_column() -> None:
    step = build("phone_e164", country="GB").forward_step
    texts = ["0161 496 0179", "+441614960179", "07700 900123", "+1 (202) 555-0101", "nobody", "123"]
    assert told(step, texts) == ["+441614960179", "+441614960179", "+447700900123", "+12025550101", None, None]
