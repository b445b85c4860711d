"""Every check, declared once. The ids are stable: they stand in reports, sign-offs and acceptances.

Adding a check is adding one entry here; its page in docs/checks.md, its line in the report and its place on the screens follow.
"""

from __future__ import annotations

from reconcile_tui.readiness.check import Check
from reconcile_tui.readiness.rules import (
    characters,
    collisions,
    facing,
    field_map,
    fitting,
    identity,
    ledger,
    mailboxes,
    roundtrips,
    scope,
    times_and_people,
)

_IDENTITY = (
    Check(
        "I1", "Q4", "blocker", "Several records of one table share an e-mail address",
        "The other system holds one contact per address: these records overwrite each other in it, and through it.",
        "Decide their group: merge duplicates, or name one owner of a shared address. `reconcile-tui groups` lists them.",
        "Eligible records of one table are grouped by their address in canonical form (lower case, no blanks or invisible characters).",
        collisions.same_address_in_one_table, columns=("email", "table", "records"),
    ),
    Check(
        "I2", "Q4", "blocker", "A lead and a contact share an e-mail address",
        "Both feed the same contact of the other system; they lie in different tables and can't be merged.",
        "Keep one of them in the sync: qualify or exclude the lead, or give one table priority in the sync profile.",
        "Eligible records of different tables of one system are grouped by canonical address.",
        collisions.same_address_across_tables, columns=("email", "tables", "records"),
    ),
    Check(
        "I3", "Q4", "high", "An address is another record's secondary address",
        "HubSpot counts secondary addresses as taken: the write is refused or lands on the other person.",
        "If it is one person, merge or link the two; if not, remove the secondary address from the record it does not belong to.",
        "Own addresses are joined with emailaddress2, emailaddress3 and hs_additional_emails of all other records.",
        collisions.secondary_is_anothers, columns=("email",),
    ),
    Check(
        "I4", "Q4", "high", "No e-mail address to match by",
        "A sync that matches by address can't find the counterpart and may create another record on each run.",
        "Fill in the address, link the records by id, or let the filter ask for one.",
        "Active, unlinked records without an address that are eligible, or whose group holds an eligible record of the other system.",
        mailboxes.blank, columns=("why",),
    ),
    Check(
        "I5", "Q4", "high", "Addresses differ only in how they are written",
        "Letter case, blanks, a trailing dot or an invisible character make two addresses of one, or hide that they are one.",
        "Correct the written form. Where `transform_repairs` says no, the sync sees another address.",
        "Addresses that differ from their canonical form and meet another record once canonical.",
        mailboxes.not_canonical, columns=("written", "canonical", "transform_repairs"),
    ),
    Check(
        "I6", "Q4", "high", "Invalid, role or placeholder addresses",
        "HubSpot refuses invalid addresses; role mailboxes and placeholders tie different people to one contact.",
        "Correct the address, blank a placeholder, or keep these records out by the filter.",
        "Syntax, a list of role names (RFC 2142 and practice), no-reply and placeholder patterns, and addresses of five records or more.",
        mailboxes.unusable, columns=("email", "kind"),
    ),
    Check(
        "I7", "Q4", "medium", "Several addresses in one field",
        "No system matches such a value, and HubSpot refuses it.",
        "Keep one address in the field and move the other to a secondary one.",
        "A second @ after a comma, semicolon, bar, slash or blank.",
        mailboxes.several_in_one, columns=("written",),
    ),
    Check(
        "I8", "Q4", "blocker", "One address, different people",
        "A shared mailbox: every save turns the one contact of the other system into somebody else, and the way back spreads it.",
        "Name the owner of the address; give the others their own, move it to a secondary field, blank it or exclude them.",
        "Records with one canonical address whose names are unlike: nicknames, initials, swaps, spellings and blanks are no difference.",
        collisions.different_people_behind_one_address, columns=("email", "names", "records"),
    ),
    Check(
        "I9", "Q4", "medium", "One person with several addresses",
        "The sync keeps them apart: two contacts of one person, with a history split between them.",
        "Decide the group: choose the address that stays, keep the other as a secondary one.",
        "Groups that matching takes for one person and that hold more than one canonical address.",
        identity.one_person_several_addresses, columns=("group", "emails"),
    ),
    Check(
        "I10", "Q4", "medium", "A domain that looks misspelt",
        "A typo in the domain makes a second person for the sync and loses the mail.",
        "Correct the domain, or accept when both are right.",
        "The same local part at two domains that differ by a letter or in their ending; rare domains one letter from a frequent one.",
        mailboxes.misspelt_domain, columns=("email", "domain", "perhaps"),
    ),
    Check(
        "I11", "Q4", "medium", "Plus tags and dots: one mailbox, two addresses",
        "One person for a reader, two contacts for HubSpot. They are never merged by this alone.",
        "Decide the group if it is one person; otherwise accept.",
        "Addresses equal once `+tag` is removed, and dots at Gmail.",
        mailboxes.tagged, columns=("mailbox", "emails"),
    ),
    Check(
        "I12", "Q4", "high", "A stored link is wrong",
        "The sync follows stored ids before anything else: a wrong one writes one person's values to another.",
        "Correct or clear the link; a group decision writes both sides anew.",
        "Links to records that are gone, unknown or merged away, that are not mutual, or that two records of one table claim.",
        identity.broken_links, columns=("stored", "problem"),
    ),
    Check(
        "I13", "Q4", "high", "A merge in one system only",
        "The counterpart of the record that was merged away stays and creates it again.",
        "Take that counterpart into the group and merge it too, or exclude it from the sync.",
        "Planned merges whose loser's address belongs to a live, eligible record of the other system outside the person.",
        identity.merged_in_one_system_only, columns=("group", "email", "problem"),
    ),
    Check(
        "I14", "Q2", "high", "Inactive or merged records pass the filter",
        "The filter, as a connector would run it, lets records leave that nobody works with any more.",
        "Add statecode = 0 (and no merged records) to the eligibility predicate.",
        "The predicate is run without this product's own guard; inactive and merged rows that pass are listed.",
        identity.inactive_but_eligible, columns=("state",),
    ),
    Check(
        "I15", "Q4", "high", "Companies with one name",
        "Record types without an address are matched by name: two companies of one name become one.",
        "Merge the duplicates or add a domain to match by.",
        "Only for record types without an e-mail field: folded names that stand twice in one table.",
        identity.company_names, columns=("name",),
    ),
    Check(
        "I16", "Q4", "medium", "A contact near the limit of merges",
        "HubSpot refuses a merge once 250 records are merged into one (HTTP 414).",
        "Merge into another record, or create a fresh one.",
        "hs_merged_object_ids plus the merges that are planned; listed from 200 on.",
        identity.many_merges, columns=("merges", "planned", "limit"),
    ),
    Check(
        "I17", "Q4", "high", "Addresses that can't be used as an alternate key",
        "Characters such as + or & break requests by alternate key, so that a key on the address fails for these records.",
        "Use the dedicated id column as the key (policy P2), not the address.",
        "Eligible Dynamics addresses with one of / < > * % & : \\ ? +.",
        mailboxes.unfit_as_key, columns=("email",),
    ),
)  # fmt: skip

