"""From pairs to persons: who belongs together, without chaining.

Connected records are the starting point. Where every two of a component are above the threshold it is one person. Elsewhere all pairs
inside the component are weighed, also those no blocking key brought, and records are joined by average linkage: first within each
system, then across systems one cluster to one, then what is left. Judgements bind: `same` is joined first, `different` never.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from reconcile_tui.matching.arrays import Bits, Codes, Doubles, Flags, Longs

CERTAIN = 60.0
"""Bits that stand for a judgement."""
CLIP = 16.0
"""Bits beyond which a single pair doesn't pull harder on an average."""
LARGEST = 150
"""Components above this size are joined on the pairs at hand; weighing all their pairs would be quadratic."""

Weigh = Callable[[Codes, Codes], Bits]


@dataclass(frozen=True)
class Judgements:
    """Pairs of positions a person has judged; contradictions between them are kept aside."""

    same: list[tuple[int, int]] = field(default_factory=list)
    different: list[tuple[int, int]] = field(default_factory=list)
    contradictory: list[tuple[int, int]] = field(default_factory=list)


def reconciled(records: int, left: Codes, right: Codes, same: Flags) -> Judgements:
    """`different` stands; a `same` that would join two records judged different is set aside and reported."""
    rows = sorted({(int(min(a, b)), int(max(a, b)), bool(s)) for a, b, s in zip(left, right, same, strict=True) if a != b})
    different = [(a, b) for a, b, s in rows if not s]
    apart: dict[int, set[int]] = {}
    for a, b in different:
        apart.setdefault(a, set()).add(b)
        apart.setdefault(b, set()).add(a)
    team: dict[int, set[int]] = {}
    accepted, contradictory = [], []
    for a, b, s in rows:
        if not s:
            continue
        x, y = team.setdefault(a, {a}), team.setdefault(b, {b})
        if any(not apart.get(member, set()).isdisjoint(y) for member in x):
            contradictory.append((a, b))
            continue
        accepted.append((a, b))
        joined = x | y
        for member in joined:
            team[member] = joined
    return Judgements(accepted, different, contradictory)


def persons(records: int, systems: Codes, left: Codes, right: Codes, bits: Bits, judged: Judgements, weigh: Weigh) -> Codes:
    """The person of each record: the smallest position among its members. `bits` are above the threshold, which is 0."""
    left, right, bits = _with_judgements(left, right, bits, judged, records)
    component = components(records, left, right)
    sizes = np.bincount(component, minlength=int(component.max(initial=-1)) + 1)
    inside = np.bincount(component[left], minlength=len(sizes)) if len(left) else np.zeros(len(sizes), dtype=np.int64)
    complete = inside == sizes * (sizes - 1) // 2
    bound = _bound(judged, component, len(sizes))
    result = _smallest(component)
    open_ = np.flatnonzero((~complete | bound) & (sizes > 1))
    if len(open_):
        _split_open(open_, component, systems, (left, right, bits), judged, weigh, result)
    return result


def components(records: int, left: Codes, right: Codes) -> Codes:
    """The connected component of each record."""
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(records, records))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int32)


def _smallest(component: Codes) -> Codes:
    first = np.full(int(component.max(initial=-1)) + 1, len(component), dtype=np.int32)
    np.minimum.at(first, component, np.arange(len(component), dtype=np.int32))
    return first[component]


def _with_judgements(left: Codes, right: Codes, bits: Bits, judged: Judgements, records: int) -> tuple[Codes, Codes, Bits]:
    said = judged.same + judged.different + judged.contradictory
    if said:
        key = left.astype(np.int64) * records + right
        settled = np.array([a * records + b for a, b in judged.same + judged.different], dtype=np.int64)
        keep = ~np.isin(key, settled)
        left, right, bits = left[keep], right[keep], bits[keep]
    if judged.same:
        a, b = np.array(judged.same, dtype=np.int32).T
        left, right = np.append(left, a), np.append(right, b)
        bits = np.append(bits, np.full(len(a), CERTAIN, dtype=np.float32))
    return left, right, bits


def _bound(judged: Judgements, component: Codes, count: int) -> Flags:
    """Components with a `different` judgement inside."""
    result = np.zeros(count, dtype=bool)
    for a, b in judged.different:
        if component[a] == component[b]:
            result[component[a]] = True
    return result


def _split_open(
    open_: Longs, component: Codes, systems: Codes, edges: tuple[Codes, Codes, Bits], judged: Judgements, weigh: Weigh, result: Codes
) -> None:
    """Solve the components that are not plainly one person, and write their persons into `result`."""
    members_of = _members(open_, component)
    weights = _inner_weights(members_of, component, edges, judged, weigh)
    for number, members in members_of.items():
        for cluster in joined(weights[number], systems[members]):
            result[members[cluster]] = members[cluster[0]]


