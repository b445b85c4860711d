"""Names of people: titles and suffixes, order within a full name, nicknames."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl
from nicknames import NickNamer

from reconcile_tui.matching.arrays import Longs
from reconcile_tui.matching.text import absent_as_null, ascii_lower, on_some, without_words, words

_TITLES = (
    "mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|lord|lady|rev|hon|herr|frau|hr|fr|dipl ing|dipl|ing|mag|med|phil|"
    "monsieur|madame|mme|mlle|m|sr|sra|srta|don|dona|dott|dottssa|sig|signor|signora|dhr|mevr|drs|ir|pan|pani"
)
_SUFFIXES = "jr|sr|junior|senior|ii|iii|iv|phd|ph d|md|mba|msc|bsc|esq|cpa|dds|rn"
_PARTICLES = r"\b(?:van|von|der|den|dem|de|del|della|di|da|dos|do|du|la|las|los|le|el|al|zu|ter|ten|bin|ibn|abu|st|mac|mc|san|santa|ben)"


def given(values: pl.Series) -> pl.Series:
    """Given names without titles, folded."""
    return absent_as_null(without_words(words(values), _TITLES, where="start"))


def family(values: pl.Series) -> pl.Series:
    """Family names without titles and suffixes, folded; particles are written together with what follows (`vandenberg`)."""
    plain = without_words(without_words(words(values), _SUFFIXES, where="end"), _TITLES, where="start")
    return absent_as_null(on_some(plain, " ", lambda some: some.str.replace_all(rf"({_PARTICLES}) ", "$1")))


def parted(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Given and family part of full names: `Hale, Robert` is turned round; otherwise the last word, with particles, is the family."""
    turned = ascii_lower(values).str.replace(r"^\s*([^,]+?)\s*,\s*([^,]+?)\s*$", "$2 $1")
    plain = without_words(without_words(words(turned), _SUFFIXES, where="end"), _TITLES, where="start")
    last = plain.str.extract(rf"((?:{_PARTICLES} )*[^ ]+)$", 1)
    first = (plain + "\u0001").str.replace(rf"(?:^| )(?:{_PARTICLES} )*[^ ]+\u0001$", "")
    return absent_as_null(first), family(last)


@lru_cache(maxsize=1)
def _namer() -> NickNamer:
    return NickNamer()


@lru_cache(maxsize=1 << 16)
def canonical_names(name: str) -> frozenset[str]:
    """Formal names a given name may stand for, by the kept data set of the `nicknames` package, and the name itself."""
    return frozenset(_namer().canonicals_of(name)) | {name}


def nickname_pairs(vocabulary: list[str | None]) -> Longs:
    """Sorted `smaller code << 32 | larger code` of all names in the vocabulary that share a formal name."""
    known = known_nicknames()
    by_formal: dict[str, list[int]] = {}
    for code, name in enumerate(vocabulary):
        if name in known:
            for formal in canonical_names(name):
                by_formal.setdefault(formal, []).append(code)
    linked = {
        (a << 32) | b
        for formal, codes in by_formal.items()
        for i, a in enumerate(codes)
        for b in codes[i + 1 :]
        if formal in (vocabulary[a], vocabulary[b])
    }
    return np.array(sorted(linked), dtype=np.int64)


@lru_cache(maxsize=1)
def known_nicknames() -> frozenset[str]:
    """Every name the data set speaks of, formal or short."""
    lookup = _namer().canonical_lookup
    return frozenset(lookup) | frozenset(name for formals in lookup.values() for name in formals)


def roots(names: pl.Series) -> pl.Series:
    """Each given name's formal name: of several, the one with most short forms of its own (bob -> robert), then the first by alphabet."""
    known = known_nicknames()
    return pl.Series([_root(name) if name in known else name for name in names.to_list()], dtype=pl.String)


@lru_cache(maxsize=1 << 16)
def _root(name: str) -> str:
    for _ in range(3):
        formal = min(canonical_names(name), key=lambda candidate: (-len(_namer().nicknames_of(candidate)), candidate))
        if formal == name:
            break
        name = formal
    return name