_SCOPE = (
    Check(
        "E1", "Q2", "high", "Filter leak: out of scope, still syncing",
        "Under this profile the filter counts for the first sync only: a record once synced keeps syncing.",
        "Unlink these records, or change what the filter is meant to keep out before launch.",
        "Only for profiles whose filters are `initial_only`: linked records that are not eligible now.",
        scope.leaks, columns=("problem",),
    ),
    Check(
        "E2", "Q2", "high", "Matched although out of scope",
        "Matching ignores filters: an eligible record of the other system finds these and writes to them.",
        "Change the address of records that must stay out, or leave their counterparts out too.",
        "Ineligible records with an eligible counterpart: all of them where filters are `initial_only`, inactive ones otherwise.",
        scope.matched_though_excluded, columns=("problem",),
    ),
    Check(
        "E3", "Q1", "high", "A direction in which nothing may leave",
        "Fields are mapped in a direction in which no record is eligible: they look synced and are not.",
        "Map these fields one way, or open the direction.",
        "Fields copied from a system that has records of which none is eligible.",
        field_map.closed_direction, columns=("field", "direction", "problem"), scope="map",
    ),
    Check(
        "E4", "Q2", "blocker", "The survivor is out of scope",
        "The merged-away record was syncing, the one that stays is not: this person silently stops syncing.",
        "Keep the eligible record, or activate the survivor and make it eligible.",
        "Decided merges with an ineligible survivor and an eligible loser; open groups whose fullest, newest record is the ineligible one.",
        scope.survivor_out_of_scope, columns=("group", "state", "problem"), hard=True,
    ),
    Check(
        "E5", "Q2", "high", "Activation compares everything anew",
        "Turning the sync off and on again lets one side win in every pair that differs.",
        "Reconcile these cells first, or never re-activate without a comparison.",
        "Only for profiles with an initial comparison: filled cells that differ from the winning side's.",
        facing.reactivation, columns=("field", "into", "source", "target", "problem"),
    ),
    Check(
        "E6", "Q3", "high", "Create-only fields mapped both ways",
        "A field that should only be set on creation is overwritten by the way back.",
        "Map it one way.", "Fields with `create_only = true` and direction both.",
        field_map.create_only_two_way, columns=("field", "problem"), scope="map",
    ),
    Check(
        "E7", "Q2", "high", "The launch creates many records",
        "Everything ever stored is created in the other system: billed marketing contacts, workflows, owners' lists.",
        "Narrow the filter (age, activity, consent), or accept the volume by name.",
        "Eligible records without a counterpart, by year of creation, when they are a tenth of the target's records or more.",
        scope.creates, columns=("into", "created", "records"), scope="whole",
    ),
)  # fmt: skip

