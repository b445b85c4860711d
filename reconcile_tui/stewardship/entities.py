"""What a group comes to: the people in it, who stays, what each field shall hold, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconcile_tui.model import Common, Ref

Place = tuple[str, str]
"""(system, table)"""


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence about a group. One that `blocks` keeps the group out of the plan until it is dealt with.

    `check` names the readiness check that reports the same: while that one is open, the group stays out of the plan, too.
    """

    text: str
    blocks: bool = False
    field: str = ""
    check: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Golden:
    """The value a field shall have, in common form, and where it comes from."""

    value: Common
    source: Ref | None = None
    rule: str = ""  # a survivorship rule's name; `chosen`, `typed` or `blanked` when a person said so
    by: str = ""  # that person
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """One real person of a group."""

    members: tuple[Ref, ...]
    survivors: Mapping[Place, Ref] = field(default_factory=dict)
    merges: tuple[tuple[Ref, Ref], ...] = ()  # (stays, is merged into it)
    activate: tuple[Ref, ...] = ()  # inactive records that have to be active to be merged or written
    close: tuple[Ref, ...] = ()  # leads to be closed as qualified
    golden: Mapping[str, Golden] = field(default_factory=dict)
    writes_golden: bool = True  # False: only links are written, and values a person chose
    links: tuple[tuple[Ref, Ref], ...] = ()  # (record of the first system, record of the second)
    moved_to_secondary: Mapping[Ref, str] = field(default_factory=dict)  # record -> address that becomes its second one
    untouched: tuple[Ref, ...] = ()  # members nothing is written to

    def as_json(self) -> dict[str, Any]:
        """For `show --json` and the plan's readers."""
        return {
            "records": [ref.as_json() for ref in self.members],
            "survivors": [ref.as_json() for ref in self.survivors.values()],
            "merges": [{"keep": keep.as_json(), "lose": lose.as_json()} for keep, lose in self.merges],
            "links": [[a.as_json(), b.as_json()] for a, b in self.links],
            "values": {
                name: {"value": g.value, "source": g.source.as_json() if g.source else None, "rule": g.rule, "by": g.by}
                for name, g in self.golden.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Resolution:
    """A group resolved: as decided, or as it would be when accepted as shown."""

    group: str
    outcome: str
    decided: bool
    entities: tuple[Entity, ...]
    problems: tuple[Problem, ...] = ()
    excluded: Mapping[Ref, str] = field(default_factory=dict)  # record -> direction it is kept out of (`both`, `forward`, `backward`)
    decision: int = 0  # number of the decision that set the outcome
    by: str = ""
    note: str = ""

    @property
    def blocked(self) -> str:
        """Why nothing may be written for this group; empty when nothing stands in the way."""
        return " ".join(p.text for p in self.problems if p.blocks)

    def entity_of(self, ref: Ref) -> Entity | None:
        """The person a record belongs to."""
        return next((e for e in self.entities if ref in e.members), None)

    def as_json(self) -> dict[str, Any]:
        """For `show --json`."""
        return {
            "group": self.group,
            "outcome": self.outcome,
            "decided": self.decided,
            "decision": self.decision or None,
            "by": self.by,
            "people": [e.as_json() for e in self.entities],
            "excluded": [{**ref.as_json(), "direction": direction} for ref, direction in self.excluded.items()],
            "problems": [{"text": p.text, "blocks": p.blocks, "field": p.field} for p in self.problems],
        }
