"""Dataverse rows as records: one JSON object in, one value out. The hot path of a pull."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reconcile_tui.model import Native, PulledRecord
from reconcile_tui.systems.dynamics.metadata import FORMATTED, Schema
from reconcile_tui.systems.protocol import Reading

STANDING = ("statecode", "statuscode", "createdon", "modifiedon", "modifiedbyname", "merged", "_masterid_value")
ETAG = "@odata.etag"
_DELETED = "$deletedEntity"
_PLAIN = {str, int, float, bool, type(None)}


class Shape:
    """What a pull or a read of one table asks for, and how its rows become records."""

    def __init__(self, schema: Schema, columns: Iterable[str]) -> None:
        """`columns` besides the id and the standing ones; unknown ones are left out."""
        wanted = [schema.id_column, *columns, *STANDING]
        self.id_column = schema.id_column
        self.select = schema.selectable(wanted)
        self.texts = {name: schema.formatted[name] + FORMATTED for name in dict.fromkeys(wanted) if name in schema.formatted}

    @property
    def prefer(self) -> list[str]:
        """The preferences needed to get it."""
        return ['odata.include-annotations="OData.Community.Display.V1.FormattedValue"'] if self.texts else []

    def pulled(self, rows: Iterable[dict[str, Any]]) -> list[PulledRecord]:
        """A page. Raises KeyError, TypeError, AttributeError."""
        records = []
        id_column, texts = self.id_column, self.texts
        for row in rows:
            if "reason" in row and _DELETED in row.get("@odata.context", ""):
                records.append(PulledRecord(row["id"], {}, active=False, deleted=True))
                continue
            if not _PLAIN.issuperset(map(type, row.values())):
                raise TypeError("a column is no plain value")
            if texts:
                for name, annotation in texts.items():
                    row[name] = row.get(annotation)
            active = row.get("statecode", 0) == 0
            master = row.get("_masterid_value") if not active and row.get("merged") else None
            records.append(
                PulledRecord(
                    row[id_column], {} if master else row, row.get(ETAG), row.get("createdon"), row.get("modifiedon"), active, master
                )
            )
        return records

    def reading(self, row: Mapping[str, Any]) -> Reading:
        """One record as read before or after a write. Raises KeyError, TypeError."""
        native: dict[str, Native] = {name: row.get(name) for name in self.select}
        native.update({name: row.get(annotation) for name, annotation in self.texts.items()})
        active = row.get("statecode", 0) == 0
        master = row.get("_masterid_value") if not active and row.get("merged") else None
        return Reading(str(row[self.id_column]), native, row.get(ETAG), row.get("modifiedon"), active, master)
