"""What different people have in common beyond chance: colleagues share town and phone, namesakes similar addresses.

Pairs that agree on one field, or on a name and another field, are drawn; the levels of the other fields are counted, each pair
weighted with its probability of being two people (Winkler 1989 and Enamorado, Fifield & Imai 2019 on what assuming independence costs).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reconcile_tui.cores import each
from reconcile_tui.matching import priors
from reconcile_tui.matching.arrays import Codes, Doubles
from reconcile_tui.matching.blocking import composite
from reconcile_tui.matching.chance import unrelated
from reconcile_tui.matching.compare import DIFFERENT, Comparison, Country, Date
from reconcile_tui.matching.compare_names import GivenName
from reconcile_tui.matching.compare_people import Identifier
from reconcile_tui.matching.evidence import Data, Observed, expectation, from_common_to_rare, has_column, is_name, is_personal, observe
from reconcile_tui.matching.lessons import LEAST_INFORMATION, divergence
from reconcile_tui.matching.model import FieldModel, Given, Model
from reconcile_tui.matching.samples import agreeing_pairs
from reconcile_tui.matching.scoring import AND, Scorer

RECORDS = 150_000
"""Records among which pairs are drawn at most."""
PAIRS = 8_000
"""Pairs drawn for each condition."""
MOST_GIVENS = 8
"""Conditions kept per field."""
LEAST_GAIN = 0.4
"""Bits by which agreement must be more frequent under a condition for u to depend on it."""
LEAST_PAIRS = 50
MOSTLY_DIFFERENT = 0.4
"""Share of different people that pairs agreeing on something must have, to tell what different people have in common."""
PULL = 20.0
"""Weight of the unconditional u, in pairs."""

Wanted = tuple[str, list[Codes], tuple[int, ...]]  # condition, what has to be equal, what may depend on it


@dataclass(frozen=True)
class Dependent:
    """Pairs that agree on `name`, to see how much more often the `later` comparisons agree then."""

    name: str
    seen: Observed
    later: tuple[int, ...]


def samples(data: Data, seed: int) -> list[Dependent]:
    """Pairs for every condition that may matter."""
    records, comparisons = data.records, data.comparisons
    order = from_common_to_rare(comparisons)
    usable = [i for i in order if has_column(comparisons[i]) and not is_personal(comparisons[i])]
    wanted = [one for one in [*_single(comparisons, order, usable), *_double(comparisons, order, usable)] if one[2]]
    some = _some(len(records), np.random.default_rng(seed))

    def drawn(numbered: tuple[int, Wanted]) -> Dependent:
        number, (name, parts, later) = numbered
        generator = np.random.default_rng([seed, number])
        sample = agreeing_pairs(composite(parts), generator, PAIRS, among=some)
        return Dependent(name, observe(records, comparisons, sample, data.rarities), later)

    return [dependent for dependent in each(drawn, enumerate(wanted)) if len(dependent.seen)]


def _some(records: int, generator: np.random.Generator) -> Codes | None:
    """Some of the records, where there are more than needed to draw pairs from."""
    return np.sort(generator.choice(records, RECORDS, replace=False)).astype(np.int32) if records > 2 * RECORDS else None


def _single(comparisons: Sequence[Comparison], order: list[int], usable: list[int]) -> list[Wanted]:
    return [(comparisons[i].name, [comparisons[i].column.codes], _later(comparisons, order, i)) for i in usable]


def _later(comparisons: Sequence[Comparison], order: list[int], *conditions: int) -> tuple[int, ...]:
    """What may depend on agreement in these: all that comes later; but namesakes share a birthday or a number by chance only, also at home.

    To learn otherwise from data is a trap: of true pairs with one name changed most agree there, and they would be taken for two people
    who happen to.
    """
    later = order[order.index(conditions[-1]) + 1 :]
    namesakes = all(is_name(comparisons[i]) or isinstance(comparisons[i], Country) for i in conditions)
    return tuple(i for i in later if not (namesakes and isinstance(comparisons[i], Date | Identifier)))


def _double(comparisons: Sequence[Comparison], order: list[int], usable: list[int]) -> list[Wanted]:
    """Two agreeing fields at a time, one of them a name or the country: what namesakes, and namesakes in one place, have in common."""
    result: list[Wanted] = []
    for place, i in enumerate(usable):
        for j in usable[place + 1 :] if is_name(comparisons[i]) or isinstance(comparisons[i], Country) else []:
            name = AND.join(sorted((comparisons[i].name, comparisons[j].name)))
            codes = [comparisons[i].column.codes, comparisons[j].column.codes]
            result.append((name, codes, _later(comparisons, order, i, j)))
    return result


def with_dependencies(data: Data, model: Model, drawn: Sequence[Dependent]) -> Model:
    """The model with conditions on u."""
    found: list[list[tuple[float, Given]]] = [[] for _ in data.comparisons]
    scorer = data.scorer(model)
    for sample in drawn:
        different = sample.seen.counted(_different(scorer, sample.seen))
        for i in sample.later:
            measured = _dependency(model.fields[i], sample.seen, i, different, sample.name)
            if measured is not None:
                found[i].append(measured)
    fields = []
    for i, old in enumerate(model.fields):
        known = {given.when for _, given in found[i]}
        strong = [entry for entry in [*found[i], *_by_nature(data, i, old, known)] if entry[0] >= LEAST_GAIN]
        strongest = sorted(strong, key=lambda entry: -entry[0])[:MOST_GIVENS]
        strongest.sort(key=lambda entry: (-entry[1].when.count(AND), -entry[0]))  # what is more particular comes first
        fields.append(replace(old, u_givens=tuple(given for _, given in strongest)))
    return replace(model, fields=tuple(fields))


def _different(scorer: Scorer, seen: Observed) -> Doubles:
    """How likely each pair is two people.

    Pairs with plainly unlike given names count as two people whatever else they share; only as many of them, the most probable ones,
    may be true pairs as true pairs are expected to differ there. Otherwise colleagues and families would be taken for duplicates, and
    what they share for the mark of a duplicate.
    """
    posterior = expectation(scorer, seen)
    given = next((i for i, c in enumerate(scorer.comparisons) if isinstance(c, GivenName)), None)
    if given is None:
        return np.asarray(1.0 - posterior)
    unlike = np.flatnonzero(seen.levels(given) == DIFFERENT)
    m = scorer.fields[given].m[DIFFERENT]
    alike = float(posterior.sum() - posterior[unlike].sum())
    expected = round(m / (1.0 - m) * alike)
    surely = unlike[np.argsort(-posterior[unlike], kind="stable")[expected:]]
    posterior[surely] = 0.0
    return np.asarray(1.0 - posterior)


def _dependency(f: FieldModel, seen: Observed, i: int, different: Doubles, name: str) -> tuple[float, Given] | None:
    """How much (see LEAST_GAIN), and how, a field's levels differ among different people agreeing on `name`; None if too few are seen.

    `different`: how many pairs of each pattern are two people.
    """
    counts = np.bincount(seen.patterns[i], weights=different, minlength=len(f.levels))
    counts[0] = 0.0
    total = counts.sum()
    if total < max(LEAST_PAIRS, MOSTLY_DIFFERENT * len(seen)):
        return None
    u = np.array(f.u)
    share = (counts + u * PULL) / (total + PULL)
    near, exact = slice(DIFFERENT + 1, f.first_exact), slice(f.first_exact, None)
    agreement = max(
        float(share[exact].sum() / max(u[exact].sum(), 1e-12)), 1.0
    )  # how much more frequent it is, however many hold the value
    likely = u.copy()
    likely[exact] *= agreement
    share = np.maximum(share, np.minimum(likely, 3.0 / total))  # never seen among so many is all that can be said
    m, base = np.array(f.m), unrelated(u)
    partly = slice(base.stop, max(len(share) - 1, base.stop))
    share[partly] = np.minimum(share[partly], m[partly] * share[base].sum() / max(m[base].sum(), 1e-12))
    if f.kind != "email":  # a near miss can't depend more on another field than agreement does; local parts of addresses can
        share[near] = np.minimum(share[near], u[near] * agreement)
    share[0] = 0.0
    share /= share.sum()
    lift = np.log2(np.maximum(share[1:], 1e-12) / np.maximum(u[1:], 1e-12))
    overall = divergence(tuple(share), u) / LEAST_INFORMATION * LEAST_GAIN
    return max(overall, float(lift[counts[1:] >= 8].max(initial=0.0))), Given(name, tuple(share))


def _by_nature(data: Data, i: int, f: FieldModel, known: set[str]) -> list[tuple[float, Given]]:
    """Parts of an address depend on each other also where too few different people share one to measure it."""
    order = from_common_to_rare(data.comparisons)
    kinds = {mapped.name: mapped.kind for mapped in data.records.fields}
    result = []
    for j in order[: order.index(i)]:
        first, second = (kinds.get(data.comparisons[k].fields[0], "") for k in (j, i))
        share = priors.AGREE_ANYWAY.get((first, second), 0.0)
        if share > f.u[-1] and data.comparisons[j].name not in known:
            u = np.array(f.u) * (1.0 - share) / max(1.0 - f.u[-1], 1e-9)
            u[-1] = share
            result.append((float(np.log2(share / f.u[-1])), Given(data.comparisons[j].name, tuple(u))))
    return result
