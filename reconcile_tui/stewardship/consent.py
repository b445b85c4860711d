"""Opt-outs that a group's outcome would lose without any value being weakened: by a merge that can't write it, or by parting people.

Most restrictive by default, across systems; a person who knows better says so with a value of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from reconcile_tui.model import Common, Record, Ref
from reconcile_tui.project import MappedField
from reconcile_tui.stewardship.context import Context
from reconcile_tui.stewardship.entities import Entity, Golden, Problem
from reconcile_tui.stewardship.people import address_of

DECIDED = ("chosen", "typed", "blanked")
"""How a golden value a person gave is marked: a weaker one was only taken because the person said so."""


def lost_by_merging(context: Context, records: Mapping[Ref, Record], merges: Sequence[tuple[Ref, Ref]]) -> list[Problem]:
    """Merges whose survivor has not opted out while the other record has, in a column that can't be written afterwards."""
    problems = []
    for keep, lose in merges:
        for bound in context.bindings[keep.system, keep.table]:
            field = bound.field
            if field.kind != "consent" or bound.writable:
                continue
            if field.restricts(records[lose].values.get(field.name)) and not field.restricts(records[keep].values.get(field.name)):
                text = (
                    f"{field.label}: {lose.id} has opted out, {keep.id} has not, and {keep.system} does not let {bound.name} be written"
                    " after the merge: make the one that opted out the survivor, or link only."
                )
                problems.append(Problem(text, blocks=True, field=field.name))
    return problems


def carried_to_all(context: Context, live: Sequence[Record], entities: Sequence[Entity]) -> list[Entity]:
    """Persons parted from one address, each with the opt-out that the second system, which holds one record per address, has for it, or
    will have once the others are written: whose opt-out it was, nobody can tell."""
    found = list(entities)
    if len(found) < 2 or not context.consents:
        return found
    while True:  # an opt-out that one person gets may be another's too; there are no more rounds than persons
        carried = [_carried(context, live, entity, [other for other in found if other is not entity]) for entity in found]
        if carried == found:
            return carried
        found = carried


def _carried(context: Context, live: Sequence[Record], entity: Entity, others: Sequence[Entity]) -> Entity:
    addresses = {address_of(context, record) for record in live if record.ref in entity.members} - {""}
    beside = [r for r in live if r.ref not in entity.members and r.ref.system != context.project.first]
    sharing = [record for record in beside if address_of(context, record) in addresses]
    for field in context.consents:
        golden = entity.golden.get(field.name)
        against = next(((r.ref, value) for r in sharing if field.restricts(value := r.values.get(field.name))), None)
        against = against or next((left for other in others if (left := _left_there(context, other, field, addresses))), None)
        if golden is None or against is None or golden.rule in DECIDED or field.restricts(golden.value):
            continue
        ref, value = against
        told = Golden(value, ref, "most_restrictive", reason="somebody behind this address has opted out")
        entity = replace(entity, golden={**entity.golden, field.name: told})
    return entity


def _left_there(context: Context, other: Entity, field: MappedField, addresses: Collection[str]) -> tuple[Ref, Common] | None:
    """The opt-out that another person's record of the second system will hold at one of the addresses."""
    email = next((other.golden[f.name].value for f in context.record_type.fields_of_kind("email") if f.name in other.golden), None)
    there = next((ref for ref in other.survivors.values() if ref.system != context.project.first), None)
    value = other.golden[field.name].value if field.name in other.golden else None
    if not other.writes_golden or there is None or (email or "").strip().lower() not in addresses or not field.restricts(value):
        return None
    return there, value
