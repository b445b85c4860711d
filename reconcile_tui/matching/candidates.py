"""From keys to candidate pairs: which keys are used, and how large their blocks may be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reconcile_tui.cores import each
from reconcile_tui.matching import defaults
from reconcile_tui.matching.blocking import Blocks, Pairs, blocks_of, by_key, pairs_of
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.model import Model
from reconcile_tui.project import MatchingSettings

LEAST_BUDGET = 2_000
"""Records for which pairs are granted at least: small data can afford every key."""

Reporter = Callable[[str, int, int], None]


def blocks(records: Records, settings: MatchingSettings, known: Model | None, reporter: Reporter) -> list[Blocks]:
    """Blocks by the model's rules, by the settings' keys, or by the keys that suit the fields.

    Of the latter each may use half of the pairs the ones before it have left.
    """
    if known is not None:
        limits = [rule.limit for rule in known.rules]
        found = each(lambda rule: by_key(records, rule.key), known.rules)
        return [blocks_of(records, one, limit) for one, limit in zip(found, limits, strict=True)]
    share = settings.pairs_per_record * max(len(records), LEAST_BUDGET)
    keys = [tuple(key) for key in settings.blocking] or defaults.blocking_keys(records)
    left, result = 2 * share, []
    for done, one in enumerate(each(lambda key: by_key(records, key), keys)):
        reporter("block", done, 2 * len(keys))
        budget = share if settings.blocking else min(share, left / 2)
        result.append(blocks_of(records, one, settings.block_limit, budget))
        left -= result[-1].pairs
    broad = [] if settings.blocking else defaults.broad_keys(records, keys)
    return result + [blocks_of(records, by_key(records, key), settings.block_limit) for key in broad]


def pairs(found: Sequence[Blocks], reporter: Reporter) -> list[Pairs]:
    """All candidate pairs, each from the first rule that yields it, in batches."""
    batches: list[Pairs] = []
    for number, made in enumerate(each(lambda number: list(pairs_of(found, number)), range(len(found)))):
        reporter("block", len(found) + number, 2 * len(found))
        batches += [batch for batch in made if len(batch)]
    return batches
