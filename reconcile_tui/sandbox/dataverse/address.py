"""Dataverse addresses: segments, keys in parentheses, references between rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from reconcile_tui.sandbox.dataverse import rows
from reconcile_tui.sandbox.dataverse.environment import ROOT, Environment
from reconcile_tui.sandbox.dataverse.errors import Refusal, bad_query
from reconcile_tui.sandbox.dataverse.expressions import GUID_TEXT, literal
from reconcile_tui.sandbox.dataverse.schema import Table
from reconcile_tui.sandbox.store import Row

RESERVED = set("/<>*%&:\\?+")
"""Characters that an alternate key's value can't have in an address, encoded or not."""

_SEGMENT = re.compile(r"(?P<name>[^(]*)(?:\((?P<inside>.*)\))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a path: `contacts(…)` is name `contacts` and what stands inside; no parentheses: `inside` is None."""

    name: str
    inside: str | None


def relative(url: str) -> str:
    """A path below the service root, of a full address, an absolute path or a relative one; still encoded."""
    path = urlsplit(url).path if "://" in url else url
    if path.startswith(ROOT):
        path = path[len(ROOT) :].partition("/")[2]
    return path.strip("/")


def segments(path: str) -> list[Segment]:
    """The parts of an encoded path below the service root; slashes in quotes or parentheses don't part."""
    parts: list[str] = []
    depth, quoted, start = 0, False, 0
    for place, sign in enumerate(path):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
        elif not quoted and depth == 0 and sign == "/":
            parts.append(path[start:place])
            start = place + 1
    parts.append(path[start:])
    matches = [_SEGMENT.fullmatch(unquote(part)) for part in parts if part]
    return [Segment(match["name"], match["inside"]) for match in matches if match]


def find_row(env: Environment, table: Table, inside: str) -> Row | None:
    """The row that a key in parentheses names. Raises Refusal when it is no key of the table."""
    text = inside.strip().strip("{}")
    if GUID_TEXT.fullmatch(text):
        return rows.fetch(env, table, text)
    values = key_values(env, table, inside)
    if list(values) == [table.key]:
        return rows.fetch(env, table, str(values[table.key]))
    return rows.by_key(env, table, values)


def key_values(env: Environment, table: Table, inside: str) -> dict[str, Any]:
    """The values of an alternate key (or `contactid=…`). Raises Refusal when the table has no such active key."""
    values: dict[str, Any] = {}
    for part in re.findall(r"[^,']+(?:'(?:[^']|'')*')?", inside):
        name, _, value = part.partition("=")
        values[name.strip()] = literal(value.strip()) if value else None
    keys = [set(key.columns) for key in rows.active_keys(env, table)]
    if set(values) not in keys and list(values) != [table.key]:
        raise bad_key(table, inside)
    for value in values.values():
        if isinstance(value, str) and RESERVED & set(value):
            raise bad_query(f"The key value '{value}' can't be used in a URL: it holds one of {' '.join(sorted(RESERVED))}")
    return values


def bad_key(table: Table, inside: str) -> Refusal:
    """Parentheses with something that is no key."""
    if re.fullmatch(r"[0-9a-fA-F-]+", inside.strip()):
        text = f"Unrecognized 'Edm.String' literal '{inside}' at '0' in '{inside}'."
        return Refusal(400, "0x80060888", text)
    text = (
        f"The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.{table.name}'. Ensure that the names and number "
        "of key properties match the declared or alternate key properties for the resource 'Microsoft.Dynamics.CRM."
        f"{table.name}'."
    )
    return Refusal(400, "0x80060888", text)
