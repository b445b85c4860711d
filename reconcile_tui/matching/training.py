"""Estimating the model on the data at hand: u from random and agreeing pairs, m, the prior and what depends on what by EM.

1. u of every level on random pairs; of exact levels in closed form (sum of squared frequencies), less the true pairs among them.
2. EM over a share of the candidate pairs (Fellegi & Sunter 1969; Winkler 1988) estimates m and, per scope, the prior.
3. Fields that depend on each other among different people (colleagues share city and switchboard, people of one name similar
   addresses) get conditional probabilities: pairs agreeing on the one field are drawn, and the other's levels are counted,
   each pair weighted with its probability of being different people. EM runs again with these (Enamorado, Fifield & Imai 2019
   and Winkler 1989 on what independence costs).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from reconcile_tui.matching import priors
from reconcile_tui.matching.arrays import Codes, Doubles, Flags, Levels, Longs
from reconcile_tui.matching.blocking import Pairs, Rule, composite
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import DIFFERENT, Comparison
from reconcile_tui.matching.compare_people import Email, FamilyName, GivenName, Identifier, Phone
from reconcile_tui.matching.model import FieldModel, Given, Model
from reconcile_tui.matching.samples import Sample, agreeing_pairs, random_pairs, share_of
from reconcile_tui.matching.scoring import AND, NOT, Scorer, agreeing, scope_names, scopes_of

CANDIDATES = 200_000
"""Candidate pairs the prior is fitted on."""
LESSON_PAIRS = 60_000
"""Pairs drawn for each key that teaches m."""
LESSON_SHARE = 0.25
"""Pairs per record among which a key's lesson is drawn, rarest values first: there true pairs are not drowned by namesakes."""
DEPENDENT_PAIRS = 20_000
"""Pairs drawn for each field others may depend on."""
ROUNDS = 60
SETTLED = 2e-4
"""EM has converged when no probability moves by more."""
PULL = 20.0
"""Weight of the documented priors during EM, in pairs."""
MOST_GIVENS = 6
MOSTLY_DIFFERENT = 0.4
"""Share of different people that pairs agreeing on something must have, to tell what different people have in common."""
LEAST_GAIN = 0.4
"""Bits by which agreement must be more frequent under a condition for u to depend on it."""
LEAST_INFORMATION = 0.01
"""Bits that one field must tell about another one's changes before m depends on it."""


@dataclass
class Observed:
    """Pairs with everything EM needs to know of them."""

    left: Codes
    right: Codes
    weight: float
    levels: list[Levels]
    scope: Codes
    same: Flags | None = None  # judged pairs: what a person said
    posterior: Doubles = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class Trained:
    """The model and how training went."""

    model: Model
    report: dict[str, object]


def observe(records: Records, comparisons: Sequence[Comparison], sample: Sample) -> Observed:
    """Compare the pairs of a sample in every field."""
    levels = [c.all_levels(sample.left, sample.right) for c in comparisons]
    return Observed(sample.left, sample.right, sample.weight, levels, scopes_of(records, sample.left, sample.right))


def total_pairs(records: Records) -> Doubles:
    """How many pairs each scope has."""
    counts = np.bincount(records.systems, minlength=len(records.system_names)).astype(np.float64)
    within = counts * (counts - 1) / 2
    return np.append(within, counts[0] * counts[1]) if len(counts) > 1 else within


@dataclass(frozen=True)
class Lesson:
    """Pairs that agree on a key, and the comparisons whose m they teach: those the key says nothing about."""

    seen: Observed
    teaches: frozenset[int]


def train(
    records: Records, comparisons: Sequence[Comparison], batches: list[Pairs], rules: Sequence[Rule], seed: int
) -> Trained:
    """A model for these records. Says in its notes when there is too little to learn from."""
    generator = np.random.default_rng(seed)
    chance = _chance(records, comparisons, observe(records, comparisons, random_pairs(len(records), generator)))
    pairs, weight = share_of(batches, CANDIDATES, generator)
    seen = observe(records, comparisons, Sample(pairs.left, pairs.right, weight))
    everything = Lesson(seen, frozenset(range(len(comparisons))))
    lessons = (_lessons(records, comparisons, rules, generator) if _at_work(comparisons) else []) or [everything]
    samples = _dependent_samples(records, comparisons, generator)
    model = _start(records, comparisons, chance, rules)
    report: dict[str, object] = {}
    for _ in range(3):
        model = _with_dependencies(records, comparisons, model, samples)
        model, report = _expect_maximise(records, comparisons, model, seen, lessons, chance)
    return Trained(model, report)


