"""`reconcile.toml`: systems, record types, eligibility, field map, matching and the profile of the sync to be launched.

The file holds no secrets and is safe to commit.
"""

from reconcile_tui.project.bound import MappedField, Project, RecordType
from reconcile_tui.project.kinds import FieldKind
from reconcile_tui.project.reading import FILE_NAME, load, parse
from reconcile_tui.project.settings import (
    EMBEDDED,
    ComparisonSettings,
    FieldSettings,
    MatchingSettings,
    ProjectSettings,
    RecordTypeSettings,
    SyncSettings,
    SystemSettings,
)

__all__ = [
    "EMBEDDED",
    "FILE_NAME",
    "ComparisonSettings",
    "FieldKind",
    "FieldSettings",
    "MappedField",
    "MatchingSettings",
    "Project",
    "ProjectSettings",
    "RecordType",
    "RecordTypeSettings",
    "SyncSettings",
    "SystemSettings",
    "load",
    "parse",
]
