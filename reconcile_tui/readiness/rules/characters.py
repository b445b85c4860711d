"""What stands in the texts: control and direction characters, emoji, line breaks, formulas, fillers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from reconcile_tui.project import MappedField
from reconcile_tui.readiness.check import Found
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.copying import sides
from reconcile_tui.readiness.rows import rows_of, total
from reconcile_tui.readiness.snapshot import TableData
from reconcile_tui.readiness.values import Bools, Values

KINDS: dict[str, str] = {
    "control characters": r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]",
    "direction or invisible characters": "[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064"
    "\u2066-\u2069\ufeff]",
    "line breaks or tabs": r"[\n\r\t]",
    "emoji or rare letters (outside the Basic Multilingual Plane)": "[\U00010000-\U0010ffff]",
}
"""What is looked for in every text, as regular expressions."""

FORMULA = r"^\s*[=@]|^\s*[+\-][^\d\s(.]|^\s*[+\-]\d+\s*[-+*/]"
"""Starts that a spreadsheet takes for a formula (OWASP, "CSV injection"); a signed number or a phone number is none."""

_NO_TEXT = ("choice", "multichoice", "consent", "boolean", "number", "date", "datetime", "identifier", "owner", "lifecycle")
_NO_FORMULA = ("phone", "email")

FILLERS = frozenset(
    [
        *("firstname", "first name", "lastname", "last name", "surname", "given name", "name", "vorname", "nachname", "prénom", "nom"),
        *("test", "tester", "testing", "dummy", "sample", "example", "n/a", "na", "none", "null", "nil", "unknown", "undefined", "tbd"),
        *("not provided", "not available", "unbekannt", "keine", "xxx", "xx", "x", "asdf", "qwerty", "???", "?", "-", "--", ".", "..."),
        *("1900-01-01", "1901-01-01", "1970-01-01", "1753-01-01", "0001-01-01", "1899-12-30", "1111-11-11", "9999-12-31"),
        *("0000000000", "1111111111", "1234567890", "+10000000000", "+11111111111", "00000", "99999"),
    ]
)
"""Values forms, imports and tired people leave behind."""

_NEARLY_UNIQUE = 0.5
_REPEATS = 20


def strange(context: Context) -> Found:
    """F16: texts with characters that a target, a screen or a spreadsheet may trip over."""
    return total(
        _strange(table, field)
        for record_type, table in context.tables()
        for field in record_type.fields
        if field.kind not in _NO_TEXT and sides(field)
    )


def _strange(table: TableData, field: MappedField) -> Found:
    values = table.values(field)
    if values is None:
        return Found()
    texts = pl.Series(values=pl.from_arrow(values.distinct), dtype=pl.String)
    bad = np.zeros(len(texts), dtype=np.bool_)
    kinds = dict(KINDS) if field.kind in _NO_FORMULA else {**KINDS, "reads as a formula in a spreadsheet": FORMULA}
    odd = texts.str.contains("|".join(f"(?:{p})" for p in kinds.values())).fill_null(value=False)
    bad |= odd.to_numpy()

    def detail(position: int) -> dict[str, str]:
        text = values.distinct[int(values.codes[position])].as_py() or ""
        held = pl.Series([text])
        found = [kind for kind, pattern in kinds.items() if held.str.contains(pattern)[0]]
        return {"field": field.name, "value": text[:200], "holds": ", ".join(found)}

    return rows_of(table, table.eligible & values.where(bad), detail)


def fillers(context: Context) -> Found:
    """F17: values that stand for nothing, by name or because a field that is nearly unique repeats them."""
    return total(
        _fillers(table, field)
        for record_type, table in context.tables()
        for field in record_type.fields
        if field.kind not in ("choice", "multichoice", "consent", "boolean", "lifecycle", "owner", "email") and sides(field)
    )


def _fillers(table: TableData, field: MappedField) -> Found:
    values = table.values(field)
    if values is None or not len(values.distinct):
        return Found()
    named = _named(values.distinct)
    bad = named | _repeated(values, field)

    def detail(position: int) -> dict[str, str]:
        code = int(values.codes[position])
        return {"field": field.name, "value": (values.distinct[code].as_py() or "")[:200], "records": str(int(values.counts[code]))}

    return rows_of(table, table.eligible & values.where(bad), detail)


def _named(distinct: pa.Array) -> Bools:
    texts = pl.Series(values=pl.from_arrow(distinct), dtype=pl.String).str.strip_chars().str.to_lowercase()
    return texts.str.replace(r"[T ]00:00:00.*$", "").is_in(list(FILLERS)).fill_null(value=False).to_numpy()


def _repeated(values: Values, field: MappedField) -> Bools:
    """A street, mobile number or birth date shared by a crowd while the others are nearly all different."""
    filled = int(np.count_nonzero(values.codes >= 0))
    used = int(np.count_nonzero(values.counts))
    if field.kind not in ("phone", "date", "street", "identifier") or filled < 100 or used < _NEARLY_UNIQUE * filled:
        return np.zeros(len(values.distinct), dtype=np.bool_)
    return values.counts >= max(_REPEATS, filled // 100)
