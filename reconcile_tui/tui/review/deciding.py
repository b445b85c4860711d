"""The review's way to the workspace: reading a group for show, and every act of the steward. Each is one call of `steps.decide`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconcile_tui.model import Ref
from reconcile_tui.tui.review.view import GroupView, group_view

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


def load(workspace: Workspace, group: str) -> GroupView | None:
    """A group with records, resolution and forecast; None when there is no such group."""
    from reconcile_tui.steps import decide

    row = workspace.matches.row(group)
    if row is None:
        return None
    seen = decide.view(workspace, group)
    ledger = workspace.forecasts.groups("now", review_group=group)
    notes = [decision for decision in seen.decisions if decision.kind == "note"]
    view = group_view(row, seen.records, seen.resolve(), workspace.project.record_types[row.record_type], ledger, notes)
    return replace(view, changes=tuple(decide.difference(workspace, group))) if row.state == "changed" else view


def first(workspace: Workspace) -> GroupView | None:
    """The group that is shown first: the one of the last time, else any."""
    from reconcile_tui.workspace.matches import Filter

    group = workspace.settings.get("tui.group") or next((row.id for row in workspace.matches.page(Filter(), limit=1)), "")
    return load(workspace, group)


def outcome(workspace: Workspace, group: str, name: str, details: Mapping[str, Any] | None = None) -> None:
    """Decide a group. Raises DecisionRefused."""
    from reconcile_tui.steps import decide

    decide.decide(workspace, group, name, **(details or {}))  # type: ignore[arg-type]


def take(workspace: Workspace, group: str, field: str, source: Ref, person: Ref | None, *, weaker: bool = False) -> None:
    """Take a field's value from a record. Raises DecisionRefused."""
    from reconcile_tui.steps import decide

    decide.set_value(workspace, group, field, ref=source, person=person, allow_weaker_consent=weaker)


def write(workspace: Workspace, group: str, field: str, value: str | None, person: Ref | None, *, weaker: bool = False) -> None:
    """Give a field a typed value, or none. Raises DecisionRefused."""
    from reconcile_tui.steps import decide

    decide.set_value(workspace, group, field, value, person=person, allow_weaker_consent=weaker)


def by_rule(workspace: Workspace, group: str, field: str, rule: str, person: Ref | None) -> None:
    """Let a rule say (`default`: the project's own)."""
    from reconcile_tui.steps import decide

    decide.set_value(workspace, group, field, rule=rule, person=person)


def survivor(workspace: Workspace, group: str, ref: Ref) -> None:
    """Let this record stay in its system."""
    from reconcile_tui.steps import decide

    decide.set_survivor(workspace, group, ref)


def split(workspace: Workspace, group: str, refs: Sequence[Ref]) -> None:
    """Make these records a person of their own."""
    from reconcile_tui.steps import decide

    decide.split(workspace, group, list(refs))


def join(workspace: Workspace, group: str, refs: Sequence[Ref]) -> None:
    """Put these records back to the first person."""
    from reconcile_tui.steps import decide

    decide.join(workspace, group, list(refs))


def add(workspace: Workspace, group: str, ref: Ref) -> None:
    """Bring a record into the group. Raises DecisionRefused."""
    from reconcile_tui.steps import decide

    decide.add(workspace, group, ref)


def reopen(workspace: Workspace, group: str) -> None:
    """Take the group's decision back. Raises DecisionRefused."""
    from reconcile_tui.steps import decide

    decide.reopen(workspace, group)


def note(workspace: Workspace, group: str, text: str) -> None:
    """Keep a note."""
    from reconcile_tui.steps import decide

    decide.note(workspace, group, text)
