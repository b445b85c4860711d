"""The addresses of all records as numbers: equal numbers are one address to the sync."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reconcile_tui.forecast.values import match_key
from reconcile_tui.project import Project, RecordType
from reconcile_tui.steps.forecasting.records import email_fields
from reconcile_tui.steps.forecasting.tables import Part
from reconcile_tui.transforms.columns import LOWER, applied, unchanged
from reconcile_tui.transforms.distinct import numbered

_KEY = unchanged(match_key, LOWER)


def addresses_of(project: Project, record_type: RecordType, parts: Sequence[Part]) -> tuple[Any, Any]:
    """Each row's own address as a number (int32; -1 for none), and (row, number) of further ones on side 1."""
    found = _Addresses()
    fields, start = email_fields(record_type), 0
    for part in parts:
        bound = [mapped.column(part.table.system, part.table.name) for mapped in fields]
        found.own(part.columns.get(str(bound[0])) if bound else None, len(part.keys))
        if part.side == 1:
            for name in (*bound[1:], *project.secondary_email_columns(part.table.system)):
                if name in part.columns:
                    found.further(part.columns[str(name)], start)
        start += len(part.keys)
    return found.numbered()


@dataclass
class _Addresses:
    """Columns of addresses, collected. `rows`: of each further address; None for a column of own ones."""

    texts: list[Any] = field(default_factory=list)
    places: list[tuple[Any, Any]] = field(default_factory=list)  # (rows or None, number of the text; -1 for none)

    def own(self, column: Any, count: int) -> None:
        """One table's own addresses."""
        if column is None:
            column = pa.nulls(count, pa.string()).dictionary_encode()
        self.texts.append(column.dictionary)
        self.places.append((None, column.indices.fill_null(-1).to_numpy(zero_copy_only=False)))

    def further(self, column: Any, start: int) -> None:
        """A column of which each value may hold several addresses, separated by semicolons."""
        single = [text.split(";") for text in column.dictionary.to_pylist()]
        counts = np.array([len(texts) for texts in single], np.int64)
        held = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        rows = np.flatnonzero(held >= 0)
        of = held[rows]
        first = np.cumsum(counts) - counts
        repeated = np.repeat(np.arange(len(rows)), counts[of])
        within = np.arange(len(repeated)) - np.repeat(np.cumsum(counts[of]) - counts[of], counts[of])
        self.texts.append(pa.array([text for texts in single for text in texts], pa.string()))
        self.places.append((rows[repeated] + start, first[of][repeated] + within))

    def numbered(self) -> tuple[Any, Any]:
        """What was collected, with the same numbers everywhere."""
        keys, texts = numbered([applied(_KEY, texts.cast(pa.large_string()))[0] for texts in self.texts])
        blank = pc.index(texts, pa.scalar("", texts.type)).as_py()
        parts = [np.where(part == blank, np.int32(-1), part) for part in keys]
        own, further = [np.empty(0, np.int32)], [np.empty((0, 2), np.int32)]
        for part, (rows, places) in zip(parts, self.places, strict=True):
            told = np.append(part, np.int32(-1))[places]
            if rows is None:
                own.append(told)
            else:
                further.append(np.stack([rows[told >= 0], told[told >= 0]], axis=1).astype(np.int32))
        return np.concatenate(own), np.concatenate(further)
