"""The page docs/project-file.md, written from the settings models: python -m reconcile_tui.project.reference > docs/project-file.md"""

from __future__ import annotations

import sys
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from reconcile_tui.project.kinds import FieldKind
from reconcile_tui.project.settings import (
    ComparisonSettings,
    FieldSettings,
    MatchingSettings,
    ProjectSettings,
    RecordTypeSettings,
    Strict,
    SyncSettings,
    SystemSettings,
)

TABLES: tuple[tuple[str, type[Strict], str], ...] = (
    ("[project]", ProjectSettings, "The workspace as a whole."),
    ("[systems.<name>]", SystemSettings, "One or two systems. The first one is the side that transforms map from."),
    ("[record_types.<name>]", RecordTypeSettings, "Which tables are the same kind of record (Q1), and which records may leave (Q2)."),
    ("[[record_types.<name>.fields]]", FieldSettings, "One field of the map (Q3)."),
    ("[matching.<record type>]", MatchingSettings, "Who is the same person (Q4). All of it may be left out."),
    ("[[matching.<record type>.comparisons]]", ComparisonSettings, "How fields are compared; see [matching](matching.md) for the kinds."),
    ("[sync]", SyncSettings, "The sync that is to be launched."),
)
"""Header in the file, its model, and what it is for, in the file's order."""


def page() -> str:
    """The project file, table by table."""
    kinds = ", ".join(f"`{kind}`" for kind in get_args(FieldKind))
    parts = [_HEAD, *(_table(*entry) for entry in TABLES), f"## Kinds of fields\n\n{kinds}.\n"]
    return "\n".join(parts)


def _table(header: str, model: type[Strict], what: str) -> str:
    rows = [_row(name, info) for name, info in model.model_fields.items() if info.description]
    return "\n".join([f"## `{header}`\n", f"{what}\n", "| key | default | meaning |", "|---|---|---|", *rows, ""])


def _row(name: str, info: FieldInfo) -> str:
    key = "*the systems' names*" if name in ("systems", "tables") else f"`{name}`"
    return f"| {key} | {_default(info)} | {info.description}{_choices(info)} |"


def _default(info: FieldInfo) -> str:
    if info.default is PydanticUndefined:
        return "" if info.default_factory or "left out" in str(info.description) else "*required*"
    if info.default in ("", None, ()):
        return ""
    return f"`{str(info.default).lower() if isinstance(info.default, bool) else info.default}`"


def _choices(info: FieldInfo) -> str:
    if get_origin(info.annotation) is not Literal:
        return ""
    return " One of " + ", ".join(f"`{choice}`" for choice in get_args(info.annotation)) + "."


_HEAD = """# The project file

`reconcile.toml` in the workspace's folder says what is to be kept in sync and how; `reconcile-tui init` writes a first one. It holds no
secrets and can be committed: those come from the environment or the system's keyring. A name that is not known here is refused, with its
line and the nearest one that is. The sample data's file (`sample_data/reconcile.toml`) is a complete one with comments.
"""


if __name__ == "__main__":
    sys.stdout.write(page())
