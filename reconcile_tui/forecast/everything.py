"""All groups at once: the closed form over columns, the search for the few groups it doesn't cover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from reconcile_tui.errors import Interrupted
from reconcile_tui.forecast import stars as star_builder
from reconcile_tui.forecast.closed import ClosedForm, FieldOutcome
from reconcile_tui.forecast.columns import BLANK, UNMAPPED, Columns
from reconcile_tui.forecast.fieldmap import map_problems, usable
from reconcile_tui.forecast.group import GroupForecast
from reconcile_tui.forecast.ledger import Alive, Cells, Ledger
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.simulate import Both, simulate_group
from reconcile_tui.forecast.stars import Stars
from reconcile_tui.forecast.values import UNKNOWN_TIME, FieldRule, Side, SimRecord
from reconcile_tui.model import Ref

SEARCHED = 500
"""How many groups are searched at most; the others keep the closed form's verdict and are marked as not exhaustive."""
SEARCH_STATES = 20_000
"""States per searched group (some 0.3 seconds)."""

Progress = Callable[[int, int], None]


def simulate_all(
    columns: Columns,
    fields: Sequence[FieldRule],
    profile: Profile,
    *,
    created_eligible: Both = (True, True),
    progress: Progress = lambda done, total: None,
    stop: Callable[[], bool] = lambda: False,
    searched: int = SEARCHED,
) -> Ledger:
    """What the sync would do to all records. `fields` are the rules of `columns.fields`, in the same order.

    progress: told (done, total) in fields and, after them, searched groups. stop: asked as often. searched: groups at most that the
    search decides. Raises Interrupted when a stop was asked for.
    """
    problems = map_problems(fields)
    rules = usable(fields, problems)
    stars = star_builder.build(columns, profile, created_eligible)
    run = _Run(columns, rules, profile, stars, ClosedForm(columns, stars, profile, created_eligible))
    for number in range(len(rules)):
        _go_on(stop)
        run.add(number)
        progress(number + 1, len(rules))
    found = run.search(created_eligible, searched, progress, stop)
    return run.ledger(found, (*problems, *(p for column in columns.fields for p in column.problems)))


def _go_on(stop: Callable[[], bool]) -> None:
    if stop():
        raise Interrupted("Stopped while forecasting.", kept="The previous forecast is kept.", todo="Run it again when you like.")


