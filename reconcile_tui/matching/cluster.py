"""From pairs to persons: who belongs together, without chaining.

Connected records are the starting point. Where every two of a component are above the threshold it is one person. Elsewhere all pairs
inside the component are weighed, also those no blocking key brought, and records are joined by average linkage. Judgements bind: `same`
is joined first, `different` never.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from reconcile_tui.matching.arrays import Bits, Codes, Doubles, Flags, Longs

CERTAIN = 60.0
"""Bits that stand for a judgement."""
CLIP = 16.0
"""Bits beyond which a single pair doesn't pull harder on an average."""
LARGEST = 60
"""Components above this size lose their weakest links until they fall apart: weighing all their pairs would be quadratic."""

Weigh = Callable[[Codes, Codes], Bits]


@dataclass(frozen=True)
class Judgements:
    """Pairs of positions a person has judged; contradictions between them are kept aside."""

    same: list[tuple[int, int]] = field(default_factory=list)
    different: list[tuple[int, int]] = field(default_factory=list)
    contradictory: list[tuple[int, int]] = field(default_factory=list)


def reconciled(left: Codes, right: Codes, same: Flags) -> Judgements:
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


def persons(records: int, left: Codes, right: Codes, bits: Bits, judged: Judgements, weigh: Weigh) -> Codes:
    """The person of each record: the smallest position among its members. `bits` are above the threshold, which is 0."""
    left, right, bits = _with_judgements(left, right, bits, judged, records)
    left, right, bits = _narrowed(records, left, right, bits)
    component = components(records, left, right)
    sizes = np.bincount(component, minlength=int(component.max(initial=-1)) + 1)
    inside = np.bincount(component[left], minlength=len(sizes)) if len(left) else np.zeros(len(sizes), dtype=np.int64)
    complete = inside == sizes * (sizes - 1) // 2
    bound = _bound(judged, component, len(sizes))
    result = _smallest(component)
    open_ = np.flatnonzero((~complete | bound) & (sizes > 1))
    if len(open_):
        _split_open(open_, component, judged, weigh, result)
    return result


def components(records: int, left: Codes, right: Codes) -> Codes:
    """The connected component of each record."""
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(records, records))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int32)


def _narrowed(records: int, left: Codes, right: Codes, bits: Bits) -> tuple[Codes, Codes, Bits]:
    """Pairs without the weakest links of components above LARGEST; judgements are never given up."""
    for floor in np.arange(1.0, CERTAIN / 2, 1.0):
        component = components(records, left, right)
        large = np.bincount(component)[component[left]] > LARGEST
        if not large.any():
            break
        kept = ~large | (bits >= floor)
        left, right, bits = left[kept], right[kept], bits[kept]
    return left, right, bits


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


def inner_pairs(labels: Codes, rows: Codes) -> tuple[Codes, Codes, Longs, Longs]:
    """All pairs of `rows` that share a label: left, right (left < right), and per label its rows' count and first pair.

    Pairs come label by label, in the order (0, 1), (0, 2) … (1, 2) … of the label's ascending rows.
    """
    order = rows[np.argsort(labels[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    ends = np.repeat(starts + sizes, sizes)
    following = ends - np.arange(len(order)) - 1
    first = np.repeat(np.arange(len(order)), following)
    run = np.arange(len(first)) - np.repeat(np.cumsum(following) - following, following)
    offsets = np.append(0, np.cumsum(sizes * (sizes - 1) // 2))
    return order[first], order[first + 1 + run], sizes, offsets


def _split_open(open_: Longs, component: Codes, judged: Judgements, weigh: Weigh, result: Codes) -> None:
    """Solve the components that are not plainly one person, and write their persons into `result`."""
    wanted = np.zeros(int(component.max()) + 1, dtype=bool)
    wanted[open_] = True
    rows = np.flatnonzero(wanted[component]).astype(np.int32)
    left, right, sizes, offsets = inner_pairs(component, rows)
    bits = _judged_bits(left, right, np.clip(weigh(left, right), -CLIP, CLIP).astype(np.float64), judged, len(component))
    order = rows[np.argsort(component[rows], kind="stable")]
    begin = 0
    for number, size in enumerate(sizes.tolist()):
        members = order[begin : begin + size]
        begin += size
        inner = bits[offsets[number] : offsets[number + 1]]
        clusters = _three(inner) if size == 3 else None
        for cluster in clusters or joined(_square(inner, size)):
            result[members[cluster]] = members[cluster[0]]


def _three(bits: Doubles) -> list[list[int]] | None:
    """The common case in short: of three records, one pair speaks clearly and the third record doesn't join it."""
    pairs = [(0, 1, 2), (0, 2, 1), (1, 2, 0)]
    best = int(np.argmax(bits))
    i, j, k = pairs[best]
    others = float(bits.sum() - bits[best])
    if others / 2 >= 0 or np.sum(bits >= 0) != 1 or not np.isfinite(bits).all():
        return None
    return sorted([[i, j], [k]])


def _judged_bits(left: Codes, right: Codes, bits: Doubles, judged: Judgements, records: int) -> Doubles:
    """Judgements put in the place of what was weighed."""
    key = left.astype(np.int64) * records + right
    for pairs, value in ((judged.same, CERTAIN), (judged.different, -np.inf)):
        if pairs:
            bits[np.isin(key, [a * records + b for a, b in pairs])] = value
    return bits


def _square(bits: Doubles, size: int) -> Doubles:
    square = np.full((size, size), -np.inf)
    rows, columns = np.triu_indices(size, 1)
    square[rows, columns] = square[columns, rows] = bits
    return square


def joined(weights: Doubles) -> list[list[int]]:
    """Clusters of one component by average linkage; members ascending. `weights` is symmetric, in bits; what is judged comes first.

    A person's records of one system are one cluster of that system, so that links across systems are one to one between clusters.
    """
    sums = [list(row) for row in weights.tolist()]
    clusters = {i: [i] for i in range(len(sums))}
    _join_judged(clusters, sums)
    while (best := _closest(clusters, sums)) is not None:
        _merge(clusters, sums, *best)
    return sorted(sorted(cluster) for cluster in clusters.values())


def _join_judged(clusters: dict[int, list[int]], sums: list[list[float]]) -> None:
    """Join what a person has said to be the same, whatever the weights say."""
    at = {i: i for i in clusters}
    for i, row in enumerate([list(row) for row in sums]):
        for j in range(i + 1, len(row)):
            x, y = sorted((at[i], at[j]))
            if row[j] >= CERTAIN and x != y:
                for member in clusters[y]:
                    at[member] = x
                _merge(clusters, sums, x, y)


def _closest(clusters: dict[int, list[int]], sums: list[list[float]]) -> tuple[int, int] | None:
    """The two clusters of highest average, if that is at least 0 bits; the first pair in key order wins a tie."""
    best, pair = -np.inf, None
    alive = sorted(clusters)
    for place, i in enumerate(alive):
        row, size = sums[i], len(clusters[i])
        for j in alive[place + 1 :]:
            average = row[j] / (size * len(clusters[j]))
            if average > best and average >= 0:
                best, pair = average, (i, j)
    return pair


def _merge(clusters: dict[int, list[int]], sums: list[list[float]], i: int, j: int) -> None:
    clusters[i] += clusters.pop(j)
    for k in clusters:
        sums[i][k] = sums[k][i] = sums[i][k] + sums[j][k]
