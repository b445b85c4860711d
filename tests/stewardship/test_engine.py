"""How writes follow one another: what each needs comes first, a group's writes never overlap, and the journal is always ahead."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconcile_tui.stewardship.document import Plan, Write
from reconcile_tui.stewardship.engine import Engine
from reconcile_tui.stewardship.identity import Identities
from reconcile_tui.stewardship.outcomes import Item

OUTCOMES = ["done", "done", "done", "already", "refused", "changed_since_review"]


@dataclass
class Recorder:
    """Stands where writes are sent and where steps are noted, and looks at who is under way with whom."""

    outcomes: Mapping[int, str]
    identities: Identities = field(default_factory=Identities)
    notes: list[tuple[int, str]] = field(default_factory=list)
    under_way: dict[int, Write] = field(default_factory=dict)
    most: int = 0
    clashes: list[tuple[int, int]] = field(default_factory=list)

    def note(self, seq: int, *entries: tuple[str, Mapping[str, object]]) -> None:
        self.notes += [(seq, phase) for phase, _ in entries]

    async def send(self, write: Write, note: Any, *, doubt: bool) -> Item:
        assert (write.seq, "intent") in self.notes
        self.clashes += [(other.seq, write.seq) for other in self.under_way.values() if other.group == write.group]
        self.under_way[write.seq] = write
        self.most = max(self.most, len(self.under_way))
        for _ in range(1 + write.seq % 3):
            await asyncio.sleep(0)
        del self.under_way[write.seq]
        return Item(write.seq, self.outcomes[write.seq])  # type: ignore[arg-type]


@st.composite
def plans(draw: st.DrawFn) -> list[Write]:
    writes = []
    for seq in range(1, draw(st.integers(1, 25)) + 1):
        needs = draw(st.sets(st.integers(1, seq - 1), max_size=2)) if seq > 1 else set()
        group = draw(st.sampled_from("abcde"))
        writes.append(Write(seq, "update", group, "hubspot", "contacts", str(seq), leaves={"a": "b"}, depends_on=tuple(sorted(needs))))
    return writes


def carried_out(writes: list[Write], outcomes: Mapping[int, str], parallel: int = 24, **more: Any) -> tuple[Engine, Recorder]:
    recorder = Recorder(outcomes)
    engine = Engine(Plan("p", {}, tuple(writes)), recorder, recorder, {}, parallel=parallel, **more)  # type: ignore[arg-type]
    asyncio.run(engine.run())
    return engine, recorder


@given(plans(), st.data(), st.integers(1, 6))
def test_any_plan_is_carried_out_in_an_order_that_is_safe(writes: list[Write], data: st.DataObject, parallel: int) -> None:
    outcomes = {w.seq: data.draw(st.sampled_from(OUTCOMES)) for w in writes}
    engine, recorder = carried_out(writes, outcomes, parallel)
    assert recorder.clashes == []
    assert recorder.most <= parallel
    assert engine.items.keys() == outcomes.keys()
    place = {entry: position for position, entry in enumerate(recorder.notes)}
    for write in writes:
        item = engine.items[write.seq]
        undone = [needed for needed in write.depends_on if engine.items[needed].outcome not in ("done", "already")]
        assert (item.outcome == "not_done") == bool(undone)
        if not undone:
            assert item.outcome == outcomes[write.seq]
            assert place[write.seq, "intent"] < place[write.seq, "outcome"]
            assert all(place[needed, "outcome"] < place[write.seq, "intent"] for needed in write.depends_on)


def test_groups_are_worked_on_side_by_side() -> None:
    writes = [Write(n, "update", f"g{n}", "hubspot", "contacts", str(n), leaves={"a": "b"}) for n in range(1, 9)]
    _, recorder = carried_out(writes, {w.seq: "done" for w in writes}, parallel=4)
    assert recorder.most == 4


def test_definitions_come_first_and_one_after_the_other_in_each_system() -> None:
    first = [Write(n, "rule", "", "dynamics", "contact", f"rule {n}", leaves={"a": "b"}) for n in (1, 2, 3)]
    rest = [Write(n, "update", f"g{n}", "dynamics", "contact", str(n), leaves={"a": "b"}) for n in (4, 5)]
    _, recorder = carried_out([*first, *rest], dict.fromkeys(range(1, 6), "done"))
    assert recorder.clashes == []
    last_definition = max(n for n, (seq, phase) in enumerate(recorder.notes) if seq <= 3 and phase == "outcome")
    assert last_definition < min(n for n, (seq, phase) in enumerate(recorder.notes) if seq > 3 and phase == "intent")


def test_a_stop_lets_the_writes_under_way_end_and_begins_no_other() -> None:
    writes = [Write(n, "update", f"g{n}", "hubspot", "contacts", str(n), leaves={"a": "b"}) for n in range(1, 9)]
    ended: list[int] = []
    engine, recorder = carried_out(
        writes, {w.seq: "done" for w in writes}, parallel=2, on_item=lambda item: ended.append(item.seq), stop=lambda: bool(ended)
    )
    assert 1 <= len(engine.items) <= 2
    assert recorder.under_way == {}
