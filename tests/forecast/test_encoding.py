"""Whole columns become the codes that each value alone would get."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile_tui.forecast.columns import coded
from reconcile_tui.forecast.encoding import encode
from reconcile_tui.forecast.values import FieldRule
from tests.forecast.groups import TRANSFORMS, VALUES


def looping(value: str) -> str:
    """Refuses some values on the second time only, and empties others."""
    if value.endswith("!!"):
        raise ValueError("too loud")
    return "" if value == "gone" else value + "!"


STEPS = {**TRANSFORMS, "looping": (looping, None), "both": (looping, str.lower), "upper": (str.upper, str.lower)}


@settings(max_examples=400)
@given(st.data())
def test_a_column_of_values_is_coded_as_each_value_alone(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(STEPS)))
    texts = st.sampled_from([*VALUES.get(name, []), "x", "X", "gone", "a!", "A!", " "])
    values = st.lists(st.none() | texts, max_size=12)
    first, second = data.draw(values), data.draw(values)
    rule = FieldRule("f", data.draw(st.sampled_from(["both", "forward", "backward"])), *STEPS[name])
    column = encode(rule, _held(data, first), _held(data, second))
    alone = [coded(rule, side, value) for side, part in ((0, first), (1, second)) for value in part]
    assert [(column.text(int(code)), int(mark)) for code, mark in zip(column.codes, column.marks, strict=True)] == alone
    commons = [common for common, _ in alone]
    assert len(set(column.codes.tolist()) - {-1}) == len(set(commons) - {None})


def _held(data: st.DataObject, values: list[str | None]) -> object:
    """The values as one of the shapes a caller may have."""
    shape = data.draw(st.sampled_from(["list", "array", "dictionary", "chunks"]))
    array = pa.array(values, pa.string())
    if shape == "list":
        return values
    if shape == "array":
        return array
    if shape == "dictionary":
        return array.dictionary_encode()
    half = len(values) // 2
    return pa.chunked_array([array.slice(0, half).dictionary_encode(), array.slice(half).dictionary_encode()])
