"""One state of a group, and what can happen to it: the vocabulary of `engine`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from reconcile_tui.model import Common

Cells = tuple[Common, ...]


class Event(NamedTuple):
    """What happens next: a `save` of record `who`, or the comparison of the pair (`who`, `owner`)."""

    kind: Literal["pair", "save"]
    who: int
    owner: int = -1


class State(NamedTuple):
    """One state of a group. Slots beyond the group's records are counterparts that the sync may create."""

    cells: tuple[Cells | None, ...]  # per slot; None: does not exist
    given: tuple[int, ...]  # per slot: the side-0 record a counterpart belongs to alone; -1: not yet
    pending: int  # bit set of slots
    pairs: int  # bit set of pairs still to be compared


class Write(NamedTuple):
    """What the sync wrote to one slot: (field, before, after) of every cell that changed."""

    target: int
    changes: tuple[tuple[int, Common, Common], ...]
    created: bool = False


class Move(NamedTuple):
    """One way an event can go."""

    event: Event
    state: State
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A counterpart the sync may create: on `side`, by any of `creators`."""

    side: Literal[0, 1]
    creators: tuple[int, ...]


def give(state: State, slot: int, who: int) -> State:
    """The state in which a counterpart belongs to one record alone."""
    if state.given[slot] == who:
        return state
    given = list(state.given)
    given[slot] = who
    return state._replace(given=tuple(given))
