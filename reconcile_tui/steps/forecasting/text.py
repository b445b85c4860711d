"""A forecast in words, for the command line and the screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reconcile_tui.display import safe_text
from reconcile_tui.model import Ref

if TYPE_CHECKING:
    from reconcile_tui.forecast.verdict import GroupForecast, Totals


def headline(totals: Totals) -> str:
    """The totals in a sentence."""
    ends = totals.groups - totals.confluent_groups
    return (
        f"{totals.cells:,} values would be overwritten ({totals.cells_certain:,} in every order of events, "
        f"{totals.cells_order_dependent:,} in some) in {totals.records_at_risk:,} records; "
        f"{ends:,} {'group has' if ends == 1 else 'groups have'} more than one possible end"
    )


def labels(forecast: GroupForecast) -> Callable[[Ref], str]:
    """What a group's records are called in sentences: `Robert Hale (contact c0000001)`. Names are raw CRM text."""
    names = {}
    for record in forecast.records:
        words = [record.values.get(name) for name in ("full_name", "first_name", "last_name")]
        who = " ".join(word for word in words if word) or (record.emails[0] if record.emails else "")
        place = f"{record.ref.table} {record.ref.id[:8]}"
        names[record.ref] = f"{who} ({place})" if who else place

    def label(ref: Ref) -> str:
        return names.get(ref, f"{ref.table} {ref.id[:8]}")

    return label


def group_lines(group: str, forecast: GroupForecast, witness: bool) -> list[str]:
    """One group, a line per cell; with `witness` its story step by step."""
    end = "one possible end" if forecast.confluent else "the end depends on who is saved last"
    lines = [f"{group}  {len(forecast.records)} records, {end}" + ("" if forecast.exhaustive else " (not all orders were tried)")]
    label = labels(forecast)
    for cell in forecast.cells:
        after = " or ".join(safe_text(value) or "(blank)" for value in cell.after)
        by = ", ".join(f"{ref.table} {ref.id[:8]}" for ref in cell.overwritten_by)
        sure = "in every order" if cell.certainty == "certain" else "in some orders"
        where = f"{cell.record.table} {cell.record.id[:8]}  {cell.field}"
        lines.append(f"  {where}: {safe_text(cell.now)} -> {after}  {sure}{f', by {by}' if by else ''}")
        if witness:
            lines += [f"      {safe_text(step)}" for step in forecast.witness(cell).sentences(label)]
    return lines
