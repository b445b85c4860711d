"""Whether values can be stored where they are to go: those the plan writes, and those the sync would copy between linked records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from reconcile_tui.model import Common, Record, Ref
from reconcile_tui.stewardship.consent import DECIDED
from reconcile_tui.stewardship.context import Binding, Context
from reconcile_tui.stewardship.entities import Golden, Problem
from reconcile_tui.stewardship.goldens import Goldens, differs
from reconcile_tui.stewardship.values import is_email, misfit, native_of


def fitting_problems(context: Context, golden: Goldens, targets: Iterable[Record]) -> list[Problem]:
    """What keeps golden values from being stored in the records they are meant for."""
    problems = []
    for record in targets:
        for bound in context.bindings[record.ref.system, record.ref.table]:
            value = golden[bound.field.name].value
            if record.values.get(bound.field.name) != value and differs(bound.field, record.values.get(bound.field.name), value):
                problems += _writing(context, bound, record.ref, value)
    return list(dict.fromkeys(problems))


def _writing(context: Context, bound: Binding, ref: Ref, value: Common) -> list[Problem]:
    field = bound.field
    if not bound.writable:
        return [Problem(f"{field.label}: {ref.system} {ref.table} keeps {bound.name} itself; it stays as it is.", field=field.name)]
    _, reason = _misfit(context, bound, ref.system, value)
    if not reason:
        return []
    return [Problem(f"{field.label}: the value {reason} in {ref.system} {ref.table}.", blocks=True, field=field.name)]


def copying_problems(context: Context, golden: Goldens, links: Sequence[tuple[Record, Record]]) -> list[Problem]:
    """What the sync could not store once records are linked and their values stay as they are: it copies from then on."""
    pairs = chain.from_iterable(((one, other, "forward"), (other, one, "backward")) for one, other in links)
    found = (_copying(context, golden, source, target, way) for source, target, way in pairs if source.eligible)
    return list(dict.fromkeys(chain.from_iterable(found)))


def _copying(context: Context, golden: Mapping[str, Golden], source: Record, target: Record, way: str) -> list[Problem]:
    problems = []
    for bound in context.bindings[target.ref.system, target.ref.table]:
        field = bound.field
        decided = golden[field.name].rule in DECIDED  # such a value is written also when records are only linked
        value = golden[field.name].value if decided else source.values.get(field.name)
        if not value or field.direction not in ("both", way) or not bound.writable or value == target.values.get(field.name):
            continue
        check, reason = _misfit(context, bound, target.ref.system, value)
        if reason:
            text = f"{field.label}: the value of {source.ref} {reason} in {target.ref.system} {target.ref.table}; the sync would copy it."
            problems.append(Problem(text, field=field.name, check=check))
    return problems


def _misfit(context: Context, bound: Binding, system: str, value: Common) -> tuple[str, str]:
    """The readiness check that reports it, and why a value does not fit; empty when it does."""
    if value and bound.field.kind == "email" and context.kind(system) == "hubspot" and not is_email(value):
        return "I6", "is no e-mail address"
    try:
        reason = misfit(bound.column, native_of(context.project, system, bound.field, bound.column, value))
    except ValueError as error:
        return ("F2" if bound.field.kind in ("choice", "multichoice") else "F5"), str(error)
    if not value:
        return "F4", reason
    return ("F1" if bound.column is not None and bound.column.type == "text" else "F2"), reason
