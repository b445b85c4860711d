"""The sync itself, step by step: what one event does to a group. Every other part of the forecast is held to this one.

State: the mapped cells of the group, which records exist, who has not been saved (or not since the sync changed it), which pairs
are still to be compared at launch, and whom a counterpart was given to. Events are atomic:

* `pair`: the initial comparison of one matched pair (only with a profile that has one; all pairs go before the first save),
* `save`: a record is saved by somebody; or, if the sync wrote to it last, its echo is processed.

Any record may be saved at any time, any number of times, and every record is saved at least once. A state is final when nothing is
pending: every record has been saved and every echo processed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from reconcile_tui.forecast import pairing as pairs
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.state import Cells, Event, Move, Slot, State, Write, give
from reconcile_tui.forecast.values import FieldRule, SimRecord
from reconcile_tui.model import Common


class Sync:
    """The rules of one group under one profile."""

    def __init__(
        self,
        records: Sequence[SimRecord],
        fields: Sequence[FieldRule],
        profile: Profile,
        created_eligible: tuple[bool, bool] = (True, True),
    ) -> None:
        """Resolve counterparts once; `created_eligible`: whether a record the sync creates may leave side 0, side 1."""
        self.records = tuple(records)
        self.fields = tuple(fields)
        self.profile = profile
        self.pairing = pairs.resolve(records, profile)
        self._created_in = tuple(ok or profile.filters == "initial_only" for ok in created_eligible)
        self.slots = self._slots()
        self.size = len(self.records) + len(self.slots)
        self._slot_of = {i: len(self.records) + n for n, slot in enumerate(self.slots) for i in slot.creators}
        self._pairs = self._initial_pairs()
        self._sent: dict[tuple[int, int, Common], tuple[bool, Common]] = {}
        self._alone = profile.match != "email" or profile.collision == "first_seen"  # a created counterpart serves its creator only

    def _slots(self) -> list[Slot]:
        by_key: dict[str, list[int]] = {}
        for index, key in self.pairing.creates_key.items():
            by_key.setdefault(f"{self.records[index].side} {key}", []).append(index)
        return [Slot(1 if self.records[members[0]].side == 0 else 0, tuple(members)) for members in by_key.values()]

    def _initial_pairs(self) -> tuple[tuple[int, int], ...]:
        if self.profile.initial == "none":
            return ()
        found = {(i, owner) for i, owner in self.pairing.target.items() if owner not in self.pairing.candidates}
        for owner, members in self.pairing.reverse.items():
            found.update((i, owner) for i in members if owner not in self.pairing.candidates)
        for owner, members in self.pairing.candidates.items():
            found.update((i, owner) for i in members)
        return tuple(sorted(found))

    def start(self) -> State:
        """The state at launch: everybody will be saved, every pair compared."""
        cells: list[Cells | None] = [tuple(record.values.get(rule.name) for rule in self.fields) for record in self.records]
        cells += [None] * len(self.slots)
        return State(tuple(cells), (-1,) * self.size, (1 << len(self.records)) - 1, (1 << len(self._pairs)) - 1)

    def final(self, state: State) -> bool:
        """Whether nothing is pending."""
        return not state.pending and not state.pairs

    def events(self, state: State, actors: Sequence[int] | None = None) -> Iterator[Event]:
        """What can happen next; `actors` limits it to events of these slots."""
        if state.pairs:
            some = False
            for number, (who, owner) in enumerate(self._pairs):
                if state.pairs >> number & 1 and (actors is None or (who in actors and owner in actors)):
                    some = True
                    yield Event("pair", who, owner)
            if some or actors is None:
                return
        for slot in range(self.size) if actors is None else actors:
            if state.cells[slot] is not None:
                yield Event("save", slot)

    def moves(self, state: State, event: Event) -> list[Move]:
        """Every way an event can go: one, except where the sync picks one of several records."""
        return self._pair(state, event) if event.kind == "pair" else self._save(state, event)

    def side(self, slot: int) -> Literal[0, 1]:
        """The side of a record or of a counterpart to be created."""
        return self.records[slot].side if slot < len(self.records) else self.slots[slot - len(self.records)].side

    def maps(self, rule: int, slot: int) -> bool:
        """Whether a slot has a field."""
        if slot < len(self.records):
            return self.fields[rule].name in self.records[slot].values
        columns = self.fields[rule].columns
        return bool(columns[self.side(slot)]) or not any(columns)

    def may_leave(self, slot: int) -> bool:
        """Whether the filters let a slot's values leave its system."""
        return slot in self.pairing.in_sync if slot < len(self.records) else self._created_in[self.side(slot)]

    def sent(self, rule: int, side: Literal[0, 1], value: Common) -> tuple[bool, Common]:
        """Whether a value is sent through a field, and as what."""
        key = (rule, side, value)
        if key not in self._sent:
            self._sent[key] = self._transform(rule, side, value)
        return self._sent[key]

    def _transform(self, rule: int, side: Literal[0, 1], value: Common) -> tuple[bool, Common]:
        try:
            text = self.fields[rule].sent(side, value)
        except Exception:  # noqa: BLE001  a project's transform may raise anything; `map_problems` names it
            return False, None
        return text is not None or self.fields[rule].sends_blank(side, self.profile.blank == "propagates"), text

    # -- events ------------------------------------------------------------------------------------------------------------

    def _pair(self, state: State, event: Event) -> list[Move]:
        _, who, owner = event
        state = state._replace(pairs=state.pairs & ~(1 << self._pairs.index((who, owner))))
        forward = who in self.pairing.admitted and who in self.pairing.in_sync and self.pairing.target.get(who) == owner
        backward = owner in self.pairing.in_sync and who in self.pairing.reverse.get(owner, ())
        if owner in self.pairing.candidates:
            if state.given[owner] not in (-1, who):
                return [Move(event, state, ())]
            state = give(state, owner, who)
            backward = owner in self.pairing.in_sync
        order = pairs.pair_order(self.records, self.profile, who, owner)
        fresh: dict[int, list[Common]] = {slot: list(state.cells[slot] or ()) for slot in (who, owner)}
        for rule in range(len(self.fields)):
            for side in order:
                source, target = (who, owner) if side == 0 else (owner, who)
                if (forward if side == 0 else backward) and self._copy(rule, source, target, fresh[source][rule], fresh[target]):
                    break
        state, writes = self._store(state, fresh)
        return [Move(event, state, writes)]

    def _save(self, state: State, event: Event) -> list[Move]:
        who = event.who
        state = state._replace(pending=state.pending & ~(1 << who))
        if not self.may_leave(who):
            return [Move(event, state, ())]
        ways = self._ways_forward(state, who) if self.side(who) == 0 else self._ways_back(state, who)
        return [self._copied(event, after, targets) for after, targets in ways]

    def _copied(self, event: Event, state: State, targets: Sequence[int]) -> Move:
        who = event.who
        source = state.cells[who] or ()
        fresh: dict[int, list[Common]] = {}
        for target in targets:
            held = state.cells[target]
            fresh[target] = list(held) if held is not None else [None] * len(self.fields)
            for rule, value in enumerate(source):
                self._copy(rule, who, target, value, fresh[target], created=held is None)
        after, writes = self._store(state, fresh)
        return Move(event, after, writes)

    def _ways_forward(self, state: State, who: int) -> list[tuple[State, list[int]]]:
        if who >= len(self.records):
            return [(state, [self.slots[who - len(self.records)].creators[0]])]
        if who not in self.pairing.admitted:
            return [(state, [])]
        target = self.pairing.target.get(who, self._slot_of.get(who, -1))
        if target < 0:
            return [(state, [])]
        alone = self._alone if target >= len(self.records) else target in self.pairing.candidates
        if alone:
            if target in self.pairing.candidates and who not in self.pairing.candidates[target]:
                return [(state, [])]
            if state.given[target] not in (-1, who):
                return [(state, [])]
        if alone or state.cells[target] is None:
            state = give(state, target, who)
        return [(state, [target])]

    def _ways_back(self, state: State, who: int) -> list[tuple[State, list[int]]]:
        if who in self._slot_of:
            return [(state, [self._slot_of[who]])]
        if who >= len(self.records):
            return [(state, self._receivers_of_created(state, who))]
        if who not in self.pairing.candidates:
            return [(state, self.pairing.reverse.get(who, []))]
        choices = [state.given[who]] if state.given[who] >= 0 else self.pairing.candidates[who]
        return [(give(state, who, i), self.pairing.reverse[who] or [i]) for i in choices] or [(state, [])]

    def _receivers_of_created(self, state: State, slot: int) -> list[int]:
        creator = state.given[slot]
        shared = self.slots[slot - len(self.records)].creators
        if self.profile.fan_out == "all" and self.profile.match == "email":
            return self._everyone_like(creator)
        if self._alone or self.profile.fan_out == "linked" or self.profile.collision != "every_change":
            return [creator]
        return pairs.receivers(self.records, self.profile, self._everyone_like(shared[0]), slot)

    def _everyone_like(self, index: int) -> list[int]:
        """Side-0 records without a counterpart that share this one's address, in scope or not."""
        key = self.records[index].email_key
        waiting = [i for i, r in enumerate(self.records) if r.side == 0 and i not in self.pairing.target]
        return [i for i in waiting if i == index or (key and self.records[i].email_key == key)]

    # -- cells -------------------------------------------------------------------------------------------------------------

    def _copy(self, rule: int, source: int, target: int, value: Common, cells: list[Common], *, created: bool = False) -> bool:
        """Copy one cell if the map lets it travel; returns whether the source's value was sent."""
        field, side = self.fields[rule], self.side(source)
        if not field.copies(side) or (field.create_only and not created) or not (self.maps(rule, source) and self.maps(rule, target)):
            return False
        goes, text = self.sent(rule, side, value)
        if not goes:
            return False
        if not self.profile.compare_before_write or self._blank(rule, target, cells[rule]):
            cells[rule] = text
        return True

    def _blank(self, rule: int, slot: int, value: Common) -> bool:
        return value is None or self.fields[rule].common(self.side(slot), value) is None

    def _store(self, state: State, fresh: dict[int, list[Common]]) -> tuple[State, tuple[Write, ...]]:
        cells = list(state.cells)
        pending, writes = state.pending, []
        for slot, values in fresh.items():
            before = cells[slot]
            held = before if before is not None else (None,) * len(values)
            changes = tuple((rule, old, new) for rule, (old, new) in enumerate(zip(held, values, strict=True)) if old != new)
            if changes or before is None:
                cells[slot] = tuple(values)
                writes.append(Write(slot, changes, before is None))
                pending |= 0 if self.profile.echo_suppression else 1 << slot
        return state._replace(cells=tuple(cells), pending=pending), tuple(writes)
