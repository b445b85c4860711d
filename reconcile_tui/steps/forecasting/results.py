"""What a forecast says: groups at stake and their stories, totals, and two profiles side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.steps.forecasting.text import group_lines, headline, labels
from reconcile_tui.steps.progress import Listener, Stage, silent

if TYPE_CHECKING:
    from reconcile_tui.forecast.group import GroupForecast
    from reconcile_tui.forecast.verdict import Totals


@dataclass(frozen=True, slots=True)
class AtStake:
    """A collision group in which something is at stake, and the group of the queue its records are reviewed in."""

    group: str
    record_type: str
    keys: tuple[int, ...]


@dataclass(frozen=True)
class Forecast:
    """What a sync under a profile would overwrite. `tell` simulates one group again, with every cell's story."""

    profile: str
    after_plan: bool
    totals: Totals
    groups: Sequence[AtStake]  # most cells first
    problems: tuple[str, ...]
    tell: Callable[[AtStake], GroupForecast]

    def headline(self) -> str:
        """The totals in a sentence."""
        return headline(self.totals)

    def as_json(self) -> dict[str, Any]:
        """The JSON of `simulate`."""
        return {**self.head_json(), "groups": list(self.groups_json()), "problems": list(self.problems)}

    def head_json(self) -> dict[str, Any]:
        """The JSON before the groups."""
        return {"profile": self.profile, "after_plan": self.after_plan, "totals": self.totals.as_json()}

    def groups_json(self, limit: int | None = None, progress: Listener = silent) -> Iterator[dict[str, Any]]:
        """The JSON of the groups, one by one: all of them can be more than fits into memory."""
        count = min(len(self.groups), limit or len(self.groups))
        stage = Stage("tell", progress, total=count)
        for number in range(count):
            found = self.groups[number]
            told = self.tell(found)
            yield told.as_json(found.group, labels(told))
            stage.advance()

    def text(self, *, limit: int = 20, witness: bool = False) -> str:
        """For a person; with `witness` each cell's story step by step."""
        from reconcile_tui.display import safe_text

        side = "after the plan" if self.after_plan else "today"
        lines = [f"Launch {side} under {self.profile}: {self.headline()}."]
        lines += [f"! {safe_text(problem)}" for problem in self.problems]
        for found in self.groups[:limit]:
            lines += ["", *group_lines(found.group, self.tell(found), witness)]
        if len(self.groups) > limit:
            lines += ["", f"… and {len(self.groups) - limit:,} more groups (--limit, or --json for all)."]
        return "\n".join(lines)


@dataclass(frozen=True)
class Compared:
    """Two profiles on the same data; cells are (record key, field)."""

    first: Forecast
    second: Forecast
    gone: frozenset[tuple[int, str]]
    new: frozenset[tuple[int, str]]
    refs: Mapping[int, Any]

    def as_json(self) -> dict[str, Any]:
        """For `simulate --diff --json`."""
        return {
            "profiles": [self.first.profile, self.second.profile],
            "after_plan": self.first.after_plan,
            "totals": [self.first.totals.as_json(), self.second.totals.as_json()],
            "only_first": [{"record": self.refs[key].as_json(), "field": field} for key, field in sorted(self.gone)],
            "only_second": [{"record": self.refs[key].as_json(), "field": field} for key, field in sorted(self.new)],
            "problems": list(self.first.problems),
        }

    def text(self) -> str:
        """For a person."""
        from reconcile_tui.display import safe_text

        lines = [f"! {safe_text(problem)}" for problem in self.first.problems]
        return "\n".join(
            [
                *lines,
                f"{self.first.profile}: {self.first.headline()}.",
                f"{self.second.profile}: {self.second.headline()}.",
                f"At stake only under {self.first.profile}: {len(self.gone):,} values{_fields(self.gone)}.",
                f"At stake only under {self.second.profile}: {len(self.new):,} values{_fields(self.new)}.",
            ]
        )


def _fields(cells: frozenset[tuple[int, str]]) -> str:
    """The fields with the most values, in words."""
    from collections import Counter

    counted = Counter(field for _, field in cells).most_common(3)
    return f" (most in {', '.join(f'{name} {count:,}' for name, count in counted)})" if counted else ""
