"""Who changed a value: what the systems tell of one field of a group's records, asked for when somebody wants to know, and not kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import UsageError

if TYPE_CHECKING:
    from reconcile_tui.model import Record, Ref
    from reconcile_tui.project import MappedField, RecordType
    from reconcile_tui.systems.protocol import FieldVersion, System
    from reconcile_tui.workspace import Workspace

NOT_MAPPED = "This field is not mapped there."
GONE = "This record is there no more: it was deleted since the last pull."
NEVER = "No value was ever set."
CHANGED = "The value has changed since the last pull."
UNTOLD = {
    "dynamics": "Dynamics tells here only when a record was saved last, of no single field: who changed one stands in its audit, "
    "which this program asks no right for.",
    "files": "A folder of exports keeps no former values.",
}
"""Why a kind of system tells nothing of a single field."""


@dataclass(frozen=True, slots=True)
class RecordHistory:
    """One record's values of a field, newest first, and what is to be said of them. Values and names are raw CRM text."""

    ref: Ref
    versions: tuple[FieldVersion, ...] = ()
    note: str = ""
    saved_at: str = ""  # of the record as pulled; ISO 8601
    saved_by: str = ""

    def as_json(self) -> dict[str, Any]:
        """For `show --history --json`, and for the screens."""
        saved = {"at": self.saved_at or None, "by": self.saved_by or None}
        return {**self.ref.as_json(), "versions": [asdict(v) for v in self.versions], "note": self.note, "record_saved": saved}


async def field_history(ws: Workspace, group: str, field: str, systems: Mapping[str, System]) -> list[RecordHistory]:
    """What is told of a field for every record of a group, in the group's order. Reads only. Raises UsageError, SystemFailure."""
    row = ws.matches.row(group)
    if row is None:
        raise UsageError(f"There is no group {group!r}.", todo="`reconcile-tui groups` lists them.")
    mapped = _field(ws.project.record_types[row.record_type], field)
    records = ws.records.load(ws.matches.members(group))
    told: dict[Ref, tuple[FieldVersion, ...] | None] = {}
    for (system, table), some in _by_table(records).items():
        column = mapped.column(system, table)
        if column is not None and systems[system].capabilities.tells_history:
            found = await systems[system].history(table, [record.ref.id for record in some], column)
            told |= {record.ref: found[record.ref.id] for record in some}
    return [_of(record, mapped, ws.project.systems[record.ref.system].kind, told) for record in records]


def _field(record_type: RecordType, name: str) -> MappedField:
    found = next((field for field in record_type.fields if field.name == name), None)
    if found is None:
        raise UsageError(f"There is no field {name!r}.", todo=f"Known: {', '.join(f.name for f in record_type.fields)}.")
    return found


def _by_table(records: Sequence[Record]) -> dict[tuple[str, str], list[Record]]:
    tables: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        tables.setdefault((record.ref.system, record.ref.table), []).append(record)
    return tables


def _of(record: Record, field: MappedField, kind: str, told: Mapping[Ref, tuple[FieldVersion, ...] | None]) -> RecordHistory:
    column = field.column(record.ref.system, record.ref.table)
    versions = told.get(record.ref) or ()
    note = ""
    if column is None:
        note = NOT_MAPPED
    elif record.ref not in told:
        note = UNTOLD[kind]
    elif told[record.ref] is None:
        note = GONE
    elif not versions:
        note = NEVER
    elif (versions[0].value or "") != str(record.native.get(column) or ""):
        note = CHANGED
    return RecordHistory(record.ref, versions, note, record.modified_at or "", record.modified_by or "")
