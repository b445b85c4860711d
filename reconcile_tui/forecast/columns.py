"""The input of the forecast for many records: one array per attribute, values as small integers.

A field's column holds, per record, the code of its value's *common form*: equal codes are equivalent values, on both sides. Whole
columns of text become codes in `encoding`; the closed form then works on integers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reconcile_tui.forecast.fieldmap import MapProblem
from reconcile_tui.forecast.values import FieldRule, Side, SimRecord, instant, match_key
from reconcile_tui.model import Common

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

BLANK = -1
UNMAPPED = -2
STUCK = 1  # the value can't be transformed on its way out
UNSTABLE = 2  # the value does not come back as it was sent
ROUGH = 4  # the text is not in the form in which the sync would write it


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """One field of all records: `codes` (BLANK, UNMAPPED or an index into `texts`) and `marks` (STUCK, UNSTABLE, ROUGH)."""

    codes: Ints
    marks: npt.NDArray[np.uint8]
    texts: Sequence[str]
    problems: tuple[MapProblem, ...] = ()

    def text(self, code: int) -> Common:
        """The common form a code stands for."""
        return None if code < 0 else str(self.texts[code])


@dataclass(frozen=True, slots=True)
class Columns:
    """All records of one record type, in any order; every array has one entry per record (a *row*).

    side: 0 or 1. keys: the caller's integer per record. table: index into `tables`. email: code of the canonical own address, BLANK
    for none, the same numbers on both sides. further_emails: (row, code) of further addresses of side-1 records. links: (row, row)
    from a record to the counterpart stored on it. created, modified: microseconds since 1970 (`UNKNOWN_TIME` for none).
    load: native records of some rows, in that order, for groups which the closed form doesn't cover and for telling a group's story.
    """

    side: npt.NDArray[np.int8]
    keys: Longs
    table: npt.NDArray[np.int16]
    tables: tuple[str, ...]
    email: Ints
    eligible: Flags
    synced: Flags
    created: Longs
    modified: Longs
    fields: tuple[FieldColumn, ...]
    further_emails: Ints = field(default_factory=lambda: np.empty((0, 2), np.int32))
    links: Ints = field(default_factory=lambda: np.empty((0, 2), np.int32))
    load: Callable[[Sequence[int]], Sequence[SimRecord]] | None = None

    def __len__(self) -> int:
        return len(self.side)


def plain(rule: FieldRule) -> bool:
    """Whether values travel as they are."""
    return rule.forward is None and rule.backward is None


def coded(rule: FieldRule, side: Side, value: Common) -> tuple[Common, int]:
    """The common form of one native value, as `FieldRule.common` gives it, and its marks; with as few transforms as possible."""
    if value is None or plain(rule):
        return value or None, 0
    return _coded_first(rule, value) if side == 0 else _coded_second(rule, value)


def _coded_first(rule: FieldRule, value: str) -> tuple[Common, int]:
    try:
        common = rule.sent(0, value)
    except Exception:  # noqa: BLE001  a project's transform may raise anything; it is reported as a problem of the map
        return value, STUCK
    try:
        back = rule.sent(1, common)
        stable = back == value or rule.sent(0, back) == common
    except Exception:  # noqa: BLE001  likewise; a value that never travels back is compared as what it is
        return common, 0 if rule.direction == "forward" else UNSTABLE
    return common, (0 if stable else UNSTABLE) | (0 if back == value else ROUGH)


def _coded_second(rule: FieldRule, value: str) -> tuple[Common, int]:
    try:
        sent = rule.sent(1, value)
    except Exception:  # noqa: BLE001  a project's transform may raise anything; it is reported as a problem of the map
        return value, STUCK
    try:
        common = rule.sent(0, sent)
        stable = common == value or rule.sent(0, rule.sent(1, common)) == common
    except Exception:  # noqa: BLE001  likewise
        return rule.common(1, value), UNSTABLE
    return common, (0 if stable else UNSTABLE) | (0 if common == value else ROUGH)


def of_records(records: Sequence[SimRecord], rules: Sequence[FieldRule]) -> Columns:
    """The columns of a few records; rows are in the records' order."""
    emails: dict[str, int] = {}
    by_ref = {record.ref: row for row, record in enumerate(records)}
    tables = {table: number for number, table in enumerate(dict.fromkeys(record.ref.table for record in records))}
    return Columns(
        side=np.array([r.side for r in records], np.int8),
        keys=np.array([r.key for r in records], np.int64),
        table=np.array([tables[r.ref.table] for r in records], np.int16),
        tables=tuple(tables),
        email=np.array([emails.setdefault(r.email_key, len(emails)) if r.email_key else BLANK for r in records], np.int32),
        eligible=np.array([r.eligible for r in records], np.bool_),
        synced=np.array([r.synced_once for r in records], np.bool_),
        created=np.array([instant(r.created_at) for r in records], np.int64),
        modified=np.array([instant(r.modified_at) for r in records], np.int64),
        fields=tuple(_column(records, rule) for rule in rules),
        further_emails=_pairs(
            (row, emails.setdefault(match_key(address), len(emails)))
            for row, record in enumerate(records)
            if record.side == 1
            for address in record.emails[1:]
            if match_key(address)
        ),
        links=_pairs((row, by_ref[ref]) for row, record in enumerate(records) for ref in record.links if ref in by_ref),
        load=lambda rows: [records[row] for row in rows],
    )


def _column(records: Sequence[SimRecord], rule: FieldRule) -> FieldColumn:
    texts: dict[str, int] = {}
    known: dict[tuple[int, Common], tuple[int, int]] = {}
    codes, marks = np.full(len(records), UNMAPPED, np.int32), np.zeros(len(records), np.uint8)
    for row, record in enumerate(records):
        if rule.name in record.values:
            key = (record.side, record.values[rule.name])
            if key not in known:
                common, mark = coded(rule, *key)
                known[key] = (BLANK if common is None else texts.setdefault(common, len(texts)), mark)
            codes[row], marks[row] = known[key]
    return FieldColumn(codes, marks, list(texts))


def _pairs(pairs: Iterable[tuple[int, int]]) -> Ints:
    return np.array(list(pairs), np.int32).reshape(-1, 2)


def samples(records: Sequence[SimRecord], rules: Sequence[FieldRule]) -> Mapping[str, tuple[list[Common], list[Common]]]:
    """The values of some records as `map_problems` wants them."""
    return {rule.name: tuple([r.values.get(rule.name) for r in records if r.side == side] for side in (0, 1)) for rule in rules}  # type: ignore[misc]
