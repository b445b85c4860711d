"""Match: from the workspace's records to pairs and groups; only what has changed since the last run is looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconcile_tui.memory import give_back
from reconcile_tui.project import RecordType
from reconcile_tui.steps.matching.basis import Changes, basis_of, changes, judgements_of, table_of
from reconcile_tui.steps.matching.evidence import why, why_records
from reconcile_tui.steps.matching.export import check, export
from reconcile_tui.steps.matching.grouping import new_groups
from reconcile_tui.steps.progress import Listener, Progress, Stop, never, silent
from reconcile_tui.workspace.decisions import now

if TYPE_CHECKING:
    import pyarrow as pa

    from reconcile_tui.workspace import Workspace
    from reconcile_tui.workspace.match_runs import Basis, PairRow

__all__ = ["Matched", "check", "export", "match", "suggest", "why", "why_records"]


@dataclass(frozen=True, slots=True)
class Matched:
    """What a match run of one record type found."""

    record_type: str
    records: int
    pairs: int
    groups: int
    classes: dict[str, int]
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    mode: str = "full"  # full, changes, none
    reason: str = ""  # why everything was matched
    changed: int = 0  # records, since the last run
    looked_at: int = 0  # records whose pairs were weighed anew
    learning: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For `match --json`."""
        return {name: getattr(self, name) for name in self.__slots__}


def match(workspace: Workspace, *, full: bool = False, progress: Listener = silent, stop: Stop = never) -> list[Matched]:
    """Match every record type; the previous result stays until the new one is whole. Raises Interrupted, ProjectError.

    Records and judgements that are as they were at the last run are left alone, with the same result as if everything had been matched
    with the same model. Everything is matched, and the model trained anew, with `full`, after other settings, when much has changed, and
    when there are judgements enough to learn from (see `_reason`).
    """
    return [_match_type(workspace, record_type, full, progress, stop) for record_type in workspace.project.record_types.values()]


@dataclass(frozen=True)
class _Run:
    """One record type about to be matched."""

    workspace: Workspace
    record_type: RecordType
    table: pa.Table
    judgements: pa.Table
    listener: Callable[[str, int, int], None]
    stop: Stop
    started: float

    def basis(self, tally: bytes = b"") -> Basis:
        """What this run is made on."""
        return basis_of(self.workspace, self.record_type, self.table, self.judgements, tally)

    def told(self, **how: Any) -> Matched:
        """The outcome, read from what is stored."""
        last = self.workspace.match_runs.last(self.record_type.name)
        report = last["report"] if last else {}
        pairs, classes = self.workspace.match_runs.counts(self.record_type.name)
        notes = [str(note) for note in report.get("notes", ())] + [_cut(cut) for cut in report.get("cut", ())]
        return Matched(
            self.record_type.name, len(self.table), pairs, sum(classes.values()), classes, notes,
            round(time.monotonic() - self.started, 3), learning=report.get("learning", {}), **how,
        )  # fmt: skip


def _match_type(workspace: Workspace, record_type: RecordType, full: bool, progress: Listener, stop: Stop) -> Matched:
    started = time.monotonic()
    listener = _by_stage(progress)
    listener("read records", 0, 1)
    table = table_of(workspace, record_type)
    listener("read records", 1, 1)
    run = _Run(workspace, record_type, table, judgements_of(workspace), listener, stop, started)
    last, before = workspace.match_runs.last(record_type.name), workspace.match_runs.basis(record_type.name)
    if full or last is None or before is None:
        return _whole(run, "asked for" if full else "first run")
    here = run.basis()
    other = changes(before, here) if here.settings == before.settings else None
    if reason := _reason(other, last, len(table), run.judgements):
        return _whole(run, reason)
    assert other is not None  # noqa: S101 - other settings are a reason
    if not other:
        from reconcile_tui.steps import decide

        decide.refresh(workspace)
        return run.told(mode="none")
    return _changed(run, last, before, other)


MOST = 0.1
"""Share of changed records from which on the model is trained anew."""
LEARN_AGAIN = 1.1
"""Learning starts over when there are a tenth more judgements than at the last time."""


def _reason(other: Changes | None, last: dict[str, Any], records: int, judgements: pa.Table) -> str:
    """Why everything has to be matched; empty when only changes need to be."""
    from reconcile_tui.matching.learning import LEAST_JUDGEMENTS

    if other is None:
        return "other settings, or another version of this program"
    if not last["model"].get("trained"):
        return "the model was not trained yet" if other else ""
    if len(other.records) > MOST * records:
        return "more than a tenth of the records has changed"
    if len(judgements) >= max(LEAST_JUDGEMENTS, LEARN_AGAIN * last["report"].get("judgements_given", 0)):
        return f"{len(judgements)} judgements to learn from"
    return ""


