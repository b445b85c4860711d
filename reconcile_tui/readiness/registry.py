"""Every check, declared once. The ids are stable: they stand in reports, sign-offs and acceptances.

Adding a check is adding one entry to its family; its page in docs/checks.md, its line in the report and its place on the screens follow.
"""

from __future__ import annotations

from reconcile_tui.readiness.check import Check
from reconcile_tui.readiness.families import eligibility, fields, identity, operations, people, time

_FAMILIES = (identity, eligibility, fields, time, people, operations)

CHECKS: dict[str, Check] = {check.id: check for family in _FAMILIES for check in family.CHECKS}
"""All checks by id, in the order of the list."""

FAMILIES = {
    "I": "Identity",
    "E": "Eligibility and direction",
    "F": "Field values and schema",
    "T": "Time and loops",
    "L": "Lifecycle, consent, deletion",
    "O": "Operations",
}
"""What the letters of the ids stand for."""

QUESTIONS = {
    "Q1": "Which record types are copied, each way?",
    "Q2": "Which records are eligible, per type and direction?",
    "Q3": "Which fields travel, in which direction, through which transform?",
    "Q4": "Which duplicates exist, by each system's uniqueness rule?",
    "ops": "How is the launch run?",
}
"""The four questions of scope, and what has to be known besides."""
