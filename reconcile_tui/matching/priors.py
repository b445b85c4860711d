"""What the engine believes before it has seen data: how often each level occurs between two records of the same person.

Used as the start of training, as a weak pull during it, and alone where the data are too few to train on. The figures are rounded
from published link-age studies of administrative data (Newcombe 1988; Enamorado, Fifield & Imai 2019): a recorded item
differs in about one of ten true pairs, contact details (address, phone, employer) in up to four of ten.
"""

from __future__ import annotations

from reconcile_tui.matching.arrays import Doubles
from reconcile_tui.matching.compare import Comparison

M_BY_KIND: dict[str, dict[str, float]] = {
    "first_name": {
        "different": 0.05, "alike": 0.03, "similar": 0.06, "initial": 0.02, "part": 0.03, "nickname": 0.06, "swapped": 0.01, "exact": 0.74,
    },
    "last_name": {"different": 0.05, "alike": 0.02, "similar": 0.06, "initial": 0.01, "part": 0.03, "swapped": 0.01, "exact": 0.82},
    "email": {
        "different": 0.27, "similar": 0.04, "same local part": 0.10, "same mailbox": 0.02, "exact, held by more": 0.002,
        "exact, held by up to 20": 0.008, "exact, held by up to 5": 0.10, "exact": 0.46,
    },
    "phone": {
        "different": 0.30, "one edit": 0.05, "same last nine digits": 0.05, "exact, held by more": 0.02, "exact, held by up to 20": 0.05,
        "exact, held by up to 5": 0.13, "exact": 0.40,
    },
    "identifier": {
        "different": 0.05, "two edits": 0.01, "one edit": 0.05, "exact, held by more": 0.001, "exact, held by up to 20": 0.009,
        "exact, held by up to 5": 0.18, "exact": 0.70,
    },
    "company": {"different": 0.25, "alike": 0.05, "similar": 0.08, "exact": 0.62},
    "date": {"different": 0.03, "one part differs": 0.04, "one edit": 0.04, "day and month exchanged": 0.01, "exact": 0.88},
    "postcode": {"different": 0.20, "two edits": 0.05, "one edit": 0.06, "exact": 0.69},
}  # fmt: skip
_OTHERS = {"different": 0.22, "alike": 0.05, "similar": 0.08, "near": 0.05, "overlap": 0.08, "two edits": 0.05, "one edit": 0.06}

AGREE_ANYWAY = {
    ("street", "postcode"): 0.6, ("street", "city"): 0.6, ("street", "region"): 0.7, ("street", "country"): 0.9,
    ("postcode", "street"): 0.1, ("postcode", "city"): 0.95, ("postcode", "region"): 0.95, ("postcode", "country"): 0.98,
    ("city", "postcode"): 0.05, ("city", "region"): 0.95, ("city", "country"): 0.98, ("city", "street"): 0.01,
    ("region", "city"): 0.1, ("region", "country"): 0.98,
}  # fmt: skip
"""How often different people agree on the second part of an address when they agree on the first; where the data can't tell."""

EXPECTED_DUPLICATES = 0.1
"""Start of the prior: true pairs for each record."""

LEAST_MATCHES = 40
"""Expected true pairs below which training is not possible and these figures stay in force."""


def agreement(comparison: Comparison) -> Doubles:
    """m probabilities of a comparison's levels, `missing` being 0; they sum to 1."""
    import numpy as np

    kind = {"GivenName": "first_name", "FamilyName": "last_name"}.get(type(comparison).__name__, comparison.kind)
    table = M_BY_KIND.get(kind, _OTHERS)
    m = np.array([0.0] + [table.get(level, _OTHERS.get(level, 0.0)) for level in comparison.levels[1:]])
    if comparison.levels[-1] not in table:
        m[-1] = max(1.0 - m.sum(), 0.4)
    return np.asarray(m / m.sum())
