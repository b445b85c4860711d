"""Simulate: feed the forecast from the workspace, keep its ledger, and bring what it finds before a person.

`now` is the snapshot as pulled (launch today), `after` the snapshot with the plan of the decisions so far applied (launch after cleaning).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import UsageError
from reconcile_tui.model import Record
from reconcile_tui.project import Project, RecordType, SyncSettings
from reconcile_tui.steps.forecasting.records import Projected, rules_of, sim_record
from reconcile_tui.steps.forecasting.text import group_lines, headline
from reconcile_tui.steps.progress import Listener, Progress, Stop, never, silent
from reconcile_tui.workspace.forecasts import LedgerCell, LedgerGroup
from reconcile_tui.workspace.matches import NewGroup

if TYPE_CHECKING:
    from reconcile_tui.forecast.ledger import LedgerEntry
    from reconcile_tui.forecast.profiles import Profile
    from reconcile_tui.forecast.values import FieldRule, SimRecord
    from reconcile_tui.forecast.verdict import GroupForecast, Totals
    from reconcile_tui.steps.forecasting.what_if import WhatIf
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class AtStake:
    """A collision group in which something is at stake, and the group of the queue its records are reviewed in."""

    group: str
    record_type: str
    keys: tuple[int, ...]


@dataclass(frozen=True)
class Forecast:
    """What a sync under a profile would overwrite. `tell` simulates one group again, with every cell's story."""

    profile: str
    after_plan: bool
    totals: Totals
    groups: tuple[AtStake, ...]  # most cells first
    problems: tuple[str, ...]
    tell: Callable[[AtStake], GroupForecast]

    def headline(self) -> str:
        """The totals in a sentence."""
        return headline(self.totals)

    def as_json(self) -> dict[str, Any]:
        """The JSON of `simulate`."""
        return {
            "profile": self.profile,
            "after_plan": self.after_plan,
            "totals": self.totals.as_json(),
            "groups": [self.tell(found).as_json(found.group) for found in self.groups],
            "problems": list(self.problems),
        }

    def text(self, *, limit: int = 20, witness: bool = False) -> str:
        """For a person; with `witness` each cell's story step by step."""
        from reconcile_tui.display import safe_text

        side = "after the plan" if self.after_plan else "today"
        lines = [f"Launch {side} under {self.profile}: {self.headline()}."]
        lines += [f"! {safe_text(problem)}" for problem in self.problems]
        for found in self.groups[:limit]:
            lines += ["", *group_lines(found.group, self.tell(found), witness)]
        if len(self.groups) > limit:
            lines += ["", f"… and {len(self.groups) - limit:,} more groups (--limit, or --json for all)."]
        return "\n".join(lines)


@dataclass(frozen=True)
class Compared:
    """Two profiles on the same data; cells are (record key, field)."""

    first: Forecast
    second: Forecast
    gone: frozenset[tuple[int, str]]
    new: frozenset[tuple[int, str]]
    refs: Mapping[int, Any]

    def as_json(self) -> dict[str, Any]:
        """For `simulate --diff --json`."""
        return {
            "profiles": [self.first.profile, self.second.profile],
            "totals": [self.first.totals.as_json(), self.second.totals.as_json()],
            "only_first": [{"record": self.refs[key].as_json(), "field": field} for key, field in sorted(self.gone)],
            "only_second": [{"record": self.refs[key].as_json(), "field": field} for key, field in sorted(self.new)],
        }

    def text(self) -> str:
        """For a person."""
        return "\n".join(
            [
                f"{self.first.profile}: {self.first.headline()}.",
                f"{self.second.profile}: {self.second.headline()}.",
                f"At stake only under {self.first.profile}: {len(self.gone):,} values.",
                f"At stake only under {self.second.profile}: {len(self.new):,} values.",
            ]
        )


def profile_of(project: Project, name: str | None) -> Profile:
    """The project's sync profile, or a preset by name. Raises ProjectError."""
    from reconcile_tui.forecast.profiles import resolve

    return resolve(project.sync if name is None else SyncSettings(profile=name), tuple(project.systems))


