"""m: how often each level occurs in true pairs, and what changes together in one person.

Pairs that agree on a rare name teach what else true pairs have in common; pairs of one address, identifier or home teach names. A
shared phone or employer is no ground to learn on: a switchboard would make all colleagues look like one person. Where records carry
nothing that colleagues share, all candidates are the better lesson, because they are not chosen by agreement on one thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from reconcile_tui.cores import each
from reconcile_tui.matching import priors
from reconcile_tui.matching.arrays import Codes, Doubles, Flags
from reconcile_tui.matching.blocking import PHONES, Pairs, Rule, alternatives, composite
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import DIFFERENT, Comparison
from reconcile_tui.matching.compare_names import GivenName
from reconcile_tui.matching.compare_people import Email, Phone
from reconcile_tui.matching.evidence import Data, Observed, expectation, from_common_to_rare, is_name, observe
from reconcile_tui.matching.model import Given
from reconcile_tui.matching.samples import agreeing_pairs
from reconcile_tui.matching.scoring import NOT, Scorer, agreeing

PAIRS = 10_000
"""Pairs drawn for each key that teaches."""
SHARE = 0.25
"""Pairs per record among which a key's lesson is drawn, rarest values first: there true pairs are not drowned by namesakes."""
PULL = 20.0
"""Weight of the documented priors, in pairs."""
MOST_DIFFERENT_NAMES = 0.25
LEAST_INFORMATION = 0.01
"""Bits that one field must tell about another one's changes before m depends on it."""
LEAST_PAIRS = 30
"""True pairs on either side of a condition before m depends on it."""


Wanted = tuple[list[Codes], set[int]]  # what has to be equal, what it teaches


@dataclass(frozen=True)
class Lesson:
    """Pairs that agree on a key, and the comparisons whose m they teach: those the key says nothing about.

    Of pairs that came by several keys, `chosen_otherwise` says by comparison which agree on a key that says nothing about it.
    """

    seen: Observed
    teaches: frozenset[int]
    chosen_otherwise: Mapping[int, Flags] = field(default_factory=dict)

    def of(self, i: int, posterior: Doubles) -> Doubles:
        """How many of the pairs that teach comparison `i` each pattern has, each counting with its probability of being one person."""
        mask = self.chosen_otherwise.get(i)
        return self.seen.counted(posterior if mask is None else posterior * mask)


@dataclass(frozen=True)
class Learnt:
    """m of each comparison, and under conditions."""

    m: list[Doubles]
    givens: list[tuple[Given, ...]]


def lessons(data: Data, rules: Sequence[Rule], candidates: Observed, pairs: Pairs, seed: int) -> list[Lesson]:
    """What to learn m from; `candidates` are the `pairs` compared."""
    records, comparisons = data.records, data.comparisons
    at_work = any(isinstance(c, Email | Phone) or c.kind == "company" for c in comparisons)
    wanted = [*_names(records, comparisons), *(_anchors(records, comparisons, rules) or _numbers(records, comparisons))] if at_work else []

    def drawn(numbered: tuple[int, Wanted]) -> Lesson:
        number, (parts, teaches) = numbered
        generator = np.random.default_rng([seed, number])
        sample = agreeing_pairs(composite(parts), generator, PAIRS, round(SHARE * len(records)))
        return Lesson(observe(records, comparisons, sample, data.rarities), frozenset(teaches))

    found = [lesson for lesson in each(drawn, enumerate(wanted)) if len(lesson.seen)]
    return found or [Lesson(candidates, frozenset(range(len(comparisons))), _chosen_otherwise(records, comparisons, rules, pairs))]


def _chosen_otherwise(records: Records, comparisons: Sequence[Comparison], rules: Sequence[Rule], pairs: Pairs) -> dict[int, Flags]:
    """By comparison, the candidates that agree on a key which says nothing about it.

    Among the others nobody would be found who has changed there, and m would come out as if hardly anybody did.
    """
    masks = {i: np.zeros(len(pairs), dtype=bool) for i in range(len(comparisons))}
    for rule in rules:
        about = {i for i, c in enumerate(comparisons) if any(is_about(part, c) for part in rule.key)}
        agree = np.logical_or.reduce([_equal(parts, pairs) for parts in alternatives(records, rule.key)])
        for i in masks.keys() - about:
            masks[i] |= agree
    return {i: mask for i, mask in masks.items() if np.count_nonzero(mask) >= LEAST_PAIRS}


def _equal(parts: Sequence[Codes], pairs: Pairs) -> Flags:
    return np.asarray(np.logical_and.reduce([(p[pairs.left] == p[pairs.right]) & (p[pairs.left] >= 0) for p in parts]))


def is_about(part: str, comparison: Comparison) -> bool:
    """Whether a form in a blocking key says something about what is compared."""
    own = any(part == name or part.startswith(f"{name}.") for name in comparison.fields)
    return own or (part.endswith(".either") and is_name(comparison)) or (part in PHONES and isinstance(comparison, Phone))


