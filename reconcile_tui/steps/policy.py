"""Policy: P1 to P10 as files. Nothing is sent anywhere; what has an API form stands there as requests, and goes
into a plan with `plan --set-up`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.readiness.report.content import Report
from reconcile_tui.steps import report as reporting
from reconcile_tui.steps.policies import filters, prevention, rules, sign_off

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

Artefact = tuple[str, str, Callable[["Workspace", Report], str]]


def write(ws: Workspace, folder: Path) -> list[tuple[Path, str]]:
    """Write every artefact into a folder (made 0700 when it is new, files 0600). Returns (file, what it is). Raises ProjectError."""
    report = reporting.build(ws)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = []
    for name, what, make in ARTEFACTS:
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(make(ws, report), encoding="utf-8", newline="")
        written.append((path, what))
    return written


ARTEFACTS: tuple[Artefact, ...] = (
    ("P1-duplicate-detection-rules.md", "Duplicate detection rules for Dynamics, explained", prevention.duplicate_rules_text),
    ("P1-duplicate-detection-rules.json", "The same as Web API requests", prevention.duplicate_rules_json),
    ("P2-alternate-keys.json", "Alternate keys for Dynamics as Web API requests", prevention.alternate_keys),
    ("P3-unique-properties.json", "Unique properties for HubSpot as API requests", prevention.unique_properties),
    ("P4-eligibility.md", "Eligibility filters in four dialects, with counts", filters.filters_text),
    ("P4-eligibility.json", "The same for programs", filters.filters_json),
    ("P4-left-out.csv", "Records left out of the sync by decision", filters.excluded_sheet),
    ("P5-field-map.csv", "The field map as a sheet", rules.field_map),
    ("P6-survivorship.md", "Which record and which value stay", rules.survivorship),
    ("P7-connector.md", "How the connector is to be set", rules.connector),
    ("P8-questionnaire.md", "The four questions, filled in from the data", sign_off.questionnaire),
    ("P8-questionnaire.json", "The questionnaire's answers", sign_off.questionnaire_json),
    ("P9-playbook.md", "How new duplicates are kept out", prevention.playbook),
    ("P10-sign-off.md", "The sign-off report as Markdown", sign_off.sign_off),
    ("P10-decisions.csv", "Every decision, each line hashed with all before it", sign_off.decisions),
    ("P10-accepted-risks.csv", "Risks accepted by name", sign_off.accepted),
)
"""Every file of the policy: name, what it is, how it is made."""
