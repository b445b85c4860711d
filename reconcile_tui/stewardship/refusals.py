"""Decisions that contradict themselves or the data, and the reasons for which they are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from reconcile_tui.errors import DecisionRefused, ProjectError, UsageError
from reconcile_tui.model import Common, Record, Ref
from reconcile_tui.project import MappedField
from reconcile_tui.stewardship.choices import LEAD_REMEDIES, REMEDIES, Choices
from reconcile_tui.stewardship.context import Context
from reconcile_tui.stewardship.entities import Resolution
from reconcile_tui.stewardship.people import address_of
from reconcile_tui.stewardship.resolve import is_lead, judgements, starts_from
from reconcile_tui.stewardship.survivorship import parse_rule
from reconcile_tui.stewardship.values import is_email

KEPT = "Nothing was changed."


class Seen(Protocol):
    """What a check needs of a group."""

    @property
    def context(self) -> Context: ...
    @property
    def by_ref(self) -> Mapping[Ref, Record]: ...
    @property
    def records(self) -> Sequence[Record]: ...
    @property
    def choices(self) -> Choices: ...
    def alias(self, ref: Ref) -> Ref: ...


def refuse(what: str, todo: str = "") -> DecisionRefused:
    """A refusal that changes nothing."""
    return DecisionRefused(what, kept=KEPT, todo=todo)


def check(seen: Seen, kind: str, payload: Mapping[str, Any]) -> None:
    """Refuse a decision that can't be meant. Raises DecisionRefused, UsageError."""
    if kind in _CHECKS:
        _CHECKS[kind](seen, payload)


def said(resolved: Resolution) -> list[tuple[Ref, Ref, bool]]:
    """What a resolution says of pairs of records."""
    return judgements(resolved)


def value_of(seen: Seen, field: str, ref: Ref) -> Common:
    """A record's value of a field, to be taken as golden. Raises DecisionRefused, UsageError."""
    mapped = _field(seen, field)
    record = _record(seen, ref)
    if mapped.column(ref.system, ref.table) is None:
        raise refuse(f"{mapped.label} is not mapped for {ref.system} {ref.table}.")
    return record.values.get(field) or None


def _record(seen: Seen, ref: Ref) -> Record:
    found = seen.by_ref.get(seen.alias(ref))
    if found is None:
        raise refuse(f"{ref} is not a record of this group.", "Use one of the group's records, as system/table/id.")
    return found


def _records(seen: Seen, items: Sequence[Mapping[str, Any]]) -> list[Record]:
    return [_record(seen, Ref.from_json(item)) for item in items]


def _field(seen: Seen, name: str) -> MappedField:
    try:
        return seen.context.record_type.field(name)
    except StopIteration:
        known = ", ".join(f.name for f in seen.context.record_type.fields)
        raise UsageError(f"There is no field {name!r}.", todo=f"Known: {known}.") from None


def _check_outcome(seen: Seen, payload: Mapping[str, Any]) -> None:
    outcome = str(payload["outcome"])
    _check_people(seen, payload.get("people", ()))
    if outcome == "split" and len(payload.get("people", ())) < 2 and not seen.choices.people:
        raise refuse("A split needs at least two people.", "Name the records of each, or take single records out first.")
    if payload.get("lead", "keep") not in LEAD_REMEDIES:
        raise UsageError(f"A lead is dealt with by one of: {', '.join(LEAD_REMEDIES)}.")
    if "lead" in payload and not any(is_lead(record) for record in seen.records):
        raise refuse("There is no lead in this group.")
    if outcome == "exclude":
        _check_exclusion(seen, payload)
    if outcome == "shared_mailbox":
        _check_mailbox(seen, payload)
    elif payload.get("owner") or payload.get("remedies"):
        raise refuse("An owner and remedies belong to the outcome shared_mailbox.")


def _check_exclusion(seen: Seen, payload: Mapping[str, Any]) -> None:
    direction = str(payload.get("direction", "both"))
    if direction not in ("both", "forward", "backward"):
        raise UsageError("The direction is one of: both, forward, backward.")
    records = _records(seen, payload.get("refs", ())) or list(seen.records)
    project = seen.context.project
    if not any(starts_from(project, record.ref.system, direction) for record in records):
        way = project.direction_name("forward" if direction == "forward" else "backward")
        raise refuse(
            f"None of these records leaves its system in the direction {way}: there is nothing to keep out.",
            "A direction keeps records of the system it starts from out of the sync; name those, or exclude in both directions.",
        )


