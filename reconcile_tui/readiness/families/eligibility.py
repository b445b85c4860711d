"""Eligibility and direction: which records take part."""

from __future__ import annotations

from reconcile_tui.readiness.check import Check

CHECKS = (
    Check(
        "E1", "Q2", "high", "Filter leak: out of scope, still syncing",
        "Under this profile the filter counts for the first sync only: a record once synced keeps syncing.",
        "Unlink these records, or change what the filter is meant to keep out before launch.",
        "Only for profiles whose filters are `initial_only`: linked records that are not eligible now.",
        "scope.leaks", columns=("problem",),
    ),
    Check(
        "E2", "Q2", "high", "Matched although out of scope",
        "Matching ignores filters: an eligible record of the other system finds these and writes to them.",
        "Change the address of records that must stay out, or leave their counterparts out too.",
        "Ineligible records with an eligible counterpart: all of them where filters are `initial_only`, inactive ones otherwise.",
        "scope.matched_though_excluded", columns=("problem",),
    ),
    Check(
        "E3", "Q1", "high", "A direction in which nothing may leave",
        "Fields are mapped in a direction in which no record is eligible: they look synced and are not.",
        "Map these fields one way, or open the direction.",
        "Fields copied from a system that has records of which none is eligible.",
        "field_map.closed_direction", columns=("field", "direction", "problem"), scope="map",
    ),
    Check(
        "E4", "Q2", "blocker", "The survivor is out of scope",
        "The merged-away record was syncing, the one that stays is not: this person silently stops syncing.",
        "Keep the eligible record, or activate the survivor and make it eligible.",
        "Decided merges with an ineligible survivor and an eligible loser; open groups whose fullest, newest record is the ineligible one.",
        "scope.survivor_out_of_scope", columns=("group", "state", "problem"), hard=True,
    ),
    Check(
        "E5", "Q2", "high", "Activation compares everything anew",
        "Turning the sync off and on again lets one side win in every pair that differs.",
        "Reconcile these cells first, or never re-activate without a comparison.",
        "Only for profiles with an initial comparison: filled cells that differ from the winning side's.",
        "facing.reactivation", columns=("field", "into", "source", "target", "problem"),
    ),
    Check(
        "E6", "Q3", "high", "Create-only fields mapped both ways",
        "A field that should only be set on creation is overwritten by the way back.",
        "Map it one way.", "Fields with `create_only = true` and direction both.",
        "field_map.create_only_two_way", columns=("field", "problem"), scope="map",
    ),
    Check(
        "E7", "Q2", "high", "The launch creates many records",
        "Everything ever stored is created in the other system: billed marketing contacts, workflows, owners' lists.",
        "Narrow the filter (age, activity, consent), or accept the volume by name.",
        "Eligible records without a counterpart, by year of creation, when they are a tenth of the target's records or more.",
        "scope.creates", columns=("into", "created", "records"), scope="whole",
    ),
)  # fmt: skip
