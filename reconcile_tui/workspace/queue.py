"""A line of the queue, its orders and its filters."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One line of the queue."""

    id: str
    record_type: str
    klass: str
    score: float
    size: int
    systems: str
    title: str
    differs: tuple[str, ...]
    cells_at_risk: int
    consent_at_risk: int
    state: str
    outcome: str
    uncertainty: float
    assignee: str


CLASSES = ("identical", "differs", "shared_mailbox", "lead_contact", "chain", "collision")
STATES = ("open", "decided", "unsure", "skipped", "changed", "todo")
"""What a filter may ask for; `todo` is what is left to do."""
ORDERS = {
    "value": "consent_at_risk DESC, cells_at_risk DESC, score DESC, id",
    "uncertainty": "uncertainty DESC, id",
    "score": "score DESC, id",
    "size": "size DESC, id",
    "newest": "newest DESC, id",
}
"""Orders of the queue by name."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which groups: every part that is given must hold."""

    klass: str | None = None
    state: str | None = None  # open, decided, unsure, skipped, changed; `todo` = open, unsure or changed
    system: str | None = None
    field: str | None = None  # a field that differs
    text: str | None = None  # in the title
    min_score: float | None = None
    max_score: float | None = None
    assignee: str | None = None
    record_type: str | None = None
    at_risk: bool = False  # the sync would overwrite something

    def where(self) -> tuple[str, list[Any]]:
        """A SQL condition and its parameters."""
        parts: list[tuple[str, Any]] = []
        if self.klass:
            parts.append(("class = ?", self.klass))
        if self.state == "todo":
            parts.append(("state IN ('open', 'unsure', 'changed') AND ?", 1))
        elif self.state:
            parts.append(("state = ?", self.state))
        if self.system:
            parts.append(("instr(systems, ?) > 0", self.system[0].upper()))
        if self.field:
            parts.append(("EXISTS (SELECT 1 FROM json_each(differs) WHERE value = ?)", self.field))
        if self.text:
            parts.append(("instr(lower(title), lower(?)) > 0", self.text))
        if self.min_score is not None:
            parts.append(("score >= ?", self.min_score))
        if self.max_score is not None:
            parts.append(("score <= ?", self.max_score))
        if self.assignee is not None:
            parts.append(("assignee = ?", self.assignee))
        if self.at_risk:
            parts.append(("cells_at_risk >= ?", 1))
        if self.record_type:
            parts.append(("record_type = ?", self.record_type))
        return " AND ".join(part for part, _ in parts) or "1", [value for _, value in parts]


def group_row(row: sqlite3.Row) -> GroupRow:
    """A line from a row of `record_group`."""
    return GroupRow(
        id=row["id"],
        record_type=row["record_type"],
        klass=row["class"],
        score=row["score"],
        size=row["size"],
        systems=row["systems"],
        title=row["title"],
        differs=tuple(json.loads(row["differs"])),
        cells_at_risk=row["cells_at_risk"],
        consent_at_risk=row["consent_at_risk"],
        state=row["state"],
        outcome=row["outcome"],
        uncertainty=row["uncertainty"],
        assignee=row["assignee"],
    )
