"""One group again: its story, and what one decision changes in the ledger of the launch after cleaning.

A decision reaches beyond its own group: records that share an address (or a link) with one of its records, before or after it, are
forecast anew together, each as the decisions on its own group leave it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import UsageError
from reconcile_tui.forecast.columns import of_records
from reconcile_tui.forecast.everything import simulate_all
from reconcile_tui.forecast.group import total
from reconcile_tui.forecast.ledger import Ledger
from reconcile_tui.forecast.simulate import simulate_group
from reconcile_tui.forecast.verdict import Totals
from reconcile_tui.model import Record
from reconcile_tui.steps.deciding.reading import GroupView, views
from reconcile_tui.steps.forecasting.records import rules_and_gaps, rules_of, sim_record
from reconcile_tui.steps.forecasting.results import AtStake, Forecast
from reconcile_tui.workspace import addresses
from reconcile_tui.workspace.ledger import LedgerCell, LedgerGroup

if TYPE_CHECKING:
    from reconcile_tui.forecast.profiles import Profile
    from reconcile_tui.forecast.values import FieldRule, SimRecord
    from reconcile_tui.project import RecordType
    from reconcile_tui.workspace import Workspace

TOUCHED = 2_000
"""Records that one decision may touch; an address that more share is left to the next whole forecast."""


def of_group(workspace: Workspace, profile: Profile, group: str, *, after_plan: bool) -> Forecast:
    """The collision groups of one review group. Raises UsageError for an unknown one."""
    record_type, members = _held(workspace, group)
    rules, problems = rules_and_gaps(workspace, record_type)
    told = {}
    for part in near_parts(workspace, record_type, profile, members, after_plan=after_plan, accepting=group):
        if not {record.key for record in part}.isdisjoint(members):
            sims = [sim_record(workspace.project, record_type, record) for record in part]
            told[AtStake(group, record_type.name, tuple(record.key for record in part))] = simulate_group(sims, rules, profile)
    shown = sorted((found for found, forecast in told.items() if forecast.cells), key=lambda found: -len(told[found].cells))
    several = [forecast for forecast in told.values() if len(forecast.records) > 1 or forecast.cells]
    return Forecast(profile.name, after_plan, total(several), tuple(shown), tuple(problems), told.__getitem__)


def _held(workspace: Workspace, group: str) -> tuple[RecordType, tuple[int, ...]]:
    """The records of a review group; or of a group that only the ledger knows, for nobody has to decide in it."""
    types = workspace.project.record_types
    if (row := workspace.matches.row(group)) is not None:
        return types[row.record_type], workspace.matches.members(group)
    if kept := workspace.forecasts.groups("now", review_group=group):
        return types[kept[0].record_type], tuple(key for one in kept for key in one.records)
    raise UsageError(f"There is no group {group!r}.", todo="reconcile-tui groups lists them.")


def near_parts(
    workspace: Workspace, record_type: RecordType, profile: Profile, keys: Collection[int], *, after_plan: bool, accepting: str = ""
) -> list[list[Record]]:
    """The records that some records meet, in the parts that hang together under the profile; as they are, or as the plan leaves them
    (`accepting`: as accepting this group as shown would)."""
    from reconcile_tui.forecast.stars import build

    near = _Near(workspace, record_type, keys)
    records = near.projected(accepting) if after_plan else near.records
    if not records:
        return []
    sims = [sim_record(workspace.project, record_type, record) for record in records]
    found: dict[int, list[Record]] = {}
    for record, number in zip(records, build(of_records(sims, ()), profile).group.tolist(), strict=True):
        found.setdefault(number, []).append(record)
    return list(found.values())


class _Near:
    """The records that some records meet: directly or through others, as they are and as decisions leave them."""

    def __init__(self, workspace: Workspace, record_type: RecordType, keys: Collection[int]) -> None:
        self._workspace, self._record_type = workspace, record_type
        self._known: dict[int, Record] = {}
        self._groups: set[str] = set()
        self._seen: list[GroupView] = []  # decided ones
        self._asked: set[str] = set()
        self.gone: set[int] = set()  # merged away or deleted meanwhile
        self.reach(set(keys))

    @property
    def records(self) -> list[Record]:
        """All of them, as they are."""
        return [self._known[key] for key in sorted(self._known)]

    @property
    def keys(self) -> set[int]:
        """Their keys."""
        return set(self._known)

    def projected(self, accepting: str = "") -> list[Record]:
        """All of them as the plan of the decisions in force leaves them; the group `accepting` as accepting it would."""
        from reconcile_tui.steps import plan

        after: dict[int, Record | None] = dict(self._known)
        if self._seen:
            known = {record.ref: record for record in self.records}
            made = plan.projected_after(self._workspace, plan.of_groups(self._workspace, self._seen), known)
            after |= {record.key: made[ref] for ref, record in known.items() if ref in made}
        if accepting and accepting not in {view.group.id for view in self._seen}:
            for view in views(self._workspace, [accepting], self._known):
                after |= _accepted(self._workspace, view)
        return [record for key in sorted(self._known) if (record := after[key]) is not None]

    def reach(self, keys: set[int]) -> None:
        """Take in these records and all that they meet."""
        while keys and len(self._known) < TOUCHED:
            fresh = [r for r in self._workspace.records.load(sorted(keys)) if not (r.merged_into or r.deleted)]
            self.gone |= keys - {record.key for record in fresh}
            self._known |= {record.key: record for record in fresh}
            groups = {group for record in fresh if (group := self._workspace.matches.group_of(record.key))} - self._groups
            self._groups |= groups
            decided = [view for view in views(self._workspace, sorted(groups), self._known) if view.group.state == "decided"]
            self._seen += decided
            after = [r for view in decided for r in _accepted(self._workspace, view).values() if r is not None]
            keys = self._neighbours([*fresh, *after]) - self._known.keys() - self.gone

    def _neighbours(self, records: Iterable[Record]) -> set[int]:
        sims = [sim_record(self._workspace.project, self._record_type, record) for record in records]
        wanted = {address for sim in sims for address in sim.match_keys} - self._asked
        self._asked |= wanted
        found = addresses.holders(self._workspace, self._record_type, wanted)
        found |= {key for sim in sims for ref in sim.links if (key := self._workspace.records.key_of(ref)) is not None}
        return found | addresses.linking(self._workspace, self._record_type, {sim.ref for sim in sims})


def _accepted(workspace: Workspace, seen: GroupView) -> dict[int, Record | None]:
    """The records of a group as its decisions (or accepting it as shown) leave them; None: merged away."""
    from reconcile_tui.steps import plan

    after: dict[int, Record | None] = dict.fromkeys(record.key for record in seen.records)
    return after | {record.key: record for record in plan.projected(workspace, seen)}


# -- after a decision


def after_decision(workspace: Workspace, profile: Profile, groups: Sequence[str]) -> Totals:
    """Bring the ledger of the launch after cleaning up to date with what was decided on some groups. Returns its totals.

    Before the first whole forecast of that side it is what decisions have changed of today's.
    """
    for record_type in workspace.project.record_types.values():
        if keys := _members(workspace, record_type, groups):
            _renew(workspace, profile, record_type, keys)
    return live_totals(workspace)


def live_totals(workspace: Workspace) -> Totals:
    """The totals of the launch after cleaning as they are kept."""
    return _live(workspace.forecasts.totals("after") or {})


def _live(kept: Mapping[str, Any]) -> Totals:
    return Totals(**{field.name: int(kept.get(field.name, 0)) for field in fields(Totals)})


def _members(workspace: Workspace, record_type: RecordType, groups: Sequence[str]) -> set[int]:
    rows = [row for group in groups if (row := workspace.matches.row(group)) is not None]
    return {key for row in rows if row.record_type == record_type.name for key in workspace.matches.members(row.id)}


def _renew(workspace: Workspace, profile: Profile, record_type: RecordType, keys: set[int]) -> None:
    rules, _ = rules_of(workspace.project, record_type)
    near = _Near(workspace, record_type, keys)
    held = workspace.forecasts.holding(sorted(near.keys))
    while more := {key for group in held for key in group.records} - near.keys - near.gone:
        near.reach(more)
        held = workspace.forecasts.holding(sorted(near.keys))
    stored = {key for group in held for key in group.records} | workspace.forecasts.absent(sorted(near.keys))
    quiet = [record for record in near.records if record.key not in stored]  # forecast, and nothing at stake: the ledger has no row
    before = sum((_totals(group) for group in held), Totals())
    if quiet:
        before = before + _ledger(workspace, record_type, profile, rules, quiet).totals
    after = near.projected()
    ledger = _ledger(workspace, record_type, profile, rules, after)
    new = [_ledger_group(workspace, record_type.name, ledger, number) for number in range(len(ledger.confluent))]
    kept = workspace.forecasts.totals("after") or workspace.forecasts.totals("now") or {}
    live = _live(kept) - before + ledger.totals
    absent = near.keys - {record.key for record in after}
    workspace.forecasts.supersede(held, new, absent, {**live.as_json(), "fields": _exchanged(kept, held, new)}, profile.name)


def _ledger(
    workspace: Workspace, record_type: RecordType, profile: Profile, rules: Sequence[FieldRule], records: Sequence[Record]
) -> Ledger:
    sims: list[SimRecord] = [sim_record(workspace.project, record_type, record) for record in records]
    return simulate_all(of_records(sims, rules), rules, profile)


def _totals(group: LedgerGroup) -> Totals:
    certain = sum(cell.certainty == "certain" for cell in group.cells)
    several = len(group.records) > 1
    return Totals(
        groups=int(several),
        confluent_groups=int(several and group.confluent),
        collision_groups=int(group.collision),
        cells_certain=certain,
        cells_order_dependent=len(group.cells) - certain,
        cells_intended=sum(cell.intended for cell in group.cells),
        cells_wiped=sum(None in cell.after for cell in group.cells),
        records_at_risk=len({cell.record_key for cell in group.cells}),
        blocked=group.blocked,
        not_exhausted=int(not group.exhaustive),
    )


def _ledger_group(workspace: Workspace, record_type: str, ledger: Ledger, number: int) -> LedgerGroup:
    entry = ledger.entry(number)
    reviewed = next((found for key in entry.keys if (found := workspace.matches.group_of(key))), f"c{min(entry.keys):x}")
    cells = tuple(LedgerCell(c.key, c.field, c.certainty, c.now, c.after, c.overwritten_by, c.intended) for c in entry.cells)
    return LedgerGroup(
        f"{reviewed}/{min(entry.keys):x}", record_type, reviewed, entry.confluent, entry.exhaustive, entry.keys, cells,
        entry.collision, int(ledger.blocked[number]),
    )  # fmt: skip


def _exchanged(kept: Mapping[str, Any], gone: Iterable[LedgerGroup], new: Iterable[LedgerGroup]) -> dict[str, list[int]]:
    """Cells per field with some groups taken out, and others in."""
    fields = {name: list(counts) for name, counts in kept.get("fields", {}).items()}
    for sign, groups in ((-1, gone), (1, new)):
        for cell in (cell for group in groups for cell in group.cells):
            fields.setdefault(cell.field, [0, 0])[cell.certainty != "certain"] += sign
    return fields
