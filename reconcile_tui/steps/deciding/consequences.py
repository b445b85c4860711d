"""What follows from a group's decisions in force: its state in the queue, judgements between its records, what it was based on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reconcile_tui.steps.deciding.reading import GroupView, changes, held, views
from reconcile_tui.steps.progress import Listener, Stage, silent
from reconcile_tui.stewardship.entities import Resolution
from reconcile_tui.stewardship.resolve import judgements

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

STATES = {"": "open", "unsure": "unsure", "skip": "skipped"}
"""Queue state by outcome; every other outcome: decided."""

CHUNK = 2000  # groups read at once


def consequences(ws: Workspace, seen: GroupView, resolved: Resolution) -> None:
    """Store what follows, in the caller's transaction. The group counts as reviewed as it is now."""
    outcome = resolved.outcome if resolved.decided else ""
    keys = {record.ref: record.key for record in seen.records}
    ws.matches.set_state(seen.group.id, STATES.get(outcome, "decided"), outcome)
    pairs = [(keys[left], keys[right], same) for left, right, same in judgements(resolved)] or _brought_together(seen)
    ws.decisions.judge(max(seen.choices.latest, resolved.decision), pairs, seen.group.id)
    decided = STATES.get(outcome, "decided") == "decided"
    ws.decisions.keep_basis(seen.group.id, {r.key: held(r) for r in seen.records} if decided else {})


def _brought_together(seen: GroupView) -> list[tuple[int, int, bool]]:
    """While nothing is decided, a record that a person brought into the group belongs to its first one."""
    added = {seen.alias(ref) for ref in seen.choices.added}
    first = next((record.key for record in seen.records if record.ref not in added), None)
    return [(first, record.key, True) for record in seen.records if record.ref in added and first is not None]


def look_again(ws: Workspace, group_id: str) -> bool:
    """Mark a decided group as changed, or as decided again, after records came or went; False when nothing is decided on it."""
    if ws.matches.row(group_id) is None or group_id not in ws.decisions.basis([group_id]):
        return False
    _refresh(ws, [group_id])
    return True


def keep(ws: Workspace, groups: Sequence[str]) -> None:
    """Derive everything anew after an undo or redo. A group that matching no longer has only loses its judgements."""
    for start in range(0, len(groups), CHUNK):
        part = list(dict.fromkeys(groups[start : start + CHUNK]))
        found = views(ws, part)
        for seen in found:
            consequences(ws, seen, seen.resolve())
        for group_id in {*part} - {seen.group.id for seen in found}:
            ws.decisions.judge(0, (), group_id)
            ws.decisions.keep_basis(group_id, {})


def refresh(ws: Workspace, progress: Listener = silent) -> int:
    """After a pull or a match run: mark decided groups whose records changed as `changed`, and those that are as decided as decided.

    Returns how many are changed. Nothing that was decided is lost: the decision shows what it was based on.
    """
    groups = ws.decisions.decided_groups()
    stage = Stage("compare decided groups", progress, total=len(groups))
    changed = 0
    for start in range(0, len(groups), CHUNK):
        part = groups[start : start + CHUNK]
        changed += _refresh(ws, part)
        stage.advance(len(part))
    return changed


def _refresh(ws: Workspace, groups: list[str]) -> int:
    basis = ws.decisions.basis(groups)
    heads = ws.decisions.heads(groups)
    changed = 0
    with ws.transaction():
        for seen in views(ws, groups):
            outcome = seen.choices.outcome
            differs = bool(changes(basis[seen.group.id], seen.records))
            changed += differs
            state = "changed" if differs else STATES.get(outcome, "decided")
            head = heads[seen.group.id]
            if (head.state, head.outcome) != (state, outcome):
                ws.matches.set_state(seen.group.id, state, outcome)
    return changed
