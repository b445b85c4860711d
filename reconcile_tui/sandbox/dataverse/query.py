"""`GET contacts?…`: select, filter, order, count, expand and paging with a cookie."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from reconcile_tui.sandbox.dataverse.conditions import condition
from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.errors import Refusal, bad_query, no_property, unsupported
from reconcile_tui.sandbox.dataverse.expressions import parse
from reconcile_tui.sandbox.dataverse.preferences import MORE, TOTAL, TOTAL_EXCEEDED, Preferences
from reconcile_tui.sandbox.dataverse.present import Presentation
from reconcile_tui.sandbox.dataverse.schema import INDEXED, Column, Table
from reconcile_tui.sandbox.exchange import Call
from reconcile_tui.sandbox.store import Row, quoted

UNDERSTOOD = ("$select", "$filter", "$orderby", "$top", "$count", "$expand", "$skiptoken", "$deltatoken")
UNSUPPORTED = ("$apply", "$search", "$compute", "$levels", "$format")
LONGEST_URL = 32_768
"""Characters of an address outside a `$batch`."""


@dataclass(slots=True)
class Cursor:
    """Where a page starts: after the last row of the one before, or at an offset where the order has no index."""

    page: int = 1
    after: dict[str, str] = field(default_factory=dict)
    offset: int = 0
    tracked: int | None = None  # the row version at which tracked paging started

    @classmethod
    def of(cls, text: str) -> Cursor:
        """Read a `$skiptoken`. Raises Refusal."""
        outer = re.fullmatch(r'<cookie pagenumber="(\d+)" pagingcookie="([^"]*)" istracking="(True|False)" />', text.strip())
        if outer is None:
            raise Refusal(400, "0x80040203", "The paging cookie is malformed.")
        inner = unquote(unquote(outer[2]))
        after = dict(re.findall(r'<(\w+) last="([^"]*)"', inner))
        offset, tracked = re.search(r'offset="(\d+)"', inner), re.search(r'version="(\d+)"', inner)
        return cls(int(outer[1]), after, int(offset[1]) if offset else 0, int(tracked[1]) if tracked else None)

    def text(self) -> str:
        """The `$skiptoken`, as it stands in an address."""
        extra = f' offset="{self.offset}"' if self.offset else ""
        extra += f' version="{self.tracked}"' if self.tracked is not None else ""
        inner = "".join(f'<{name} last="{value}" />' for name, value in self.after.items())
        cookie = quote(quote(f'<cookie page="{self.page - 1}"{extra}>{inner}</cookie>', safe=""), safe="")
        tracking = self.tracked is not None
        return (
            quote(f'<cookie pagenumber="{self.page}" pagingcookie="', safe="=") + cookie + quote(f'" istracking="{tracking}" />', safe="=")
        )


def options_of(call: Call) -> dict[str, str]:
    """The query's system options. Raises Refusal for one that isn't served."""
    if len(call.path) + len(call.query) > LONGEST_URL:
        raise Refusal(414, "0x80040216", "The request URI is too long.")
    found = {name: values[-1] for name, values in call.parameters().items()}
    for name in found:
        if name == "$skip":
            raise bad_query("The query parameter $skip is not supported")
        if name in UNSUPPORTED or name in ("fetchXml", "savedQuery", "userQuery"):
            raise unsupported(f"the query option {name}")
        if name.startswith("$") and name not in UNDERSTOOD:
            raise bad_query(f"The query parameter '{name}' is not supported.")
    return found


def selected(table: Table, text: str) -> list[Column]:
    """The columns of `$select`; all of them without one. Raises Refusal."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or names == ["*"]:
        return list(table.columns.values())
    columns = []
    for name in names:
        column = table.by_wire(name) or next((c for nav, c, _ in table.navigations() if nav == name), None)
        if column is None:
            raise no_property(table.name, name)
        columns.append(column)
    return columns


def context(call: Call, table: Table, select: str, suffix: str = "") -> str:
    """The answer's `@odata.context`."""
    root = call.path[: call.path.index("/", len("/api/data/"))]
    columns = f"({select})" if select else ""
    return f"{call.origin}{root}/$metadata#{table.entity_set}{columns}{suffix}"


def where(env: Environment, table: Table, text: str) -> tuple[str, list[Any]]:
    """`$filter` as SQL."""
    return condition(env, table, parse(text)) if text.strip() else ("1", [])


def order(table: Table, text: str) -> list[tuple[Column, bool]]:
    """`$orderby` as columns and whether each descends. Raises Refusal."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = part.partition(" ")
        column = table.by_wire(name)
        if column is None:
            raise no_property(table.name, name)
        if direction.strip() not in ("", "asc", "desc"):
            raise bad_query(f"Syntax error at position {len(name) + 1} in '{text}'.")
        found.append((column, direction.strip() == "desc"))
    return found


def collection(env: Environment, call: Call, table: Table) -> dict[str, Any]:
    """One page of a table."""
    options, preferences = options_of(call), Preferences.of(call)
    sql, values = where(env, table, options.get("$filter", ""))
    presentation = Presentation(env, table, selected(table, options.get("$select", "")), preferences)
    cursor = Cursor.of(options["$skiptoken"]) if "$skiptoken" in options else Cursor()
    size = page_size(env, preferences, options)
    rows, following = page(env, table, presentation, (sql, values), order(table, options.get("$orderby", "")), cursor, size)
    if "$top" in options and preferences.page_size is None:
        following = None
    body: dict[str, Any] = {"@odata.context": context(call, table, options.get("$select", ""))}
    body.update(_totals(env, table, (sql, values), options, preferences))
    body["value"] = presentation.of(rows)
    if "$expand" in options:
        expand(env, table, rows, body["value"], options["$expand"], preferences)
    if following is not None:
        body["@odata.nextLink"] = next_link(call, following)
        if preferences.annotates(MORE):
            body[f"@{MORE}"] = True
    return body


def page_size(env: Environment, preferences: Preferences, options: dict[str, str]) -> int:
    """Rows in one page; `$top` counts only where no page size is asked for. Raises Refusal."""
    most = env.options.dataverse_page_size
    if preferences.page_size is not None:
        return min(preferences.page_size, most)
    top = options.get("$top", str(most))
    if not top.isdigit():
        raise bad_query(f"Invalid value '{top}' for $top query option found. The $top query option requires a non-negative integer value.")
    return min(int(top), most)


def next_link(call: Call, cursor: Cursor) -> str:
    """The address of the next page: this one's query with another cookie."""
    kept = [part for part in call.query.split("&") if part and not unquote(part).startswith("$skiptoken=")]
    return f"{call.origin}{call.path}?{'&'.join([*kept, f'$skiptoken={cursor.text()}'])}"


