"""What of a value is searched by, and what a typed text asks for: words without case and accents, and digits in any grouping.

`anna`, `acme` and `test` of anna@acme.test are words of their own, and each is found by its beginning. A telephone number is also cut
into runs of `RUN` digits, whatever stands between them, so that any part of it is found however it was written down.
"""

from __future__ import annotations

import re
import unicodedata

RUN = 4
"""Digits of a run: as few as still tell numbers apart (10,000 runs), so that their lists stay short."""
BEGINNING = 5
"""Letters of the longest beginnings the index keeps lists of: those of longer ones are put together when they are asked for."""
LONGEST = 300
"""Characters of a value that are searched by."""
_MOST = 12
"""Words of a typed text that count."""
_MARK = "\ue000"
"""Begins a run of digits in the index; it is no letter, so no value can bring it."""
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[+(]?\d[\d\s()./+-]*")
_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def words(text: str) -> list[str]:
    """The words of a text, folded: no case, no accents, nothing but letters and digits."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold().translate(_PLAIN)
    return _WORD.findall(text.lower())


def indexed(values: list[str]) -> str:
    """What is kept of a record's values: each word once, and the runs of what looks like a number of `RUN` digits and more."""
    kept: dict[str, None] = {}
    for value in values:
        cut = value[:LONGEST]
        kept.update(dict.fromkeys(words(cut)))
        if _NUMBER.fullmatch(cut):
            kept.update(dict.fromkeys(_runs(_digits(cut))))
    return " ".join(kept)


def query(text: str, *, listed: bool = False) -> str:
    """The FTS5 query of a typed text: every word as a beginning, digits also inside a number. Empty when nothing is asked.

    `listed`: only by lists the index keeps, so words longer than `BEGINNING` as they stand. Finds less, never anything else, and at once;
    a longer beginning that two million records have takes a fifth of a second.
    """
    typed = text.strip()[:LONGEST]
    parts = [_asked(word, "" if listed and len(word) > BEGINNING else "*") for word in words(typed)[:_MOST]]
    asked = " AND ".join(parts)
    number = _runs(_digits(typed)) if _NUMBER.fullmatch(typed) else []
    return f"({asked}) OR ({_all(number)})" if len(parts) > 1 and number else asked


def _asked(word: str, star: str) -> str:
    runs = _runs(word) if word.isdecimal() else []
    return f'("{word}"{star} OR ({_all(runs)}))' if runs else f'"{word}"{star}'


def _all(tokens: list[str]) -> str:
    return " AND ".join(f'"{token}"' for token in tokens)


def _digits(text: str) -> str:
    return "".join(words(re.sub(r"[^\d]", "", text)))


def _runs(digits: str) -> list[str]:
    return [_MARK + digits[at : at + RUN] for at in range(len(digits) - RUN + 1)]
