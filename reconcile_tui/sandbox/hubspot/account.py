"""What a client asks about the account itself: owners, the token's scopes, the account's details and its daily use."""

from __future__ import annotations

from typing import Any

from reconcile_tui.sandbox.clock import iso_milliseconds
from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.hubspot.errors import not_an_id, not_found, success
from reconcile_tui.sandbox.hubspot.portal import Portal

SCOPES = (
    "crm.export",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.owners.read",
    "crm.schemas.companies.read",
    "crm.schemas.companies.write",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
)
"""What a token has when the options don't say otherwise."""

OWNERS = (
    (7001, "olive.berg@example.test", "Olive", "Berg"),
    (7002, "sam.ito@example.test", "Sam", "Ito"),
    (7003, "noor.haddad@example.test", "Noor", "Haddad"),
)
_BORN = 1_700_000_000_000  # ms


def scopes(portal: Portal) -> tuple[str, ...]:
    """The token's scopes."""
    return portal.options.hubspot_scopes or SCOPES


def _owner(number: int, email: str, first: str, last: str) -> dict[str, Any]:
    return {
        "id": str(number),
        "email": email,
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": number + 50_000,
        "userIdIncludingInactive": number + 50_000,
        "createdAt": iso_milliseconds(_BORN),
        "updatedAt": iso_milliseconds(_BORN),
        "archived": False,
        "teams": [],
    }


def owners(portal: Portal, call: Call) -> Answer:
    """The account's users as owners, all or by e-mail."""
    email = call.parameter("email")
    found = [_owner(*each) for each in OWNERS if not email or each[1] == email.lower()]
    return success(200, {"results": found})


def owner(portal: Portal, call: Call, id: str) -> Answer:
    """One owner."""
    if not id.isdigit():
        raise not_an_id(id)
    for each in OWNERS:
        if each[0] == int(id):
            return success(200, _owner(*each))
    raise not_found()


def details(portal: Portal, call: Call) -> Answer:
    """`account-info`: which account this is."""
    return success(
        200,
        {
            "portalId": portal.id,
            "accountType": "STANDARD",
            "timeZone": "UTC",
            "companyCurrency": "EUR",
            "additionalCurrencies": [],
            "utcOffset": "+00:00",
            "utcOffsetMilliseconds": 0,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "eu1",
        },
    )


def token(portal: Portal, call: Call) -> Answer:
    """Which account and scopes a private app's token has."""
    return success(
        200,
        {"userId": 57001, "hubId": portal.id, "appId": 1_234_567, "scopes": list(scopes(portal))},
    )
