"""What the forecast found: cells of the second system whose value depends on the order, cells of the first that are overwritten."""

from __future__ import annotations

from reconcile_tui.readiness.check import Found, Row
from reconcile_tui.readiness.context import Cell, Context


def order_decides(context: Context) -> Found:
    """T1: cells of the second system that would be overwritten, and further groups that are not confluent."""
    ledger = context.needs_forecast()
    rows: list[Row] = [_row(cell) for cell in ledger.cells if context.side_of[cell.key >> 40] == 1]
    open_end = {"field": "", "certainty": "order_dependent", "now": "", "after": "", "problem": "the end depends on the order of saves"}
    rows += [(keys, open_end) for keys in ledger.unsettled_groups]
    return Found(ledger.counts[1] + ledger.unsettled, rows)


def twin_overwritten(context: Context) -> Found:
    """T2: cells of the first system that the way back would overwrite."""
    ledger = context.needs_forecast()
    return Found(ledger.counts[0], [_row(cell) for cell in ledger.cells if context.side_of[cell.key >> 40] == 0])


def _row(cell: Cell) -> Row:
    detail = {
        "field": cell.field,
        "certainty": cell.certainty,
        "now": cell.now,
        "after": cell.after,
        "problem": "the sync would overwrite it",
    }
    return (cell.key, *(key for key in cell.by if key != cell.key)), detail
