"""What is wrong with a field map, entry by entry, so that the rest can still be simulated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from reconcile_tui.forecast.values import FieldRule, Side
from reconcile_tui.model import Common

Kind = Literal["two_sources", "cycle", "raises", "no_round_trip"]
Node = tuple[Side, str, str]
"""Side, table, column."""
_WAYS: tuple[tuple[Side, Side], ...] = ((0, 1), (1, 0))


@dataclass(frozen=True, slots=True)
class MapProblem:
    """One offending entry. `fields` are the entries' names; `value` the sample that shows the problem, raw text."""

    kind: Kind
    fields: tuple[str, ...]
    detail: str
    value: Common = None

    @property
    def structural(self) -> bool:
        """Whether the entries themselves are contradictory; they are left out of the simulation."""
        return self.kind in ("two_sources", "cycle")

    def __str__(self) -> str:
        value = f" (value: {self.value})" if self.value is not None else ""
        return f"{', '.join(self.fields)}: {self.detail}{value}"


Samples = Mapping[str, tuple[Iterable[Common], Iterable[Common]]]
"""Field -> native values of side 0, of side 1."""


def map_problems(rules: Sequence[FieldRule], samples: Samples | None = None) -> list[MapProblem]:
    """Contradictory entries, and, for the sample values, transforms that fail on them or don't round-trip."""
    found = _two_sources(rules)
    found += _cycles(rules, found)
    for rule in rules:
        first, second = (samples or {}).get(rule.name, ((), ()))
        found += [*_transform_problems(rule, 0, first), *_transform_problems(rule, 1, second)]
    return found


def usable(rules: Sequence[FieldRule], problems: Iterable[MapProblem]) -> tuple[FieldRule, ...]:
    """The map with contradictory entries switched off, so that they copy nothing."""
    bad = {name for problem in problems if problem.structural for name in problem.fields}
    return tuple(replace(rule, direction="none") if rule.name in bad else rule for rule in rules)


def round_trips(rule: FieldRule, side: Side, value: Common) -> bool:
    """Whether a value that was copied to side 1 comes back from side 0 as the same: if not, the sync echoes or loses it."""
    try:
        first = rule.sent(0, value) if side == 0 else rule.sent(0, rule.sent(1, value))
        return first == rule.sent(0, rule.sent(1, first))
    except Exception:  # noqa: BLE001  a project's transform may raise anything; it is named as `raises`
        return False


def _two_sources(rules: Sequence[FieldRule]) -> list[MapProblem]:
    writers: dict[Node, list[str]] = {}
    for rule, _, target in _edges(rules):
        writers.setdefault(target, []).append(rule)
    found: dict[tuple[str, ...], MapProblem] = {}
    for (_, table, column), writing in writers.items():
        names = tuple(dict.fromkeys(writing))
        if len(names) > 1:
            text = f"{' and '.join(names)} both write {table}.{column}: the last one would win"
            found.setdefault(names, MapProblem("two_sources", names, text))
    return list(found.values())


def _cycles(rules: Sequence[FieldRule], told: Sequence[MapProblem]) -> list[MapProblem]:
    """Ways of a value through several entries back to its own column: A -> B by one entry, B -> A by another."""
    edges = _edges(rules)
    onward: dict[Node, set[Node]] = {}
    for _, source, target in edges:
        onward.setdefault(source, set()).add(target)
    reach = {node: _reachable(onward, node) for node in onward}
    found: dict[tuple[str, ...], MapProblem] = {}
    for node, reached in reach.items():
        ring = {other for other in reached if node in reach.get(other, ())}
        names = tuple(sorted({name for name, source, target in edges if source in ring and target in ring}))
        if node in ring and len(names) > 1 and not any(set(names) <= set(problem.fields) for problem in told):
            text = f"a value of {node[1]}.{node[2]} comes back to it through {' and '.join(names)}"
            found.setdefault(names, MapProblem("cycle", names, text))
    return list(found.values())


def _edges(rules: Sequence[FieldRule]) -> list[tuple[str, Node, Node]]:
    """Every copying the map asks for: entry, from column, to column."""
    return [
        (rule.name, (source, *start), (target, *end))
        for rule in rules
        for source, target in _WAYS
        if rule.copies(source)
        for start in rule.columns[source].items()
        for end in rule.columns[target].items()
    ]


def _reachable(onward: Mapping[Node, set[Node]], start: Node) -> set[Node]:
    seen: set[Node] = set()
    waiting = [start]
    while waiting:
        for node in onward.get(waiting.pop(), ()):
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return seen


def _transform_problems(rule: FieldRule, side: Side, values: Iterable[Common]) -> list[MapProblem]:
    found: list[MapProblem] = []
    for value in dict.fromkeys(values):
        if value is None or not rule.copies(side):
            continue
        try:
            rule.sent(side, value)
        except Exception as error:  # noqa: BLE001  a project's transform may raise anything
            found.append(MapProblem("raises", (rule.name,), str(error) or type(error).__name__, value))
            continue
        if rule.direction == "both" and not round_trips(rule, side, value):
            found.append(MapProblem("no_round_trip", (rule.name,), "does not come back as it was sent", value))
    return found
