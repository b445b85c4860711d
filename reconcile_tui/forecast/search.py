"""The reference: every reachable final state of one group, by walking all orders of events.

Exact and slow. The closed form is held to it by property tests, and it decides the few groups the closed form doesn't cover.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconcile_tui.forecast.engine import Sync
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.state import State
from reconcile_tui.forecast.values import FieldRule, Side, SimRecord
from reconcile_tui.model import Common

STATES = 60_000
"""How many states a search looks at before it gives up and says so (about a second)."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The final values of every cell, over all final states found. `after[slot][rule]`: native text; `sides[slot]`: 0 or 1."""

    after: tuple[tuple[frozenset[Common], ...], ...]
    sides: tuple[Side, ...]
    exhausted: bool
    states: int
    finals: int


def explore(sync: Sync, budget: int = STATES) -> tuple[dict[State, State | None], bool]:
    """All states reachable within a budget, each with the one it was first reached from; and whether those are all."""
    start = sync.start()
    seen: dict[State, State | None] = {start: None}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        for event in sync.events(state):
            for move in sync.moves(state, event):
                if move.state not in seen:
                    if len(seen) >= budget:
                        return seen, False
                    seen[move.state] = state
                    queue.append(move.state)
    return seen, True


def outcomes(sync: Sync, budget: int = STATES) -> Outcomes:
    """Every value each cell can hold in the end."""
    seen, exhausted = explore(sync, budget)
    finals = [state for state in seen if sync.final(state)]
    after = tuple(
        tuple(frozenset(cells[rule] for state in finals if (cells := state.cells[slot]) is not None) for rule in range(len(sync.fields)))
        for slot in range(sync.size)
    )
    return Outcomes(after, tuple(sync.side(slot) for slot in range(sync.size)), exhausted, len(seen), len(finals))


def outcomes_by_field(
    records: Sequence[SimRecord],
    fields: Sequence[FieldRule],
    profile: Profile,
    created_eligible: tuple[bool, bool] = (True, True),
    budget: int = STATES,
) -> Outcomes:
    """The same, each field on its own: far fewer states, no loss missed; orders that only fields together rule out stay in."""
    parts = [outcomes(Sync(_only(records, rule), [rule], profile, created_eligible), budget) for rule in fields]
    if not parts:
        return outcomes(Sync(records, fields, profile, created_eligible), budget)
    slots = range(len(parts[0].after))
    after = tuple(tuple(part.after[slot][0] for part in parts) for slot in slots)
    return Outcomes(after, parts[0].sides, all(p.exhausted for p in parts), sum(p.states for p in parts), max(p.finals for p in parts))


def _only(records: Sequence[SimRecord], rule: FieldRule) -> list[SimRecord]:
    return [replace(r, values={rule.name: r.values[rule.name]} if rule.name in r.values else {}) for r in records]
