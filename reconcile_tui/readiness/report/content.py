"""What the report says, as values. Texts from the systems are raw; every writer escapes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from reconcile_tui.readiness.field_facts import FieldFacts
from reconcile_tui.readiness.readiness import Readiness


@dataclass(frozen=True, slots=True)
class TableLine:
    """Q1 and Q2: one table, who may leave it and how many that creates on the other side."""

    record_type: str
    system: str
    table: str
    records: int
    inactive: int
    predicate: str
    eligible: int
    creates: int
    pulled: str


@dataclass(frozen=True, slots=True)
class DuplicateLine:
    """Q4: duplicates by one rule of uniqueness."""

    rule: str
    why: str
    groups: int
    records: int
    largest: int


@dataclass(frozen=True, slots=True)
class ClassLine:
    """Groups of one class in the queue."""

    name: str
    groups: int
    decided: int


@dataclass(frozen=True, slots=True)
class SideTotals:
    """A forecast's totals: launch today, or after the decisions made so far are applied."""

    groups: int
    confluent: int
    certain: int
    order_dependent: int
    records_at_risk: int
    at: str = ""

    @property
    def cells(self) -> int:
        """All cells that would be overwritten."""
        return self.certain + self.order_dependent


@dataclass(frozen=True, slots=True)
class FieldCells:
    """Overwritten cells of one field, before and after."""

    field: str
    certain: int
    order_dependent: int
    certain_after: int
    order_dependent_after: int


@dataclass(frozen=True, slots=True)
class Example:
    """One group told step by step, as an example of what the numbers mean."""

    group: str
    people: tuple[str, ...]
    cells: tuple[tuple[str, str, str, str], ...]  # record, field, now, after
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Throughput:
    """Decisions: how many, by whom, when."""

    decided: int
    open: int
    by_outcome: Mapping[str, int]
    by_author: Mapping[str, int]
    by_day: Mapping[str, int]
    per_hour: float | None  # groups decided per hour of work; pauses over ten minutes don't count
    undone: int


@dataclass(frozen=True, slots=True)
class RunLine:
    """One application of a plan."""

    run: int
    kind: str
    started: str
    finished: str
    author: str
    outcomes: Mapping[str, int]
    cells_checked: int
    cells_differing: int
    digest: str


@dataclass(frozen=True, slots=True)
class Irreversible:
    """A write that can't be taken back."""

    run: int | None  # None: planned, not applied
    what: str
    record: str
    other: str
    done: bool


@dataclass(frozen=True)
class Report:
    """Everything the report says."""

    project: str
    made_at: str
    author: str
    profile: str
    profile_summary: str
    profile_source: str
    profile_caveat: str
    systems: tuple[str, ...]
    readiness: Readiness
    tables: tuple[TableLine, ...]
    fields: tuple[FieldFacts, ...]
    directions: Mapping[str, str]  # forward, backward, both, none in the project's words
    duplicates: tuple[DuplicateLine, ...]
    classes: tuple[ClassLine, ...]
    now: SideTotals | None
    after: SideTotals | None
    by_field: tuple[FieldCells, ...]
    example: Example | None
    throughput: Throughput
    runs: tuple[RunLine, ...]
    irreversible: tuple[Irreversible, ...]
    irreversible_count: int = 0
    trend: tuple[tuple[str, int], ...] = ()  # (when, overwritten cells) of every forecast of today
    first: SideTotals | None = None  # the first forecast, once a run has changed what today's says
    notes: tuple[str, ...] = field(default=())

    @property
    def sides(self) -> list[tuple[str, SideTotals]]:
        """The forecasts that are compared, as far as they are known, with their names."""
        named = (("before anything was written", self.first), ("today", self.now), ("after the decisions so far", self.after))
        return [(name, totals) for name, totals in named if totals is not None]

    def as_json(self) -> dict[str, Any]:
        """The report as one JSON document."""
        plain = ("tables", "duplicates", "classes", "by_field", "runs", "irreversible")
        document: dict[str, Any] = {
            "project": self.project,
            "made_at": self.made_at,
            "author": self.author,
            "systems": list(self.systems),
            "profile": {
                "name": self.profile,
                "summary": self.profile_summary,
                "source": self.profile_source,
                "caveat": self.profile_caveat,
            },
            "readiness": self.readiness.as_json(),
            "forecast": {name: asdict(s) if (s := getattr(self, name)) else None for name in ("first", "now", "after")},
            "example": asdict(self.example) if self.example else None,
            "throughput": asdict(self.throughput),
            "fields": [{**f.as_json(), "direction": self.directions.get(f.field.direction, f.field.direction)} for f in self.fields],
            "irreversible_count": self.irreversible_count,
            "trend": [{"at": at, "cells": cells} for at, cells in self.trend],
            "notes": list(self.notes),
        }
        return document | {name: [asdict(line) for line in getattr(self, name)] for name in plain}
