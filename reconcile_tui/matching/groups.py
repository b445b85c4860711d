"""From persons to groups, the unit of review: class, score, weakest link, and an id that stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from reconcile_tui.matching.arrays import Bits, Codes, Doubles, Flags, Levels, Longs
from reconcile_tui.matching.cluster import Judgements, Weigh
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import DIFFERENT, Comparison
from reconcile_tui.matching.compare_people import Email, FamilyName, GivenName
from reconcile_tui.matching.scoring import probability

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

GROUPS = pa.schema(
    [
        ("group", pa.string()),
        ("key", pa.int64()),
        ("person", pa.int32()),
        ("class", pa.string()),
        ("score", pa.float64()),
        ("weakest_left", pa.int64()),
        ("weakest_right", pa.int64()),
    ]
)


def sharing_mailboxes(persons: Codes, comparisons: Sequence[Comparison], judged: Judgements, limit: int) -> tuple[Codes, list[str]]:
    """Persons that hold one address are reviewed together: the group of each record, and addresses with too many holders."""
    groups = persons.copy()
    apart = {(int(persons[a]), int(persons[b])) for a, b in judged.different}
    apart |= {(b, a) for a, b in apart}
    notes = []
    team: dict[int, set[int]] = {}
    for email in (c for c in comparisons if isinstance(c, Email)):
        for holders, members in _holders(email, persons):
            if members > limit:
                notes.append(f"an address of {email.name} is held by {members} records; they are not reviewed as one group")
            else:
                _unite(team, holders, apart)
    for person, members_ in team.items():
        groups[persons == person] = min(members_) if len(team) < 50 else groups[persons == person]
    if len(team) >= 50:
        lead = np.arange(len(persons), dtype=np.int32)
        lead[list(team)] = [min(members_) for members_ in team.values()]
        groups = lead[persons]
    return groups, notes


def _holders(email: Email, persons: Codes) -> list[tuple[list[int], int]]:
    """For each address held by several persons: these persons, ascending, and the number of records."""
    codes = email.column.codes
    rows = np.flatnonzero(codes >= 0)
    rows = rows[email.column.counts[codes[rows]] > 1]
    order = rows[np.lexsort((persons[rows], codes[rows]))]
    if not len(order):
        return []
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    lowest = np.minimum.reduceat(persons[order], starts)
    highest = np.maximum.reduceat(persons[order], starts)
    ends = np.append(starts[1:], len(order))
    mixed = np.flatnonzero(lowest != highest)
    return [(sorted(set(persons[order[starts[i] : ends[i]]].tolist())), int(ends[i] - starts[i])) for i in mixed]


def _unite(team: dict[int, set[int]], holders: Sequence[int], apart: set[tuple[int, int]]) -> None:
    first = holders[0]
    for other in holders[1:]:
        x, y = team.get(first, {first}), team.get(other, {other})
        if apart and any((a, b) in apart for a in x for b in y):
            continue
        joined = x | y
        for member in joined:
            team[member] = joined


def table(
    records: Records, comparisons: Sequence[Comparison], persons: Codes, groups: Codes, left: Codes, right: Codes, bits: Bits,
    weigh: Weigh, previous: Mapping[int, str] | None,
) -> pa.Table:  # fmt: skip
    """One row per record of a group of two or more."""
    sizes = np.bincount(groups, minlength=len(records))
    rows = np.flatnonzero(sizes[groups] > 1).astype(np.int32)
    rows = rows[np.argsort(groups[rows], kind="stable")]
    if not len(rows):
        return GROUPS.empty_table()
    numbers, starts = np.unique(groups[rows], return_index=True)
    starts = np.sort(starts)
    of_row = np.cumsum(np.isin(np.arange(len(rows)), starts)) - 1
    weakest = _weakest(records, groups, persons, rows, starts, (left, right, bits), weigh)
    classes = _classes(records, comparisons, persons, rows, starts, of_row, weigh)
    ids = stable_ids(records.keys, rows, starts, previous)
    person = _person_numbers(persons[rows], of_row)
    a, b, score = weakest
    columns = [
        pa.array(np.array(ids, dtype=object)[of_row], pa.string()),
        pa.array(records.keys[rows]),
        pa.array(person, pa.int32()),
        pa.array(np.array(classes, dtype=object)[of_row], pa.string()),
        pa.array(score[of_row]),
        pa.array(records.keys[a][of_row]),
        pa.array(records.keys[b][of_row]),
    ]
    return pa.table(columns, schema=GROUPS)


def _person_numbers(persons: Codes, of_row: Longs) -> Codes:
    """Persons of each group counted from 0 in the order of their first record."""
    change = np.zeros(len(persons), dtype=np.int32)
    seen: dict[tuple[int, int], int] = {}
    count: Counter[int] = Counter()
    same_as_before = (np.diff(persons, prepend=-1) == 0) & (np.diff(of_row, prepend=-1) == 0)
    for place in np.flatnonzero(~same_as_before).tolist():
        key = (int(of_row[place]), int(persons[place]))
        if key not in seen:
            seen[key] = count[key[0]]
            count[key[0]] += 1
        change[place] = seen[key]
    last = np.maximum.accumulate(np.where(same_as_before, 0, np.arange(len(persons))))
    return change[last]


def _weakest(
    records: Records, groups: Codes, persons: Codes, rows: Codes, starts: Longs, edges: tuple[Codes, Codes, Bits], weigh: Weigh
) -> tuple[Codes, Codes, Doubles]:
    """Per group the weakest pair of its strongest tree; persons held together by an address only are tied at their first records."""
    left, right, bits = edges
    inside = np.flatnonzero((groups[left] == groups[right]) & (persons[left] == persons[right]))
    left, right, bits = left[inside], right[inside], bits[inside]
    extra_left, extra_right = _ties(persons, rows, starts)
    if len(extra_left):
        left, right = np.append(left, extra_left), np.append(right, extra_right)
        bits = np.append(bits, weigh(extra_left, extra_right))
    cost = 200.0 - np.clip(bits.astype(np.float64), -100, 100)
    graph = coo_array((cost, (left, right)), shape=(len(records), len(records))).tocsr()
    tree = minimum_spanning_tree(graph).tocoo()
    a, b = tree.coords[0].astype(np.int32), tree.coords[1].astype(np.int32)
    order = np.lexsort((b, a, -tree.data, groups[a]))
    group_of = groups[a][order]
    first = order[np.flatnonzero(np.diff(group_of, prepend=-1))]
    found = {int(groups[a[i]]): i for i in first.tolist()}
    chosen = np.array([found[int(groups[rows[s]])] for s in starts], dtype=np.int64)
    return a[chosen], b[chosen], probability((200.0 - tree.data[chosen]).astype(np.float32))


def _ties(persons: Codes, rows: Codes, starts: Longs) -> tuple[Codes, Codes]:
    """Within each group, a chain over its persons by their first record; and inside a person over its records where no pair ties them."""
    of_row = np.zeros(len(rows), dtype=np.int64)
    of_row[starts] = 1
    of_row = np.cumsum(of_row)
    order = np.lexsort((rows, persons[rows], of_row))
    sorted_rows, sorted_groups = rows[order], of_row[order]
    same_group = sorted_groups[1:] == sorted_groups[:-1]
    other_person = persons[sorted_rows[1:]] != persons[sorted_rows[:-1]]
    where = np.flatnonzero(same_group & other_person)
    a, b = persons[sorted_rows[where]], persons[sorted_rows[where + 1]]
    return np.minimum(a, b), np.maximum(a, b)


def _classes(
    records: Records, comparisons: Sequence[Comparison], persons: Codes, rows: Codes, starts: Longs, of_row: Longs, weigh: Weigh
) -> list[str]:
    """shared_mailbox, then chain, lead_contact, identical, differs: the first that applies."""
    several = np.maximum.reduceat(persons[rows], starts) != np.minimum.reduceat(persons[rows], starts)
    chained = _chained(persons, rows, starts, several, weigh)
    two_tables = _two_tables(records, rows, starts)
    equal = _all_equal(records, rows, starts)
    order = [(several, "shared_mailbox"), (chained, "chain"), (two_tables, "lead_contact"), (equal, "identical")]
    return [next((name for flags, name in order if flags[i]), "differs") for i in range(len(starts))]


def _chained(persons: Codes, rows: Codes, starts: Longs, several: Flags, weigh: Weigh) -> Flags:
    """Whether two records of the group, taken alone, would rather be different people."""
    sizes = np.diff(np.append(starts, len(rows)))
    result = np.zeros(len(starts), dtype=bool)
    wanted = np.flatnonzero((sizes > 2) & (sizes <= 60) & ~several)
    if not len(wanted):
        return result
    parts = [(i, *np.triu_indices(int(sizes[i]), 1)) for i in wanted.tolist()]
    a = np.concatenate([rows[starts[i] + x] for i, x, _ in parts])
    b = np.concatenate([rows[starts[i] + y] for i, _, y in parts])
    owner = np.repeat(wanted, [len(x) for _, x, _ in parts])
    weak = weigh(np.minimum(a, b), np.maximum(a, b)) < 0
    result[owner[weak]] = True
    return result


def _two_tables(records: Records, rows: Codes, starts: Longs) -> Flags:
    """Whether one system takes part with records of two tables (lead and contact)."""
    result = np.zeros(len(starts), dtype=bool)
    for system in range(len(records.system_names)):
        mine = records.systems[rows] == system
        low = np.minimum.reduceat(np.where(mine, records.tables[rows], np.int32(1 << 30)), starts)
        high = np.maximum.reduceat(np.where(mine, records.tables[rows], np.int32(-1)), starts)
        result |= (high >= 0) & (low != high)
    return result


def _all_equal(records: Records, rows: Codes, starts: Longs) -> Flags:
    """Whether every mapped field has at most one standardised value in the group; a missing one is no difference."""
    result = np.ones(len(starts), dtype=bool)
    names = {f.name for f in records.fields} | {name for name in records.columns if name.endswith((".first", ".last"))}
    for name in sorted(names & set(records.columns)):
        codes = records.columns[name].codes[rows]
        low = np.minimum.reduceat(np.where(codes < 0, np.int32(1 << 30), codes), starts)
        high = np.maximum.reduceat(codes, starts)
        result &= (high < 0) | (low == high)
    return result


def pair_classes(records: Records, comparisons: Sequence[Comparison], left: Codes, right: Codes, levels: Sequence[Levels]) -> list[str]:
    """The class of single pairs: shared_mailbox (equal address, unlike names), lead_contact, identical, differs."""
    mailbox = np.zeros(len(left), dtype=bool)
    unlike = np.zeros(len(left), dtype=bool)
    for i, comparison in enumerate(comparisons):
        if isinstance(comparison, Email):
            mailbox |= levels[i] >= comparison.levels.index("same mailbox")
        if isinstance(comparison, GivenName | FamilyName):
            unlike |= levels[i] == DIFFERENT
    lead = (records.systems[left] == records.systems[right]) & (records.tables[left] != records.tables[right])
    names = {f.name for f in records.fields} & set(records.columns)
    equal = np.ones(len(left), dtype=bool)
    for name in sorted(names):
        a, b = records.columns[name].codes[left], records.columns[name].codes[right]
        equal &= (a == b) | (a < 0) | (b < 0)
    choices = np.select([mailbox & unlike, lead, equal], ["shared_mailbox", "lead_contact", "identical"], "differs")
    return [str(c) for c in choices]


def stable_ids(keys: Longs, rows: Codes, starts: Longs, previous: Mapping[int, str] | None) -> list[str]:
    """An id per group: the previous group's with which it shares most records, else one made of its smallest key."""
    ends = np.append(starts[1:], len(rows))
    members = [keys[rows[s:e]].tolist() for s, e in zip(starts, ends, strict=True)]
    ids: list[str | None] = [None] * len(members)
    taken: set[str] = set()
    if previous:
        claims = [
            (-count, old, i) for i, group in enumerate(members) for old, count in Counter(previous[k] for k in group if k in previous).items()
        ]
        for _, old, i in sorted(claims):
            if ids[i] is None and old not in taken:
                ids[i] = old
                taken.add(old)
        taken |= set(previous.values())
    for i, group in enumerate(members):
        if ids[i] is None:
            ids[i] = next(name for name in _names_of(group) if name not in taken)
            taken.add(str(ids[i]))
    return [str(name) for name in ids]


def _names_of(group: list[int]) -> list[str]:
    names = [f"g{_short(key)}" for key in sorted(group)]
    return names + [f"{names[0]}-{n}" for n in range(2, 1000)]


def _short(key: int) -> str:
    digits = ""
    while key:
        key, digit = divmod(abs(key), 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