class _Run:
    """Collects verdicts field by field."""

    def __init__(self, columns: Columns, rules: tuple[FieldRule, ...], profile: Profile, stars: Stars, form: ClosedForm) -> None:
        self.columns, self.rules, self.profile, self.stars, self.form = columns, rules, profile, stars, form
        self.confluent = np.ones(stars.groups, np.bool_)
        self.open = stars.odd.copy()
        self.cells: list[Cells] = []
        self.alive: list[Alive] = []
        self._ends = np.append(form.first_of_target[1:], len(stars)).astype(np.int32)
        self._member_group = stars.group[stars.row]
        self._star_group = self._member_group[stars.start]

    def add(self, number: int) -> None:
        """One field."""
        found, stars, firsts = self.form.field(number, self.rules[number]), self.stars, self.form.first_of_target
        self.confluent[self._member_group[found.varies]] = False
        self.confluent[self._star_group[firsts[found.hub_varies]]] = False
        if self.profile.echo_suppression:
            self.confluent[stars.group[stars.lone[found.lone_lost]]] = False
        self.open[self._star_group[found.uncovered]] = True
        self.open[stars.group[stars.lone[found.lone_uncovered]]] = True
        self.cells.append(self._cells(number, found))
        self.alive.append(self._alive(found))

    def _cells(self, number: int, found: FieldOutcome) -> Cells:
        stars, firsts = self.stars, self.form.first_of_target
        members, hubs, lone = (np.flatnonzero(marks) for marks in (found.lost, found.hub_lost, found.lone_lost))
        row = np.concatenate([stars.row[members], stars.hub[firsts[hubs]], stars.lone[lone]]).astype(np.int32)
        star = np.concatenate([stars.star[members], firsts[hubs], np.full(len(lone), -1)]).astype(np.int32)
        end = np.concatenate([stars.star[members] + 1, self._ends[hubs], np.full(len(lone), 0)]).astype(np.int32)
        at_once = np.full(len(lone), not self.profile.echo_suppression)
        certain = np.concatenate([found.certain[members], found.hub_certain[hubs], at_once])
        wiped = np.concatenate([found.wiped[members], found.hub_wiped[hubs], np.ones(len(lone), np.bool_)])
        asked_for = self.rules[number].direction != "both" or self.profile.initial != "none"
        intended = certain & ~wiped & ~stars.collides[stars.group[row]] & asked_for
        return Cells(row, np.full(len(row), number, np.int16), star, end, certain, intended, wiped)

    def _alive(self, found: FieldOutcome) -> Alive:
        """Only for stars where something is lost; lone hubs share star -1."""
        stars, firsts = self.stars, self.form.first_of_target
        wanted = np.zeros(len(stars), np.bool_)
        wanted[stars.star[found.lost]] = True
        lost = np.zeros(len(firsts) + 1, np.bool_)
        lost[:-1] = found.hub_lost
        if len(stars):
            wanted |= lost[np.cumsum(np.bincount(firsts, minlength=len(stars))) - 1]
        members = np.flatnonzero(found.alive & wanted[stars.star])
        hubs = np.flatnonzero((found.hub_alive | found.beside) & wanted)
        star = np.concatenate([stars.star[members], hubs, [-1] if found.lone_lost.any() else []]).astype(np.int32)
        row = np.concatenate([stars.row[members], stars.hub[hubs], [-1] if found.lone_lost.any() else []]).astype(np.int32)
        order = np.argsort(star, kind="stable")
        return Alive(star[order], row[order])

    def search(self, created_eligible: Both, most: int, progress: Progress, stop: Callable[[], bool]) -> dict[int, GroupForecast]:
        """Decide the groups left open, as many as allowed."""
        groups = np.flatnonzero(self.open)[:most]
        if not len(groups):
            return {}
        order = np.argsort(self.stars.group, kind="stable")
        starts = np.searchsorted(self.stars.group[order], np.stack([groups, groups + 1]))
        found: dict[int, GroupForecast] = {}
        for number, group in enumerate(groups.tolist()):
            _go_on(stop)
            rows = order[starts[0, number] : starts[1, number]].tolist()
            records, rules = self._records(rows)
            found[group] = simulate_group(records, rules, self.profile, created_eligible=created_eligible, budget=SEARCH_STATES)
            progress(len(self.rules) + number + 1, len(self.rules) + len(groups))
        return found

    def _records(self, rows: list[int]) -> tuple[Sequence[SimRecord], tuple[FieldRule, ...]]:
        """Native records where the caller loads them, else records rebuilt from the columns, in common form."""
        columns = self.columns
        if columns.load is not None:
            records = columns.load(rows)
            return [replace(r, key=int(columns.keys[row])) for r, row in zip(records, rows, strict=True)], self.rules
        plain = tuple(replace(rule, forward=None, backward=None) for rule in self.rules)
        return [self._rebuilt(row) for row in rows], plain

    def _rebuilt(self, row: int) -> SimRecord:
        columns = self.columns
        side: Side = 0 if columns.side[row] == 0 else 1
        values = {
            rule.name: column.text(int(column.codes[row]))
            for rule, column in zip(self.rules, columns.fields, strict=True)
            if column.codes[row] != UNMAPPED
        }
        further = columns.further_emails[columns.further_emails[:, 0] == row][:, 1].tolist() if len(columns.further_emails) else []
        own = [int(columns.email[row])] if columns.email[row] != BLANK else []
        links = columns.links[columns.links[:, 0] == row][:, 1].tolist() if len(columns.links) else []
        return SimRecord(
            _ref(columns, row), side, values, key=int(columns.keys[row]), eligible=bool(columns.eligible[row]),
            synced_once=bool(columns.synced[row]), emails=tuple(str(code) for code in [*own, *further]),
            links=tuple(_ref(columns, other) for other in links),
            created_at=_iso(int(columns.created[row])), modified_at=_iso(int(columns.modified[row])),
        )  # fmt: skip

    def ledger(self, found: dict[int, GroupForecast], problems: tuple[object, ...]) -> Ledger:
        """Everything put together; cells of searched groups come from the search."""
        stars = self.stars
        exhaustive = ~self.open
        replaced = np.zeros(stars.groups, np.bool_)
        for group, forecast in found.items():
            exhaustive[group], self.confluent[group], replaced[group] = forecast.exhaustive, forecast.confluent, True
        joined = _join(self.cells)
        cells = joined.take(~replaced[stars.group[joined.row]]) if found else joined
        refused = np.concatenate([stars.taken, stars.race])
        return Ledger(
            self.profile, self.rules, self.columns, stars.group, self.confluent, exhaustive, stars.collides, cells,
            tuple(self.alive), stars.held, refused, found, problems,  # type: ignore[arg-type]
        )  # fmt: skip


def _join(parts: list[Cells]) -> Cells:
    """All cells in one; one array after the other, so that little is held twice."""
    arrays = [{name: getattr(part, name) for name in Cells.__dataclass_fields__} for part in parts]
    parts.clear()
    joined = {name: np.concatenate([part.pop(name) for part in arrays]) for name in Cells.__dataclass_fields__ if arrays}
    return Cells(**joined) if joined else Cells(*(np.empty(0, kind) for kind in (np.int32, np.int16, np.int32, np.int32, bool, bool, bool)))


def _ref(columns: Columns, row: int) -> Ref:
    return Ref(("dynamics", "hubspot")[int(columns.side[row])], columns.tables[int(columns.table[row])], str(int(columns.keys[row])))


def _iso(instant: int) -> str | None:
    return None if instant == UNKNOWN_TIME else (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)).isoformat()
