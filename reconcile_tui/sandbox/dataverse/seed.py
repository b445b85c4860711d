"""Filling tables from exported rows."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconcile_tui.sandbox.clock import iso_seconds, parse_moment
from reconcile_tui.sandbox.dataverse import rows
from reconcile_tui.sandbox.dataverse.environment import PUBLISHER, USER, Environment
from reconcile_tui.sandbox.dataverse.schema import CHOICES, LOOKUPS, NAMESPACE, Column, Table
from reconcile_tui.sandbox.insertion import insert_all
from reconcile_tui.sandbox.store import Row


def users(env: Environment) -> None:
    """The user that requests run as, and the publisher whose prefix is `new`."""
    user = {"firstname": "Sandbox", "lastname": "Steward", "internalemailaddress": "steward@example.test"}
    rows.create(env, env.schema.tables["systemuser"], user, USER)
    publisher = {"friendlyname": "Default Publisher", "uniquename": "DefaultPublisher", "customizationprefix": "new"}
    rows.create(env, env.schema.tables["publisher"], publisher, PUBLISHER)


def load_rows(env: Environment, table_name: str, header: Sequence[str], lines: Iterable[Sequence[Any]]) -> int:
    """Insert Dataverse rows; a column that isn't known becomes a custom text column. Raises ValueError."""
    table = env.schema.tables[table_name]
    columns = [_dataverse_column(env, table, name) for name in header]
    return insert_all(env.store, table.sql, _rows(env, table, columns, lines))


def _dataverse_column(env: Environment, table: Table, name: str) -> Column:
    plain = name[1:-6] if name.startswith("_") and name.endswith("_value") else name
    plain = plain.lower()
    if plain not in table.columns:
        if not re.fullmatch(r"[a-z][a-z0-9]{1,7}_[a-z0-9_]+", plain):
            raise ValueError(f"{name!r} is no column of {table.name}, and without a prefix it can't be a custom one")
        env.schema.add_column(table, Column(plain, "text", max_length=100, schema_name=name, label=name, custom=True))
    return table.columns[plain]


def _rows(env: Environment, table: Table, columns: Sequence[Column], lines: Iterable[Sequence[Any]]) -> Iterator[Row]:
    """Complete rows: defaults, computed columns and a version each. Columns that stay empty are not named, which keeps this quick."""
    version = env.version()
    defaults = _defaults(table, columns, env.now())
    lookups = [column for column in columns if column.type == "lookup"]
    statuses = (
        {state: status for status, _, state in reversed(table.columns["statuscode"].options)} if "statuscode" in table.columns else {}
    )
    convert: list[Callable[[Any], Any]] = [_CONVERT.get(column.type, str) for column in columns]
    names = [column.name for column in columns]
    for line in lines:
        if not line:
            continue
        if len(line) != len(names):
            raise ValueError(f"{len(names)} values were expected, {len(line)} found")
        row = dict(defaults)
        for name, make, value in zip(names, convert, line, strict=True):
            if value != "" and value is not None:
                row[name] = make(value)
        version += 1
        _complete(table, row, version, statuses)
        for column in lookups:
            if row[column.name] is not None:
                row[column.target_column] = _target(env, column, row[column.name])
        yield row
    env.store.raise_to("dataverse_version", version)


def _defaults(table: Table, columns: Sequence[Column], now: str) -> Row:
    """What every row has, and an empty place for what the header names."""
    defaults: Row = dict.fromkeys([table.key, "versionnumber", *(column.name for column in columns)])
    defaults.update({column.target_column: None for column in columns if column.type in LOOKUPS})
    defaults.update({name: 0 for name, column in table.columns.items() if column.type == "bool"})
    for name in ("ownerid", "createdby", "modifiedby"):
        defaults.update({name: USER, f"{name}__table": "systemuser"})
    defaults.update(createdon=now, modifiedon=now)
    if "statecode" in table.columns:
        defaults.update(statecode=0, statuscode=None)
    if "fullname" in table.columns:
        defaults["fullname"] = None
    return defaults


def _complete(table: Table, row: Row, version: int, statuses: Mapping[int | None, int]) -> None:
    if row[table.key] is None:
        row[table.key] = str(uuid.uuid5(NAMESPACE, f"{table.name} {version}"))
    row["versionnumber"] = version
    if statuses and row["statuscode"] is None:
        row["statuscode"] = statuses[row["statecode"]]
    if "fullname" in row:
        row["fullname"] = " ".join(filter(None, (row.get("firstname"), row.get("middlename"), row.get("lastname")))) or None


def _target(env: Environment, column: Column, record_id: str) -> str:
    """Which of a lookup's tables holds the record; contacts come after accounts, so an unknown one is a contact."""
    for name in column.targets[:-1]:
        if rows.fetch(env, env.schema.tables[name], record_id) is not None:
            return name
    return column.targets[-1]


def _id(value: Any) -> str:
    return str(value).strip("{} ").lower()


def _bool(value: Any) -> int:
    text = str(value).strip().lower()
    if text not in ("true", "false", "1", "0", "yes", "no"):
        raise ValueError(f"{value!r} is neither true nor false")
    return int(text in ("true", "1", "yes"))


def _moment(value: Any) -> str:
    return iso_seconds(parse_moment(str(value))) if len(value) != 20 or value[-1] != "Z" else str(value)


def _date(value: Any) -> str:
    return _moment(value)[:10]


_CONVERT: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys((*CHOICES, "integer", "bigint"), int),
    **dict.fromkeys(("key", "lookup", "owner"), _id),
    "bool": _bool,
    "money": float,
    "decimal": float,
    "datetime": _moment,
    "date": _date,
}
"""From CSV text to the stored value, by column type."""
