"""Edits of the project file: one setting at a time, comments and order kept, tried before anything is written.

An edit changes the TOML file only; the caller goes on with the project it returns.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import ProjectError, UsageError
from reconcile_tui.project import FILE_NAME, Project, parse

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

    from reconcile_tui.workspace import Workspace

EDITABLE = ("direction", "transform", "blank", "survivorship", "create_only", "label", "block", "kind", "opted_out")
"""Settings of a field that `edit` changes."""

_NO_ROW = -1
"""Asking about it alone makes SQLite look at a predicate whole and at no record; about no row at all it would not look at it."""

Change = Callable[["TOMLDocument"], None]


def edit(ws: Workspace, record_type: str, field: str, **changes: Any) -> Project:
    """Change settings of a field in the project file; None removes a setting. Raises UsageError, ProjectError; then nothing is changed.

    Returns the project as the file now says.
    """
    unknown = [name for name in changes if name not in EDITABLE]
    if unknown:
        raise UsageError(f"{unknown[0]!r} can't be edited here.", todo=f"Known: {', '.join(EDITABLE)}.")

    def change(document: TOMLDocument) -> None:
        entry = _entry(document, record_type, field)
        for name, value in changes.items():
            if value is None:
                entry.pop(name, None)
            else:
                entry[name] = _inline(value)

    text, project = changed(ws.folder / FILE_NAME, change)
    _rule_exists(project, record_type, field)
    _replaced(ws.folder / FILE_NAME, text)
    return project


def _rule_exists(project: Project, record_type: str, field: str) -> None:
    from reconcile_tui.stewardship.survivorship import rule_for

    rule_for(project.record_types[record_type].field(field), project.first)


def set_eligible(ws: Workspace, record_type: str, system: str, predicate: str, *, table: str | None = None) -> Project:
    """Write the predicate for leaving a system (of one table, or of all). Raises UsageError, ProjectError."""
    path = ws.folder / FILE_NAME
    text, project = changed(path, eligibility(ws, record_type, system, predicate, table))
    _replaced(path, text)
    return project


def eligibility(ws: Workspace, record_type: str, system: str, predicate: str, table: str | None) -> Change:
    """The change of a predicate, tried on the records first. Raises UsageError, ProjectError."""
    other = ws.project.other(system)
    if other is None or system not in ws.project.systems:
        raise UsageError(f"{system!r} is no system of this project.", todo=f"Known: {', '.join(ws.project.systems)}.")
    _tried(ws, record_type, system, table, predicate)
    key = f"{system}_to_{other}"

    def change(document: TOMLDocument) -> None:
        types: Any = document["record_types"]
        settings = types[record_type]
        if "eligible" not in settings:
            settings["eligible"] = {}
        eligible = settings["eligible"]
        tables = ws.project.record_types[record_type].tables[system]
        if table is None or len(tables) == 1:
            eligible[key] = predicate
            return
        present = eligible.get(key)
        if present is None or isinstance(present, str):
            eligible[key] = {name: present for name in tables if present is not None}
        eligible[key][table] = predicate

    return change


def _tried(ws: Workspace, record_type: str, system: str, table: str | None, predicate: str) -> None:
    if record_type not in ws.project.record_types:
        raise UsageError(f"There is no record type {record_type!r}.", todo=f"Known: {', '.join(ws.project.record_types)}.")
    for name in [table] if table else ws.project.record_types[record_type].tables[system]:
        ws.records.eligible_keys(system, name, predicate)


def misfit(ws: Workspace, system: str, table: str, predicate: str) -> str:
    """Why a predicate can't be used on a table, asked without reading a record; empty when it can."""
    from reconcile_tui.workspace import eligibility

    try:
        eligibility.rows(ws.path, ws.records.table(system, table).storage, predicate, [_NO_ROW])
    except ProjectError as error:
        return f"That can't be used: {error.__cause__}."
    return ""


def _entry(document: TOMLDocument, record_type: str, field: str) -> Any:
    types: Any = document.get("record_types", {})
    entries = types.get(record_type, {}).get("fields", [])
    found = next((entry for entry in entries if entry.get("name") == field), None)
    if found is None:
        raise UsageError(f"There is no field {field!r} in {record_type!r}.", todo="The names stand in the project file.")
    return found


def _inline(value: Any) -> Any:
    import tomlkit

    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, entry in value.items():
            table[key] = _inline(entry)
        return table
    return value


def changed(path: Path, change: Change) -> tuple[str, Project]:
    """The file's text with a change, and the project it makes; nothing is written. Raises ProjectError."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        change(document)
        text = tomlkit.dumps(document)
    except (OSError, TOMLKitError) as error:
        raise ProjectError(f"{path} can't be edited: {error}.", kept="Nothing was changed.", todo="Correct the file by hand.") from error
    return text, parse(text, path)


def _replaced(path: Path, text: str) -> None:
    """Put the text in the file's place, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
