"""Golden values of one person: the rules' answers, blocks kept together, and what a person chose over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reconcile_tui.model import Common, Record, Ref
from reconcile_tui.project import MappedField
from reconcile_tui.stewardship.choices import Chosen
from reconcile_tui.stewardship.context import Binding, Context
from reconcile_tui.stewardship.entities import Golden, Problem
from reconcile_tui.stewardship.survivorship import Candidate, parse_rule, restricts
from reconcile_tui.stewardship.values import misfit, native_of, settled

Goldens = dict[str, Golden]


def golden_values(context: Context, sources: Sequence[Record], chosen: Mapping[str, Chosen]) -> tuple[Goldens, list[Problem]]:
    """Every field's golden value over a person's records."""
    found: Goldens = {}
    for fields in context.blocks:
        if len(fields) > 1:
            found.update(_block(context, fields, sources))
        else:
            found[fields[0].name] = _by_rule(context, fields[0], sources, "")
    for name, choice in chosen.items():
        found[name] = _as_chosen(context, context.fields[name], sources, choice)
    if len(sources) > 1:  # a value that stays with its only record needs no common form
        found = {name: _settled(context, name, golden) for name, golden in found.items()}
    return found, [*_weaker_consents(context, sources, found, chosen), *_torn_blocks(context, found)]


def _settled(context: Context, name: str, golden: Golden) -> Golden:
    value = settled(context.project, context.fields[name], golden.value)
    return golden if value == golden.value else replace(golden, value=value)


def _candidates(field: MappedField, sources: Sequence[Record]) -> list[Candidate]:
    return [Candidate(record, value) for record in sources if (value := record.values.get(field.name))]


def _by_rule(context: Context, field: MappedField, sources: Sequence[Record], spec: str) -> Golden:
    rule, argument = parse_rule(spec, context.project.first) if spec else context.rules[field.name]
    values = [value for record in sources if (value := record.values.get(field.name))]
    if not values:
        return Golden(None, None, rule.name, reason="blank everywhere")
    if values.count(values[0]) == len(values) and rule.name != "concatenate":
        source = next(record for record in sources if record.values.get(field.name))
        return Golden(values[0], source.ref, rule.name, reason="the only value" if len(values) == 1 else "the same everywhere")
    won = rule.choose(_candidates(field, sources), argument)
    return Golden(won.value, won.source, rule.name, reason=won.reason)


def _block(context: Context, fields: Sequence[MappedField], sources: Sequence[Record]) -> Goldens:
    """All fields of a block from one record: half of one address and half of another is no address."""
    rule, argument = context.rules[fields[0].name]
    candidates = [Candidate(r, text) for r in sources if (text := " ".join(r.values.get(f.name) or "" for f in fields).strip())]
    if not candidates:
        return {f.name: Golden(None, None, rule.name, reason="blank everywhere") for f in fields}
    won = rule.choose(candidates, argument)
    source = next((c.record for c in candidates if c.record.ref == won.source), candidates[0].record)
    return {f.name: Golden(source.values.get(f.name) or None, source.ref, rule.name, reason=won.reason) for f in fields}


def _as_chosen(context: Context, field: MappedField, sources: Sequence[Record], choice: Chosen) -> Golden:
    if choice.rule:
        return replace(_by_rule(context, field, sources, choice.rule), by=choice.by)
    kind = "blanked" if choice.value is None else ("chosen" if choice.source else "typed")
    return Golden(choice.value, choice.source, kind, choice.by)


def _weaker_consents(context: Context, sources: Sequence[Record], found: Goldens, chosen: Mapping[str, Chosen]) -> list[Problem]:
    problems = []
    for field in context.record_type.fields_of_kind("consent"):
        opted_out = any(restricts(record.values.get(field.name)) for record in sources)
        allowed = field.name in chosen and chosen[field.name].weaker
        if opted_out and not allowed and not restricts(found[field.name].value):
            text = f"{field.label}: a record has opted out and the result has not; choose it, or say that it may be dropped."
            problems.append(Problem(text, blocks=True, field=field.name))
    return problems


def _torn_blocks(context: Context, found: Goldens) -> list[Problem]:
    problems = []
    for fields in context.blocks:
        sources = {g.source for f in fields if (g := found[f.name]).value and g.rule != "typed"}
        if len(fields) > 1 and len(sources) > 1:
            problems.append(Problem(f"The {fields[0].block} is put together from {len(sources)} records.", field=fields[0].name))
    return problems


def differs(field: MappedField, value: Common, golden: Common) -> bool:
    """Whether a record's value has to be changed to become the golden one. A consent nobody gave or withdrew is no opt-out."""
    if field.kind == "consent":
        return restricts(value) != restricts(golden)
    return (value or None) != (golden or None)


def fitting_problems(context: Context, golden: Goldens, targets: Iterable[tuple[Ref, Record]]) -> list[Problem]:
    """What keeps golden values from being stored in the records they are meant for."""
    problems = []
    for ref, record in targets:
        for bound in context.bindings[ref.system, ref.table]:
            value = golden[bound.field.name].value
            if record.values.get(bound.field.name) != value and differs(bound.field, record.values.get(bound.field.name), value):
                problems += _fitting_problem(context, bound, ref, value)
    return list(dict.fromkeys(problems))


def _fitting_problem(context: Context, bound: Binding, ref: Ref, value: Common) -> list[Problem]:
    field = bound.field
    if not bound.writable:
        return [Problem(f"{field.label}: {ref.system} {ref.table} keeps {bound.name} itself; it stays as it is.", field=field.name)]
    try:
        reason = misfit(bound.column, native_of(context.project, ref.system, field, bound.column, value))
    except ValueError as error:
        reason = str(error)
    if not reason:
        return []
    return [Problem(f"{field.label}: the value {reason} in {ref.system} {ref.table}.", blocks=True, field=field.name)]
