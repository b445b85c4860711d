"""A run of a plan over the workspace: prior states, journal, engine, reading back, and the workspace brought up to date."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile_tui.model import Ref
from reconcile_tui.steps.progress import Listener, Stage, Stop, never, silent
from reconcile_tui.stewardship.document import SETTING_UP, Plan
from reconcile_tui.stewardship.engine import Engine
from reconcile_tui.stewardship.identity import Identities, columns, touched
from reconcile_tui.stewardship.outcomes import SUCCESS, Item, RunReport, VerifyReport, items_of
from reconcile_tui.stewardship.sending import SETTLE, Sender
from reconcile_tui.stewardship.verify import CHUNK, Readings, compare, read_back
from reconcile_tui.stewardship.wording import title

if TYPE_CHECKING:
    from reconcile_tui.systems.protocol import System
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True)
class RunJournal:
    """The workspace's journal of one run."""

    ws: Workspace
    run: int

    def note(self, seq: int, *entries: tuple[str, Mapping[str, object]]) -> None:
        """Add entries of one write in one transaction; durable when this returns."""
        self.ws.runs.record_all(self.run, [(seq, phase, detail) for phase, detail in entries])


async def carry_out(
    ws: Workspace,
    plan: Plan,
    systems: Mapping[str, System],
    run: int,
    *,
    progress: Listener = silent,
    stop: Stop = never,
    on_item: Callable[[Item], None] = lambda item: None,
    settle: Sequence[float] = SETTLE,
) -> RunReport:
    """Carry out (the rest of) a run, read everything back, store what was read. Raises SystemFailure; resumable then."""
    start = time.monotonic()
    items, open_ = items_of(ws.runs.journal(run))
    doubt = open_ | {seq for seq, item in items.items() if item.outcome == "in_doubt"}
    await keep_priors(ws, plan, systems, run, progress=progress)
    identities = Identities.after(plan, items)
    stage = Stage("write", progress, total=len(plan.writes), done=sum(1 for item in items.values() if item.outcome in SUCCESS))

    def ended(item: Item) -> None:
        stage.advance(note=item.outcome)
        on_item(item)

    sender = Sender(systems, identities, columns(plan.writes), settle=settle)
    engine = Engine(plan, sender, RunJournal(ws, run), items, doubt, ended, stop)
    try:
        await engine.run()
    finally:
        store_columns(ws, plan, engine.items)
    verified = await verify_run(ws, plan, systems, run, engine.items, progress=progress)
    titles = {w.seq: title(w) for w in plan.writes if w.seq in engine.items and engine.items[w.seq].outcome not in SUCCESS}
    definitions = frozenset(w.seq for w in plan.writes if w.kind in SETTING_UP)
    ordered = tuple(engine.items[seq] for seq in sorted(engine.items))
    report = RunReport(run, plan.kind, ordered, len(plan.writes), verified, time.monotonic() - start, definitions, titles)
    if not report.left:
        ws.runs.finish(run)
    return report


async def keep_priors(ws: Workspace, plan: Plan, systems: Mapping[str, System], run: int, *, progress: Listener = silent) -> None:
    """Keep what every record of the plan holds, before the first write."""
    if ws.runs.priors_complete(run):
        return
    wanted = columns(plan.writes)
    places = touched(plan.writes)
    stage = Stage("keep prior states", progress, total=sum(len(ids) for ids in places.values()))
    for (system, table), ids in places.items():
        listed = list(ids)
        for start in range(0, len(listed), CHUNK):
            part = listed[start : start + CHUNK]
            answer = await systems[system].read(table, part, wanted[system, table])
            states = {
                Ref(system, table, id_): (
                    {"native": dict(r.native), "active": r.active, "merged_into": r.merged_into, "id": r.id} if r else {"gone": True},
                    r.etag if r else None,
                )
                for id_, r in answer.items()
            }
            ws.runs.keep_priors(run, states)
            stage.advance(len(part))
    ws.runs.record(run, 0, "note", {"priors": "complete"})


async def verify_run(
    ws: Workspace, plan: Plan, systems: Mapping[str, System], run: int, items: Mapping[int, Item], *, progress: Listener = silent
) -> VerifyReport:
    """Read back every record of the plan, compare, and store what was read in the workspace."""
    identities = Identities.after(plan, items)
    stage = Stage("read back", progress, total=plan.records)
    readings = await read_back(plan, systems, identities)
    stage.advance(len(readings))
    store(ws, plan, readings, identities)
    settle_groups(ws, plan, items)
    return compare(plan, run, items, readings, identities)


def store_columns(ws: Workspace, plan: Plan, items: Mapping[int, Item]) -> None:
    """Know the link columns that exist now."""
    from reconcile_tui.workspace.readings import add_columns, drop_columns

    done: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for write in plan.writes:
        if write.kind in SETTING_UP and write.seq in items and items[write.seq].outcome in SUCCESS:
            done[write.kind].append((write.system, write.table, write.id))
    add_columns(ws, [*done["schema"], *done["key"]])
    drop_columns(ws, done["drop_key"], key_only=True)
    drop_columns(ws, done["drop_schema"], key_only=False)


def store(ws: Workspace, plan: Plan, readings: Readings, identities: Identities) -> None:
    """The records as read back, survivors before those merged into them."""
    from reconcile_tui.workspace.readings import Kept
    from reconcile_tui.workspace.readings import store as keep

    survivors = {ref: write.ref for write in plan.writes if write.lose for ref in (write.lose_ref,)}
    kept = []
    for ref, reading in sorted(readings.items(), key=lambda item: (item[0] in survivors, item[0])):
        if reading is None:
            kept.append(Kept(ref, ref.id, {}, gone=True))
        elif ref in survivors and reading.id.lower() == identities.now(survivors[ref]).lower() and reading.merged_into is None:
            kept.append(Kept(ref, ref.id, {}, active=False, merged_into=reading.id))
        else:
            kept.append(Kept(ref, reading.id, reading.native, reading.etag, reading.modified_at, reading.active, reading.merged_into))
    keep(ws, kept)


def settle_groups(ws: Workspace, plan: Plan, items: Mapping[int, Item]) -> None:
    """Groups that are done count as reviewed as they are now; those that had changed go back to review."""
    from reconcile_tui.steps.deciding.reading import held, views

    outcomes: dict[str, set[str]] = {}
    for write in plan.writes:
        if write.group:
            item = items.get(write.seq)
            outcomes.setdefault(write.group, set()).add(item.outcome if item else "")
    groups = list(outcomes)
    for start in range(0, len(groups), CHUNK):
        part = groups[start : start + CHUNK]
        heads = ws.decisions.heads(part)
        with ws.transaction():
            for seen in views(ws, [group for group in part if outcomes[group] <= set(SUCCESS)]):
                ws.decisions.keep_basis(seen.group.id, {record.key: held(record) for record in seen.records})
            for group, head in heads.items():
                if "changed_since_review" in outcomes[group]:
                    ws.matches.set_state(group, "changed", head.outcome)
