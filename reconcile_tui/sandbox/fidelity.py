"""What the sandbox does like the real systems, and how that is known: one row per behaviour.

`python -m reconcile_tui.sandbox.fidelity` prints `docs/sandbox-fidelity.md`; a test holds the page equal to this registry.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

Tag = Literal["documented", "captured", "assumed"]


class Behaviour(NamedTuple):
    """One thing a client can notice, and the evidence for it."""

    area: str
    what: str
    tag: Tag
    note: str = ""


TAGS: dict[Tag, str] = {
    "documented": "the vendor's documentation, API description, SDK or metadata says so",
    "captured": "seen in answers of the live service that others have published, or demanded by the vendor's SDK",
    "assumed": "not confirmed, or the sources contradict each other; the sandbox picks one behaviour, often with a switch",
}

RECORDS, UNIQUE, BATCH, SEARCH, MERGE, SCHEMA, ACCOUNT = (
    f"HubSpot: {part}"
    for part in ("records", "uniqueness", "batch calls", "search", "merge", "properties and associations", "limits and access")
)
ROWS, QUERY, DMERGE, DSCHEMA, BULK, TRACKING, DACCESS = (
    f"Dataverse: {part}"
    for part in ("rows", "queries", "merge", "definitions and keys", "batch and bulk", "change tracking", "limits, errors and access")
)
SIGN_IN = "Entra: sign-in"
ALL = "Everywhere"

BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour(RECORDS, "`v3`, `v4`, `2025-09`, `2026-03` and `2026-09` addresses lead to the same records", "documented"),
    Behaviour(RECORDS, "every value is text or null; `id` is text; `archivedAt` only on archived records", "documented"),
    Behaviour(RECORDS, "a property that was asked for and has no value is null", "assumed", "sources differ; `hubspot_unset_values`"),
    Behaviour(RECORDS, "an unknown property is left out of a read without a word", "captured"),
    Behaviour(RECORDS, "create date, modified date and record id come with every selection of properties", "assumed"),
    Behaviour(RECORDS, "create, PATCH and merge answer with every stored value, read-only ones included", "captured"),
    Behaviour(
        RECORDS, "a list page holds 10 records unless asked, 100 at most (50 with history); `after` is the next record's id", "documented"
    ),
    Behaviour(RECORDS, "lists are ordered by record id", "captured"),
    Behaviour(RECORDS, "list parameters may be comma-joined or repeated", "captured"),
    Behaviour(RECORDS, "get by `idProperty`: e-mail or a unique property", "documented"),
    Behaviour(RECORDS, "`idProperty=email` also finds by a secondary address", "assumed"),
    Behaviour(RECORDS, "unknown numeric id: 404 without category; an id that is no number: 404 `OBJECT_NOT_FOUND`", "captured"),
    Behaviour(RECORDS, "validation errors: message with embedded JSON, `errors[].code`, `context.propertyName`", "documented"),
    Behaviour(RECORDS, "texts of single validation errors beyond `PROPERTY_DOESNT_EXIST`, `INVALID_EMAIL`, `INVALID_OPTION`", "assumed"),
    Behaviour(RECORDS, "values that are not text are refused with blanks around them", "documented"),
    Behaviour(RECORDS, 'values up to 65,536 characters; `""` clears; a leading `;` appends to a checkbox', "documented"),
    Behaviour(RECORDS, "the lifecycle stage moves forward only; cleared first, it moves back", "documented"),
    Behaviour(RECORDS, "a stage that would move back is ignored, the rest of the write is done", "assumed"),
    Behaviour(RECORDS, "a new contact is a `lead` and has the `hs_…` values of an API write", "captured"),
    Behaviour(
        RECORDS, "a contact may be created without e-mail and name", "assumed", "two pages of the documentation contradict each other"
    ),
    Behaviour(
        RECORDS,
        "`hs_updated_by_user_id` tells the user who saved a contact last, nobody after a write of the API",
        "assumed",
        "a private app is no user",
    ),
    Behaviour(RECORDS, "a write that changes nothing leaves the modified date as it is", "assumed"),
    Behaviour(RECORDS, "DELETE puts a record into the recycle bin: out of lists, found with `archived=true`", "documented"),
    Behaviour(RECORDS, "`gdpr-delete` removes a contact for good", "documented", "the block list for its address is not kept"),
    Behaviour(
        RECORDS, "required properties are enforced by `2026-09` only", "documented", "`hubspot_required`; the error's code is assumed"
    ),
    Behaviour(UNIQUE, "one live contact per e-mail address; archived ones don't count", "documented"),
    Behaviour(UNIQUE, "addresses are compared without case and stored in lower case", "assumed", "widely reported"),
    Behaviour(UNIQUE, "secondary addresses (`hs_additional_emails`) are taken too", "documented"),
    Behaviour(UNIQUE, "create with a taken primary address: 409 that names the owner", "captured", "`hubspot_clash_on_create`"),
    Behaviour(UNIQUE, "create with a taken secondary address: 400 with coordinates", "captured"),
    Behaviour(UNIQUE, "the coordinates text names the written record first and the owner last", "captured"),
    Behaviour(UNIQUE, "PATCH with a taken address: 400 with coordinates", "assumed"),
    Behaviour(UNIQUE, "a taken custom unique value: 400 with coordinates", "captured", "`hubspot_clash_code` gives the other wording"),
    Behaviour(BATCH, "100 inputs; read answers 207 with `numErrors` when some are missing", "documented"),
    Behaviour(BATCH, "create is all or nothing unless every input has its own `objectWriteTraceId`; then 207", "documented"),
    Behaviour(BATCH, "update leaves ids that a merge has replaced out without a word", "captured"),
    Behaviour(BATCH, "update by e-mail is refused; by a custom unique property it works", "captured"),
    Behaviour(BATCH, "upsert answers 200 and says `new` for each result", "captured", "the official Node client takes no 201"),
    Behaviour(
        BATCH, "upsert by e-mail changes just the properties that were sent", "assumed", "what “partial upsert” means is not spelt out"
    ),
    Behaviour(BATCH, "the same id or address twice in one call is refused", "captured", "the text is assumed"),
    Behaviour(SEARCH, "200 a page, offset paging, 10,000 at most, 5 groups, 6 filters each, 18 in all, one sort", "documented"),
    Behaviour(SEARCH, "operators, text without case, `IN` values taken as they are", "documented"),
    Behaviour(SEARCH, "`NEQ` and `NOT_IN` don't find records without a value", "assumed"),
    Behaviour(
        SEARCH, "new and changed records appear after a while", "documented", "`hubspot_search_lag`; meanwhile the former state is found"
    ),
    Behaviour(SEARCH, "archived and merged-away records are not found", "documented"),
    Behaviour(SEARCH, "texts of refusals", "assumed"),
    Behaviour(MERGE, "the merged record has a new id, or keeps the primary's", "documented", "`hubspot_merge_ids`"),
    Behaviour(MERGE, "both old ids lead to the merged record for ever", "documented"),
    Behaviour(MERGE, "the primary's values stay, the other's fill gaps; the furthest stage and the oldest create date win", "documented"),
    Behaviour(MERGE, "the other's address becomes a secondary one", "documented"),
    Behaviour(MERGE, "a value that the primary once had and lost is filled from the other", "assumed"),
    Behaviour(MERGE, "`hs_merged_object_ids`, `hs_calculated_merged_vids`", "captured", "what they hold when the id is kept is assumed"),
    Behaviour(MERGE, "merging a record with itself: 400; an unknown id: 404", "assumed"),
    Behaviour(MERGE, "more than 250 identities: 414", "documented"),
    Behaviour(MERGE, "histories and associations of both are kept, the primary's primary company stays primary", "documented"),
    Behaviour(SCHEMA, "definitions with types, options, read-only and unique flags; groups; batch read, create, archive", "documented"),
    Behaviour(SCHEMA, "`hasUniqueValue` only at creation, at most 10 per object type; 1,000 custom properties", "documented"),
    Behaviour(SCHEMA, "a name that exists: 409", "documented", "category and text are assumed"),
    Behaviour(SCHEMA, "an archived property comes back with its values when it is created again", "assumed"),
    Behaviour(SCHEMA, "the standard properties are those that matter for contacts, about sixty", "assumed"),
    Behaviour(SCHEMA, "contact to company 279 and 1 (primary), company to contact 280 and 2", "documented"),
    Behaviour(SCHEMA, "the first company of a contact becomes its primary one", "assumed"),
    Behaviour(ACCOUNT, "burst, daily and search limits with their policies", "documented", "`limits` switches them on"),
    Behaviour(ACCOUNT, "rate headers on every answer but search", "documented"),
    Behaviour(ACCOUNT, "no `Retry-After` on 429", "documented", "not promised; a fault can add one"),
    Behaviour(ACCOUNT, "the daily limit is a sliding day, not one that ends at the account's midnight", "assumed"),
    Behaviour(
        ACCOUNT, "401 without a token; 403 `MISSING_SCOPES` with the scope's name", "documented", "`hubspot_tokens`, `hubspot_scopes`"
    ),
    Behaviour(ACCOUNT, "an unknown address: 404 “resource not found”; an unknown method: 405", "assumed"),
    Behaviour(ACCOUNT, "owners, account details, a token's scopes", "documented", "three fixed owners"),
    Behaviour(ROWS, "204 with `OData-EntityId`; 201 or 200 with the row where `return=representation` is preferred", "documented"),
    Behaviour(ROWS, "PATCH creates a row that isn't there unless `If-Match` is sent", "documented"),
    Behaviour(ROWS, "etags; 412 for a stale one; `If-None-Match` on GET and PATCH", "documented"),
    Behaviour(ROWS, "every update makes a new etag, also one that changes nothing", "documented"),
    Behaviour(ROWS, "without a selection all columns come, null where empty", "documented"),
    Behaviour(ROWS, "lookups: `_name_value`, `…@odata.bind`, `$ref`, single columns by PUT and DELETE", "documented"),
    Behaviour(
        ROWS, "lengths, ranges, options and unknown columns are refused with their codes", "documented", "text of 0x8004431a is assumed"
    ),
    Behaviour(ROWS, "lengths are counted in UTF-16 code units", "assumed"),
    Behaviour(ROWS, "columns that can't be written are ignored in a body", "assumed"),
    Behaviour(ROWS, '`""` is stored as null', "assumed"),
    Behaviour(ROWS, "state and status reason fit together; a state alone brings its default reason", "documented"),
    Behaviour(
        ROWS, "inactive accounts, contacts and leads refuse updates until they are activated", "documented", "code and text are assumed"
    ),
    Behaviour(ROWS, "a deleted row's id is removed from lookups", "assumed", "depends on each relationship's settings"),
    Behaviour(ROWS, "no uniqueness on any e-mail column", "documented"),
    Behaviour(ROWS, "lead sizes, states and status reasons; the lead table can be missing", "captured", "`dataverse_leads`"),
    Behaviour(QUERY, "`$select`, `$filter`, `$orderby`, `$top`, `$count`, `$expand` of single lookups", "documented"),
    Behaviour(QUERY, "text is compared without case; `ne` finds rows without a value", "assumed", "case: documented"),
    Behaviour(QUERY, "`contains`, `startswith`, `endswith`, `Microsoft.Dynamics.CRM.In` and `NotIn`, columns of linked rows", "documented"),
    Behaviour(QUERY, "pages of 5,000; `odata.maxpagesize`; `$top` is ignored beside it", "documented"),
    Behaviour(QUERY, "next links with a paging cookie", "documented", "the cookie's inside is the sandbox's own"),
    Behaviour(QUERY, "without an order rows come by primary key", "assumed"),
    Behaviour(QUERY, "counts end at 5,000 and say so where the annotation is asked for", "documented"),
    Behaviour(QUERY, "formatted values, lookup tables and navigation names as annotations", "documented", "in US English with euros"),
    Behaviour(QUERY, "`?sql=` reads one table", "captured", "as Microsoft's Python SDK sends it; no joins"),
    Behaviour(QUERY, "`$metadata` describes tables, lookups, WhoAmI and Merge", "assumed", "a small part of the real document"),
    Behaviour(DMERGE, "the subordinate becomes inactive, `merged`, with `masterid`; it stays readable", "documented"),
    Behaviour(DMERGE, "rows that pointed to the subordinate point to the target", "documented"),
    Behaviour(DMERGE, "only `UpdateContent` changes the target; null clears", "assumed", "`dataverse_merge_flow`"),
    Behaviour(DMERGE, "codes and messages of refusals", "documented", "HTTP 400, 403 for 0x80045301: assumed"),
    Behaviour(DMERGE, "a merged lead is Disqualified, Canceled", "assumed"),
    Behaviour(DMERGE, "an activated subordinate stays `merged`", "documented"),
    Behaviour(DMERGE, "accounts, contacts and leads only; no etag is looked at", "documented"),
    Behaviour(DSCHEMA, "`EntityDefinitions`, `Attributes` by type with options, `Keys`; creating columns and keys", "documented"),
    Behaviour(DSCHEMA, "`$select` of a property that the sandbox's definitions lack is ignored", "assumed"),
    Behaviour(
        DSCHEMA, "a key's index is Pending, InProgress, then Active; Failed over rows that clash", "documented", "`dataverse_key_delay`"
    ),
    Behaviour(DSCHEMA, "keys hold values apart (412 0x80060892), not empty ones; 10 keys, 16 columns, 900 bytes", "documented"),
    Behaviour(DSCHEMA, "key values with reserved characters can't stand in an address", "documented", "status and text are assumed"),
    Behaviour(DSCHEMA, "codes of refused definitions, privileges `prvCreateAttribute`, `prvWriteEntity`", "assumed"),
    Behaviour(DSCHEMA, "duplicate rules are kept and published, but find nothing", "assumed"),
    Behaviour(BULK, "`$batch` of 1,000; change sets all or nothing; `$1`; `odata.continue-on-error`", "documented"),
    Behaviour(BULK, "a batch that stops has the failed part's status", "documented", "that its body holds the answers so far is assumed"),
    Behaviour(BULK, "`CreateMultiple`, `UpdateMultiple`, `UpsertMultiple` all or nothing on standard tables", "documented"),
    Behaviour(BULK, "`BulkDelete` by a list of ids, done at once", "captured", "as Microsoft's Python SDK sends it; really a job"),
    Behaviour(TRACKING, "delta link after the last page, changed rows and `$deletedEntity` later", "documented"),
    Behaviour(TRACKING, "no filter, order, expand or top", "documented"),
    Behaviour(TRACKING, "a token lives 7 days; then 0x80044352", "documented", "`dataverse_token_days`; the HTTP status is assumed"),
    Behaviour(
        DACCESS, "requests, work and concurrency over 300 seconds; 429 with `Retry-After`", "documented", "`limits`; one server, one user"
    ),
    Behaviour(DACCESS, "remaining requests and time in headers, the time with a thousands comma", "captured"),
    Behaviour(DACCESS, "work is the sandbox's own time plus `latency`", "assumed"),
    Behaviour(DACCESS, "error bodies, codes and their HTTP statuses; annotations where they are asked for", "documented"),
    Behaviour(DACCESS, "401 without a body, its header names tenant and resource", "documented"),
    Behaviour(DACCESS, "missing privileges: 403 0x80040220", "documented", "`dataverse_denied`"),
    Behaviour(SIGN_IN, "OpenID configuration, device code, tokens for secret, certificate, device code, refresh", "documented"),
    Behaviour(SIGN_IN, "errors with AADSTS number, trace and correlation ids", "documented"),
    Behaviour(
        SIGN_IN, "any secret is right until `entra_secret` is set; a certificate's signature is checked with `entra_certificate`", "assumed"
    ),
    Behaviour(SIGN_IN, "tokens are unsigned; Dataverse checks their expiry, not their audience", "assumed"),
    Behaviour(
        SIGN_IN,
        "a device code is approved after one poll; the interval is 1 second",
        "assumed",
        "`entra_polls`, `entra_device`; really 5 s",
    ),
    Behaviour(ALL, "what isn't served fails in the vendor's own shape: HubSpot 404 or 405, Dataverse 404, 405 or 501", "assumed"),
)

NOT_SERVED = (
    "HubSpot: exports, webhooks, lists, pipelines, the `leads` object, calculated properties, marketing status, forms, engagement objects",
    "Dataverse: FetchXML, saved queries, `$apply`, collection-valued `$expand`, `RetrieveDuplicates`, `QualifyLead`, tables and "
    "relationships of one's own, global choices, impersonation, plug-ins, security roles beyond `dataverse_denied`, elastic tables",
    "Entra: the authorization code flow, conditional access, signed tokens",
)
"""What a client of the real systems can do and the sandbox refuses."""


def page(behaviours: Iterable[Behaviour] = BEHAVIOURS) -> str:
    """The fidelity page as Markdown."""
    lines = ["# How faithful the sandbox is", "", "Generated by `python -m reconcile_tui.sandbox.fidelity`.", ""]
    lines += [f"* **{tag}**: {meaning}." for tag, meaning in TAGS.items()]
    lines += ["", "Names in `code` in the last column are options of the sandbox.", ""]
    area = ""
    for each in behaviours:
        if each.area != area:
            area = each.area
            lines += ["", f"## {area}", "", "| behaviour | evidence | note |", "|---|---|---|"]
        lines.append(f"| {each.what} | {each.tag} | {each.note} |")
    lines += ["", "## Not served", "", *(f"* {text}." for text in NOT_SERVED), ""]
    return "\n".join(lines).replace("\n\n\n", "\n\n")


if __name__ == "__main__":
    print(page(), end="")
