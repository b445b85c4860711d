"""What the simulator is told about one record and one mapped field.

Sides: 0 is the project's first system (Dynamics), 1 the second (HubSpot). A value is *native text*: what its own system holds, as
text, `None` for blank. Two values are *equivalent* when their common forms are equal: `forward(value)` on side 0,
`forward(backward(value))` on side 1. What a transform makes equal is a matter of format and never counted as a loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from reconcile_tui.model import Blank, Common, Direction, Ref

if TYPE_CHECKING:
    from reconcile_tui.project import MappedField

Side = Literal[0, 1]
Step = Callable[[str], Common]
"""One way of a transform: text of one system in, text of the other out; raises when a value can't be transformed."""


@dataclass(frozen=True, slots=True)
class SimRecord:
    """One record of a group. `values` has an entry for every field that is mapped for its table (blank: `None`)."""

    ref: Ref
    side: Side
    values: Mapping[str, Common]
    key: int = -1  # the workspace's integer, carried through for the caller
    eligible: bool = True  # may leave its system
    synced_once: bool = False  # a sync has copied it before
    emails: tuple[str, ...] = ()  # its own address first, then further ones (they count on side 1 only)
    links: tuple[Ref, ...] = ()  # counterparts stored on this record
    created_at: str | None = None  # ISO 8601
    modified_at: str | None = None

    @property
    def match_keys(self) -> tuple[str, ...]:
        """The canonical addresses under which the sync finds this record."""
        keys = [match_key(email) for email in (self.emails if self.side == 1 else self.emails[:1])]
        return tuple(dict.fromkeys(key for key in keys if key))

    @property
    def age(self) -> tuple[bool, int]:
        """Sorts the record created first to the front, records of unknown age to the end."""
        created = instant(self.created_at)
        return (created == UNKNOWN_TIME, created)

    @property
    def changed(self) -> int:
        """When it was last modified, in microseconds; `UNKNOWN_TIME` sorts before every time."""
        return instant(self.modified_at)

    @property
    def email_key(self) -> str:
        """The canonical form of its own address; empty when it has none."""
        return match_key(self.emails[0]) if self.emails else ""


UNKNOWN_TIME = -(1 << 62)
"""Stands for no or no readable time in a column of instants."""


@lru_cache(maxsize=1 << 14)
def instant(text: str | None) -> int:
    """Microseconds since 1970 of an ISO 8601 time (UTC where it names no zone); `UNKNOWN_TIME` for none."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        moment = None
    if moment is None:
        return UNKNOWN_TIME
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1_000_000)


def match_key(email: str | None) -> str:
    """An address as HubSpot compares it: outer blanks removed, lower case; empty for none."""
    return (email or "").strip().lower()


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One line of the field map. `forward` maps side 0 to side 1, `backward` back; `None` means: the text as it is."""

    name: str
    direction: Direction = "both"
    forward: Step | None = None
    backward: Step | None = None
    blank: Blank = "profile"  # what an empty source does on the way forward
    blank_backward: Blank | None = None  # the same for the way back; None: as forward
    create_only: bool = False  # copied when a counterpart is created, never after
    columns: tuple[Mapping[str, str], Mapping[str, str]] = field(default=({}, {}), compare=False)  # per side: table -> column

    @classmethod
    def of(cls, mapped: MappedField, systems: tuple[str, str]) -> FieldRule:
        """The rule of a project's field."""
        transform = mapped.transform
        plain = transform.name == "none"
        return cls(
            name=mapped.name,
            direction=mapped.direction,
            forward=None if plain else transform.forward_step,
            backward=None if plain else transform.backward_step,
            blank=mapped.blank,
            create_only=mapped.create_only,
            columns=(mapped.columns.get(systems[0], {}), mapped.columns.get(systems[1], {})),
        )

    def maps(self, side: Side, table: str) -> bool:
        """Whether records of a table have this field. A rule without columns is mapped for all."""
        columns = self.columns[side]
        return table in columns if any(self.columns) else True

    def copies(self, source: Side) -> bool:
        """Whether values leave `source` through this field."""
        return self.direction in ("both", "forward" if source == 0 else "backward")

    def sends_blank(self, source: Side, propagates: bool) -> bool:
        """Whether an empty value is written too; `propagates` is what the profile says."""
        policy = self.blank if source == 0 or self.blank_backward is None else self.blank_backward
        return propagates if policy == "profile" else policy == "propagate"

    def sent(self, source: Side, value: Common) -> Common:
        """The text the other side would receive. Raises what the transform raises, a ValueError for a foreseen problem."""
        if value is None or value == "":
            return None
        step = self.forward if source == 0 else self.backward
        return (step(value) or None) if step else value

    def common(self, side: Side, value: Common) -> Common:
        """The form in which values are compared. A value that can't be transformed stands for itself."""
        try:
            if side == 0:
                return self.sent(0, value)
            return self.sent(0, self.sent(1, value))
        except Exception:  # noqa: BLE001  a project's transform may raise anything; `map_problems` names it
            return value or None
