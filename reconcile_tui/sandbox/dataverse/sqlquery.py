"""`?sql=SELECT …` as Microsoft's Python SDK sends it: a subset of T-SQL, one table."""

from __future__ import annotations

import re
import sqlite3
from itertools import pairwise
from typing import Any

from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.errors import Refusal, unsupported
from reconcile_tui.sandbox.dataverse.schema import LOOKUPS, Table
from reconcile_tui.sandbox.store import quoted

_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(\d+(?:\.\d+)?)|\[([^\]]+)\]|([A-Za-z_@][\w]*)|(<>|!=|<=|>=|[=<>(),.*]))")
KEYWORDS = {
    *("SELECT", "DISTINCT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "BETWEEN", "ORDER", "BY", "ASC", "DESC", "AS"),
    *("GROUP", "COUNT", "MIN", "MAX", "SUM", "AVG"),
}
MOST = 5000


def rows(env: Environment, entity_set: Table, text: str) -> list[dict[str, Any]]:
    """The rows of a SELECT. Raises Refusal for what the subset doesn't have."""
    words = _words(text)
    table = _table(env, words)
    if table is not entity_set:
        raise Refusal(400, "0x80048d19", f"The SQL query must be sent to '{table.entity_set}'.")
    sql, values = _translated(table, words)
    try:
        found = env.store.all(sql, values)
    except sqlite3.Error:
        raise Refusal(400, "0x80040203", "The SQL query is not valid.") from None
    return [_wire(table, row) for row in found]


def _words(text: str) -> list[tuple[str, str]]:
    """(kind, text): kinds are text, number, name, sign."""
    found: list[tuple[str, str]] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise Refusal(400, "0x80040203", f"The SQL query is not valid at position {place}.")
        kinds = ("text", "number", "name", "name", "sign")
        found += [(kind, part) for kind, part in zip(kinds, match.groups(), strict=True) if part is not None]
        place = match.end()
    return found


def _table(env: Environment, words: list[tuple[str, str]]) -> Table:
    upper = [word.upper() for _, word in words]
    if not upper or upper[0] != "SELECT" or upper.count("SELECT") > 1 or "FROM" not in upper:
        raise unsupported("SQL other than one SELECT … FROM")
    if "JOIN" in upper:
        raise unsupported("JOIN in SQL")
    place = upper.index("FROM") + 1
    table = env.table(words[place][1].lower()) if place < len(words) else None
    if table is None:
        raise Refusal(400, "0x80041102", f"The entity '{words[place][1] if place < len(words) else ''}' was not found.")
    return table


def _translated(table: Table, words: list[tuple[str, str]]) -> tuple[str, list[Any]]:
    aliases = _aliases(table, words)
    parts: list[str] = []
    values: list[Any] = []
    limit = MOST
    place = 0
    while place < len(words):
        kind, word = words[place]
        if kind == "name" and word.upper() == "TOP":
            limit = min(MOST, int(words[place + 1][1]))
            place += 2
            continue
        if kind == "text":
            values.append(word[1:-1].replace("''", "'"))
            parts.append("?")
        elif word == "*" and (not parts or parts[-1] != "("):
            parts.append(", ".join(quoted(name) for name in _plain(table)))
        else:
            parts.append(_word(table, aliases, kind, word))
        place += 1
    return f"{' '.join(filter(None, parts))} LIMIT {limit}", values


def _plain(table: Table) -> list[str]:
    return [name for name, column in table.columns.items() if column.type not in LOOKUPS]


def _aliases(table: Table, words: list[tuple[str, str]]) -> set[str]:
    """Names that stand for the table, or that the query gives to its columns."""
    found: set[str] = set()
    for (_, before), (kind, word) in pairwise(words):
        if kind == "name" and (before.upper() == "AS" or (before.lower() == table.name and word.upper() not in KEYWORDS)):
            found.add(word.lower())
    return found


def _word(table: Table, aliases: set[str], kind: str, word: str) -> str:
    if kind in ("number", "sign"):
        return word
    if word.upper() in KEYWORDS:
        return word.upper()
    name = word.lower()
    if name == table.name:
        return table.sql
    if name in aliases:
        return quoted(name)
    if name not in table.columns:
        raise Refusal(400, "0x80041103", f"'{table.name}' entity doesn't contain attribute with Name = '{name}'.")
    return quoted(name)


def _wire(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in row.items():
        column = table.columns.get(name)
        body[name] = bool(value) if column is not None and column.type == "bool" and value is not None else value
    return body
