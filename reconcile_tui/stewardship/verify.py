"""Everything a run touched, read back and compared with the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reconcile_tui.model import Native, Ref
from reconcile_tui.stewardship.document import SETTING_UP, Plan
from reconcile_tui.stewardship.identity import Identities, columns, touched
from reconcile_tui.stewardship.outcomes import SUCCESS, Difference, Item, VerifyReport
from reconcile_tui.stewardship.values import same
from reconcile_tui.systems.protocol import Reading, System

CHUNK = 500  # records asked for at once; the clients cut them into requests of their own

Readings = dict[Ref, Reading | None]
"""By the reference the plan uses."""


@dataclass
class Expected:
    """What a record shall hold after the writes that were done."""

    values: dict[str, Native] = field(default_factory=dict)
    merged_into: Ref | None = None


def expectations(plan: Plan, items: Mapping[int, Item], identities: Identities) -> dict[Ref, Expected]:
    """The final state the done writes add up to, by the plan's references."""
    found: dict[Ref, Expected] = {}
    for write in plan.writes:
        item = items.get(write.seq)
        if item is None or item.outcome not in SUCCESS or write.kind in SETTING_UP:
            continue
        found.setdefault(write.ref, Expected()).values.update(identities.values(write))
        if write.lose:
            found.setdefault(write.lose_ref, Expected()).merged_into = write.ref
    return found


async def read_back(plan: Plan, systems: Mapping[str, System], identities: Identities) -> Readings:
    """Every record of the plan as it is now."""
    wanted = columns(plan.writes)
    found: Readings = {}
    for (system, table), ids in touched(plan.writes).items():
        refs = [Ref(system, table, id_) for id_ in ids]
        for start in range(0, len(refs), CHUNK):
            part = refs[start : start + CHUNK]
            now = {ref: identities.now(ref) for ref in part}
            answer = await systems[system].read(table, list(dict.fromkeys(now.values())), wanted[system, table])
            found.update({ref: answer[id_] for ref, id_ in now.items()})
    return found


def compare(
    plan: Plan, run: int, items: Mapping[int, Item], readings: Readings, identities: Identities, total: int | None = None
) -> VerifyReport:
    """What is not as the done writes should have left it."""
    differences: list[Difference] = []
    for ref, expected in expectations(plan, items, identities).items():
        differences += _differences(ref, expected, readings.get(ref), readings, identities)
    done = sum(1 for item in items.values() if item.outcome in SUCCESS)
    checked = len({(ref.system, ref.table, reading.id) for ref, reading in readings.items() if reading is not None})
    return VerifyReport(run, tuple(differences), checked, (total or len(plan.writes)) - done)


def _differences(ref: Ref, expected: Expected, reading: Reading | None, readings: Readings, identities: Identities) -> Sequence[Difference]:
    if expected.merged_into is not None and expected.merged_into != ref:
        return _merge_differences(ref, identities.now(expected.merged_into), reading)
    if reading is None:
        return [Difference(ref, "(record)", "present", "gone")]
    shown = Ref(ref.system, ref.table, reading.id)
    found = [
        Difference(shown, name, planned, reading.native.get(name))
        for name, planned in expected.values.items()
        if not same(reading.native.get(name), planned)
    ]
    if expected.values.get("statecode"):  # meant to be inactive; Dynamics goes on calling a record merged that once was
        return found
    if reading.merged_into is not None or reading.id.lower() != identities.now(ref).lower():
        found.append(Difference(shown, "(record)", "its own", f"merged into {reading.merged_into or reading.id}"))
    return found


def _merge_differences(ref: Ref, into: str, reading: Reading | None) -> list[Difference]:
    if reading is None:
        return [Difference(ref, "(record)", f"merged into {into}", "gone")]
    found = reading.merged_into or (reading.id if reading.id.lower() != ref.id.lower() else "")
    if found.lower() == into.lower() or reading.id.lower() == into.lower():
        return []
    return [Difference(ref, "(record)", f"merged into {into}", f"merged into {found}" if found else "on its own")]
