"""The queue's order: every group that passes the filter as a row number, pages of lines read when they are seen."""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from reconcile_tui.workspace.matches import CLASSES, ORDERS, STATES, Filter, GroupRow

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

PAGE = 128
"""Lines read at once."""
PAGES = 64
"""Pages kept."""
AT_ONCE = 5_000
"""Groups up to which the whole order is read before the first line is shown; beyond, a worker reads it."""


class Order:
    """A snapshot of the queue's order; the lines in it are always read fresh."""

    def __init__(self, workspace: Workspace, filter_: Filter, order: str) -> None:
        """Nothing is read yet."""
        self._workspace = workspace
        self.filter = filter_
        self.order = order
        self.rowids: array[int] = array("q")
        self.undecided = bytearray()
        self._pages: OrderedDict[int, list[GroupRow]] = OrderedDict()

    def __len__(self) -> int:
        """How many groups."""
        return len(self.rowids)

    def read(self, workspace: Workspace | None = None) -> None:
        """Read the order; another thread gives its own connection."""
        matches = (workspace or self._workspace).matches
        rowids = array("q", matches.rowids(self.filter, self.order))
        todo = rowids if self.filter.state == "todo" else set(matches.rowids(replace(self.filter, state="todo"), "score"))
        self.undecided = bytearray(b"\1" * len(rowids)) if todo is rowids else bytearray(rowid in todo for rowid in rowids)
        self.rowids = rowids
        self._pages.clear()

    def whole(self, reader: Workspace) -> Order:
        """The same order read to its end on another connection; its lines are read on this one."""
        order = Order(self._workspace, self.filter, self.order)
        order.read(reader)
        return order

    def first_lines(self, count: int) -> None:
        """The first lines alone, at once: what the whole order will begin with."""
        self.rowids = array("q", self._workspace.matches.rowids(self.filter, self.order, limit=count))
        rows = self._workspace.matches.page(rowids=self.rowids) if self.rowids else []
        self.undecided = bytearray(row.state in ("open", "unsure", "changed") for row in rows)
        self._pages[0] = rows

    def line(self, index: int) -> GroupRow | None:
        """One line."""
        if not 0 <= index < len(self.rowids):
            return None
        page, place = divmod(index, PAGE)
        rows = self._pages.get(page)
        if rows is None:
            rows = self._workspace.matches.page(rowids=self.rowids[page * PAGE : (page + 1) * PAGE])
            self._pages[page] = rows
            if len(self._pages) > PAGES:
                self._pages.popitem(last=False)
        return rows[place] if place < len(rows) else None

    def forget(self, index: int) -> None:
        """Read a line anew when it is seen next; note whether it is decided now."""
        self._pages.pop(index // PAGE, None)
        row = self.line(index)
        if row is not None:
            self.undecided[index] = row.state in ("open", "unsure", "changed")

    def forget_all(self) -> None:
        """Read every line anew when it is seen next."""
        self._pages.clear()

    def index_of(self, rowid: int | None) -> int | None:
        """Where a group stands; None when the filter leaves it out."""
        try:
            return self.rowids.index(rowid) if rowid is not None else None
        except ValueError:
            return None

    def next_undecided(self, index: int) -> int | None:
        """The next undecided group after a place, from the top again at the end; None when all are decided."""
        found = self.undecided.find(1, index + 1)
        if found < 0:
            found = self.undecided.find(1, 0, max(0, index))
        return found if found >= 0 else None

    def previous_undecided(self, index: int) -> int | None:
        """The undecided group before a place."""
        found = self.undecided.rfind(1, 0, max(0, index))
        return found if found >= 0 else None


_TERM = re.compile(r'(class|state|system|field|score|assignee|type):("[^"]*"|\S+)')
_CLASSES = {"shared": "shared_mailbox", "mailbox": "shared_mailbox", "lead": "lead_contact", "leads": "lead_contact"}
_KNOWN = {"class": CLASSES, "state": STATES}


def parse_filter(text: str) -> tuple[Filter, str]:
    """A filter from what was typed, and why when it can't be understood.

    Words are looked for in the names; `class:differs state:todo system:hubspot field:phone score:0.5-0.9 assignee:kim` narrow further.
    """
    filter_ = Filter()
    for key, raw in _TERM.findall(text):
        value = raw.strip('"')
        if key in _KNOWN:
            value = _CLASSES.get(value, value.replace("-", "_")) if key == "class" else value
            if value not in _KNOWN[key]:
                return Filter(), f"{key}:{value} is not known here; use {', '.join(_KNOWN[key])}"
            filter_ = replace(filter_, **{"klass" if key == "class" else key: value})
        elif key == "type":
            filter_ = replace(filter_, record_type=value)
        elif key == "score":
            try:
                low, _, high = value.partition("-")
                filter_ = replace(filter_, min_score=float(low or 0), max_score=float(high or 1))
            except ValueError:
                return Filter(), f"score:{value} is no range; write score:0.5-0.9"
        else:
            filter_ = replace(filter_, **{key: value})
    words = " ".join(_TERM.sub(" ", text).split())
    if unknown := re.search(r"\b(\w+):", words):
        return Filter(), f"{unknown[1]}: is not known here; use class, state, system, field, score, assignee or type"
    return (replace(filter_, text=words) if words else filter_), ""


def next_order(order: str) -> str:
    """The order after this one."""
    names = list(ORDERS)
    return names[(names.index(order) + 1) % len(names)] if order in names else names[0]


def compressed(systems: str) -> str:
    """`D+D+D+H` as `3D+H`."""
    counts: dict[str, int] = {}
    for letter in systems.split("+"):
        counts[letter] = counts.get(letter, 0) + 1
    return "+".join(f"{n}{letter}" if n > 1 else letter for letter, n in counts.items())


def throughput(times: Iterable[str]) -> tuple[float, float] | None:
    """Groups an hour and median seconds a group, from the times of decisions, newest first.

    Pauses over five minutes are no work, and what follows in less than a quarter of a second was accepted in one stroke.
    """
    from datetime import datetime
    from itertools import pairwise
    from statistics import median

    moments = [datetime.fromisoformat(t) for t in times]
    gaps = [(a - b).total_seconds() for a, b in pairwise(moments)]
    worked = [gap for gap in gaps if 0.25 <= gap <= 300]
    return (3600 * len(worked) / sum(worked), median(worked)) if worked else None
