"""Values between their forms: native as a system holds them, common as decisions are made on them.

All rules about when two native values count as the same are here, because expectations, results and verification must agree.
"""

from __future__ import annotations

import re

from reconcile_tui.model import Column, Common, Native
from reconcile_tui.project import MappedField, Project
from reconcile_tui.transforms import as_text

_EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]+@[^@\s,;<>()\[\]\\\"]+\.[^@\s.,;<>()\[\]\\\"]{2,}")


def is_email(text: str) -> bool:
    """Whether a text is one e-mail address, as HubSpot takes it: nothing invisible in it, no second one, no dot at its end."""
    return text.isprintable() and _EMAIL.fullmatch(text.strip()) is not None


def same(left: Native, right: Native) -> bool:
    """Whether two native values are one: blank is blank however it is written, numbers and truth values by what they mean."""
    return left == right or as_text(left) == as_text(right)


def to_native(kind: str, column: Column | None, value: Common) -> Native:
    """Text as a system of this kind holds it in a column. Raises ValueError with what does not fit."""
    if value is None or value == "":
        return None
    if kind != "dynamics" or column is None:
        return value
    if column.type == "boolean":
        known = {"true": True, "1": True, "false": False, "0": False}
        if value.strip().lower() not in known:
            raise ValueError("is neither true nor false")
        return known[value.strip().lower()]
    if column.type in ("integer", "choice"):
        return _number(value, int, "is not a whole number")
    if column.type == "number":
        return _number(value, float, "is not a number")
    return value


def _number(value: str, kind: type[int] | type[float], reason: str) -> Native:
    try:
        return kind(value)
    except ValueError as error:
        raise ValueError(reason) from error


def native_of(project: Project, system: str, field: MappedField, column: Column | None, value: Common) -> Native:
    """A common value as a system's column holds it. Raises ValueError with what does not fit."""
    settings = project.systems[system]
    if system == project.first:
        result = field.transform.backward(value)
        if result.problem:
            raise ValueError(result.problem)
        value = result.value
    if field.kind == "email" and settings.kind == "hubspot" and value is not None:
        value = value.strip().lower()  # HubSpot stores addresses in lower case
    return to_native(settings.kind, column, value)


def settled(project: Project, field: MappedField, value: Common) -> Common:
    """The value as it looks after it was written to the first system and read again: a value that travels unchanged.

    A transform that does not settle in one round leaves the value as it is; the readiness checks report the transform.
    """
    if value is None or field.transform.name == "none" or project.first not in field.columns:
        return value
    once = _round(field, value)
    if once is None or once == value:
        return value
    return once if _round(field, once) == once else value


def _round(field: MappedField, value: Common) -> Common:
    there = field.transform.backward(value)
    back = field.transform.forward(there.value)
    return None if there.problem or back.problem else back.value


def misfit(column: Column | None, value: Native) -> str:
    """Why a column can't hold a value; empty when it can (or nothing is known of the column)."""
    if column is None:
        return ""
    if value is None:
        return "must not be blank" if column.required else ""
    text = as_text(value) or ""
    if column.type == "text" and column.max_length and len(text) > column.max_length:
        return f"has {len(text)} characters, {column.max_length} fit"
    if column.type in ("choice", "multichoice") and column.options:
        allowed = {option for option, _ in column.options}
        parts = text.split(";") if column.type == "multichoice" else [text]
        unknown = [part for part in parts if part not in allowed]
        return f"{unknown[0][:40]!r} is not one of the options" if unknown else ""
    return ""
