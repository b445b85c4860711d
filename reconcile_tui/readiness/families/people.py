"""Lifecycle, consent, deletion: what is owed to the people behind the records."""

from __future__ import annotations

from reconcile_tui.readiness.check import Check

CHECKS = (
    Check(
        "L1", "Q3", "blocker", "A merge would lose an opt-out", "A merge keeps one record's answer; an opt-out of the other one is gone.",
        "Decide the group: the most restrictive answer is proposed. Weakening it has to be said explicitly.",
        "Open groups in which records of one table disagree; decisions whose result allows what a member refused.",
        "facing.consent_in_groups", columns=("field", "values", "problem"), hard=True,
    ),
    Check(
        "L2", "Q3", "blocker", "The sync would lose an opt-out", "An answer that allows is copied over one that refuses.",
        "Set both records to the most restrictive answer, or copy consent in the restricting direction only.",
        "Pairs under the profile whose target has opted out and whose eligible source has not (a blank counts where blanks propagate).",
        "facing.consent_across", columns=("field", "into", "source", "target", "problem"), hard=True,
    ),
    Check(
        "L3", "Q3", "high", "Consent is mapped both ways", "Whoever is saved last decides, also against an opt-out.",
        "Map consent from the system that leads, or let only opt-outs travel.", "Fields of kind consent with direction both.",
        "field_map.consent_both_ways", columns=("field", "direction", "problem"), scope="map",
    ),
    Check(
        "L4", "Q3", "high", "An older consent would win", "A consent date or legal basis is replaced by an older one.",
        "Map it from the system that keeps the evidence.",
        "Pairs of fields whose names speak of consent, legal basis or opt-in dates: the source is older.",
        "facing.older_consent", columns=("field", "into", "source", "target", "problem"),
    ),
    Check(
        "L5", "Q1", "high", "Counterparts that were deleted", "The sync deletes the other one too, or creates the deleted one again.",
        "Delete or exclude the counterpart, as the connector's setting demands.",
        "Live, eligible records whose linked counterpart is gone from its system since an earlier pull.",
        "times_and_people.gone_counterparts", columns=("problem",),
        question="What does the connector do when a record is deleted or archived, in each direction?",
    ),
    Check(
        "L6", "Q2", "blocker", "People who must not come back", "Somebody erased on request is created again from the other side.",
        "Delete or exclude these records.",
        "Addresses of eligible records, as SHA-256 of the canonical form, against suppressed.txt beside the project file (one address or "
        "digest per line). Without the file it is asked.",
        "times_and_people.suppressed", question="Who was erased on request, or must not be written to or stored? (Put them into "
        "suppressed.txt beside the project file, one address or its SHA-256 per line; or answer that there is nobody.)", columns=("email",),
    ),
    Check(
        "L7", "ops", "medium", "Merges start workflows", "A merge changes lists and starts automations, mails included.",
        "Pause workflows for the run, or exclude the integration user.", "Asked.",
        question="Which workflows and lists react to merges and updates, and are they paused for the run?",
    ),
    Check(
        "L8", "Q2", "medium", "Records that need special care", "Employees, VIPs or minors are copied where they should not be.",
        "Exclude them by the filter.", "Birth dates under eighteen years; the rest is asked.",
        "times_and_people.minors", question="Which records must stay out of the sync (employees, VIPs, minors, restricted accounts)?",
        columns=("born", "problem"),
    ),
)  # fmt: skip
