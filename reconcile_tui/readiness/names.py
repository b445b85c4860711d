"""Whether two names can be one person's: the question behind a shared mailbox."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

SIMILAR = 0.86
"""Jaro-Winkler similarity from which two name parts are taken for spellings of one: `Joan` and `Joanne` are, `Robert` and `Rita` not."""


@lru_cache(maxsize=1 << 16)
def folded(text: str) -> str:
    """Letters in Latin script without accents, in one case; anything else a blank."""
    from anyascii import anyascii

    plain = anyascii(unicodedata.normalize("NFKC", text)).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


@lru_cache(maxsize=1)
def _nicknames() -> object:
    from nicknames import NickNamer

    return NickNamer()


@lru_cache(maxsize=1 << 14)
def _meant(name: str) -> frozenset[str]:
    return frozenset(_nicknames().canonicals_of(name)) | {name}  # type: ignore[attr-defined]


def alike(one: str, other: str) -> bool:
    """Whether two folded name parts can be the same: equal, an initial, a nickname, a spelling. A blank says nothing."""
    if not one or not other or one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) == 1:
        return long.startswith(short)
    if bool(_meant(one) & _meant(other)):
        return True
    return bool(JaroWinkler.similarity(one, other) >= SIMILAR)


def unlike(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether (first, last) of two records, folded, plainly name two people. Swapped names are one person; blanks say nothing."""
    if not any(one) or not any(other):
        return False
    straight = alike(one[0], other[0]) and alike(one[1], other[1])
    swapped = alike(one[0], other[1]) and alike(one[1], other[0])
    return not straight and not swapped
