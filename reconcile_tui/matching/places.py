"""Companies, streets, dates, numbers and codes: one folding function each."""

from __future__ import annotations

import polars as pl

from reconcile_tui.matching.text import absent_as_null, ascii_lower, on_some, without_words, words

_LEGAL = (
    "inc|incorporated|llc|l l c|ltd|limited|plc|llp|lp|corp|corporation|co|company|gmbh|mbh|ag|kg|ohg|ug|ev|e v|se|sa|s a|sas|sarl|"
    "s a r l|eurl|sl|s l|slu|srl|s r l|spa|s p a|bv|b v|nv|n v|vof|oy|oyj|ab|as|a s|aps|asa|kk|k k|pty|pte|pvt|sp z o o|spolka|sro|"
    "s r o|kft|zrt|doo|d o o|ltda|lda|gbr|holding|holdings|group|gruppe|groupe|intl|international|gmbh co kg|and co"
)
_STREET_WORDS = {
    r"\bst\b": "street", r"\brd\b": "road", r"\bave?\b": "avenue", r"\bblvd\b": "boulevard", r"\bdr\b": "drive", r"\bln\b": "lane",
    r"\bct\b": "court", r"\bpl\b": "place", r"\bsq\b": "square", r"\bhwy\b": "highway", r"\bpkwy\b": "parkway", r"\bter\b": "terrace",
    r"str\b": "strasse", r"\bapartment\b|\bunit\b|\bflat\b": "apt", r"\bsuite\b": "ste", r"\bnorth\b": "n", r"\bsouth\b": "s",
    r"\beast\b": "e", r"\bwest\b": "w",
}  # fmt: skip


def company(values: pl.Series) -> pl.Series:
    """Company names without legal form, `&` and `and` alike, folded; a name made of legal words only keeps its first one."""
    joined = on_some(ascii_lower(values), "[&+]", lambda some: some.str.replace_all("[&+]", " and "))
    spelt = on_some(joined, r"\.", lambda some: some.str.replace_all(r"\b([a-z])\.", "$1"))
    plain = without_words(words(spelt), "the", where="start")
    for _ in range(2):
        plain = without_words(plain, f"{_LEGAL}|and", where="end")
    return absent_as_null(on_some(plain, r"\band\b", _without_and))


def _without_and(values: pl.Series) -> pl.Series:
    return values.str.replace_all(r"\band\b", "").str.replace_all(r" +", " ").str.strip_chars(" ")


def street(values: pl.Series) -> pl.Series:
    """A street line with its usual abbreviations written out."""
    plain = words(values)
    for pattern, word in _STREET_WORDS.items():
        plain = plain.str.replace_all(pattern, word)
    return plain


def compact(values: pl.Series) -> pl.Series:
    """Letters and digits without anything between them: postcodes, identifiers."""
    return absent_as_null(ascii_lower(values).str.replace_all(r"[^a-z0-9]", ""))


def date(values: pl.Series) -> pl.Series:
    """A date as `YYYYMMDD`: ISO with or without time, year first, or day first unless only month first is possible."""
    plain = ascii_lower(values).str.strip_chars(" ").str.replace(r"[t ]\d{1,2}:.*$", "")
    frame = pl.DataFrame({"v": plain}).with_columns(
        year=pl.col("v").str.extract(r"^(\d{4})\D*\d{1,2}\D*\d{1,2}$", 1).fill_null(pl.col("v").str.extract(r"\D(\d{4})$", 1)),
        iso=pl.col("v").str.contains(r"^\d{4}"),
    )
    one, two = r"^\d{4}\D*(\d{2}|\d)\D*(?:\d{2}|\d)$", r"^\d{4}\D*(?:\d{2}|\d)\D*(\d{2}|\d)$"
    a = pl.when(pl.col("iso")).then(pl.col("v").str.extract(one, 1)).otherwise(pl.col("v").str.extract(r"^(\d{1,2})\D", 1))
    b = pl.when(pl.col("iso")).then(pl.col("v").str.extract(two, 1)).otherwise(pl.col("v").str.extract(r"^\d{1,2}\D+(\d{1,2})\D", 1))
    frame = frame.with_columns(a=a.str.zfill(2), b=b.str.zfill(2))
    day_first = ~pl.col("iso") & (pl.col("b") <= "12")
    month = pl.when(day_first).then(pl.col("b")).otherwise(pl.col("a"))
    day = pl.when(day_first).then(pl.col("a")).otherwise(pl.col("b"))
    fallback = pl.col("v").str.replace_all(r"[^a-z0-9]", "")
    return absent_as_null(frame.select((pl.col("year") + month + day).fill_null(fallback).alias("v"))["v"])


def number(values: pl.Series) -> pl.Series:
    """A number in one spelling (`1,200.50` and `1200.5` alike); text that is no number stays folded text."""
    plain = ascii_lower(values).str.replace_all(r"[\s_]", "").str.replace_all(r",(\d{3})", "$1").str.replace(",", ".")
    parsed = plain.cast(pl.Float64, strict=False)
    frame = pl.DataFrame({"t": words(values), "n": parsed})
    whole = pl.col("n").is_finite() & (pl.col("n") == pl.col("n").round(0)) & (pl.col("n").abs() < 1e15)
    shown = pl.when(whole).then(pl.col("n").cast(pl.Int64, strict=False).cast(pl.String)).otherwise(pl.col("n").cast(pl.String))
    known = pl.when(pl.col("n").is_finite()).then(shown)
    return frame.select(known.otherwise(pl.col("t")).alias("v"))["v"]


def members(values: pl.Series) -> pl.Series:
    """A multiple choice as its sorted members, parted by `;`."""
    return absent_as_null(ascii_lower(values).str.split(";").list.eval(pl.element().str.strip_chars(" ")).list.sort().list.join(";"))
