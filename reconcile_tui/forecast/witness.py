"""How a value gets lost: the shortest sequence of events, as steps one can walk and as sentences for a steward."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from reconcile_tui.forecast.engine import Sync
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.state import Event, Move, State, Write
from reconcile_tui.forecast.values import FieldRule, Side, SimRecord
from reconcile_tui.forecast.verdict import CellVerdict
from reconcile_tui.model import Common, Ref

STATES = 4_000
"""How far the search for a witness goes; a handful of events among the records involved needs a few dozen."""
_SHOWN = 60  # characters of a value in a sentence
_OTHERS = 3  # records whose value it is that are tried
_NAMES = {"dynamics": "Dynamics", "hubspot": "HubSpot"}

Label = Callable[[Ref], str]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a story plays in: the group's records, the field map, the profile, and whether created records may leave side 0, side 1."""

    records: tuple[SimRecord, ...]
    fields: tuple[FieldRule, ...]
    profile: Profile
    created_eligible: tuple[bool, bool] = (True, True)


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that a step changes; native text."""

    field: str
    before: Common
    after: Common


@dataclass(frozen=True, slots=True)
class RecordWrite:
    """What a step writes to one record; `created` if the record did not exist (its id is `new` then)."""

    target: Ref
    changes: tuple[Change, ...]
    created: bool = False


@dataclass(frozen=True, slots=True)
class WitnessStep:
    """One event. `save`: somebody saves `source`; `echo`: the sync wrote to it, and reacts to that; `pairing`: compared at launch."""

    kind: Literal["pairing", "save", "echo"]
    source: Ref
    writes: tuple[RecordWrite, ...]
    with_: Ref | None = None  # the other record of a pairing


@dataclass(frozen=True, slots=True)
class Witness:
    """The steps after which a cell no longer holds its value. Empty steps: none was found within the budget."""

    cell: CellVerdict
    steps: tuple[WitnessStep, ...]

    def sentences(self, label: Label | None = None) -> tuple[str, ...]:
        """The steps in plain words. Values are raw CRM text, shortened; `label` names a record (by default its id)."""
        name = label or _label
        if not self.steps:
            return ()
        told = [f"{number}  {_sentence(step, self.cell, name)}" for number, step in enumerate(self.steps, 1)]
        ending = f"{len(told) + 1}  {name(self.cell.record)}'s {_field(self.cell.field)} {_value(self.cell.now)} is gone."
        return (*told, ending)


def witness(group: Scene, cell: CellVerdict) -> Witness:
    """The shortest way to a state in which the cell holds one of the values of its verdict, among the records involved."""
    rule = next(rule for rule in group.fields if rule.name == cell.field)
    records = [replace(r, values={rule.name: r.values[rule.name]} if rule.name in r.values else {}) for r in group.records]
    narrow = Sync(records, [rule], group.profile, group.created_eligible)
    where = next(i for i, r in enumerate(records) if r.ref == cell.record)
    lost = {rule.common(narrow.side(where), value) for value in cell.after}
    way = _shortest(narrow, where, rule, lost, _actors(narrow, cell, where)) or _shortest(narrow, where, rule, lost, range(narrow.size))
    return Witness(cell, _retold(group, way))


def _actors(sync: Sync, cell: CellVerdict, where: int) -> list[int]:
    """The records a witness needs: the cell's own, some whose value it is, and those on the other side they meet in."""
    index = {record.ref: i for i, record in enumerate(sync.records)}
    own = [where, *(index[ref] for ref in cell.overwritten_by[:_OTHERS])]
    met = {sync.pairing.target[i] for i in own if i in sync.pairing.target}
    created = [len(sync.records) + n for n, slot in enumerate(sync.slots) if set(slot.creators) & set(own)]
    creators = [slot.creators[0] for slot in sync.slots if not cell.overwritten_by and where in slot.creators]
    return list(dict.fromkeys([*own, *sorted(met), *created, *creators]))


