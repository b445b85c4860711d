"""Identity: who is who, by address, link and name."""

from __future__ import annotations

from reconcile_tui.readiness.check import Check

CHECKS = (
    Check(
        "I1", "Q4", "blocker", "Several records of one table share an e-mail address",
        "The other system holds one contact per address: these records overwrite each other in it, and through it.",
        "Decide their group: merge duplicates, or name one owner of a shared address. `reconcile-tui groups` lists them.",
        "Eligible records of one table are grouped by their address in canonical form (lower case, no blanks or invisible characters).",
        "collisions.same_address_in_one_table", columns=("email", "table", "records"),
    ),
    Check(
        "I2", "Q4", "blocker", "A lead and a contact share an e-mail address",
        "Both feed the same contact of the other system; they lie in different tables and can't be merged.",
        "Keep one of them in the sync: qualify or exclude the lead, or give one table priority in the sync profile.",
        "Eligible records of different tables of one system are grouped by canonical address.",
        "collisions.same_address_across_tables", columns=("email", "tables", "records"),
    ),
    Check(
        "I3", "Q4", "high", "An address is another record's secondary address",
        "HubSpot counts secondary addresses as taken: the write is refused or lands on the other person.",
        "If it is one person, merge or link the two; if not, remove the secondary address from the record it does not belong to.",
        "Own addresses are joined with emailaddress2, emailaddress3 and hs_additional_emails of all other records.",
        "collisions.secondary_is_anothers", columns=("email",),
    ),
    Check(
        "I4", "Q4", "high", "No e-mail address to match by",
        "A sync that matches by address can't find the counterpart and may create another record on each run.",
        "Fill in the address, link the records by id, or let the filter ask for one.",
        "Active, unlinked records without an address that are eligible, or whose group holds an eligible record of the other system.",
        "mailboxes.blank", columns=("why",),
    ),
    Check(
        "I5", "Q4", "high", "Addresses differ only in how they are written",
        "Letter case, blanks, a trailing dot or an invisible character make two addresses of one, or hide that they are one.",
        "Correct the written form. Where `transform_repairs` says no, the sync sees another address.",
        "Addresses that differ from their canonical form and meet another record once canonical.",
        "mailboxes.not_canonical", columns=("written", "canonical", "transform_repairs"),
    ),
    Check(
        "I6", "Q4", "high", "Invalid, role or placeholder addresses",
        "HubSpot refuses invalid addresses; role mailboxes and placeholders tie different people to one contact.",
        "Correct the address, blank a placeholder, or keep these records out by the filter.",
        "Syntax, a list of role names (RFC 2142 and practice), no-reply and placeholder patterns, and addresses of five records or more.",
        "mailboxes.unusable", columns=("email", "kind"),
    ),
    Check(
        "I7", "Q4", "medium", "Several addresses in one field",
        "No system matches such a value, and HubSpot refuses it.",
        "Keep one address in the field and move the other to a secondary one.",
        "A second @ after a comma, semicolon, bar, slash or blank.",
        "mailboxes.several_in_one", columns=("written",),
    ),
    Check(
        "I8", "Q4", "blocker", "One address, different people",
        "A shared mailbox: every save turns the one contact of the other system into somebody else, and the way back spreads it.",
        "Name the owner of the address; give the others their own, move it to a secondary field, blank it or exclude them.",
        "Records with one canonical address whose names are unlike: nicknames, initials, swaps, spellings and blanks are no difference.",
        "collisions.different_people_behind_one_address", columns=("email", "names", "records"),
    ),
    Check(
        "I9", "Q4", "medium", "One person with several addresses",
        "The sync keeps them apart: two contacts of one person, with a history split between them.",
        "Decide the group: choose the address that stays, keep the other as a secondary one.",
        "Groups that matching takes for one person and that hold more than one canonical address.",
        "identity.one_person_several_addresses", columns=("group", "emails"),
    ),
    Check(
        "I10", "Q4", "medium", "A domain that looks misspelt",
        "A typo in the domain makes a second person for the sync and loses the mail.",
        "Correct the domain, or accept when both are right.",
        "The same local part at two domains that differ by a letter or in their ending; rare domains one letter from a frequent one.",
        "mailboxes.misspelt_domain", columns=("email", "domain", "perhaps"),
    ),
    Check(
        "I11", "Q4", "medium", "Plus tags and dots: one mailbox, two addresses",
        "One person for a reader, two contacts for HubSpot. They are never merged by this alone.",
        "Decide the group if it is one person; otherwise accept.",
        "Addresses equal once `+tag` is removed, and dots at Gmail.",
        "mailboxes.tagged", columns=("mailbox", "emails"),
    ),
    Check(
        "I12", "Q4", "high", "A stored link is wrong",
        "The sync follows stored ids before anything else: a wrong one writes one person's values to another.",
        "Correct or clear the link; a group decision writes both sides anew.",
        "Links to records that are gone, unknown or merged away, that are not mutual, or that two records of one table claim.",
        "identity.broken_links", columns=("stored", "problem"),
    ),
    Check(
        "I13", "Q4", "high", "A merge in one system only",
        "The counterpart of the record that was merged away stays and creates it again.",
        "Take that counterpart into the group and merge it too, or exclude it from the sync.",
        "Planned merges whose loser's address belongs to a live, eligible record of the other system outside the person.",
        "identity.merged_in_one_system_only", columns=("group", "email", "problem"),
    ),
    Check(
        "I14", "Q2", "high", "Inactive or merged records pass the filter",
        "The filter, as a connector would run it, lets records leave that nobody works with any more.",
        "Add statecode = 0 (and no merged records) to the eligibility predicate.",
        "The predicate is run without this product's own guard; inactive and merged rows that pass are listed.",
        "identity.inactive_but_eligible", columns=("state",),
    ),
    Check(
        "I15", "Q4", "high", "Companies with one name",
        "Record types without an address are matched by name: two companies of one name become one.",
        "Merge the duplicates or add a domain to match by.",
        "Only for record types without an e-mail field: folded names that stand twice in one table.",
        "identity.company_names", columns=("name",),
    ),
    Check(
        "I16", "Q4", "medium", "A contact near the limit of merges",
        "HubSpot refuses a merge once 250 records are merged into one (HTTP 414).",
        "Merge into another record, or create a fresh one.",
        "hs_merged_object_ids plus the merges that are planned; listed from 200 on.",
        "identity.many_merges", columns=("merges", "planned", "limit"),
    ),
    Check(
        "I17", "Q4", "high", "Addresses that can't be used as an alternate key",
        "Characters such as + or & break requests by alternate key, so that a key on the address fails for these records.",
        "Use the dedicated id column as the key (policy P2), not the address.",
        "Eligible Dynamics addresses with one of / < > * % & : \\ ? +.",
        "mailboxes.unfit_as_key", columns=("email",),
    ),
)  # fmt: skip
