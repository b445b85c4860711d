"""Open readiness blockers that concern a decided group: they keep it out of the plan until they are dealt with or accepted by name.

A blocker concerns a group when its writes would bring it into force: a merge that keeps a record the sync does not pick up (E4), a link
over which the sync would copy what the other side can't store (F1, F2, F4, F5), a link to somebody who must not be stored (L6). Lost
opt-outs (L1, L2) are refused or carried by the resolution itself. Duplicates, shared addresses and overwrites by the sync (I1, I2, I8,
T1, T2, F11) are what the plan is there to clean, so they never block it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile_tui.display import safe_text

if TYPE_CHECKING:
    from reconcile_tui.steps.deciding.reading import GroupView
    from reconcile_tui.stewardship.entities import Resolution
    from reconcile_tui.workspace import Workspace

BY_RESOLUTION = ("E4", "F1", "F2", "F4", "F5")
"""Checks whose findings a resolution knows of by itself, as the records will be: see `Problem.check`."""

SUPPRESSED = "L6"


@dataclass(frozen=True)
class Blocking:
    """The blockers that are open, asked once per plan."""

    checks: frozenset[str]
    suppressed: frozenset[str] = frozenset()  # SHA-256 of the addresses that must not be stored, while L6 is open

    @classmethod
    def of(cls, ws: Workspace) -> Blocking:
        """What was not accepted by name. An acceptance holds as long as there are not more findings than it was given for."""
        from reconcile_tui.workspace.checks import Checks

        counts = {finding.check: finding.count for finding in Checks(ws).findings(rows=0)}
        given = {check: int(acceptance["count"]) for check, acceptance in ws.decisions.acceptances().items()}
        open_ = frozenset(name for name in (*BY_RESOLUTION, SUPPRESSED) if name not in given or given[name] < counts.get(name, 0))
        return cls(open_, _suppressed(ws) if SUPPRESSED in open_ else frozenset())

    def reason(self, seen: GroupView, resolved: Resolution) -> str:
        """Why a group may not be written; empty when nothing stands against it."""
        problem = next((p for p in resolved.problems if p.check in self.checks), None)
        if problem is not None:
            return f"{problem.check}: {problem.text} {_todo(problem.check)}"
        return self._suppressed_person(seen, resolved) if self.suppressed else ""

    def _suppressed_person(self, seen: GroupView, resolved: Resolution) -> str:
        from reconcile_tui.readiness.addresses import canonical
        from reconcile_tui.readiness.rules.times_and_people import digest

        emails = [field.name for field in seen.context.record_type.fields_of_kind("email")]
        for ref in dict.fromkeys(ref for entity in resolved.entities for pair in entity.links for ref in pair):
            record = seen.by_ref[ref]
            held = [record.values.get(name) for name in emails] + list(record.secondary_emails)
            if any(address and digest(canonical(address)) in self.suppressed for address in held):
                return f"{SUPPRESSED}: {safe_text(str(ref))} must not be stored, and would be linked. {_todo(SUPPRESSED)}"
        return ""


def _todo(check: str) -> str:
    return f"Correct it, decide otherwise, or accept {check} by name."


def _suppressed(ws: Workspace) -> frozenset[str]:
    from reconcile_tui.readiness.check import SUPPRESSED_FILE

    if not (ws.folder / SUPPRESSED_FILE).exists():
        return frozenset()  # nothing is imported for a list nobody has given
    from reconcile_tui.steps.checking.suppression import suppressed

    return suppressed(ws) or frozenset()