def _lessons(records: Records, comparisons: Sequence[Comparison], rules: Sequence[Rule], generator: np.random.Generator) -> list[Lesson]:
    """Pairs of one rare name teach what else true pairs have in common; pairs of one address, identifier or home teach names.

    A shared phone or employer is no ground to learn on: a switchboard would make all colleagues look like one person.
    """
    people = [i for i, c in enumerate(comparisons) if isinstance(c, GivenName | FamilyName)]
    lessons = []
    if len(people) > 1:
        key = composite([records.column(f"{c.fields[0]}.root" if isinstance(c, GivenName) else c.fields[0]).codes for c in (comparisons[i] for i in people)])
        lessons.append(_lesson(records, comparisons, key, set(range(len(comparisons))) - set(people), generator))
    anchors = [rule for rule in rules if _is_anchor(rule, comparisons)]
    for rule in anchors:
        key = composite([records.column(part).codes for part in rule.key])
        involved = {i for i, c in enumerate(comparisons) if any(part.split(".")[0] in c.fields for part in rule.key)}
        lessons.append(_lesson(records, comparisons, key, set(range(len(comparisons))) - involved, generator))
    return [lesson for lesson in lessons if len(lesson.seen.left)]


def _at_work(comparisons: Sequence[Comparison]) -> bool:
    """Whether records carry what colleagues share (mail domain, switchboard, employer), so that candidates at large would mislead."""
    return any(isinstance(c, Email | Phone) or c.kind == "company" for c in comparisons)


def _is_anchor(rule: Rule, comparisons: Sequence[Comparison]) -> bool:
    names = {c.fields[0] for c in comparisons if isinstance(c, GivenName | FamilyName)}
    kinds = {c.fields[0]: c.kind for c in comparisons}
    parts = [part.split(".")[0] for part in rule.key]
    if any(part in names or part == "phone" for part in parts) or rule.key[0].endswith(".local"):
        return False
    return len(rule.key) > 1 or kinds.get(parts[0]) in ("email", "identifier")


def _lesson(
    records: Records, comparisons: Sequence[Comparison], key: Longs, teaches: set[int], generator: np.random.Generator
) -> Lesson:
    return Lesson(observe(records, comparisons, agreeing_pairs(key, generator, LESSON_PAIRS, round(LESSON_SHARE * len(records)))), frozenset(teaches))


@dataclass(frozen=True)
class Chance:
    """How often each level occurs between any two records: `random` among drawn pairs, `agreeing` in closed form where known."""

    random: list[Doubles]
    agreeing: list[dict[int, float]]  # level -> share of all pairs with both values present
    present: Doubles  # share of pairs in which both have a value
    base: list[dict[str, float]]


def _chance(records: Records, comparisons: Sequence[Comparison], drawn: Observed) -> Chance:
    random = []
    present = []
    for comparison, levels in zip(comparisons, drawn.levels, strict=True):
        counts = np.bincount(levels, minlength=len(comparison.levels)).astype(np.float64)
        present.append(max(1 - counts[0] / max(len(drawn.left), 1), 1e-9))
        counts[0] = 0.0
        counts[1:] += 0.2
        random.append(counts / counts.sum())
    n = len(records)
    closed = [_closed_form(c, n) for c in comparisons]
    base = [
        {c.levels[level]: float((f.counts.astype(np.float64) ** 2).sum()) / max(float(f.counts.sum()) ** 2, 1.0)}
        for c in comparisons
        for level, f in c.frequencies().items()
    ]
    return Chance(random, closed, np.array(present), _grouped(comparisons, base))


def _grouped(comparisons: Sequence[Comparison], flat: list[dict[str, float]]) -> list[dict[str, float]]:
    rest = iter(flat)
    return [{key: value for _ in c.frequencies() for key, value in next(rest).items()} for c in comparisons]


