"""Metadata answers of a small Dataverse environment, as its documentation shows them."""

from __future__ import annotations

from typing import Any

from tests.systems.scripted import Say, Seen

A, B, C = (f"{n}0000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
BASE = "/api/data/v9.2"


def label(text: str) -> dict[str, Any]:
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}], "UserLocalizedLabel": {"Label": text, "LanguageCode": 1033}}


def attribute(name: str, type_: str, **more: Any) -> dict[str, Any]:
    return {
        "LogicalName": name,
        "AttributeType": type_,
        "AttributeTypeName": {"Value": f"{type_}Type"},
        "AttributeOf": None,
        "IsValidForRead": True,
        "IsValidForUpdate": True,
        "RequiredLevel": {"Value": "None"},
        "DisplayName": label(name.title()),
        **more,
    }


ATTRIBUTES = [
    attribute("contactid", "Uniqueidentifier", IsValidForUpdate=False),
    attribute("firstname", "String"),
    attribute("lastname", "String", RequiredLevel={"Value": "ApplicationRequired"}),
    attribute("fullname", "String", IsValidForUpdate=False),
    attribute("emailaddress1", "String"),
    attribute("birthdate", "DateTime"),
    attribute("gendercode", "Picklist"),
    attribute("gendercodename", "Virtual", AttributeOf="gendercode"),
    attribute("donotbulkemail", "Boolean"),
    attribute("parentcustomerid", "Customer"),
    attribute("parentcustomeridname", "String", AttributeOf="parentcustomerid"),
    attribute("statecode", "State"),
    attribute("statuscode", "Status"),
    attribute("createdon", "DateTime", IsValidForUpdate=False),
    attribute("modifiedon", "DateTime", IsValidForUpdate=False),
    attribute("merged", "Boolean", IsValidForUpdate=False),
    attribute("masterid", "Lookup", IsValidForUpdate=False),
    attribute("entityimage", "Virtual"),
    attribute("new_interests", "Virtual", AttributeTypeName={"Value": "MultiSelectPicklistType"}),
]


def options(*pairs: tuple[int, str]) -> dict[str, Any]:
    return {"OptionSet": {"Options": [{"Value": value, "Label": label(text)} for value, text in pairs]}}


DETAILS = {
    "StringAttributeMetadata": [
        {"LogicalName": n, "MaxLength": m} for n, m in (("firstname", 50), ("lastname", 50), ("emailaddress1", 100))
    ],
    "DateTimeAttributeMetadata": [
        {"LogicalName": "birthdate", "Format": "DateOnly"},
        {"LogicalName": "modifiedon", "Format": "DateAndTime"},
    ],
    "PicklistAttributeMetadata": [{"LogicalName": "gendercode", **options((1, "Male"), (2, "Female"))}],
    "MultiSelectPicklistAttributeMetadata": [{"LogicalName": "new_interests", **options((1, "Tea"), (2, "Coffee"))}],
    "StateAttributeMetadata": [{"LogicalName": "statecode", **options((0, "Active"), (1, "Inactive"))}],
}

HEAD = {
    "LogicalName": "contact",
    "EntitySetName": "contacts",
    "PrimaryIdAttribute": "contactid",
    "ChangeTrackingEnabled": True,
    "IsOptimisticConcurrencyEnabled": True,
}


def metadata(seen: Seen, *, tracking: bool = True) -> Say | None:
    """The answer to a metadata request; None for any other."""
    start = f"{BASE}/EntityDefinitions(LogicalName='"
    if not seen.path.startswith(start):
        return None
    if not seen.path.startswith(f"{start}contact')"):
        return Say(404, {"error": {"code": "0x80040217", "message": "Could not find an entity with that name"}})
    rest = seen.path.removeprefix(f"{start}contact')")
    if not rest:
        return Say(data={**HEAD, "ChangeTrackingEnabled": tracking})
    if rest == "/Attributes":
        return Say(data={"value": ATTRIBUTES})
    if rest == "/Keys":
        return Say(data={"value": []})
    cast = rest.rpartition(".")[2]
    if cast in DETAILS:
        return Say(data={"value": DETAILS[cast]})
    return Say(404, {"error": {"code": "0x8006088a", "message": "Resource not found for the segment."}})


def row(id_: str, **more: Any) -> dict[str, Any]:
    return {
        "@odata.etag": 'W/"100"',
        "contactid": id_,
        "firstname": "Ada",
        "statecode": 0,
        "createdon": "2026-10-01T10:00:00Z",
        "modifiedon": "2026-10-01T10:00:00Z",
        "merged": False,
        "_masterid_value": None,
        **more,
    }
