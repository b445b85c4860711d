"""What another eligibility predicate would do: who enters, leaves, leaks, is created, collides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.snapshot import Bools, Keys

_SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """Counts, and keys of the first records."""

    eligible_now: int
    eligible_then: int
    enters: int
    leaves: int
    leaks: int
    creates: int
    collides: int
    entering: tuple[int, ...]
    leaving: tuple[int, ...]
    colliding: tuple[int, ...]


def compare(context: Context, record_type: str, system: str, table: str, then: Sequence[int]) -> Comparison:
    """The records of a table that are eligible now against those that would be."""
    known = context.counterparts(record_type)
    data = known.data
    number = next(i for i, t in enumerate(data.tables) if (t.system, t.name) == (system, table))
    mine = data.table_no == number
    now = data.eligible & mine
    new: Bools = np.isin(data.keys, np.asarray(then, dtype=np.int64)) & mine & data.live
    enters, leaves = new & ~now, now & ~new
    side = data.tables[number].side
    linked = np.zeros(len(data.keys), dtype=np.bool_)
    linked[known.linked] = True
    leaks = leaves & linked if context.profile.filters == "initial_only" else np.zeros_like(leaves)
    creates_here = context.profile.creates in ("both", "forward" if side == 0 else "backward")
    creates = enters & known.unpaired(side) if creates_here else np.zeros_like(enters)
    collides = enters & _sharing(known, (data.eligible & ~mine) | new)
    masks = (now, new, enters, leaves, leaks, creates, collides)
    counted = dict(zip(_COUNTS, (int(np.count_nonzero(mask)) for mask in masks), strict=True))
    return Comparison(
        **counted, entering=_first(data.keys, enters), leaving=_first(data.keys, leaves), colliding=_first(data.keys, collides)
    )


_COUNTS = ("eligible_now", "eligible_then", "enters", "leaves", "leaks", "creates", "collides")


def _sharing(known: Counterparts, taking_part: Bools) -> Bools:
    """Which records share their address with another one of their system that takes part."""
    found = np.zeros(len(taking_part), dtype=np.bool_)
    found[known.sharing(taking_part, known.data.side)["pos"].to_numpy()] = True
    return found


def _first(keys: Keys, where: Bools) -> tuple[int, ...]:
    return tuple(int(key) for key in keys[np.flatnonzero(where)[:_SAMPLE]])