def _closed_form(comparison: Comparison, records: int) -> dict[int, float]:
    """Shares of agreeing pairs by level, from counts of values."""
    if isinstance(comparison, Email | Identifier):
        return _by_holders(comparison.column.counts, comparison._exact_level, comparison)
    if isinstance(comparison, Phone):
        counts = sum((c.counts for c in comparison.numbers), np.zeros(len(comparison.numbers[0].values), dtype=np.int64))
        return _by_holders(counts, comparison._exact_level, comparison)
    frequency = comparison.frequencies().get(comparison.exact)
    if frequency is None:
        return {}
    counts = frequency.counts.astype(np.float64)
    holders = counts.sum()
    return {comparison.exact: float((counts * (counts - 1)).sum() / max(holders * (holders - 1), 1.0))}


def _by_holders(counts: Longs, level_of: Levels, comparison: Comparison) -> dict[int, float]:
    holders = float(counts.sum())
    pairs = counts.astype(np.float64) * (counts - 1)
    sums = np.bincount(level_of, weights=pairs, minlength=len(comparison.levels)) / max(holders * (holders - 1), 1.0)
    return {level: float(sums[level]) for level in set(level_of.tolist())}


def _start(records: Records, comparisons: Sequence[Comparison], chance: Chance, rules: Sequence[Rule]) -> Model:
    """Documented priors for m, measured chance for u."""
    totals = total_pairs(records)
    expected = priors.EXPECTED_DUPLICATES * len(records)
    scopes = scope_names(records)
    prior = {name: float(min(expected / max(totals.sum(), 1.0), 0.3)) for name in scopes}
    fields = []
    for i, comparison in enumerate(comparisons):
        m = priors.agreement(comparison)
        u = _u(comparison, chance, i, m, expected / max(totals.sum(), 1.0))
        base = chance.base[i]
        fields.append(FieldModel(comparison.name, comparison.kind, comparison.levels, tuple(m), tuple(u), (), (), _neutral(comparison), base))
    fields = _swapped_alike(comparisons, fields)
    return Model(prior, tuple(fields), tuple(rules), len(records), trained=False)


def _u(comparison: Comparison, chance: Chance, i: int, m: Doubles, prior: float) -> Doubles:
    """u of every level, true pairs taken out; never below a fiftieth of what was seen."""
    seen = chance.random[i].copy()
    for level, share in chance.agreeing[i].items():
        seen[level] = max(share, 1e-12)
    floor = np.maximum(seen * 0.02, 1e-12)
    for level in chance.agreeing[i]:
        seen[level] = max(seen[level] - prior * m[level], floor[level])
    closed = list(chance.agreeing[i])
    other = [level for level in range(1, len(seen)) if level not in closed]
    seen[other] = np.maximum(seen[other] - np.minimum(prior * m[other], seen[other] * 0.98), floor[other])
    rest = seen[other].sum()
    if rest > 0:
        seen[other] *= max(1.0 - seen[closed].sum(), 1e-9) / rest
    return np.asarray(seen / seen.sum())


def _swapped_alike(comparisons: Sequence[Comparison], fields: list[FieldModel]) -> list[FieldModel]:
    """Swapped names count once: with the given name, as the coincidence of two names; with the family name they weigh nothing."""
    given = next((i for i, c in enumerate(comparisons) if isinstance(c, GivenName) and c.other), None)
    family = next((i for i, c in enumerate(comparisons) if isinstance(c, FamilyName) and c.other), None)
    if given is None or family is None:
        return fields
    both = fields[given].u[-1] * fields[family].u[-1]
    fields[given] = replace(fields[given], u=_put(fields[given].u, fields[given].levels.index("swapped"), both))
    return fields


def _neutral(comparison: Comparison) -> tuple[str, ...]:
    return ("swapped",) if isinstance(comparison, FamilyName) else ()


def _put(values: tuple[float, ...], place: int, value: float) -> tuple[float, ...]:
    return (*values[:place], float(value), *values[place + 1 :])


