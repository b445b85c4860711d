"""Opt-outs that a group's outcome would lose without any value being weakened: by a merge that can't write it, or by parting people.

Most restrictive by default, across systems; a person who knows better says so with a value of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconcile_tui.model import Record, Ref
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
    """Persons parted from one address, each with the opt-out that the second system, which holds one record per address, has for it:
    whose opt-out it was, nobody can tell."""
    if len(entities) < 2 or not context.consents:
        return list(entities)
    return [_carried(context, live, entity) for entity in entities]


def _carried(context: Context, live: Sequence[Record], entity: Entity) -> Entity:
    addresses = {address_of(context, record) for record in live if record.ref in entity.members} - {""}
    others = [r for r in live if r.ref not in entity.members and r.ref.system != context.project.first]
    sharing = [record for record in others if address_of(context, record) in addresses]
    for field in context.consents:
        golden = entity.golden.get(field.name)
        against = next((record for record in sharing if field.restricts(record.values.get(field.name))), None)
        if golden is None or against is None or golden.rule in DECIDED or field.restricts(golden.value):
            continue
        told = Golden(against.values.get(field.name), against.ref, "most_restrictive", reason="somebody behind this address has opted out")
        entity = replace(entity, golden={**entity.golden, field.name: told})
    return entity
