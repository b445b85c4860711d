"""Simulate: feed the forecast from the workspace, keep its ledger, and bring what it finds before a person.

`now` is the snapshot as pulled (launch today), `after` the snapshot with the plan of the decisions so far applied (launch after cleaning).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconcile_tui.display import safe_text
from reconcile_tui.errors import UsageError
from reconcile_tui.model import Record, Ref
from reconcile_tui.project import Project, RecordType, SyncSettings
from reconcile_tui.steps.forecast_input import rules_of, sim_record
from reconcile_tui.steps.progress import Listener, Progress, silent
from reconcile_tui.workspace.forecasts import LedgerCell, LedgerGroup
from reconcile_tui.workspace.matches import NewGroup

if TYPE_CHECKING:
    from reconcile_tui.forecast.profiles import Profile
    from reconcile_tui.forecast.values import FieldRule, SimRecord
    from reconcile_tui.forecast.verdict import GroupForecast, Totals
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True)
class Forecast:
    """What a sync under a profile would overwrite."""

    profile: str
    after_plan: bool
    totals: Totals
    groups: tuple[tuple[str, GroupForecast], ...]  # those in which something is at stake, most cells first
    problems: tuple[str, ...] = ()
    names: Mapping[Ref, str] = field(default_factory=dict)

    def headline(self) -> str:
        """The totals in a sentence."""
        t = self.totals
        return (
            f"{t.cells:,} values would be overwritten ({t.cells_certain:,} in every order of events, {t.cells_order_dependent:,} in some) "
            f"in {t.records_at_risk:,} records; {t.groups - t.confluent_groups:,} groups have more than one possible end"
        )

    def as_json(self) -> dict[str, Any]:
        """The JSON of `simulate`."""
        return {
            "profile": self.profile,
            "after_plan": self.after_plan,
            "totals": self.totals.as_json(),
            "groups": [forecast.as_json(group) for group, forecast in self.groups],
            "problems": list(self.problems),
        }

    def text(self, *, limit: int = 20, witness: bool = False) -> str:
        """For a person; with `witness` each cell's story step by step."""
        side = "after the plan" if self.after_plan else "today"
        lines = [f"Launch {side} under {self.profile}: {self.headline()}."]
        lines += [f"! {safe_text(problem)}" for problem in self.problems]
        for group, forecast in self.groups[:limit]:
            lines += ["", *_group_lines(group, forecast, witness)]
        if len(self.groups) > limit:
            lines += ["", f"… and {len(self.groups) - limit:,} more groups (--limit, or --json for all)."]
        return "\n".join(lines)


def _group_lines(group: str, forecast: GroupForecast, witness: bool) -> list[str]:
    end = "one possible end" if forecast.confluent else "the end depends on who is saved last"
    lines = [f"{group}  {len(forecast.records)} records, {end}" + ("" if forecast.exhaustive else " (not all orders were tried)")]
    for cell in forecast.cells:
        after = " or ".join(safe_text(value) or "(blank)" for value in cell.after)
        by = ", ".join(f"{ref.table} {ref.id[:8]}" for ref in cell.overwritten_by)
        sure = "in every order" if cell.certainty == "certain" else "in some orders"
        where = f"{cell.record.table} {cell.record.id[:8]}  {cell.field}"
        lines.append(f"  {where}: {safe_text(cell.now)} -> {after}  {sure}{f', by {by}' if by else ''}")
        if witness:
            lines += [f"      {safe_text(step)}" for step in forecast.witness(cell).sentences()]
    return lines


@dataclass(frozen=True)
class Compared:
    """Two profiles on the same data."""

    first: Forecast
    second: Forecast

    def as_json(self) -> dict[str, Any]:
        """For `simulate --diff --json`."""
        first, second = _cells(self.first), _cells(self.second)
        return {
            "profiles": [self.first.profile, self.second.profile],
            "totals": [self.first.totals.as_json(), self.second.totals.as_json()],
            "only_first": [_cell_json(key) for key in sorted(first - second)],
            "only_second": [_cell_json(key) for key in sorted(second - first)],
            "both": len(first & second),
        }

    def text(self) -> str:
        """For a person."""
        first, second = _cells(self.first), _cells(self.second)
        return "\n".join(
            [
                f"{self.first.profile}: {self.first.headline()}.",
                f"{self.second.profile}: {self.second.headline()}.",
                f"At stake under both: {len(first & second):,} values; only under {self.first.profile}: {len(first - second):,}; "
                f"only under {self.second.profile}: {len(second - first):,}.",
            ]
        )


