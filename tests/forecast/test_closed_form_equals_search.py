"""The law the whole forecast rests on: the closed form says what walking every order of events finds."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from reconcile_tui.forecast.simulate import simulate_group
from tests.forecast import groups
from tests.forecast.law import BUDGET, hold


@settings(max_examples=1500)
@given(st.data())
def test_verdict_values_and_confluence_are_those_of_the_search(data: st.DataObject) -> None:
    how = hold(data, groups.profiles())
    assume(how.startswith("equal"))
    event(how)


@settings(max_examples=700)
@given(st.data())
def test_the_overwriting_record_is_that_of_the_search(data: st.DataObject) -> None:
    """Every record holds a value of its own, so that a value names its origin."""
    made = data.draw(groups.rules())
    made = [(replace(rule, forward=None, backward=None), "none") for rule, _ in made]
    records = [
        replace(r, values={k: v and f"{v} of {r.ref.id}" for k, v in r.values.items()}) for r in data.draw(groups.records(made))
    ]  # fmt: skip
    profile, rules = data.draw(groups.profiles()), [rule for rule, _ in made]
    ours = simulate_group(records, rules, profile, budget=1)
    assume(ours.method == "closed form")
    search = simulate_group(records, rules, profile, method="search", budget=BUDGET)
    assume(search.exhaustive)
    for cell in ours.cells:
        if None not in cell.after:
            assert {by.id for by in cell.overwritten_by} == {str(value).rsplit(" ", 1)[1] for value in cell.after}
    assert [c for c in ours.cells if None not in c.after] == [c for c in search.cells if None not in c.after]
