"""A decision taken into the log: checked against the group and against what other groups' decisions say, with all that follows from it.

Deciding here and importing from another workspace go the same way, so that neither takes in what the other would refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import DecisionRefused
from reconcile_tui.model import Decision
from reconcile_tui.steps.deciding.consequences import consequences
from reconcile_tui.steps.deciding.reading import GroupView, view
from reconcile_tui.stewardship import refusals
from reconcile_tui.stewardship.entities import Resolution

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


def take_in(
    ws: Workspace, group_id: str, kind: str, payload: Mapping[str, Any], *, note: str = "", author: str = "", at: str = ""
) -> Decision:
    """Append a decision in one transaction with what follows. Raises UsageError, DecisionRefused; nothing is changed then."""
    seen = view(ws, group_id)
    refusals.check(seen, kind, payload)
    with ws.transaction():
        decision = ws.decisions.append(group_id, kind, payload, note=note, author=author, at=at)
        if kind == "note":
            return decision
        after = seen.with_decision(decision)
        resolved = after.resolve()
        if kind == "outcome":
            _refuse_contradictions(ws, after, resolved)
        refusals.check_result(after, kind, payload, resolved)
        consequences(ws, after, resolved)
    return decision


def _refuse_contradictions(ws: Workspace, seen: GroupView, resolved: Resolution) -> None:
    """What another group's decision says of the same two records stands until it is undone there."""
    keys = {record.ref: record.key for record in seen.records}
    said = {(min(keys[a], keys[b]), max(keys[a], keys[b])): same for a, b, same in refusals.said(resolved)}
    for left, right, same, decision in ws.decisions.judgements_among(list(keys.values()), besides=seen.group.id):
        if said.get((left, right), same) != same:
            refs = ws.records.refs([left, right])
            word = "the same person" if same else "different people"
            raise DecisionRefused(
                f"Decision {decision} says that {refs[left]} and {refs[right]} are {word}.",
                kept="Nothing was changed.",
                todo="Undo that decision first, or leave one of the two out here.",
            )
