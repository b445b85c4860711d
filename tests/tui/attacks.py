"""A workspace in which every attack stands wherever a CRM, or what came of one, can put a text."""

from __future__ import annotations

from pathlib import Path

from reconcile_tui.model import Ref
from reconcile_tui.steps import check, decide, plan
from reconcile_tui.workspace import Workspace
from reconcile_tui.workspace.forecasts import LedgerCell, LedgerGroup
from reconcile_tui.workspace.matches import NewGroup
from tests.tui.filled import fill

ATTACKS = {
    "9001": "[@click=app.quit]x[/] [bold]Bob [/]",
    "9002": "a\x1b]52;c;aGFja2Vk\x07b\x1b[2J\x1b]0;owned\x07",
    "9003": "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "9004": "\u202egnp.exe\u2066x\u2069 \u200f\ufeff",
    "9005": "\x9b31mC1\x85\x90q\x9c NUL\x00 tab\t line\nbreak\r",
    "9006": "👩‍👩‍👧‍👦 🏳️‍🌈 " + "é" * 5,
    "9007": "漢" * 400_000 + "字",
    "9008": "x" * 1_000_000,
}
WORST = "\x1b]52;c;aGFja2Vk\x07\x1b[31m\u202e\x9b2J\x00[/][@click=app.quit]"
"""Several in a few characters, for texts that are shown in short."""


def attack(folder: Path) -> Path:
    """Make it: in names, titles, notes, the forecast, findings, a plan, a run, its report and what reading back found."""
    fill(folder, extra=[_contact(number, value) for number, value in ATTACKS.items()])
    with Workspace.open(folder) as workspace:
        keys = {number: workspace.records.key_of(Ref("hubspot", "contacts", number)) or 0 for number in ATTACKS}
        _groups(workspace, keys)
        _forecast(workspace, keys)
        _findings(workspace)
        _plan_and_run(workspace)
    return folder


def _contact(number: str, value: str) -> dict[str, str]:
    return {
        "hs_object_id": number, "email": f"attack{number}@hostile.test", "firstname": WORST + value, "lastname": value[::-1][:50],
        "jobtitle": value, "company": value, "lifecyclestage": "customer", "createdate": "2026-01-01T00:00:00Z",
        "lastmodifieddate": "2026-01-01T00:00:00Z",
    }  # fmt: skip


def _groups(workspace: Workspace, keys: dict[str, int]) -> None:
    """Each attack beside the first one; the first one alone."""
    workspace.matches.add_groups(
        NewGroup(
            f"h{number}", "contacts", "differs", 0.999, (keys[number], keys["9001"]) if number != "9001" else (keys[number],), "H+H",
            WORST + value, ("first_name",), 1.0, "2026",
        )
        for number, value in ATTACKS.items()
    )  # fmt: skip
    for number, value in ATTACKS.items():
        decide.note(workspace, f"h{number}", WORST + value[:5000])
        workspace.matches.assign(f"h{number}", WORST)


def _forecast(workspace: Workspace, keys: dict[str, int]) -> None:
    ledger = [
        LedgerGroup(
            f"c-h{number}", "contacts", f"h{number}", False, True, (keys[number], keys["9001"]),
            (LedgerCell(keys[number], "first_name", "certain", WORST + value, (value, WORST), (keys["9001"],)),),
        )
        for number, value in ATTACKS.items()
    ]  # fmt: skip
    totals = {"groups": 8, "confluent_groups": 0, "cells_certain": 8, "cells_order_dependent": 0, "records_at_risk": 8}
    for side in ("now", "after"):
        workspace.forecasts.replace(side, ledger, totals, profile=WORST)
    workspace.matches.set_risk([(f"h{number}", 99, 9) for number in ATTACKS])


def _findings(workspace: Workspace) -> None:
    """The checks find the attacks by themselves."""
    found = {finding.check: finding.rows for finding in check.check(workspace).findings}
    assert found["F16"]


def _plan_and_run(workspace: Workspace) -> None:
    decide.decide(workspace, "h9002", "merge", note=WORST)
    made = plan.make(workspace)
    workspace.runs.keep_plan(made.digest, made.to_json())
    workspace.settings.set("tui.plan", made.digest)
    workspace.settings.set("tui.plan.summary", WORST)
    run = workspace.runs.start(made.digest)
    workspace.runs.record(run, 1, "outcome", {"outcome": "refused", "detail": WORST})
    workspace.runs.finish(run)
    ref = Ref("hubspot", "contacts", "9002").as_json()
    difference = {"record": {**ref, "id": WORST}, "field": WORST, "planned": WORST, "found": WORST}
    workspace.settings.set(f"tui.verified.{run}", {"as_planned": False, "differences": [difference]})