_FIT = ("field", "to", "value", "problem")
_FIELDS = (
    Check(
        "F1", "Q3", "blocker", "Text too long for its target", "The write is refused, or the text is cut.",
        "Shorten the text, or use the transform `cut`.",
        "Lengths after the transform, in UTF-16 code units, against the target column's metadata; eligible records that reach it.",
        fitting.too_long, columns=_FIT, hard=True,
    ),
    Check(
        "F2", "Q3", "blocker", "A choice without an entry in the map", "Nothing can be written until the value has a counterpart.",
        "Add the value to the choice map, or to the target's options.",
        "Values the transform has no entry for, and results that are no option of the target.",
        fitting.unmapped_choice, columns=_FIT, hard=True,
    ),
    Check(
        "F3", "Q3", "high", "Several choices for a target that holds one", "All but one are lost, or the write is refused.",
        "Map to a multiple choice, or decide which one counts.", "Values with `;` copied into a single choice.",
        fitting.several_into_one, columns=_FIT,
    ),
    Check(
        "F4", "Q3", "blocker", "A required field would be empty", "The record can't be created, or the write is refused.",
        "Fill in the value, or keep such records out by the filter.",
        "Blank values, after the transform, for required target columns: on creates, and on updates where blanks propagate.",
        fitting.required_empty, columns=("field", "to", "problem"), hard=True,
    ),
    Check(
        "F5", "Q3", "blocker", "The value is of another type than its target", "The write is refused.",
        "Correct the value or add a transform.", "Each distinct value is cast to the target column's type.",
        fitting.wrong_type, columns=_FIT, hard=True,
    ),
    Check(
        "F6", "Q3", "high", "Dates that shift", "A day becomes the day before, and both systems keep correcting each other.",
        "Use the transforms `date`, `midnight_utc` or `local_time`.",
        "Moments copied into days and moments without a zone.",
        fitting.shifting_times, columns=_FIT,
    ),
    Check(
        "F7", "Q3", "high", "Values that don't come back as they were", "The sync echoes for ever, or each round loses something.",
        "Use a transform that settles, or map the field one way.",
        "Every distinct value of two-way fields goes there, back and there again: it must settle after one round, and a lossy transform "
        "must not change what stands in the first system.",
        roundtrips.not_returning, columns=("field", "value", "problem"),
    ),
    Check(
        "F8", "Q3", "medium", "Values that can't be read", "Phones nobody can dial, regions no list knows, countries in several spellings.",
        "Correct the value, or use a transform that makes one spelling of all (`phone_e164`, `country_code`).",
        "Phones through libphonenumber with the project's country; problems of transforms; country names that differ from what most "
        "records write.",
        roundtrips.unreadable, columns=("field", "value", "problem"),
    ),
    Check(
        "F9", "Q3", "high", "Owners without a counterpart", "Records arrive without an owner, or with the integration's.",
        "Map owners by e-mail in a `lookup` or `choice` table.", "Values of owner fields without an entry in the map.",
        roundtrips.unmapped_owner, columns=("field", "value", "problem"),
    ),
    Check(
        "F10", "Q3", "high", "Lookups that can't sync", "The id of an account or owner means nothing in the other system.",
        "Map the name through a `lookup` table, or leave the field out.", "Mapped columns of type lookup without such a transform.",
        fitting.lookups, columns=("field", "from", "to", "problem"), scope="map",
    ),
    Check(
        "F11", "Q3", "blocker", "A blank would empty a filled cell", "The sync copies nothing over something, and the value is gone.",
        'Set blank = "ignore" on the field, or fill in the blank first.',
        "Pairs under the profile: eligible sources that are blank where the target is not, for fields whose blanks propagate.",
        facing.blanks, columns=("field", "into", "source", "target", "problem"), hard=True,
    ),
    Check(
        "F12", "Q3", "high", "Lifecycle stages that would move back", "HubSpot refuses it through the API; elsewhere progress is undone.",
        "Map the stage one way, from the system that leads.", "Pairs whose source stage lies before the target's in HubSpot's order.",
        facing.lifecycle_back, columns=("field", "into", "source", "target", "problem"),
    ),
    Check(
        "F13", "Q3", "medium", "A target that can't be written", "Read-only, computed or missing columns: nothing arrives.",
        "Map another column or turn the direction round.", "Metadata of every target column.",
        fitting.unwritable, columns=("field", "to", "problem"), scope="map",
    ),
    Check(
        "F14", "Q3", "high", "The field map contradicts itself",
        "Two fields write one column, or a value comes back through another field.",
        "Keep one source per column.", "A graph of columns and copies: nodes with two sources, and rings through several fields.",
        field_map.contradictions, columns=("fields", "problem"), scope="map",
    ),
    Check(
        "F15", "Q3", "high", "Addresses that could be mixed", "Half of one address and half of another is no address.",
        "Decide the group: the address moves as one block.",
        "Groups taken for one person whose records differ in a part of a block, once case, accents and country names are folded.",
        facing.torn_addresses, columns=("group", "block", "parts"),
    ),
    Check(
        "F16", "Q3", "medium", "Strange characters", "Control and direction characters, emoji, line breaks and formulas trip targets up.",
        "Use the transform `visible`, or correct the text.", "Every text of eligible records; a leading = or @ counts as a formula.",
        characters.strange, columns=("field", "value", "holds"),
    ),
    Check(
        "F17", "Q3", "medium", "Fillers that look like data", "`Firstname`, 1900-01-01 and their like overwrite real values.",
        "Blank them before launch.",
        "A list of known fillers, and values that repeat in a field whose other values are nearly all different.",
        characters.fillers, columns=("field", "value", "records"),
    ),
)  # fmt: skip

