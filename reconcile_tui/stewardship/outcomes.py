"""What became of each write of a run, and the report over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from reconcile_tui.display import safe_text
from reconcile_tui.model import Native, Ref

ItemOutcome = Literal["done", "already", "changed_since_review", "refused", "failed", "in_doubt", "not_done"]

OUTCOMES: dict[str, str] = {
    "done": "written",
    "already": "was so already, nothing sent",
    "changed_since_review": "changed in the CRM since it was reviewed, left alone",
    "refused": "the CRM refused it",
    "failed": "could not be tried (no answer); resume tries again",
    "in_doubt": "sent, and nobody knows yet; resume decides it by reading",
    "not_done": "not tried, because something it needs was not done",
}
"""Outcomes of a write in words."""

SUCCESS = ("done", "already")
FINAL = ("done", "already", "changed_since_review", "refused")
"""Outcomes a resumed run does not look at again."""


class Unexpected(Exception):
    """What is there is not as reviewed."""


@dataclass(frozen=True, slots=True)
class Item:
    """One write's outcome. `id` is the record's id after it, when a merge changed it."""

    seq: int
    outcome: ItemOutcome
    detail: str = ""
    id: str = ""
    request_id: str = ""
    beyond: str = ""  # what the system did besides, of its own accord

    def as_json(self) -> dict[str, Any]:
        """For `apply --json`."""
        document: dict[str, Any] = {"seq": self.seq, "outcome": self.outcome, "detail": self.detail}
        if self.id:
            document["id"] = self.id
        if self.beyond:
            document["beyond"] = self.beyond
        return document


@dataclass(frozen=True, slots=True)
class Difference:
    """A value read back that is not as planned."""

    ref: Ref
    field: str  # column
    planned: Native
    found: Native

    def as_json(self) -> dict[str, Any]:
        """For `verify --json`."""
        return {"record": self.ref.as_json(), "field": self.field, "planned": self.planned, "found": self.found}


@dataclass(frozen=True)
class VerifyReport:
    """What reading everything back showed."""

    run: int
    differences: tuple[Difference, ...]
    checked: int  # records read
    pending: int = 0  # writes of the plan that were not done

    @property
    def as_planned(self) -> bool:
        """Whether every record holds what the writes that were done left."""
        return not self.differences

    def as_json(self) -> dict[str, Any]:
        """For `verify --json`."""
        return {
            "run": self.run, "as_planned": self.as_planned, "checked": self.checked, "not_done": self.pending,
            "differences": [difference.as_json() for difference in self.differences],
        }  # fmt: skip

    def headline(self) -> str:
        """One sentence."""
        if self.differences:
            return f"{len(self.differences):,} values in {self.checked:,} records are not as planned."
        rest = f" {self.pending:,} writes were not done." if self.pending else ""
        return f"All {self.checked:,} records read back are as planned.{rest}"

    def text(self) -> str:
        """For a terminal."""
        lines = [self.headline()]
        for d in self.differences[:200]:
            planned, found = safe_text(d.planned, longest=60), safe_text(d.found, longest=60)
            lines.append(f"  {safe_text(str(d.ref))} {d.field}: planned {planned or '(blank)'}, found {found or '(blank)'}")
        return "\n".join(lines)


@dataclass(frozen=True)
class RunReport:
    """A run's outcome, write by write."""

    run: int
    kind: str
    items: tuple[Item, ...]
    total: int
    verified: VerifyReport | None = None
    seconds: float = 0.0
    definitions: frozenset[int] = frozenset()  # writes that touch no record
    titles: Mapping[int, str] = field(default_factory=dict)  # what the writes that were not done were to do

    def count(self, *outcomes: str) -> int:
        """How many writes ended so."""
        counts = Counter[str](item.outcome for item in self.items)
        return sum(counts[outcome] for outcome in outcomes)

    @property
    def left(self) -> int:
        """Writes without an outcome yet: the run was stopped before them."""
        return self.total - len(self.items)

    @property
    def exit_code(self) -> int:
        """0: all done and read back as planned; 4: everything had changed; 130: stopped; else 1."""
        if self.left:
            return 130
        of_records = [item.outcome for item in self.items if item.seq not in self.definitions]
        if of_records and all(outcome in ("changed_since_review", "not_done") for outcome in of_records):
            return 4
        if self.count(*SUCCESS) < self.total:
            return 1
        return 0 if self.verified is None or self.verified.as_planned else 1

    def as_json(self) -> dict[str, Any]:
        """For `apply --json`."""
        counts = {name: self.count(name) for name in OUTCOMES}
        return {
            "run": self.run, "kind": self.kind, **counts, "left": self.left,
            "as_planned": None if self.verified is None else self.verified.as_planned,
            "items": [item.as_json() for item in self.items],
        }  # fmt: skip

    def headline(self) -> str:
        """One sentence."""
        parts = [f"{count:,} {name.replace('_', ' ')}" for name in OUTCOMES if (count := self.count(name))]
        if self.left:
            parts.append(f"{self.left:,} left")
        verified = "" if self.verified is None else f" {self.verified.headline()}"
        return f"Run {self.run}: {', '.join(parts) or 'nothing to do'}.{verified}"

    def text(self) -> str:
        """For a terminal: the counts, and every write that was not done with its reason."""
        lines = [self.headline()]
        for item in self.items:
            if item.outcome not in SUCCESS:
                what = self.titles.get(item.seq, "")
                lines.append(f"  {item.seq:>5}  {item.outcome.replace('_', ' ')}: {what}: {safe_text(item.detail, longest=300)}")
            if item.beyond:
                lines.append(f"  {item.seq:>5}  {safe_text(item.beyond, longest=300)}")
        if self.verified is not None and not self.verified.as_planned:
            lines += self.verified.text().splitlines()[1:]
        return "\n".join(lines)


def items_of(journal: Iterable[Mapping[str, Any]]) -> tuple[dict[int, Item], set[int]]:
    """The newest outcome of each write, and the writes whose intent was noted after it (or without one): those are in doubt."""
    items: dict[int, Item] = {}
    open_: set[int] = set()
    for entry in journal:
        seq, detail = entry["seq"], entry["detail"]
        if entry["phase"] == "intent":
            open_.add(seq)
        elif entry["phase"] == "outcome":
            open_.discard(seq)
            items[seq] = Item(
                seq,
                detail["outcome"],
                detail.get("detail", ""),
                detail.get("id", ""),
                detail.get("request_id", ""),
                detail.get("beyond", ""),
            )
    return items, open_
