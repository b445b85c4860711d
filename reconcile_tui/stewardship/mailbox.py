"""A shared mailbox: one owner keeps the address, for everybody else it is replaced, moved aside, removed, or the record excluded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconcile_tui.model import Record, Ref
from reconcile_tui.project import MappedField
from reconcile_tui.stewardship.choices import Remedy
from reconcile_tui.stewardship.context import Context
from reconcile_tui.stewardship.entities import Entity, Golden, Problem
from reconcile_tui.stewardship.people import address_of


def secondary_column(context: Context, record: Record) -> str | None:
    """The first empty column for a further address that the record's table has and that can be written."""
    place = (record.ref.system, record.ref.table)
    if context.kind(record.ref.system) != "dynamics":
        return None  # HubSpot keeps secondary addresses itself, and they count as taken
    for name in context.project.secondary_email_columns(record.ref.system):
        if name in context.columns.get(place, {}) and not record.native.get(name):
            return name
    return None


def default_remedy(context: Context, record: Record) -> Remedy:
    """What is proposed for a record that is not the owner: keep its address at hand where there is room, else blank it."""
    return Remedy("secondary" if secondary_column(context, record) else "blank")


def mailbox_values(
    context: Context,
    live: Sequence[Record],
    entities: Sequence[Entity],
    owner: Ref | None,
    address: str,
    remedies: Mapping[Ref, Remedy],
) -> tuple[list[Entity], list[Problem]]:
    """The persons with their addresses as the remedies leave them."""
    by_ref = {record.ref: record for record in live}
    emails = context.record_type.fields_of_kind("email")
    if not emails or owner is None or owner not in by_ref:
        return list(entities), [Problem("Nobody here can own the address: no e-mail field is mapped.", blocks=True)]
    shared = (address or address_of(context, by_ref[owner])).lower()
    found, problems = [], []
    for entity in entities:
        if owner in entity.members:
            found.append(entity)
            continue
        changed, told = _others(context, entity, by_ref, emails[0], shared, remedies)
        found.append(changed)
        problems += told
    return found, problems


def _others(
    context: Context, entity: Entity, by_ref: Mapping[Ref, Record], email: MappedField, shared: str, remedies: Mapping[Ref, Remedy]
) -> tuple[Entity, list[Problem]]:
    holders = [by_ref[ref] for ref in entity.members if address_of(context, by_ref[ref]) == shared]
    if not holders or (entity.golden[email.name].value or "").lower() not in ("", shared):
        return entity, []
    record = holders[0]
    remedy = next((remedies[ref] for ref in entity.members if ref in remedies), None) or default_remedy(context, record)
    if remedy.name == "exclude":
        return replace(entity, writes_golden=False, links=(), merges=(), untouched=entity.members), []
    current = entity.golden[email.name]
    if remedy.name == "alias":
        golden = Golden(remedy.value, None, "alias", current.by, "own address instead of the shared one")
    else:
        golden = Golden(None, None, remedy.name, current.by, "the shared address stays with its owner")
    moved: dict[Ref, str] = {}
    problems = []
    if remedy.name == "secondary":
        for holder in holders:
            if secondary_column(context, holder) is None:
                problems.append(Problem(f"{holder.ref} has no empty column for a further address.", blocks=True, field=email.name))
            else:
                moved[holder.ref] = str(holder.values[email.name])
    return replace(entity, golden={**entity.golden, email.name: golden}, moved_to_secondary=moved), problems
