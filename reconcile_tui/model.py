"""The nouns of the product as small typed values; no I/O.

A record's mapped values come in two forms. *Native* is what the system returned (`str`, `int`, `float`, `bool`, `None`).
*Common* is text or `None`, in the form the second system of the project (HubSpot) would hold: the field's transform has been
applied to values of the first system. Groups, golden values and the forecast compare common values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Native = str | int | float | bool | None
Common = str | None

Direction = Literal["both", "forward", "backward", "none"]
"""Which way a field travels: `forward` is first system -> second system (Dynamics -> HubSpot), `backward` the reverse."""

Blank = Literal["propagate", "ignore", "profile"]
"""What an empty source value does to the target; `profile` leaves it to the sync profile."""

PairClass = Literal["identical", "differs", "shared_mailbox", "lead_contact", "chain", "collision"]
"""What kind of review a group needs. `collision`: brought in by the forecast, not by matching."""

Outcome = Literal["merge", "link", "split", "shared_mailbox", "exclude", "different", "unsure", "skip"]

Certainty = Literal["certain", "order_dependent"]


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A record's identity across both systems."""

    system: str
    table: str
    id: str

    def __str__(self) -> str:
        return f"{self.system}/{self.table}/{self.id}"

    def as_json(self) -> dict[str, str]:
        """The form every JSON output uses."""
        return {"system": self.system, "table": self.table, "id": self.id}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Ref:
        """Inverse of `as_json`."""
        return cls(str(data["system"]), str(data["table"]), str(data["id"]))

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Inverse of `str`. Raises ValueError."""
        system, table, id_ = text.split("/", 2)
        return cls(system, table, id_)


@dataclass(frozen=True, slots=True)
class Column:
    """Metadata of one column or property, as the system reports it."""

    name: str
    type: Literal["text", "integer", "number", "boolean", "date", "datetime", "choice", "multichoice", "lookup"] = "text"
    max_length: int | None = None
    options: tuple[tuple[str, str], ...] = ()  # (value, label)
    required: bool = False
    read_only: bool = False
    unique: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of one system as last pulled."""

    ref: Ref
    key: int  # the workspace's integer for this record, stable across pulls
    values: Mapping[str, Common]  # field name -> common form
    native: Mapping[str, Native]  # column -> value as pulled
    etag: str | None = None  # Dynamics only
    created_at: str | None = None  # ISO 8601, UTC
    modified_at: str | None = None  # ISO 8601, UTC
    modified_by: str | None = None  # who saved it last: a name, or `user` and a number; None where the system does not tell
    active: bool = True
    merged_into: str | None = None  # id of the record this one was merged into, in its own system
    links: tuple[Ref, ...] = ()  # counterparts in the other system, as stored on this record
    secondary_emails: tuple[str, ...] = ()
    eligible: bool = True  # may leave its system, by the project's predicate for its direction
    deleted: bool = False  # gone from its system since an earlier pull


@dataclass(frozen=True, slots=True)
class PulledRecord:
    """One row on its way from a system into the workspace."""

    id: str
    native: Mapping[str, Native]
    etag: str | None = None
    created_at: str | None = None
    modified_at: str | None = None
    active: bool = True
    merged_into: str | None = None
    deleted: bool = False
    raw: bytes | None = None  # the payload as JSON, for the record screen


@dataclass(frozen=True, slots=True)
class Page:
    """What one request of a pull brought, and the cursor with which the next one continues (None: the last page)."""

    table: str
    records: tuple[PulledRecord, ...]
    cursor: str | None
    next_since: str | None = None  # on the last page: where the next incremental pull starts
    total: int | None = None  # how many records the pull will bring, when the system tells
    full: bool = True  # the pull brings every record of the table: what it does not bring is gone


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one person. `bits` is log2 of the Bayes factor incl. prior: probability = 1/(1+2^-bits)."""

    left: int
    right: int
    bits: float
    probability: float
    klass: PairClass


@dataclass(frozen=True, slots=True)
class Group:
    """The unit of review: connected records of both systems."""

    id: str  # stable while its records stay together
    klass: PairClass
    score: float  # probability of its weakest necessary pair, 0..1
    keys: tuple[int, ...]
    state: str = "open"  # open, decided, skipped, unsure, changed
    differs: tuple[str, ...] = ()
    cells_at_risk: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """One steward's act. The log of these is append-only; `undo` and `redo` are entries too."""

    seq: int
    at: str  # ISO 8601, UTC
    author: str
    group: str
    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
