"""A forecast in words, for the command line and the screens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from reconcile_tui.display import safe_text
from reconcile_tui.model import Ref

if TYPE_CHECKING:
    from reconcile_tui.forecast.group import GroupForecast
    from reconcile_tui.forecast.verdict import CellVerdict, Totals


CELLS = 8
"""Values of a group that are listed where many groups are."""
SEVERAL = 3
"""Values, and names, of one cell that are listed."""
LONGEST = 60
"""Characters of a value."""
_NAMES = {"dynamics": "Dynamics", "hubspot": "HubSpot"}


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
    """One group, record by record; with `witness` every value's story step by step, else the first values only."""
    label = labels(forecast)
    end = "one possible end" if forecast.confluent else "the end depends on who is saved last"
    told = f"{len(forecast.records)} {'record' if len(forecast.records) == 1 else 'records'}, {len(forecast.cells)} values at stake, {end}"
    lines = [f"{group}  {told}" + ("" if forecast.exhaustive else " (not all orders were tried)")]
    shown = forecast.cells if witness else forecast.cells[:CELLS]
    for ref in dict.fromkeys(cell.record for cell in shown):
        lines.append(f"  {safe_text(label(ref))} in {_NAMES.get(ref.system, ref.system)}")
        for cell in (cell for cell in shown if cell.record == ref):
            lines.append(f"    {_cell(cell, label)}")
            if witness:
                lines += [f"        {safe_text(step)}" for step in forecast.witness(cell).sentences(label)]
    if len(shown) < len(forecast.cells):
        lines.append(f"  … and {len(forecast.cells) - len(shown)} more values")
    return lines


def _cell(cell: CellVerdict, label: Callable[[Ref], str]) -> str:
    """`first name: Robert -> Rita (from Rita Hale), depending on who is saved last`."""
    after = [safe_text(value, longest=LONGEST) if value is not None else "(blank)" for value in cell.after]
    by = [safe_text(label(ref).rsplit(" (", 1)[0], longest=LONGEST) for ref in cell.overwritten_by]
    source = f" (from {_some(by)})" if by else " (from the record the sync creates)" if cell.after == (None,) else ""
    sure = "in every order of saves" if cell.certainty == "certain" else "depending on who is saved last"
    asked = ", as the map asks for" if cell.intended else ""
    return f"{cell.field.replace('_', ' ')}: {safe_text(cell.now, longest=LONGEST)} -> {_some(after)}{source}, {sure}{asked}"


def _some(texts: Sequence[str]) -> str:
    """Some of several texts, and how many more there are."""
    different = list(dict.fromkeys(texts))
    more = len(different) - SEVERAL
    return " or ".join(different[:SEVERAL]) + (f" or {more} more" if more > 0 else "")