def _names(records: Records, comparisons: Sequence[Comparison]) -> list[Wanted]:
    people = [i for i, c in enumerate(comparisons) if is_name(c)]
    if len(people) < 2:
        return []
    parts = [c.fields[0] + (".root" if isinstance(c, GivenName) else "") for c in (comparisons[i] for i in people)]
    return [([records.column(part).codes for part in parts], set(range(len(comparisons))) - set(people))]


def _anchors(records: Records, comparisons: Sequence[Comparison], rules: Sequence[Rule]) -> list[Wanted]:
    result = []
    for rule in rules:
        if _is_anchor(rule, comparisons):
            involved = {i for i, c in enumerate(comparisons) if any(is_about(part, c) for part in rule.key)}
            result.append(([records.column(part).codes for part in rule.key], set(range(len(comparisons))) - involved))
    return result[:6]


def _numbers(records: Records, comparisons: Sequence[Comparison]) -> list[Wanted]:
    """Where there is no better lesson, those who share a number that few hold teach names."""
    names = {i for i, c in enumerate(comparisons) if is_name(c)}
    return [([records.column(f"{name}.tail").codes], names) for name in records.of_kind("phone")] if names else []


def _is_anchor(rule: Rule, comparisons: Sequence[Comparison]) -> bool:
    about = [c for c in comparisons if any(is_about(part, c) for part in rule.key)]
    if any(is_name(c) or isinstance(c, Phone) for c in about) or rule.key[0].endswith(".local"):
        return False
    return len(rule.key) > 1 or any(c.kind in ("email", "identifier") for c in about)


def learnt(scorer: Scorer, given: Sequence[Lesson]) -> Learnt:
    """m from the lessons, each pair counting with its probability of being one person."""
    posteriors = [expectation(scorer, lesson.seen) for lesson in given]
    order = from_common_to_rare(scorer.comparisons)
    m, givens = [], []
    for i, comparison in enumerate(scorer.comparisons):
        chosen = [(lesson, lesson.of(i, p)) for lesson, p in zip(given, posteriors, strict=True) if i in lesson.teaches]
        own = _shares(i, [(lesson.seen, p * lesson.seen.weight) for lesson, p in chosen], priors.agreement(comparison))
        own = _bounded(own) if is_name(comparison) else own
        m.append(own)
        earlier = [j for j in order[: order.index(i)] if not is_name(scorer.comparisons[j])]
        givens.append(_changes_with(i, scorer.comparisons, chosen, own, earlier))
    return Learnt(m, givens)


def _bounded(m: Doubles) -> Doubles:
    """m of a name, different in at most a quarter of true pairs: beyond, something else than persons has been found alike."""
    others = m.copy()
    others[DIFFERENT] = 0.0
    different = min(float(m[DIFFERENT]), MOST_DIFFERENT_NAMES)
    others *= (1.0 - different) / max(float(others.sum()), 1e-12)
    others[DIFFERENT] = different
    return others


def _changes_with(
    i: int, comparisons: Sequence[Comparison], chosen: Sequence[tuple[Lesson, Doubles]], own: Doubles, earlier: Sequence[int]
) -> tuple[Given, ...]:
    """m where that earlier field agrees which tells most about this one, and where it doesn't."""
    best: tuple[float, tuple[Given, ...]] = (LEAST_INFORMATION, ())
    for j in earlier:
        taught = [(lesson.seen, p) for lesson, p in chosen if j in lesson.teaches]
        rows, sizes = [], []
        for condition in (comparisons[j].name, NOT + comparisons[j].name):
            held = [(seen, p * agreeing(comparisons, seen.patterns, condition)) for seen, p in taught]
            sizes.append(sum(float(p[seen.patterns[i] > 0].sum()) for seen, p in held))
            rows.append(Given(condition, tuple(_shares(i, held, own))))
        if min(sizes, default=0.0) < LEAST_PAIRS:
            continue
        information = sum(size / sum(sizes) * divergence(row.shares, own) for row, size in zip(rows, sizes, strict=True))
        if information > best[0]:
            best = (information, tuple(rows))
    return best[1]


def divergence(shares: Sequence[float], other: Doubles) -> float:
    """Kullback-Leibler divergence in bits."""
    p, q = np.maximum(np.array(shares[1:]), 1e-12), np.maximum(other[1:], 1e-12)
    return float((p * np.log2(p / q)).sum())


def _shares(i: int, chosen: Sequence[tuple[Observed, Doubles]], start: Doubles) -> Doubles:
    """Shares of levels; `chosen` holds samples with a weight for each of their patterns."""
    counts = start * PULL
    for seen, weight in chosen:
        found = np.bincount(seen.patterns[i], weights=weight, minlength=len(start))
        found[0] = 0.0
        counts = counts + found
    return np.asarray(counts / counts.sum())
