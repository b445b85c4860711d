"""Text similarity by bits says what the letter-by-letter library says."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler

from reconcile_tui.matching.similarity import Vocabulary

DIGITS = st.text("0123456789", min_size=1, max_size=18)
LETTERS = st.text("abcdeilmnorst 01289.", min_size=1, max_size=24)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    """A number, and the same with one or two small changes."""
    text = draw(DIGITS)
    other = list(text)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, max(len(other) - 1, 0)))
        change = draw(st.sampled_from(["put in", "left out", "replaced", "exchanged"]))
        if change == "put in" or not other:
            other.insert(place, draw(st.sampled_from("0189")))
        elif change == "left out":
            other.pop(place)
        elif change == "replaced":
            other[place] = draw(st.sampled_from("0189"))
        else:
            other[place : place + 2] = reversed(other[place : place + 2])
    return text, "".join(other)


def _sides(pairs: list[tuple[str, str]]) -> tuple[Vocabulary, np.ndarray, np.ndarray]:
    texts = sorted({text for pair in pairs for text in pair})
    codes = np.array([[texts.index(text) for text in pair] for pair in pairs], dtype=np.int32).reshape(-1, 2)
    return Vocabulary(pa.array(texts, pa.string())), codes[:, 0], codes[:, 1]


@given(st.lists(edited() | st.tuples(DIGITS, DIGITS | st.text("01a", max_size=5)), min_size=1, max_size=30))
@example([("12", "21"), ("1", "11"), ("0", "00"), ("1234567890123456", "12345678901234567"), ("11", "11"), ("123", "321")])
def test_two_numbers_are_one_edit_apart_as_the_library_counts_edits(pairs: list[tuple[str, str]]) -> None:
    vocabulary, a, b = _sides(pairs)
    assert vocabulary.one_edit(a, b).tolist() == [OSA.distance(x, y) == 1 for x, y in pairs]


@given(st.lists(st.tuples(LETTERS, LETTERS), min_size=1, max_size=20), st.sampled_from([0.8, 0.9, 0.92]))
def test_no_pair_above_the_floor_is_lost_to_the_bound_of_similarity(pairs: list[tuple[str, str]], floor: float) -> None:
    vocabulary, a, b = _sides(pairs)
    exact = [JaroWinkler.similarity(x, y, score_cutoff=floor) for x, y in pairs]
    np.testing.assert_allclose(vocabulary.jaro_winkler(a, b, floor), exact, atol=1e-6)


@given(
    st.lists(
        st.text("aabz0", max_size=8).map(lambda part: part * 300) | LETTERS.map(lambda text: text.replace(".", "")), min_size=1, max_size=10
    )
)
def test_a_bag_holds_what_occurs_and_what_occurs_twice_however_long_the_text(texts: list[str]) -> None:
    vocabulary = Vocabulary(pa.array(texts, pa.string()))
    for text, bag, surplus in zip(texts, vocabulary.bags.tolist(), vocabulary.surplus.tolist(), strict=True):
        classes = ["other" if not letter.isalnum() else letter if letter.isalpha() else int(letter) // 2 for letter in text]
        counts = [min(classes.count(one), 2) for one in set(classes)]
        assert bag.bit_count() == sum(counts)
        assert surplus == len(text) - sum(counts)


def test_a_bag_is_the_same_beside_any_other_texts() -> None:
    texts = ["anna", "", "bob " * 600, "anna", "x"]
    assert Vocabulary(pa.array(texts)).bags.tolist() == [Vocabulary(pa.array([text])).bags.tolist()[0] for text in texts]
