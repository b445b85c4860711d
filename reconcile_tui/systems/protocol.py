"""What every system can be asked, whichever CRM or folder stands behind it.

The steps know this protocol and nothing of HTTP. Reading is free of surprises and may be repeated; each write is exactly one
request, and its outcome is one of three: an `Answer`, a refusal (`RequestRefused`, `RecordChanged`, `RecordGone`, `ValueTaken`),
or `AnswerLost`, when nobody knows without reading the record again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from reconcile_tui.model import Column, Common, Native, Page

FindingLevel = Literal["ok", "note", "warning", "failed"]
LinkStatus = Literal["ready", "missing", "keyless", "pending", "unfit"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `doctor`: what was looked at, how it stands and, if it does not, what to do."""

    topic: str  # sign-in, privileges, link, api version, limits, table …
    level: FindingLevel
    what: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """How a system differs from the others, as data, so that plans need not ask which vendor it is."""

    can_write: bool = True
    has_etags: bool = False  # update honours an etag
    can_merge: bool = True
    merge_carries_values: bool = False  # merge writes the survivor's final values in the same request
    merge_may_change_id: bool = False  # always re-key by `Answer.id`
    merge_is_final: bool = True  # no loser can be re-activated
    knows_changes: bool = True  # incremental pulls are possible
    tells_history: bool = False  # who set a value and when can be asked, column by column
    batch_read: int = 100  # records one read request brings, at most
    requests_per_second: float | None = None  # the documented steady rate, for estimates


@dataclass(frozen=True, slots=True)
class Reading:
    """One record as it stands now. `id` may differ from the one asked for: that record was merged into this one."""

    id: str
    native: Mapping[str, Native]
    etag: str | None = None
    modified_at: str | None = None
    active: bool = True
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class FieldVersion:
    """A value a column of one record has had. Texts are raw CRM text; `user` is the number of who set it, empty where nobody is named."""

    value: str | None
    at: str  # ISO 8601, when it was set
    source: str  # the system's code for where it came from
    told: str  # the same in plain words
    label: str = ""  # what the source calls itself: an import's file, an integration's name
    user: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A write before it is sent: what the plan shows is what `send` transmits."""

    method: str
    url: str  # absolute
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """An accepted write. `id` is the record that now exists: re-key by it. `native` holds values only if they were returned."""

    id: str
    status: int
    etag: str | None = None
    modified_at: str | None = None
    request_id: str = ""
    native: Mapping[str, Native] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkState:
    """How the link column and its uniqueness stand. `keyless`: it exists, its values are not held unique yet; `unfit`: a column of that
    name exists but can't serve."""

    status: LinkStatus
    column: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """A duplicate detection rule: records of `table` are compared with those of `matching`; all conditions have to hold, exactly."""

    name: str
    table: str
    matching: str
    conditions: tuple[tuple[str, str], ...]  # (column of table, column of matching)
    exclude_inactive: bool = True
    case_sensitive: bool = False
    ignore_blank: bool = True  # otherwise two blanks are equal


@dataclass(frozen=True, slots=True)
class RuleState:
    """How a duplicate detection rule stands. `unfit`: one of that name says something else; `pending`: it is not in force yet."""

    status: LinkStatus
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as the journal may keep it: no token, no query string, no value."""

    system: str
    method: str
    path: str  # redacted
    status: int | None  # None: no answer
    seconds: float
    attempt: int
    request_id: str = ""
    note: str = ""


Journal = Callable[[Exchange], None]


class System(Protocol):
    """One CRM or folder of exports. Every method may raise the SystemFailure family of `errors.py`."""

    name: str
    kind: str
    capabilities: Capabilities

    async def check(self, tables: Sequence[str]) -> list[Finding]:
        """Sign-in, privileges, tables, link columns, API version and limits, for `doctor`. Raises nothing of the systems' own."""
        ...

    async def describe(self, table: str) -> tuple[Column, ...]:
        """The table's columns with types, lengths, options; empty when the system has no such table."""
        ...

    def standing_columns(self, table: str) -> tuple[str, ...]:
        """Columns every pull brings besides those asked for: state, times, who saved last, merges."""
        ...

    def pull(self, table: str, columns: Sequence[str], *, cursor: str | None = None, since: str | None = None) -> AsyncIterator[Page]:
        """The table page by page. `cursor` resumes a pull, `since` (a former `Page.next_since`) brings changes only.

        `Page.full` tells whether the pull brings everything, so that what it does not bring is gone; a `since` the system no
        longer honours turns into a full pull. Close the iterator (`aclosing`) when stopping early.
        """
        ...

    async def read(self, table: str, ids: Sequence[str], columns: Sequence[str]) -> dict[str, Reading | None]:
        """The records now, by the id asked for; None: gone. Reads the store, never a search index."""
        ...

    async def history(self, table: str, ids: Sequence[str], column: str) -> dict[str, tuple[FieldVersion, ...] | None]:
        """The values the column has had, newest first, by the id asked for; None: gone. Nothing where `tells_history` does not hold."""
        ...

    def draft_update(self, table: str, id_: str, values: Mapping[str, Native], *, etag: str | None = None) -> Draft:
        """The request `update` would send."""
        ...

    def draft_merge(self, table: str, keep: str, lose: str, values: Mapping[str, Native]) -> Draft:
        """The request `merge` would send. Without `merge_carries_values`, `values` must be empty."""
        ...

    async def update(self, table: str, id_: str, values: Mapping[str, Native], *, etag: str | None = None) -> Answer:
        """Write values; with an etag only if the record is unchanged. None clears. Never creates a record."""
        ...

    async def merge(self, table: str, keep: str, lose: str, values: Mapping[str, Native]) -> Answer:
        """Merge `lose` into `keep`. `Answer.id` is the survivor's id from now on."""
        ...

    async def link_state(self, table: str, column: str) -> LinkState:
        """Whether the link column exists, fits and is unique."""
        ...

    async def ensure_link(self, table: str, column: str, *, label: str = "") -> LinkState:
        """Create the link column and its uniqueness where missing and wait until it works, as long as is reasonable."""
        ...

    async def drop_link(self, table: str, column: str, *, key_only: bool = False) -> LinkState:
        """Remove the link column, or only what makes it unique. A column in which any record holds a value stays, as `unfit`."""
        ...

    async def rule_state(self, rule: DuplicateRule) -> RuleState:
        """Whether a duplicate detection rule exists as described and is in force."""
        ...

    async def ensure_rule(self, rule: DuplicateRule) -> RuleState:
        """Create what is missing of the rule and publish it. Raises RequestRefused where the system has no such rules."""
        ...

    async def drop_rule(self, rule: DuplicateRule) -> RuleState:
        """Remove the rule if it is as described: `missing` then. One that somebody has changed stays: `unfit`."""
        ...

    def to_native(self, column: Column, value: Common) -> Native:
        """Text in the form this system wants in a write. Raises ValueError naming what does not fit."""
        ...

    async def close(self) -> None:
        """Give connections back. Safe to call twice."""
        ...
