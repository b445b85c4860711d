"""Text in the form a Dataverse column wants."""

from __future__ import annotations

from datetime import date, datetime

from reconcile_tui.model import Column, Common, Native


def to_native(column: Column, value: Common) -> Native:
    """The value for a write. Raises ValueError naming what does not fit."""
    if value is None or value == "":
        return None
    if column.read_only:
        raise ValueError(f"{column.name} can't be written")
    if column.type == "text":
        if column.max_length and len(value) > column.max_length:
            raise ValueError(f"is longer than {column.max_length} characters")
        return value
    return _PARSERS[column.type](column, value.strip())


def _integer(column: Column, text: str) -> Native:
    del column
    return int(text)


def _number(column: Column, text: str) -> Native:
    del column
    return float(text)


def _boolean(column: Column, text: str) -> Native:
    del column
    if text.lower() not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return text.lower() == "true"


def _date(column: Column, text: str) -> Native:
    del column
    return date.fromisoformat(text[:10]).isoformat()


def _datetime(column: Column, text: str) -> Native:
    del column
    datetime.fromisoformat(text)
    return text


def _choice(column: Column, text: str) -> Native:
    known = {option for option, _ in column.options}
    if known and text not in known:
        raise ValueError(f"{text!r} is no option of {column.name}")
    return int(text)


def _multichoice(column: Column, text: str) -> Native:
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    for part in parts:
        _choice(column, part)
    return ",".join(parts)


def _lookup(column: Column, text: str) -> Native:
    del text
    raise ValueError(f"{column.name} is a reference, which is not written")


_PARSERS = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "choice": _choice,
    "multichoice": _multichoice,
    "lookup": _lookup,
}
