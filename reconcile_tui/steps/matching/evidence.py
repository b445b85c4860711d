"""Why records are, or are not, one group: bits by field, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import UsageError, WorkspaceError
from reconcile_tui.model import Ref
from reconcile_tui.steps.matching.basis import table_of

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


def why(workspace: Workspace, group: str) -> list[dict[str, Any]]:
    """The evidence of every pair of a group, strongest first, as `why --json` gives it."""
    keys = workspace.matches.members(group)
    refs = workspace.records.refs(keys)
    explained = [_explained(workspace, refs[a], refs[b], a, b) for number, a in enumerate(keys) for b in keys[number + 1 :]]
    return sorted(explained, key=lambda pair: -pair["score_bits"])


def why_records(workspace: Workspace, left: Ref, right: Ref) -> list[dict[str, Any]]:
    """The evidence about two records anywhere, with a sentence on why they are not one group. Raises UsageError."""
    keys = []
    for ref in (left, right):
        key = workspace.records.key_of(ref)
        if key is None:
            raise UsageError(f"There is no record {ref}.", todo="A record is written as system/table/id.")
        keys.append(key)
    return [_explained(workspace, left, right, keys[0], keys[1])]


def _explained(workspace: Workspace, left: Ref, right: Ref, a: int, b: int) -> dict[str, Any]:
    matcher = matcher_for(workspace, left)
    for ref, key in ((left, a), (right, b)):
        if not matcher.has(key):
            raise UsageError(f"{ref} is not among the records that are matched.", todo="It is gone, merged away or of another record type.")
    explanation = matcher.explain(a, b)
    together = workspace.matches.group_of(a) is not None and workspace.matches.group_of(a) == workspace.matches.group_of(b)
    document = {"left": left.as_json(), "right": right.as_json(), **explanation.as_json()}
    return document if together else {**document, "note": matcher.why_not(a, b)}


_MATCHERS: dict[tuple[str, int], Any] = {}


def matcher_for(workspace: Workspace, ref: Ref) -> Any:
    """The last run's model over the records it saw, kept for the process so that the next question is quick."""
    from reconcile_tui.matching import Matcher

    record_type = workspace.project.record_type_of(ref.system, ref.table)
    last = workspace.match_runs.last(record_type.name)
    if last is None:
        raise WorkspaceError("Nothing has been matched yet.", todo="Run `reconcile-tui match` first.")
    key = (str(workspace.path), last["id"])
    if key not in _MATCHERS:
        _MATCHERS.clear()
        table = table_of(workspace, record_type)
        _MATCHERS[key] = Matcher(table, record_type.fields, workspace.project.matching(record_type.name), last["model"])
    return _MATCHERS[key]