def page(
    env: Environment,
    table: Table,
    presentation: Presentation,
    filtered: tuple[str, list[Any]],
    ordered: list[tuple[Column, bool]],
    cursor: Cursor,
    size: int,
) -> tuple[list[Row], Cursor | None]:
    """Rows of one page, and the cursor of the next one. The primary key is always the last part of the order."""
    condition_sql, values = filtered
    key = table.columns[table.key]
    full = ordered if any(column is key for column, _ in ordered) else [*ordered, (key, bool(ordered) and ordered[0][1])]
    directions = {descending for _, descending in full}
    keyset = len(directions) == 1 and all(column is key or column.name in INDEXED for column, _ in full)
    names = ", ".join(f"{table.sql}.{quoted(column.name)}" for column, _ in full)
    if keyset and cursor.after:
        condition_sql = f"({condition_sql}) AND ({names}) {'<' if True in directions else '>'} ({', '.join('?' * len(full))})"
        values = [*values, *(_typed(column, cursor.after.get(column.name, "")) for column, _ in full)]
    by = ", ".join(f"{table.sql}.{quoted(column.name)}{' DESC' if descending else ''}" for column, descending in full)
    extra = ", ".join(f"{table.sql}.{quoted(column.name)} AS _by_{column.name}" for column, _ in full)
    sql = f"SELECT {presentation.sql}, {extra} FROM {table.sql} WHERE {condition_sql} ORDER BY {by} LIMIT ? OFFSET ?"
    rows = env.store.all(sql, [*values, size + 1, 0 if keyset else cursor.offset])
    if len(rows) <= size or size == 0:
        return rows[:size], None
    last = rows[size - 1]
    after = {column.name: str(last[f"_by_{column.name}"]) for column, _ in full} if keyset else {}
    offset = 0 if keyset else cursor.offset + size
    return rows[:size], Cursor(cursor.page + 1, after, offset, cursor.tracked)


def _typed(column: Column, text: str) -> Any:
    return int(text) if column.type == "bigint" else text


def _totals(
    env: Environment, table: Table, filtered: tuple[str, list[Any]], options: dict[str, str], preferences: Preferences
) -> dict[str, Any]:
    if options.get("$count") != "true":
        return {f"@{TOTAL}": -1, f"@{TOTAL_EXCEEDED}": False} if preferences.annotates(TOTAL) else {}
    total, capped = count(env, table, filtered)
    found: dict[str, Any] = {"@odata.count": total}
    if preferences.annotates(TOTAL):
        found.update({f"@{TOTAL}": total, f"@{TOTAL_EXCEEDED}": capped})
    return found


def count(env: Environment, table: Table, filtered: tuple[str, list[Any]]) -> tuple[int, bool]:
    """How many rows fit, and whether there are more than can be counted."""
    cap = env.options.dataverse_count_cap
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {table.sql} WHERE {filtered[0]} LIMIT ?)"
    found = int(env.store.value(sql, [*filtered[1], cap + 1]))
    return min(found, cap), found > cap


def expand(env: Environment, table: Table, rows: list[Row], bodies: list[dict[str, Any]], text: str, preferences: Preferences) -> None:
    """Add the rows that single-valued navigation properties lead to. Raises Refusal."""
    navigations = {name: (column, target) for name, column, target in table.navigations()}
    for match in re.finditer(r"([\w]+)(?:\(([^)]*)\))?(?:,|$)", text):
        name, inner = match[1], match[2] or ""
        if name not in navigations:
            raise unsupported(f"$expand of {name}") if name.lower() == name and "_" in name else no_property(table.name, name)
        column, target = navigations[name]
        other = env.schema.tables[target]
        select = inner.removeprefix("$select=") if inner.startswith("$select=") else ""
        presentation = Presentation(env, other, selected(other, select), preferences)
        for row, body in zip(rows, bodies, strict=True):
            body[name] = _related(env, table, other, presentation, column, row)


def _related(env: Environment, table: Table, other: Table, presentation: Presentation, column: Column, row: Row) -> dict[str, Any] | None:
    sql = (
        f"SELECT {presentation.sql} FROM {other.sql} JOIN {table.sql} AS _from ON {other.sql}.{other.key} = _from.{quoted(column.name)} "
        f"WHERE _from.{table.key} = ? AND _from.{quoted(column.target_column)} = ?"
    )
    found = env.store.one(sql, (row[table.key], other.name))
    return None if found is None else presentation.of([found])[0]