def _expect_maximise(
    records: Records, comparisons: Sequence[Comparison], model: Model, seen: Observed, lessons: Sequence[Lesson], chance: Chance
) -> tuple[Model, dict[str, object]]:
    """EM until nothing moves. With too few true pairs expected, m stays at the priors and only the chance of a pair is fitted."""
    totals = total_pairs(records)
    change, rounds, matches = 1.0, 0, 0.0
    while rounds < ROUNDS and change > SETTLED:
        rounds += 1
        by_scope = np.bincount(seen.scope, weights=expectation(records, comparisons, model, seen), minlength=len(totals)) * seen.weight
        matches = float(by_scope.sum())
        learnt = _learnt(records, comparisons, model, lessons) if matches >= priors.LEAST_MATCHES else None
        updated = _maximised(records, comparisons, model, learnt, chance, totals, by_scope)
        change = _moved(model, updated)
        model = updated
    enough = matches >= priors.LEAST_MATCHES
    notes = [] if enough else [f"Too few duplicates to learn from ({matches:.0f} expected): documented priors are used."]
    if change > SETTLED:
        notes.append(f"Training stopped after {rounds} rounds while probabilities still moved by {change:.4f}.")
    report: dict[str, object] = {
        "converged": change <= SETTLED,
        "rounds": rounds,
        "expected_matches": round(matches, 1),
        "candidates_seen": len(seen.left),
        "trained": enough,
    }
    return replace(model, trained=enough, notes=tuple(notes)), report


@dataclass(frozen=True)
class Learnt:
    """m of each comparison, and under conditions."""

    m: list[Doubles]
    givens: list[tuple[Given, ...]]


def _learnt(records: Records, comparisons: Sequence[Comparison], model: Model, lessons: Sequence[Lesson]) -> Learnt:
    """m from the lessons, each pair counting with its probability of being one person."""
    posteriors = [expectation(records, comparisons, model, lesson.seen) for lesson in lessons]
    order = _ordered(comparisons)
    m, givens = [], []
    for i, comparison in enumerate(comparisons):
        chosen = [(lesson, p) for lesson, p in zip(lessons, posteriors, strict=True) if i in lesson.teaches]
        own = _level_shares(i, [(lesson.seen, p * lesson.seen.weight) for lesson, p in chosen], priors.agreement(comparison))
        m.append(own)
        earlier = [j for j in order[: order.index(i)] if not isinstance(comparisons[j], GivenName | FamilyName)]
        givens.append(_changes_with(i, comparisons, chosen, own, earlier))
    return Learnt(m, givens)


def _changes_with(
    i: int, comparisons: Sequence[Comparison], chosen: Sequence[tuple[Lesson, Doubles]], own: Doubles, earlier: Sequence[int]
) -> tuple[Given, ...]:
    """m where the earlier field agrees that tells most about this one, and where it doesn't: what changes together in one person."""
    best: tuple[float, tuple[Given, ...]] = (LEAST_INFORMATION, ())
    for j in earlier:
        taught = [(lesson.seen, p) for lesson, p in chosen if j in lesson.teaches]
        rows, sizes = [], []
        for condition in (comparisons[j].name, NOT + comparisons[j].name):
            held = [(seen, p * agreeing(comparisons, seen.levels, condition)) for seen, p in taught]
            sizes.append(sum(float(p[seen.levels[i] > 0].sum()) for seen, p in held))
            rows.append(Given(condition, tuple(_level_shares(i, held, own))))
        if min(sizes, default=0.0) < 30:
            continue
        information = sum(size / sum(sizes) * _divergence(row.shares, own) for row, size in zip(rows, sizes, strict=True))
        if information > best[0]:
            best = (information, tuple(rows))
    return best[1]


def _divergence(shares: Sequence[float], other: Doubles) -> float:
    """Kullback-Leibler divergence in bits."""
    p, q = np.maximum(np.array(shares[1:]), 1e-12), np.maximum(other[1:], 1e-12)
    return float((p * np.log2(p / q)).sum())


def _level_shares(i: int, chosen: Sequence[tuple[Observed, Doubles]], start: Doubles) -> Doubles:
    counts = start * PULL
    for seen, weight in chosen:
        found = np.bincount(seen.levels[i], weights=weight, minlength=len(start))
        found[0] = 0.0
        counts = counts + found
    return np.asarray(counts / counts.sum())


def expectation(records: Records, comparisons: Sequence[Comparison], model: Model, seen: Observed) -> Doubles:
    """Probability that each observed pair is one person."""
    scorer = Scorer(records, comparisons, model)
    bits = scorer.prior[seen.scope].astype(np.float64)
    for part in scorer.field_bits(seen.levels, seen.left):
        bits += part
    posterior = 1.0 / (1.0 + np.exp2(-np.clip(bits, -60, 60)))
    if seen.same is not None:
        posterior = np.where(seen.same, 1.0, 0.0)
    return np.asarray(posterior)


