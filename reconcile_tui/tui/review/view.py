"""A group as it is shown: records as columns, fields as rows, each cell with its mark. Pure; no widget, no SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reconcile_tui.model import Common, Decision, Record, Ref
from reconcile_tui.project import MappedField, RecordType
from reconcile_tui.steps.deciding.reading import Change
from reconcile_tui.stewardship.entities import Entity, Golden, Resolution
from reconcile_tui.workspace.forecasts import LedgerCell, LedgerGroup
from reconcile_tui.workspace.matches import GroupRow

Mark = Literal["taken", "same", "alike", "differs", "empty", "unmapped"]
Standing = Literal["undecided", "differs", "one_side", "same"]
_ORDER: dict[Standing, int] = {"undecided": 0, "differs": 1, "one_side": 2, "same": 3}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a record holds in a field, and how that stands to the result."""

    mark: Mark
    value: Common


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of the group. `results` has one golden value per person."""

    field: MappedField
    standing: Standing
    results: tuple[Golden, ...]
    cells: tuple[Cell, ...]
    at_risk: tuple[LedgerCell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One record of the group: who it belongs to and what becomes of it."""

    record: Record
    person: int  # index of its entity; -1 when it belongs to none
    survivor: bool
    fate: str  # "stays", "merges → 2", "left alone"


@dataclass(frozen=True)
class GroupView:
    """Everything the group screen shows."""

    row: GroupRow
    resolution: Resolution
    record_type: RecordType
    columns: tuple[Column, ...]
    rows: tuple[FieldRow, ...]
    ledger: tuple[LedgerGroup, ...]
    notes: tuple[Decision, ...] = ()  # oldest first
    changes: tuple[Change, ...] = ()  # what changed since the group was decided

    @property
    def people(self) -> int:
        """How many persons the group is resolved to."""
        return len(self.resolution.entities)

    def count(self, *standings: Standing) -> int:
        """Fields that stand so."""
        return sum(row.standing in standings for row in self.rows)

    @property
    def cells_at_risk(self) -> int:
        """Cells the sync would overwrite today."""
        return sum(len(group.cells) for group in self.ledger)

    def column_of(self, key: int) -> int | None:
        """The column of a record by its key."""
        return next((n for n, column in enumerate(self.columns) if column.record.key == key), None)


def group_view(
    row: GroupRow,
    records: Sequence[Record],
    resolution: Resolution,
    record_type: RecordType,
    ledger: Sequence[LedgerGroup],
    notes: Sequence[Decision] = (),
) -> GroupView:
    """Put a group together for showing."""
    number = {ref: n for n, entity in enumerate(resolution.entities) for ref in entity.members}
    ordered = sorted(records, key=lambda r: (number.get(r.ref, 99), _place(record_type, r.ref)))
    columns = tuple(_column(record, ordered, resolution, number) for record in ordered)
    risks: dict[str, list[LedgerCell]] = {}
    for group in ledger:
        for cell in group.cells:
            risks.setdefault(cell.field, []).append(cell)
    undecided = {p.field for p in resolution.problems if p.blocks and p.field}
    rows = [_field_row(f, ordered, columns, resolution.entities, undecided, risks.get(f.name, [])) for f in record_type.fields]
    shown = [r for r in rows if any(c.value for c in r.cells) or any(g.value for g in r.results)]
    ordered_rows = tuple(sorted(shown, key=lambda r: _ORDER[r.standing]))
    return GroupView(row, resolution, record_type, columns, ordered_rows, tuple(ledger), tuple(notes))


def _place(record_type: RecordType, ref: Ref) -> tuple[int, int]:
    systems = list(record_type.tables)
    tables = record_type.tables.get(ref.system, ())
    return (systems.index(ref.system) if ref.system in systems else 9, tables.index(ref.table) if ref.table in tables else 9)


def _column(record: Record, ordered: Sequence[Record], resolution: Resolution, number: Mapping[Ref, int]) -> Column:
    person = number.get(record.ref, -1)
    if record.ref in resolution.excluded:
        return Column(record, person, False, "excluded")
    if person < 0:
        return Column(record, person, False, "left alone")
    entity = resolution.entities[person]
    kept = next((keep for keep, lose in entity.merges if lose == record.ref), None)
    if kept is not None:
        into = next((n for n, r in enumerate(ordered, 1) if r.ref == kept), 0)
        return Column(record, person, False, f"merges → {into}")
    survivor = record.ref in entity.survivors.values()
    fate = "stays" if survivor else "left alone" if record.ref in entity.untouched else "kept"
    return Column(record, person, survivor, fate)


def _field_row(
    field: MappedField,
    records: Sequence[Record],
    columns: Sequence[Column],
    entities: Sequence[Entity],
    undecided: set[str],
    risks: list[LedgerCell],
) -> FieldRow:
    results = tuple(entity.golden.get(field.name, Golden(None)) for entity in entities) or (Golden(None),)
    cells = tuple(_cell(field, r, results[max(0, c.person)], c.person) for r, c in zip(records, columns, strict=True))
    return FieldRow(field, _standing(field, cells, undecided), results, cells, tuple(risks))


def _cell(field: MappedField, record: Record, golden: Golden, person: int) -> Cell:
    if field.column(record.ref.system, record.ref.table) is None:
        return Cell("unmapped", None)
    value = record.values.get(field.name) or None
    if value is None:
        return Cell("empty", None)
    if person >= 0 and golden.source == record.ref and golden.value == value:
        return Cell("taken", value)
    if value == (golden.value or None):
        return Cell("same", value)
    return Cell("alike" if folded(value) == folded(golden.value or "") else "differs", value)


def folded(value: str) -> str:
    """A value without case and spacing: for saying that two are nearly the same, never for deciding."""
    return " ".join(value.casefold().split())


def _standing(field: MappedField, cells: Sequence[Cell], undecided: set[str]) -> Standing:
    if field.name in undecided:
        return "undecided"
    if any(cell.mark in ("differs", "alike") for cell in cells):
        return "differs"
    values = {cell.value for cell in cells if cell.mark != "unmapped"}
    return "one_side" if None in values and len(values) > 1 else "same"
