"""The queue in numbers, kept up to date decision by decision: counting 100,000 groups anew at every key would be felt."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from reconcile_tui.tui.chrome import facts
from reconcile_tui.tui.review.order import throughput
from reconcile_tui.tui.words import plural

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

REMEMBERED = 60
"""Decisions from which the speed is taken."""
LOOKED_AT = 200
"""Entries of the log among which these are."""


class Tally:
    """Groups by state, and the times of the last decisions, newest first."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.states: Counter[str] = Counter()
        self.times: deque[str] = deque(maxlen=REMEMBERED)

    def read(self, workspace: Workspace) -> None:
        """Count anew."""
        self.states = Counter(workspace.matches.counts_by("state"))
        log = workspace.decisions.log(limit=LOOKED_AT)
        self.times = deque([d.at for d in log if d.kind == "outcome"][:REMEMBERED], maxlen=REMEMBERED)

    def moved(self, before: str, after: str, at: str = "") -> None:
        """A group came from one state to another."""
        self.states[before] -= 1
        self.states[after] += 1
        if at:
            self.times.appendleft(at)

    def told(self) -> str:
        """The numbers in a line."""
        total, done = self.states.total(), self.states["decided"]
        return facts(plural(total, "group"), f"{done:,} decided", f"{total - done - self.states['skipped']:,} to do", self._speed())

    def _speed(self) -> str:
        found = throughput(self.times) if len(self.times) > 5 else None
        return f"{found[0]:.0f} groups/h, {found[1]:.0f} s each" if found else ""
