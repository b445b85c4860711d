"""Time and loops: what the order of saves decides."""

from __future__ import annotations

from reconcile_tui.readiness.check import Check

_LEDGER = ("field", "certainty", "now", "after", "problem")

CHECKS = (
    Check(
        "T1", "Q3", "blocker", "Cells of the second system the sync would overwrite",
        "Their value is lost, or depends on who is saved last.",
        "Decide the groups; `reconcile-tui simulate --group GROUP` tells the story step by step.",
        "The forecast of launching today: overwritten cells of the second system, and groups with more than one final state.",
        "ledger.order_decides", columns=_LEDGER, hard=True,
    ),
    Check(
        "T2", "Q3", "blocker", "Cells of the first system the way back would overwrite", "A twin's values replace this record's own.",
        "Decide the groups; map fields one way or use a profile that writes to the linked record only.",
        "The forecast of launching today: overwritten cells of the first system.",
        "ledger.twin_overwritten", columns=_LEDGER, hard=True,
    ),
    Check(
        "T3", "Q3", "high", "An echo without end", "The sync reacts to its own writes, and the value never comes to rest.",
        "Use a transform that settles; filter the integration user's changes.",
        "Two-way fields with values that change on every round, under a profile without echo suppression or comparison.",
        "field_map.echo", question="Does the connector ignore changes made by its own integration user, on both sides?",
        columns=("field", "problem"), scope="map",
    ),
    Check(
        "T4", "ops", "medium", "Duplicates created at the same moment", "Two creates within seconds pass duplicate detection.",
        "Schedule a duplicate scan (policy P1, P9).", "Asked.",
        question="Is a scheduled duplicate scan in place for records created at the same moment?",
    ),
    Check(
        "T5", "Q3", "high", "Authority without comparison",
        "A system of record decides simultaneous changes only: a later change still wins.",
        "Map the field one way, or compare before writing.",
        "Two-way fields with `survivorship = system_of_record` under a profile that does not compare before it writes.",
        "field_map.authority", columns=("field", "rule", "problem"), scope="map",
    ),
    Check(
        "T6", "Q4", "high", "Changed since it was decided", "The decision was made on values that are no longer there.",
        "Look at the group again; apply compares first and would send it back.",
        "Mapped values and states of decided groups that are no longer what the decision was made on; what a run wrote is no change.",
        "times_and_people.changed_after_decision", columns=("group", "field", "decided_on", "now", "decided"),
    ),
    Check(
        "T7", "ops", "medium", "Clocks that disagree", "`Most recent` is wrong where a clock is ahead or a time has no zone.",
        "Correct the clock or the export's times.", "Change times later than the pull by five minutes or more, or without a zone.",
        "times_and_people.clocks", columns=("modified", "pulled", "problem"),
    ),
    Check(
        "T8", "ops", "medium", "A slow way back", "The longer a change takes, the longer the order of saves decides.",
        "Measure it in a test environment; warn the users.", "Asked.",
        question="How long does a change take in each direction (measured)?",
    ),
)  # fmt: skip
