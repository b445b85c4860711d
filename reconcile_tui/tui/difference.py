"""Where two texts differ: by word first, by character inside a word that is still much the same."""

from __future__ import annotations

import re
from functools import lru_cache

Piece = tuple[str, bool]
"""Text and whether it differs."""

LONGEST = 500
"""Characters of each text that are compared; what follows counts as one piece."""
_ALIKE = 0.6
_TOKENS = re.compile(r"\s+|[^\s]+")


@lru_cache(maxsize=1 << 13)
def pieces(text: str, reference: str) -> tuple[Piece, ...]:
    """The pieces of `text`, each marked when it differs from `reference`."""
    if text == reference:
        return ((text, False),)
    head, rest = text[:LONGEST], text[LONGEST:]
    found = _by_token(head, reference[:LONGEST])
    if rest:
        found.append((rest, rest != reference[LONGEST:]))
    return tuple(_joined(found))


def _by_token(text: str, reference: str) -> list[Piece]:
    from rapidfuzz.distance import Levenshtein

    ours, theirs = _TOKENS.findall(text), _TOKENS.findall(reference)
    found: list[Piece] = []
    for op in Levenshtein.opcodes(ours, theirs):
        tag, a, b, c, d = op.tag, op.src_start, op.src_end, op.dest_start, op.dest_end
        if tag == "equal":
            found.append(("".join(ours[a:b]), False))
        elif tag == "replace" and b - a == d - c:
            for mine, other in zip(ours[a:b], theirs[c:d], strict=True):
                found += _by_character(mine, other)
        elif a < b:
            found.append(("".join(ours[a:b]), True))
        else:
            found.append(("", True))
    return found


def _by_character(text: str, reference: str) -> list[Piece]:
    from rapidfuzz.distance import Levenshtein

    if Levenshtein.normalized_similarity(text, reference) < _ALIKE:
        return [(text, True)]
    return [(text[op.src_start : op.src_end], op.tag != "equal") for op in Levenshtein.opcodes(text, reference)]


def _joined(found: list[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for text, differs in found:
        if joined and joined[-1][1] == differs:
            joined[-1] = (joined[-1][0] + text, differs)
        else:
            joined.append((text, differs))
    return joined
