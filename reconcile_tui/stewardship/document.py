"""The plan: ordered writes with what each expects and leaves, and what they cost. `plan_file` is its file."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import orjson

from reconcile_tui.model import Native, Ref
from reconcile_tui.stewardship.render import Target, render

FORMAT = 1

Kind = Literal["schema", "key", "rule", "drop_schema", "drop_key", "drop_rule", "merge", "activate", "update", "free", "link", "close"]
Undo = Literal["full", "partial", "none"]

KINDS: dict[str, str] = {
    "schema": "create a link column",
    "key": "hold a link column's values unique",
    "rule": "create a duplicate detection rule",
    "drop_schema": "remove a link column",
    "drop_key": "no longer hold a link column's values unique",
    "drop_rule": "remove a duplicate detection rule",
    "merge": "merge two records",
    "activate": "activate a record",
    "update": "write values",
    "free": "free a value that another record takes over",
    "link": "link to the other system",
    "close": "close a lead as qualified",
}
"""Kinds of writes in words."""

SETTING_UP = frozenset({"schema", "key", "rule", "drop_schema", "drop_key", "drop_rule"})
"""Kinds that change a system's definitions and touch no record."""

LINK_COLUMNS = frozenset({"schema", "key"})
"""Kinds after which a link column can be written to."""

FIRST = frozenset({"schema", "key", "rule"})
"""Kinds that come before all others; what takes them back comes last, a column only after its values."""


_NOTHING: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    """The one empty mapping: a plan has hundreds of thousands of writes."""
    return _NOTHING