def simulate(
    workspace: Workspace,
    *,
    profile: str | None = None,
    after_plan: bool = False,
    group: str | None = None,
    keep: bool = True,
    progress: Listener = silent,
    stop: Stop = never,
) -> Forecast:
    """Forecast a whole side, or the collision groups of one review group. Raises ProjectError, WorkspaceError, UsageError, Interrupted.

    A whole forecast under the project's own profile is kept: the ledger, the cells at risk of each group in the queue, and a group to
    review for each collision in which matching saw nobody alike.
    """
    chosen = profile_of(workspace.project, profile)
    if group is not None:
        return _of_group(workspace, chosen, group, after_plan=after_plan)
    side = _Side(workspace, chosen, _projected(workspace) if after_plan else {}, after_plan)
    for record_type in workspace.project.record_types.values():
        side.run(record_type, progress, stop)
    if keep and chosen == profile_of(workspace.project, None):
        side.keep()
    return side.forecast()


def difference(workspace: Workspace, first: str | None, second: str, *, after_plan: bool = False, progress: Listener = silent) -> Compared:
    """Two profiles on the same data. Raises ProjectError."""
    one = simulate(workspace, profile=first, after_plan=after_plan, progress=progress)
    two = simulate(workspace, profile=second, after_plan=after_plan, progress=progress)
    here, there = _cells(one), _cells(two)
    refs = workspace.records.refs({key for key, _ in here ^ there})
    return Compared(one, two, frozenset(here - there), frozenset(there - here), refs)


def _cells(forecast: Forecast) -> set[tuple[int, str]]:
    found = set()
    for at_stake in forecast.groups:
        told = forecast.tell(at_stake)
        keys = {record.ref: record.key for record in told.records}
        found |= {(keys[cell.record], cell.field) for cell in told.cells}
    return found


def _projected(workspace: Workspace) -> Projected:
    from reconcile_tui.steps import plan

    return plan.projected_after(workspace, plan.make(workspace))


class _Side:
    """One whole forecast in the making."""

    def __init__(self, workspace: Workspace, profile: Profile, projected: Projected, after_plan: bool) -> None:
        from reconcile_tui.forecast.verdict import Totals

        self._workspace, self._profile, self._projected, self._after_plan = workspace, profile, projected, after_plan
        self._members = {key: group for group, key in workspace.matches.all_members()}
        self._totals = Totals()
        self._found: list[tuple[AtStake, LedgerEntry]] = []
        self._problems: list[str] = []
        self._rules: dict[str, tuple[FieldRule, ...]] = {}

    def run(self, record_type: RecordType, progress: Listener, stop: Stop) -> None:
        """Forecast one record type."""
        from reconcile_tui.forecast.everything import simulate_all
        from reconcile_tui.steps.forecasting.columns import columns_of
        from reconcile_tui.steps.forecasting.eligible import eligible_rows, predicates_of

        started = time.monotonic()
        rules, told = rules_of(self._workspace.project, record_type)
        self._rules[record_type.name] = rules
        self._problems += told
        eligible = eligible_rows(self._workspace, predicates_of(record_type), self._problems)
        columns = columns_of(self._workspace, record_type, rules, self._projected, eligible)
        ledger = simulate_all(
            columns,
            rules,
            self._profile,
            progress=lambda done, total: progress(Progress("forecast", done, total, time.monotonic() - started)),
            stop=stop,
        )
        self._totals = self._totals + ledger.totals
        for entry in ledger.entries():
            name = next((self._members[key] for key in entry.keys if key in self._members), f"c{min(entry.keys):x}")
            self._found.append((AtStake(name, record_type.name, entry.keys), entry))

    def forecast(self) -> Forecast:
        """What was found."""
        shown = tuple(at_stake for at_stake, entry in self._found if entry.cells)
        return Forecast(self._profile.name, self._after_plan, self._totals, shown, tuple(self._problems), self._tell)

    def _tell(self, at_stake: AtStake) -> GroupForecast:
        record_type = self._workspace.project.record_types[at_stake.record_type]
        records = self._workspace.records.load(at_stake.keys)
        after = [self._projected.get(record.ref, record) for record in records]
        return _simulate(self._workspace.project, record_type, [r for r in after if r], self._rules[record_type.name], self._profile)

    def keep(self) -> None:
        """Store the ledger and what the queue shows of it."""
        with self._workspace.transaction():
            side = "after" if self._after_plan else "now"
            groups = (_ledger_group(at_stake, entry) for at_stake, entry in self._found)
            self._workspace.forecasts.replace(side, groups, self._totals.as_json(), profile=self._profile.name)
            if not self._after_plan:
                self._add_groups()
                self._workspace.matches.set_risk(_risks(self._workspace.project, self._found))

    def _add_groups(self) -> None:
        """A group to review for each collision at stake in which matching saw nobody alike."""
        colliding = [at_stake for at_stake, entry in self._found if entry.cells and len(entry.keys) > 1]
        for at_stake in (found for found in colliding if not any(key in self._members for key in found.keys)):
            self._workspace.matches.add_groups([self._review(at_stake, self._tell(at_stake))])

    def _review(self, at_stake: AtStake, told: GroupForecast) -> NewGroup:
        systems = "+".join(record.ref.system[0].upper() for record in told.records)
        title = " ".join(value for value in list(told.records[0].values.values())[:3] if value)
        differs = tuple(dict.fromkeys(cell.field for cell in told.cells))
        newest = max((record.modified_at or "" for record in told.records), default="")
        return NewGroup(at_stake.group, at_stake.record_type, "collision", 0.0, at_stake.keys, systems, title, differs, 0.0, newest)


