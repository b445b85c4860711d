"""From final values to verdicts: what is lost, to what, by whom; in native text, for one group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reconcile_tui.forecast import columns as cols
from reconcile_tui.forecast.closed import ClosedForm, FieldOutcome
from reconcile_tui.forecast.columns import Columns
from reconcile_tui.forecast.pairing import Pairing
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.search import Outcomes
from reconcile_tui.forecast.stars import Stars
from reconcile_tui.forecast.values import FieldRule, Side, SimRecord
from reconcile_tui.forecast.verdict import Blocked, CellVerdict, Reason
from reconcile_tui.model import Certainty, Common, Ref


@dataclass(frozen=True, slots=True)
class _Standing:
    """What can stand in a cell in the end: (code, native text) of each value, and (record, code) of those whose value it is."""

    texts: tuple[tuple[int, Common], ...]
    by: tuple[tuple[Ref, int], ...]


class Judge:
    """Collects the verdicts on one group, whichever way its final values were found."""

    def __init__(
        self, records: Sequence[SimRecord], rules: Sequence[FieldRule], profile: Profile, columns: Columns, stars: Stars, form: ClosedForm
    ) -> None:
        """Start without a verdict: confluent, nothing lost."""
        self.records, self.rules, self.profile = records, rules, profile
        self.columns, self.stars, self.form = columns, stars, form
        self.confluent = True
        self._collides = bool(stars.collides.any())
        self._cells: dict[tuple[int, int], CellVerdict] = {}
        self._outcomes: dict[int, FieldOutcome] = {}

    def sorted_cells(self) -> tuple[CellVerdict, ...]:
        """The verdicts in the order of records and fields."""
        return tuple(self._cells[place] for place in sorted(self._cells))

    def covered(self, number: int) -> bool:
        """Whether the closed form covers a field of this group."""
        found = self._outcome(number)
        return not (found.uncovered.any() or found.lone_uncovered.any())

    # -- from the closed form -------------------------------------------------------------------------------------------------

    def add_closed(self, number: int) -> None:
        """Verdicts on one field of all records."""
        found, stars, firsts = self._outcome(number), self.stars, self.form.first_of_target
        at_once = not self.profile.echo_suppression
        self.confluent &= not (found.varies.any() or found.hub_varies.any() or (found.lone_lost.any() and not at_once))
        by_star: dict[int, _Standing] = {}
        for member in np.flatnonzero(found.lost).tolist():
            star = int(stars.star[member])
            if star not in by_star:
                by_star[star] = self._standing(number, 0, self._alive(found, star, star + 1, beside=True))
            self._add(number, int(stars.row[member]), by_star[star], certain=bool(found.certain[member]))
        for place in np.flatnonzero(found.hub_lost).tolist():
            end = int(firsts[place + 1]) if place + 1 < len(firsts) else len(stars)
            alive = self._alive(found, int(firsts[place]), end, beside=False)
            self._add(number, int(stars.hub[firsts[place]]), self._standing(number, 1, alive), certain=bool(found.hub_certain[place]))
        for row in stars.lone[found.lone_lost].tolist():
            self._add(number, row, self._standing(number, 1, [(-1, cols.BLANK)]), certain=at_once)

    def _outcome(self, number: int) -> FieldOutcome:
        if number not in self._outcomes:
            self._outcomes[number] = self.form.field(number, self.rules[number])
        return self._outcomes[number]

    def _alive(self, found: FieldOutcome, star: int, end: int, *, beside: bool) -> list[tuple[int, int]]:
        """(row, code) of every value that can stand in some hubs in the end; row -1: the blank of a created one."""
        stars = self.stars
        last = int(stars.start[end]) if end < len(stars) else len(stars.row)
        members = range(int(stars.start[star]), last)
        hubs = [s for s in range(star, end) if found.hub_alive[s] or (beside and found.beside[s])]
        alive = [(int(stars.row[m]), int(found.code[m])) for m in members if found.alive[m]]
        return alive + [(int(stars.hub[s]), int(found.hub_code[s])) for s in hubs]

    def _standing(self, number: int, side: Side, alive: list[tuple[int, int]]) -> _Standing:
        rule, column = self.rules[number], self.columns.fields[number]
        texts = {code: native(rule, side, column.text(code)) for _, code in alive}
        by = [(self.records[row].ref, code) for row, code in sorted(set(alive)) if row >= 0]
        return _Standing(tuple(sorted(texts.items(), key=lambda item: _blank_last(item[1]))), tuple(by))

    def _add(self, number: int, row: int, standing: _Standing, *, certain: bool) -> None:
        own = int(self.columns.fields[number].codes[row])
        after = tuple([text for code, text in standing.texts if code != own])
        self._append(number, row, after, tuple([ref for ref, code in standing.by if code != own]), certain=certain)

    def _append(self, number: int, row: int, after: tuple[Common, ...], by: tuple[Ref, ...], *, certain: bool) -> None:
        rule, record = self.rules[number], self.records[row]
        asked_for = rule.direction != "both" or self.profile.initial != "none"
        intended = certain and asked_for and len(after) == 1 and after[0] is not None and not self._collides
        certainty: Certainty = "certain" if certain else "order_dependent"
        self._cells[row, number] = CellVerdict(record.ref, rule.name, record.values[rule.name], after, certainty, by, intended)

    # -- from the search ------------------------------------------------------------------------------------------------------

    def add_searched(self, numbers: Sequence[int], pairing: Pairing, found: Outcomes) -> None:
        """Verdicts on some fields from every final value that a search has seen."""
        for slot, finals in enumerate(found.after):
            for number, values in zip(numbers, finals, strict=True):
                rule = self.rules[number]
                classes = {rule.common(found.sides[slot], value): value for value in sorted(values, key=_blank_last)}
                self.confluent &= len(classes) <= 1
                if slot < len(self.records) and rule.name in self.records[slot].values:
                    self._add_searched(number, slot, classes, pairing)

    def _add_searched(self, number: int, row: int, finals: dict[Common, Common], pairing: Pairing) -> None:
        rule, record = self.rules[number], self.records[row]
        mine = rule.common(record.side, record.values[rule.name])
        others = {common: value for common, value in finals.items() if common != mine}
        if mine is not None and others:
            by = [i for i in range(len(self.records)) if i != row and self._sends(rule, i, pairing) in others]
            refs = tuple(self.records[i].ref for i in by)
            self._append(number, row, tuple(sorted(others.values(), key=_blank_last)), refs, certain=mine not in finals)

    def _sends(self, rule: FieldRule, row: int, pairing: Pairing) -> Common | bool:
        """The common form of the value a record sends through a field; False if it sends none."""
        record = self.records[row]
        takes_part = row in pairing.in_sync and (record.side == 1 or row in pairing.admitted) and rule.copies(record.side)
        return rule.common(record.side, record.values[rule.name]) if takes_part and rule.name in record.values else False

    # -- what is not written ----------------------------------------------------------------------------------------------------

    def blocked(self) -> tuple[Blocked, ...]:
        """Records, and values, that the sync would leave out."""
        stars = self.stars
        rows: list[tuple[Reason, Certainty, list[int]]] = [
            ("held", "certain", stars.held.tolist()),
            ("email_taken", "certain", stars.taken.tolist()),
            ("race", "order_dependent", stars.race.tolist()),
        ]
        found = [Blocked(self.records[row].ref, reason, certainty) for reason, certainty, members in rows for row in sorted(set(members))]
        return (*found, *self._not_sent())

    def _not_sent(self) -> list[Blocked]:
        stars = self.stars
        hubs = np.concatenate([stars.hub[stars.hub_sends & (stars.hub >= 0)], stars.lone])
        found = []
        for rule, column in zip(self.rules, self.columns.fields, strict=True):
            senders: list[int] = [*(stars.row[stars.sends] if rule.copies(0) else ()), *(hubs if rule.copies(1) else ())]
            stuck = sorted({int(row) for row in senders if column.marks[row] & cols.STUCK})
            found += [Blocked(self.records[row].ref, "not_sent", "certain", rule.name) for row in stuck]
        return found

    def reformats(self) -> int:
        """Cells that can keep their meaning and get the sync's own format."""
        stars = self.stars
        if self.profile.compare_before_write:
            return 0
        written = {
            0: set(stars.row[stars.receives & stars.hub_sends[stars.star]].tolist()),
            1: set(stars.hub[stars.any(stars.sends)].tolist()),
        }
        count = 0
        for number, (rule, column) in enumerate(zip(self.rules, self.columns.fields, strict=True)):
            rough = np.flatnonzero((column.marks & cols.ROUGH) > 0).tolist()
            sides = [(row, self.records[row].side) for row in rough if (row, number) not in self._cells]
            count += sum(row in written[side] and rule.copies(1 if side == 0 else 0) and not rule.create_only for row, side in sides)
        return count


def native(rule: FieldRule, side: Side, common: Common) -> Common:
    """A common form as the text the sync would write on a side."""
    if side == 1:
        return common
    try:
        return rule.sent(1, common)
    except Exception:  # noqa: BLE001  a project's transform may raise anything; its value then stands as it is
        return common


def _blank_last(value: Common) -> tuple[bool, str]:
    return (value is None, value or "")
