"""One group with everything its resolution needs, read from the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import UsageError
from reconcile_tui.model import Decision, Group, Record, Ref
from reconcile_tui.stewardship.choices import Choices, fold
from reconcile_tui.stewardship.context import Context
from reconcile_tui.stewardship.entities import Resolution
from reconcile_tui.stewardship.resolve import resolve

if TYPE_CHECKING:
    from reconcile_tui.project import RecordType
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True)
class GroupView:
    """A group, its records, the decisions in force and the context."""

    group: Group
    records: tuple[Record, ...]
    decisions: tuple[Decision, ...]
    context: Context
    aliases: Mapping[Ref, Ref]

    def alias(self, ref: Ref) -> Ref:
        """The record a reference means now, after merges that changed ids."""
        seen = set()
        while ref in self.aliases and ref not in seen:
            seen.add(ref)
            ref = self.aliases[ref]
        return ref

    @cached_property
    def by_ref(self) -> dict[Ref, Record]:
        """The group's records."""
        return {record.ref: record for record in self.records}

    @cached_property
    def choices(self) -> Choices:
        """What the decisions in force say."""
        return fold(self.decisions, self.alias)

    def resolve(self) -> Resolution:
        """The group resolved."""
        return resolve(self.context, self.group.id, self.group.klass, self.records, self.decisions, self.alias)

    def with_decision(self, decision: Decision) -> GroupView:
        """The same group with one more decision in force."""
        return replace(self, decisions=(*self.decisions, decision))


def view(ws: Workspace, group_id: str) -> GroupView:
    """A group as it stands. Raises UsageError for an unknown one."""
    row = ws.matches.row(group_id)
    if row is None:
        raise UsageError(f"There is no group {group_id!r}.", todo="`reconcile-tui groups` lists them.")
    keys = ws.matches.members(group_id)
    group = Group(row.id, row.klass, row.score, keys, row.state, row.differs, row.cells_at_risk)  # type: ignore[arg-type]
    records = tuple(ws.records.load(keys))
    decisions = tuple(ws.decisions.in_force(group_id))
    return GroupView(group, records, decisions, context(ws, ws.project.record_types[row.record_type]), ws.decisions.aliases())


def views(ws: Workspace, groups: Sequence[str], known: Mapping[int, Record] | None = None) -> list[GroupView]:
    """Several groups (at most 30,000) read at once, in order; those matching no longer has are left out. `known`: records read already."""
    contexts = {name: context(ws, record_type) for name, record_type in ws.project.record_types.items()}
    aliases = ws.decisions.aliases()
    decisions = ws.decisions.in_force_by_group(groups)
    heads = ws.decisions.heads(groups)
    members = ws.decisions.members(groups)
    wanted = [key for keys in members.values() for key in keys if known is None or key not in known]
    records = {**(known or {}), **{r.key: r for r in ws.records.load(wanted)}}
    found = []
    for id_, row in heads.items():
        keys = tuple(members.get(id_, ()))
        group = Group(id_, row.klass, row.score, keys, row.state)
        held = tuple(records[key] for key in keys if key in records)
        found.append(GroupView(group, held, tuple(decisions.get(id_, ())), contexts[row.record_type], aliases))
    return found


def resolution(ws: Workspace, group_id: str) -> Resolution:
    """What becomes of a group: as decided, or as accepting it as shown would decide. Raises UsageError."""
    return view(ws, group_id).resolve()


def context(ws: Workspace, record_type: RecordType) -> Context:
    """The record type's tables and who stands behind a link, as the workspace knows them."""
    columns = {(table.system, table.name): table.columns for table in ws.records.tables(record_type)}

    def standing(ref: Ref) -> Ref | None:
        seen: set[str] = set()
        while ref.id not in seen and (ref.system, ref.table) in columns:
            seen.add(ref.id)
            record = ws.records.get(ref)
            if record is None or record.deleted:
                return None
            if not record.merged_into:
                return record.ref
            ref = Ref(ref.system, ref.table, record.merged_into)
        return None

    return Context(ws.project, record_type, columns, standing)


def held(record: Record) -> dict[str, Any]:
    """What of a record a decision is based on: its values, and whether it was active, merged or gone."""
    values: dict[str, Any] = {name: value for name, value in record.values.items() if value}
    if not record.active:
        values["state"] = "gone" if record.deleted else f"merged into {record.merged_into}" if record.merged_into else "inactive"
    return values


@dataclass(frozen=True, slots=True)
class Change:
    """A value that differs from what a decision was based on. `field` is `record` when the record joined or left the group."""

    ref: Ref
    field: str
    decided_on: str | None
    now: str | None

    def as_json(self) -> dict[str, Any]:
        """For `show --json`."""
        return {"record": self.ref.as_json(), "field": self.field, "decided_on": self.decided_on, "now": self.now}


def changes(basis: Mapping[int, Mapping[str, Any]], records: Sequence[Record]) -> list[Change]:
    """What changed in a decided group since."""
    found = []
    for record in records:
        before, after = basis.get(record.key), held(record)
        if before is None:
            if record.active:
                found.append(Change(record.ref, "record", None, "joined the group"))
            continue
        names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
        found += [Change(record.ref, name, before.get(name), after.get(name)) for name in names]
    return found


def difference(ws: Workspace, group_id: str) -> list[Change]:
    """What changed in a decided group since it was decided, cell by cell; nothing for one that is not decided."""
    basis = ws.decisions.basis([group_id]).get(group_id)
    return changes(basis, ws.records.load(ws.matches.members(group_id))) if basis else []
