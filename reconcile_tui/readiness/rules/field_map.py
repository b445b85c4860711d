"""The field map itself, whatever the data: directions, consents, cycles, authority."""

from __future__ import annotations

import numpy as np

from reconcile_tui.forecast.fieldmap import map_problems
from reconcile_tui.forecast.values import FieldRule
from reconcile_tui.project import MappedField, RecordType
from reconcile_tui.readiness.check import Found, Row
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.copying import sides
from reconcile_tui.readiness.rules.roundtrips import not_returning


def closed_direction(context: Context) -> Found:
    """E3: fields copied in a direction in which no record may leave its system."""
    rows: list[Row] = []
    for record_type, data, _ in context.each_type():
        for side in (0, 1):
            here = data.side == side
            if not here.any() or bool(np.any(data.eligible & here)):
                continue
            name = f"{context.system(side)} to {context.system(1 - side)}"
            rows += [
                (
                    (),
                    {
                        "field": f.name,
                        "direction": f.direction,
                        "problem": f"no record may leave {context.system(side)}: nothing goes {name}",
                    },
                )
                for f in record_type.fields
                if side in sides(f)
            ]
    return Found.of(rows)


def create_only_two_way(context: Context) -> Found:
    """E6: fields meant for new records only that are mapped both ways."""
    marked = (f for data in context.types.values() for f in data.record_type.fields if f.create_only and f.direction == "both")
    return Found.of(((), {"field": f.name, "problem": "marked create-only, mapped both ways: the way back overwrites it"}) for f in marked)


def contradictions(context: Context) -> Found:
    """F14: two fields that write one column, and ways of a value through several fields back to its column."""
    rows: list[Row] = []
    for data in context.types.values():
        rules = [as_rule(context, f) for f in data.record_type.fields]
        rows += [((), {"fields": " + ".join(p.fields), "problem": p.detail}) for p in map_problems(rules) if p.structural]
    return Found.of(rows)


def as_rule(context: Context, mapped: MappedField) -> FieldRule:
    """A field as the forecast's map sees it, without its transform."""
    first, second = context.project.first, context.project.second or ""
    return FieldRule(mapped.name, mapped.direction, columns=(mapped.columns.get(first, {}), mapped.columns.get(second, {})))


def consent_both_ways(context: Context) -> Found:
    """L3: consents copied both ways: the weaker answer can win."""
    both = (f for data in context.types.values() for f in data.record_type.fields_of_kind("consent") if f.direction == "both")
    return Found.of(
        ((), {"field": f.name, "direction": "both", "problem": "whoever is saved last decides, also when that loses an opt-out"})
        for f in both
    )


def echo(context: Context) -> Found:
    """T3: two-way fields whose values change on every round, where nothing stops the sync from reacting to its own writes."""
    if context.profile.echo_suppression or context.profile.compare_before_write:
        return Found()
    changing = not_returning(context)
    echoing = [detail for _, detail in changing.rows if detail["problem"].startswith("echoes")]
    counts: dict[str, int] = {}
    for detail in echoing:
        counts[detail["field"]] = counts.get(detail["field"], 0) + 1
    return Found.of(((), {"field": field, "problem": f"{count:,} or more values never come to rest"}) for field, count in counts.items())


def authority(context: Context) -> Found:
    """T5: fields with a system of record that are still copied both ways and without comparing first."""
    if context.profile.compare_before_write:
        return Found()
    rows = [
        ((), {"field": f.name, "rule": f.survivorship, "problem": "the other system's later change still overwrites it"})
        for f in _fields(context)
        if f.direction == "both" and f.survivorship.startswith("system_of_record")
    ]
    return Found.of(rows)


def _fields(context: Context) -> list[MappedField]:
    types: list[RecordType] = [data.record_type for data in context.types.values()]
    return [f for record_type in types for f in record_type.fields]