def _cells(forecast: Forecast) -> set[tuple[Ref, str]]:
    return {(cell.record, cell.field) for _, group in forecast.groups for cell in group.cells}


def _cell_json(key: tuple[Ref, str]) -> dict[str, Any]:
    return {"record": key[0].as_json(), "field": key[1]}


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
    progress: Listener = silent,
) -> Forecast:
    """Forecast a whole side, or the collision groups of one review group. Raises ProjectError, WorkspaceError, UsageError.

    A whole forecast under the project's own profile is kept: the ledger, the cells at risk of each group in the queue, and a group to
    review for each collision in which matching saw nobody alike.
    """
    chosen = profile_of(workspace.project, profile)
    if group is not None:
        return _of_group(workspace, chosen, group, after_plan=after_plan)
    stored = profile is None or chosen == profile_of(workspace.project, None)
    forecasts: list[tuple[str, GroupForecast]] = []
    problems: list[str] = []
    started = time.monotonic()
    for record_type in workspace.project.record_types.values():
        records = _all_records(workspace, record_type, after_plan)
        rules, told = rules_of(workspace.project, record_type)
        problems += told
        groups = list(_collision_groups(records))
        for number, members in enumerate(groups, 1):
            forecast = _simulate(members, rules, chosen)
            forecasts.append((record_type.name, forecast))
            if number % 200 == 0 or number == len(groups):
                progress(Progress("forecast", number, len(groups), time.monotonic() - started))
    return _kept(workspace, chosen, forecasts, problems, after_plan=after_plan, stored=stored)


def difference(workspace: Workspace, first: str | None, second: str, *, after_plan: bool = False, progress: Listener = silent) -> Compared:
    """Two profiles on the same data. Raises ProjectError."""
    one = simulate(workspace, profile=first or workspace.project.sync.profile, after_plan=after_plan, progress=progress)
    return Compared(one, simulate(workspace, profile=second, after_plan=after_plan, progress=progress))


def _simulate(members: Sequence[SimRecord], rules: Sequence[FieldRule], profile: Profile) -> GroupForecast:
    from reconcile_tui.forecast.simulate import simulate_group

    return simulate_group(members, rules, profile)


# -- which records


def _all_records(workspace: Workspace, record_type: RecordType, after_plan: bool) -> list[SimRecord]:
    records = {record.ref: record for record in _live(workspace, record_type)}
    if after_plan:
        from reconcile_tui.steps import plan

        for ref, projected in plan.projected_after(workspace, plan.make(workspace)).items():
            if projected is None:
                records.pop(ref, None)
            elif ref in records:
                records[ref] = projected
    return [sim_record(workspace.project, record_type, record) for record in records.values()]


def _live(workspace: Workspace, record_type: RecordType) -> Iterator[Record]:
    for table in workspace.records.tables(record_type):
        keys = workspace.records.live_keys(table)
        for start in range(0, len(keys), 5000):
            yield from workspace.records.load(keys[start : start + 5000])


