"""Which pairs are looked at: records that share at least one blocking key.

A key is a tuple of forms (`last_name`, `first_name.root`); all records with the same values of all of them form a block. A field of
several columns (phones) yields a record under each of its values. Blocks above the limit are left out and reported. A pair is kept
at the first key that yields it: it is dropped when an earlier key has both records in one block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reconcile_tui.matching import sorting
from reconcile_tui.matching.arrays import Codes, Flags, Levels, Longs
from reconcile_tui.matching.columns import Records

Key = tuple[str, ...]

PHONES = ("phone", "phone.tail")
"""Parts of a key that stand for all phone fields."""
BATCH = 1 << 17
"""Pairs made at a time: enough that threads rarely wait for the interpreter between two array operations."""


@dataclass(frozen=True)
class Rule:
    """A blocking key and the size of the largest block it may use."""

    key: Key
    limit: int

    @property
    def title(self) -> str:
        """The key as people write it."""
        return " + ".join(self.key)


@dataclass(frozen=True)
class Cut:
    """What a rule left out."""

    rule: str
    blocks: int
    records: int
    largest: int
    example: str


@dataclass(eq=False)
class Blocks:
    """The blocks of one rule: `ids[column][record]` is the block of a record, -1 where it stands in none of size 2 to the limit."""

    rule: Rule
    ids: list[Codes]
    members: Codes  # records, block by block
    starts: Longs  # where each block starts in `members`; one more than there are blocks
    cut: Cut | None

    @property
    def pairs(self) -> int:
        """Pairs inside all blocks."""
        sizes = np.diff(self.starts)
        return int((sizes * (sizes - 1) // 2).sum())


@dataclass(frozen=True)
class Pairs:
    """Candidate pairs as positions, `left < right`, each with the number of the rule that yielded it."""

    left: Codes
    right: Codes
    rule: Levels

    def __len__(self) -> int:
        return len(self.left)

    def taken(self, where: Flags | Longs) -> Pairs:
        """Some of the pairs."""
        return Pairs(self.left[where], self.right[where], self.rule[where])


def alternatives(records: Records, key: Key) -> list[list[Codes]]:
    """The code columns of a key, once per column of a several-column field (`phone` stands for all phone fields)."""
    phones = records.of_kind("phone")
    several = [part for part in key if part in PHONES]
    if not several:
        return [[records.column(part).codes for part in key]]
    suffix = ".tail" if several[0].endswith("tail") else ""
    return [[records.column(f"{name}{suffix}" if part in several else part).codes for part in key] for name in phones]


def composite(parts: Sequence[Codes]) -> Longs:
    """One integer per record for a combination of codes; -1 where any part is missing."""
    key = parts[0].astype(np.int64)
    missing = parts[0] < 0
    for part in parts[1:]:
        width = int(part.max(initial=0)) + 1
        if int(key.max(initial=0)) >= (1 << 62) // width:
            key = sorting.numbered(key).astype(np.int64)
        key = key * width + part
        missing |= part < 0
    key[missing] = -1
    return key


@dataclass(frozen=True)
class Sorted:
    """Records by the value of a key: `values` ascending, the record of each, and, of several columns, which one it came from."""

    key: Key
    columns: int
    values: Longs
    members: Codes
    owner: Levels | None


def block(records: Records, key: Key, limit: int, most_pairs: float = float("inf")) -> Blocks:
    """The blocks of a key up to `limit` records each; the limit is lowered until they hold at most `most_pairs` pairs."""
    return blocks_of(records, by_key(records, key), limit, most_pairs)


def by_key(records: Records, key: Key) -> Sorted:
    """All records sorted by a key."""
    values = [composite(parts) for parts in alternatives(records, key)]
    for i, later in enumerate(values):
        for earlier in values[:i]:
            later[later == earlier] = -1
    return by_values(key, values)


def by_values(key: Key, values: list[Longs]) -> Sorted:
    """Records sorted by integers that stand for the values of a key, -1 for none."""
    if len(values) == 1:
        rows = np.flatnonzero(values[0] >= 0).astype(np.int32)
        found, order = sorting.by_key(values[0][rows])
        return Sorted(key, 1, found, rows[order], None)
    held = [np.flatnonzero(one >= 0) for one in values]
    together, who = np.concatenate([one[where] for one, where in zip(values, held, strict=True)]), np.concatenate(held)
    owner = np.repeat(np.arange(len(values), dtype=np.uint8), [len(where) for where in held])
    by_row = np.lexsort((owner, who))
    found, order = sorting.by_key(together[by_row])
    place = by_row[order]
    return Sorted(key, len(values), found, who[place].astype(np.int32), owner[place])


def blocks_of(records: Records, found: Sorted, limit: int, most_pairs: float = float("inf")) -> Blocks:
    """Blocks of records with equal values of a key."""
    starts = np.flatnonzero(np.diff(found.values, prepend=np.int64(-2)))
    sizes = np.diff(np.append(starts, len(found.members)))
    rule = Rule(found.key, _affordable(sizes, limit, most_pairs))
    kept = (sizes >= 2) & (sizes <= rule.limit)
    number = np.repeat(np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32), sizes)
    ids = []
    for column in range(found.columns):
        ids.append(np.full(len(records), -1, dtype=np.int32))
        mine = slice(None) if found.owner is None else found.owner == column
        ids[column][found.members[mine]] = number[mine]
    cut = _cut(records, rule, found.members, starts, sizes)
    return Blocks(rule, ids, found.members[number >= 0], np.append(0, np.cumsum(sizes[kept])).astype(np.int64), cut)


def _affordable(sizes: Longs, limit: int, most_pairs: float) -> int:
    ascending = np.sort(sizes[(sizes >= 2) & (sizes <= limit)])
    total = np.cumsum(ascending * (ascending - 1) // 2)
    allowed = int(np.searchsorted(total, most_pairs, side="right"))
    return limit if allowed == len(ascending) else max(int(ascending[allowed]) - 1, 2)


def _cut(records: Records, rule: Rule, members: Codes, starts: Longs, sizes: Longs) -> Cut | None:
    large = np.flatnonzero(sizes > rule.limit)
    if not len(large):
        return None
    top = large[np.argmax(sizes[large])]
    record = int(members[starts[top]])
    names = records.of_kind("phone")
    forms = [f"{names[0]}" if part.startswith("phone") and names and part not in records.columns else part for part in rule.key]
    example = ", ".join(records.column(form).text(record) or "" for form in forms)
    return Cut(rule.title, len(large), int(sizes[large].sum()), int(sizes.max()), example[:80])


def pairs_of(blocks: Sequence[Blocks], number: int) -> Iterator[Pairs]:
    """The pairs of one rule that no earlier rule yields, in batches of about BATCH."""
    own = blocks[number]
    sizes = np.diff(own.starts)
    ends = np.repeat(own.starts[1:], sizes)
    place = np.arange(len(own.members), dtype=np.int64)
    following = ends - place - 1  # pairs in which this member comes first
    total = np.cumsum(following)
    begin = 0
    while begin < len(place):
        done = total[begin - 1] if begin else 0
        stop = max(int(np.searchsorted(total, done + BATCH, side="right")), begin + 1)
        yield _batch(blocks, number, begin, stop, following)
        begin = stop


def _batch(blocks: Sequence[Blocks], number: int, begin: int, stop: int, following: Longs) -> Pairs:
    own = blocks[number]
    counts = following[begin:stop]
    first = np.repeat(np.arange(begin, stop), counts)
    run = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
    a, b = own.members[first], own.members[first + 1 + run]
    fresh = np.flatnonzero(~_seen(blocks, number, a, b, first))
    left, right = np.minimum(a[fresh], b[fresh]), np.maximum(a[fresh], b[fresh])
    return Pairs(left, right, np.full(len(left), number, dtype=np.uint8))


def _seen(blocks: Sequence[Blocks], number: int, a: Codes, b: Codes, first: Longs) -> Flags:
    """Whether an earlier rule, or an earlier block of this one, holds both records."""
    seen = np.zeros(len(a), dtype=bool)
    for earlier in blocks[:number]:
        seen |= same_block(earlier, a, b)
    own = blocks[number]
    if len(own.ids) > 1:
        block_of_place = np.searchsorted(own.starts, first, side="right") - 1
        for x in own.ids:
            for y in own.ids:
                shared = x[a]
                seen |= (shared == y[b]) & (shared >= 0) & (shared < block_of_place)
    return seen


def same_block(blocks: Blocks, a: Codes, b: Codes) -> Flags:
    """Whether each pair of records stands in one block."""
    result = np.zeros(len(a), dtype=bool)
    for x in blocks.ids:
        for y in blocks.ids:
            shared = x[a]
            result |= (shared == y[b]) & (shared >= 0)
    return result


def rule_of(blocks: Sequence[Blocks], a: Codes, b: Codes) -> Codes:
    """The first rule that yields each pair, -1 where none does."""
    result = np.full(len(a), -1, dtype=np.int32)
    for number in range(len(blocks) - 1, -1, -1):
        result[same_block(blocks[number], a, b)] = number
    return result


def pairs_in_blocks(key: Longs) -> int:
    """Pairs of records with one key."""
    values = np.sort(key[key >= 0])
    sizes = np.diff(np.append(np.flatnonzero(np.diff(values, prepend=np.int64(-1))), len(values)))
    return int((sizes * (sizes - 1) // 2).sum())
