"""The way back: a plan that restores what a run has written, as far as the systems allow, and says what they don't."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconcile_tui.display import safe_text
from reconcile_tui.model import Native, Ref
from reconcile_tui.stewardship.document import SETTING_UP, Kind, Plan, Write
from reconcile_tui.stewardship.grouping import ACTIVE
from reconcile_tui.stewardship.identity import Identities
from reconcile_tui.stewardship.outcomes import SUCCESS, Item
from reconcile_tui.stewardship.values import same
from reconcile_tui.stewardship.wording import summary, title

FINAL_MERGE = "HubSpot can't take a merge apart; the values the lost record held are kept in the run's prior states."
CHILDREN = "Re-activated, but activities, notes and opportunities that moved to the survivor stay there."

DROPS: Mapping[str, Kind] = {"schema": "drop_schema", "key": "drop_key", "rule": "drop_rule"}
"""What takes back a write that set something up."""


@dataclass(frozen=True)
class Preview:
    """What an undo would do, and what it can't."""

    run: int
    plan: Plan
    cannot: tuple[tuple[int, str], ...]  # (write of the run, why)
    only_in_part: tuple[tuple[int, str], ...]

    @property
    def records(self) -> int:
        """How many records it writes to: the number a person types."""
        return self.plan.records

    def as_json(self) -> dict[str, Any]:
        """For `undo --dry-run --json`."""
        return {
            "run": self.run, "records": self.records, "plan": self.plan.as_json(),
            "cannot": [{"seq": seq, "reason": reason} for seq, reason in self.cannot],
            "only_in_part": [{"seq": seq, "reason": reason} for seq, reason in self.only_in_part],
        }  # fmt: skip

    def text(self) -> str:
        """For a terminal."""
        lines = [f"Undo of run {self.run}: {summary(self.plan)}"]
        for head, told in (("Can't be taken back", self.cannot), ("Only in part", self.only_in_part)):
            if told:
                lines.append(f"{head}:")
                lines += [f"  write {seq}: {safe_text(reason, longest=300)}" for seq, reason in told[:200]]
                lines += [f"  and {len(told) - 200:,} more"] if len(told) > 200 else []
        return "\n".join(lines)


def preview(plan: Plan, run: int, items: Mapping[int, Item], priors: Mapping[Ref, Mapping[str, Any]]) -> Preview:
    """The undo of a run from its plan, its outcomes and what the records held before it."""
    identities = Identities.after(plan, items)
    done = [w for w in plan.writes if (item := items.get(w.seq)) is not None and item.outcome == "done"]
    before = _before(plan, items, priors, identities)
    backwards = _Backwards(identities, {w.lose_ref for w in done if w.lose and w.undo == "none"})
    followers: dict[int, list[int]] = defaultdict(list)
    for write in done:
        for needed in write.depends_on:
            followers[needed].append(write.seq)
    for write in reversed(done):
        backwards.take_back(write, before.get(write.seq, {}), followers[write.seq])
    undo = Plan(plan.project, plan.targets, tuple(backwards.writes), kind="undo", of_run=run)
    return Preview(run, undo, tuple(reversed(backwards.cannot)), tuple(reversed(backwards.partly)))


def _before(
    plan: Plan, items: Mapping[int, Item], priors: Mapping[Ref, Mapping[str, Any]], identities: Identities
) -> dict[int, dict[str, Native]]:
    """What stood in each written column just before each done write: the prior state with the run's earlier writes on top."""
    state: dict[Ref, dict[str, Native]] = {ref: dict(prior.get("native", {})) for ref, prior in priors.items()}
    found = {}
    for write in plan.writes:
        item = items.get(write.seq)
        if item is None or item.outcome not in SUCCESS or write.kind in SETTING_UP:
            continue
        held = state.setdefault(write.ref, {})
        if write.lose:
            for name, value in state.get(write.lose_ref, {}).items():
                if same(held.get(name), None) and write.undo == "none":
                    held[name] = value
        found[write.seq] = {name: held.get(name) for name in write.leaves}
        held.update(identities.values(write))
    return found


class _Backwards:
    """Collects the undo's writes. Each waits for the one before it in its group, and for whatever takes back a write that needed its own:
    a value that went from one record to another must have left that one before it can come back."""

    def __init__(self, identities: Identities, lost: set[Ref]) -> None:
        """`lost` records no longer exist: nothing can be written to them."""
        self.writes: list[Write] = []
        self.cannot: list[tuple[int, str]] = []
        self.partly: list[tuple[int, str]] = []
        self._identities = identities
        self._lost = lost
        self._last: dict[str, int] = defaultdict(int)
        self._taken_back: dict[int, list[int]] = defaultdict(list)  # write of the run -> writes of the undo
        self._first: set[int] = set()

    def take_back(self, write: Write, before: Mapping[str, Native], followers: Sequence[int]) -> None:
        """Add what takes a write back, after the writes that needed it (`followers`) have been."""
        start = len(self.writes)
        self._first = {seq for follower in followers for seq in self._taken_back[follower]}
        self._take_back(write, before)
        self._taken_back[write.seq] = [w.seq for w in self.writes[start:]] or sorted(self._first)

    def _take_back(self, write: Write, before: Mapping[str, Native]) -> None:
        if write.kind in DROPS:
            self._add(DROPS[write.kind], write.group, write.ref, {}, dict(write.leaves), write.decision)
        elif write.lose and write.undo == "none":
            self.cannot.append((write.seq, f"{title(write)}: {FINAL_MERGE}"))
        elif write.lose:
            self.partly.append((write.seq, f"{title(write)}: {CHILDREN}"))
            self._restore(write, write.ref, before, self._identities.values(write))
            self._add("activate", write.group, write.lose_ref, {"statecode": 1}, dict(ACTIVE), write.decision)
        elif write.ref not in self._lost:
            self._restore(write, write.ref, before, self._identities.values(write))

    def _restore(self, write: Write, ref: Ref, before: Mapping[str, Native], left: Mapping[str, Native]) -> None:
        back = {name: value for name, value in before.items() if not same(value, left[name])}
        if write.kind in ("activate", "close"):  # a state and its reason go together
            back = dict(before) if back else {}
        if back:
            kind: Kind = "activate" if write.kind == "close" else "update"
            self._add(kind, write.group, ref, {name: left[name] for name in back}, back, write.decision)

    def _add(self, kind: Kind, group: str, ref: Ref, expects: dict[str, Native], leaves: dict[str, Native], decision: int) -> None:
        seq = len(self.writes) + 1
        before = self._emptied(ref) if kind == "drop_schema" else sorted(self._first | {self._last[group]} - {0})
        self._last[group] = seq
        now = self._identities.now(ref)
        self.writes.append(
            Write(
                seq, kind, group, ref.system, ref.table, now, expects=expects, leaves=leaves, why=dict.fromkeys(leaves, "undo"),
                decision=decision, depends_on=tuple(before),
            )
        )  # fmt: skip

    def _emptied(self, column: Ref) -> list[int]:
        """The writes that empty a column: it goes only when all of them have succeeded."""
        return [w.seq for w in self.writes if (w.system, w.table) == (column.system, column.table) and column.id in w.leaves]
