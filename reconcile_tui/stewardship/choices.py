"""What the decisions in force say about one group, folded from the log in order: the last word on each question stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconcile_tui.model import Common, Decision, Ref

ACTING = ("merge", "link", "split", "shared_mailbox", "exclude")
"""Outcomes from which writes (or exclusions) follow."""

OUTCOMES = (*ACTING, "different", "unsure", "skip")

REMEDIES = ("alias", "secondary", "blank", "exclude")
"""What becomes of the address of a record that shares a mailbox but does not own it."""

LEAD_REMEDIES = ("keep", "exclude", "qualify")
"""What becomes of a lead that is the same person as a contact."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A shared-mailbox remedy; `value` is the new address of an `alias`."""

    name: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value a person chose: `rule` empty and `value` given, or a rule to follow instead."""

    value: Common
    source: Ref | None
    rule: str
    person: Ref | None  # any record of the person it is meant for; None: the first person of the group
    by: str
    decision: int
    weaker: bool = False  # the person said that a consent may become weaker


@dataclass
class Choices:
    """The fold of a group's decisions."""

    outcome: str = ""
    decision: int = 0
    by: str = ""
    note: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)  # the outcome's payload
    people: list[list[Ref]] = field(default_factory=list)  # records that are persons of their own; the rest is one more
    values: dict[tuple[str, Ref | None], Chosen] = field(default_factory=dict)
    survivors: dict[tuple[str, str], list[Ref]] = field(default_factory=dict)  # newest last
    added: list[Ref] = field(default_factory=list)  # records a person brought into the group
    latest: int = 0  # number of the newest decision that is no mere note


Alias = Callable[[Ref], Ref]


def fold(decisions: Iterable[Decision], alias: Alias = lambda ref: ref) -> Choices:
    """Decisions in force of one group, oldest first, as choices. `alias` follows ids that a merge has changed."""
    choices = Choices()
    for decision in decisions:
        step = _FOLDS.get(decision.kind)
        if step is not None:
            step(choices, decision, alias)
            choices.latest = decision.seq
    return choices


def refs(data: Sequence[Any], alias: Alias) -> list[Ref]:
    """References of a payload."""
    return [alias(Ref.from_json(item)) for item in data]


def _outcome(choices: Choices, decision: Decision, alias: Alias) -> None:
    payload = decision.payload
    choices.outcome = str(payload.get("outcome", ""))
    choices.decision, choices.by, choices.note = decision.seq, decision.author, decision.note
    choices.details = payload
    if "people" in payload:
        choices.people = [refs(person, alias) for person in payload["people"]]


def _split(choices: Choices, decision: Decision, alias: Alias) -> None:
    apart = refs(decision.payload["refs"], alias)
    rest = [[ref for ref in person if ref not in apart] for person in choices.people]
    choices.people = [person for person in rest if person] + [apart]


def _join(choices: Choices, decision: Decision, alias: Alias) -> None:
    back = set(refs(decision.payload["refs"], alias))
    rest = [[ref for ref in person if ref not in back] for person in choices.people]
    choices.people = [person for person in rest if person]


def _value(choices: Choices, decision: Decision, alias: Alias) -> None:
    payload = decision.payload
    person = alias(Ref.from_json(payload["person"])) if payload.get("person") else None
    key = (str(payload["field"]), person)
    source = alias(Ref.from_json(payload["from"])) if payload.get("from") else None
    choices.values.pop(key, None)
    rule = str(payload.get("rule", ""))
    if rule == "default":
        return
    choices.values[key] = Chosen(payload.get("value"), source, rule, person, decision.author, decision.seq, bool(payload.get("weaker")))


def _survivor(choices: Choices, decision: Decision, alias: Alias) -> None:
    ref = alias(Ref.from_json(decision.payload["ref"]))
    kept = choices.survivors.setdefault((ref.system, ref.table), [])
    choices.survivors[ref.system, ref.table] = [other for other in kept if other != ref] + [ref]


def _add(choices: Choices, decision: Decision, alias: Alias) -> None:
    choices.added += refs(decision.payload["refs"], alias)


_FOLDS: dict[str, Callable[[Choices, Decision, Alias], None]] = {
    "outcome": _outcome,
    "split": _split,
    "join": _join,
    "value": _value,
    "survivor": _survivor,
    "add": _add,
}
"""Kinds of decisions that shape a resolution; `note` and the log's own `undo` and `redo` do not."""
