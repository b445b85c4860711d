"""What a merge did beyond what was asked of it: compared with the prediction, corrected where the plan says what shall stand, else told.

The vendors' pages do not agree on which values flow from the record merged away, and it may change; nothing here relies on either answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconcile_tui.errors import ReconcileError
from reconcile_tui.model import Native
from reconcile_tui.stewardship.document import Write
from reconcile_tui.stewardship.values import same
from reconcile_tui.systems.protocol import Reading, System

Values = Mapping[str, Native]


@dataclass
class Aftermath:
    """Looks at survivors right after their merge, in systems whose merges carry the final values (nothing is written to them later)."""

    systems: Mapping[str, System]
    columns: Mapping[tuple[str, str], Sequence[str]]

    async def of_merge(self, write: Write, keep: str, lose: str, before: Values | None = None) -> str:
        """What the merge changed by itself, in words; empty when it did what was predicted. `before`: the survivor before, if known.

        A reading that fails leaves the finding to the comparison at the end of the run.
        """
        system = self.systems[write.system]
        if not system.capabilities.merge_carries_values:
            return ""
        try:
            found = await system.read(write.table, [keep, lose], self.columns[write.system, write.table])
        except ReconcileError:
            return ""
        survivor, lost = found.get(keep), found.get(lose)
        if survivor is None or lost is None:
            return ""
        known = {name: value for name, value in (before or {}).items() if name in self.columns[write.system, write.table]}
        told = [await self._corrected(write, survivor, lost.native), _filled(write, survivor.native, lost.native, known)]
        return " ".join(text for text in told if text)

    async def _corrected(self, write: Write, survivor: Reading, lost: Values) -> str:
        """Values that flowed in over what the merge was to leave are written as planned; what somebody else wrote is left alone."""
        wrong = {name: value for name, value in write.leaves.items() if not same(survivor.native.get(name), value)}
        flowed = {name: value for name, value in wrong.items() if same(survivor.native.get(name), lost.get(name))}
        if not flowed:
            return ""
        try:
            await self.systems[write.system].update(write.table, survivor.id, flowed, etag=survivor.etag)
        except ReconcileError as error:
            return f"The merge took {', '.join(flowed)} from the other record, and that could not be corrected: {error.what}"
        return f"The merge took {', '.join(flowed)} from the other record; corrected."


def _filled(write: Write, now: Values, lost: Values, before: Values) -> str:
    """Columns the merge was not asked to touch, which hold the lost record's value since."""
    names = [
        name
        for name, was in before.items()
        if name not in write.leaves and not same(now.get(name), was) and same(now.get(name), lost.get(name)) and lost.get(name)
    ]
    return f"The merge also filled {', '.join(names)} from the other record." if names else ""


def merge_left(write: Write, found: Values) -> str:
    """An update after a merge: columns in which the merge left another value than predicted. The update writes them as planned."""
    names = [name for name in write.allows if not same(found.get(name), write.expects.get(name))]
    names = [name for name in names if not same(found.get(name), write.leaves.get(name))]
    return f"The merge left another value than predicted in {', '.join(names)}; written as planned." if names else ""
