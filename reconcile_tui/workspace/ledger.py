"""What a stored group of the ledger looks like: its counts, and its cells as one JSON text.

    {"e": [{"f": field, "v": [{"c": code, "t": text, "u": text in the first system, "k": [keys whose value it is]}, …],
            "c": [{"k": key, "c": code, "t": text now, "y": certain, "i": intended}, …]}, …]}

Cells of one field that hang on one counterpart share what can stand there in the end: the values `v`. A cell becomes any of them but its
own (by `c`). A text is null for a blank, "u" null where it is the same as "t".
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from reconcile_tui.workspace.records import ROW_BITS

_ALONE = -9  # the code of a value that stands in no list


@dataclass(frozen=True, slots=True)
class LedgerCell:
    """One cell the sync would overwrite. Values are raw CRM text."""

    record_key: int
    field: str
    certainty: str
    value_now: str | None
    after: tuple[str | None, ...]
    overwritten_by: tuple[int, ...]
    intended: bool = False


@dataclass(frozen=True, slots=True)
class LedgerGroup:
    """One collision group with its verdict."""

    id: str
    record_type: str
    review_group: str | None
    confluent: bool
    exhaustive: bool
    records: tuple[int, ...]
    cells: tuple[LedgerCell, ...] = ()
    collision: bool = False
    blocked: int = 0

    def stored(self, first_tables: Collection[int]) -> StoredGroup:
        """The form in which it is kept; `first_tables`: numbers of the first system's tables."""
        certain = sum(cell.certainty == "certain" for cell in self.cells)
        return StoredGroup(
            id=self.id, record_type=self.record_type, review_group=self.review_group, confluent=self.confluent,
            exhaustive=self.exhaustive, collision=self.collision, certain=certain, order_dependent=len(self.cells) - certain,
            intended=sum(cell.intended for cell in self.cells), wiped=sum(None in cell.after for cell in self.cells),
            at_risk=len({cell.record_key for cell in self.cells}), blocked=self.blocked,
            first=sum((cell.record_key >> ROW_BITS) in first_tables for cell in self.cells),
            least=min(self.records, default=0), records=json.dumps(self.records),
            cells=json.dumps({"e": [_packed(cell) for cell in self.cells]}, ensure_ascii=False),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """One row of the ledger, without its side."""

    id: str
    record_type: str
    review_group: str | None
    confluent: bool
    exhaustive: bool
    collision: bool
    certain: int
    order_dependent: int
    intended: int
    wiped: int
    at_risk: int
    blocked: int
    first: int
    least: int
    records: str
    cells: str


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(StoredGroup))
"""Columns of the table after `side`, in the order in which rows are written."""


def _packed(cell: LedgerCell) -> dict[str, Any]:
    values = [{"c": n, "t": text, "u": None, "k": cell.overwritten_by if n == 0 else ()} for n, text in enumerate(cell.after)]
    held = {"k": cell.record_key, "c": _ALONE, "t": cell.value_now, "y": cell.certainty == "certain", "i": cell.intended}
    return {"f": cell.field, "v": values, "c": [held]}


def group_of(row: Mapping[str, Any], first_tables: Collection[int], fields: Sequence[str] = ()) -> LedgerGroup:
    """A stored row with its cells: by record, then in the order of the field map (`fields`)."""
    order = {name: n for n, name in enumerate(fields)}
    cells = sorted(_cells(row["cells"], first_tables), key=lambda cell: (cell.record_key, order.get(cell.field, len(order))))
    return LedgerGroup(
        row["id"], row["record_type"], row["review_group"], bool(row["confluent"]), bool(row["exhaustive"]),
        tuple(json.loads(row["records"])), tuple(cells), bool(row["collision"]), row["blocked"],
    )  # fmt: skip


def _cells(text: str, first_tables: Collection[int]) -> Iterator[LedgerCell]:
    for entry in json.loads(text)["e"]:
        yield from (_cell(entry, held, first_tables) for held in entry["c"])


def _cell(entry: Mapping[str, Any], held: Mapping[str, Any], first_tables: Collection[int]) -> LedgerCell:
    first = (held["k"] >> ROW_BITS) in first_tables
    others = [value for value in entry["v"] if value["c"] != held["c"]]
    after = {value["u"] if first and value["u"] is not None else value["t"] for value in others}
    return LedgerCell(
        record_key=held["k"],
        field=entry["f"],
        certainty="certain" if held["y"] else "order_dependent",
        value_now=held["t"],
        after=tuple(sorted(after, key=lambda text: (text is None, text or ""))),
        overwritten_by=tuple(sorted(key for value in others for key in value["k"])),
        intended=held["i"],
    )
