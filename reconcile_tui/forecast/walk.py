"""A witness as a walk: what every cell of the group holds after each step, so that one can go through it forwards and back."""

from __future__ import annotations

from dataclasses import dataclass

from reconcile_tui.forecast.group import GroupForecast
from reconcile_tui.forecast.witness import Witness, WitnessStep
from reconcile_tui.model import Common, Ref

Place = tuple[Ref, str]
"""A record and a field."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The group after some steps. `step`: the one that led here (None at launch); `changed`: the cells it changed."""

    cells: dict[Place, Common]
    step: WitnessStep | None = None
    changed: frozenset[Place] = frozenset()


@dataclass(frozen=True, slots=True)
class Walk:
    """Records in the order of the group, those the sync creates last; fields that change anywhere on the way, the witness's own first."""

    records: tuple[Ref, ...]
    fields: tuple[str, ...]
    frames: tuple[Frame, ...]  # the first is the launch


def walk(group: GroupForecast, story: Witness) -> Walk:
    """Every state on the way of a witness. A cell that does not exist (yet) is not in a frame."""
    cells: dict[Place, Common] = {(r.ref, name): value or None for r in group.records for name, value in r.values.items()}
    frames = [Frame(dict(cells))]
    records = [record.ref for record in group.records]
    for step in story.steps:
        changed = set()
        for write in step.writes:
            if write.created:
                cells |= {(write.target, rule.name): None for rule in group.fields}
                records += [write.target] if write.target not in records else []
            for change in write.changes:
                cells[write.target, change.field] = change.after
                changed.add((write.target, change.field))
        frames.append(Frame(dict(cells), step, frozenset(changed)))
    moved = {field for frame in frames for _, field in frame.changed}
    own = story.cell.field
    fields = (own, *(rule.name for rule in group.fields if rule.name in moved and rule.name != own))
    return Walk(tuple(records), fields, tuple(frames))
