"""What another eligibility predicate would change: the sync simulated with the old filter and with the new one, on the same records."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reconcile_tui.errors import UsageError
from reconcile_tui.forecast.columns import Columns
from reconcile_tui.forecast.eligibility import DirectionChange
from reconcile_tui.forecast.eligibility import what_if as compared
from reconcile_tui.forecast.everything import simulate_all
from reconcile_tui.forecast.ledger import Difference, Ledger, difference
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.verdict import Totals
from reconcile_tui.model import Ref
from reconcile_tui.steps.forecasting.columns import columns_of
from reconcile_tui.steps.forecasting.eligible import Place, eligible_rows, predicates_of
from reconcile_tui.steps.forecasting.records import rules_and_gaps
from reconcile_tui.steps.forecasting.text import headline
from reconcile_tui.steps.progress import Listener, Progress, Stop, never, silent
from reconcile_tui.workspace import eligibility

if TYPE_CHECKING:
    from reconcile_tui.project import RecordType
    from reconcile_tui.workspace import Workspace

NAMED = 20
"""Records, and cells, that are named of each kind; the counts are exact."""
KINDS = ("enters", "leaves", "leaks", "creates", "collides")
_TOLD = {
    "enters": "enter",
    "leaves": "leave",
    "leaks": "leave but keep syncing: the profile asks its filter for the first sync only",
    "creates": "enter and create a record on the other side",
    "collides": "enter and meet another record in one counterpart",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """How many records, and the first of them."""

    count: int
    records: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """How many cells, and the first of them as (record, field)."""

    count: int
    cells: tuple[tuple[Ref, str], ...]

    def as_json(self) -> dict[str, Any]:
        """For `simulate --eligible --json`."""
        return {"count": self.count, "cells": [{"record": ref.as_json(), "field": field} for ref, field in self.cells]}


@dataclass(frozen=True, slots=True)
class DirectionWhatIf:
    """One direction: how many records may leave `source` before and after, and the `KINDS` of those for which that changes."""

    source: str
    target: str
    before: int
    after: int
    enters: Kind
    leaves: Kind
    leaks: Kind
    creates: Kind
    collides: Kind

    def as_json(self) -> dict[str, Any]:
        """For `simulate --eligible --json`."""
        kinds = {name: getattr(self, name) for name in KINDS}
        told = {name: {"count": kind.count, "records": [ref.as_json() for ref in kind.records]} for name, kind in kinds.items()}
        return {"from": self.source, "to": self.target, "before": self.before, "after": self.after, **told}

    def lines(self) -> list[str]:
        """For a person."""
        head = f"{self.source} to {self.target}: {self.after:,} records may leave instead of {self.before:,}."
        kinds = [(name, getattr(self, name)) for name in KINDS]
        return [head, *(f"  {kind.count:,} {_TOLD[name]}{_named(kind)}" for name, kind in kinds if kind.count)]


def _named(kind: Kind) -> str:
    shown = ", ".join(f"{ref.table} {ref.id[:8]}" for ref in kind.records[:3])
    return f" ({shown}{', …' if kind.count > 3 else ''})"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Another filter, tried. `gone` and `new`: cells at stake only with the old filter, only with the new one (record, field)."""

    profile: str
    predicates: Mapping[Place, str]
    directions: tuple[DirectionWhatIf, ...]
    before: Totals
    after: Totals
    gone: Cells
    new: Cells
    problems: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For `simulate --eligible --json`."""
        return {
            "profile": self.profile,
            "eligible": [{"system": s, "table": t, "predicate": text} for (s, t), text in self.predicates.items()],
            "directions": [direction.as_json() for direction in self.directions],
            "totals": [self.before.as_json(), self.after.as_json()],
            "gone": self.gone.as_json(),
            "new": self.new.as_json(),
            "problems": list(self.problems),
        }

    def text(self) -> str:
        """For a person."""
        from reconcile_tui.display import safe_text

        lines = [
            f"If {system} {table} could leave when: {text or 'every active record'}" for (system, table), text in self.predicates.items()
        ]
        lines += [f"! {problem}" for problem in self.problems]
        for direction in self.directions:
            lines += ["", *direction.lines()]
        lines += ["", f"Under {self.profile}, now:  {headline(self.before)}."]
        lines += [f"With this filter:  {headline(self.after)}."]
        lines += [f"{self.gone.count:,} values would be at stake no longer, {self.new.count:,} would be at stake in addition."]
        return "\n".join(safe_text(line) for line in lines)


def what_if(
    workspace: Workspace,
    predicates: Mapping[Place, str],
    profile: Profile,
    *,
    progress: Listener = silent,
    stop: Stop = never,
) -> WhatIf:
    """Try other predicates for leaving some tables, each given for (system, table); nothing is stored or written.

    Raises UsageError for an unknown table, ProjectError naming a predicate that can't be used, Interrupted.
    """
    record_type = _record_type(workspace, predicates)
    rules, problems = rules_and_gaps(workspace, record_type)
    new = {place: _rows(workspace, place, predicate) for place, predicate in predicates.items()}
    now = eligible_rows(workspace, predicates_of(record_type), problems)
    columns = columns_of(workspace, record_type, rules, {}, now)
    then = replace(columns, eligible=_eligible(workspace, columns, new))
    started = time.monotonic()

    def run(columns: Columns, number: int) -> Ledger:
        def told(done: int, total: int) -> None:
            progress(Progress("forecast", number * total + done, 2 * total, time.monotonic() - started))

        return simulate_all(columns, rules, profile, progress=told, stop=stop)

    before, after = run(columns, 0), run(then, 1)
    return _put_together(workspace, profile, predicates, (columns, then), difference(before, after), problems)


def _record_type(workspace: Workspace, predicates: Mapping[Place, str]) -> RecordType:
    known = [(table.system, table.name) for table in workspace.records.tables()]
    for system, table in predicates:
        if (system, table) not in known:
            listed = ", ".join(f"{s}.{t}" for s, t in known)
            raise UsageError(f"{system}.{table} is no pulled table of this project.", todo=f"Known: {listed}.")
    found = {workspace.project.record_type_of(*place).name for place in predicates}
    if len(found) != 1:
        raise UsageError("A what-if is about the tables of one record type.", todo="Ask for each record type by itself.")
    return workspace.project.record_types[found.pop()]


def _rows(workspace: Workspace, place: Place, predicate: str) -> Any:
    return eligibility.every_row(workspace.path, workspace.records.table(*place).storage, predicate)


def _eligible(workspace: Workspace, columns: Columns, new: Mapping[Place, Any]) -> Any:
    """The eligibility of all rows with that of some tables exchanged."""
    eligible = columns.eligible.copy()
    for place, rows in new.items():
        table = workspace.records.table(*place)
        ours = (columns.keys >> 40) == table.no
        eligible[ours] = np.isin(columns.keys[ours], table.key(0) + rows)
    return eligible


def _put_together(
    workspace: Workspace,
    profile: Profile,
    predicates: Mapping[Place, str],
    columns: tuple[Columns, Columns],
    change: Difference,
    problems: Sequence[str],
) -> WhatIf:
    now, then = columns
    found = compared(now, then.eligible, profile)
    systems = (workspace.project.first, str(workspace.project.second))
    both = [_direction(workspace, part, systems[side], systems[1 - side]) for side, part in enumerate((found.forward, found.backward))]
    gone, new = _cells(workspace, change.gone), _cells(workspace, change.new)
    return WhatIf(profile.name, dict(predicates), tuple(both), change.before, change.after, gone, new, tuple(problems))


def _cells(workspace: Workspace, cells: Sequence[tuple[int, str]]) -> Cells:
    refs = _refs(workspace, [key for key, _ in cells[:NAMED]])
    return Cells(len(cells), tuple(zip(refs, (field for _, field in cells[:NAMED]), strict=True)))


def _direction(workspace: Workspace, change: DirectionChange, source: str, target: str) -> DirectionWhatIf:
    kinds = {name: Kind(len(keys), _refs(workspace, keys[:NAMED].tolist())) for name in KINDS for keys in [getattr(change, name)]}
    return DirectionWhatIf(source, target, change.before, change.after, **kinds)


def _refs(workspace: Workspace, keys: Sequence[int]) -> tuple[Ref, ...]:
    found = workspace.records.refs(keys)
    return tuple(found[key] for key in keys)
