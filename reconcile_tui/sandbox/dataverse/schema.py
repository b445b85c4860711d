"""Tables and columns: the standard ones from `tables.toml`, custom columns and alternate keys from the database."""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from reconcile_tui.sandbox.store import Store, quoted

NAMESPACE = uuid.UUID("7a3c1b52-5c7e-4b1e-9f53-0d5f1e3ad001")
"""From which the ids of definitions are derived, so that they are the same in every sandbox."""

COMMON = {
    "createdon": "datetime | r",
    "modifiedon": "datetime | r",
    "overriddencreatedon": "datetime | c",
    "versionnumber": "bigint | r",
    "createdby": "lookup systemuser | r",
    "modifiedby": "lookup systemuser | r",
    "ownerid": "owner systemuser",
}
"""Columns of every table."""

TEXTS = ("text", "memo")
LOOKUPS = ("lookup", "owner")
CHOICES = ("choice", "state", "status")
LEAST, MOST = -2_147_483_648, 2_147_483_647
AMOUNT = 922_337_203_685_477
"""The largest amount of money."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column's definition."""

    name: str
    type: str  # key, text, memo, integer, bigint, decimal, money, bool, choice, state, status, date, datetime, lookup, owner
    max_length: int | None = None
    options: tuple[tuple[int, str, int | None], ...] = ()  # (value, label, status: its state / state: its default status)
    targets: tuple[str, ...] = ()
    least: float = LEAST
    most: float = MOST
    flags: str = ""
    schema_name: str = ""
    label: str = ""
    custom: bool = False

    @property
    def creatable(self) -> bool:
        """Whether a create may set it."""
        return "r" not in self.flags

    @property
    def updatable(self) -> bool:
        """Whether an update may set it."""
        return not {"r", "c"} & set(self.flags) and self.type != "key"

    @property
    def wire(self) -> str:
        """Its name in an answer."""
        return f"_{self.name}_value" if self.type in LOOKUPS else self.name

    @property
    def target_column(self) -> str:
        """The SQLite column that says which table a lookup points to."""
        return f"{self.name}__table"

    def navigation(self, target: str) -> str:
        """The navigation property of a lookup to one of its targets."""
        return f"{self.name}_{target}" if self.type == "lookup" and len(self.targets) > 1 else self.schema_name or self.name


@dataclass(frozen=True, slots=True)
class Table:
    """One table's definition."""

    name: str
    entity_set: str
    schema_name: str
    name_column: str
    code: int
    label: str
    columns: dict[str, Column] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its primary key column."""
        return next(name for name, column in self.columns.items() if column.type == "key")

    @property
    def sql(self) -> str:
        """Its SQLite table."""
        return f"dv_{self.name}"

    @property
    def id(self) -> str:
        """The id of its definition."""
        return str(uuid.uuid5(NAMESPACE, self.name))

    def column_id(self, name: str) -> str:
        """The id of a column's definition."""
        return str(uuid.uuid5(NAMESPACE, f"{self.name}.{name}"))

    def by_wire(self, name: str) -> Column | None:
        """The column with this name in answers."""
        if name.startswith("_") and name.endswith("_value"):
            column = self.columns.get(name[1:-6])
            return column if column is not None and column.type in LOOKUPS else None
        column = self.columns.get(name)
        return None if column is None or column.type in LOOKUPS else column

    def navigations(self) -> Iterator[tuple[str, Column, str]]:
        """Every navigation property: name, column, target table."""
        for column in self.columns.values():
            for target in column.targets:
                yield column.navigation(target), column, target


@cache
def standard_tables() -> dict[str, Table]:
    """The tables of `tables.toml`."""
    data = tomllib.loads(files(__package__).joinpath("tables.toml").read_text(encoding="utf-8"))
    return {name: _table(name, spec) for name, spec in data.items()}


def _table(name: str, spec: dict[str, Any]) -> Table:
    lines = {**spec["columns"], **COMMON}
    columns = {column: _column(column, line) for column, line in lines.items()}
    return Table(name, spec["set"], spec["schema"], spec["name"], spec["code"], spec["label"], columns)


def _column(name: str, line: str) -> Column:
    head, _, flags = (part.strip() for part in line.partition("|"))
    kind, _, rest = head.partition(" ")
    if kind in TEXTS:
        return Column(name, kind, max_length=int(rest), flags=flags)
    if kind in CHOICES:
        return Column(name, kind, options=tuple(_option(kind, part.strip()) for part in rest.split(";")), flags=flags)
    if kind == "bool":
        labels = [label.replace("_", " ") for label in rest.split()]
        return Column(name, kind, options=((0, labels[0], None), (1, labels[1], None)), flags=flags)
    if kind == "integer":
        least, most = (int(part) for part in rest.split()) if rest else (LEAST, MOST)
        return Column(name, kind, least=least, most=most, flags=flags)
    if kind in ("money", "decimal"):
        return Column(name, kind, least=-AMOUNT, most=AMOUNT, flags=flags)
    return Column(name, kind, targets=tuple(rest.split()), flags=flags)


def _option(kind: str, text: str) -> tuple[int, str, int | None]:
    number, _, label = text.partition(" ")
    if kind == "choice":
        return int(number), label, None
    label, _, other = label.rpartition(" ")
    return int(number), label, int(other)


