"""Which record stays, and which value wins: two registries that screens, documentation and planning read.

A rule is a pure function over the candidates of one field; it answers with the winning candidate, or with a value of its own making.
Ties are broken by the most recent change, then by the reference, so that the same data give the same result everywhere.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reconcile_tui.errors import ProjectError
from reconcile_tui.model import Common, Record, Ref
from reconcile_tui.project import MappedField

LIFECYCLE = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other")
"""HubSpot's default lifecycle stages in order (HubSpot knowledge base, "Use contact and company lifecycle stages")."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record's non-blank value of a field."""

    record: Record
    value: str
    restricts: bool = False  # a consent that says: has opted out

    @property
    def tie(self) -> tuple[str, str]:
        """Later changes first, then by reference."""
        return (self.record.modified_at or "", str(self.record.ref))


@dataclass(frozen=True, slots=True)
class Won:
    """A rule's answer."""

    value: Common
    source: Ref | None
    reason: str = ""


Choose = Callable[[Sequence[Candidate], str], Won]


@dataclass(frozen=True, slots=True)
class Rule:
    """A survivorship rule. `takes_argument`: written as `name:argument`."""

    name: str
    summary: str
    choose: Choose
    takes_argument: bool = False


def _won(candidate: Candidate, reason: str) -> Won:
    return Won(candidate.value, candidate.record.ref, reason)


def _most_recent(candidates: Sequence[Candidate], _: str) -> Won:
    return _won(max(candidates, key=lambda c: c.tie), "changed last")


def _oldest(candidates: Sequence[Candidate], _: str) -> Won:
    return _won(min(candidates, key=lambda c: (c.record.created_at or "9999", str(c.record.ref))), "oldest record")


def _most_complete(candidates: Sequence[Candidate], _: str) -> Won:
    return _won(max(candidates, key=lambda c: (filled(c.record), c.tie)), "most complete record")


def _longest(candidates: Sequence[Candidate], _: str) -> Won:
    return _won(max(candidates, key=lambda c: (len(c.value), c.tie)), "longest value")


def _most_frequent(candidates: Sequence[Candidate], _: str) -> Won:
    counts = Counter(c.value.casefold() for c in candidates)
    return _won(max(candidates, key=lambda c: (counts[c.value.casefold()], c.tie)), "most frequent value")


def _system_of_record(candidates: Sequence[Candidate], system: str) -> Won:
    mine = [c for c in candidates if c.record.ref.system == system]
    if mine:
        return _won(max(mine, key=lambda c: c.tie), f"{system} is the system of record")
    return _won(max(candidates, key=lambda c: c.tie), f"{system} has no value; changed last")


def _concatenate(candidates: Sequence[Candidate], _: str) -> Won:
    ordered = sorted(candidates, key=lambda c: c.tie, reverse=True)
    parts = [part.strip() for c in ordered for part in c.value.split(";") if part.strip()]
    distinct = list({part.casefold(): part for part in reversed(parts)}.values())[::-1]
    return Won(";".join(distinct), ordered[0].record.ref if len(distinct) == 1 else None, "all distinct values")


def _most_restrictive(candidates: Sequence[Candidate], _: str) -> Won:
    against = [c for c in candidates if c.restricts]
    return _won(max(against or candidates, key=lambda c: c.tie), "most restrictive consent" if against else "nobody opted out")


def _furthest_stage(candidates: Sequence[Candidate], _: str) -> Won:
    def place(candidate: Candidate) -> int:
        value = candidate.value.strip().lower()
        return LIFECYCLE.index(value) if value in LIFECYCLE else -1

    return _won(max(candidates, key=lambda c: (place(c), c.tie)), "furthest stage")


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("most_recent", "the value of the record that was changed last", _most_recent),
        Rule("most_complete", "the value of the record with the most fields filled", _most_complete),
        Rule("system_of_record", "the named system's value (the first system's when none is named)", _system_of_record, True),
        Rule("oldest", "the value of the record created first", _oldest),
        Rule("longest", "the longest value", _longest),
        Rule("most_frequent", "the value most records agree on", _most_frequent),
        Rule("concatenate", "all distinct values, joined by semicolons", _concatenate),
        Rule("most_restrictive", "opted out if any record is", _most_restrictive),
        Rule("furthest_stage", "the furthest lifecycle stage", _furthest_stage),
    )
}

_BY_KIND = {
    "consent": "most_restrictive",
    "lifecycle": "furthest_stage",
    "multichoice": "concatenate",
    "email": "most_frequent",
    "date": "most_frequent",
}
"""The rule of a field whose project file names none; every other kind: most_recent."""


def filled(record: Record) -> int:
    """How many mapped fields have a value."""
    return sum(1 for value in record.values.values() if value)


def rule_for(field: MappedField, first: str) -> tuple[Rule, str]:
    """A field's rule and its argument. Raises ProjectError for an unknown rule, naming the nearest."""
    spec = field.survivorship or _BY_KIND.get(field.kind, "most_recent")
    return parse_rule(spec, first, where=f"The field {field.name!r}")


@lru_cache(maxsize=1024)
def parse_rule(spec: str, first: str, *, where: str = "It") -> tuple[Rule, str]:
    """A rule by its name, e.g. `longest` or `system_of_record:hubspot`. Raises ProjectError."""
    name, _, argument = spec.partition(":")
    if name not in RULES:
        near = difflib.get_close_matches(name, RULES, n=1)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        raise ProjectError(
            f"{where} names the survivorship rule {name!r}, which does not exist.", todo=f"{meant}Known: {', '.join(RULES)}."
        )
    return RULES[name], argument or (first if RULES[name].takes_argument else "")


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that speaks for a record as the survivor; `measure` gives 0 to 1 among its peers."""

    name: str
    weight: float
    summary: str
    measure: Callable[[Record, Sequence[Record]], float]


def _share(own: float, all_: Sequence[float]) -> float:
    low, high = min(all_), max(all_)
    return (own - low) / (high - low) if high > low else 0.0


def _rank(own: str | None, all_: Sequence[str | None]) -> float:
    known = sorted({value for value in all_ if value})
    return known.index(own) / (len(known) - 1) if own and len(known) > 1 else 0.0


POINTS: tuple[Point, ...] = (
    Point("active", 100, "is active", lambda r, _: float(r.active)),
    Point("eligible", 40, "the sync picks it up", lambda r, _: float(r.eligible)),
    Point("linked", 20, "is linked to the other system", lambda r, _: float(bool(r.links))),
    Point("completeness", 10, "has more fields filled", lambda r, peers: _share(filled(r), [filled(p) for p in peers])),
    Point("activity", 6, "was changed more recently", lambda r, peers: _rank(r.modified_at, [p.modified_at for p in peers])),
    Point("age", 4, "is older", lambda r, peers: 1 - _rank(r.created_at, [p.created_at for p in peers]) if r.created_at else 0.0),
)
"""What speaks for a survivor, heaviest first. The weights are this product's proposal and are shown with the result."""


def points(record: Record, peers: Sequence[Record]) -> dict[str, float]:
    """A record's points by name among its peers (itself included)."""
    return {point.name: point.weight * point.measure(record, peers) for point in POINTS}


def survivor(records: Sequence[Record]) -> Record:
    """The record with the most points; ties go to the smaller reference. Needs at least one record."""
    if len(records) == 1:
        return records[0]
    scored = [(sum(points(r, records).values()), r) for r in records]
    best = max(score for score, _ in scored)
    return min((r for score, r in scored if score == best), key=lambda r: (len(r.ref.id), r.ref))
