"""Mapping: the field map with what the data say about it, edits kept in the project file, and what another filter would do.

An edit changes the TOML file only, comments and order kept; the caller opens the workspace anew to work with it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import ProjectError, UsageError
from reconcile_tui.project import FILE_NAME, Project, parse

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

    from reconcile_tui.model import Ref
    from reconcile_tui.readiness.field_facts import FieldFacts
    from reconcile_tui.workspace import Workspace

EDITABLE = ("direction", "transform", "blank", "survivorship", "create_only", "label", "block", "kind")
"""Settings of a field that `edit` changes."""

SAMPLE = 20
"""Records named per kind of change in a what-if."""


def facts(ws: Workspace) -> list[FieldFacts]:
    """Every field of the map with fill rates, notations, agreement and the checks that name it. Computes from the columns."""
    from reconcile_tui.readiness.field_facts import field_facts
    from reconcile_tui.steps.checking import feeding
    from reconcile_tui.workspace.checks import Checks

    named: dict[str, dict[str, int]] = {}
    for finding in Checks(ws).findings():
        for _, detail in finding.rows:
            if field := detail.get("field"):
                counts = named.setdefault(field, {})
                counts[finding.check] = counts.get(finding.check, 0) + 1
    return field_facts(feeding.context(ws), named)


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

    return _rewritten(ws.folder / FILE_NAME, change)


def set_eligible(ws: Workspace, record_type: str, system: str, predicate: str, *, table: str | None = None) -> Project:
    """Write the predicate for leaving a system (of one table, or of all). Raises UsageError, ProjectError."""
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

    return _rewritten(ws.folder / FILE_NAME, change)


def _tried(ws: Workspace, record_type: str, system: str, table: str | None, predicate: str) -> None:
    if record_type not in ws.project.record_types:
        raise UsageError(f"There is no record type {record_type!r}.", todo=f"Known: {', '.join(ws.project.record_types)}.")
    for name in [table] if table else ws.project.record_types[record_type].tables[system]:
        ws.records.eligible_keys(system, name, predicate)


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


def _rewritten(path: Path, change: Callable[[TOMLDocument], None]) -> Project:
    """The file with a change, validated before it takes the old one's place, whole or not at all."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        change(document)
        text = tomlkit.dumps(document)
    except (OSError, TOMLKitError) as error:
        raise ProjectError(f"{path} can't be edited: {error}.", kept="Nothing was changed.", todo="Correct the file by hand.") from error
    project = parse(text, path)
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
    return project


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What another predicate for leaving a system would change. The lists name the first records; the counts are exact."""

    system: str
    table: str
    predicate: str
    eligible_now: int
    eligible_then: int
    enters: int
    leaves: int
    leaks: int  # leave the filter but keep syncing, because filters count for the first sync only
    creates: int  # enter and have no counterpart yet
    collides: int  # enter and share their address with another record that takes part
    entering: tuple[Ref, ...] = ()
    leaving: tuple[Ref, ...] = ()
    colliding: tuple[Ref, ...] = ()


def what_if(ws: Workspace, system: str, table: str, predicate: str) -> WhatIf:
    """Ask the data what a predicate would do, before it is written anywhere. Raises ProjectError naming what is wrong with it."""
    from reconcile_tui.readiness.eligibility_what_if import compare
    from reconcile_tui.steps.checking import feeding

    then = ws.records.eligible_keys(system, table, predicate)
    record_type = ws.project.record_type_of(system, table)
    context = feeding.context(ws, only=record_type.name, with_plan=False)
    found = compare(context, record_type.name, system, table, then)
    named = ws.records.refs(found.entering + found.leaving + found.colliding)
    return WhatIf(
        system, table, predicate, found.eligible_now, found.eligible_then, found.enters, found.leaves, found.leaks, found.creates,
        found.collides, *(tuple(named[key] for key in keys) for keys in (found.entering, found.leaving, found.colliding)),
    )  # fmt: skip
