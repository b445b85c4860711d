"""Operations: how the launch is run."""

from __future__ import annotations

from reconcile_tui.readiness.check import Check

CHECKS = (
    Check(
        "O1", "ops", "medium", "More requests than a day allows", "The launch stops half-way when the daily limit is reached.",
        "Spread the launch over days, or raise the limit.",
        "One request per record written at launch against the lowest documented daily limit (HubSpot: 250,000).",
        "times_and_people.requests_a_day", columns=("system", "requests", "daily", "hours"), scope="whole",
    ),
    Check(
        "O2", "ops", "medium", "Privileges", "A merge needs privileges that reading and writing do not.",
        "Run `reconcile-tui doctor`.", "Asked.",
        question="May the integration users merge, update and create in all tables (checked with `doctor`)?",
    ),
    Check(
        "O3", "ops", "medium", "Plug-ins and flows", "Bulk writes start plug-ins and flows that are slow or change values again.",
        "Turn them off for the run, or test with a copy.", "Asked.",
        question="Which plug-ins, flows and workflows run on bulk writes, and what do they change?",
    ),
    Check(
        "O4", "ops", "medium", "A way back", "Merges can't be taken back by the systems.",
        "Export or back up both systems before apply.", "Asked.",
        question="Which backup or export of both systems exists, and who restores it?",
    ),
    Check(
        "O5", "ops", "medium", "Another integration", "A second integration writes the same fields and starts everything anew.",
        "Include it in the field map, or keep the fields apart.", "Asked.",
        question="Which other integrations (marketing tool, ERP, imports) write the mapped fields?",
    ),
)  # fmt: skip
