"""Single records as the simulator wants them, and the rules of the field map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from reconcile_tui.model import Record, Ref
from reconcile_tui.project import MappedField, Project, RecordType
from reconcile_tui.transforms import as_text

if TYPE_CHECKING:
    from reconcile_tui.forecast.values import FieldRule, SimRecord
    from reconcile_tui.workspace import Workspace
    from reconcile_tui.workspace.records import Table

Projected = Mapping[Ref, Record | None]
"""Records as a plan would leave them; None: merged away."""


def rules_of(project: Project, record_type: RecordType) -> tuple[tuple[FieldRule, ...], list[str]]:
    """The usable rules of the field map, and what is wrong with the others in words."""
    from reconcile_tui.forecast.fieldmap import map_problems, usable
    from reconcile_tui.forecast.values import FieldRule

    systems = (project.first, project.second or "")
    rules = [FieldRule.of(mapped, systems) for mapped in record_type.fields if mapped.direction != "none"]
    problems = [problem for problem in map_problems(rules) if problem.structural]
    return usable(rules, problems), [f"field map of {record_type.name}: {problem}" for problem in problems]


def rules_and_gaps(workspace: Workspace, record_type: RecordType) -> tuple[tuple[FieldRule, ...], list[str]]:
    """`rules_of`, and in words also which columns are not there."""
    rules, told = rules_of(workspace.project, record_type)
    gaps = [
        f"field map of {record_type.name}: {mapped.name}: {table.system} {table.name} has no column {column}, so it was not forecast"
        for mapped, table, column in missing_columns(workspace, record_type)
    ]
    return rules, [*gaps, *told]


def missing_columns(workspace: Workspace, record_type: RecordType) -> list[tuple[MappedField, Table, str]]:
    """Fields mapped to columns that were not pulled, with table and column: nothing is forecast for them, so they would look safe."""
    return [
        (mapped, table, column)
        for table in workspace.records.tables(record_type)
        for mapped in record_type.fields
        if (column := mapped.column(table.system, table.name)) is not None and column not in table.columns
    ]


def sim_record(project: Project, record_type: RecordType, record: Record) -> SimRecord:
    """A record as the forecast wants it: values in native text of its own side."""
    from reconcile_tui.forecast.values import SimRecord

    ref = record.ref
    values = {
        mapped.name: as_text(record.native.get(column))
        for mapped in record_type.fields
        if (column := mapped.column(ref.system, ref.table)) is not None
    }
    own, *more = [values.get(mapped.name) for mapped in email_fields(record_type)] or [None]
    further = [email for email in (*more, *record.secondary_emails) if email]
    return SimRecord(
        ref=ref,
        side=0 if ref.system == project.first else 1,
        values=values,
        key=record.key,
        eligible=record.eligible,
        emails=(own or "", *further),  # the own address keeps its place when there is none: a further one never stands in for it
        links=record.links,
        created_at=record.created_at,
        modified_at=record.modified_at,
    )


def email_fields(record_type: RecordType) -> Sequence[MappedField]:
    """The fields whose values are addresses; the first one is a record's own."""
    return record_type.fields_of_kind("email")
