"""One group's resolution as writes, in the order in which they are safe: HubSpot merges, Dynamics, values, links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from reconcile_tui.model import Native, Record, Ref
from reconcile_tui.project import MappedField
from reconcile_tui.stewardship.consent import DECIDED
from reconcile_tui.stewardship.context import Context
from reconcile_tui.stewardship.document import Kind, Undo, Write
from reconcile_tui.stewardship.entities import Entity, Golden, Resolution
from reconcile_tui.stewardship.goldens import differs
from reconcile_tui.stewardship.survivorship import LIFECYCLE
from reconcile_tui.stewardship.values import native_of, same

ACTIVE = {"statecode": 0, "statuscode": 1}
"""Dataverse: contact Active / Active, lead Open / New."""

QUALIFIED = {"statecode": 1, "statuscode": 3}
"""Dataverse: lead Qualified / Qualified."""


@dataclass
class Drafting:
    """The writes of one group so far, and what its records will hold after them."""

    context: Context
    resolution: Resolution
    state: dict[Ref, dict[str, Native]]
    records: Mapping[Ref, Record]
    writes: list[Write] = field(default_factory=list)

    def add(self, kind: Kind, ref: Ref, **what: Any) -> None:
        """Append a write; it follows the group's previous one."""
        undo: Undo = what.pop("undo", "full")
        write = Write(0, kind, self.resolution.group, ref.system, ref.table, ref.id, undo=undo, decision=self.resolution.decision, **what)
        self.writes.append(write)
        self.state[ref].update(write.leaves)


def writes_of(context: Context, resolution: Resolution, records: Sequence[Record]) -> list[Write]:
    """All writes of a group, without numbers. Raises ValueError for a value that has no native form."""
    drafting = Drafting(context, resolution, {r.ref: dict(r.native) for r in records}, {r.ref: r for r in records})
    for entity in resolution.entities:
        _draft(drafting, entity)
    return drafting.writes


def _draft(drafting: Drafting, entity: Entity) -> None:
    context = drafting.context
    plain = [(keep, lose) for keep, lose in entity.merges if context.kind(keep.system) != "dynamics"]
    carrying = [(keep, lose) for keep, lose in entity.merges if context.kind(keep.system) == "dynamics"]
    before = {ref: dict(drafting.state[ref]) for ref in entity.members}
    for keep, lose in plain:
        _merge(drafting, entity, keep, lose, {})
    targets = [ref for ref in entity.survivors.values() if ref not in entity.close and ref not in entity.untouched]
    for ref in entity.activate:
        _activate(drafting, ref)
    for keep, lose in carrying:
        _free_unique(drafting, entity, keep, lose)
    for ref in targets:
        if context.kind(ref.system) == "dynamics":
            _update(drafting, entity, ref, {})
    for keep, lose in carrying:
        _merge(drafting, entity, keep, lose, _native_golden(drafting, entity, keep))
    for ref in targets:
        if context.kind(ref.system) != "dynamics":
            _update(drafting, entity, ref, _possible(mapped(context, ref), ref, plain, before))
    for one, other in entity.links:
        _link(drafting, entity, one, other, before)
    for ref in entity.close:
        expects = {name: drafting.state[ref].get(name) for name in QUALIFIED if name in drafting.state[ref]}
        drafting.add("close", ref, expects=expects, leaves=QUALIFIED)


def mapped(context: Context, ref: Ref) -> tuple[str, ...]:
    """Writable mapped columns of a record's table."""
    return context.writable[ref.system, ref.table]


def further_addresses(context: Context, ref: Ref) -> tuple[str, ...]:
    """Columns of further e-mail addresses in a record's table that no field is mapped to: people are known by them, too."""
    known = context.columns.get((ref.system, ref.table), {})
    names = context.project.secondary_email_columns(ref.system)
    return tuple(name for name in names if name in known and name not in mapped(context, ref))


def _current(drafting: Drafting, ref: Ref, columns: Iterable[str]) -> dict[str, Native]:
    state = drafting.state[ref]
    return {name: state.get(name) for name in columns}


def _native_golden(drafting: Drafting, entity: Entity, ref: Ref) -> dict[str, Native]:
    """The final value of every mapped column of a survivor: what stands there where it already means the golden value."""
    state, record, goldens = drafting.state[ref], drafting.records[ref], entity.golden
    held, native = record.values, record.native
    values: dict[str, Native] = {}
    for bound in drafting.context.bindings[ref.system, ref.table]:
        name, field_name = bound.name, bound.field.name
        golden = goldens[field_name]
        if not bound.writable or not (entity.writes_golden or golden.rule in DECIDED or _carries(entity, bound.field, golden)):
            continue
        now = values[name] = state.get(name)
        common = held.get(field_name) if now is native.get(name) else bound.field.common(now, first=bound.first)
        if common != golden.value and differs(bound.field, common, golden.value):
            values[name] = native_of(drafting.context.project, ref.system, bound.field, bound.column, golden.value)
    return values


def _carries(entity: Entity, field: MappedField, golden: Golden) -> bool:
    """A link alone writes no values but the opt-out: once linked, the sync copies one record's answer over the other's."""
    return field.kind == "consent" and bool(entity.links) and field.restricts(golden.value)


