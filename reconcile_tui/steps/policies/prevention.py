"""P1 to P3: what keeps new duplicates out of both systems, as requests and explained; P9: the playbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile_tui.readiness.policy import duplicate_rules, uniqueness
from reconcile_tui.readiness.registry import CHECKS
from reconcile_tui.readiness.report.content import Report
from reconcile_tui.readiness.report.markdown import plain, table
from reconcile_tui.steps.policies.documents import as_json

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

from reconcile_tui.steps.policies.rules import answer


def duplicate_rules_json(ws: Workspace, _: Report) -> str:
    """P1 as requests of the Web API."""
    rules = [{"system": system, **duplicate_rules.requests(rule)} for system, rule in duplicate_rules.duplicate_rules(ws.project)]
    return as_json({"rules": rules, "published_rules_at_most_per_table": duplicate_rules.MOST_RULES})


def duplicate_rules_text(ws: Workspace, _: Report) -> str:
    """P1 explained."""
    rows = [(rule.name, ", ".join(one for one, _ in rule.conditions)) for _, rule in duplicate_rules.duplicate_rules(ws.project)]
    return f"""# P1 Duplicate detection rules for Dynamics

{table(["rule", "conditions (all must hold)"], rows)}
`reconcile-tui plan --set-up` takes them into a plan: shown, confirmed, applied and, with `undo`, taken back. By hand: the requests stand in
P1-duplicate-detection-rules.json: create the rule, its conditions, publish it (asynchronous). Then switch duplicate detection on for the
organisation.

* At most {duplicate_rules.MOST_RULES} published rules per table; conditions are joined by AND, so OR needs several rules.
* Inactive records are left out. A rule with several conditions ignores blanks, or blanks would match each other.
* A rule that is published has to be unpublished before it can be changed.
* The rules don't fire on merge, on activation and deactivation, nor on completing an activity; users may ignore and save; API writes are
  only checked with the header `MSCRM.SuppressDuplicateDetection: false` (answer 412, code 0x80040333). Two creates at the same moment slip
  through: schedule a duplicate detection job every week, and set the connector to send that header.
"""


def alternate_keys(ws: Workspace, _: Report) -> str:
    """P2."""
    return as_json(
        {
            "keys": uniqueness.alternate_keys(ws.project),
            "notes": [
                "The index is built asynchronously (Pending, InProgress, Active, Failed) and fails while duplicates exist.",
                "At most 10 keys a table, 16 columns and 900 bytes a key; no column with field security; blank values are not held unique.",
                "Values with / < > * % & : \\ ? + can't be used in a URL key: the key is on the id column, not on the address.",
                "A plan creates column and key where they are missing, before the first link; `plan --set-up` also without one.",
            ],
        }
    )


def unique_properties(ws: Workspace, _: Report) -> str:
    """P3."""
    return as_json(
        {
            "properties": uniqueness.unique_properties(ws.project),
            "notes": [
                "hasUniqueValue can only be set when the property is created; an object has at most 10 such properties.",
                "Use it as idProperty in updates and upserts, and as the matching field where the connector offers a choice.",
                "A plan creates the property where it is missing, before the first link; `plan --set-up` also without one.",
            ],
        }
    )


def playbook(_: Workspace, report: Report) -> str:
    """P9."""
    causes = [(f.check, f.title, f"{f.count:,}", CHECKS[f.check].remedy) for f in report.readiness.findings if f.check[0] in "IF"][:12]
    return f"""# P9 Playbook: keeping new duplicates out

* Entry forms: ask for an address, check its syntax, and search before a record is created.
* Imports: match by the stored id or the address, never by name; run the checks on the file first.
* Every week: pull, match, review the new groups; run Dynamics' duplicate detection job.
* Agreed for merging: {plain(answer(report, "S3"))}
* Merging after launch: pause the sync for the records, merge in Dynamics, merge in HubSpot, link the two that stay, resume. A merge in one
  system only lets the other create the loser again (I13).
* Shared addresses: one owner; the others get an address of their own or none.

What caused most of the findings here:

{table(["check", "what", "count", "remedy"], causes)}"""
