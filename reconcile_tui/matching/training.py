"""Estimating the model on the data at hand by EM (Fellegi & Sunter 1969; Winkler 1988).

1. u of every level on random pairs; of agreement in closed form (`chance`).
2. m from pairs that are likely to be true (`lessons`), the prior per scope from a share of the candidates.
3. What depends on what among different people (`dependence`); then EM again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reconcile_tui.matching import priors
from reconcile_tui.matching.arrays import Doubles
from reconcile_tui.matching.blocking import Pairs, Rule
from reconcile_tui.matching.candidates import Reporter
from reconcile_tui.matching.chance import Chance, measured, unrelated
from reconcile_tui.matching.columns import COUNTRY, Records
from reconcile_tui.matching.compare import Comparison
from reconcile_tui.matching.compare_names import FamilyName, GivenName
from reconcile_tui.matching.dependence import samples, with_dependencies
from reconcile_tui.matching.evidence import Data, Observed, expectation, observe
from reconcile_tui.matching.lessons import Learnt, Lesson, learnt, lessons
from reconcile_tui.matching.model import FieldModel, Model
from reconcile_tui.matching.rarity import Rarities, rarities
from reconcile_tui.matching.samples import Sample, random_pairs, share_of
from reconcile_tui.matching.scoring import scope_names

CANDIDATES = 25_000
"""Candidate pairs the prior is fitted on."""
PASSES = 2
"""Times that dependences and EM are alternated."""
ROUNDS = 40
SETTLED = 5e-4
"""EM has converged when no probability moves by more."""


@dataclass(frozen=True)
class Trained:
    """The model and how training went; the rarities don't depend on what was learnt."""

    model: Model
    report: dict[str, object]
    rarities: Rarities


def train(
    records: Records, comparisons: Sequence[Comparison], batches: list[Pairs], rules: Sequence[Rule], seed: int, reporter: Reporter
) -> Trained:
    """A model for these records. Says in its notes when there is too little to learn from."""
    steps = 5 + PASSES
    reporter("train", 0, steps)
    generator = np.random.default_rng(seed)
    chance = measured(comparisons, observe(records, comparisons, random_pairs(len(records), generator), alone=True), len(records))
    model = _start(records, comparisons, chance, rules)
    reporter("train", 2, steps)
    data = Data(records, comparisons, rarities(comparisons, model))
    pairs, weight = share_of(batches, CANDIDATES, generator)
    seen = observe(records, comparisons, Sample(pairs.left, pairs.right, weight), data.rarities, alone=True)
    reporter("train", 3, steps)
    given = lessons(data, rules, seen, pairs, seed)
    reporter("train", 4, steps)
    drawn = samples(data, seed)
    report: dict[str, object] = {}
    for done in range(PASSES):
        reporter("train", 5 + done, steps)
        model = with_dependencies(data, model, drawn)
        model, report = _expect_maximise(data, model, seen, given, chance)
    reporter("train", steps, steps)
    return Trained(model, report, data.rarities)


def _start(records: Records, comparisons: Sequence[Comparison], chance: Chance, rules: Sequence[Rule]) -> Model:
    """Documented priors for m, measured chance for u."""
    pairs = max(len(records) * (len(records) - 1) / 2, 1.0)
    prior = min(priors.EXPECTED_DUPLICATES * len(records) / pairs, 0.3)
    fields = []
    for i, c in enumerate(comparisons):
        m = priors.agreement(c)
        neutral = ("swapped",) if isinstance(c, FamilyName) else ()
        u = chance.u(i, m, prior)
        counted = (chance.base[i], chance.within[i], chance.holders[i])
        fields.append(FieldModel(c.name, c.kind, c.levels, tuple(m), tuple(u), (), (), neutral, *counted))
    fields = _swapped_once(comparisons, fields)
    scopes = dict.fromkeys(scope_names(records), prior)
    return Model(scopes, tuple(fields), tuple(rules), len(records), records_by_country(records), trained=False)