def _members(open_: Longs, component: Codes) -> dict[int, Codes]:
    wanted = np.zeros(int(component.max()) + 1, dtype=bool)
    wanted[open_] = True
    rows = np.flatnonzero(wanted[component]).astype(np.int32)
    order = rows[np.argsort(component[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(component[order])) + 1
    return {int(component[part[0]]): part for part in np.split(order, cuts)}


def _inner_weights(
    members_of: dict[int, Codes], component: Codes, edges: tuple[Codes, Codes, Bits], judged: Judgements, weigh: Weigh
) -> dict[int, Doubles]:
    """A square of bits per component: all pairs weighed in one go, judgements put in."""
    local = np.zeros(len(component), dtype=np.int32)
    for members in members_of.values():
        local[members] = np.arange(len(members))
    squares = {number: np.full((len(m), len(m)), -CLIP) for number, m in members_of.items()}
    small = [m for m in members_of.values() if len(m) <= LARGEST]
    if small:
        corners = [np.triu_indices(len(m), 1) for m in small]
        a = np.concatenate([m[i] for m, (i, _) in zip(small, corners, strict=True)])
        b = np.concatenate([m[j] for m, (_, j) in zip(small, corners, strict=True)])
        _put(squares, component, local, a, b, np.clip(weigh(a, b), -CLIP, CLIP))
    left, right, bits = edges
    large = np.array(sorted(number for number, m in members_of.items() if len(m) > LARGEST), dtype=np.int32)
    if len(large):
        chosen = np.isin(component[left], large)
        _put(squares, component, local, left[chosen], right[chosen], np.clip(bits[chosen], -CLIP, CLIP))
    for pairs, value in ((judged.same, CERTAIN), (judged.different, -np.inf)):
        for x, y in pairs:
            if component[x] == component[y] and int(component[x]) in squares:
                square = squares[int(component[x])]
                square[local[x], local[y]] = square[local[y], local[x]] = value
    return squares


def _put(squares: dict[int, Doubles], component: Codes, local: Codes, a: Codes, b: Codes, bits: Bits) -> None:
    for number, i, j, value in zip(component[a].tolist(), local[a].tolist(), local[b].tolist(), bits.tolist(), strict=True):
        square = squares[number]
        square[i, j] = square[j, i] = value


def joined(weights: Doubles, systems: Codes) -> list[list[int]]:
    """Clusters of one component by constrained average linkage; members ascending. `weights` is symmetric, in bits."""
    clusters = [[i] for i in range(len(weights))]
    sums = weights.copy()
    np.fill_diagonal(sums, -np.inf)
    tie_first = [CERTAIN / 2, 0.0]
    _join(clusters, sums, lambda x, y: True, tie_first[0])  # judged same
    _join(clusters, sums, lambda x, y: _one_system(systems, x) == _one_system(systems, y) is not None, tie_first[1])
    _join(clusters, sums, lambda x, y: _systems(systems, x).isdisjoint(_systems(systems, y)), tie_first[1])
    _join(clusters, sums, lambda x, y: True, tie_first[1])
    return sorted(sorted(c) for c in clusters if c)


def _systems(systems: Codes, cluster: Sequence[int]) -> set[int]:
    return {int(systems[i]) for i in cluster}


def _one_system(systems: Codes, cluster: Sequence[int]) -> int | None:
    found = _systems(systems, cluster)
    return found.pop() if len(found) == 1 else None


def _join(clusters: list[list[int]], sums: Doubles, allowed: Callable[[list[int], list[int]], bool], floor: float) -> None:
    """Join the two clusters of highest average, as long as it is at least `floor`; the first pair in key order wins a tie."""
    sizes = np.array([max(len(c), 1) for c in clusters], dtype=np.float64)
    refused: set[tuple[int, int]] = set()
    while True:
        averages = np.triu(sums / np.outer(sizes, sizes), 1)
        averages[np.tril_indices(len(averages))] = -np.inf
        for i, j in refused:
            averages[i, j] = -np.inf
        i, j = divmod(int(np.argmax(averages)), len(averages))
        if not averages[i, j] >= floor:
            return
        if not allowed(clusters[i], clusters[j]):
            refused.add((i, j))
            continue
        clusters[i], clusters[j] = clusters[i] + clusters[j], []
        sums[i] += sums[j]
        sums[:, i] += sums[:, j]
        sums[i, i] = -np.inf
        sums[j] = sums[:, j] = -np.inf
        sizes[i], sizes[j] = len(clusters[i]), 1.0
        refused = {(a, b) for a, b in refused if i not in (a, b)}
