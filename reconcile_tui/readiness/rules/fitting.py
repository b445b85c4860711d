"""Whether values fit the columns they are copied to: length, options, required, type, times, read-only targets."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyarrow.compute as pc

from reconcile_tui.readiness.check import Found
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.copying import Copying, sides
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.rows import rows_of, total
from reconcile_tui.readiness.rules.scope import created
from reconcile_tui.readiness.values import Bools
from reconcile_tui.transforms import times

_CHOICES = ("choice", "multichoice")


def too_long(context: Context) -> Found:
    """F1: values with more characters than the target column holds."""
    return total(_too_long(c, c.column.max_length) for c in context.copyings() if c.column.max_length and c.column.type == "text")


def _too_long(copying: Copying, limit: int) -> Found:
    distinct = copying.sent.values.distinct
    candidates = np.flatnonzero(pc.greater(pc.binary_length(distinct), limit).fill_null(False).to_numpy(zero_copy_only=False))
    bad = np.zeros(len(distinct), dtype=np.bool_)
    for code in candidates:
        bad[code] = utf16_length(distinct[int(code)].as_py()) > limit
    return copying.found(bad, lambda text: f"{utf16_length(text)} characters, {limit} fit")


def utf16_length(text: str) -> int:
    """Characters as Dataverse counts them (UTF-16 code units)."""
    return len(text) + sum(char > "\uffff" for char in text)


def unmapped_choice(context: Context) -> Found:
    """F2: choice values without an entry in the map, or that are no option of the target."""
    return total(_unmapped(c) for c in context.copyings() if c.column.type in _CHOICES or c.field.kind in _CHOICES)


def _unmapped(copying: Copying) -> Found:
    allowed = {option for option, _ in copying.column.options}
    several = copying.column.type == "multichoice"
    reasons: dict[str, str] = {}
    bad = np.zeros(len(copying.sent.values.distinct), dtype=np.bool_)
    for code, text in enumerate(copying.sent.values.texts):
        reason = copying.sent.problems.get(code, "")
        if not reason and allowed and text is not None:
            strange = [part for part in (text.split(";") if several else [text]) if part not in allowed]
            reason = f"{strange[0][:40]} is no option of the target" if strange else ""
        if reason:
            bad[code] = True
            reasons[text or ""] = reason
    return copying.found(bad, lambda text: reasons.get(text, ""))


def several_into_one(context: Context) -> Found:
    """F3: several choices at once for a target that holds one."""
    return total(_several(c) for c in context.copyings() if c.column.type == "choice")


def _several(copying: Copying) -> Found:
    bad = np.array([";" in (text or "") for text in copying.sent.values.texts], dtype=np.bool_)
    return copying.found(bad, lambda text: f"{text.count(';') + 1} values, the target holds one")


def required_empty(context: Context) -> Found:
    """F4: nothing to write into a required column: of a record that would be created, or where a blank propagates."""
    mapped = (_required(context, c) for c in context.copyings() if c.column.required)
    unmapped = (_unmapped_required(context, known, side) for _, _, known in context.each_type() for side in (0, 1))
    return total([*mapped, *unmapped])


def _unmapped_required(context: Context, known: Counterparts, side: int) -> Found:
    """Records that would be created in a table with a required column that no field brings a value for."""
    target = next((table for table in known.data.tables if table.side != side), None)
    new = created(context, known, side)
    if target is None or not new.any():
        return Found()
    brought = {field.column(target.system, target.name) for field in known.data.record_type.fields if side in sides(field)}
    missing = [c.name for c in target.table.columns.values() if c.required and not c.read_only and c.name not in brought]
    return total(_not_brought(known, new, f"{target.system}/{target.name}.{name}") for name in missing)


def _not_brought(known: Counterparts, new: Bools, to: str) -> Found:
    detail = {"field": "", "to": to, "problem": "required, and no field is mapped to it"}
    data = known.data
    return total(
        rows_of(table, new[start : start + len(table)], lambda _: detail) for table, start in zip(data.tables, data.starts, strict=False)
    )


def _required(context: Context, copying: Copying) -> Found:
    writes = copying.writes if context.blank_propagates(copying.field) and not copying.field.create_only else copying.creates
    empty = copying.sent.values.blank

    def detail(_: int) -> dict[str, str]:
        to = f"{copying.target.system}/{copying.target.name}.{copying.column.name}"
        return {"field": copying.field.name, "to": to, "problem": "required, and nothing to write"}

    return rows_of(copying.source, writes & empty, detail)


def wrong_type(context: Context) -> Found:
    """F5: values that can't be cast to the target column's type."""
    return total(_wrong_type(c, _CASTS[c.column.type]) for c in context.copyings() if c.column.type in _CASTS)


def _wrong_type(copying: Copying, cast: Callable[[str], object]) -> Found:
    bad = np.array([text is not None and not _casts(cast, text) for text in copying.sent.values.texts], dtype=np.bool_)
    return copying.found(bad, lambda _: f"is no {copying.column.type}")


def _casts(cast: Callable[[str], object], text: str) -> bool:
    try:
        cast(text)
    except (ValueError, OverflowError):
        return False
    return True


def _boolean(text: str) -> None:
    if text.strip().lower() not in ("true", "false", "1", "0"):
        raise ValueError(text)


def _moment(text: str) -> None:
    if not re.fullmatch(r"-?\d{10,16}", text):
        times.day(text)


def _day(text: str) -> None:
    if re.fullmatch(r"-?\d{10,16}", text):
        times.from_midnight(text)
    else:
        times.day(text)


_CASTS: dict[str, Callable[[str], object]] = {"integer": int, "number": float, "boolean": _boolean, "date": _day, "datetime": _moment}


def shifting_times(context: Context) -> Found:
    """F6: a day copied to a moment or the reverse without a transform that says how; moments without a zone."""
    return total(_shifting(c) for c in context.copyings() if c.column.type in ("date", "datetime"))


def _shifting(copying: Copying) -> Found:
    source = copying.source.metadata(copying.field)
    texts = copying.sent.values.texts
    if copying.column.type == "datetime":
        bad = np.array([bool(text and _NO_ZONE.fullmatch(text.strip())) for text in texts], dtype=np.bool_)
        return copying.found(bad, lambda _: "a moment without a zone: each system adds its own")
    plain = copying.field.transform.name in ("none", "trim")
    if source is not None and source.type == "datetime" and plain:
        bad = np.array([text is not None for text in texts], dtype=np.bool_)
        return copying.found(bad, lambda _: "a moment written into a day: it shifts with the zone")
    bad = np.array([bool(text and re.fullmatch(r"\d{4}-\d\d-\d\d[T ].+", text)) for text in texts], dtype=np.bool_)
    return copying.found(bad, lambda _: "has a time of day that the target does not keep")


_NO_ZONE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?")


def unwritable(context: Context) -> Found:
    """F13: fields copied into a column that is read-only, computed or does not exist."""
    rows = []
    for record_type, field, side in context.directed():
        for target in context.types[record_type.name].tables:
            name = field.column(target.system, target.name)
            if target.side == side or name is None:
                continue
            column = target.table.columns.get(name)
            problem = "does not exist" if column is None else "is read-only" if column.read_only else ""
            if problem:
                rows.append(((), {"field": field.name, "to": f"{target.system}/{target.name}.{name}", "problem": problem}))
    return Found.of(rows)


def lookups(context: Context) -> Found:
    """F10: lookups copied without a transform that turns names into ids."""
    rows = []
    for record_type, field, side in context.directed():
        for table in context.types[record_type.name].tables:
            column = table.metadata(field)
            if column is not None and column.type == "lookup" and "lookup" not in field.transform.name:
                end = "from" if table.side == side else "to"
                name = f"{table.system}/{table.name}.{column.name}"
                rows.append(((), {"field": field.name, end: name, "problem": "a lookup: its id means nothing in the other system"}))
    return Found.of(rows)
