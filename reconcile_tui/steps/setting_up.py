"""What the policy sets up in the systems (P1 to P3): duplicate detection rules, keys and unique properties, for a plan to take in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile_tui.readiness.policy.duplicate_rules import duplicate_rules
from reconcile_tui.readiness.policy.uniqueness import link_columns
from reconcile_tui.stewardship.setting_up import SettingUp, duplicate_rule, link_column

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


def wanted(ws: Workspace) -> list[SettingUp]:
    """Everything of the policy that has an API form and is not known to be there. What turns out to be there when the plan is applied is
    left as it is."""
    known = {(table.system, table.name): table.columns for table in ws.records.tables()}
    why = "unique, so that the sync matches by it (policy P2, P3)"
    columns = [
        link_column(system, table, column, known.get((system, table), {}), why)
        for system, table, column, _ in link_columns(ws.project)
        if ws.project.systems[system].kind != "files"
    ]
    tables = set(known)
    rules = [
        duplicate_rule(system, rule, "keeps new duplicates out (policy P1)")
        for system, rule in duplicate_rules(ws.project)
        if {(system, rule.table), (system, rule.matching)} <= tables
    ]
    return [*(one for one in columns if one is not None), *rules]