def _simulate(
    project: Project, record_type: RecordType, records: Iterable[Record], rules: Sequence[FieldRule], profile: Profile
) -> GroupForecast:
    from reconcile_tui.forecast.simulate import simulate_group

    return simulate_group([sim_record(project, record_type, record) for record in records], rules, profile)


def _ledger_group(at_stake: AtStake, entry: LedgerEntry) -> LedgerGroup:
    cells = tuple(LedgerCell(c.key, c.field, c.certainty, c.now, c.after, c.overwritten_by) for c in entry.cells)
    name = f"{at_stake.group}/{min(entry.keys):x}"
    return LedgerGroup(name, at_stake.record_type, at_stake.group, entry.confluent, entry.exhaustive, entry.keys, cells)


def _risks(project: Project, found: Iterable[tuple[AtStake, LedgerEntry]]) -> list[tuple[str, int, int]]:
    consent = {f.name for record_type in project.record_types.values() for f in record_type.fields_of_kind("consent")}
    risks: dict[str, list[int]] = {}
    for at_stake, entry in found:
        counted = risks.setdefault(at_stake.group, [0, 0])
        counted[0] += len(entry.cells)
        counted[1] += sum(cell.field in consent for cell in entry.cells)
    return [(group, cells, consents) for group, (cells, consents) in risks.items() if cells]


def what_if(
    workspace: Workspace,
    predicates: Mapping[tuple[str, str], str],
    *,
    profile: str | None = None,
    progress: Listener = silent,
    stop: Stop = never,
) -> WhatIf:
    """Try other eligibility predicates, given for (system, table): the sync simulated with both filters. Nothing is stored or written.

    Raises UsageError, ProjectError (naming a predicate that has an error, reads elsewhere or tries to write), Interrupted.
    """
    from reconcile_tui.steps.forecasting import what_if as trying

    return trying.what_if(workspace, predicates, profile_of(workspace.project, profile), progress=progress, stop=stop)


# -- one group


