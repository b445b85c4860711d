"""A matcher that stays: explains any pair, and re-matches what has changed without starting over.

After a change only these are looked at again: the changed records, records whose weight a changed count has touched, and the groups that
hang together with them. They are cut out as a small table and go through the same functions as the whole, with the counts of the
whole, so that the result equals a full run with the same model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from reconcile_tui.matching import blocking, candidates, defaults, explain, finding, parts, reading
from reconcile_tui.matching.arrays import FieldLike
from reconcile_tui.matching.blocking import Blocks, Pairs
from reconcile_tui.matching.candidates import Reporter
from reconcile_tui.matching.census import Census, Held, holders_by_column
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.finding import Found, MatchResult
from reconcile_tui.matching.links import Links
from reconcile_tui.matching.mates import Digests, Mates
from reconcile_tui.matching.prepared import Prepared, prepare, prepare_only, silent
from reconcile_tui.matching.scoring import Scorer
from reconcile_tui.project import MatchingSettings


@dataclass(frozen=True)
class Change:
    """What a re-match brings: `pairs` replace all pairs of the `touched` records, `groups` the groups named in `dissolved`."""

    touched: tuple[int, ...]
    pairs: pa.Table
    dissolved: tuple[str, ...]
    groups: pa.Table


class Matcher:
    """Records, encoded once, with a model and a result that is kept up to date."""

    def __init__(
        self,
        table: pa.Table,
        fields: Sequence[FieldLike],
        settings: MatchingSettings,
        model: Mapping[str, Any] | None = None,
        *,
        judgements: pa.Table | None = None,
        previous_groups: pa.Table | None = None,
        known: tuple[pa.Table, pa.Table] | None = None,
        reporter: Reporter = silent,
    ) -> None:
        """Read the whole; with a `model` nothing is matched before it is asked for, with `known` pairs and groups not even then."""
        self.fields, self.settings, self.judgements = tuple(fields), settings, judgements
        self._previous, self._known = previous_groups, known
        self.prepared = (
            prepare_only(table, fields, settings, model, reporter) if model else prepare(table, fields, settings, reporter=reporter)[0]
        )
        self.model, self._records = self.prepared.model, self.prepared.records
        self._census = Census(self._records, self.prepared.comparisons)
        self._holders_then = holders_by_column(self.prepared.comparisons, self.model)
        self._addresses = [name for name in self._census.names if name.endswith(".written")]
        keys = [rule.key for rule in self.model.rules] + [(name,) for name in self._addresses]
        self._mates = Mates(self._records, keys)
        self._later: dict[int, tuple[Records, int]] = {}  # key -> where it was read, of records changed since the start
        self._held: dict[int, Held] = {}  # of those

    @cached_property
    def result(self) -> MatchResult:
        """The full run's result."""
        blocks = self.prepared.blocks or candidates.blocks(self._records, self.settings, self.model, silent)
        found = finding.weighed(self.prepared, candidates.pairs(blocks, silent), silent)
        return finding.resolved(self.prepared, found, self.judgements, self._previous)

    @cached_property
    def _links(self) -> Links:
        pairs, groups = self._known or (self.result.pairs, self.result.groups)
        return Links(pairs, groups, finding.odds_bits(self.settings.review))

    def has(self, key: int) -> bool:
        """Whether a record is among those matched."""
        return self._mates.has(key)

    def explain(self, left: int, right: int) -> explain.Explanation:
        """Why two records (by key) are scored as they are. Raises KeyError when one is not there."""
        cut = self._cut({left, right})
        return explain.explain(
            cut.scorer, self._blocks(cut, {left, right})[: len(self.model.rules)], cut.position(left), cut.position(right)
        )

    def why_not(self, left: int, right: int) -> str:
        """Why two records are not one group."""
        return explain.why_not_text(self.explain(left, right))

    def update(self, changed: pa.Table | None = None, removed: Iterable[int] = ()) -> Change:
        """Re-match after some records were added or changed (`changed`, whole rows) or `removed` (keys)."""
        assert self._links is not None  # noqa: S101 - the result before the change is made first
        fresh = self._read(changed) if changed is not None and len(changed) else None
        return self.rematch(self._exchange(fresh, set(removed)))

    def _read(self, changed: pa.Table) -> Records:
        """Read records anew, where all are known already only those of their fields that have changed."""
        keys = set(changed["key"].to_pylist())
        before = self._gathered(keys) if self._mates.here(keys) == keys else None
        return reading.read(changed, self.fields, like=self._records, before=before)

    def rematch(self, touched: set[int], rejudged: Iterable[int] = ()) -> Change:
        """Match some records anew, those among them that are gone too, and regroup these and the `rejudged` ones."""
        cut = self._cut(self.mates_of(touched))
        found = self._scored(cut, touched)
        here = self._mates.here(rejudged)
        region = self._widened(self._links.replace(touched, cut.records.keys, found) | here)
        dissolved, names = self._links.groups_of(region)
        groups = self._regrouped(region, names)
        self._links.regroup(dissolved, groups)
        return Change(tuple(sorted(touched)), finding.pair_table(cut, found), tuple(sorted(dissolved)), groups)

    # -- what has changed ----------------------------------------------------------------------------------------------

    def _exchange(self, fresh: Records | None, gone: set[int]) -> set[int]:
        """Put the change in force; returns the keys that have to be looked at again."""
        new = {int(key): (fresh, i) for i, key in enumerate(fresh.keys)} if fresh is not None else {}
        concerned = {*new, *gone}
        old_held = {key: self._held_by(key) for key in concerned}
        old_digests = {key: self._mates.digests(key) for key in concerned}
        self._mates.drop(concerned)
        for key in concerned:
            self._later.pop(key, None)
            self._held.pop(key, None)
        if fresh is not None:
            self._later.update(new)
            self._mates.add(fresh)
            self._held.update({int(key): self._census.held(fresh, i) for i, key in enumerate(fresh.keys)})
        touched = concerned | self._recounted(old_held, {key: self._held.get(key, set()) for key in concerned})
        return touched | self._reblocked(old_digests, {key: self._mates.digests(key) for key in concerned})

    def _held_by(self, key: int) -> Held:
        if key in self._held:
            return self._held[key]
        row = self._mates.row(key)
        return self._census.held(self._records, row) if row >= 0 else set()

    def _recounted(self, before: Mapping[int, Held], after: Mapping[int, Held]) -> set[int]:
        """Holders of values whose counts now weigh differently."""
        moves = [(before[key] - after[key], -1) for key in before] + [(after[key] - before[key], +1) for key in after]
        values = {(name, digest) for held, _ in moves for name, digest, _ in held}
        old = {value: self._census.signature(self._holders_then, *value) for value in values}
        for held, by in moves:
            self._census.change(held, by)
        changed = [value for value in values if self._census.signature(self._holders_then, *value) != old[value]]
        return {key for name, digest in changed for key in self._holders(name, digest)}

    def _holders(self, name: str, digest: int) -> set[int]:
        rows = self._census.rows(name, digest)
        held = self._records.keys[rows].tolist()
        earlier = {key for key, row in zip(held, self._mates.rows(held).tolist(), strict=True) if row >= 0}
        return earlier | {key for key, held in self._held.items() if any(n == name and d == digest for n, d, _ in held)}

    def _reblocked(self, before: Mapping[int, Digests], after: Mapping[int, Digests]) -> set[int]:
        """Members of blocks that have grown above, or shrunk to, their limit."""
        moved = Counter(held for digests in after.values() for held in digests)
        moved.subtract(held for digests in before.values() for held in digests)
        touched: set[int] = set()
        for (number, digest), by in moved.items():
            if by and number < len(self.model.rules):
                members, limit = self._mates.members(number, digest), self.model.rules[number].limit
                if (len(members) <= limit) != (len(members) - by <= limit):
                    touched |= members
        return touched

    def mates_of(self, touched: set[int]) -> set[int]:
        """The touched records that are there, and everybody who shares a block with one of them."""
        wanted = self._mates.here(touched)
        held = self._mates.held(wanted, range(len(self.model.rules)))
        self._mates.look_up(held)
        for number, digest in held:
            members = self._mates.members(number, digest)
            if len(members) <= self.model.rules[number].limit:
                wanted |= members
        return wanted

    # -- the small table -----------------------------------------------------------------------------------------------

    def _cut(self, keys: set[int]) -> Prepared:
        """Some records, prepared with the counts of all. Raises KeyError when one is not there."""
        records = self._gathered(keys)
        comparisons = defaults.alike(records, self.prepared.comparisons)
        self._census.lend(records, comparisons, self._mates.rows(records.keys.tolist()))
        return Prepared(records, comparisons, [], Scorer(records, comparisons, self.model), self.settings)

    def _gathered(self, keys: set[int]) -> Records:
        """Some records with all their forms. Raises KeyError when one is not there."""
        earlier = self._mates.rows(sorted(keys - self._later.keys()))
        if (earlier < 0).any():
            raise KeyError("no record with one of these keys")
        later = [(records, np.array([i])) for records, i in (self._later[key] for key in sorted(keys & self._later.keys()))]
        return parts.joined([(self._records, earlier.astype(np.int64)), *later])

    def _blocks(self, cut: Prepared, of: set[int]) -> list[Blocks]:
        """The blocks that records in `of` stand in, as far as they are not too large in the whole."""
        result = []
        held = self._mates.held(of, range(len(self.model.rules)))
        rows = self._mates.rows(cut.records.keys.tolist())
        for number, rule in enumerate(self.model.rules):
            allowed = {d for n, d in held if n == number and len(self._mates.members(number, d)) <= rule.limit}
            keys = self._mates.keys(number, cut.records.keys, rows, allowed)
            result.append(blocking.blocks_of(cut.records, blocking.by_values(rule.key, keys), len(cut.records) + 2))
        return result

    def _scored(self, cut: Prepared, touched: set[int]) -> Found:
        """Pairs of touched records with their mates, above the floor of what is kept."""
        is_touched = np.isin(cut.records.keys, np.array(sorted(touched), dtype=np.int64))
        cut.blocks.extend(self._blocks(cut, self._mates.here(touched)))
        batches = [batch for number in range(len(cut.blocks)) for batch in blocking.pairs_of(cut.blocks, number)]
        mine = [batch.taken(is_touched[batch.left] | is_touched[batch.right]) for batch in batches]
        together = [Pairs(*(np.concatenate([getattr(b, name) for b in mine]) for name in ("left", "right", "rule")))] if mine else []
        return finding.weighed(cut, [batch for batch in together if len(batch)], silent)

    # -- groups --------------------------------------------------------------------------------------------------------

    def _widened(self, region: set[int]) -> set[int]:
        """The region with everybody linked to it by pairs, groups, judgements or a shared address."""
        while not (wider := self._links.reached(region) | self._judged_same(region) | self._at_one_address(region)) <= region:
            region = region | wider
        return region

    def _judged_same(self, region: set[int]) -> set[int]:
        if self.judgements is None:
            return set()
        said = self.judgements.filter(self.judgements["same"])
        pairs = zip(said["left"].to_pylist(), said["right"].to_pylist(), strict=True)
        return {key for pair in pairs if not region.isdisjoint(pair) for key in pair}

    def _at_one_address(self, region: set[int]) -> set[int]:
        found: set[int] = set()
        first = len(self.model.rules)
        held = self._mates.held(region, range(first, first + len(self._addresses)))
        self._mates.look_up(held)
        for number, digest in held:
            members = self._mates.members(number, digest)
            found |= members if len(members) <= self.settings.block_limit else set()
        return found

    def _regrouped(self, region: set[int], names: Mapping[int, str]) -> pa.Table:
        cut = self._cut(self._mates.here(region))
        left, right, bits = self._links.inside(cut.records.keys)
        found = Found(Pairs(left, right, np.zeros(len(left), dtype=np.uint8)), bits)
        return finding.grouped(cut, found, finding.judgements_of(cut, self.judgements), names, self._links.names)[0]


def explain_pair(
    table: pa.Table, fields: Sequence[FieldLike], settings: MatchingSettings, model: Mapping[str, Any], left: int, right: int
) -> explain.Explanation:
    """The evidence about one pair, in bits that add up to its score. Reads the whole table: how common a value is counts."""
    prepared = prepare_only(table, fields, settings, model)
    blocks = candidates.blocks(prepared.records, settings, prepared.model, silent)
    return explain.explain(prepared.scorer, blocks, prepared.position(left), prepared.position(right))


def why_not(
    table: pa.Table, fields: Sequence[FieldLike], settings: MatchingSettings, model: Mapping[str, Any], left: int, right: int
) -> str:
    """Why two records are not one group: never compared, or which field spoke against it."""
    return explain.why_not_text(explain_pair(table, fields, settings, model, left, right))
