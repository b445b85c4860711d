"""The Fellegi-Sunter model: per field and level how likely it is in true pairs (m) and in others (u), and what a pair starts with.

Everything a later run needs is in here and can be written to a readable JSON file: probabilities, conditions, blocking rules with their
limits, and where the figures come from. No value of a record is part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from reconcile_tui.matching.arrays import Bits, Doubles, grained
from reconcile_tui.matching.blocking import Rule

FORMAT = 1
TRAINING = 2
"""Raised when training makes another model of the same records: what was matched with an older one is matched anew."""
LEAST = 1e-12


@dataclass(frozen=True)
class Given:
    """Probabilities of a field's levels where a condition holds: `company` agrees, `!company` is known and doesn't, `a & b` both agree."""

    when: str
    shares: tuple[float, ...]


@dataclass(frozen=True)
class FieldModel:
    """One comparison's parameters; positions follow `levels`, the first of which is `missing`.

    `u_givens`: what different people have in common beyond chance (colleagues share town and phone). `m_givens`: what changes together in
    one person (who changes employer changes address and number). The first condition that holds in a pair is used, for each of the two.
    """

    name: str
    kind: str
    levels: tuple[str, ...]
    m: tuple[float, ...]
    u: tuple[float, ...]
    m_givens: tuple[Given, ...] = ()
    u_givens: tuple[Given, ...] = ()
    neutral: tuple[str, ...] = ()  # levels that weigh nothing, because another field counts them
    frequency_base: Mapping[str, float] = field(default_factory=dict)  # level -> mean chance of agreeing on a value
    frequency_base_within: Mapping[str, float] = field(default_factory=dict)  # the same between records of one country
    frequency_holders: Mapping[str, int] = field(default_factory=dict)  # level -> records that had a value
    factor: float = 1.0  # learnt from judgements; 1 is the model as trained

    @property
    def first_exact(self) -> int:
        """The lowest level of full agreement: some kinds tell by how many records the value is held."""
        return next((i for i, level in enumerate(self.levels) if level.startswith("exact")), len(self.levels) - 1)

    def m_bits(self) -> Bits:
        """log2 of m by condition (row 0: none) and level."""
        return self._bits(self.m, self.m_givens)

    def u_bits(self) -> Bits:
        """log2 of u by condition (row 0: none) and level."""
        return self._bits(self.u, self.u_givens)

    def _bits(self, plain: tuple[float, ...], givens: tuple[Given, ...]) -> Bits:
        rows = np.log2(np.maximum(np.array([plain, *(g.shares for g in givens)]), LEAST))
        rows[:, [i for i, level in enumerate(self.levels) if i == 0 or level in self.neutral]] = 0.0
        return grained(rows * self.factor)

    def rarity_factors(self, level: int) -> Doubles:
        """How much of the term-frequency adjustment counts, unconditionally (1) and under each condition on u.

        Where a field nearly follows from another one (the town from the employer), agreeing on a rare value is hardly news any more:
        the adjustment counts in proportion to the surprise that is left, log u(given) / log u.
        """
        at_home = next((g.shares[level] for g in self.u_givens if g.when == "country"), self.u[level])
        plain = np.log2(max(at_home, LEAST))
        left = [np.log2(max(g.shares[level], LEAST)) / min(plain, -1e-9) for g in self.u_givens]
        return np.asarray(np.clip(np.array([1.0, *left]), 0.0, 1.0) * self.factor)


@dataclass(frozen=True)
class Model:
    """A trained model. `prior` gives the chance that two records are one person, by scope: within a system, across both."""

    prior: Mapping[str, float]
    fields: tuple[FieldModel, ...]
    rules: tuple[Rule, ...]
    records: int
    countries: Mapping[str, int]  # records by country, where it makes a difference
    trained: bool
    notes: tuple[str, ...] = ()
    shift: float = 0.0  # bits, learnt from judgements

    def prior_bits(self, scopes: list[str]) -> Bits:
        """What a pair of each scope starts with, in bits."""
        odds = [max(self.prior.get(scope, 0.0), LEAST) for scope in scopes]
        return grained(np.array([np.log2(p) - np.log2(1 - p) for p in odds]) + self.shift)

    def field(self, name: str) -> FieldModel:
        """A comparison's parameters by name. Raises KeyError."""
        return next(f for f in self.fields if f.name == name)

    def as_json(self) -> dict[str, Any]:
        """A plain dictionary for a file; `from_json` is its inverse."""
        return {
            "format": FORMAT,
            "records": self.records,
            "countries": dict(self.countries),
            "trained": self.trained,
            "notes": list(self.notes),
            "prior": dict(self.prior),
            "shift_bits": self.shift,
            "blocking": [{"key": list(rule.key), "limit": rule.limit} for rule in self.rules],
            "comparisons": [_field_json(f) for f in self.fields],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Model:
        """Inverse of `as_json`. Raises KeyError or ValueError when the file is not of this format."""
        if data.get("format") != FORMAT:
            raise ValueError(f"a model of format {data.get('format')!r} can't be read, only {FORMAT}")
        return cls(
            prior={str(k): float(v) for k, v in data["prior"].items()},
            fields=tuple(_field_model(f) for f in data["comparisons"]),
            rules=tuple(Rule(tuple(r["key"]), int(r["limit"])) for r in data["blocking"]),
            records=int(data["records"]),
            countries={str(k): int(v) for k, v in data["countries"].items()},
            trained=bool(data["trained"]),
            notes=tuple(data.get("notes", ())),
            shift=float(data.get("shift_bits", 0.0)),
        )

    def scaled(self, factors: Mapping[str, float], shift: float) -> Model:
        """The model with learnt factors for its fields and a learnt shift of the prior."""
        fields = tuple(replace(f, factor=factors.get(f.name, f.factor)) for f in self.fields)
        return replace(self, fields=fields, shift=shift)


def _field_json(f: FieldModel) -> dict[str, Any]:
    bits = f.m_bits()[0] - f.u_bits()[0]
    rows = zip(f.levels, f.m, f.u, bits.tolist(), strict=True)
    return {
        "name": f.name,
        "kind": f.kind,
        "factor": f.factor,
        "neutral": list(f.neutral),
        "levels": [{"level": level, "m": float(p), "u": float(q), "bits": round(b, 3)} for level, p, q, b in rows if level != "missing"],
        "m_given": [{"when": g.when, "m": _shares_json(f, g)} for g in f.m_givens],
        "u_given": [{"when": g.when, "u": _shares_json(f, g)} for g in f.u_givens],
        "frequency_base": dict(f.frequency_base),
        "frequency_base_within": dict(f.frequency_base_within),
        "frequency_holders": dict(f.frequency_holders),
    }


def _shares_json(f: FieldModel, given: Given) -> dict[str, float]:
    return {level: float(share) for level, share in zip(f.levels[1:], given.shares[1:], strict=True)}


def _field_model(data: Mapping[str, Any]) -> FieldModel:
    levels = ("missing", *(str(row["level"]) for row in data["levels"]))
    m, u = ((0.0, *(float(row[name]) for row in data["levels"])) for name in ("m", "u"))
    m_givens = tuple(Given(str(g["when"]), (0.0, *map(float, g["m"].values()))) for g in data["m_given"])
    u_givens = tuple(Given(str(g["when"]), (0.0, *map(float, g["u"].values()))) for g in data["u_given"])
    base, within = ({str(k): float(v) for k, v in data[name].items()} for name in ("frequency_base", "frequency_base_within"))
    holders = {str(k): int(v) for k, v in data["frequency_holders"].items()}
    neutral, factor = tuple(data["neutral"]), float(data["factor"])
    return FieldModel(str(data["name"]), str(data["kind"]), levels, m, u, m_givens, u_givens, neutral, base, within, holders, factor)
