"""Who is who in a group: the partition of its records into persons."""

from __future__ import annotations

from collections.abc import Sequence

from reconcile_tui.model import Record, Ref
from reconcile_tui.stewardship.choices import Choices
from reconcile_tui.stewardship.context import Context

PROPOSED = {"shared_mailbox": "shared_mailbox", "collision": "shared_mailbox"}
"""What is proposed for a class of groups; every other class: merge."""


def address_of(context: Context, record: Record) -> str:
    """A record's first e-mail address for comparison; empty when it has none."""
    for field in context.record_type.fields_of_kind("email"):
        if value := record.values.get(field.name):
            return value.strip().lower()
    return ""


def partition(context: Context, records: Sequence[Record], choices: Choices, outcome: str, owner: Ref | None) -> list[list[Record]]:
    """The records of each person, the first person first. Every record is in exactly one part."""
    if outcome == "different":
        return [[record] for record in records]
    named = _named(records, choices.people)
    placed = {record.ref for person in named for record in person}
    rest = [record for record in records if record.ref not in placed]
    if outcome == "shared_mailbox":
        return _by_owner(context, rest, owner, named)
    return ([rest] if rest else []) + named


def _named(records: Sequence[Record], people: Sequence[Sequence[Ref]]) -> list[list[Record]]:
    by_ref = {record.ref: record for record in records}
    found = [[by_ref[ref] for ref in person if ref in by_ref] for person in people]
    return [person for person in found if person]


def _by_owner(context: Context, rest: Sequence[Record], owner: Ref | None, named: list[list[Record]]) -> list[list[Record]]:
    """The owner's person first: with it the other system's records, which hold the shared address by their uniqueness."""
    first = context.project.first
    own_person = next((person for person in named if any(r.ref == owner for r in person)), None)
    if own_person is not None:
        others = [person for person in named if person is not own_person]
        return [own_person, *others, *([r] for r in rest)]
    mine = [r for r in rest if r.ref == owner or (owner is not None and owner.system == first and r.ref.system != first)]
    theirs = [[r] for r in rest if r not in mine]
    return ([mine] if mine else []) + named + theirs


def default_owner(context: Context, records: Sequence[Record]) -> Ref | None:
    """Who is proposed as the owner of a shared address: the first system's record with the most points."""
    from reconcile_tui.stewardship.survivorship import survivor

    mine = [r for r in records if r.ref.system == context.project.first and r.active] or list(records)
    return survivor(mine).ref if mine else None
