"""The closed form: what each cell can hold in the end, without walking any order of events.

For one star and one field, the final value of the hub is the value of a member or its own: those are *alive*. Which ones are follows
from who may send, who is written to, blanks, and the initial comparison; `docs/forecast.md` derives it. Everything here is arithmetic
on codes of whole columns; `search` is the reference it is held to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reconcile_tui.forecast.columns import BLANK, STUCK, UNMAPPED, UNSTABLE, Columns, Flags, Ints
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.stars import Stars
from reconcile_tui.forecast.values import FieldRule

_NONE = np.int32(np.iinfo(np.int32).max)  # larger than any code: the smallest of no values
_LESS = np.int32(np.iinfo(np.int32).min)


@dataclass(frozen=True, slots=True)
class FieldOutcome:
    """What becomes of one field, over all stars.

    alive, hub_alive: whose value can stand in the hub in the end (per member, per star). beside: stars where receivers can also keep
    the hub's launch value. lost, certain, varies, wiped: per member; hub_lost and so on: per target (`ClosedForm.first_of_target`).
    lone_lost: per lone hub. uncovered: stars, and lone hubs, this form doesn't cover.
    """

    code: Ints
    hub_code: Ints
    alive: Flags
    hub_alive: Flags
    beside: Flags
    lost: Flags
    certain: Flags
    varies: Flags
    hub_lost: Flags
    hub_certain: Flags
    hub_varies: Flags
    wiped: Flags
    hub_wiped: Flags
    lone_lost: Flags
    uncovered: Flags
    lone_uncovered: Flags


class ClosedForm:
    """The closed form of all stars under one profile; `field` evaluates one field at a time to keep memory small."""

    def __init__(self, columns: Columns, stars: Stars, profile: Profile, created_eligible: tuple[bool, bool] = (True, True)) -> None:
        """Work out what all fields share."""
        self.columns, self.stars, self.profile = columns, stars, profile
        self.propagates = profile.blank == "propagates"
        self.exists = stars.hub >= 0
        self.first_of_target = np.flatnonzero(np.diff(stars.target, prepend=-1)) if len(stars) else stars.start
        self.lone_sends_back = created_eligible[0] or profile.filters == "initial_only"

    def field(self, number: int, rule: FieldRule) -> FieldOutcome:
        """The outcome of one field."""
        return _Field(self, number, rule).outcome()


class _Field:
    """One field's arrays: members and stars."""

    def __init__(self, form: ClosedForm, number: int, rule: FieldRule) -> None:
        self.form, self.rule, self.stars, self.profile = form, rule, form.stars, form.profile
        stars, column = form.stars, form.columns.fields[number]
        self.column = column
        self.code, marks = column.codes[stars.row], column.marks[stars.row]
        on_created = BLANK if rule.columns[1] or not any(rule.columns) else UNMAPPED
        self.hub_code = np.where(form.exists, column.codes[stars.hub], on_created).astype(np.int32) if len(stars) else column.codes[:0]
        hub_marks = np.where(form.exists, column.marks[stars.hub], 0) if len(stars) else column.marks[:0]
        self.forward = rule.copies(0) and not rule.create_only
        self.backward = rule.copies(1) and not rule.create_only
        self.blank_forward = rule.sends_blank(0, form.propagates)
        self.blank_back = rule.sends_blank(1, form.propagates)
        self.mapped = (self.code != UNMAPPED) & (self.hub_code != UNMAPPED)[stars.star]
        goes = ((marks & STUCK) == 0) & ((self.code >= 0) | self.blank_forward)
        self.sends = stars.sends & self.mapped & goes & self.forward
        self.receives = stars.receives & self.mapped & stars.hub_sends[stars.star] & self.backward
        self.sent_back = stars.any(self.receives)
        hub_goes = ((hub_marks & STUCK) == 0) & ((self.hub_code >= 0) | self.blank_back)
        silent = stars.any(stars.sends & ~self.sends)  # the hub is created without this field
        self.hub_sends = self.sent_back & hub_goes & (form.exists | silent)
        unstable = stars.any((marks & UNSTABLE) > 0) | ((hub_marks & UNSTABLE) > 0)
        blanks = stars.any(self.code == BLANK) | (self.hub_code == BLANK)
        mixed = blanks & (self.blank_forward != self.blank_back) & (rule.direction == "both")
        self.uncovered = unstable | mixed

    def outcome(self) -> FieldOutcome:
        if self.rule.create_only:
            alive, hub_alive, beside, stays = self._create_only()
        elif self.profile.compare_before_write:
            alive, hub_alive, beside, stays = self._guarded()
        else:
            alive, hub_alive, beside, stays = self._open()
        return self._verdicts(alive, hub_alive, beside, stays)

    # -- which values are alive -----------------------------------------------------------------------------------------------

    def _open(self) -> tuple[Flags, Flags, Flags, Flags]:
        """Every write goes through. Returns alive, hub_alive, beside, stays (receivers that may keep their own value)."""
        stars, initial = self.stars, self.profile.initial != "none"
        star, exists = stars.star, self.form.exists
        echoes = self.receives & stars.sends & self.forward  # written to, and sends on what was written
        compared = exists[star] & initial
        loses = compared & self.hub_sends[star] & self.receives & ~stars.wins
        alive = self.sends & ~loses
        only_senders = stars.any(self.sends & ~self.receives)
        kept_by_echo = stars.any(echoes & (~compared | ~stars.wins | ~self.sends))
        beaten = np.where(exists & initial, stars.any(self.sends & stars.wins), only_senders)
        hub_alive = self.hub_sends & (kept_by_echo | ~beaten)
        if not self.profile.echo_suppression:
            none = np.zeros(len(stars), np.bool_)
            return alive, hub_alive, none, self.receives & False
        before = ~exists | (not initial)
        beside = self.hub_sends & before
        return alive, hub_alive, beside, self.receives & (~exists | (~self.hub_sends & (not initial)))[star]

    def _guarded(self) -> tuple[Flags, Flags, Flags, Flags]:
        """Only blanks are filled: by the hub's own value, or, where that is blank, by any member that sends one."""
        stars, star = self.stars, self.stars.star
        filled = (self.hub_code >= 0) & self.form.exists
        alive = self.sends & (self.code >= 0) & ~filled[star]
        compared = self.form.exists[star] & (self.profile.initial != "none")
        early = alive & ~(compared & self.hub_sends[star] & self.receives & ~stars.wins)  # goes before the first save
        alive &= early | ~(stars.any(early & compared)[star])
        stays = self.receives & ~filled[star] & self.profile.echo_suppression
        stays &= (~self.form.exists | (self.profile.initial == "none"))[star]
        return alive, filled & self.hub_sends, np.zeros(len(stars), np.bool_), stays | (self.receives & (self.code >= 0))

    def _create_only(self) -> tuple[Flags, Flags, Flags, Flags]:
        """What the creator holds stays in the record it creates; nothing else is copied."""
        stars = self.stars
        given = self.mapped & self.rule.copies(0) & ((self.column.marks[stars.row] & STUCK) == 0)
        alive = stars.sends & stars.created[stars.star]
        self.code = np.where(alive & ~given, BLANK, self.code).astype(np.int32)
        none = np.zeros(len(stars), np.bool_)
        return alive, none, none, self.receives

    # -- what that means for each cell ----------------------------------------------------------------------------------------

    def _verdicts(self, alive: Flags, hub_alive: Flags, beside: Flags, stays: Flags) -> FieldOutcome:
        stars, star = self.stars, self.stars.star
        low, high = self._range(alive, hub_alive)
        low_back, high_back = self._widened(low, high, beside)
        own, written = self.code, self.receives & (low_back != _NONE)[star]
        if self.profile.compare_before_write:
            written &= own == BLANK
        differs = written & ((low_back[star] != own) | (high_back[star] != own))
        keeps = stays | stars.may_stay | self._among(alive, hub_alive, beside, low_back, high_back, differs)
        lost = differs & (own >= 0)
        varies = written & ((low_back != high_back)[star] | (differs & (stays | stars.may_stay)))
        hub_lost, hub_certain, hub_varies, hub_wiped = self._hubs(alive, hub_alive, low, high)
        wiped = lost & (low_back == BLANK)[star]
        lone_lost, lone_uncovered = self._lone()
        return FieldOutcome(
            self.code, self.hub_code, alive, hub_alive, beside, lost, lost & ~keeps, varies, hub_lost, hub_certain, hub_varies,
            wiped, hub_wiped, lone_lost, self.uncovered, lone_uncovered,
        )  # fmt: skip

    def _range(self, alive: Flags, hub_alive: Flags) -> tuple[Ints, Ints]:
        """The smallest and the largest code that can stand in each hub in the end."""
        if not len(self.stars):
            return self.hub_code, self.hub_code
        low = self.stars.folded(np.minimum, np.where(alive, self.code, _NONE))
        high = self.stars.folded(np.maximum, np.where(alive, self.code, _LESS))
        return self._widened(low, high, hub_alive)

    def _widened(self, low: Ints, high: Ints, by_hub: Flags) -> tuple[Ints, Ints]:
        return np.where(by_hub, np.minimum(low, self.hub_code), low), np.where(by_hub, np.maximum(high, self.hub_code), high)

    def _among(self, alive: Flags, hub_alive: Flags, beside: Flags, low: Ints, high: Ints, asked: Flags) -> Flags:
        """Whether a receiver's own value is one of those its hub can send in the end."""
        star, code = self.stars.star, self.code
        found: Flags = alive | (code == low[star]) | (code == high[star]) | ((hub_alive | beside)[star] & (code == self.hub_code[star]))
        open_ = np.flatnonzero(asked & ~found)
        if len(open_):
            span = np.int64(len(self.column.texts) + 2)
            key = star.astype(np.int64) * span + code
            wanted = np.zeros(len(self.stars), np.bool_)
            wanted[star[open_]] = True
            found[open_] = np.isin(key[open_], key[alive & wanted[star]])
        return found

    def _hubs(self, alive: Flags, hub_alive: Flags, low: Ints, high: Ints) -> tuple[Flags, Flags, Flags, Flags]:
        """Verdicts on the hubs; the stars of one target are alternatives."""
        stars, own, firsts = self.stars, self.hub_code, self.form.first_of_target
        if not len(stars):
            return (np.zeros(0, np.bool_),) * 4
        written = low != _NONE
        differs = written & ((low != own) | (high != own))
        same = hub_alive | stars.any(alive & (self.code == own[stars.star]))
        lost = differs & (own >= 0) & self.form.exists
        certain = lost & ~same
        if self.profile.compare_before_write:
            lost = certain = lost & False
        low, high = np.where(written, low, own), np.where(written, high, own)
        if len(firsts) < len(stars):
            low, high = np.minimum.reduceat(low, firsts), np.maximum.reduceat(high, firsts)
            lost, certain = np.logical_or.reduceat(lost, firsts), np.logical_and.reduceat(certain, firsts)
        return lost, certain, low != high, lost & (low == BLANK)

    def _lone(self) -> tuple[Flags, Flags]:
        """Lone hubs whose value the blank of the record they create wipes (in fields that travel forward only), and uncovered ones."""
        rule, lone, column = self.rule, self.stars.lone, self.column
        code, marks = column.codes[lone], column.marks[lone]
        given = rule.copies(1) & ((marks & STUCK) == 0)  # the created record receives it
        reaches = self.forward and self.blank_forward and (bool(rule.columns[0]) or not any(rule.columns))
        open_ = reaches and self.form.lone_sends_back and not self.profile.compare_before_write
        return (code >= 0) & ~given & open_, ((marks & UNSTABLE) > 0) & self.forward & self.backward