def _of_group(workspace: Workspace, profile: Profile, group: str, *, after_plan: bool) -> Forecast:
    from reconcile_tui.forecast.verdict import total

    row = workspace.matches.row(group)
    if row is None:
        raise UsageError(f"There is no group {group!r}.", todo="reconcile-tui groups lists them.")
    record_type = workspace.project.record_types[row.record_type]
    rules, problems = rules_of(workspace.project, record_type)
    told = {}
    for records in _collisions(workspace, record_type, group, after_plan=after_plan):
        forecast = _simulate(workspace.project, record_type, records, rules, profile)
        told[AtStake(group, record_type.name, tuple(record.key for record in records))] = forecast
    shown = sorted((found for found, forecast in told.items() if forecast.cells), key=lambda found: -len(told[found].cells))
    return Forecast(profile.name, after_plan, total(told.values()), tuple(shown), tuple(problems), told.__getitem__)


def _collisions(workspace: Workspace, record_type: RecordType, group: str, *, after_plan: bool) -> list[list[Record]]:
    """The collision groups that touch a review group: its records, and those the last forecast saw colliding with them."""
    members = workspace.matches.members(group)
    beside = [key for kept in workspace.forecasts.groups("now", review_group=group) for key in kept.records if key not in members]
    others = workspace.records.load(beside)
    own = _after(workspace, group) if after_plan else workspace.records.load(members)
    records = [record for record in (*own, *others) if not record.merged_into and not record.deleted]
    sims = [sim_record(workspace.project, record_type, record) for record in records]
    return [[records[index] for index in part] for part in _connected(sims)]


def _after(workspace: Workspace, group: str) -> list[Record]:
    from reconcile_tui.steps import decide, plan

    return plan.projected(workspace, decide.view(workspace, group))


def _connected(records: Sequence[SimRecord]) -> Iterator[list[int]]:
    """Positions of records that hang together by an address or a link, two or more at a time."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    by_ref = {record.ref: index for index, record in enumerate(records)}
    first: dict[str, int] = {}
    edges = [(index, first.setdefault(key, index)) for index, record in enumerate(records) for key in record.match_keys]
    edges += [(index, by_ref[ref]) for index, record in enumerate(records) for ref in record.links if ref in by_ref]
    if not edges:
        return
    left, right = zip(*edges, strict=True)
    count = len(records)
    _, labels = connected_components(coo_array(([1] * len(edges), (left, right)), shape=(count, count)), directed=False)
    parts: dict[int, list[int]] = {}
    for index, label in enumerate(labels.tolist()):
        parts.setdefault(label, []).append(index)
    yield from (part for part in parts.values() if len(part) > 1)


def after_decision(workspace: Workspace, group: str) -> Totals:
    """Simulate one group's `after` side again and bring ledger and totals up to date. Returns the totals after cleaning.

    Some milliseconds; before the first whole forecast of that side the `now` side stands in for it.
    """
    from reconcile_tui.forecast.verdict import Totals

    profile = profile_of(workspace.project, None)
    forecast = _of_group(workspace, profile, group, after_plan=True)
    with workspace.transaction():
        kept = workspace.forecasts.totals("after") or workspace.forecasts.start_after(profile.name)
        before = workspace.forecasts.group_totals("after", group)
        new = [_told_group(forecast.tell(found), found) for found in forecast.groups]
        workspace.forecasts.replace_groups("after", [old.id for old in workspace.forecasts.groups("after", review_group=group)], new)
        changed = {name: kept.get(name, 0) for name in Totals().as_json()}
        after = workspace.forecasts.group_totals("after", group)
        for name in ("cells_certain", "cells_order_dependent", "records_at_risk"):
            changed[name] += after[name] - before[name]
        changed["confluent_groups"] += before["not_confluent"] - after["not_confluent"]
        workspace.forecasts.set_totals("after", changed)
    return Totals(**changed)


def _told_group(told: GroupForecast, at_stake: AtStake) -> LedgerGroup:
    keys = {record.ref: record.key for record in told.records}
    cells = tuple(
        LedgerCell(keys[c.record], c.field, c.certainty, c.now, c.after, tuple(keys[ref] for ref in c.overwritten_by if ref in keys))
        for c in told.cells
    )
    name = f"{at_stake.group}/{min(at_stake.keys):x}"
    return LedgerGroup(name, at_stake.record_type, at_stake.group, told.confluent, told.exhaustive, at_stake.keys, cells)
