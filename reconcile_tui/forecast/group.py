"""The forecast of one group: its cells at risk with their stories, and whether its end depends on the order of events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reconcile_tui.forecast.fieldmap import MapProblem
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.values import FieldRule, SimRecord
from reconcile_tui.forecast.verdict import Blocked, CellVerdict, Method, Totals
from reconcile_tui.forecast.witness import Label, Scene, Witness, witness


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
        return witness(Scene(self.records, self.fields, self.profile, self.created_eligible), cell)

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
