"""One value at stake as a walk the screens can show: the group's cells after each step, and each step in words. Plain values only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reconcile_tui.forecast.group import GroupForecast
from reconcile_tui.forecast.simulate import simulate_group
from reconcile_tui.forecast.walk import Walk, walk
from reconcile_tui.steps.forecasting.group import near_parts
from reconcile_tui.steps.forecasting.records import rules_of, sim_record
from reconcile_tui.steps.forecasting.text import labels

if TYPE_CHECKING:
    from reconcile_tui.forecast.profiles import Profile
    from reconcile_tui.workspace import Workspace


def walk_of(
    workspace: Workspace, profile: Profile, record_type: str, keys: Sequence[int], number: int, *, after_plan: bool
) -> dict[str, Any] | None:
    """The walk to the loss of a group's value: `number` counts its values at stake. None when nothing is at stake (any more).

    `cells`: [record, field] of every value at stake, by name. `records`, `fields`: names of columns and rows. `frames`: one per step, the
    first the launch: `rows` of texts (None: blank, False: not there), `changed` (row, column) pairs, `source` column, `told` in words.
    """
    told = _forecast(workspace, profile, record_type, keys, after_plan=after_plan)
    if told is None or not told.cells:
        return None
    number = max(0, min(number, len(told.cells) - 1))
    cell = told.cells[number]
    story = told.witness(cell)
    found, name = walk(told, story), labels(told)
    return {
        "cells": [[name(c.record), c.field] for c in told.cells],
        "number": number,
        "certain": cell.certainty == "certain",
        "lost": [found.fields.index(cell.field), found.records.index(cell.record)],
        "records": [[ref.system, name(ref)] for ref in found.records],
        "fields": list(found.fields),
        "frames": _frames(found),
        "told": list(story.sentences(name)),
    }


def _frames(found: Walk) -> list[dict[str, Any]]:
    column = {ref: n for n, ref in enumerate(found.records)}
    row = {name: n for n, name in enumerate(found.fields)}
    return [
        {
            "rows": [[frame.cells.get((ref, name), False) for ref in found.records] for name in found.fields],
            "changed": sorted([row[name], column[ref]] for ref, name in frame.changed if name in row),
            "source": column.get(frame.step.source) if frame.step else None,
        }
        for frame in found.frames
    ]


def _forecast(workspace: Workspace, profile: Profile, record_type: str, keys: Sequence[int], *, after_plan: bool) -> GroupForecast | None:
    """The collision group that most of the records are in."""
    kind = workspace.project.record_types[record_type]
    rules, _ = rules_of(workspace.project, kind)
    parts = near_parts(workspace, kind, profile, keys, after_plan=after_plan)
    if not parts:
        return None
    most = max(parts, key=lambda part: len({record.key for record in part} & set(keys)))
    return simulate_group([sim_record(workspace.project, kind, record) for record in most], rules, profile)
