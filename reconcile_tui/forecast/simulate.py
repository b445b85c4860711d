"""One group, by the closed form where it covers the group and by search where not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from reconcile_tui.forecast import columns as cols
from reconcile_tui.forecast import stars as star_builder
from reconcile_tui.forecast.closed import ClosedForm
from reconcile_tui.forecast.engine import Sync
from reconcile_tui.forecast.fieldmap import map_problems, usable
from reconcile_tui.forecast.group import GroupForecast
from reconcile_tui.forecast.judge import Judge
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.search import STATES, outcomes, outcomes_by_field
from reconcile_tui.forecast.values import FieldRule, SimRecord
from reconcile_tui.forecast.verdict import Method

Both = tuple[bool, bool]


def simulate_group(
    records: Sequence[SimRecord],
    fields: Sequence[FieldRule],
    profile: Profile,
    *,
    created_eligible: Both = (True, True),
    method: Literal["auto", "closed", "search"] = "auto",
    budget: int = STATES,
) -> GroupForecast:
    """What the sync would do to the records of one group.

    created_eligible: whether a record the sync creates on side 0, on side 1 would be let out again by the filters there.
    method: `auto`, or `closed` and `search` to hold one against the other. budget: states a search looks at.
    Entries of the map that contradict each other are left out and named in `problems`; so are values a transform fails on.
    """
    problems = map_problems(fields, cols.samples(records, fields))
    rules = usable(fields, problems)
    columns = cols.of_records(records, rules)
    stars = star_builder.build(columns, profile, created_eligible)
    judge = Judge(records, rules, profile, columns, stars, ClosedForm(columns, stars, profile, created_eligible))
    covered, left = _coverage(judge, method)
    for number in covered:
        judge.add_closed(number)
    exhaustive, how = _search(judge, left, created_eligible, budget) if left else (True, "closed form")
    return GroupForecast(
        records=tuple(records),
        fields=rules,
        profile=profile,
        cells=judge.sorted_cells(),
        confluent=judge.confluent,
        exhaustive=exhaustive,
        method=how,
        collision=bool(stars.collides.any()),
        blocked=judge.blocked(),
        reformats=judge.reformats(),
        created_eligible=created_eligible,
        problems=tuple(problems),
    )


def _coverage(judge: Judge, method: str) -> tuple[list[int], list[int]]:
    """Fields the closed form decides, and fields left to the search."""
    numbers = list(range(len(judge.rules)))
    if method == "search" or (method == "auto" and judge.stars.odd.any()):
        return [], numbers
    left = [] if method == "closed" else [n for n in numbers if not judge.covered(n)]
    return [n for n in numbers if n not in left], left


def _search(judge: Judge, numbers: list[int], created_eligible: Both, budget: int) -> tuple[bool, Method]:
    """Decide some fields by search: together if the budget allows, else one by one."""
    rules = [judge.rules[n] for n in numbers]
    names = {rule.name for rule in rules}
    records = [replace(r, values={k: v for k, v in r.values.items() if k in names}) for r in judge.records]
    sync = Sync(records, rules, judge.profile, created_eligible)
    found = outcomes(sync, budget)
    together = found.exhausted or len(rules) == 1
    if not together:
        found = outcomes_by_field(records, rules, judge.profile, created_eligible, max(1, budget // len(rules)))
    judge.add_searched(numbers, sync.pairing, found)
    return found.exhausted and together, "search" if together else "search by field"
