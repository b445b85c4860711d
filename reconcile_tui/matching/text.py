"""Folding text for comparison: case, accents, other scripts, punctuation and blanks. Works on distinct values, vectorised."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
from anyascii import anyascii

LONGEST = 400
"""Characters of a value that take part in comparison; what follows is represented by a digest, so equality stays exact."""

_NOTHING = ["na", "n a", "none", "null", "nil", "unknown", "not available", "not provided", "tbd", "nan", "undefined"]
"""What people type into a mandatory field when they have no value."""


_LONG = (pl.col("v").str.len_bytes() > LONGEST).any().alias("long")
_FOREIGN = (pl.col("v").str.len_bytes() != pl.col("v").str.len_chars()).any().alias("foreign")


def ascii_lower(values: pl.Series) -> pl.Series:
    """Lower case in ASCII: accents removed, other scripts transliterated. Shape and nulls are kept."""
    long, foreign = values.to_frame("v").select(_LONG, _FOREIGN).row(0)
    if long:
        values = _bounded(values)
    if foreign:
        where = (values.str.len_bytes() != values.str.len_chars()).fill_null(value=False).arg_true()
        values = values.clone().scatter(where, _transliterated(values.gather(where)))  # scatter writes in place
    return values.str.to_lowercase()


def _transliterated(values: pl.Series) -> pl.Series:
    """Every letter beyond ASCII spelt out: anyascii knows one spelling for each, so each has to be looked up once only."""
    letters = sorted({letter for letter in set("".join(values.to_list())) if not letter.isascii()})
    return values.str.replace_many(letters, [anyascii(letter) for letter in letters])


def on_some(values: pl.Series, pattern: str, function: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`function` applied to the values a regular expression is found in only: most values need no repair."""
    where = values.str.contains(pattern).fill_null(value=False).arg_true()
    if not len(where):
        return values
    return values.clone().scatter(where, function(values.gather(where)))  # scatter writes in place


def _bounded(values: pl.Series) -> pl.Series:
    where = (values.str.len_bytes() > LONGEST).fill_null(value=False).arg_true()
    texts = values.gather(where)
    digests = texts.hash(seed=0).cast(pl.String)
    return values.clone().scatter(where, texts.str.slice(0, LONGEST) + "#" + digests)


_PLAIN = (
    pl.col("v")
    .str.replace(r"^\s*(?:https?://)?(?:www\.)?([^\s/]+\.[a-z]{2,})/?\s*$", "$1")
    .str.replace_all(r"['`]", "")
    .str.replace_all(r"[^a-z0-9]+", " ")
    .str.strip_chars(" ")
)


_UNEVEN = r"[^a-z0-9 ]|  |^ | $"
"""What folded text has to have for `_PLAIN` to change it."""


def words(values: pl.Series) -> pl.Series:
    """Letters and digits in lower-case ASCII, parted by single blanks; null where nothing is left. Web addresses lose `https://www.`."""
    return absent_as_null(on_some(ascii_lower(values), _UNEVEN, lambda some: some.to_frame("v").select(_PLAIN)["v"]))


def absent_as_null(values: pl.Series) -> pl.Series:
    """Null for the empty text and for words that say there is no value."""
    frame = pl.DataFrame({"v": values})
    kept = pl.when((pl.col("v") == "") | pl.col("v").is_in(_NOTHING)).then(None).otherwise(pl.col("v"))
    return frame.select(kept.alias("v"))["v"]


def without_words(values: pl.Series, alternatives: str, *, where: str) -> pl.Series:
    """Words removed at the `start` or `end` of folded text, as long as something else remains."""
    pattern = rf"^(?:(?:{alternatives}) )+" if where == "start" else rf"(?: (?:{alternatives}))+$"
    return on_some(values, " ", lambda some: some.str.replace(pattern, ""))


_SOUNDS = {
    "sch": "s", "tch": "c", "ph": "f", "ck": "k", "th": "t", "dt": "t", "gh": "g", "kn": "n", "wr": "r", "cz": "c",
    "sz": "s", "ch": "c", "sh": "s", "qu": "k", "q": "k", "x": "ks", "z": "s", "v": "f", "w": "f", "y": "i", "j": "i",
}  # fmt: skip
_DOUBLES = {letter * 2: letter for letter in "bcdfgklmnprst"}


def sound(values: pl.Series) -> pl.Series:
    """A rough spelling by sound: first letter kept, then consonants without doubles; for blocking, not for comparison."""
    joined = values.str.replace_all(" ", "")
    alike = joined.str.replace_many(_SOUNDS).str.replace_many(_DOUBLES)
    return alike.str.slice(0, 1) + alike.str.slice(1).str.replace_all("[aeiouh0-9]", "").str.slice(0, 5)