def records_by_country(records: Records) -> dict[str, int]:
    """How many records each country has; empty where the country is not known or always the same."""
    if COUNTRY not in records.columns:
        return {}
    counts = np.bincount(records.countries[records.countries >= 0], minlength=len(records.country_names))
    return dict(zip(records.country_names, counts.tolist(), strict=True))


def _swapped_once(comparisons: Sequence[Comparison], fields: list[FieldModel]) -> list[FieldModel]:
    """Swapped names count with the given name, as the coincidence of two names; with the family name they are neutral."""
    given = next((i for i, c in enumerate(comparisons) if isinstance(c, GivenName) and c.other), None)
    family = next((i for i, c in enumerate(comparisons) if isinstance(c, FamilyName) and c.other), None)
    if given is None or family is None:
        return fields
    u = list(fields[given].u)
    u[fields[given].levels.index("swapped")] = u[-1] * fields[family].u[-1]
    fields[given] = replace(fields[given], u=tuple(u))
    return fields


def _expect_maximise(data: Data, model: Model, seen: Observed, given: Sequence[Lesson], chance: Chance) -> tuple[Model, dict[str, object]]:
    """EM until nothing moves. With too few true pairs expected, m stays at the priors and only the chance of a pair is fitted."""
    totals = data.total_pairs()
    change, rounds, matches = 1.0, 0, 0.0
    while rounds < ROUNDS and change > SETTLED:
        rounds += 1
        scorer = data.scorer(model)
        by_scope: Doubles = np.bincount(seen.scope, expectation(scorer, seen), len(totals)).astype(np.float64) * seen.weight
        matches = float(by_scope.sum())
        taught = learnt(scorer, given) if matches >= priors.LEAST_MATCHES else None
        updated = _maximised(data, model, taught, chance, totals, by_scope)
        change = max(float(np.abs(np.subtract(a.m, b.m)).max()) for a, b in zip(model.fields, updated.fields, strict=True))
        model = updated
    enough = matches >= priors.LEAST_MATCHES
    notes = [] if enough else [f"Too few duplicates to learn from ({matches:.0f} expected): documented priors are used."]
    if change > SETTLED:
        notes.append(f"Training stopped after {rounds} rounds while probabilities still moved by {change:.4f}.")
    report: dict[str, object] = {
        "trained": enough,
        "converged": change <= SETTLED,
        "rounds": rounds,
        "expected_matches": round(matches, 1),
        "candidates_seen": len(seen),
    }
    return replace(model, trained=enough, notes=tuple(notes)), report


def _maximised(data: Data, model: Model, taught: Learnt | None, chance: Chance, totals: Doubles, by_scope: Doubles) -> Model:
    overall = float(by_scope.sum()) / max(float(totals.sum()), 1.0)
    fields = []
    for i, (old, comparison) in enumerate(zip(model.fields, data.comparisons, strict=True)):
        m = taught.m[i] if taught else priors.agreement(comparison)
        u = chance.u(i, m, overall)
        givens = tuple(replace(g, shares=tuple(_monotone(np.array(g.shares), u))) for g in (taught.givens[i] if taught else ()))
        fields.append(replace(old, m=tuple(_monotone(m, u)), u=tuple(u), m_givens=givens))
    fields = _swapped_once(data.comparisons, fields)
    least = 0.5 / np.maximum(totals, 1.0)
    prior = np.minimum(np.maximum(by_scope / np.maximum(totals, 1.0), least), 0.5)
    return replace(model, prior=dict(zip(scope_names(data.records), prior.tolist(), strict=True)), fields=tuple(fields))


def _monotone(m: Doubles, u: Doubles) -> Doubles:
    """m raised where a partly agreeing level would speak more against a pair than having nothing to do with each other does."""
    base = unrelated(u)
    raised = m.copy()
    raised[base.stop :] = np.maximum(m[base.stop :], u[base.stop :] * m[base].sum() / max(u[base].sum(), 1e-12))
    raised[0] = 0.0
    return np.asarray(raised / raised.sum())
