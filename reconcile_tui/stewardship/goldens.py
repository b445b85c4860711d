"""Golden values of one person: the rules' answers, blocks kept together, and what a person chose over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconcile_tui.model import Common, Record
from reconcile_tui.project import MappedField
from reconcile_tui.stewardship.choices import Chosen
from reconcile_tui.stewardship.context import Context, Spec
from reconcile_tui.stewardship.entities import Golden, Problem
from reconcile_tui.stewardship.survivorship import Candidate, parse_rule
from reconcile_tui.stewardship.values import is_email, settled

Goldens = dict[str, Golden]


def golden_values(context: Context, sources: Sequence[Record], chosen: Mapping[str, Chosen]) -> tuple[Goldens, list[Problem]]:
    """Every field's golden value over a person's records."""
    found: Goldens = {}
    held = [record.values for record in sources]
    for spec in context.specs:
        if len(spec.fields) > 1:
            found.update(_block(spec, sources))
        else:
            found[spec.name] = _by_rule(spec, sources, held)
    for name, choice in chosen.items():
        found[name] = _as_chosen(context, context.fields[name], sources, choice)
    if len(sources) > 1:  # a value that stays with its only record needs no common form
        _settle(context, found, chosen)
    return found, [*_weaker_consents(context, sources, found, chosen), *_torn_blocks(context, found, chosen)]


def _settle(context: Context, found: Goldens, chosen: Mapping[str, Chosen]) -> None:
    """Values of the first system have the common form already; the others are brought to the form in which they travel unchanged."""
    first = context.project.first
    for name in context.unsettled:
        golden = found[name]
        if golden.value is None or (golden.source is not None and golden.source.system == first and name not in chosen):
            continue
        value = settled(context.project, context.fields[name], golden.value)
        if value != golden.value:
            found[name] = replace(golden, value=value)


def _candidates(field: MappedField, sources: Sequence[Record]) -> list[Candidate]:
    found = [Candidate(record, value, field.restricts(value)) for record in sources if (value := record.values.get(field.name))]
    if field.kind != "email":
        return found
    return [candidate for candidate in found if is_email(candidate.value)] or found  # a broken address never wins over a good one


def _by_rule(spec: Spec, sources: Sequence[Record], held: Sequence[Mapping[str, Common]]) -> Golden:
    name = spec.name
    values = [value for each in held if (value := each.get(name))]
    if not values:
        return spec.blank
    first = values[0]
    if spec.unanimous and (len(values) == 1 or values.count(first) == len(values)):
        source = next(record for record, each in zip(sources, held, strict=True) if each.get(name))
        return Golden(first, source.ref, spec.rule.name, "", "the only value" if len(values) == 1 else "the same everywhere")
    won = spec.rule.choose(_candidates(spec.fields[0], sources), spec.argument)
    return Golden(won.value, won.source, spec.rule.name, reason=won.reason)


def _block(spec: Spec, sources: Sequence[Record]) -> Goldens:
    """All fields of a block from one record: half of one address and half of another is no address.

    What that record leaves blank is filled from records whose block agrees with it wherever both have a value.
    """
    names = [field.name for field in spec.fields]
    candidates = [Candidate(r, text) for r in sources if (text := " ".join(r.values.get(name) or "" for name in names).strip())]
    if not candidates:
        return dict.fromkeys(names, spec.blank)
    won = spec.rule.choose(candidates, spec.argument)
    winner = next((c.record for c in candidates if c.record.ref == won.source), candidates[0].record)
    agreeing = [winner, *(c.record for c in candidates if c.record is not winner and _agrees(names, winner, c.record))]
    found = {}
    for name in names:
        source = next((record for record in agreeing if record.values.get(name)), winner)
        found[name] = Golden(source.values.get(name) or None, source.ref, spec.rule.name, reason=won.reason)
    return found


def _agrees(names: Sequence[str], one: Record, other: Record) -> bool:
    pairs = ((one.values.get(name), other.values.get(name)) for name in names)
    return all(not a or not b or a.casefold() == b.casefold() for a, b in pairs)


def _as_chosen(context: Context, field: MappedField, sources: Sequence[Record], choice: Chosen) -> Golden:
    if choice.rule:
        rule, argument = parse_rule(choice.rule, context.project.first)
        spec = Spec((field,), rule, argument)
        return replace(_by_rule(spec, sources, [record.values for record in sources]), by=choice.by)
    kind = "blanked" if choice.value is None else ("chosen" if choice.source else "typed")
    return Golden(choice.value, choice.source, kind, choice.by)


def _weaker_consents(context: Context, sources: Sequence[Record], found: Goldens, chosen: Mapping[str, Chosen]) -> list[Problem]:
    problems = []
    for field in context.consents:
        opted_out = any(field.restricts(record.values.get(field.name)) for record in sources)
        allowed = field.name in chosen and chosen[field.name].weaker
        if opted_out and not allowed and not field.restricts(found[field.name].value):
            text = f"{field.label}: a record has opted out and the result has not; choose it, or say that it may be dropped."
            problems.append(Problem(text, blocks=True, field=field.name))
    return problems


def _torn_blocks(context: Context, found: Goldens, chosen: Mapping[str, Chosen]) -> list[Problem]:
    """Blocks a person has put together from several records."""
    problems = []
    for spec in context.specs if chosen else ():
        sources = {g.source for f in spec.fields if (g := found[f.name]).value and g.rule != "typed"}
        if len(spec.fields) > 1 and len(sources) > 1 and any(f.name in chosen for f in spec.fields):
            problems.append(Problem(f"The {spec.fields[0].block} is put together from {len(sources)} records.", field=spec.name))
    return problems


def differs(field: MappedField, value: Common, golden: Common) -> bool:
    """Whether a record's value has to be changed to become the golden one. A consent nobody gave or withdrew is no opt-out."""
    if field.kind == "consent":
        return field.restricts(value) != field.restricts(golden)
    return (value or None) != (golden or None)