def _monotone(m: Doubles, u: Doubles) -> Doubles:
    """m raised where a partly agreeing level would speak more against a pair than plain difference does."""
    raised = np.maximum(m, u * m[DIFFERENT] / max(u[DIFFERENT], 1e-12))
    raised[0] = 0.0
    return np.asarray(raised / raised.sum())


def _maximised(
    records: Records, comparisons: Sequence[Comparison], model: Model, learnt: Learnt | None, chance: Chance, totals: Doubles, by_scope: Doubles
) -> Model:
    overall = float(by_scope.sum()) / max(float(totals.sum()), 1.0)
    fields = []
    for i, (old, comparison) in enumerate(zip(model.fields, comparisons, strict=True)):
        m = learnt.m[i] if learnt else priors.agreement(comparison)
        u = _u(comparison, chance, i, m, overall)
        givens = tuple(replace(g, shares=tuple(_monotone(np.array(g.shares), u))) for g in (learnt.givens[i] if learnt else ()))
        fields.append(replace(old, m=tuple(_monotone(m, u)), u=tuple(u), m_givens=givens))
    fields = _swapped_alike(comparisons, fields)
    least = 0.5 / np.maximum(totals, 1.0)
    prior = np.minimum(np.maximum(by_scope / np.maximum(totals, 1.0), least), 0.5)
    return replace(model, prior=dict(zip(scope_names(records), prior.tolist(), strict=True)), fields=tuple(fields))


def _moved(before: Model, after: Model) -> float:
    moves = [np.abs(np.subtract(a.m, b.m)).max() for a, b in zip(before.fields, after.fields, strict=True)]
    return float(max(moves, default=0.0))


_RANK = [FamilyName, GivenName]


def _ordered(comparisons: Sequence[Comparison]) -> list[int]:
    """Fields in the order in which later ones may depend on earlier ones: names, then the rest from common to rare values."""

    def rank(i: int) -> tuple[int, float]:
        c = comparisons[i]
        if isinstance(c, FamilyName):
            return (0, 0.0)
        if isinstance(c, GivenName):
            return (1, 0.0)
        return (3 if isinstance(c, Email | Phone | Identifier) else 2, -float(len(np.unique(c.column.codes))) if _single(c) else 0.0)

    return sorted(range(len(comparisons)), key=rank)


def _single(comparison: Comparison) -> bool:
    return comparison.fields[0] in comparison.records.columns


@dataclass(frozen=True)
class Dependent:
    """Pairs that agree on one comparison (`name`), to see how much more often the `later` ones agree then."""

    name: str
    seen: Observed
    later: tuple[int, ...]


def _dependent_samples(records: Records, comparisons: Sequence[Comparison], generator: np.random.Generator) -> list[Dependent]:
    order = _ordered(comparisons)
    wanted: list[tuple[str, Codes | Longs, tuple[int, ...]]] = []
    for place, i in enumerate(order):
        parent, later = comparisons[i], tuple(order[place + 1 :])
        if later and _single(parent) and not isinstance(parent, Email | Identifier | Phone):
            wanted.append((parent.name, parent.column.codes, later))
    wanted += _pairs_of_parents(comparisons, order)
    samples = []
    for name, codes, later in wanted:
        seen = observe(records, comparisons, agreeing_pairs(codes, generator, DEPENDENT_PAIRS))
        if len(seen.left):
            samples.append(Dependent(name, seen, later))
    return samples


def _pairs_of_parents(comparisons: Sequence[Comparison], order: Sequence[int]) -> list[tuple[str, Codes | Longs, tuple[int, ...]]]:
    """Two agreeing fields at a time, one of them a name: what namesakes, and namesakes in one place, have in common."""
    result: list[tuple[str, Codes | Longs, tuple[int, ...]]] = []
    usable = [i for i in order if _single(comparisons[i]) and not isinstance(comparisons[i], Email | Identifier | Phone)]
    for place, i in enumerate(usable):
        if not isinstance(comparisons[i], GivenName | FamilyName):
            continue
        for j in usable[place + 1 :]:
            later = tuple(k for k in order[order.index(j) + 1 :])
            name = AND.join(sorted((comparisons[i].name, comparisons[j].name)))
            if later:
                result.append((name, composite([comparisons[i].column.codes, comparisons[j].column.codes]), later))
    return result


