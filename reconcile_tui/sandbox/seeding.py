"""Filling the sandbox from exports: CSV files whose header has the systems' own column names."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.errors import UsageError
from reconcile_tui.sandbox.dataverse.seed import load_rows
from reconcile_tui.sandbox.hubspot.seed import load_records

if TYPE_CHECKING:
    from reconcile_tui.sandbox.sandbox import Sandbox

FILES = {
    "dynamics_accounts.csv": ("dynamics", "account"),
    "dynamics_contacts.csv": ("dynamics", "contact"),
    "dynamics_leads.csv": ("dynamics", "lead"),
    "hubspot_companies.csv": ("hubspot", "companies"),
    "hubspot_contacts.csv": ("hubspot", "contacts"),
}
"""File name -> system and table, in the order they are read."""


def load_folder(sandbox: Sandbox, folder: Path) -> dict[str, int]:
    """Read every file of `FILES` that is there. Raises UsageError."""
    loaded: dict[str, int] = {}
    for name in FILES:
        path = folder / name
        if path.is_file():
            with path.open(encoding="utf-8-sig", newline="") as lines:
                loaded[name] = load_lines(sandbox, name, lines)
    if not loaded:
        raise UsageError(f"{folder} holds none of {', '.join(FILES)}.", todo="Name a folder with seeds.")
    return loaded


def load_lines(sandbox: Sandbox, name: str, lines: Iterable[str]) -> int:
    """Read one file, given as lines; returns the number of records. Raises UsageError naming the line."""
    if name not in FILES:
        raise UsageError(f"{name} is no seed.", todo=f"One of: {', '.join(FILES)}.")
    system, table = FILES[name]
    reader = csv.reader(lines)
    header = [column.strip() for column in next(reader, [])]
    try:
        if system == "dynamics":
            return load_rows(sandbox.dynamics.env, table, header, reader)
        return load_records(sandbox.hubspot.portal, table, header, reader)
    except (ValueError, KeyError, sqlite3.IntegrityError) as error:
        raise UsageError(f"{name}, line {reader.line_num}: {error}.", kept="Nothing was loaded.") from error
