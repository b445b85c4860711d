"""A field on its way from one table to one table of the other system: what is sent, and which records reach the target."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reconcile_tui.model import Column
from reconcile_tui.project import MappedField
from reconcile_tui.readiness.check import Found
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.rows import rows_of
from reconcile_tui.readiness.snapshot import TableData, TypeData
from reconcile_tui.readiness.values import Bools, Transformed


def sides(mapped: MappedField) -> tuple[int, ...]:
    """The sides a field is copied from."""
    return {"both": (0, 1), "forward": (0,), "backward": (1,), "none": ()}[mapped.direction]


@dataclass(frozen=True, slots=True)
class Copying:
    """One field on its way from one table to one table of the other system."""

    field: MappedField
    source: TableData
    target: TableData
    column: Column
    sent: Transformed
    writes: Bools  # which of the source's records are eligible and reach the target
    creates: Bools  # those of them that have no counterpart yet

    def found(self, bad: Bools, reason: Callable[[str], str]) -> Found:
        """Findings on the records whose sent value (by code) is bad."""
        values = self.sent.values
        texts = values.distinct

        def detail(position: int) -> dict[str, str]:
            text = texts[int(values.codes[position])].as_py() or ""
            return {
                "field": self.field.name,
                "to": f"{self.target.system}/{self.target.name}",
                "value": text[:200],
                "problem": reason(text),
            }

        return rows_of(self.source, self.writes & values.where(bad), detail)


def copyings(data: TypeData, known: Counterparts) -> Iterator[Copying]:
    """Every field of a record type on each of its ways, where the target column is known."""
    reaching = {side: known.reaching(side) for side in (0, 1)}
    for field in data.record_type.fields:
        for side in sides(field):
            for number, target in enumerate(data.tables):
                column = target.metadata(field)
                if target.side != side and column is not None:
                    yield from _from_each(known, field, target, column, reaching[side][number])


def _from_each(known: Counterparts, field: MappedField, target: TableData, column: Column, reach: Bools) -> Iterator[Copying]:
    lone = known.unpaired(1 - target.side)
    for source, start in zip(known.data.tables, known.data.starts, strict=False):
        sent = source.outgoing(field) if source.side != target.side else None
        if sent is not None:
            part = slice(start, start + len(source))
            writes = reach[part] & source.eligible
            yield Copying(field, source, target, column, sent, writes, writes & lone[part])