def _shortest(sync: Sync, where: int, rule: FieldRule, lost: set[Common], actors: Sequence[int]) -> list[tuple[Event, int]]:
    """Events, each with the number of the way it goes, that bring the cell to one of the lost-for values; empty if none is found."""
    start = sync.start()
    came: dict[object, tuple[object, tuple[Event, int]] | None] = {_essence(start): None}
    queue = deque([start])
    while queue and len(came) < STATES:
        state = queue.popleft()
        for event in sync.events(state, actors):
            for number, move in enumerate(sync.moves(state, event)):
                key = _essence(move.state)
                if key in came:
                    continue
                came[key] = (_essence(state), (event, number))
                if _holds(sync, move, where, rule, lost):
                    return _back(came, key)
                queue.append(move.state)
    return []


def _essence(state: State) -> object:
    """A state without what is pending: a witness may stop before the echoes have died down."""
    return (state.cells, state.given, state.pairs)


def _holds(sync: Sync, move: Move, where: int, rule: FieldRule, lost: set[Common]) -> bool:
    cells = move.state.cells[where]
    return cells is not None and rule.common(sync.side(where), cells[0]) in lost


def _back(came: dict[object, tuple[object, tuple[Event, int]] | None], key: object) -> list[tuple[Event, int]]:
    way: list[tuple[Event, int]] = []
    while step := came[key]:
        key = step[0]
        way.append(step[1])
    return way[::-1]


def _retold(group: Scene, way: Sequence[tuple[Event, int]]) -> tuple[WitnessStep, ...]:
    """The same events with all fields, as steps."""
    sync = Sync(group.records, group.fields, group.profile, group.created_eligible)
    state, steps = sync.start(), []
    written: set[int] = set()
    for event, number in way:
        move = sync.moves(state, event)[number]
        state = move.state
        kind: Literal["pairing", "save", "echo"] = (
            "pairing" if event.kind == "pair" else "echo" if event.who in written and not group.profile.echo_suppression else "save"
        )
        writes = tuple(RecordWrite(_ref(sync, w.target), _changes(sync, w), w.created) for w in move.writes)
        steps.append(WitnessStep(kind, _ref(sync, event.who), writes, _ref(sync, event.owner) if event.owner >= 0 else None))
        written.update(w.target for w in move.writes)
    return tuple(steps)


def _changes(sync: Sync, write: Write) -> tuple[Change, ...]:
    return tuple(Change(sync.fields[rule].name, before, after) for rule, before, after in write.changes)


def _ref(sync: Sync, slot: int) -> Ref:
    if slot < len(sync.records):
        return sync.records[slot].ref
    side: Side = sync.side(slot)
    known = next((r.ref.system for r in sync.records if r.side == side), ("dynamics", "hubspot")[side])
    return Ref(known, "", "new")


def _sentence(step: WitnessStep, cell: CellVerdict, name: Label) -> str:
    system = _NAMES.get(step.source.system, step.source.system)
    if step.kind == "pairing" and step.with_ is not None:
        head = f"At launch the sync compares {name(step.source)} with {name(step.with_)}"
    elif step.kind == "echo":
        head = f"The sync sees that {name(step.source)} was changed in {system}"
    else:
        head = f"{name(step.source)} is saved in {system}"
    told = [_written(write, cell, name) for write in sorted(step.writes, key=lambda w: w.target != cell.record)]
    if not told:
        return f"{head}; nothing is copied yet."
    rest = f", and {len(told) - 2} more" if len(told) > 2 else ""
    return f"{head}; {'; '.join(told[:2])}{rest}."


def _written(write: RecordWrite, cell: CellVerdict, name: Label) -> str:
    told = [change for change in write.changes if change.field == cell.field]
    others = len(write.changes) - len(told)
    target = "a new record" if write.target.id == "new" else name(write.target)
    system = _NAMES.get(write.target.system, write.target.system)
    what = f"{target} is created in {system}" if write.created else f"the sync writes {target}"
    more = f" and {others} other field{'s' if others > 1 else ''}" if others else ""
    if not told:
        return what + (f" ({others} other field{'s' if others > 1 else ''})" if others else "")
    change = told[0]
    if write.created:
        return f"{what} with {_field(change.field)} {_value(change.after)}{more}"
    return f"{what}: {_field(change.field)} {_value(change.before)} becomes {_value(change.after)}{more}"


def _label(ref: Ref) -> str:
    return "the new record" if ref.id == "new" else ref.id


def _field(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Common) -> str:
    if value is None:
        return "(blank)"
    return value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
