"""A record that matching did not find is brought into a group by hand; a group it was in comes along whole.

The act is a decision of kind `add`: it is in the log, is undone like any other, and counts as a judgement that the record and the group's
first one are the same person until the group is decided, so that the next match run keeps them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import UsageError
from reconcile_tui.model import Decision, Record, Ref
from reconcile_tui.steps.deciding.consequences import keep
from reconcile_tui.stewardship.refusals import refuse

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


def add(ws: Workspace, group_id: str, ref: Ref, *, note: str = "", author: str = "", at: str = "") -> Decision:
    """Bring a record into a group, with all records of the open group it may be in. Raises UsageError, DecisionRefused."""
    row = ws.matches.stored(group_id)
    if row is None:
        raise UsageError(f"There is no group {group_id!r}.", todo="`reconcile-tui groups` lists them.")
    key = _key(ws, ref, row["record_type"])
    other = ws.matches.group_of(key)
    if other == group_id:
        raise refuse(f"{ref} is in this group already.")
    keys = ws.matches.members(other) if other else (key,)
    _refuse_contradictions(ws, group_id, other, keys)
    brought = ws.records.refs(keys)
    payload = {
        "ref": ref.as_json(),
        "refs": [brought[k].as_json() for k in keys],
        "before": row,
        "dissolved": ws.matches.stored(other) if other else None,
    }
    with ws.transaction():
        decision = ws.decisions.append(group_id, "add", payload, note=note, author=author, at=at)
        put_in(ws, decision)
    return decision


def put_in(ws: Workspace, decision: Decision) -> None:
    """Carry an addition out, in the caller's transaction."""
    dissolved = decision.payload["dissolved"]
    if dissolved:
        ws.matches.dissolve(dissolved["id"])
    keys = (*ws.matches.members(decision.group), *_keys(ws, decision))
    row = ws.matches.stored(decision.group)
    if row is None:  # matching has put the records elsewhere since
        return
    ws.matches.store(_described(ws, row, dissolved, sorted(keys)), sorted(keys))
    _follow(ws, decision.group)


def take_out(ws: Workspace, decision: Decision) -> None:
    """Undo an addition, in the caller's transaction; the group that came along is there again as it was."""
    brought = set(_keys(ws, decision))
    now = ws.matches.stored(decision.group)
    if now is not None:
        rest = [key for key in ws.matches.members(decision.group) if key not in brought]
        shown = ("class", "size", "systems", "title", "differs", "newest", "cells_at_risk", "consent_at_risk")
        ws.matches.store({**now, **{name: decision.payload["before"][name] for name in shown}}, rest)
    dissolved = decision.payload["dissolved"]
    if dissolved and ws.matches.stored(dissolved["id"]) is None:
        ws.matches.store(dissolved, sorted(brought))
    _follow(ws, decision.group)


def _follow(ws: Workspace, group_id: str) -> None:
    """A decided group whose records are others now asks for another look; an open one keeps what follows from the addition."""
    from reconcile_tui.steps.deciding.consequences import look_again

    if not look_again(ws, group_id):
        keep(ws, [group_id])


def _key(ws: Workspace, ref: Ref, record_type: str) -> int:
    known = [(s, t) for s, tables in ws.project.record_types[record_type].tables.items() for t in tables]
    if (ref.system, ref.table) not in known:
        raise refuse(f"{ref} is no record of {record_type}.")
    record = ws.records.get(ref)
    if record is None:
        raise UsageError(f"There is no record {ref}.", todo="A record is written as system/table/id.")
    if record.deleted or record.merged_into:
        raise refuse(f"{ref} is {'gone' if record.deleted else f'merged into {record.merged_into}'}.")
    return record.key


def _keys(ws: Workspace, decision: Decision) -> list[int]:
    found = [ws.records.key_of(Ref.from_json(item)) for item in decision.payload["refs"]]
    return [key for key in found if key is not None]


def _refuse_contradictions(ws: Workspace, group_id: str, other: str | None, keys: Sequence[int]) -> None:
    if other and any(decision.kind == "outcome" for decision in ws.decisions.in_force(other)):
        raise refuse(f"That record is in group {other}, about which something is decided.", "Undo that decision first, or decide there.")
    together = [*ws.matches.members(group_id), *keys]
    for left, right, same, decision in ws.decisions.judgements_among(together, besides=""):
        if not same and (left in keys) != (right in keys):
            refs = ws.records.refs([left, right])
            raise refuse(f"Decision {decision} says that {refs[left]} and {refs[right]} are different people.", "Undo that decision first.")


def _described(ws: Workspace, row: Mapping[str, Any], dissolved: Mapping[str, Any] | None, keys: Sequence[int]) -> dict[str, Any]:
    """What the queue shows of the group as it is now."""
    records = ws.records.load(keys)
    fields = [field.name for field in ws.project.record_types[row["record_type"]].fields]
    differs = [name for name in fields if len({r.values.get(name) for r in records if r.values.get(name)}) > 1]
    return {
        **row,
        "class": "differs" if row["class"] == "identical" else row["class"],
        "size": len(records),
        "systems": "+".join(record.ref.system[0].upper() for record in records),
        "differs": differs,
        "newest": max((_modified(record) for record in records), default=""),
        "cells_at_risk": row["cells_at_risk"] + (dissolved["cells_at_risk"] if dissolved else 0),
        "consent_at_risk": row["consent_at_risk"] + (dissolved["consent_at_risk"] if dissolved else 0),
    }


def _modified(record: Record) -> str:
    return record.modified_at or ""