def _whole(run: _Run, reason: str) -> Matched:
    from reconcile_tui import matching

    workspace, record_type = run.workspace, run.record_type
    result = matching.run(
        run.table,
        record_type.fields,
        workspace.project.matching(record_type.name),
        judgements=run.judgements,
        previous_groups=_groups(list(workspace.matches.all_members())),
        progress=run.listener,
        stop=run.stop,
        tallied=True,
    )
    run.listener("store", 0, 1)
    give_back()  # what matching took is not needed for storing
    result.report["judgements_given"] = len(run.judgements)  # more than learnt from, where records are gone
    workspace.match_runs.replace(
        record_type.name, _rows(result.pairs), new_groups(record_type, run.table, result.groups),
        model=result.model, report=result.report, at=now(), basis=run.basis(result.tally),
    )  # fmt: skip
    run.listener("store", 1, 1)
    return _refreshed(run, mode="full", reason=reason, looked_at=len(run.table))


def _changed(run: _Run, last: dict[str, Any], before: Basis, other: Changes) -> Matched:
    from reconcile_tui import matching

    workspace, record_type = run.workspace, run.record_type
    settings = workspace.project.matching(record_type.name)
    pairs = workspace.match_runs.pairs(record_type.name, matching.least_bits(settings))
    earlier = matching.Earlier(last["model"], before.tally, _pairs(pairs), _groups(workspace.match_runs.groups(record_type.name)))
    found = matching.rematch(
        run.table, record_type.fields, settings, earlier, other.records,
        judgements=run.judgements, rejudged=other.judged, progress=run.listener, stop=run.stop,
    )  # fmt: skip
    if found is None:
        return _whole(run, "the changes concern too many other records")
    change = found.change
    run.listener("store", 0, 1)
    report = {**last["report"], "records": len(run.table), "looked_at": len(change.touched)}
    workspace.match_runs.change(
        record_type.name, touched=change.touched, pairs=_rows(change.pairs), dissolved=change.dissolved,
        groups=new_groups(record_type, run.table, change.groups),
        model=last["model"], report=report, at=now(), basis=run.basis(found.tally),
    )  # fmt: skip
    run.listener("store", 1, 1)
    return _refreshed(run, mode="changes", changed=len(other.records), looked_at=len(change.touched))


def _refreshed(run: _Run, **how: Any) -> Matched:
    """Decided groups whose records changed are marked, then the outcome is told."""
    from reconcile_tui.steps import decide

    decide.refresh(run.workspace)
    return run.told(**how)


def _rows(pairs: pa.Table) -> Iterator[PairRow]:
    for batch in pairs.select(["left", "right", "bits", "probability", "class"]).to_batches(max_chunksize=20_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _pairs(rows: list[tuple[int, int, float]]) -> pa.Table:
    import pyarrow as pa

    left, right, bits = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table({"left": pa.array(left, pa.int64()), "right": pa.array(right, pa.int64()), "bits": pa.array(bits, pa.float64())})


def _groups(rows: list[tuple[str, int]]) -> pa.Table:
    import pyarrow as pa

    groups, keys = zip(*rows, strict=True) if rows else ((), ())
    return pa.table({"group": pa.array(groups, pa.string()), "key": pa.array(keys, pa.int64())})


def _by_stage(progress: Listener) -> Callable[[str, int, int], None]:
    """Progress whose clock starts with each stage, so that its rate and the time left are the stage's own."""
    begun: dict[str, float] = {}

    def tell(stage: str, done: int, total: int) -> None:
        begun.setdefault(stage, time.monotonic())
        progress(Progress(stage, done, total, time.monotonic() - begun[stage]))

    return tell


def _cut(cut: dict[str, Any]) -> str:
    return (
        f"blocking key {cut['rule']}: {cut['blocks']:,} values are shared by too many records to compare ({cut['records']:,} records,"
        f" the most common one by {cut['largest']:,}: {cut['example']!r}); pairs among these are found by other keys only"
    )


def suggest(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """Blocking keys that suit the data, per record type."""
    from reconcile_tui import matching

    found = {}
    for name, record_type in workspace.project.record_types.items():
        table = table_of(workspace, record_type)
        suggestions = matching.suggest_blocking(table, record_type.fields, workspace.project.matching(name))
        found[name] = [suggestion.as_json() for suggestion in suggestions]
    return found
