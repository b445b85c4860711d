"""HubSpot's properties: the standard ones from `properties.toml`, the custom ones from the database."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from reconcile_tui.sandbox.clock import iso_milliseconds
from reconcile_tui.sandbox.store import Row, Store, quoted

OBJECT_TYPES = {
    "contacts": "contacts",
    "contact": "contacts",
    "0-1": "contacts",
    "companies": "companies",
    "company": "companies",
    "0-2": "companies",
}
"""Every name of an object type in a path, and the one used here."""

OBJECT_CODES = {"contacts": "0-1", "companies": "0-2"}
VIRTUAL = {
    "hs_object_id": "_id",
    "createdate": "_created",
    "hs_createdate": "_created",
    "lastmodifieddate": "_updated",
    "hs_lastmodifieddate": "_updated",
}
"""Properties that are shown but stored as the record's own id and times."""

SOUGHT = {"contacts": "email", "companies": "domain"}
"""The property that clients search for most; it has an index."""

MODIFIED = {"contacts": "lastmodifieddate", "companies": "hs_lastmodifieddate"}


@dataclass(frozen=True, slots=True)
class Property:
    """One property's definition."""

    name: str
    label: str
    type: str
    field_type: str
    options: tuple[tuple[str, str], ...] = ()
    group: str = "contactinformation"
    description: str = ""
    unique: bool = False
    read_only: bool = False
    standard: bool = True
    hidden: bool = False
    form_field: bool = False
    display_order: int = -1
    created: int = 0  # ms
    updated: int = 0
    archived: bool = False

    @property
    def column(self) -> str:
        """The SQLite column its values stand in."""
        return VIRTUAL.get(self.name, self.name)

    def as_json(self) -> dict[str, Any]:
        """The definition as the properties API gives it."""
        options = [
            {"label": label, "value": value, "displayOrder": order, "hidden": False, "description": ""}
            for order, (value, label) in enumerate(self.options)
        ]
        body: dict[str, Any] = {
            "createdAt": iso_milliseconds(self.created),
            "updatedAt": iso_milliseconds(self.updated),
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": options,
            "displayOrder": self.display_order,
            "calculated": self.field_type == "calculation_equation",
            "externalOptions": self.name == "hubspot_owner_id",
            "archived": self.archived,
            "hasUniqueValue": self.unique and self.name != "email",
            "hidden": self.hidden,
            "formField": self.form_field,
            "hubspotDefined": self.standard,
            "dataSensitivity": "non_sensitive",
            "modificationMetadata": {
                "archivable": not self.standard,
                "readOnlyDefinition": self.standard,
                "readOnlyOptions": self.standard,
                "readOnlyValue": self.read_only,
            },
        }
        if self.standard:
            del body["createdAt"], body["updatedAt"]
        return body


@cache
def standard_properties() -> dict[str, dict[str, Property]]:
    """The properties every account has, by object type and name."""
    text = files(__package__).joinpath("properties.toml").read_text(encoding="utf-8")
    return {
        object_type: {name: _property(object_type, name, line) for name, line in lines.items()}
        for object_type, lines in tomllib.loads(text).items()
    }


def _property(object_type: str, name: str, line: str) -> Property:
    head, flags, options = ([part.strip() for part in line.split("|")] + ["", ""])[:3]
    kinds, label = head.split(" ", 1)
    kind, field_type = kinds.split("/")
    choices = tuple((value, text) for value, _, text in (option.partition("=") for option in options.split(",") if option))
    group = "contactinformation" if object_type == "contacts" else "companyinformation"
    return Property(name, label, kind, field_type, choices, group, unique="u" in flags, read_only="r" in flags)


TABLES = """
CREATE TABLE hs_property (object_type TEXT, name TEXT, definition TEXT NOT NULL, PRIMARY KEY (object_type, name)) WITHOUT ROWID;
CREATE TABLE hs_group (object_type TEXT, name TEXT, label TEXT, PRIMARY KEY (object_type, name)) WITHOUT ROWID;
CREATE TABLE hs_unique (object_type TEXT, property TEXT, value TEXT, id INTEGER NOT NULL,
  PRIMARY KEY (object_type, property, value)) WITHOUT ROWID;
CREATE TABLE hs_moved (object_type TEXT, id INTEGER, target INTEGER NOT NULL, PRIMARY KEY (object_type, id)) WITHOUT ROWID;
CREATE INDEX hs_moved_target ON hs_moved (object_type, target);
CREATE TABLE hs_history (seq INTEGER PRIMARY KEY, object_type TEXT, id INTEGER, property TEXT, value TEXT, at INTEGER, source TEXT);
CREATE INDEX hs_history_record ON hs_history (object_type, id, property);
CREATE TABLE hs_association (from_type TEXT, from_id INTEGER, to_type TEXT, to_id INTEGER, type_id INTEGER,
  PRIMARY KEY (from_type, from_id, to_type, to_id, type_id)) WITHOUT ROWID;
"""

