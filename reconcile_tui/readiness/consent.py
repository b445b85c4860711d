"""The consent guard: an opt-out must not be weakened by a merge, a link, a plan or a sync unless a person says so.

Most restrictive wins, across systems. A blank consent says nothing: it neither opts out nor allows.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconcile_tui.model import Common

_OPTED_OUT = ("true", "1", "yes")


def opted_out(value: Common) -> bool:
    """Whether a consent value (true: has opted out) says the person has opted out."""
    return value is not None and value.strip().lower() in _OPTED_OUT


def most_restrictive(values: Iterable[Common]) -> Common:
    """The value that stands when several records of one person disagree; None when all are blank."""
    known = [value for value in values if value]
    return next((value for value in known if opted_out(value)), known[0] if known else None)


def weakens(before: Iterable[Common], after: Common, *, said_so: bool = False) -> bool:
    """Whether putting `after` in the place of these values would lose an opt-out nobody decided to lose."""
    return not said_so and not opted_out(after) and any(opted_out(value) for value in before)