def _check_people(seen: Seen, people: Sequence[Sequence[Mapping[str, Any]]]) -> None:
    named: set[Ref] = set()
    for person in people:
        for record in _records(seen, person):
            if record.ref in named:
                raise refuse(f"{record.ref} can't be two people.")
            named.add(record.ref)


def _check_mailbox(seen: Seen, payload: Mapping[str, Any]) -> None:
    owner = _record(seen, Ref.from_json(payload["owner"])) if payload.get("owner") else None
    taken: set[str] = {address_of(seen.context, record) for record in seen.records} - {""}
    shared = str(payload.get("address", "")) or (address_of(seen.context, owner) if owner else "")
    if owner is not None and not shared:
        raise refuse(f"{owner.ref} has no e-mail address that could be shared.", "Name the owner of the address.")
    for item in payload.get("remedies", ()):
        record = _record(seen, Ref.from_json(item["record"]))
        name, value = str(item["remedy"]), str(item.get("value", ""))
        if name not in REMEDIES:
            raise UsageError(f"There is no remedy {name!r}.", todo=f"Known: {', '.join(REMEDIES)}.")
        if owner is not None and record.ref == owner.ref:
            raise refuse(f"{record.ref} owns the address and keeps it.", "Remedies are for the other records.")
        if name != "alias":
            continue
        if not is_email(value):
            raise refuse(f"{value!r} is not an e-mail address.", "An alias is written as alias:ADDRESS.")
        if value in taken:
            raise refuse(f"{value} is already another record's address.", "Give everybody an address of their own.")
        taken.add(value)


def _check_value(seen: Seen, payload: Mapping[str, Any]) -> None:
    field = _field(seen, str(payload["field"]))
    if payload.get("person"):
        _record(seen, Ref.from_json(payload["person"]))
    rule = str(payload.get("rule", ""))
    if rule and rule != "default":
        try:
            parse_rule(rule, seen.context.project.first)
        except ProjectError as error:
            raise UsageError(error.what, todo=error.todo) from error
    if field.kind != "consent" or payload.get("weaker") or "value" not in payload:
        return
    opted_out = any(field.restricts(record.values.get(field.name)) for record in seen.records)
    if opted_out and not field.restricts(payload.get("value")):
        text = f"{field.label}: a record has opted out; this would let the person be written to again."
        raise refuse(text, "Say explicitly that the opt-out may be dropped (allow weaker consent) if that is right.")


def _check_survivor(seen: Seen, payload: Mapping[str, Any]) -> None:
    record = _record(seen, Ref.from_json(payload["ref"]))
    if record.deleted or record.merged_into:
        raise refuse(f"{record.ref} is gone from its system.")


def _check_split(seen: Seen, payload: Mapping[str, Any]) -> None:
    named = {record.ref for record in _records(seen, payload["refs"])}
    if not named:
        raise UsageError("Which records? None was named.")
    if named >= set(seen.by_ref):
        raise refuse("All records of the group were named: nobody is left to be somebody else.", "Leave at least one out.")


def _check_join(seen: Seen, payload: Mapping[str, Any]) -> None:
    _records(seen, payload["refs"])


_CHECKS: dict[str, Callable[[Seen, Mapping[str, Any]], None]] = {
    "outcome": _check_outcome,
    "value": _check_value,
    "survivor": _check_survivor,
    "split": _check_split,
    "join": _check_join,
}


def check_result(seen: Seen, kind: str, payload: Mapping[str, Any], resolved: Resolution) -> None:
    """Refuse what only the result shows: one record tied to several of the other system. Raises DecisionRefused."""
    if kind != "outcome" or payload["outcome"] != "link":
        return
    for entity in resolved.entities:
        for place, stays in entity.survivors.items():
            here = [ref for ref in entity.members if (ref.system, ref.table) == place]
            named = any(ref in seen.choices.survivors.get(place, ()) for ref in here)
            if len(here) > 1 and entity.links and not named:
                raise refuse(
                    f"{len(here)} records of {stays.system} {stays.table} can't all be linked to one record of the other system.",
                    "Merge them, take the others out, or name the survivor that is to be linked.",
                )
