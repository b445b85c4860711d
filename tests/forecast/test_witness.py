"""A witness exists for every verdict, replays to it, and is as short as can be."""

from __future__ import annotations

from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile_tui.forecast.engine import Sync
from reconcile_tui.forecast.group import GroupForecast
from reconcile_tui.forecast.simulate import simulate_group
from reconcile_tui.forecast.state import State
from reconcile_tui.forecast.verdict import CellVerdict
from reconcile_tui.forecast.witness import Witness
from reconcile_tui.model import Common
from tests.forecast import groups
from tests.forecast.article import SHARED, people, record
from tests.forecast.test_article import BOTH_WAYS, NAIVE


def lost_classes(told: GroupForecast, cell: CellVerdict) -> tuple[int, set[Common]]:
    number = next(n for n, rule in enumerate(told.fields) if rule.name == cell.field)
    return number, {told.fields[number].common(0 if cell.record.system == "dynamics" else 1, value) for value in cell.after}


def shortest(told: GroupForecast, cell: CellVerdict, budget: int = 3000) -> int | None:
    """How many events the whole group needs, pairs of strangers left out; None if the budget does not tell."""
    sync = Sync(told.records, told.fields, told.profile, told.created_eligible)
    row = next(i for i, r in enumerate(told.records) if r.ref == cell.record)
    number, lost = lost_classes(told, cell)
    queue: deque[tuple[State, int]] = deque([(sync.start(), 0)])
    seen = {sync.start()}
    while queue and len(seen) < budget:
        state, depth = queue.popleft()
        for event in sync.events(state):
            for move in sync.moves(state, event):
                cells = move.state.cells[row]
                if cells is not None and told.fields[number].common(sync.side(row), cells[number]) in lost:
                    return depth + 1
                if move.state not in seen:
                    seen.add(move.state)
                    queue.append((move.state, depth + 1))
    return None


def replayed(told: GroupForecast, story: Witness) -> Common:
    """The cell's value after the steps, taken from what the steps say they write."""
    value = story.cell.now
    for step in story.steps:
        for write in step.writes:
            for change in write.changes:
                if (write.target, change.field) == (story.cell.record, story.cell.field):
                    assert change.before == value
                    value = change.after
    return value


@settings(max_examples=800)  # a third of them have cells at risk
@given(st.data())
def test_every_cell_at_risk_has_a_witness_that_ends_in_one_of_its_values(data: st.DataObject) -> None:
    made = data.draw(groups.rules())
    told = simulate_group(data.draw(groups.records(made)), [rule for rule, _ in made], data.draw(groups.profiles()), budget=4_000)
    for cell in told.cells if told.exhaustive else ():
        story = told.witness(cell)
        rule, (_, lost) = next(r for r in told.fields if r.name == cell.field), lost_classes(told, cell)
        assert story.steps
        assert rule.common(0 if cell.record.system == "dynamics" else 1, replayed(told, story)) in lost
        assert story.sentences()[-1].endswith("is gone.")
        least = shortest(told, cell)
        if least is not None and told.profile.initial == "none":
            assert len(story.steps) == least


def test_steps_show_every_record_and_field_that_changes_so_that_one_can_walk_them() -> None:
    told = simulate_group([*people(), record(SHARED, "Bob", "9")], BOTH_WAYS, NAIVE)
    story = told.witness(told.cells[0])
    assert [(step.kind, step.source.id, [write.target.id for write in step.writes]) for step in story.steps] == [
        ("save", "501", ["C-1", "C-2"])
    ]
    assert [(c.field, c.before, c.after) for c in story.steps[0].writes[0].changes] == [
        ("first_name", "Robert", "Bob"), ("phone", "555-0101", "9"),
    ]  # fmt: skip


def test_a_megabyte_in_a_field_is_shortened_in_the_sentences() -> None:
    told = simulate_group([record(people()[0].ref, "x" * 1_000_000, None), record(SHARED, "Bob", None)], BOTH_WAYS, NAIVE)
    assert max(len(line) for cell in told.cells for line in told.witness(cell).sentences()) < 300


def test_the_json_of_a_group_has_the_shape_other_programs_rely_on() -> None:
    told = simulate_group(people(), BOTH_WAYS, NAIVE).as_json("g1")
    assert set(told) >= {"group", "records", "confluent", "exhaustive", "cells"}
    assert set(told["cells"][0]) >= {"record", "field", "now", "after", "certainty", "overwritten_by", "witness"}
    assert told["cells"][0]["record"] == {"system": "dynamics", "table": "contact", "id": "C-1"}
