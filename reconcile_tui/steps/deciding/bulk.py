"""Bulk decisions: a whole class of groups accepted as shown, after a preview with count and sample."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile_tui.errors import UsageError
from reconcile_tui.steps.deciding.consequences import consequences
from reconcile_tui.steps.deciding.reading import GroupView, views
from reconcile_tui.steps.progress import Listener, Stage, silent
from reconcile_tui.stewardship.entities import Resolution

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

CHUNK = 1000  # groups of one transaction
SAMPLE = 5


@dataclass(frozen=True, slots=True)
class Auto:
    """What a bulk decision does (or would do): how many groups, a sample, and the groups it leaves to a person with the reason."""

    count: int
    sample: tuple[str, ...]
    left: tuple[tuple[str, str], ...] = ()
    dry_run: bool = False


def auto(
    ws: Workspace,
    klass: str = "identical",
    *,
    dry_run: bool = False,
    confirm: int | None = None,
    note: str = "",
    progress: Listener = silent,
) -> Auto:
    """Accept all open groups of a class as shown. What is blocked or can't be taken for one person is left to a person.

    One undo takes the whole bulk decision back.

    `confirm`: the count a preview named; when it no longer holds, nothing is done. Raises UsageError.
    """
    from reconcile_tui.workspace.decisions import now
    from reconcile_tui.workspace.matches import Filter

    rows = ws.matches.page(Filter(klass=klass, state="open"), "score", limit=1 << 40)
    ids = sorted(row.id for row in rows)
    if not dry_run and confirm is not None:
        expected = auto(ws, klass, dry_run=True).count
        if confirm != expected:
            raise UsageError(
                f"{expected} groups would be accepted, not {confirm}.", kept="Nothing was changed.", todo=f"Confirm {expected}."
            )
    bulk = f"{klass} {now()}"
    accepted: list[str] = []
    left: list[tuple[str, str]] = []
    stage = Stage("accept" if not dry_run else "look through", progress, total=len(ids))
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        with ws.transaction():
            for seen in views(ws, part):
                _accept(ws, seen, accepted, left, bulk="" if dry_run else bulk, note=note or f"all {klass} groups")
        stage.advance(len(part))
    sample = random.Random(1).sample(accepted, min(SAMPLE, len(accepted)))  # noqa: S311 - which groups to show, not a secret
    return Auto(len(accepted), tuple(sample), tuple(left), dry_run)


def _accept(ws: Workspace, seen: GroupView, accepted: list[str], left: list[tuple[str, str]], *, bulk: str, note: str) -> None:
    resolved = seen.resolve()
    if reason := unfit(seen, resolved):
        left.append((seen.group.id, reason))
        return
    accepted.append(seen.group.id)
    if not bulk:
        return
    decision = ws.decisions.append(seen.group.id, "outcome", {"outcome": resolved.outcome, "bulk": bulk}, note=note)
    after = seen.with_decision(decision)
    consequences(ws, after, after.resolve())


def unfit(seen: GroupView, resolved: Resolution) -> str:
    """Why a group can't be accepted without looking; empty when it can."""
    if resolved.blocked:
        return resolved.blocked
    if resolved.outcome != "merge":
        return "These look like different people."
    if seen.decisions:
        return "Somebody has begun to decide it."
    return ""