def _collision_groups(records: Sequence[SimRecord]) -> Iterator[list[SimRecord]]:
    """Records connected by an address or a link, in which at least one of the second system or two of the first take part."""
    by_ref = {record.ref: index for index, record in enumerate(records)}
    parent = list(range(len(records)))

    def find(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first_of: dict[str, int] = {}
    for index, record in enumerate(records):
        neighbours = [first_of.setdefault(key, index) for key in record.match_keys]
        neighbours += [by_ref[ref] for ref in record.links if ref in by_ref]
        for other in neighbours:
            parent[max(find(index), find(other))] = min(find(index), find(other))
    members: dict[int, list[SimRecord]] = {}
    for index, record in enumerate(records):
        members.setdefault(find(index), []).append(record)
    return (group for group in members.values() if len(group) > 1)


def _of_group(workspace: Workspace, profile: Profile, group: str, *, after_plan: bool) -> Forecast:
    members = workspace.matches.members(group)
    if not members:
        raise UsageError(f"There is no group {group!r}.", todo="reconcile-tui groups lists them.")
    row = workspace.matches.row(group)
    record_type = workspace.project.record_types[row.record_type] if row else next(iter(workspace.project.record_types.values()))
    rules, problems = rules_of(workspace.project, record_type)
    records = _projected(workspace, group) if after_plan else workspace.records.load(members)
    sims = [sim_record(workspace.project, record_type, record) for record in records if not record.merged_into]
    found = [_simulate(part, rules, profile) for part in _collision_groups(sims)]
    return _forecast(profile, [(group, forecast) for forecast in found], problems, after_plan)


def _projected(workspace: Workspace, group: str) -> list[Record]:
    from reconcile_tui.steps import decide, plan

    return plan.projected(workspace, decide.view(workspace, group))


# -- what is kept


def _forecast(profile: Profile, found: Sequence[tuple[str, GroupForecast]], problems: Sequence[str], after_plan: bool) -> Forecast:
    from reconcile_tui.forecast.verdict import total

    at_stake = [(name, forecast) for name, forecast in found if forecast.cells]
    at_stake.sort(key=lambda item: (-len(item[1].cells), item[0]))
    return Forecast(profile.name, after_plan, total(forecast for _, forecast in found), tuple(at_stake), tuple(problems))


def _kept(
    workspace: Workspace,
    profile: Profile,
    found: Sequence[tuple[str, GroupForecast]],
    problems: Sequence[str],
    *,
    after_plan: bool,
    stored: bool,
) -> Forecast:
    named = []
    with workspace.transaction():
        for record_type, forecast in found:
            named.append((_review_group(workspace, record_type, forecast, may_add=stored and not after_plan), forecast))
        result = _forecast(profile, named, problems, after_plan)
        if stored:
            side = "after" if after_plan else "now"
            ledger = [_ledger_group(workspace, group, forecast) for group, forecast in named if forecast.cells or not forecast.confluent]
            workspace.forecasts.replace(side, ledger, result.totals.as_json(), profile=profile.name)
            if not after_plan:
                workspace.matches.set_risk(_risks(workspace, named))
    return result


def _review_group(workspace: Workspace, record_type: str, forecast: GroupForecast, *, may_add: bool) -> str:
    """The group of the queue that holds these records; one is added where matching saw nobody alike but values are at stake."""
    keys = [record.key for record in forecast.records]
    for key in keys:
        if (group := workspace.matches.group_of(key)) is not None:
            return group
    name = f"c{min(keys):x}"
    if may_add and forecast.cells:
        first = forecast.records[0]
        systems = "+".join(record.ref.system[0].upper() for record in forecast.records)
        title = " ".join(value for value in list(first.values.values())[:3] if value)
        differs = tuple(dict.fromkeys(cell.field for cell in forecast.cells))
        newest = max((record.modified_at or "" for record in forecast.records), default="")
        workspace.matches.add_groups([NewGroup(name, record_type, "collision", 0.0, tuple(keys), systems, title, differs, 0.0, newest)])
    return name


def _ledger_group(workspace: Workspace, group: str, forecast: GroupForecast) -> LedgerGroup:
    keys = {record.ref: record.key for record in forecast.records}
    cells = tuple(
        LedgerCell(
            keys[cell.record],
            cell.field,
            cell.certainty,
            cell.now,
            cell.after,
            tuple(keys[ref] for ref in cell.overwritten_by if ref in keys),
        )
        for cell in forecast.cells
    )
    row = workspace.matches.row(group)
    record_type = row.record_type if row else workspace.project.record_type_of(*_place(forecast)).name
    return LedgerGroup(
        f"{group}/{min(keys.values()):x}", record_type, group, forecast.confluent, forecast.exhaustive, tuple(keys.values()), cells
    )


def _place(forecast: GroupForecast) -> tuple[str, str]:
    ref = forecast.records[0].ref
    return ref.system, ref.table


def _risks(workspace: Workspace, named: Iterable[tuple[str, GroupForecast]]) -> list[tuple[str, int, int]]:
    consent = {f.name for rt in workspace.project.record_types.values() for f in rt.fields_of_kind("consent")}
    risks: dict[str, list[int]] = {}
    for group, forecast in named:
        counted = risks.setdefault(group, [0, 0])
        counted[0] += len(forecast.cells)
        counted[1] += sum(cell.field in consent for cell in forecast.cells)
    return [(group, cells, consents) for group, (cells, consents) in risks.items() if cells]
