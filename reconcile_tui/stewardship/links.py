"""Which records of the two systems belong together, and what stands against a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconcile_tui.model import Record, Ref
from reconcile_tui.stewardship.context import Context
from reconcile_tui.stewardship.entities import Place, Problem


def links_of(context: Context, survivors: Mapping[Place, Ref]) -> tuple[tuple[Ref, Ref], ...]:
    """Pairs (first system, second system): one record of each table with the one record of the other side."""
    project = context.project
    if project.second is None:
        return ()
    firsts = [ref for (system, _), ref in survivors.items() if system == project.first]
    seconds = [ref for (system, _), ref in survivors.items() if system == project.second]
    return tuple((one, other) for one in firsts for other in seconds)


def strange_links(context: Context, part: Sequence[Record], *, relink: bool) -> list[Problem]:
    """Stored links of a person's records to live records that are somebody else: one contact must not be tied to two."""
    if relink:
        return []
    own = {record.ref for record in part}
    problems = []
    for record in part:
        for link in record.links:
            stands = link if link in own else context.standing(link)
            if stands is not None and stands not in own:
                text = (
                    f"{record.ref.system} {record.ref.table} {record.ref.id} is linked to {stands.system} {stands.table} {stands.id},"
                    " which is not one of this person's records: merge that one too, take this one out, or decide with relink."
                )
                problems.append(Problem(text, blocks=True))
    return problems