def _update(drafting: Drafting, entity: Entity, ref: Ref, possible: Mapping[str, tuple[Native, ...]]) -> None:
    """Write golden values: those that differ; after a merge all of them, because native merge rules are not relied on."""
    values = _native_golden(drafting, entity, ref)
    if not possible:
        state = drafting.state[ref]
        values = {name: value for name, value in values.items() if value != state.get(name) and not same(value, state.get(name))}
    moved = entity.moved_to_secondary.get(ref)
    if moved is not None:
        from reconcile_tui.stewardship.mailbox import secondary_column

        values[str(secondary_column(drafting.context, drafting.records[ref]))] = moved
    if not values:
        return
    fields = drafting.context.field_names[ref.system, ref.table]
    expects = _current(drafting, ref, values)
    changed = [name for name, value in values.items() if value != expects[name] and not same(value, expects[name])]
    why = {name: _reason(entity.golden.get(fields.get(name, "")), moved) for name in changed}
    drafting.add("update", ref, expects=expects, allows=_else(possible, expects, values), leaves=values, why=why)


def _else(
    possible: Mapping[str, tuple[Native, ...]], expects: Mapping[str, Native], leaves: Mapping[str, Native]
) -> dict[str, tuple[Native, ...]]:
    """Values that may stand in a column besides the expected and the final one."""
    found = {}
    for name in leaves if possible else ():
        if len(possible.get(name, ())) < 2:
            continue
        others = tuple(v for v in possible.get(name, ()) if not same(v, expects[name]) and not same(v, leaves[name]))
        if others:
            found[name] = others
    return found


def _reason(golden: Golden | None, moved: str | None) -> str:
    if golden is None:
        return "shared mailbox: kept as a further address" if moved else ""
    return f"{golden.rule} by {golden.by}" if golden.by else golden.rule


def _activate(drafting: Drafting, ref: Ref) -> None:
    known = {name: value for name in ACTIVE if (value := drafting.state[ref].get(name)) is not None}
    drafting.add("activate", ref, expects=known, leaves=ACTIVE)


def _merge(drafting: Drafting, entity: Entity, keep: Ref, lose: Ref, values: Mapping[str, Native]) -> None:
    context = drafting.context
    columns = mapped(context, keep)
    links = list(context.project.link_columns(keep.system, keep.table).values())
    compared = [*columns, *(further_addresses(context, keep) if values else ())]
    now = _current(drafting, keep, compared)
    what: dict[str, Any] = {"expects": values if now == values else now, "expects_lose": _current(drafting, lose, compared)}
    if values:
        what["leaves"] = values
    drafting.add("merge", keep, lose=lose.id, undo="partial" if values else "none", **what)
    if not values:
        _flow(drafting, keep, lose, [*columns, *links])


def _free_unique(drafting: Drafting, entity: Entity, keep: Ref, lose: Ref) -> None:
    """A merged-away Dynamics record keeps its columns: a unique value that the survivor is to hold would be taken by it.

    So would be one that the merge fills into a blank of the survivor by itself, and then the merge is refused.
    """
    mine, theirs = drafting.state[keep], drafting.state[lose]
    held = [name for name in sorted(drafting.context.unique[keep.system, keep.table]) if not same(theirs.get(name), None)]
    if not held:
        return
    wanted = {other.id for one, other in entity.links if one == keep}
    golden = _native_golden(drafting, entity, keep)
    for name in held:
        value = theirs[name]
        if value in wanted or same(value, golden.get(name)) or same(mine.get(name), None):
            drafting.add("free", lose, expects={name: value}, leaves={name: None})


def _flow(drafting: Drafting, keep: Ref, lose: Ref, columns: Sequence[str]) -> None:
    """HubSpot: the primary's values stay, blanks are filled, the lifecycle stage goes to the furthest (knowledge base, merge records)."""
    mine, theirs = drafting.state[keep], drafting.state[lose]
    for name in columns:
        if same(mine.get(name), None):
            mine[name] = theirs.get(name)
    stages = [s for s in (mine.get("lifecyclestage"), theirs.get("lifecyclestage")) if s in LIFECYCLE]
    if stages:
        mine["lifecyclestage"] = max(stages, key=lambda s: LIFECYCLE.index(str(s)))


def _possible(
    columns: Iterable[str], ref: Ref, merges: Sequence[tuple[Ref, Ref]], before: Mapping[Ref, Mapping[str, Native]]
) -> dict[str, tuple[Native, ...]]:
    """What a merge may have left in each column: any value one of the merged records held."""
    merged = [ref, *(lose for keep, lose in merges if keep == ref)]
    if len(merged) == 1:
        return {}
    held = [before[one] for one in merged]
    return {name: tuple(dict.fromkeys([values.get(name) for values in held])) for name in columns}


@lru_cache(maxsize=64)
def _blank(column: str) -> Mapping[str, Native]:
    """The expectation of nearly every link, once instead of a hundred thousand times."""
    return MappingProxyType({column: None})


def _link(drafting: Drafting, entity: Entity, one: Ref, other: Ref, before: Mapping[Ref, Mapping[str, Native]]) -> None:
    project = drafting.context.project
    for ref, target in ((one, other), (other, one)):
        column = project.link_column(ref.system, target.table)
        now = drafting.state[ref].get(column)
        renamed = drafting.context.kind(target.system) != "dynamics" and any(keep == target for keep, _ in entity.merges)
        possible = _possible((column,), ref, entity.merges, before)
        certain = drafting.context.kind(ref.system) == "dynamics"  # a link that stands there is kept by a merge; a blank may be filled
        if same(now, target.id) and not renamed and (certain or not possible):
            continue
        what: dict[str, Any] = {"expects": {column: now} if now is not None else _blank(column), "leaves": {column: target.id}}
        if others := _else(possible, what["expects"], what["leaves"]):
            what["allows"] = others
        if renamed:
            what["id_from"] = {column: str(target)}
        drafting.add("link", ref, **what)
