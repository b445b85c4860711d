"""A real workspace of two large CRMs with collision groups: what `reconcile-tui simulate` starts from. Seeded.

Dynamics contacts share an address with one HubSpot contact in groups of two to five: half of them copies of one person in which some
values are unlike, half different people (a shared mailbox). Three quarters of the others have a counterpart, and two values in a
hundred differ there. Twenty fields travel.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.readiness.records import PAGE, SAMPLE, dynamics, hubspot, person
from reconcile_tui.model import Column, Page, PulledRecord
from reconcile_tui.workspace import Workspace

MORE_FIELDS = ("salutation", "department", "fax", "assistant")
"""Four fields more than the sample project's sixteen that travel."""
UNLIKE = {"copies": 0.15, "pairs": 0.02}


def project_text() -> str:
    """The sample project with twenty travelling fields."""
    text = SAMPLE.read_text(encoding="utf-8")
    for name in MORE_FIELDS:
        text += f'\n[[record_types.contacts.fields]]\nname = "{name}"\ndynamics = {{ contact = "{name}" }}\nhubspot = "{name}"\n'
    return text


def build(folder: Path, records: int, groups: int, *, seed: int = 20_261_123) -> None:
    """Write the workspace; several minutes for a million records per system."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reconcile.toml").write_text(project_text(), encoding="utf-8")
    people = _people(records, groups, seed)
    with Workspace.open(folder) as ws:
        ws.db.execute("PRAGMA synchronous = OFF")
        _store(ws, "dynamics", "lead", iter(()), _dynamics(0, 0, 0, seed))
        _store(
            ws, "dynamics", "contact", (_dynamics(n, who, kind, seed) for n, (who, kind) in enumerate(people[0])), _dynamics(0, 0, 0, seed)
        )
        _store(ws, "hubspot", "contacts", (_hubspot(who, seed) for who in people[1]), _hubspot(0, seed))


def _people(records: int, groups: int, seed: int) -> tuple[list[tuple[int, int]], list[int]]:
    """Per Dynamics contact (person whose address it has, 0 alone, 1 a copy, 2 another person); per HubSpot contact the person."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([2, 3, 4, 5], groups, p=[0.7, 0.2, 0.07, 0.03])
    crowd = np.repeat(np.arange(groups), sizes)
    kind = np.repeat(1 + (np.arange(groups) % 2), sizes)
    alone = np.arange(groups, groups + records - len(crowd))
    who = np.concatenate([np.stack([crowd, kind], axis=1), np.stack([alone, np.zeros(len(alone), int)], axis=1)])
    rng.shuffle(who)
    paired = alone[: int(len(alone) * 0.75)]
    others = np.arange(alone[-1] + 1, alone[-1] + 1 + records - groups - len(paired))
    second = np.concatenate([np.arange(groups), paired, others])
    rng.shuffle(second)
    return [(int(a), int(b)) for a, b in who], second.tolist()


def _more(who: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    return {
        "salutation": rng.choice(("Mr", "Ms", "Dr")),
        "department": f"Unit {rng.randrange(200)}",
        "fax": f"0{who['phone']}",
        "assistant": who["last"],
    }


def _dynamics(number: int, who: int, kind: int, seed: int) -> PulledRecord:
    rng = random.Random(seed * 1_000_003 + number)
    truth = person(who, random.Random(seed * 10_000_019 + who))
    shown = person(who + 50_000_000 + number, rng) if kind == 2 else dict(truth)
    other = person(who + 90_000_000 + number, rng)
    rate = UNLIKE["copies"] if kind == 1 else UNLIKE["pairs"] if kind == 0 else 0
    shown |= {name: other[name] for name in other if rng.random() < rate}
    shown["email"] = truth["email"]
    record = dynamics(number, shown, _Steady())
    record.native.update(_more(shown, random.Random(seed * 10_000_019 + who + (number if kind == 2 else 0))))
    record.native["statecode"] = 0
    return PulledRecord(record.id, record.native, "1", record.created_at, record.modified_at, raw=None)


def _hubspot(who: int, seed: int) -> PulledRecord:
    truth = person(who, random.Random(seed * 10_000_019 + who))
    record = hubspot(who, truth, _Steady())
    record.native.update(_more(truth, random.Random(seed * 10_000_019 + who)))
    return PulledRecord(record.id, record.native, None, record.created_at, record.modified_at, raw=None)


class _Steady(random.Random):
    """Draws nothing out of the ordinary: what is unlike is decided here, not by the maker of the records."""

    def random(self) -> float:
        return 0.5


def _store(ws: Workspace, system: str, table: str, people: Iterator[PulledRecord], sample: PulledRecord) -> None:
    columns = [
        Column(n, "boolean" if isinstance(v, bool) else "choice" if isinstance(v, int) else "text") for n, v in sample.native.items()
    ]
    ws.records.define(system, table, columns)
    pull = ws.records.start_pull(system, table, since=None, at="2026-11-20T00:00:00Z")
    page: list[PulledRecord] = []
    for record in people:
        page.append(record)
        if len(page) == PAGE:
            ws.records.store_page(system, Page(table, tuple(page), None), pull)
            page.clear()
    ws.records.store_page(system, Page(table, tuple(page), None), pull)
    ws.records.finish_pull(pull, next_since="x", at="2026-11-20T01:00:00Z", full=True)


def matched(folder: Path) -> None:
    """A review group for every address that stands in both systems or several times in one, as a match run would leave them."""
    from reconcile_tui.workspace.matches import NewGroup

    with Workspace.open(folder) as ws:
        ws.db.execute("PRAGMA synchronous = OFF")
        parts = [(table, column) for table, column in (("rec_dynamics_contact", "emailaddress1"), ("rec_hubspot_contacts", "email"))]
        numbers = {table: ws.records.table(*table.removeprefix("rec_").split("_", 1)).no << 40 for table, _ in parts}
        keys = " UNION ALL ".join(f"SELECT {column} AS address, _row + {numbers[table]} AS key FROM {table}" for table, column in parts)
        rows = ws.db.execute(f"SELECT address, group_concat(key) FROM ({keys}) GROUP BY address HAVING count(*) > 1")
        groups = [(address, tuple(sorted(map(int, joined.split(","))))) for address, joined in rows.fetchall()]
        new = (NewGroup(f"g{k[0]:x}", "contacts", "differs", 0.9, k, "D+H", a, (), 0.1, "2026-01-01") for a, k in groups)
        ws.match_runs.replace("contacts", [], new, model={}, report={}, at="2026-11-20T02:00:00Z")
