"""The consent guard: an opt-out must not be weakened by a merge, a link, a plan or a sync unless a person says so.

Most restrictive wins, across systems. Which values are an opt-out is the field map's to say (`MappedField.restricts`).
"""

from __future__ import annotations

from collections.abc import Iterable

from reconcile_tui.model import Common
from reconcile_tui.project import MappedField


def weakens(field: MappedField, before: Iterable[Common], after: Common, *, said_so: bool = False) -> bool:
    """Whether putting `after` in the place of these values would lose an opt-out nobody decided to lose."""
    return not said_so and not field.restricts(after) and any(field.restricts(value) for value in before)
