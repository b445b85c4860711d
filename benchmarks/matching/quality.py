"""How good scored pairs are, against the truth."""

from __future__ import annotations

from typing import Any

import numpy as np


def quality(person: Any, left: Any, right: Any, chance: Any) -> dict[str, float]:
    """F1 on true pairs at one half and at the best threshold, and the expected calibration error of all stored pairs."""
    sizes = np.bincount(person)
    total = int((sizes * (sizes - 1) // 2).sum())
    true = person[left] == person[right]
    taken = chance >= 0.5
    order = np.argsort(-chance, kind="stable")
    scores = 2 * np.cumsum(true[order]) / (np.arange(1, len(order) + 1) + total)
    best = int(np.argmax(scores))
    bins = np.minimum((chance * 10).astype(int), 9)
    held = [bins == b for b in range(10) if (bins == b).any()]
    return {
        "true_pairs": total,
        "f1_half": float(2 * true[taken].sum() / (taken.sum() + total)),
        "precision": float(true[taken].mean()),
        "recall": float(true[taken].sum() / total),
        "f1_best": float(scores[best]),
        "best_threshold": float(chance[order][best]),
        "calibration_error": float(sum(abs(chance[b].mean() - true[b].mean()) * b.mean() for b in held)),
    }
