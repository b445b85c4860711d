"""What the simulator answers: a verdict per cell, a forecast per group, totals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from reconcile_tui.forecast.fieldmap import MapProblem
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.model import Certainty, Common, Ref

if TYPE_CHECKING:
    from reconcile_tui.forecast.values import FieldRule, SimRecord
    from reconcile_tui.forecast.witness import Label, Witness

Method = Literal["closed form", "search", "search by field"]
Reason = Literal["held", "email_taken", "race", "not_sent"]

REASONS: dict[Reason, str] = {
    "held": "several records share one counterpart: held for a person",
    "email_taken": "can't be created: the e-mail address belongs to another record",
    "race": "whichever is saved first is created, the others are refused",
    "not_sent": "the value can't be transformed and is left out",
}
"""Why a record, or one value of it, is not written."""


@dataclass(frozen=True, slots=True)
class CellVerdict:
    """One cell (record x field) whose value the sync would replace by one that is not equivalent.

    `now` and `after` are native text of the record's own system; `after` holds every value that can stand there in the end in the
    place of `now`. `overwritten_by`: the records whose value that is; empty when a record the sync itself creates brings the blank.
    `intended`: the only counterpart replaces it, in every order, because the map or the initial pairing says so.
    """

    record: Ref
    field: str
    now: Common
    after: tuple[Common, ...]
    certainty: Certainty
    overwritten_by: tuple[Ref, ...] = ()
    intended: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """A record (or, with `field`, one value) that the sync does not write."""

    record: Ref
    reason: Reason
    certainty: Certainty = "certain"
    field: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over groups. Adding and subtracting them keeps live totals after one group was simulated again."""

    groups: int = 0  # of two and more records
    confluent_groups: int = 0
    collision_groups: int = 0
    cells_certain: int = 0
    cells_order_dependent: int = 0
    cells_intended: int = 0  # part of cells_certain
    cells_wiped: int = 0  # cells that can end up blank; part of the two
    records_at_risk: int = 0
    blocked: int = 0  # records
    not_exhausted: int = 0  # groups whose verdict may be incomplete

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __sub__(self, other: Totals) -> Totals:
        return Totals(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))

    @property
    def cells(self) -> int:
        """Cells at risk, certain or not."""
        return self.cells_certain + self.cells_order_dependent

    def as_json(self) -> dict[str, int]:
        """The form of the JSON output."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class GroupForecast:
    """What the sync would do to one group of records."""

    records: tuple[SimRecord, ...]
    fields: tuple[FieldRule, ...]
    profile: Profile
    cells: tuple[CellVerdict, ...]
    confluent: bool  # one reachable final state, mere format aside
    exhaustive: bool  # nothing was left out for lack of budget
    method: Method
    collision: bool  # several records share one counterpart
    blocked: tuple[Blocked, ...] = ()
    reformats: int = 0  # cells whose text, not whose meaning, can change
    created_eligible: tuple[bool, bool] = (True, True)
    problems: tuple[MapProblem, ...] = ()

    @property
    def totals(self) -> Totals:
        """This group's share of the totals."""
        certain = sum(cell.certainty == "certain" for cell in self.cells)
        return Totals(
            groups=int(len(self.records) > 1),
            confluent_groups=int(len(self.records) > 1 and self.confluent),
            collision_groups=int(self.collision),
            cells_certain=certain,
            cells_order_dependent=len(self.cells) - certain,
            cells_intended=sum(cell.intended for cell in self.cells),
            cells_wiped=sum(None in cell.after for cell in self.cells),
            records_at_risk=len({cell.record for cell in self.cells}),
            blocked=sum(not blocked.field for blocked in self.blocked),
            not_exhausted=int(not self.exhaustive),
        )

    def witness(self, cell: CellVerdict) -> Witness:
        """The shortest sequence of events after which the cell's value is gone, as steps one can walk."""
        from reconcile_tui.forecast.witness import witness

        return witness(self, cell)

    def as_json(self, group: str, label: Label | None = None) -> dict[str, Any]:
        """The group in the JSON of `simulate`, witness included; `label` names its records in the steps (by default their ids)."""
        return {
            "group": group,
            "records": [record.ref.as_json() for record in self.records],
            "confluent": self.confluent,
            "exhaustive": self.exhaustive,
            "cells": [
                {
                    "record": cell.record.as_json(),
                    "field": cell.field,
                    "now": cell.now,
                    "after": list(cell.after),
                    "certainty": cell.certainty,
                    "overwritten_by": [ref.as_json() for ref in cell.overwritten_by],
                    "intended": cell.intended,
                    "witness": list(self.witness(cell).sentences(label)),
                }
                for cell in self.cells
            ],
        }


def total(forecasts: Iterable[GroupForecast]) -> Totals:
    """The totals of several groups."""
    result = Totals()
    for forecast in forecasts:
        result = result + forecast.totals
    return result
