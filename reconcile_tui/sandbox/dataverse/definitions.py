"""Tables, columns and keys as the metadata API describes them."""

from __future__ import annotations

import uuid
from typing import Any

from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.schema import CHOICES, NAMESPACE, TEXTS, Column, Key, Table

NAMES = {
    "key": ("Uniqueidentifier", "UniqueidentifierType", "UniqueIdentifierAttributeMetadata"),
    "text": ("String", "StringType", "StringAttributeMetadata"),
    "memo": ("Memo", "MemoType", "MemoAttributeMetadata"),
    "integer": ("Integer", "IntegerType", "IntegerAttributeMetadata"),
    "bigint": ("BigInt", "BigIntType", "BigIntAttributeMetadata"),
    "decimal": ("Decimal", "DecimalType", "DecimalAttributeMetadata"),
    "money": ("Money", "MoneyType", "MoneyAttributeMetadata"),
    "bool": ("Boolean", "BooleanType", "BooleanAttributeMetadata"),
    "choice": ("Picklist", "PicklistType", "PicklistAttributeMetadata"),
    "state": ("State", "StateType", "StateAttributeMetadata"),
    "status": ("Status", "StatusType", "StatusAttributeMetadata"),
    "date": ("DateTime", "DateTimeType", "DateTimeAttributeMetadata"),
    "datetime": ("DateTime", "DateTimeType", "DateTimeAttributeMetadata"),
    "lookup": ("Lookup", "LookupType", "LookupAttributeMetadata"),
    "owner": ("Owner", "OwnerType", "LookupAttributeMetadata"),
}
"""Attribute type, type name and metadata class by column type."""

TRACKED = ("account", "contact", "lead", "annotation", "task")


def label(text: str) -> dict[str, Any]:
    """A label in the one language of the sandbox, English (US)."""
    localized = {
        "Label": text,
        "LanguageCode": 1033,
        "IsManaged": False,
        "MetadataId": str(uuid.uuid5(NAMESPACE, f"label {text}")),
        "HasChanged": None,
    }
    return {"LocalizedLabels": [localized], "UserLocalizedLabel": localized}


def table_definition(table: Table) -> dict[str, Any]:
    """One table."""
    customer = table.name in ("account", "contact", "lead")
    return {
        "MetadataId": table.id,
        "LogicalName": table.name,
        "SchemaName": table.schema_name,
        "EntitySetName": table.entity_set,
        "LogicalCollectionName": table.entity_set,
        "CollectionSchemaName": table.schema_name + "s",
        "PrimaryIdAttribute": table.key,
        "PrimaryNameAttribute": table.name_column or None,
        "ObjectTypeCode": table.code,
        "DisplayName": label(table.label),
        "DisplayCollectionName": label(table.label + "s"),
        "Description": label(table.label),
        "IsCustomEntity": False,
        "IsPrivate": False,
        "IsIntersect": False,
        "IsLogicalEntity": False,
        "IsManaged": True,
        "IsEnabledForExternalChannels": customer,
        "IsActivity": table.name == "task",
        "IsOptimisticConcurrencyEnabled": customer,
        "ChangeTrackingEnabled": table.name in TRACKED,
        "IsDuplicateDetectionEnabled": {
            "Value": customer,
            "CanBeChanged": True,
            "ManagedPropertyLogicalName": "canmodifyduplicatedetectionsettings",
        },
        "OwnershipType": "UserOwned",
        "TableType": "Standard",
        "DataProviderId": None,
        "IsValidForAdvancedFind": True,
    }


def column_definition(table: Table, column: Column) -> dict[str, Any]:
    """One column, with what its type adds."""
    kind, type_name, cls = NAMES[column.type]
    required = {"R": "ApplicationRequired", "S": "SystemRequired"}
    level = "SystemRequired" if column.type in ("key", "state") else next((required[f] for f in column.flags if f in required), "None")
    body: dict[str, Any] = {
        "@odata.type": f"#Microsoft.Dynamics.CRM.{cls}",
        "MetadataId": table.column_id(column.name),
        "LogicalName": column.name,
        "SchemaName": column.schema_name or column.name,
        "EntityLogicalName": table.name,
        "AttributeType": kind,
        "AttributeTypeName": {"Value": type_name},
        "DisplayName": label(column.label or column.name),
        "Description": label(""),
        "RequiredLevel": {
            "Value": level,
            "CanBeChanged": level != "SystemRequired",
            "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings",
        },
        "IsValidForCreate": column.creatable,
        "IsValidForUpdate": column.updatable,
        "IsValidForRead": True,
        "IsCustomAttribute": column.custom,
        "IsPrimaryId": column.type == "key",
        "IsPrimaryName": column.name == table.name_column,
        "IsLogical": False,
        "AttributeOf": None,
        "IsSecured": False,
    }
    body.update(_details(table, column))
    return body


def _details(table: Table, column: Column) -> dict[str, Any]:
    if column.type in TEXTS:
        form = (
            "Email"
            if "emailaddress" in column.name
            else "Phone"
            if "phone" in column.name
            else "TextArea"
            if column.type == "memo"
            else "Text"
        )
        return {
            "MaxLength": column.max_length,
            "FormatName": {"Value": form},
            "Format": form,
            "DatabaseLength": (column.max_length or 0) * 2,
        }
    if column.type in ("integer", "bigint", "money", "decimal"):
        return {"MinValue": column.least, "MaxValue": column.most}
    if column.type in ("date", "datetime"):
        only = column.type == "date"
        return {"Format": "DateOnly" if only else "DateAndTime", "DateTimeBehavior": {"Value": "DateOnly" if only else "UserLocal"}}
    if column.targets:
        return {"Targets": list(column.targets)}
    return {"DefaultFormValue": None} if column.type in CHOICES else {}


def option_set(table: Table, column: Column) -> dict[str, Any]:
    """The options of a choice or yes/no column."""
    head = {
        "MetadataId": str(uuid.uuid5(NAMESPACE, f"options {table.name}.{column.name}")),
        "Name": f"{table.name}_{column.name}",
        "IsCustomOptionSet": column.custom,
        "IsGlobal": False,
        "OptionSetType": NAMES[column.type][0],
    }
    options = [_option(column, value, text, other) for value, text, other in column.options]
    if column.type == "bool":
        return {**head, "FalseOption": options[0], "TrueOption": options[1]}
    return {**head, "Options": options}


def _option(column: Column, value: int, text: str, other: int | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Value": value,
        "Color": None,
        "IsManaged": not column.custom,
        "ExternalValue": "",
        "Label": label(text),
        "Description": label(""),
    }
    if column.type == "state":
        body = {"@odata.type": "#Microsoft.Dynamics.CRM.StateOptionMetadata", **body, "DefaultStatus": other, "InvariantName": text}
    if column.type == "status":
        body = {"@odata.type": "#Microsoft.Dynamics.CRM.StatusOptionMetadata", **body, "State": other}
    return body


def key_definition(env: Environment, key: Key) -> dict[str, Any]:
    """One alternate key and how far its index is."""
    now = env.clock.now()
    waiting = "Pending" if key.active_at - now > env.options.dataverse_key_delay / 2 else "InProgress"
    status = waiting if now < key.active_at else "Failed" if key.failed else "Active"
    return {
        "MetadataId": key.id,
        "LogicalName": key.name,
        "SchemaName": key.schema_name,
        "EntityLogicalName": key.table,
        "DisplayName": label(key.label or key.schema_name),
        "KeyAttributes": list(key.columns),
        "EntityKeyIndexStatus": status,
        "AsyncJob": None,
        "IsManaged": False,
    }
