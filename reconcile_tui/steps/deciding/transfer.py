"""Decisions as JSON lines from one workspace to another. Conflicts are listed, never overwritten."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import DecisionRefused, UsageError
from reconcile_tui.model import Decision, Ref

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

KINDS = ("add", "outcome", "value", "survivor", "split", "join", "note")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: decisions taken over, already here, and conflicts (line, reason)."""

    taken: int
    already: int
    conflicts: tuple[tuple[int, str], ...] = ()


def export_decisions(ws: Workspace) -> Iterator[str]:
    """All decisions in force, additions first, then oldest first, each as one JSON line with the records its group has then."""
    in_force = ws.decisions.in_force()
    additions = [decision for decision in in_force if decision.kind == "add"]
    members: dict[str, list[dict[str, str]]] = {}
    for decision in in_force:
        if decision.group not in members:
            refs = ws.records.refs(ws.matches.members(decision.group)).values()
            members[decision.group] = [ref.as_json() for ref in refs]
    for number, decision in enumerate(additions):
        later = [ref for other in additions[number:] if other.group == decision.group for ref in other.payload["refs"]]
        yield _line(decision, [ref for ref in members[decision.group] if ref not in later])
    yield from (_line(decision, members[decision.group]) for decision in in_force if decision.kind != "add")


def _line(decision: Decision, records: list[dict[str, str]]) -> str:
    document = {
        "at": decision.at, "author": decision.author, "kind": decision.kind, "payload": dict(decision.payload),
        "note": decision.note, "records": records,
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False)


def import_decisions(ws: Workspace, lines: Iterable[str]) -> Imported:
    """Take decisions over into the groups that hold the same records. A group decided here already is left as it is.

    Raises UsageError for a line that is not such an export.
    """
    taken = already = 0
    conflicts: list[tuple[int, str]] = []
    here: dict[str, bool] = {}  # group -> decided before this import
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        data = _parsed(number, line)
        group, reason = _group(ws, data["records"])
        if group is None:
            conflicts.append((number, reason))
            continue
        if _has(ws, group, data):
            already += 1
            continue
        if here.setdefault(group, bool(ws.decisions.in_force(group))):
            conflicts.append((number, f"Group {group} is decided here already; that decision stands."))
            continue
        try:
            _take(ws, group, data)
            taken += 1
        except (DecisionRefused, UsageError) as error:
            conflicts.append((number, error.what))
    return Imported(taken, already, tuple(conflicts))


def _parsed(number: int, line: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
        if data["kind"] not in KINDS or not isinstance(data["records"], list) or not isinstance(data["payload"], dict):
            raise ValueError("unknown kind")
        [Ref.from_json(item) for item in data["records"]]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"Line {number} is not an exported decision.", kept="The lines before it were taken over.") from error
    return data  # type: ignore[no-any-return]


def _group(ws: Workspace, records: list[Mapping[str, Any]]) -> tuple[str | None, str]:
    refs = [Ref.from_json(item) for item in records]
    known = set(ws.project.tables())
    keys = [ws.records.key_of(ref) if (ref.system, ref.table) in known else None for ref in refs]
    if not keys or None in keys:
        missing = next((ref for ref, key in zip(refs, keys, strict=True) if key is None), "no record")
        return None, f"{missing} is not in this workspace."
    groups = {ws.matches.group_of(key) for key in keys if key is not None}
    if len(groups) != 1 or None in groups:
        return None, "Its records are not one group here."
    group = str(groups.pop())
    if len(ws.matches.members(group)) != len(keys):
        return None, f"Group {group} holds further records here."
    return group, ""


def _has(ws: Workspace, group: str, data: Mapping[str, Any]) -> bool:
    return any(
        (d.kind, d.at, d.author, dict(d.payload), d.note) == (data["kind"], data["at"], data["author"], data["payload"], data["note"])
        for d in ws.decisions.in_force(group)
    )


def _take(ws: Workspace, group: str, data: Mapping[str, Any]) -> None:
    from reconcile_tui.steps.deciding.adding import add
    from reconcile_tui.steps.deciding.appending import take_in

    said = {"note": str(data["note"]), "author": str(data["author"]), "at": str(data["at"])}
    if data["kind"] == "add":
        add(ws, group, Ref.from_json(data["payload"]["ref"]), **said)
    else:
        take_in(ws, group, data["kind"], data["payload"], **said)
