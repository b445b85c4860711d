"""The law of the forecast as a function: random groups under a preset, what the closed form says against what the search finds."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from reconcile_tui.forecast.group import GroupForecast
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.simulate import simulate_group
from reconcile_tui.forecast.verdict import CellVerdict
from tests.forecast import groups

BUDGET = 6_000


def classes(forecast: GroupForecast, cell: CellVerdict) -> set[str | None]:
    """The values a cell can take, as far as they differ in more than format."""
    rule = next(rule for rule in forecast.fields if rule.name == cell.field)
    return {rule.common(0 if cell.record.system == "dynamics" else 1, value) for value in cell.after}


def told(forecast: GroupForecast) -> dict[object, object]:
    """Verdict, values and intention per cell."""
    return {(c.record, c.field): (c.certainty, classes(forecast, c), c.intended) for c in forecast.cells}


def hold(data: st.DataObject, profiles: st.SearchStrategy[Profile]) -> str:
    """One random group: the closed form, where it covers the group, says what the search finds. Returns which of them decided it."""
    made = data.draw(groups.rules())
    records, profile = data.draw(groups.records(made)), data.draw(profiles)
    created = data.draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    rules = [rule for rule, _ in made]
    ours = simulate_group(records, rules, profile, created_eligible=created, budget=1)
    if ours.method != "closed form":
        return "left to the search"
    search = simulate_group(records, rules, profile, created_eligible=created, method="search", budget=BUDGET)
    if not search.exhaustive:
        return "beyond the budget"
    assert told(ours) == told(search)
    assert ours.confluent == search.confluent
    assert ours.blocked == search.blocked
    for cell, other in zip(ours.cells, search.cells, strict=True):
        assert set(cell.overwritten_by) <= set(other.overwritten_by)
    return "equal, with cells at risk" if ours.cells else "equal, nothing at risk"


def play(profiles: st.SearchStrategy[Profile], examples: int, start: int) -> Counter[str]:
    """The law on many random groups from a seed. Returns how many ended how."""
    counts: Counter[str] = Counter()

    @seed(start)
    @settings(max_examples=examples, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.data())
    def law(data: st.DataObject) -> None:
        counts[hold(data, profiles)] += 1

    law()
    return counts
