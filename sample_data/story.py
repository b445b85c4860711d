"""What a planted case is made of: a name, what should happen, and a function that writes its records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from exports import Exports, Group, Row
from people import Person, World


@dataclass(slots=True)
class Story:
    """Writes the records of one case."""

    name: str
    exports: Exports
    groups: int = 0
    shown: list[tuple[str, str]] = field(default_factory=list)  # (group, record in words), for the README

    @property
    def world(self) -> World:
        """Where people, numbers and ids come from."""
        return self.exports.world

    def told(self) -> str:
        """The records in words: those of one group joined by `+`, groups and lone records apart."""
        lines: list[list[str]] = []
        last = ""
        for group, record in self.shown:
            if group and group == last:
                lines[-1].append(record)
            else:
                lines.append([record])
            last = group
        return "; ".join(" + ".join(line) for line in lines)

    def group(self, klass: str) -> Group:
        """The next group of records that belong before a reviewer together."""
        self.groups += 1
        return Group(f"{self.name}-{self.groups}", klass, self.name)

    def alone(self) -> Group:
        """For a record that should stay alone."""
        return Group("", "", self.name)

    def contact(self, group: Group, person: Person, note: str = "", changed: int | None = None, **columns: str) -> Row:
        """A Dynamics contact."""
        row = self.exports.contact(group, person, note, changed, **columns)
        self.shown.append((group.name, f"contact `{row['contactid'][:8]}`"))
        return row

    def lead(self, group: Group, person: Person, note: str = "", changed: int | None = None, **columns: str) -> Row:
        """An open Dynamics lead."""
        row = self.exports.lead(group, person, note, changed, **{"statecode": "0", "statuscode": "1", **columns})
        self.shown.append((group.name, f"lead `{row['leadid'][:8]}`"))
        return row

    def hubspot(self, group: Group, person: Person, note: str = "", changed: int | None = None, **columns: str) -> Row:
        """A HubSpot contact, a customer unless said otherwise, so that it may travel back."""
        row = self.exports.hubspot(group, person, note, changed, **{"lifecyclestage": "customer", **columns})
        self.shown.append((group.name, f"HubSpot `{row['hs_object_id']}`"))
        return row


@dataclass(frozen=True, slots=True)
class Case:
    """A planted case: `expect` is what a tool should make of it."""

    name: str
    expect: str
    write: Callable[[Story], None]


CASES: list[Case] = []
"""Every planted case, in the order in which the modules declare them."""


def case(name: str, expect: str) -> Callable[[Callable[[Story], None]], Callable[[Story], None]]:
    """Register a function as the planted case `name`."""

    def register(write: Callable[[Story], None]) -> Callable[[Story], None]:
        CASES.append(Case(name, expect, write))
        return write

    return register
