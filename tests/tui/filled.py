"""A workspace filled from the sample data and its answer key, without systems, matching or simulator: the same for every test."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from pathlib import Path
from unittest import mock

from reconcile_tui.model import Column, Page, PulledRecord, Record, Ref
from reconcile_tui.steps import mapping
from reconcile_tui.workspace import Workspace
from reconcile_tui.workspace.forecasts import LedgerCell, LedgerGroup
from reconcile_tui.workspace.matches import NewGroup

SAMPLE = Path(__file__).parents[2] / "sample_data"
AT = "2026-03-01T09:00:00.000Z"

EXPORTS = (
    ("dynamics", "contact", "dynamics_contacts.csv", "contactid", "createdon", "modifiedon"),
    ("dynamics", "lead", "dynamics_leads.csv", "leadid", "createdon", "modifiedon"),
    ("hubspot", "contacts", "hubspot_contacts.csv", "hs_object_id", "createdate", "lastmodifieddate"),
)


def fill(folder: Path, *, extra: list[dict[str, str]] | None = None) -> Path:
    """Make the workspace; `extra` are more HubSpot contacts. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SAMPLE / "reconcile.toml", folder / "reconcile.toml")
    with Workspace.open(folder) as workspace:
        for system, table, name, id_, created, modified in EXPORTS:
            with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            if system == "hubspot":
                rows += [{**dict.fromkeys(rows[0], ""), **row} for row in extra or []]
            _store(workspace, system, table, rows, id_, created, modified)
        _group(workspace)
        mapping.overview(workspace)
    return folder


def _store(workspace: Workspace, system: str, table: str, rows: list[dict[str, str]], id_: str, created: str, modified: str) -> None:
    workspace.records.define(system, table, [Column(name, max_length=100) for name in rows[0]])
    pull = workspace.records.start_pull(system, table, since=None, at=AT)
    records = tuple(
        PulledRecord(
            id=row[id_],
            native={name: value or None for name, value in row.items()},
            created_at=row[created] or None,
            modified_at=row[modified] or None,
            active=row.get("statecode", "0") == "0",
        )
        for row in rows
    )
    workspace.records.store_page(system, Page(table, records, None), pull)
    workspace.records.finish_pull(pull, next_since=None, at=AT, full=True)


def _group(workspace: Workspace) -> None:
    with (SAMPLE / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = [row for row in csv.DictReader(file) if row["group"]]
    keys: dict[str, list[int]] = defaultdict(list)
    classes: dict[str, str] = {}
    for row in truth:
        found = workspace.records.key_of(Ref(row["system"], row["table"], row["id"]))
        assert found is not None, row
        keys[row["group"]].append(found)
        classes[row["group"]] = row["class"]
    for number, (name, members) in enumerate(list(keys.items())):
        if len(members) < 2:
            continue
        _add(workspace, name, classes[name], sorted(members), number)
    workspace.matches.set_risk(_risks(workspace))


def _add(workspace: Workspace, name: str, klass: str, members: list[int], number: int) -> None:
    records = workspace.records.load(members)
    fields = [f.name for f in workspace.project.record_types["contacts"].fields]
    differs = tuple(f for f in fields if len({r.values.get(f) for r in records if r.values.get(f)}) > 1)
    group = NewGroup(
        id=f"g{number:04d}",
        record_type="contacts",
        klass=klass,
        score=round(0.99 - (number % 40) / 100, 2),
        keys=tuple(members),
        systems="+".join(r.ref.system[0].upper() for r in records),
        title=_title(records),
        differs=differs,
        uncertainty=(number % 40) / 40,
        newest=max(r.modified_at or "" for r in records),
    )
    workspace.matches.add_groups([group])


def _title(records: list[Record]) -> str:
    for record in records:
        name = " ".join(v for v in (record.values.get("first_name"), record.values.get("last_name")) if v)
        if name:
            return name
    return records[0].values.get("email") or records[0].ref.id


def _risks(workspace: Workspace) -> list[tuple[str, int, int]]:
    """A ledger: in groups with two records of Dynamics that share an address, every field in which they differ is at stake."""
    risks, ledger = [], []
    for row in workspace.matches.page(limit=1000):
        members = workspace.matches.members(row.id)
        records = workspace.records.load(members)
        mine = [r for r in records if r.ref.system == "dynamics"]
        if len(mine) < 2 or len({r.values.get("email") for r in mine}) != 1:
            continue
        cells = tuple(
            LedgerCell(mine[0].key, field, "order_dependent", mine[0].values.get(field), (mine[1].values.get(field),), (mine[1].key,))
            for field in row.differs
            if mine[0].values.get(field) and mine[0].values.get(field) != mine[1].values.get(field)
        )
        ledger.append(LedgerGroup(f"c-{row.id}", "contacts", row.id, False, True, members, cells))
        risks.append((row.id, len(cells), sum(c.field == "opt_out" for c in cells)))
    totals = {
        "groups": len(ledger), "confluent_groups": 0, "cells_certain": 0,
        "cells_order_dependent": sum(len(g.cells) for g in ledger), "records_at_risk": len(ledger),
    }  # fmt: skip
    with mock.patch("reconcile_tui.workspace.forecasts.now", return_value=AT):
        workspace.forecasts.replace("now", ledger, totals, profile="good-faith-upsert")
    return risks
