"""A row as JSON: the selected columns, null where there is nothing, and the annotations that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.preferences import FORMATTED, LOOKUP_TABLE, NAVIGATION, Preferences
from reconcile_tui.sandbox.dataverse.rows import etag
from reconcile_tui.sandbox.dataverse.schema import CHOICES, LOOKUPS, Column, Table
from reconcile_tui.sandbox.store import Row, quoted

Writer = Callable[[Row, dict[str, Any]], None]


class Presentation:
    """How rows of one table are shown in one answer."""

    def __init__(self, env: Environment, table: Table, columns: Sequence[Column], preferences: Preferences) -> None:
        """The primary key always comes, and always last when it wasn't selected."""
        self._env = env
        key = table.columns[table.key]
        self.columns = [*columns] if key in columns else [*columns, key]
        self._table = table
        self._names = _Names(env)
        self._formatted = preferences.annotates(FORMATTED)
        self._lookup_tables = preferences.annotates(LOOKUP_TABLE)
        self._navigations = preferences.annotates(NAVIGATION)
        self._writers = [self._writer(column) for column in self.columns]

    @property
    def sql(self) -> str:
        """The SQL columns that are needed."""
        names = dict.fromkeys(["versionnumber", self._table.key])
        for column in self.columns:
            names[column.name] = None
            if column.type in LOOKUPS:
                names[column.target_column] = None
        return ", ".join(f"{self._table.sql}.{quoted(name)}" for name in names)

    def of(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The rows' JSON."""
        if self._formatted:
            self._names.learn(rows, [column for column in self.columns if column.type in LOOKUPS])
        found = []
        for row in rows:
            body: dict[str, Any] = {"@odata.etag": etag(row)}
            for write in self._writers:
                write(row, body)
            found.append(body)
        return found

    def _writer(self, column: Column) -> Writer:
        name, wire = column.name, column.wire
        if column.type == "bool":
            return self._with_label(column, lambda row, body: body.__setitem__(wire, None if row[name] is None else bool(row[name])))
        if column.type in LOOKUPS:
            return self._lookup_writer(column)

        def plain(row: Row, body: dict[str, Any]) -> None:
            body[wire] = row[name]

        return self._with_label(column, plain)

    def _with_label(self, column: Column, plain: Writer) -> Writer:
        label = _LABELS.get(column.type)
        if not self._formatted or label is None:
            return plain
        name, shown = column.name, f"{column.wire}@{FORMATTED}"
        options = {value: text for value, text, _ in column.options}

        def write(row: Row, body: dict[str, Any]) -> None:
            plain(row, body)
            if row[name] is not None:
                body[shown] = label(row[name], options)

        return write

    def _lookup_writer(self, column: Column) -> Writer:
        wire = column.wire

        def write(row: Row, body: dict[str, Any]) -> None:
            value, target = row[column.name], row[column.target_column]
            if value is not None and target is not None:
                if self._navigations:
                    body[f"{wire}@{NAVIGATION}"] = column.navigation(target)
                if self._lookup_tables:
                    body[f"{wire}@{LOOKUP_TABLE}"] = target
                if self._formatted:
                    body[f"{wire}@{FORMATTED}"] = self._names.get(target, value)
            body[wire] = value

        return write


class _Names:
    """Primary names of the rows that lookups point to, fetched once per page."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._known: dict[tuple[str, str], str] = {}

    def learn(self, rows: Sequence[Row], columns: Sequence[Column]) -> None:
        wanted: dict[str, set[str]] = {}
        for column in columns:
            for row in rows:
                if row[column.name] is not None and row[column.target_column]:
                    wanted.setdefault(row[column.target_column], set()).add(row[column.name])
        for target, ids in wanted.items():
            self._fetch(target, sorted(i for i in ids if (target, i) not in self._known))

    def _fetch(self, target: str, ids: list[str]) -> None:
        table = self._env.schema.tables[target]
        if not table.name_column:
            return
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            where = f"{table.key} IN ({', '.join('?' * len(part))})"
            sql = f"SELECT {table.key} AS id, {quoted(table.name_column)} AS name FROM {table.sql} WHERE {where}"
            for row in self._env.store.all(sql, part):
                self._known[target, row["id"]] = row["name"] or ""

    def get(self, target: str, record_id: str) -> str:
        return self._known.get((target, record_id), "")


def _option_label(value: Any, options: dict[Any, str]) -> str:
    return options.get(value, str(value))


def _money(value: Any, options: dict[Any, str]) -> str:
    return f"€{value:,.2f}"


def _whole(value: Any, options: dict[Any, str]) -> str:
    return f"{value:,}"


def _moment(value: Any, options: dict[Any, str]) -> str:
    moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return f"{moment.month}/{moment.day}/{moment.year} {moment.hour % 12 or 12}:{moment.minute:02d} {'AM' if moment.hour < 12 else 'PM'}"


def _day(value: Any, options: dict[Any, str]) -> str:
    year, month, day = value.split("-")
    return f"{int(month)}/{int(day)}/{year}"


_LABELS: dict[str, Callable[[Any, dict[Any, str]], str]] = {
    **dict.fromkeys(CHOICES, _option_label),
    "bool": _option_label,
    "money": _money,
    "integer": _whole,
    "bigint": _whole,
    "datetime": _moment,
    "date": _day,
}
"""Formatted values by column type, in the words of an English (US) user."""
