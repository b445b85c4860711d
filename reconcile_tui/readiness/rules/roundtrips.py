"""Transforms over all values: whether they come back, what can't be read, which spellings mean one thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from reconcile_tui.model import Common
from reconcile_tui.project import MappedField
from reconcile_tui.readiness.check import Found
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.copying import sides
from reconcile_tui.readiness.rows import rows_of, total
from reconcile_tui.readiness.snapshot import TableData
from reconcile_tui.readiness.values import Values
from reconcile_tui.transforms import REGISTRY, Transform, phone_e164


def not_returning(context: Context) -> Found:
    """F7: values of two-way fields that change again when they come back, or come back poorer."""
    if "not_returning" not in context.remembered:  # T3 asks for it again
        two_way = (
            (table, field)
            for record_type, table in context.tables()
            for field in record_type.fields
            if field.direction == "both" and field.transform.name != "none"
        )
        context.remembered["not_returning"] = total(_not_returning(table, field) for table, field in two_way)
    return context.remembered["not_returning"]


def _not_returning(table: TableData, field: MappedField) -> Found:
    values = table.values(field)
    if values is None:
        return Found()
    if table.side == 1 and field.transform.backward_step is not None:
        return _on_values(table, field, values, values.marked(lambda text: _from_second(field.transform, text)))
    there = table.transformed(field) if table.side == 0 else table.returned(field)
    judge = _from_first if table.side == 0 else _returned
    reasons: dict[int, str] = {}
    for code, text, sent in there.beside(values) if there else ():
        settled = sent == text and field.transform.backward_step is None
        if not settled and (reason := judge(field.transform, text, sent)):
            reasons[code] = reason
    if not _phone(field):  # F8 asks for those once more
        table.forget_returned(field)
    return _on_values(table, field, values, reasons)


def _phone(field: MappedField) -> bool:
    return field.kind == "phone" and field.transform.name == "phone_e164"


def _from_first(transform: Transform, text: str, there: Common) -> str:
    back = transform.backward(there)
    again = transform.forward(back.value)
    if back.problem or again.problem:
        return f"comes back as nothing it can read: {back.problem or again.problem}"
    if again.value != there:
        return f"echoes: {_short(there)}, then {_short(again.value)}"
    if transform.lossy and back.value != text:
        return f"comes back as {_short(back.value)}"
    return ""


def _from_second(transform: Transform, text: str) -> str:
    """A value of the second system whose way to the first one is a transform of its own."""
    back = transform.backward(text)
    there = transform.forward(back.value)
    return "" if back.problem or there.problem or there.value == text else _returned(transform, text, there.value)


def _returned(transform: Transform, _: str, there: Common) -> str:
    """A value of the second system that comes back from the first one as another."""
    again = transform.forward(transform.backward(there).value)
    if again.value != there:
        return f"echoes: {_short(there)}, then {_short(again.value)}"
    return f"comes back as {_short(there)}" if transform.lossy else ""


def _short(value: Common) -> str:
    return "∅" if value is None else value[:60]


def _on_values(table: TableData, field: MappedField, values: Values, reasons: dict[int, str]) -> Found:
    bad = np.zeros(len(values.distinct), dtype=np.bool_)
    bad[list(reasons)] = True

    def detail(position: int) -> dict[str, str]:
        code = int(values.codes[position])
        return {"field": field.name, "value": (values.distinct[code].as_py() or "")[:200], "problem": reasons[code]}

    return rows_of(table, table.eligible & values.where(bad), detail)


def unreadable(context: Context) -> Found:
    """F8: phone numbers nobody can dial, regions and other texts a transform can't read, countries written in several ways."""
    readable = ((table, field) for record_type, table in context.tables() for field in record_type.fields if sides(field))
    return total(_unreadable(context, table, field) for table, field in readable) + _country_spellings(context)


def _unreadable(context: Context, table: TableData, field: MappedField) -> Found:
    values = table.values(field)
    if values is None:
        return Found()
    if _phone(field):
        read = table.transformed(field) if table.side == 0 else table.returned(field)
        table.forget_returned(field)
        return _on_values(table, field, values, read.problems) if read else Found()
    if field.kind == "phone":
        return _on_values(table, field, values, values.marked(_phone_judge(context.project.country)))
    if field.kind in ("choice", "multichoice", "owner", "number", "integer", "date", "datetime", "boolean", "consent"):
        return Found()  # told by F2, F5, F6 and F9
    if table.side not in sides(field):
        return Found()
    sent = table.outgoing(field)
    return _on_values(table, field, values, sent.problems) if sent and sent.problems else Found()


def _phone_judge(country: str) -> Callable[[str], str]:
    def judge(text: str) -> str:
        try:
            phone_e164(text, country)
        except ValueError as error:
            return str(error)
        return ""

    return judge


def _country_spellings(context: Context) -> Found:
    """Countries written otherwise than most records of both systems write them, where no transform makes them one."""
    return total(
        _odd_spellings(data.tables, field)
        for record_type, data, _ in context.each_type()
        for field in record_type.fields_of_kind("country")
        if sides(field) and "country" not in field.transform.name
    )


def _odd_spellings(tables: list[TableData], field: MappedField) -> Found:
    usual = _usual_spellings([values for table in tables if (values := table.values(field)) is not None])
    held = ((table, values) for table in tables if (values := table.values(field)) is not None)
    return total(_on_values(table, field, values, values.marked(lambda text: _unusual(text, usual))) for table, values in held)


def _usual_spellings(columns: list[Values]) -> dict[str, str]:
    written: dict[str, Counter[str]] = {}
    for values in columns:
        for text, count in zip(values.texts, values.counts.tolist(), strict=True):
            result = REGISTRY["country_code"].forward(text)
            if count and not result.problem and result.value:
                written.setdefault(result.value, Counter())[text] += count
    return {code: max(counter, key=lambda text: (counter[text], text)) for code, counter in written.items()}


def _unusual(text: str, usual: dict[str, str]) -> str:
    result = REGISTRY["country_code"].forward(text)
    if result.problem:
        return "is no country that is known by that name"
    meant = usual.get(result.value or "", text)
    return "" if text == meant else f"most records write {meant}"


def unmapped_owner(context: Context) -> Found:
    """F9: owners without an entry in the map."""
    found = []
    for record_type, table in context.tables():
        for field in record_type.fields_of_kind("owner"):
            if table.side in sides(field) and (values := table.values(field)) is not None:
                sent = table.outgoing(field)
                problems = dict(sent.problems) if sent else {}
                if field.transform.name == "none":
                    problems = dict.fromkeys(range(len(values.distinct)), "owners have different ids in each system, and no map is given")
                found.append(_on_values(table, field, values, problems))
    return total(found)
