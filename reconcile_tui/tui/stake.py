"""How many cells the sync would overwrite, launched today and after cleaning: the numbers every screen shows as decisions are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile_tui.tui.glyphs import ARROW, MORE
from reconcile_tui.tui.standing import cells_of

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Stake:
    """Cells at risk today, and after what was decided so far; None: not forecast."""

    now: int | None = None
    after: int | None = None
    behind: bool = False  # something was decided that `after` does not hold yet

    @classmethod
    def of(cls, workspace: Workspace) -> Stake:
        """As the workspace keeps them."""
        now, after = (cells_of(workspace.forecasts.totals(side)) for side in ("now", "after"))
        return cls(now, after, workspace.forecasts.behind())

    def told(self) -> str:
        """For a status line: `578 → 542 at risk`; empty before the first forecast."""
        if self.now is None:
            return ""
        if self.behind:
            return f"{self.now:,} {ARROW} {MORE} at risk"
        return f"{self.now:,} {ARROW} {self.after:,} at risk" if self.after is not None else f"{self.now:,} at risk"
