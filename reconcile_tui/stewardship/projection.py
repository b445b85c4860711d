"""Records as a plan would leave them, without sending anything: what "launch after cleaning" is simulated on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reconcile_tui.model import Native, Record, Ref
from reconcile_tui.project import Project
from reconcile_tui.stewardship.document import Write
from reconcile_tui.stewardship.values import same


def projected(
    project: Project, records: Sequence[Record], writes: Iterable[Write], excluded: Mapping[Ref, str] | None = None
) -> list[Record]:
    """The records after the writes, merged-away ones left out. `eligible` is kept, but False for what is excluded.

    `excluded` names the records that are not to be picked up from their system; being written to is not for them to say: the record that
    is written from has to stay out. Eligibility by predicate has to be asked again (`steps.projecting`): this function knows no SQL.
    """
    native: dict[Ref, dict[str, Native]] = {record.ref: dict(record.native) for record in records}
    gone: set[Ref] = set()
    touched: set[Ref] = set()
    for write in writes:
        if write.ref not in native:
            continue
        touched.add(write.ref)
        if write.lose:
            gone.add(write.lose_ref)
            flow(write, native)
        native[write.ref].update(write.leaves)
    left_out = excluded or {}
    return [
        replace(_after(project, r, native[r.ref]) if r.ref in touched else r, eligible=r.eligible and r.ref not in left_out)
        for r in records
        if r.ref not in gone
    ]


def flow(write: Write, native: Mapping[Ref, dict[str, Native]]) -> None:
    """A merge that carries no values fills the survivor's blanks from the record merged away."""
    if write.undo != "none" or write.lose_ref not in native:
        return
    mine, theirs = native[write.ref], native[write.lose_ref]
    for name, value in theirs.items():
        if same(mine.get(name), None):
            mine[name] = value


def _after(project: Project, record: Record, native: Mapping[str, Native]) -> Record:
    system, table = record.ref.system, record.ref.table
    record_type = project.record_type_of(system, table)
    first = system == project.first
    values = {f.name: f.common(native.get(column), first=first) for f in record_type.fields if (column := f.column(system, table))}
    other = project.other(system)
    links = tuple(Ref(str(other), t, str(native[c])) for t, c in project.link_columns(system, table).items() if native.get(c))
    texts = [str(native.get(column) or "") for column in project.secondary_email_columns(system)]
    emails = tuple(part.strip() for text in texts for part in text.split(";") if part.strip())
    active = record.active if native.get("statecode") is None else native["statecode"] in (0, "0")
    return replace(record, values=values, native=native, links=links, secondary_emails=emails, active=active)