RECORD = "_id INTEGER PRIMARY KEY, _created INTEGER NOT NULL, _updated INTEGER NOT NULL, _archived INTEGER"
BEFORE = (
    "_seq INTEGER PRIMARY KEY, _written REAL NOT NULL, _id INTEGER NOT NULL, _absent INTEGER NOT NULL, "
    "_created INTEGER, _updated INTEGER, _archived INTEGER"
)
"""A record as it was before a write: what a lagging search index still shows."""


class Schema:
    """All properties of one account. Definitions are kept in memory and read again when another process changed them."""

    def __init__(self, store: Store) -> None:
        """Create the tables in a new database."""
        self.store = store
        if store.new:
            self.create()
        self.read()

    def create(self) -> None:
        """The tables of an empty account."""
        for statement in filter(None, (part.strip() for part in TABLES.split(";"))):
            self.store.run(statement)
        for object_type, properties in standard_properties().items():
            columns = ", ".join(f"{quoted(name)} TEXT" for name in properties if name not in VIRTUAL)
            self.store.run(f"CREATE TABLE hs_{object_type} ({RECORD}, {columns})")
            self.store.run(f"CREATE INDEX hs_{object_type}_updated ON hs_{object_type} (_updated) WHERE _archived IS NULL")
            self.store.run(f"CREATE INDEX hs_{object_type}_archived ON hs_{object_type} (_id) WHERE _archived IS NOT NULL")
            sought = quoted(SOUGHT[object_type])
            self.store.run(f"CREATE INDEX hs_{object_type}_sought ON hs_{object_type} ({sought} COLLATE NOCASE)")
            self.store.run(f"CREATE TABLE hs_{object_type}_before ({BEFORE}, {columns})")
            self.store.run(f"CREATE INDEX hs_{object_type}_before_written ON hs_{object_type}_before (_written)")

    def read(self) -> None:
        """Take the definitions from the database."""
        self.properties: dict[str, dict[str, Property]] = {t: dict(p) for t, p in standard_properties().items()}
        for row in self.store.all("SELECT * FROM hs_property"):
            definition = orjson.loads(row["definition"])
            definition["options"] = tuple((value, label) for value, label in definition["options"])
            self.properties[row["object_type"]][row["name"]] = Property(**definition)

    def live(self, object_type: str) -> dict[str, Property]:
        """The properties that are not archived."""
        return {name: p for name, p in self.properties[object_type].items() if not p.archived}

    def add(self, object_type: str, definition: Property) -> None:
        """Create or restore a custom property and its column."""
        known = definition.name in self.properties[object_type]
        self.save(object_type, definition)
        if not known:
            for table in (f"hs_{object_type}", f"hs_{object_type}_before"):
                self.store.run(f"ALTER TABLE {table} ADD COLUMN {quoted(definition.name)} TEXT")

    def save(self, object_type: str, definition: Property) -> None:
        """Store a changed definition."""
        sql = "INSERT OR REPLACE INTO hs_property VALUES (?, ?, ?)"
        self.store.run(sql, (object_type, definition.name, orjson.dumps(asdict(definition)).decode()))
        self.properties[object_type][definition.name] = definition

    def archive(self, object_type: str, name: str, at: int) -> None:
        """Hide a custom property; its values stay."""
        self.save(object_type, replace(self.properties[object_type][name], archived=True, updated=at))

    def columns(self, object_type: str) -> list[str]:
        """The stored property columns of a type."""
        return [name for name in self.properties[object_type] if name not in VIRTUAL]


def record_values(row: Row) -> Row:
    """A row without the columns that are the sandbox's own."""
    return {name: value for name, value in row.items() if not name.startswith("_")}
