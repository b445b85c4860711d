"""CSV that is safe to open in a spreadsheet: no cell is taken for a formula, no control character survives."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"^[\s\x00-\x1f]*[=+\-@|%\t\r\n]")
"""Starts spreadsheets evaluate (OWASP, "CSV injection"), also after blanks."""
_ACTIVE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?")


def cell(value: object) -> str:
    """A value as a spreadsheet shows it: an apostrophe before what would be evaluated; plain numbers stay numbers."""
    text = "" if value is None else str(value)
    if _NUMBER.fullmatch(text):
        return text
    text = _ACTIVE.sub("\ufffd", text)
    return f"'{text}" if _FORMULA.match(text) else text


def sheet(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV document (RFC 4180) with a byte order mark, so that spreadsheets read it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([cell(head) for head in heads])
    writer.writerows([cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()
