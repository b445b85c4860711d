"""Decide: what a steward says of a group, kept in the append-only log with all that follows from it in one transaction.

Every function validates against the records as they are, refuses contradictions with the reason (DecisionRefused), and leaves the
group's state, its judgements and the values it was decided on consistent with the decisions in force.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import UsageError
from reconcile_tui.model import Common, Decision, Outcome, Ref
from reconcile_tui.steps.deciding import adding
from reconcile_tui.steps.deciding.adding import add
from reconcile_tui.steps.deciding.appending import take_in
from reconcile_tui.steps.deciding.bulk import Auto, auto
from reconcile_tui.steps.deciding.consequences import keep, refresh
from reconcile_tui.steps.deciding.reading import GroupView, difference, resolution, view
from reconcile_tui.steps.deciding.transfer import Imported, export_decisions, import_decisions
from reconcile_tui.stewardship import refusals
from reconcile_tui.stewardship.choices import OUTCOMES, Remedy

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

__all__ = [
    "Auto",
    "GroupView",
    "Imported",
    "add",
    "auto",
    "decide",
    "difference",
    "exclude",
    "export_decisions",
    "import_decisions",
    "join",
    "note",
    "redo",
    "refresh",
    "reopen",
    "resolution",
    "set_survivor",
    "set_value",
    "split",
    "take_out",
    "undo",
    "view",
]


def decide(
    ws: Workspace,
    group_id: str,
    outcome: Outcome,
    *,
    people: Sequence[Sequence[Ref]] = (),
    owner: Ref | None = None,
    address: str = "",
    remedies: Mapping[Ref, Remedy | tuple[str, str] | str] | None = None,
    refs: Sequence[Ref] = (),
    direction: str = "both",
    lead: str = "keep",
    relink: bool = False,
    note: str = "",
) -> Decision:
    """Give a group its outcome. Raises UsageError, DecisionRefused.

    `people`: who is who (split, or any outcome after which several persons are in the group). `owner`, `address`, `remedies`: shared
    mailbox. `refs`, `direction` (both, forward, backward): exclude. `lead` (keep, exclude, qualify): a lead that is also a contact.
    `relink`: stored links to records outside the group may be replaced.
    """
    if outcome not in OUTCOMES:
        raise UsageError(f"There is no outcome {outcome!r}.", todo=f"Known: {', '.join(OUTCOMES)}.")
    payload: dict[str, Any] = {"outcome": outcome}
    if people:
        payload["people"] = [[ref.as_json() for ref in person] for person in people]
    if owner is not None:
        payload["owner"] = owner.as_json()
    if address:
        payload["address"] = address.strip().lower()
    if remedies:
        payload["remedies"] = [_remedy(ref, remedy) for ref, remedy in remedies.items()]
    if outcome == "exclude":
        payload |= {"refs": [ref.as_json() for ref in refs], "direction": direction}
    if lead != "keep":
        payload["lead"] = lead
    if relink:
        payload["relink"] = True
    return take_in(ws, group_id, "outcome", payload, note=note)


def _remedy(ref: Ref, remedy: Remedy | tuple[str, str] | str) -> dict[str, Any]:
    if isinstance(remedy, str):
        name, _, value = remedy.partition(":")
    else:
        name, value = (remedy.name, remedy.value) if isinstance(remedy, Remedy) else remedy
    return {"record": ref.as_json(), "remedy": name, "value": value.strip().lower()}


def set_value(
    ws: Workspace,
    group_id: str,
    field: str,
    value: Common = None,
    *,
    ref: Ref | None = None,
    rule: str = "",
    person: Ref | None = None,
    allow_weaker_consent: bool = False,
    note: str = "",
) -> Decision:
    """Set a field's golden value: typed (`value`; None or "" blanks it), taken from a record (`ref`), or by a `rule`
    (`default`: back to the project's rule). `person`: any record of the person meant, when the group has several.
    Raises UsageError, DecisionRefused.
    """
    payload: dict[str, Any] = {"field": field}
    if ref is not None:
        payload |= {"from": ref.as_json(), "value": refusals.value_of(view(ws, group_id), field, ref)}
    elif rule:
        payload["rule"] = rule
    else:
        payload["value"] = value or None
    if person is not None:
        payload["person"] = person.as_json()
    if allow_weaker_consent:
        payload["weaker"] = True
    return take_in(ws, group_id, "value", payload, note=note)


def set_survivor(ws: Workspace, group_id: str, ref: Ref, *, note: str = "") -> Decision:
    """Say which record of its system and table stays. Raises DecisionRefused."""
    return take_in(ws, group_id, "survivor", {"ref": ref.as_json()}, note=note)


def take_out(ws: Workspace, group_id: str, ref: Ref, *, note: str = "") -> Decision:
    """A record is a person of its own. Raises DecisionRefused."""
    return split(ws, group_id, [ref], note=note)


def split(ws: Workspace, group_id: str, refs: Sequence[Ref], *, note: str = "") -> Decision:
    """These records are one person, the others are not. Raises DecisionRefused."""
    return take_in(ws, group_id, "split", {"refs": [ref.as_json() for ref in refs]}, note=note)


def join(ws: Workspace, group_id: str, refs: Sequence[Ref], *, note: str = "") -> Decision:
    """Records that were split off belong to the rest again. Raises DecisionRefused."""
    return take_in(ws, group_id, "join", {"refs": [ref.as_json() for ref in refs]}, note=note)


def exclude(ws: Workspace, group_id: str, refs: Sequence[Ref] = (), *, direction: str = "both", note: str = "") -> Decision:
    """Keep records (default: all of the group) out of the sync. Raises DecisionRefused."""
    return decide(ws, group_id, "exclude", refs=refs, direction=direction, note=note)


def note(ws: Workspace, group_id: str, text: str) -> Decision:
    """A note on a group; nothing follows from it."""
    view(ws, group_id)
    return ws.decisions.append(group_id, "note", {}, note=text)


def undo(ws: Workspace) -> Decision | None:
    """Take back the newest decision in force, a bulk decision as a whole. None when there is none."""
    last = ws.decisions.last_undoable()
    if last is None:
        return None
    batch = ws.decisions.of_bulk(last.payload["bulk"], undone=False) if "bulk" in last.payload else [last]
    with ws.transaction():
        for decision in reversed(batch):
            entry = ws.decisions.append(decision.group, "undo", {"seq": decision.seq})
            ws.decisions.mark_undone(decision.seq, entry.seq)
        adding.take_out(ws, last) if last.kind == "add" else keep(ws, [decision.group for decision in batch])
    return last


def reopen(ws: Workspace, group_id: str) -> Decision:
    """Take a group's outcome back wherever it stands in the log: the group is open again, with the values that were chosen for it.

    Returns the outcome taken back. Raises DecisionRefused when there is none.
    """
    outcomes = [decision for decision in ws.decisions.in_force(group_id) if decision.kind == "outcome"]
    if not outcomes:
        raise refusals.refuse("Nothing is decided on this group.")
    with ws.transaction():
        for decision in reversed(outcomes):
            entry = ws.decisions.append(group_id, "undo", {"seq": decision.seq})
            ws.decisions.mark_undone(decision.seq, entry.seq)
        keep(ws, [group_id])
    return outcomes[-1]


def redo(ws: Workspace) -> Decision | None:
    """Put back what the newest undo took back, unless something was decided since. None when there is nothing."""
    last = ws.decisions.last_redoable()
    if last is None:
        return None
    batch = ws.decisions.of_bulk(last.payload["bulk"], undone=True) if "bulk" in last.payload else [last]
    with ws.transaction():
        for decision in batch:
            ws.decisions.append(decision.group, "redo", {"seq": decision.seq})
            ws.decisions.mark_redone(decision.seq)
        adding.put_in(ws, last) if last.kind == "add" else keep(ws, [decision.group for decision in batch])
    return last
