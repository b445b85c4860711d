"""What the simulator answers: a verdict per cell, what is not written, totals. A whole group's forecast is in `group`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Literal

from reconcile_tui.model import Certainty, Common, Ref

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
