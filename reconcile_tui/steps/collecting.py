"""The long part of planning: decided groups read, resolved and turned into writes, on several processor cores when there are many."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.steps.blocking import Blocking
from reconcile_tui.steps.deciding.reading import GroupView, changes, context, views
from reconcile_tui.stewardship.document import Write
from reconcile_tui.stewardship.plan import Planner
from reconcile_tui.stewardship.resolve import writes_nothing

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

CHUNK = 1000  # groups in memory at once
MANY = 10_000
"""Groups from which further processes pay for their start (about a second each on the reference machine)."""

PROCESSES = 4
"""At most; a core each."""

Part = tuple[list[tuple[Any, ...]], list[Any], list[Any], list[Any]]
"""What a chunk adds to a planner: packed writes, blocked, excluded, notes."""


def collect(ws: Workspace, planner: Planner, groups: Sequence[str]) -> Iterator[int]:
    """Fill the planner with the groups, in order; yields how many each step has done."""
    blocking = Blocking.of(ws)
    chunks = [groups[start : start + CHUNK] for start in range(0, len(groups), CHUNK)]
    cores = min(PROCESSES, os.cpu_count() or 1)
    if len(groups) < MANY or cores == 1 or ws.db.in_transaction:  # another process would not see what is not committed
        for chunk in chunks:
            collect_chunk(ws, planner, chunk, blocking)
            yield len(chunk)
        return
    with ProcessPoolExecutor(cores, get_context("spawn"), _open, (ws.folder, blocking)) as pool:
        try:
            for chunk, part in zip(chunks, pool.map(_in_process, chunks), strict=True):
                _unpack(planner, part)
                yield len(chunk)
        finally:
            pool.shutdown(cancel_futures=True)


def collect_chunk(ws: Workspace, planner: Planner, groups: Sequence[str], blocking: Blocking) -> None:
    """Take some decided groups into a planner. What changed since it was decided is blocked, and so is what an open blocker concerns."""
    collect_seen(planner, groups, views(ws, groups), ws.decisions.basis(groups), blocking)


def collect_seen(
    planner: Planner,
    groups: Sequence[str],
    seen_groups: Sequence[GroupView],
    basis: Mapping[str, Mapping[int, Mapping[str, Any]]],
    blocking: Blocking,
) -> None:
    """The same for groups that were read already; `basis`: what each was decided on."""
    for group in sorted({*groups} - {seen.group.id for seen in seen_groups}):
        planner.block(group, "Its records are no longer one group since the last match run; look at where they are now.")
    for seen in seen_groups:
        resolved = seen.resolve()
        if writes_nothing(resolved):
            continue
        changed = _changed(basis.get(seen.group.id, {}), seen)
        if reason := changed or resolved.blocked or blocking.reason(seen, resolved):
            planner.block(seen.group.id, reason)
        else:
            planner.add(seen.context, resolved, seen.records)


def _changed(basis: Mapping[int, Mapping[str, Any]], seen: GroupView) -> str:
    changed = changes(basis, seen.records)
    if not changed:
        return ""
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return f"Changed since it was decided ({changed[0].field} of {changed[0].ref}{more}); look again and confirm."


@contextmanager
def without_cycles() -> Iterator[None]:
    """Planning makes millions of values and no cycles: looking for cycles meanwhile costs a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


_here: dict[str, Workspace] = {}
"""The workspace of a further process, opened once."""

_open_blockers: dict[str, Blocking] = {}


def _open(folder: Path, blocking: Blocking) -> None:
    from reconcile_tui.workspace import Workspace

    gc.disable()
    _here["workspace"], _open_blockers["now"] = Workspace.open(folder, "read"), blocking


def _in_process(groups: Sequence[str]) -> Part:
    ws = _here["workspace"]
    planner = Planner([context(ws, record_type) for record_type in ws.project.record_types.values()])
    collect_chunk(ws, planner, groups, _open_blockers["now"])
    return [write.packed() for write in planner.writes], planner.blocked, planner.excluded, planner.notes


def _unpack(planner: Planner, part: Part) -> None:
    writes, blocked, excluded, notes = part
    planner.writes += map(Write.unpacked, writes)
    planner.blocked += blocked
    planner.excluded += excluded
    planner.notes += notes
