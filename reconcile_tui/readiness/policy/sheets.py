"""CSV that is safe to open in a spreadsheet: no cell is taken for a formula, no control character survives."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from reconcile_tui.display import sheet_cell


def sheet(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV document (RFC 4180) with a byte order mark, so that spreadsheets read it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([sheet_cell(head) for head in heads])
    writer.writerows([sheet_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()