def _with_dependencies(records: Records, comparisons: Sequence[Comparison], model: Model, samples: Sequence[Dependent]) -> Model:
    """Conditional probabilities for fields that agree more often, among different people, when another field agrees.

    """
    found: dict[int, list[tuple[float, Given]]] = {i: [] for i in range(len(comparisons))}
    for sample in samples:
        different = _different(records, comparisons, model, sample.seen)
        for i in sample.later:
            measured = _dependency(model.fields[i], sample.seen.levels[i], different, sample.name)
            if measured is not None:
                found[i].append(measured)
    fields = []
    for i, old in enumerate(model.fields):
        found[i] += _by_nature(comparisons, records, i, old, {given.when for _, given in found[i]})
        found[i] = [entry for entry in found[i] if entry[0] >= LEAST_GAIN]
        strongest = sorted(found[i], key=lambda entry: -entry[0])[:MOST_GIVENS]
        strongest.sort(key=lambda entry: (-entry[1].when.count(AND), -entry[0]))  # what is more particular comes first
        fields.append(replace(old, u_givens=tuple(given for _, given in strongest)))
    return replace(model, fields=tuple(fields))


def _by_nature(
    comparisons: Sequence[Comparison], records: Records, i: int, f: FieldModel, known: set[str]
) -> list[tuple[float, Given]]:
    """Parts of an address depend on each other also where too few different people share one to measure it."""
    order = _ordered(comparisons)
    kinds = {mapped.name: mapped.kind for mapped in records.fields}
    result = []
    for j in order[: order.index(i)]:
        share = priors.AGREE_ANYWAY.get((kinds.get(comparisons[j].fields[0], ""), kinds.get(comparisons[i].fields[0], "")), 0.0)
        if share > f.u[-1] and comparisons[j].name not in known:
            u = np.array(f.u) * (1.0 - share) / max(1.0 - f.u[-1], 1e-9)
            u[-1] = share
            result.append((float(np.log2(share / f.u[-1])), Given(comparisons[j].name, tuple(u))))
    return result


def _different(records: Records, comparisons: Sequence[Comparison], model: Model, seen: Observed) -> Doubles:
    """How likely each pair is two people.

    Pairs with plainly unlike given names count as two people whatever else they share; only as many of them, the most probable ones,
    may be true pairs as true pairs are expected to differ there. Otherwise colleagues and families would be taken for duplicates, and
    what they share for the mark of a duplicate.
    """
    posterior = expectation(records, comparisons, model, seen)
    given = next((i for i, c in enumerate(comparisons) if isinstance(c, GivenName)), None)
    if given is None:
        return np.asarray(1.0 - posterior)
    unlike = np.flatnonzero(seen.levels[given] == DIFFERENT)
    m = model.fields[given].m[DIFFERENT]
    alike = float(posterior.sum() - posterior[unlike].sum())
    expected = round(m / (1.0 - m) * alike)
    surely = unlike[np.argsort(-posterior[unlike], kind="stable")[expected:]]
    posterior[surely] = 0.0
    return np.asarray(1.0 - posterior)


def _dependency(f: FieldModel, levels: Levels, different: Doubles, name: str) -> tuple[float, Given] | None:
    """How much (see LEAST_GAIN) and how the levels of a field differ among different people agreeing on `name`; None if too few are seen."""
    counts = np.bincount(levels, weights=different, minlength=len(f.levels))
    counts[0] = 0.0
    total = counts.sum()
    if total < max(50, MOSTLY_DIFFERENT * len(levels)):
        return None  # most of them are true pairs: little to learn about others
    u = np.array(f.u)
    share = (counts + u * 20.0) / (total + 20.0)
    share = np.maximum(share, np.minimum(u, 3.0 / total))  # never seen among so many is all that can be said
    partly = slice(DIFFERENT + 1, max(len(share) - 1, DIFFERENT + 1))
    share[partly] = np.minimum(share[partly], np.array(f.m)[partly] * share[DIFFERENT] / max(f.m[DIFFERENT], 1e-12))
    share[0] = 0.0
    share /= share.sum()
    lift = np.log2(np.maximum(share[1:], 1e-12) / np.maximum(u[1:], 1e-12))
    gain = float((share[1:] * lift).sum()) / LEAST_INFORMATION * LEAST_GAIN  # Kullback-Leibler
    strongest = float(lift[counts[1:] >= 8].max(initial=0.0))
    return max(gain, strongest), Given(name, tuple(share))