_LEDGER = ("field", "certainty", "now", "after", "problem")
_TIME = (
    Check(
        "T1", "Q3", "blocker", "Cells of the second system the sync would overwrite",
        "Their value is lost, or depends on who is saved last.",
        "Decide the groups; `reconcile-tui simulate --group GROUP` tells the story step by step.",
        "The forecast of launching today: overwritten cells of the second system, and groups with more than one final state.",
        ledger.order_decides, columns=_LEDGER, hard=True,
    ),
    Check(
        "T2", "Q3", "blocker", "Cells of the first system the way back would overwrite", "A twin's values replace this record's own.",
        "Decide the groups; map fields one way or use a profile that writes to the linked record only.",
        "The forecast of launching today: overwritten cells of the first system.",
        ledger.twin_overwritten, columns=_LEDGER, hard=True,
    ),
    Check(
        "T3", "Q3", "high", "An echo without end", "The sync reacts to its own writes, and the value never comes to rest.",
        "Use a transform that settles; filter the integration user's changes.",
        "Two-way fields with values that change on every round, under a profile without echo suppression or comparison.",
        field_map.echo, question="Does the connector ignore changes made by its own integration user, on both sides?",
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
        field_map.authority, columns=("field", "rule", "problem"), scope="map",
    ),
    Check(
        "T6", "Q4", "high", "Changed since it was decided", "The decision was made on values that are no longer there.",
        "Look at the group again; apply compares first and would send it back.",
        "Mapped values and states of decided groups that are no longer what the decision was made on; what a run wrote is no change.",
        times_and_people.changed_after_decision, columns=("group", "field", "decided_on", "now", "decided"),
    ),
    Check(
        "T7", "ops", "medium", "Clocks that disagree", "`Most recent` is wrong where a clock is ahead or a time has no zone.",
        "Correct the clock or the export's times.", "Change times later than the pull by five minutes or more, or without a zone.",
        times_and_people.clocks, columns=("modified", "pulled", "problem"),
    ),
    Check(
        "T8", "ops", "medium", "A slow way back", "The longer a change takes, the longer the order of saves decides.",
        "Measure it in a test environment; warn the users.", "Asked.",
        question="How long does a change take in each direction (measured)?",
    ),
)  # fmt: skip

