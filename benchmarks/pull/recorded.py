"""Recorded pages of both vendors, made from a seed and served from memory by a minimal ASGI app."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import orjson

HUBSPOT_COLUMNS = [
    *("email", "hs_additional_emails", "firstname", "lastname", "phone", "mobilephone", "jobtitle", "company", "address", "city"),
    *("state", "zip", "country", "hs_email_optout", "lifecyclestage", "hs_lead_status", "salutation", "date_of_birth", "website"),
    *("dynamics_contactid", "dynamics_leadid", "createdate", "lastmodifieddate", "hs_merged_object_ids", "hs_object_id"),
    "hs_updated_by_user_id",
]
DYNAMICS_COLUMNS = [
    *("contactid", "firstname", "lastname", "fullname", "emailaddress1", "emailaddress2", "telephone1", "mobilephone", "jobtitle"),
    *("new_companyname", "address1_line1", "address1_city", "address1_stateorprovince", "address1_postalcode", "address1_country"),
    *("donotbulkemail", "donotemail", "gendercode", "birthdate", "websiteurl", "new_hubspotcontactid", "statecode", "statuscode"),
    *("createdon", "modifiedon"),
]
FORMATTED = "@OData.Community.Display.V1.FormattedValue"
DISTINCT = 20  # page templates; ids differ on every page
PAGE = b"@@@@@@"  # stands for the page's number in ids
NEXT = b"######"  # stands for the next page's number


def word(rng: random.Random) -> str:
    """A made-up word."""
    return "".join(rng.choice("bcdfglmnprst") + rng.choice("aeiou") for _ in range(rng.randint(2, 6)))


def hubspot_page(rng: random.Random) -> bytes:
    """One answer of the list, 100 contacts, seven of ten properties set."""
    results = []
    for number in range(100):
        id_ = f"1{PAGE.decode()}{number:02d}"
        properties: dict[str, str | None] = {name: word(rng) if rng.random() < 0.7 else None for name in HUBSPOT_COLUMNS}
        properties |= {"hs_merged_object_ids": None, "hs_object_id": id_, "email": f"{word(rng)}@example.test"}
        properties |= {"hs_updated_by_user_id": str(rng.randint(50_000, 50_099))}
        stamps = {"createdAt": "2026-04-01T09:12:55.120Z", "updatedAt": "2026-04-02T10:00:01.002Z"}
        url = f"https://app.hubspot.com/contacts/1/record/0-1/{id_}"
        results.append({"id": id_, "properties": properties, **stamps, "archived": False, "url": url})
    return orjson.dumps({"results": results, "paging": {"next": {"after": NEXT.decode(), "link": "https://api.hubapi.com/"}}})


def dynamics_page(rng: random.Random) -> bytes:
    """One answer of a contacts query, 5,000 rows, seven of ten columns set."""
    rows = []
    for number in range(5000):
        row: dict[str, Any] = {"@odata.etag": f'W/"{number}"'}
        row |= {name: word(rng) if rng.random() < 0.7 else None for name in DYNAMICS_COLUMNS}
        row |= {"contactid": f"00{PAGE.decode()}-{number:04x}-4000-8000-000000000000", "statecode": 0, "statuscode": 1, "gendercode": 1}
        row |= {"donotbulkemail": False, "donotemail": False, "merged": False, "_masterid_value": None}
        row |= {"createdon": "2026-04-01T09:12:55Z", "modifiedon": "2026-04-02T10:00:01Z"}
        row |= {"_modifiedby_value": f"{rng.randint(0, 99):08d}-0000-4000-8000-000000000000"}
        row |= {name + FORMATTED: text for name, text in _formatted(row).items()}
        rows.append(row)
    link = f"https://sandbox.crm.dynamics.com/api/data/v9.2/contacts?$skiptoken={NEXT.decode()}"
    return orjson.dumps({"@odata.context": "…/$metadata#contacts", "value": rows, "@odata.nextLink": link})


def _formatted(row: dict[str, Any]) -> dict[str, str]:
    """What Dataverse adds once formatted values are asked for: one text per choice, truth value, time and lookup that has a value."""
    texts = {"statecode": "Active", "statuscode": "Active", "gendercode": "Male", "donotbulkemail": "Allow", "donotemail": "Allow"}
    texts |= {"merged": "No", "createdon": "4/1/2026 9:12 AM", "modifiedon": "4/2/2026 10:00 AM"}
    return texts | {"_modifiedby_value": f"Editor {row['_modifiedby_value'][:8]}"}


MAKERS: dict[str, tuple[Callable[[random.Random], bytes], int]] = {"hubspot": (hubspot_page, 100), "dynamics": (dynamics_page, 5000)}
"""By kind of system: what makes a page, and how many records it holds."""


class Recorded:
    """Serves `records` records; `spent` is the CPU its own work took, in seconds."""

    def __init__(self, kind: str, records: int) -> None:
        """Make the templates."""
        make, size = MAKERS[kind]
        self.pages = max(1, records // size)
        self.records = self.pages * size
        self.spent = 0.0
        rng = random.Random(7)
        self._templates = [make(rng) for _ in range(min(self.pages, DISTINCT))]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        await receive()
        started = time.process_time()
        body = _metadata(scope["path"]) or self._page(scope["query_string"])
        self.spent += time.process_time() - started
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})

    def _page(self, query_string: bytes) -> bytes:
        query = parse_qs(query_string.decode())
        number = int((query.get("after") or query.get("$skiptoken") or ["0"])[0])
        body = self._templates[number % len(self._templates)].replace(PAGE, b"%06d" % number)
        if number >= self.pages - 1:
            return body.replace(b',"paging":', b',"ended":').replace(b'"@odata.nextLink":', b'"@odata.ended":')
        return body.replace(NEXT, b"%06d" % (number + 1))


def _metadata(path: str) -> bytes | None:
    """The metadata a client asks for first; None for a request of records."""
    if path.endswith("/search"):
        return b'{"total": 0, "results": []}'
    if "/properties/" in path:
        return orjson.dumps({"results": [{"name": name, "type": "string", "fieldType": "text"} for name in HUBSPOT_COLUMNS]})
    if "RetrieveTotal" in path:
        return b'{"EntityRecordCountCollection": {}}'
    if "EntityDefinitions" not in path:
        return None
    if path.endswith("/Attributes"):
        value = [{"LogicalName": name, "AttributeType": "String"} for name in [*DYNAMICS_COLUMNS, "merged"]]
        return orjson.dumps({"value": [*value, *({"LogicalName": name, "AttributeType": "Lookup"} for name in ("masterid", "modifiedby"))]})
    if path.endswith("')"):
        return orjson.dumps({"EntitySetName": "contacts", "PrimaryIdAttribute": "contactid", "ChangeTrackingEnabled": True})
    return b'{"value": []}'
