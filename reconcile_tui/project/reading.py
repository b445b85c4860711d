"""Reading `reconcile.toml`: from its text to a project, or to a message that names the key, the line and the nearest valid name."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from reconcile_tui.errors import ProjectError
from reconcile_tui.project.bound import Project
from reconcile_tui.project.settings import (
    ComparisonSettings,
    FieldSettings,
    MatchingSettings,
    ProjectSettings,
    RecordTypeSettings,
    SyncSettings,
    SystemSettings,
    nearest,
)

FILE_NAME = "reconcile.toml"


def load(folder: Path) -> Project:
    """Read `reconcile.toml` of a workspace folder. Raises ProjectError."""
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ProjectError(
            f"There is no {FILE_NAME} in {folder}.",
            todo="Run `reconcile-tui init` there, `reconcile-tui demo` to try it out, or name a workspace with -C DIR.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path} can't be read: {error}.", todo="Check the file and its permissions.") from error
    return parse(text, path)


def parse(text: str, path: Path | None = None) -> Project:
    """Validate the text of a project file. Raises ProjectError naming key and line."""
    shown = str(path or FILE_NAME)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(f"{shown} is not valid TOML: {error}.", todo="Correct that line; nothing was changed.") from error
    try:
        return Project(ProjectSettings.model_validate(_shaped(data)), path)
    except ValidationError as error:
        raise ProjectError(_explain(error, text, shown), todo="Correct the file; nothing was changed.") from error


def _shaped(data: dict[str, Any]) -> dict[str, Any]:
    """Move what stands under system names (`dynamics = …`) into one mapping each, and fill the defaults of kinds."""
    head = data.pop("project", {})
    shaped: dict[str, Any] = {**(head if isinstance(head, dict) else {"project": head}), **data}
    systems = shaped.get("systems")
    if not isinstance(systems, dict):
        return shaped
    shaped["systems"] = {name: {"kind": name, **settings} if isinstance(settings, dict) else settings for name, settings in systems.items()}
    types = shaped.get("record_types")
    if isinstance(types, dict):
        shaped["record_types"] = {name: _shaped_type(raw, list(systems)) for name, raw in types.items()}
    return shaped


def _shaped_type(raw: Any, systems: list[str]) -> Any:
    if not isinstance(raw, dict):
        return raw
    rest = {key: value for key, value in raw.items() if key not in systems}
    rest["tables"] = {key: raw[key] for key in systems if key in raw}
    fields = rest.get("fields")
    if isinstance(fields, list):
        rest["fields"] = [_shaped_field(f, systems) for f in fields]
    return rest


def _shaped_field(raw: Any, systems: list[str]) -> Any:
    if not isinstance(raw, dict):
        return raw
    rest = {key: value for key, value in raw.items() if key not in systems}
    rest["systems"] = {key: raw[key] for key in systems if key in raw}
    return rest


def _explain(error: ValidationError, text: str, shown: str) -> str:
    lines = []
    for problem in error.errors():
        path = tuple(str(part) for part in problem["loc"] if part != "systems" or problem["loc"][0] == "systems")
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = f"unknown key {path[-1]!r}. {nearest(path[-1], _valid_keys(path))}"
        elif not path and ": " in message:
            where, message = message.split(": ", 1)
            path = tuple(where.split("."))
        line = _line_of(text, path)
        lines.append(f"{shown}{f', line {line}' if line else ''}: {'.'.join(path)}: {message}")
    return "\n".join(lines)


def _valid_keys(path: tuple[str, ...]) -> list[str]:
    by_place: list[tuple[str, type[BaseModel]]] = [
        (r"record_types\.[^.]+\.fields\..*", FieldSettings),
        (r"record_types\.[^.]+\..*", RecordTypeSettings),
        (r"systems\.[^.]+\..*", SystemSettings),
        (r"matching\.[^.]+\.comparisons\..*", ComparisonSettings),
        (r"matching\.[^.]+\..*", MatchingSettings),
        (r"sync\..*", SyncSettings),
    ]
    joined = ".".join(path)
    model = next((m for pattern, m in by_place if re.fullmatch(pattern, joined)), ProjectSettings)
    return list(model.model_fields)


def _line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line a key path is written on, as well as a scan of headers and keys can tell (TOML parsers drop positions)."""
    best: tuple[int, int | None] = (0, None)
    table: list[str] = []
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if header := re.match(r"\[\[(.+?)\]\]|\[(.+?)\]", stripped):
            name = header.group(1) or header.group(2)
            table = [part.strip().strip("\"'") for part in name.split(".")]
            if header.group(1):
                counts[name] = counts.get(name, -1) + 1
                table.append(str(counts[name]))
            table = [] if table == ["project"] else table
            here = table
        elif key := re.match(r"([\w\-.\"']+)\s*=\s*(\"[^\"]*\")?", stripped):
            here = [*table, *(part.strip("\"'") for part in key.group(1).split("."))]
            if here[-1] == "name" and key.group(2) and "fields" in here:
                table = [*table[:-1], key.group(2).strip('"')] if path[-2:-1] == (key.group(2).strip('"'),) else table
        else:
            continue
        depth = 0
        while depth < min(len(here), len(path)) and here[depth] == path[depth]:
            depth += 1
        if depth > best[0]:
            best = (depth, number)
    return best[1]
