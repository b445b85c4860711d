"""Learning from stewards: judgements re-weigh the model when, and only when, that predicts held-back judgements better.

Each field keeps its bits and gets a factor, and the prior a shift: logistic regression on the bits of a pair, pulled towards the model as
trained. The model stays additive and explainable.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from reconcile_tui.matching.arrays import Codes, Doubles, Flags
from reconcile_tui.matching.model import Model
from reconcile_tui.matching.prepared import Prepared
from reconcile_tui.matching.scoring import Scorer

LEAST_JUDGEMENTS = 100
LEAST_OF_EACH = 10
FOLDS = 5
PULL = 10.0
"""Strength, in judgements, of the pull towards factor 1 and shift 0."""
BOUNDS = (0.1, 3.0)
_LN2 = float(np.log(2.0))


def uncertainty(probability: Doubles) -> Doubles:
    """1 where a judgement would tell most (probability one half), 0 where all is clear; orders the queue."""
    return np.asarray(1.0 - np.abs(2.0 * probability - 1.0))


def applied(prepared: Prepared, left: Codes, right: Codes, same: Flags) -> Prepared:
    """The prepared engine with what the judgements teach; `report["learning"]` says whether it is used and how much it gains."""
    model, report = learnt(prepared.scorer, left, right, same)
    prepared.report["learning"] = report
    if model is prepared.model:
        return prepared
    return replace(prepared, scorer=Scorer(prepared.records, prepared.comparisons, model))


def learnt(scorer: Scorer, left: Codes, right: Codes, same: Flags) -> tuple[Model, dict[str, Any]]:
    """The model re-weighed, or as it was; and the log loss (bits per judgement) on held-back judgements before and after."""
    report: dict[str, Any] = {"judgements": len(same), "used": False}
    if len(same) < LEAST_JUDGEMENTS or min(int(same.sum()), int((~same).sum())) < LEAST_OF_EACH:
        report["why"] = f"At least {LEAST_JUDGEMENTS} judgements are needed, {LEAST_OF_EACH} of each kind."
        return scorer.model, report
    bits, prior = _features(scorer, left, right)
    before, after = _held_back(bits, prior, same)
    report.update(held_back_before=round(before, 4), held_back_after=round(after, 4))
    if after >= before:
        report["why"] = "Re-weighing would not predict held-back judgements better."
        return scorer.model, report
    answer = _fitted(bits, prior, same)
    names = [c.name for c in scorer.comparisons]
    factors = {name: f.factor * float(x) for name, f, x in zip(names, scorer.fields, answer[1:], strict=True)}
    report.update(used=True, factors={name: round(f, 3) for name, f in factors.items()}, shift_bits=round(float(answer[0]), 3))
    return scorer.model.scaled(factors, scorer.model.shift + float(answer[0])), report


def _features(scorer: Scorer, left: Codes, right: Codes) -> tuple[Doubles, Doubles]:
    levels = scorer.levels(left, right)
    bits = np.stack([b.astype(np.float64) for b in scorer.field_bits(levels, left, right)], axis=1)
    return bits, scorer.prior[scorer.scope_of(left, right)].astype(np.float64)


def _held_back(bits: Doubles, prior: Doubles, same: Flags) -> tuple[float, float]:
    """Mean log loss in bits over folds, with the model as it is and re-weighed on the other folds."""
    fold = np.arange(len(same)) % FOLDS  # judgements come in key order; taking every fifth spreads them
    plain = np.append(0.0, np.ones(bits.shape[1]))
    before, after = [], []
    for held in range(FOLDS):
        rest, out = fold != held, fold == held
        answer = _fitted(bits[rest], prior[rest], same[rest])
        before.append(_loss(plain, bits[out], prior[out], same[out]))
        after.append(_loss(answer, bits[out], prior[out], same[out]))
    return float(np.mean(before)), float(np.mean(after))


def _loss(answer: Doubles, bits: Doubles, prior: Doubles, same: Flags) -> float:
    score = (prior + answer[0] + bits @ answer[1:]) * _LN2
    return float(np.logaddexp(0.0, np.where(same, -score, score)).mean() / _LN2)


def _fitted(bits: Doubles, prior: Doubles, same: Flags) -> Doubles:
    """Shift and factors that predict the judgements best, pulled towards 0 and 1."""

    from scipy.optimize import minimize

    def target(answer: Doubles) -> tuple[float, Doubles]:
        score = (prior + answer[0] + bits @ answer[1:]) * _LN2
        error = 1.0 / (1.0 + np.exp(-np.clip(score, -50, 50))) - same
        away = np.append(answer[0], answer[1:] - 1.0)
        loss = float(np.logaddexp(0.0, np.where(same, -score, score)).sum() + PULL * (away**2).sum())
        slope = _LN2 * np.append(error.sum(), bits.T @ error) + 2 * PULL * away
        return loss, slope

    start = np.append(0.0, np.ones(bits.shape[1]))
    bounds = [(-10.0, 10.0)] + [BOUNDS] * bits.shape[1]
    return np.asarray(minimize(target, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def as_positions(keys: Any, judgements: pa.Table) -> tuple[Codes, Codes, Flags]:
    """Judgements as positions, smaller first; those about records that are not here, or of one record with itself, are left out."""
    left, right = (judgements[name].to_numpy().astype(np.int64) for name in ("left", "right"))
    same = judgements["same"].to_numpy(zero_copy_only=False).astype(bool)
    a, b = np.searchsorted(keys, left), np.searchsorted(keys, right)
    here = (a < len(keys)) & (b < len(keys)) & (left != right)
    here[here] = (keys[a[here]] == left[here]) & (keys[b[here]] == right[here])
    low, high = np.minimum(a[here], b[here]), np.maximum(a[here], b[here])
    return low.astype(np.int32), high.astype(np.int32), same[here]
