"""Mapping: the field map and the eligibility rules with what the data say about them.

The facts of a million records take a while to compute, so they are kept with what they were computed from: a pull, and the project file.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.project import FILE_NAME
from reconcile_tui.steps.progress import Listener, Stage, Stop, never, silent
from reconcile_tui.workspace.checks import Checks

if TYPE_CHECKING:
    from reconcile_tui.readiness.context import Context
    from reconcile_tui.readiness.field_facts import FieldFacts
    from reconcile_tui.workspace import Workspace

_KEPT = "mapping.facts"


@dataclass(frozen=True, slots=True)
class Eligible:
    """One table: who may leave its system."""

    record_type: str
    system: str
    table: str
    predicate: str  # empty: every active record
    eligible: int
    records: int  # live ones, merged-away ones left out


@dataclass(frozen=True)
class Overview:
    """The field map and eligibility with the facts of one pull."""

    fields: tuple[FieldFacts, ...]
    eligible: tuple[Eligible, ...]

    def as_json(self) -> dict[str, Any]:
        """For `mapping --json` and the screen."""
        return {"fields": [facts.as_json() for facts in self.fields], "eligible": [asdict(line) for line in self.eligible]}


def overview(ws: Workspace, progress: Listener = silent, *, stop: Stop = never) -> Overview:
    """Every field with fill rates, notations, agreement and the checks that name it, and every table with its filter; kept for `kept`.

    Raises ProjectError, Interrupted.
    """
    from reconcile_tui.steps.checking import feeding

    stage = Stage("read the columns", progress, stop, total=2)
    context = feeding.context(ws, with_plan=False)
    stage.advance()
    found = Overview(tuple(_facts(ws, context)), tuple(_eligible(context)))
    stage.advance()
    if ws.mode != "read":
        ws.settings.set(_KEPT, {"of": basis(ws), **found.as_json()})
    return found


def facts(ws: Workspace) -> list[FieldFacts]:
    """Every field of the map with its facts. Computes from the columns."""
    from reconcile_tui.steps.checking import feeding

    return _facts(ws, feeding.context(ws, with_plan=False))


def kept(ws: Workspace) -> tuple[dict[str, Any] | None, bool]:
    """The overview computed last as JSON, and whether it is of the present pull and project file."""
    found: dict[str, Any] | None = ws.settings.get(_KEPT)
    return found, found is not None and found["of"] == basis(ws)


def basis(ws: Workspace) -> str:
    """What the facts depend on: the newest pull, the newest run of the checks, the project file."""
    path = ws.folder / FILE_NAME
    text = path.read_bytes() if path.exists() else b""
    last = Checks(ws).last_run()
    return f"{Checks(ws).newest_pull()}/{last['id'] if last else 0}/{hashlib.sha256(text).hexdigest()[:16]}"


def _facts(ws: Workspace, context: Context) -> list[FieldFacts]:
    from reconcile_tui.readiness.field_facts import field_facts

    named: dict[str, dict[str, int]] = {}
    for finding in Checks(ws).findings():
        for _, detail in finding.rows:
            if field := detail.get("field"):
                counts = named.setdefault(field, {})
                counts[finding.check] = counts.get(finding.check, 0) + 1
    return field_facts(context, named)


def _eligible(context: Context) -> list[Eligible]:
    return [
        Eligible(
            record_type.name,
            table.system,
            table.name,
            record_type.eligible.get(table.system, {}).get(table.name, ""),
            int(table.eligible.sum()),
            int((~table.merged).sum()),
        )
        for record_type, table in context.tables()
    ]