@dataclass(frozen=True, slots=True)
class Write:
    """One request of a plan. Column names and values are the system's own."""

    seq: int
    kind: Kind
    group: str
    system: str
    table: str
    id: str  # as pulled; after a merge that changed it, the id the answer named
    lose: str = ""  # merge: the record that is merged away
    expects: Mapping[str, Native] = field(default_factory=_nothing)
    expects_lose: Mapping[str, Native] = field(default_factory=_nothing)
    allows: Mapping[str, tuple[Native, ...]] = field(default_factory=_nothing)  # what else may stand there after a merge of this plan
    leaves: Mapping[str, Native] = field(default_factory=_nothing)
    why: Mapping[str, str] = field(default_factory=_nothing)  # column -> rule or person
    id_from: Mapping[str, str] = field(default_factory=_nothing)  # column -> record whose id at that moment is the value
    undo: Undo = "full"
    decision: int = 0
    depends_on: tuple[int, ...] = ()

    @property
    def ref(self) -> Ref:
        """The record that is written to."""
        return Ref(self.system, self.table, self.id)

    @property
    def lose_ref(self) -> Ref:
        """The record that is merged away."""
        return Ref(self.system, self.table, self.lose)

    def numbered(self, seq: int, depends_on: tuple[int, ...]) -> Write:
        """The same write with its place in the plan."""
        return Write(
            seq, self.kind, self.group, self.system, self.table, self.id, self.lose, self.expects, self.expects_lose, self.allows,
            self.leaves, self.why, self.id_from, self.undo, self.decision, depends_on,
        )  # fmt: skip

    def packed(self) -> tuple[Any, ...]:
        """As plain values, for another process; None: nothing."""
        return (
            self.seq, self.kind, self.group, self.system, self.table, self.id, self.lose, *(
                dict(mapping) if mapping else None
                for mapping in (self.expects, self.expects_lose, self.allows, self.leaves, self.why, self.id_from)
            ), self.undo, self.decision, self.depends_on,
        )  # fmt: skip

    @classmethod
    def unpacked(cls, values: tuple[Any, ...]) -> Write:
        """Inverse of `packed`."""
        filled: tuple[Any, ...] = tuple(_NOTHING if value is None else value for value in values)
        return cls(*filled)

    def records(self) -> tuple[Ref, ...]:
        """Every record this write touches."""
        if self.kind in SETTING_UP:
            return ()
        return (self.ref, self.lose_ref) if self.lose else (self.ref,)

    def calls(self) -> int:
        """Requests this write costs: reading what is there, and the write itself."""
        return {"schema": 3, "key": 3, "merge": 3, "rule": 5, "drop_schema": 4, "drop_key": 3, "drop_rule": 4}.get(self.kind, 2)

    def as_json(self, target: Target) -> dict[str, Any]:
        """As the plan file holds it."""
        method, url, body = render(target, self.kind, self.table, self.id, self.lose, self.leaves)
        document: dict[str, Any] = {
            "seq": self.seq, "kind": self.kind, "group": self.group, "system": self.system, "table": self.table, "id": self.id,
            "method": method, "url": url, "body": body, "expects": dict(self.expects), "leaves": dict(self.leaves),
            "undo": self.undo, "decision": self.decision, "depends_on": list(self.depends_on),
        }  # fmt: skip
        if self.lose:
            document |= {"lose": self.lose, "expects_lose": dict(self.expects_lose)}
        if self.allows:
            document["allows"] = {name: list(values) for name, values in self.allows.items()}
        if self.why:
            document["why"] = dict(self.why)
        if self.id_from:
            document["id_from"] = dict(self.id_from)
        return document

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Write:
        """Inverse of `as_json`. Raises KeyError."""
        return cls(
            seq=data["seq"], kind=data["kind"], group=data["group"], system=data["system"], table=data["table"], id=data["id"],
            lose=data.get("lose", ""), expects=data["expects"], expects_lose=data.get("expects_lose", {}),
            allows={name: tuple(values) for name, values in data.get("allows", {}).items()}, leaves=data["leaves"],
            why=data.get("why", {}), id_from=data.get("id_from", {}), undo=data["undo"], decision=data["decision"],
            depends_on=tuple(data["depends_on"]),
        )  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What will be written, in order, and nothing else."""

    project: str
    targets: Mapping[str, Target]
    writes: tuple[Write, ...]
    blocked: tuple[tuple[str, str], ...] = ()  # (group, reason)
    excluded: tuple[tuple[Ref, str], ...] = ()  # (record, direction): kept out by the sync's filter, not by a write
    notes: tuple[tuple[str, str], ...] = ()  # (group, what to know)
    kind: Literal["apply", "undo"] = "apply"
    of_run: int = 0  # undo: the run that is taken back

    @cached_property
    def touched(self) -> tuple[Ref, ...]:
        """Every record the plan touches."""
        return tuple(dict.fromkeys(ref for write in self.writes for ref in write.records()))

    @property
    def records(self) -> int:
        """How many records the plan touches: the number a person types to apply it."""
        return len(self.touched)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything in the file but itself."""
        from reconcile_tui.stewardship.plan_file import digest_of, lines

        digest = digest_of(self.head())
        for line in lines(self):
            digest.update(b"\n" + line)
        return str(digest.hexdigest())

    def known_digest(self, digest: str) -> None:
        """Take over the digest from whoever has just rendered all writes."""
        self.__dict__["digest"] = digest

    def calls(self) -> dict[str, int]:
        """Requests per system, reading back at the end included (100 records a request)."""
        counts: Counter[str] = Counter()
        for write in self.writes:
            counts[write.system] += write.calls()
        for system in self.targets:
            counts[system] += -(-sum(1 for ref in self.touched if ref.system == system) // 100) * 2
        return {system: counts[system] for system in self.targets if counts[system]}

    def seconds(self) -> float:
        """How long applying takes at the systems' documented limits; both systems work at the same time."""
        return max((calls / self.targets[system].rate for system, calls in self.calls().items()), default=0.0)

    def counts(self) -> dict[str, int]:
        """Writes by kind."""
        found = Counter(write.kind for write in self.writes)
        return {kind: found[kind] for kind in KINDS if found[kind]}  # type: ignore[index]

    def undoable(self) -> dict[str, int]:
        """Writes by how far they can be taken back."""
        found = Counter(write.undo for write in self.writes)
        return {"full": found["full"], "partial": found["partial"], "none": found["none"]}

    def head(self) -> dict[str, Any]:
        """Everything but the writes and the digest."""
        document: dict[str, Any] = {
            "format": FORMAT, "kind": self.kind, "project": self.project, "records": self.records,
            "targets": {name: target.as_json() for name, target in self.targets.items()},
            "counts": self.counts(), "undoable": self.undoable(), "estimate": {"calls": self.calls(), "seconds": round(self.seconds(), 1)},
            "excluded": [{**ref.as_json(), "direction": direction} for ref, direction in self.excluded],
            "notes": [{"group": group, "note": note} for group, note in self.notes],
            "blocked": [{"group": group, "reason": reason} for group, reason in self.blocked],
        }  # fmt: skip
        return document | ({"of_run": self.of_run} if self.of_run else {})

    def chunks(self) -> Iterator[bytes]:
        """The file piece by piece: one JSON document, one write a line."""
        from reconcile_tui.stewardship.plan_file import pieces

        return pieces(self)

    def to_json(self) -> str:
        """The whole file as text."""
        return b"".join(self.chunks()).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Plan:
        """Inverse of `to_json`. Raises PlanOutdated when the file is not a plan or was changed."""
        from reconcile_tui.stewardship.plan_file import load

        return load(io.BytesIO(text.encode() if isinstance(text, str) else text))

    def text(self) -> str:
        """For people, as plain text."""
        from reconcile_tui.stewardship.wording import as_text

        return as_text(self)

    def markdown(self) -> str:
        """For people, as Markdown."""
        from reconcile_tui.stewardship.wording import as_markdown

        return as_markdown(self)

    def summary(self) -> str:
        """One paragraph: how much, how long, what can't be taken back."""
        from reconcile_tui.stewardship.wording import summary

        return summary(self)

    def as_json(self) -> dict[str, Any]:
        """As one value, for small plans and `--json`."""
        return orjson.loads(self.to_json())  # type: ignore[no-any-return]