@dataclass(frozen=True, slots=True)
class Key:
    """An alternate key; its index is built after it was created."""

    table: str
    schema_name: str
    label: str
    columns: tuple[str, ...]
    active_at: float  # seconds since 1970
    failed: bool = False

    @property
    def name(self) -> str:
        """Its logical name."""
        return self.schema_name.lower()

    @property
    def id(self) -> str:
        """The id of its definition."""
        return str(uuid.uuid5(NAMESPACE, f"key {self.table}.{self.name}"))


_TABLES = """
CREATE TABLE dv_column (table_name TEXT, name TEXT, definition TEXT NOT NULL, PRIMARY KEY (table_name, name)) WITHOUT ROWID;
CREATE TABLE dv_key (table_name TEXT, name TEXT, definition TEXT NOT NULL, PRIMARY KEY (table_name, name)) WITHOUT ROWID;
CREATE TABLE dv_deleted (version INTEGER PRIMARY KEY, table_name TEXT NOT NULL, id TEXT NOT NULL, at REAL NOT NULL);
"""
INDEXED = ("modifiedon", "createdon", "versionnumber")
"""Columns that paging can be ordered by without counting rows again."""


class Schema:
    """Every table's definition, kept in memory; read again when another process changed it."""

    def __init__(self, store: Store) -> None:
        """Create the tables in a new database."""
        self.store = store
        if store.new:
            self.create()
        self.read()

    def create(self) -> None:
        """The tables of an empty environment."""
        for statement in filter(None, (part.strip() for part in _TABLES.split(";"))):
            self.store.run(statement)
        for table in standard_tables().values():
            columns = ", ".join(part for column in table.columns.values() for part in _sql_columns(column))
            self.store.run(f"CREATE TABLE {table.sql} (_row INTEGER PRIMARY KEY, {columns})")
            self.store.run(f"CREATE UNIQUE INDEX {table.sql}_key ON {table.sql} ({table.key})")
            for name in INDEXED:
                self.store.run(f"CREATE INDEX {table.sql}_{name} ON {table.sql} ({name}, {table.key})")
            for column in table.columns.values():
                if column.type == "lookup" and "systemuser" not in column.targets:  # a merge looks for what points to a row
                    self.store.run(f"CREATE INDEX {table.sql}_{column.name} ON {table.sql} ({column.name}) WHERE {column.name} IS NOT NULL")

    def read(self) -> None:
        """Take custom columns and keys from the database."""
        self.tables: dict[str, Table] = {
            name: Table(t.name, t.entity_set, t.schema_name, t.name_column, t.code, t.label, dict(t.columns))
            for name, t in standard_tables().items()
        }
        self.keys: dict[str, dict[str, Key]] = {name: {} for name in self.tables}
        for row in self.store.all("SELECT * FROM dv_column"):
            self.tables[row["table_name"]].columns[row["name"]] = _read_column(orjson.loads(row["definition"]))
        for row in self.store.all("SELECT * FROM dv_key"):
            definition = orjson.loads(row["definition"])
            self.keys[row["table_name"]][row["name"]] = Key(**{**definition, "columns": tuple(definition["columns"])})
        self.by_set = {table.entity_set: table for table in self.tables.values()}

    def add_column(self, table: Table, column: Column) -> None:
        """Create a custom column."""
        self.store.run("INSERT INTO dv_column VALUES (?, ?, ?)", (table.name, column.name, orjson.dumps(asdict(column)).decode()))
        for part in _sql_columns(column):
            self.store.run(f"ALTER TABLE {table.sql} ADD COLUMN {part}")
        table.columns[column.name] = column

    def drop_column(self, table: Table, column: Column) -> None:
        """Remove a custom column and its values."""
        self.store.run("DELETE FROM dv_column WHERE table_name = ? AND name = ?", (table.name, column.name))
        for part in _sql_columns(column):
            self.store.run(f"ALTER TABLE {table.sql} DROP COLUMN {part}")
        del table.columns[column.name]

    def add_key(self, key: Key) -> None:
        """Store an alternate key, and an index to look it up by."""
        self.store.run("INSERT INTO dv_key VALUES (?, ?, ?)", (key.table, key.name, orjson.dumps(asdict(key)).decode()))
        columns = ", ".join(f"{quoted(name)} COLLATE NOCASE" for name in key.columns)
        self.store.run(f"CREATE INDEX {quoted(f'dv_{key.table}_{key.name}')} ON dv_{key.table} ({columns})")
        self.keys[key.table][key.name] = key

    def drop_key(self, key: Key) -> None:
        """Remove an alternate key and its index."""
        self.store.run("DELETE FROM dv_key WHERE table_name = ? AND name = ?", (key.table, key.name))
        self.store.run(f"DROP INDEX {quoted(f'dv_{key.table}_{key.name}')}")
        del self.keys[key.table][key.name]


def _read_column(definition: dict[str, Any]) -> Column:
    options = tuple((value, label, other) for value, label, other in definition["options"])
    return Column(**{**definition, "options": options, "targets": tuple(definition["targets"])})


def _sql_columns(column: Column) -> list[str]:
    names = [quoted(column.name)]
    if column.type in LOOKUPS:
        names.append(quoted(column.target_column))
    return names