_PEOPLE = (
    Check(
        "L1", "Q3", "blocker", "A merge would lose an opt-out", "A merge keeps one record's answer; an opt-out of the other one is gone.",
        "Decide the group: the most restrictive answer is proposed. Weakening it has to be said explicitly.",
        "Open groups in which records of one table disagree; decisions whose result allows what a member refused.",
        facing.consent_in_groups, columns=("field", "values", "problem"), hard=True,
    ),
    Check(
        "L2", "Q3", "blocker", "The sync would lose an opt-out", "An answer that allows is copied over one that refuses.",
        "Set both records to the most restrictive answer, or copy consent in the restricting direction only.",
        "Pairs under the profile whose target has opted out and whose eligible source has not (a blank counts where blanks propagate).",
        facing.consent_across, columns=("field", "into", "source", "target", "problem"), hard=True,
    ),
    Check(
        "L3", "Q3", "high", "Consent is mapped both ways", "Whoever is saved last decides, also against an opt-out.",
        "Map consent from the system that leads, or let only opt-outs travel.", "Fields of kind consent with direction both.",
        field_map.consent_both_ways, columns=("field", "direction", "problem"), scope="map",
    ),
    Check(
        "L4", "Q3", "high", "An older consent would win", "A consent date or legal basis is replaced by an older one.",
        "Map it from the system that keeps the evidence.",
        "Pairs of fields whose names speak of consent, legal basis or opt-in dates: the source is older.",
        facing.older_consent, columns=("field", "into", "source", "target", "problem"),
    ),
    Check(
        "L5", "Q1", "high", "Counterparts that were deleted", "The sync deletes the other one too, or creates the deleted one again.",
        "Delete or exclude the counterpart, as the connector's setting demands.",
        "Live, eligible records whose linked counterpart is gone from its system since an earlier pull.",
        times_and_people.gone_counterparts, question="What does the connector do when a record is deleted or archived, in each direction?",
        columns=("problem",),
    ),
    Check(
        "L6", "Q2", "blocker", "People who must not come back", "Somebody erased on request is created again from the other side.",
        "Delete or exclude these records.",
        "Addresses of eligible records, as SHA-256 of the canonical form, against suppressed.txt beside the project file (one address or "
        "digest per line). Without the file it is a question.",
        times_and_people.suppressed, columns=("email",),
    ),
    Check(
        "L7", "ops", "medium", "Merges start workflows", "A merge changes lists and starts automations, mails included.",
        "Pause workflows for the run, or exclude the integration user.", "Asked.",
        question="Which workflows and lists react to merges and updates, and are they paused for the run?",
    ),
    Check(
        "L8", "Q2", "medium", "Records that need special care", "Employees, VIPs or minors are copied where they should not be.",
        "Exclude them by the filter.", "Birth dates under eighteen years; the rest is asked.",
        times_and_people.minors, question="Which records must stay out of the sync (employees, VIPs, minors, restricted accounts)?",
        columns=("born", "problem"),
    ),
)  # fmt: skip

_OPERATIONS = (
    Check(
        "O1", "ops", "medium", "More requests than a day allows", "The launch stops half-way when the daily limit is reached.",
        "Spread the launch over days, or raise the limit.",
        "One request per record written at launch against the lowest documented daily limit (HubSpot: 250,000).",
        times_and_people.requests_a_day, columns=("system", "requests", "daily", "hours"), scope="whole",
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

CHECKS: dict[str, Check] = {check.id: check for part in (_IDENTITY, _SCOPE, _FIELDS, _TIME, _PEOPLE, _OPERATIONS) for check in part}
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
